// How a minimum moves with a coordinate that is held, and what that saves.

import { beforeAll, expect, test, vi } from "vitest";
import { stack } from "../../src/core/elementary/join.js";
import { interpret } from "../../src/core/oracle/interpret.js";
import { trace } from "../../src/core/run/trace.js";
import {
  compile,
  histfactory,
  init,
  minimize,
  normfactor,
  normsys,
  type Tensor,
  upperLimit,
} from "../../src/index.js";
import { LimitFits } from "../../src/infer/search/limitfits.js";
import { oracles } from "../kit/registry.js";

beforeAll(() => init());

/** Three counts with rates a + s, a + b, b + 2 s and constraints of a and b at 5 and 4. */
const nll = (x: Tensor) => {
  const [a, b, s] = [x.at(0), x.at(1), x.at(2)];
  const count = (n: number, rate: Tensor) => rate.sub(rate.log().mul(n));
  const pull = (t: Tensor, at: number) => t.sub(at).square().mul(0.5);
  return count(9, a.add(s))
    .add(count(8, a.add(b)))
    .add(count(7, b.add(s.mul(2))))
    .add(pull(a, 5))
    .add(pull(b, 4));
};

interface Followed {
  readonly x: Float64Array;
  readonly value: number;
  readonly status: number;
  readonly steps: number;
  readonly path: { readonly slope: number; readonly curvature: number; readonly tangent: Float64Array };
}

const free = [1, 1, 0];
const follow =
  (lower: number, envelope = false) =>
  (x0: Tensor, held: Tensor) => {
    const found = minimize(nll, x0, {
      ...{ free: held, lower, along: 2 },
      // All of the triangle, as an envelope.
      ...(envelope ? { envelope: { first: [0, 0, 0], hessian: triangle } } : {}),
    });
    return { ...found, path: found.path! };
  };

/** The second derivatives of nll, by hand. */
const triangle = (x: Tensor) => {
  const [a, b, s] = [x.at(0), x.at(1), x.at(2)];
  const bend = (n: number, rate: Tensor) => rate.square().div(n).pow(-1);
  const [p, q, r] = [bend(9, a.add(s)), bend(8, a.add(b)), bend(7, b.add(s.mul(2)))];
  const diagonal = [p.add(q).add(1), q.add(r).add(1), p.add(r.mul(4))] as const;
  const rows = [diagonal[0], q, diagonal[1], p, r.mul(2), diagonal[2]] as const;
  return {
    triangle: stack([rows[0], ...rows.slice(1)]),
    diagonal: stack([diagonal[0], ...diagonal.slice(1)]),
  };
};

const ends = (lower: number) =>
  compile((x0: Tensor, held: Tensor) => minimize(nll, x0, { free: held, lower }));

for (const [what, lower] of [
  ["inside its bounds", 0.1],
  ["at a bound", 5.2],
] as const) {
  test(`a minimum is followed with a coordinate that is held, ${what}`, () => {
    const exact = ends(lower);
    const at = (s: number) => exact([6, 6, s], free) as unknown as Followed;
    const [s, e] = [6, 1e-4];
    const [here, next, last] = [at(s), at(s + e), at(s - e)];
    const near = [here.x[0]! + 0.01, here.x[1]! - 0.01, s];
    for (const envelope of [false, true]) {
      const found = compile(follow(lower, envelope))(near, free) as unknown as Followed;
      expect(found.status).toBe(0);
      // A full fit from there takes more.
      expect(found.steps).toBeLessThanOrEqual(2);
      expect(Math.abs(found.value - here.value)).toBeLessThan(1e-6);
      expect(Math.abs(found.path.slope - (next.value - last.value) / (2 * e))).toBeLessThan(1e-5);
      const bend = (next.value - 2 * here.value + last.value) / e ** 2;
      expect(Math.abs(found.path.curvature / bend - 1)).toBeLessThan(1e-3);
      found.path.tangent.forEach((t, i) => {
        expect(Math.abs(found.x[i]! - here.x[i]!), `x ${i}`).toBeLessThan(1e-4);
        expect(Math.abs(t - (next.x[i]! - last.x[i]!) / (2 * e)), `tangent ${i}`).toBeLessThan(1e-3);
      });
      // The interpreter goes to the end of the fit.
      const { outputs, captured } = trace(
        ((x: Tensor, f: Tensor) => follow(lower, envelope)(x, f).x) as never,
        [near, free],
      );
      const [want] = interpret(outputs, {
        smalls: [near, free, ...captured],
        columns: [],
        rows: new Map(),
        oracles,
      });
      found.x.forEach((v, i) => {
        expect(Math.abs(v - want!.data[i]!), `interpreted ${i}`).toBeLessThan(1e-4);
      });
    }
  });
}

test("one coordinate alone is followed, without further starts", () => {
  const ask = (along: number, mirror: boolean) => () =>
    compile((x: Tensor) => minimize(nll, x, { along, search: { mirror } }).value)([5, 4, 1]);
  expect(ask(3, false)).toThrow(/'along' of 'minimize' is one of 3 coordinates, without other starts/);
  expect(ask(2, true)).toThrow(/'along' of 'minimize' is one of 3 coordinates, without other starts/);
  expect(ask(-1, false)).toThrow(/along of 'minimize' is a whole number/);
});

/** Little signal, so that limits lie far out. */
function faint() {
  const signal = [0.003, 0.012, 0.02];
  const samples = [
    { name: "s", data: signal, modifiers: [normfactor("mu"), normsys("scale", 1.3, 0.8)] },
    { name: "b", data: [30, 12, 4], modifiers: [normsys("tilt", 1.2, 0.9), normsys("scale", 1.1, 0.95)] },
  ];
  const model = histfactory({ channels: [{ name: "c", samples }] });
  return { model, data: Float64Array.from([28, 14, 5, ...model.suggestedAuxdata()]) };
}

test("a limit far out needs few evaluations of the likelihood", () => {
  const { model, data } = faint();
  const fits = ["near", "pass", "first", "whole"] as const;
  const spies = fits.map((name) => vi.spyOn(LimitFits.prototype, name));
  const limit = upperLimit(data, model);
  const evaluations = (spy: (typeof spies)[number]) =>
    spy.mock.results.reduce((sum, { value }) => sum + (value as { steps: number }).steps, 0);
  const all = spies.reduce((sum, spy) => sum + evaluations(spy), 0);
  const [, passed] = spies;
  const each = evaluations(passed!) / passed!.mock.calls.length;
  vi.restoreAllMocks();
  expect(limit.status).toBe("converged");
  expect(limit.observed).toBeGreaterThan(200);
  // Newton steps to the last bit take 4 or more.
  expect(each).toBeLessThan(2);
  expect(all).toBeLessThan(150);
});
