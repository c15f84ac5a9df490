// Limits in numbers (a search that shares its fits) against limits in traced functions (roots), and against the test.

import { beforeAll, expect, test } from "vitest";
import { compile, hypotest, init, type Model, readWorkspace, type Tensor, upperLimit } from "../src/index.js";
import { archive, has, published } from "./pyhfhelp.js";
import { randomWorkspace } from "./randomworkspace.js";
import { runs } from "./runs.js";

beforeAll(() => init());

interface Limits {
  readonly observed: number;
  readonly expected: readonly number[];
  readonly statuses: readonly number[];
}

const roots = (model: Model, data: Float64Array, level: number) =>
  compile((x: Tensor) => {
    const { observed, expected, statuses } = upperLimit(x, model, { level });
    return { observed, expected, statuses };
  })(data) as Limits;

const sigmas = [2, 1, 0, -1, -2];

test("limits are where CLs crosses the level, observed and expected", () => {
  let checked = 0;
  for (let seed = 1; seed <= runs(6); seed++) {
    const { workspace: document } = randomWorkspace(7000 + seed);
    const workspace = readWorkspace(document);
    const model = workspace.model();
    if (model.config.poiIndex === null) continue;
    const data = workspace.data(model);
    const level = seed % 3 ? 0.05 : 0.1;
    const limit = upperLimit(data, model, { level });
    const upper = Float64Array.from(model.config.suggestedUpper);
    upper[model.config.poiIndex] = 1e9;
    const test = (mu: number) => hypotest(mu, data, model, { upper });
    // Compiling the roots takes its time.
    const traced = seed % 6 === 1 ? roots(model, data, level) : null;
    const what = `seed ${seed}`;
    sigmas.forEach((_, i) => {
      if (limit.statuses[i + 1] !== 0) return;
      const at = test(limit.expected[i]!);
      if (at.status !== 0) return;
      expect(Math.abs(at.expectedSet[i]! - level), `${what} expected ${i}`).toBeLessThan(1e-9);
      if (traced?.statuses[i + 1] === 0) {
        expect(Math.abs(traced.expected[i]! / limit.expected[i]! - 1), what).toBeLessThan(1e-7);
      }
      checked++;
    });
    if (limit.statuses[0] !== 0) continue;
    const at = test(limit.observed);
    if (at.status !== 0) continue;
    expect(Math.abs(at.cls - level), `${what} observed`).toBeLessThan(1e-9);
    if (traced?.statuses[0] === 0) {
      expect(Math.abs(traced.observed / limit.observed - 1), what).toBeLessThan(1e-7);
    }
    checked++;
  }
  expect(checked).toBeGreaterThan(10);
});

/** Far out, where expectations of bins fade, these likelihoods have several minima. */
const reason = has(archive) ? "" : " (skipped: ../shared/data/pyhf is absent)";
test.skipIf(reason !== "")(`limits far out, where another minimum becomes the lowest${reason}`, () => {
  const region = readWorkspace(published("RegionB/BkgOnly.json"));
  const model = region.model({ patches: [JSON.parse(published("RegionB/patch.sbottom_950_230_100.json"))] });
  const data = region.data(model);
  const limit = upperLimit(data, model);
  const upper = Float64Array.from(model.config.suggestedUpper);
  upper[model.config.poiIndex!] = 1e9;
  const test = (mu: number) => hypotest(mu, data, model, { upper });
  expect(Math.abs(test(limit.observed).cls - 0.05)).toBeLessThan(1e-9);
  limit.expected.forEach((mu, i) => {
    expect(Math.abs(test(mu).expectedSet[i]! - 0.05)).toBeLessThan(1e-9);
  });
});
