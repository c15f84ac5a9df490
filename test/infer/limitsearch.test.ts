// Limits in numbers (a search that shares its fits) against limits in traced functions (roots), and against the test.

import { beforeAll, expect, test } from "vitest";
import {
  compile,
  hypotest,
  init,
  type Model,
  readWorkspace,
  type Tensor,
  upperLimit,
} from "../../src/index.js";
import { archive, has, published } from "../kit/pyhfhelp.js";
import { randomWorkspace } from "../kit/randomworkspace.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

interface Limits {
  readonly observed: number;
  readonly expected: readonly number[];
  readonly statuses: readonly number[];
}

const roots = (model: Model, data: Float64Array, alpha: number) =>
  compile((x: Tensor) => {
    const { observed, expected, statuses } = upperLimit(x, model, { level: 1 - alpha });
    return { observed, expected, statuses };
  })(data) as Limits;

const sigmas = [2, 1, 0, -1, -2];

test("limits are where CLs crosses 1 - level, observed and expected", () => {
  let checked = 0;
  for (let seed = 1; seed <= runs(6); seed++) {
    const { workspace: document } = randomWorkspace(7000 + seed);
    const workspace = readWorkspace(document);
    const model = workspace.model();
    if (model.config.poiIndex === null) continue;
    const data = workspace.data(model);
    const alpha = seed % 3 ? 0.05 : 0.1;
    const limit = upperLimit(data, model, { level: 1 - alpha });
    const upper = Float64Array.from(model.config.suggestedUpper);
    upper[model.config.poiIndex] = 1e9;
    const test = (mu: number) => hypotest(mu, data, model, { upper });
    // Compiling the roots takes its time.
    const traced = seed % 6 === 1 ? roots(model, data, alpha) : null;
    const what = `seed ${seed}`;
    sigmas.forEach((_, i) => {
      if (limit.statuses[i + 1] !== "converged") return;
      const at = test(limit.expected[i]!);
      if (at.status !== "converged") return;
      expect(Math.abs(at.expectedSet[i]! - alpha), `${what} expected ${i}`).toBeLessThan(1e-9);
      if (traced?.statuses[i + 1] === 0) {
        expect(Math.abs(traced.expected[i]! / limit.expected[i]! - 1), what).toBeLessThan(1e-7);
      }
      checked++;
    });
    if (limit.statuses[0] !== "converged") continue;
    const at = test(limit.observed);
    if (at.status !== "converged") continue;
    expect(Math.abs(at.cls - alpha), `${what} observed`).toBeLessThan(1e-9);
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

/** Its best fit has a kink at n0 = 0, so a fit that starts there finds no descent; pyhf has 4.711684. */
const kinked = {
  channels: [
    {
      name: "c0",
      samples: [
        { name: "sig", data: [0, 0], modifiers: [{ name: "mu", type: "normfactor", data: null }] },
        {
          name: "bkg",
          data: [0.74, 10.38],
          modifiers: [{ name: "n1", type: "normsys", data: { lo: 0.89, hi: 1.38 } }],
        },
      ],
    },
    {
      name: "c1",
      samples: [
        {
          name: "sig",
          data: [1.05, 3.73, 2.16],
          modifiers: [
            { name: "mu", type: "normfactor", data: null },
            { name: "n0", type: "normsys", data: { lo: 0.89, hi: 1.02 } },
          ],
        },
        {
          name: "bkg",
          data: [11.17, 3.48, 3.71],
          modifiers: [
            { name: "n1", type: "normsys", data: { lo: 0.64, hi: 1.28 } },
            {
              name: "h0",
              type: "histosys",
              data: {
                lo_data: [8.2658, 2.7144, 2.8196],
                hi_data: [13.8508, 4.0367999999999995, 3.9326000000000003],
              },
            },
            { name: "u1", type: "shapesys", data: [8.824300000000001, 1.8792000000000002, 1.9292] },
          ],
        },
      ],
    },
    {
      name: "c2",
      samples: [
        { name: "sig", data: [0, 0, 0, 0, 0], modifiers: [{ name: "mu", type: "normfactor", data: null }] },
        {
          name: "bkg",
          data: [26.5, 10.4, 36.800000000000004, 41.2, 33.9],
          modifiers: [
            { name: "n1", type: "normsys", data: { lo: 0.54, hi: 1.5 } },
            {
              name: "h0",
              type: "histosys",
              data: {
                lo_data: [22.259999999999998, 8.216000000000001, 34.592, 36.256, 29.831999999999997],
                hi_data: [32.595, 11.232000000000001, 37.53600000000001, 51.5, 36.951],
              },
            },
          ],
        },
      ],
    },
  ],
  observations: [
    { name: "c0", data: [2, 14] },
    { name: "c1", data: [29, 8, 9] },
    { name: "c2", data: [0, 0, 0, 0, 0] },
  ],
  measurements: [
    { name: "m", config: { poi: "mu", parameters: [{ name: "mu", bounds: [[0, 10]], inits: [1] }] } },
  ],
  version: "1.0.0",
};

test("a best fit inside the bound is also the one for values beyond it, and is not fitted again", () => {
  const workspace = readWorkspace(kinked);
  const model = workspace.model();
  const data = workspace.data(model);
  const limit = upperLimit(data, model);
  expect(limit.statuses).toEqual(Array(6).fill("converged"));
  expect(limit.observed).toBeCloseTo(4.711684, 5);
  expect(Math.abs(hypotest(limit.observed, data, model).cls - 0.05)).toBeLessThan(1e-7);
  // What is inside is the same whatever the bound.
  for (const bound of [5, 20, 100]) {
    const upper = Float64Array.from(model.config.suggestedUpper);
    upper[model.config.poiIndex!] = bound;
    expect(upperLimit(data, model, { upper }).observed, `bound ${bound}`).toBeCloseTo(4.711684, 5);
  }
});
