import { expect } from "vitest";
import type { Spec } from "../../src/histfactory/model/config.js";
import { compile, concat, type Model, type Tensor } from "../../src/index.js";

/** Evaluates what is asked of a model at plain parameters and data: numbers and flat arrays. */
export function evaluate<R>(
  model: Model,
  ask: (model: Model, pars: Tensor, data: Tensor) => R,
  pars: ArrayLike<number> = model.config.suggestedInit,
  data: ArrayLike<number> = [0],
) {
  const f = compile((values: unknown, p: unknown, d: unknown) =>
    ask(model.with(values as never), p as Tensor, d as Tensor),
  );
  return f(model.values as never, Float64Array.from(pars) as never, Float64Array.from(data) as never);
}

/** Main data of a model with its own auxiliary data. */
export function withAuxdata(model: Model, main: ArrayLike<number>): Float64Array {
  return Float64Array.from([...Array.from(main), ...model.suggestedAuxdata()]);
}

/** Main data with the auxiliary data that follow from the yields, inside a trace. */
export function follow(model: Model, main: Tensor): Tensor {
  const aux = model.auxdata();
  return aux ? concat([main, aux]) : main;
}

/** All numbers of a specification that a model is differentiable in, and the same specification with others. */
export class Numbers {
  readonly values: number[] = [];
  readonly paths: string[] = [];
  readonly #spec: Spec;

  constructor(spec: Spec) {
    this.#spec = spec;
    this.fill((i, value, path) => {
      this.values[i] = value;
      this.paths[i] = path;
      return value;
    });
  }

  /** The specification with f(place, number) for each number. */
  fill<T>(f: (i: number, value: number, path: string) => T): Spec {
    let i = 0;
    const walk = (x: unknown, path: string): unknown => {
      if (typeof x === "number") return f(i++, x, path);
      if (Array.isArray(x)) return x.map((v, k) => walk(v, `${path}[${k}]`));
      if (x === null || typeof x !== "object") return x;
      return Object.fromEntries(
        Object.entries(x).map(([key, v]) => [
          key,
          // Starts and bounds are settings of a fit, not numbers of the likelihood.
          key === "inits" || key === "bounds" ? v : walk(v, `${path}.${key}`),
        ]),
      );
    };
    return walk(this.#spec, "$") as Spec;
  }
}

export type Modifiers = Spec["channels"][number]["samples"][number]["modifiers"];
export const mu = { name: "mu", type: "normfactor", data: null } as const;
export const sample = (name: string, data: number[], modifiers: Modifiers = []) => ({
  name,
  data,
  modifiers,
});
export const normsys = (name: string, lo = 0.9, hi = 1.1) =>
  ({ name, type: "normsys", data: { lo, hi } }) as const;
export const histosys = (name: string, lo_data: number[], hi_data: number[]) =>
  ({ name, type: "histosys", data: { lo_data, hi_data } }) as const;
export const staterror = (name: string, data: number[]) => ({ name, type: "staterror", data }) as const;
export const shapesys = (name: string, data: number[]) => ({ name, type: "shapesys", data }) as const;
export const one = (...modifiers: Modifiers): Spec => ({
  channels: [{ name: "SR", samples: [sample("s", [10, 20], [mu, ...modifiers])] }],
});

/** Expected main data as an array. */
export const expectedMain = (model: Model, pars: ArrayLike<number>) =>
  Array.from(evaluate(model, (m, p) => m.expectedMain(p), pars) as unknown as Float64Array);
/** What a fit may move. */
export const free = (model: Model) => Array.from(evaluate(model, (m) => m.free()) as unknown as Float64Array);

/** Equal to a relative difference. */
export function close(got: ArrayLike<number>, wanted: ArrayLike<number>, relative: number, what = ""): void {
  expect(got.length, what).toBe(wanted.length);
  Array.from(wanted).forEach((w, i) => {
    const gap = Math.abs(got[i]! - w);
    expect(gap <= relative * Math.max(1, Math.abs(w)), `${what} ${i}: ${got[i]} ${w}`).toBe(true);
  });
}
