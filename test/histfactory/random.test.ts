import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Spec } from "../../src/histfactory/model/config.js";
import {
  compile,
  hessian,
  histfactory,
  init,
  type Model,
  type NdArray,
  readWorkspace,
  type Tensor,
  valueAndGrad,
  vmap,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { close, evaluate, expectedMain, follow, free, Numbers } from "../kit/modelhelp.js";
import { Draw, randomPoint, randomWorkspace } from "../kit/randomworkspace.js";

// Seconds where the machine has other work.
vi.setConfig({ testTimeout: 30_000 });
beforeAll(() => init());

/** What pyhf says; test/peers/pyhf_random.py. */
interface Fact {
  seed: number;
  digest: string;
  names: string[];
  init: number[];
  bounds: [number, number][];
  fixed: boolean[];
  data: number[];
  points: { pars: number[]; logpdf: number; gradient: number[]; expected: number[] }[];
}

const facts = readFileSync(join(import.meta.dirname, "../fixtures/histfactory.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Fact);

test("random models are pyhf's: names, starts, bounds, data, likelihoods and gradients", () => {
  for (const { seed, digest, names, init, bounds, fixed, data, points } of facts) {
    const { workspace: document, interpcodes } = randomWorkspace(seed);
    const workspace = readWorkspace(document);
    expect(workspace.digest().slice(0, 16)).toBe(digest);
    const model = workspace.model({ interpcodes });
    const { config } = model;
    expect(config.parNames).toEqual(names);
    expect([...config.suggestedInit]).toEqual(init);
    expect([...config.suggestedLower]).toEqual(bounds.map(([low]) => low));
    expect([...config.suggestedUpper]).toEqual(bounds.map(([, high]) => high));
    expect(free(model)).toEqual(fixed.map((v) => Number(!v)));
    close(workspace.data(model), data, 1e-14, `seed ${seed} data`);
    for (const { pars, logpdf, gradient, expected } of points) {
      const ask = (m: Model, p: Tensor, d: Tensor) => ({
        ...valueAndGrad((x: Tensor) => m.logpdf(x, d))(p),
        expected: m.expectedData(p),
      });
      const got = evaluate(model, ask, pars, data) as unknown as {
        value: number;
        grads: Float64Array;
        expected: Float64Array;
      };
      close([got.value], [logpdf], 1e-12, `seed ${seed} logpdf`);
      close(got.grads, gradient, 1e-11, `seed ${seed} gradient`);
      close(got.expected, expected, 1e-13, `seed ${seed} expected data`);
    }
  }
});

describe("random models", () => {
  const models = Array.from({ length: 40 }, (_, seed) => {
    const { workspace: document, interpcodes } = randomWorkspace(seed + 1);
    const workspace = readWorkspace(document);
    const model = () => workspace.model({ interpcodes });
    const { poi, parameters } = document.measurements[0]!.config;
    const spec = { channels: document.channels, parameters } as Spec;
    const options = { poi, interpcodes };
    return { seed: seed + 1, workspace, model, spec, options };
  });

  test("the closed-form Hessian is that of the likelihood, also where parameters are exactly 0", () => {
    for (const { seed, workspace, model: make } of models) {
      const model = make();
      const both = compile((values: unknown, p: Tensor, d: Tensor) => {
        const m = model.with(values as never);
        return [m.hessian(p, d), hessian((x: Tensor) => m.nll(x, d))(p), m.expectedMain(p)];
      });
      const draw = new Draw(seed);
      for (let k = 0; k < 3; k++) {
        const pars = randomPoint(draw, model.config);
        if (k === 2) {
          // Factors of zero and shapes at their nominal values.
          const { parNames } = model.config;
          parNames.forEach((name, i) => {
            if (!name.endsWith("]") && name !== "lumi" && draw.chance(0.5)) pars[i] = 0;
          });
        }
        const [closed, traced, rates] = both(
          model.values as never,
          pars as never,
          workspace.data(model) as never,
        ).map(flat);
        // Where a rate is not positive there is no likelihood.
        if (rates!.some((v) => !(v > 0))) continue;
        const n = model.config.npars;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const scale = Math.sqrt(Math.abs(traced![i * n + i]! * traced![j * n + j]!)) + 1;
            const gap = Math.abs(closed![i * n + j]! - traced![i * n + j]!);
            expect(
              gap <= 1e-9 * scale,
              `seed ${seed} point ${k} (${i}, ${j}): ${closed![i * n + j]} ${traced![i * n + j]}`,
            ).toBe(true);
          }
        }
      }
    }
  });

  test("gradients and Hessians against differences", () => {
    for (const { seed, workspace, model: make } of models.slice(0, 10)) {
      const model = make();
      const f = compile((values: unknown, p: Tensor, d: Tensor) => {
        const m = model.with(values as never);
        return { ...valueAndGrad((x: Tensor) => m.nll(x, d))(p), hessian: m.hessian(p, d) };
      });
      const data = workspace.data(model);
      const { suggestedLower: lower, suggestedUpper: upper, npars } = model.config;
      // Inside the bounds, and away from 0 and ±1, where interpolations have their joints.
      const pars = randomPoint(new Draw(seed + 100), model.config).map((v, i) => {
        const inside = Math.min(upper[i]! - 0.01, Math.max(lower[i]! + 0.01, v));
        return [-1, 0, 1].some((joint) => Math.abs(inside - joint) < 2e-3) ? inside + 0.005 : inside;
      });
      const at = (x: Float64Array) =>
        f(model.values as never, x as never, data as never) as unknown as {
          value: number;
          grads: Float64Array;
          hessian: NdArray;
        };
      const { value, grads, hessian: matrix } = at(pars);
      const h = matrix.data;
      if (!Number.isFinite(value)) continue;
      for (let i = 0; i < npars; i++) {
        const step = 2e-4;
        const move = (k: number) => at(pars.map((v, j) => (j === i ? v + k * step : v)));
        const [a, b, c, d] = [move(-2), move(-1), move(1), move(2)];
        const slope = (get: (r: ReturnType<typeof at>) => number) =>
          (8 * (get(c) - get(b)) - (get(d) - get(a))) / (12 * step);
        const gap = Math.abs(slope((r) => r.value) - grads[i]!);
        expect(gap, `seed ${seed} gradient ${i} ${grads[i]}`).toBeLessThan(
          1e-7 * (Math.abs(value) + Math.abs(grads[i]!)),
        );
        for (let j = 0; j < npars; j++) {
          const want = slope((r) => r.grads[j]!);
          const size = Math.abs(grads[j]!) + Math.abs(want) + 10;
          expect(Math.abs(want - h[i * npars + j]!), `seed ${seed} Hessian ${i} ${j}`).toBeLessThan(
            1e-7 * size,
          );
        }
      }
    }
  });

  test("made of tensors, and the gradient in every number against differences", () => {
    const types = new Set<string>();
    for (const { seed, workspace, model: make, spec, options } of models.slice(0, 6)) {
      const model = make();
      const numbers = new Numbers(spec);
      for (const [, type] of model.config.modifiers) types.add(type);
      const main = Float64Array.from(workspace.observed());
      const pars = randomPoint(new Draw(seed), model.config).map((v) => v || 0.01);
      const traced = compile((x: Tensor, p: Tensor, d: Tensor) =>
        valueAndGrad((y: Tensor) => {
          const m = histfactory(numbers.fill((i) => y.at(i)) as Spec, options);
          expect([m.concrete, m.key]).toEqual([false, model.key]);
          return m.logpdf(p, follow(m, d));
        })(x),
      );
      const { value, grads } = traced(
        Float64Array.from(numbers.values) as never,
        pars as never,
        main as never,
      ) as unknown as { value: number; grads: Float64Array };
      const plain = compile((values: unknown, p: Tensor, d: Tensor) => {
        const m = model.with(values as never);
        return m.logpdf(p, follow(m, d));
      });
      const at = (i: number, number: number) => {
        const other = histfactory(numbers.fill((j, v) => (i === j ? number : v)) as Spec, {
          ...options,
          validate: false,
        });
        expect(other.key).toBe(model.key);
        return plain(other.values as never, pars as never, main as never) as number;
      };
      expect(at(-1, 0)).toBe(value);
      if (!Number.isFinite(value)) continue;
      numbers.values.forEach((v, i) => {
        // An empty bin is not like one that is nearly empty: its parameter is fixed. Half of the others will do.
        if (v === 0 || (i + seed) % 2) return;
        const step = 1e-3 * Math.abs(v);
        const move = (k: number) => at(i, v + k * step);
        const slope = (8 * (move(1) - move(-1)) - (move(2) - move(-2))) / (12 * step);
        const rounding = (1e-14 * Math.abs(value)) / step;
        const gap = Math.abs(slope - grads[i]!);
        expect(
          gap <= 1e-6 * Math.abs(slope) + 10 * rounding,
          `seed ${seed} ${numbers.paths[i]}: ${slope} ${grads[i]}`,
        ).toBe(true);
      });
    }
    const all = ["histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror"];
    expect([...types].sort()).toEqual(all);
  });

  test("batched by vmap", () => {
    const { model: make, workspace } = models[1]!;
    const model = make();
    const draw = new Draw(3);
    const points = [0, 1, 2].map(() => randomPoint(draw, model.config));
    const data = workspace.data(model);
    const n = model.config.npars;
    const batched = compile((p: Tensor, d: Tensor) =>
      vmap((x: Tensor) => ({ logpdf: model.logpdf(x, d), rates: model.expectedMain(x) }))(p.reshape([3, n])),
    );
    const got = batched(
      Float64Array.from(points.flatMap((p) => [...p])) as never,
      data as never,
    ) as unknown as {
      logpdf: Float64Array;
      rates: NdArray;
    };
    close(
      got.logpdf,
      points.map((p) => evaluate(model, (m, x, d) => m.logpdf(x, d), p, data) as number),
      1e-13,
    );
    close(
      got.rates.data,
      points.flatMap((p) => expectedMain(model, p)),
      1e-13,
    );
  });
});
