// Standard deviations from the Hessian in blocks against those of the whole matrix, and of models too large for that.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fittedYields, goodnessOfFit, pulls, ranking } from "../../src/entry/stats.js";
import {
  fit as bestFit,
  compile,
  constantArray,
  grad,
  hessian,
  init,
  type Likelihood,
  normsys,
  readWorkspace,
  staterror,
  type Tensor,
  uncertainties,
} from "../../src/index.js";
import { Layout } from "../../src/infer/matrices/hessianlayout.js";
import { run } from "../kit/clirun.js";
import { many, whole } from "../kit/manybins.js";
import { randomWorkspace } from "../kit/randomworkspace.js";
import { runs } from "../kit/runs.js";
import { documentOf, one } from "../kit/statcases.js";

beforeAll(() => init());

/** The greatest difference in parts of the greatest number; where one is NaN, the other is. */
function differ(a: Float64Array, b: Float64Array): number {
  expect(Array.from(a, Number.isNaN)).toEqual(Array.from(b, Number.isNaN));
  const size = b.reduce((most, x) => (Number.isNaN(x) ? most : Math.max(most, Math.abs(x))), 0);
  return a.reduce((most, x, i) => (Number.isNaN(x) ? most : Math.max(most, Math.abs(x - b[i]!))), 0) / size;
}

describe("the blocks of an envelope", () => {
  test("of an arrow are those of its bins", () => {
    // Two bins of two parameters, one of one, and two that all share.
    const layout = new Layout({ order: Int32Array.of(6, 5, 4, 3, 2, 1, 0), first: [0, 0, 2, 2, 4, 0, 0] });
    expect(layout.groups.map(({ size, rows }) => [size, [...rows]])).toEqual([
      [2, [0, 1, 2, 3]],
      [1, [4]],
    ]);
    expect([...layout.rest.rows]).toEqual([5, 6]);
  });

  test("of a band, and of a whole matrix, are few", () => {
    const of = (first: number[]) => new Layout({ order: Int32Array.from(first.keys()), first });
    const band = of([0, 0, 1, 2, 3, 4]);
    expect(band.groups.reduce((n, { rows }) => n + rows.length, 0) + band.rest.size).toBe(6);
    expect(of([0, 0, 0]).groups.reduce((n, { rows }) => n + rows.length, 0) + of([0, 0, 0]).rest.size).toBe(
      3,
    );
  });
});

describe("uncertainties by blocks", () => {
  const same = (model: Likelihood & Parameters<typeof whole>[0], data: Float64Array, options = {}) => {
    const [a, b] = [uncertainties(data, model, options), uncertainties(data, whole(model), options)];
    expect([a.status, b.status]).toEqual(["converged", "converged"]);
    expect(differ(a.stdev, b.stdev)).toBeLessThan(1e-10);
    expect(differ(a.covariance.data, b.covariance.data)).toBeLessThan(1e-10);
    expect(differ(a.correlation.data, b.correlation.data)).toBeLessThan(1e-10);
  };

  test("are those of the whole matrix", () => {
    for (let seed = 1; seed <= runs(3); seed++) {
      const { model, data } = many(seed, 5 + (seed % 6), 1 + (seed % 3));
      const n = model.config.npars;
      if (model.sparse() === null) continue;
      same(model, data);
      const fixed = Float64Array.from({ length: n }, (_, i) => Number((i * 7 + seed) % 5 === 0));
      same(model, data, { fixed });
    }
  });

  test("of random workspaces, too", () => {
    let checked = 0;
    for (let seed = 1; seed <= runs(12); seed++) {
      const workspace = readWorkspace(randomWorkspace(500 + seed).workspace);
      const model = workspace.model();
      if (model.sparse() === null) continue;
      same(model, workspace.data(model));
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
  });

  test("differentiate as the whole matrix does", () => {
    const { model, data } = many(4, 8);
    const slopes = (m: Likelihood) =>
      compile((x: Tensor) => {
        const sum = (y: Tensor) => {
          const { stdev, covariance } = uncertainties(y, m);
          return stdev.square().sum().add(covariance.at(0).at(1));
        };
        return { value: sum(x), slope: grad(sum)(x) };
      })(data) as { value: number; slope: Float64Array };
    const [a, b] = [slopes(model), slopes(whole(model))];
    expect(Math.abs(a.value / b.value - 1)).toBeLessThan(1e-10);
    expect(differ(a.slope, b.slope)).toBeLessThan(1e-7);
  });

  test("differentiate twice", () => {
    const { model, data } = many(5, 7);
    expect(model.sparse()).not.toBeNull();
    const bend = (m: Likelihood) =>
      compile((t: Tensor) => {
        const poi = (u: Tensor) =>
          uncertainties(constantArray(data).mul(u), m).stdev.at(model.config.poiIndex!);
        return hessian(poi)(t) as Tensor;
      })(1) as unknown as number;
    expect(bend(model) / bend(whole(model))).toBeCloseTo(1, 6);
  });

  test("differentiate in a loss, with thousands of parameters", () => {
    const { model, data } = many(2, 1500, 1);
    expect(model.config.npars).toBeGreaterThan(3000);
    const loss = compile((t: Tensor) => {
      const poi = (u: Tensor) => {
        const moved = constantArray(data).mul(u);
        return uncertainties(moved, model).stdev.at(model.config.poiIndex!);
      };
      return { value: poi(t), slope: grad(poi)(t) };
    });
    const at = (t: number) => loss(t) as { value: number; slope: number };
    const [low, high] = [at(1 - 1e-4), at(1 + 1e-4)];
    expect((high.value - low.value) / 2e-4 / at(1).slope).toBeCloseTo(1, 4);
  });
});

describe("models of more parameters than a matrix has room for", () => {
  test("have pulls and standard deviations, and say why they have no correlation", () => {
    const { model, data } = many(3, 10000, 1);
    const n = model.config.npars;
    expect(n).toBeGreaterThan(20000);
    const found = uncertainties(data, model);
    expect(found.stdev.every((s) => s > 0)).toBe(true);
    expect(() => found.correlation).toThrow(/covariance of 20\d+ parameters has 3\.\d GiB.*stdev needs none/);
    expect(() => fittedYields(data, model)).toThrow(/covariance of 20\d+ parameters/);
    expect(Object.keys(found)).not.toContain("covariance");
    const pulled = pulls(data, model);
    expect(pulled.status).toBe("converged");
    // All but mu are constrained.
    expect(pulled.pulls).toHaveLength(n - 1);
    const other = new Map(found.names.map((name, i) => [name, found.stdev[i]!]));
    expect(pulled.pulls.filter(({ name, stdev }) => stdev !== other.get(name))).toEqual([]);
    expect(pulled.pulls.filter(({ constraint }) => !(constraint < 1.01))).toEqual([]);
  });

  test("have a goodness of fit", () => {
    const { model, data } = many(6, 5000, 1);
    expect(model.config.npars).toBeGreaterThan(10000);
    const found = goodnessOfFit(data, model);
    expect(found).toMatchObject({ status: "converged", ndof: 4999 });
    expect(found.p).toBeGreaterThan(0);
  });
});

describe("impacts of many parameters", () => {
  test("are found in several calls, each of few fits", () => {
    const { model, data } = many(8, 140, 1);
    const calls: [number, number][] = [];
    const found = ranking(data, model, { progress: (done, of) => calls.push([done, of]) });
    const fits = 4 * (model.config.npars - 1);
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.at(-1)).toEqual([fits, fits]);
    expect(found.impacts).toHaveLength(model.config.npars - 1);
    const poi = model.config.poiIndex!;
    // The strongest, one of the last call, and the weakest.
    const last = model.config.parNames.at(-1)!;
    const some = [found.impacts[0]!, found.impacts.find(({ name }) => name === last)!, found.impacts.at(-1)!];
    for (const { name, best, stdev, postfitUp, postfitDown } of some) {
      const moved = (step: number) =>
        bestFit(data, model, { hold: { [name]: best + step } }).x[poi]! - found.x[poi]!;
      expect(postfitUp).toBeCloseTo(moved(stdev), 9);
      expect(postfitDown).toBeCloseTo(moved(-stdev), 9);
    }
  });
});

describe("commands on models of many parameters", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradcut-many-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const written = (bins: number): string => {
    const yields = (of: (i: number) => number) => Array.from({ length: bins }, (_, i) => of(i));
    const background = yields((i) => 20 + (i % 7));
    const stat = staterror(
      "st",
      yields((i) => 0.5 + (i % 3)),
    );
    const channel = one(
      "SR",
      yields((i) => 1 + (i % 2)),
      background,
      [normsys("k", 1.1, 0.9), stat],
    );
    const path = join(folder, `${bins}.json`);
    writeFileSync(path, JSON.stringify(documentOf([channel], [yields((i) => 20 + ((i * 5) % 9))])));
    return path;
  };

  test("pulls has all but the correlations, and says so", async () => {
    const { status, out, err } = await run(["pulls", written(2100), "--json"]);
    expect(status).toBe(0);
    expect(err).toMatch(/correlations of 2102 parameters are left out/);
    const { parameters, correlation } = JSON.parse(out);
    expect(correlation).toBeNull();
    expect(parameters).toHaveLength(2102);
    expect(parameters.filter((p: { uncertainty: number }) => !(p.uncertainty > 0))).toEqual([]);
  });

  test("fit has all parameters", async () => {
    const { status, out } = await run(["fit", written(10000)]);
    expect(status).toBe(0);
    expect(JSON.parse(out).mle_parameters.st).toHaveLength(10000);
  });

  test("ranking says how far it is", async () => {
    let ticks = 0;
    const { status, err } = await run(["ranking", written(30)], { now: () => 3 * ticks++ });
    expect(status).toBe(0);
    expect(err).toMatch(/^128 fits, about \d+ s$/m);
    expect(err).toMatch(/^fits 124\/124 {3}0 s left$/m);
  });
});
