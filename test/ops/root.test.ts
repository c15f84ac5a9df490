import { beforeEach, describe, expect, test } from "vitest";
import { rootBytes, rootEnds } from "../../src/core/agreed.js";
import { Scalars } from "../kit/problems.js";
import { alloc, assemble, get, put, reset, run } from "../kit/wasm.js";

beforeEach(reset);
const nan = Number.NaN;

test("map copies with and without strides", () => {
  const [a, b, out] = [put("f64", [1, 2, 3, 4, 5, 6]), put("f64", [10, 20]), alloc(64)] as const;
  const [x, y, z] = [alloc(16), alloc(16), alloc(16)] as const;
  const body = assemble(["f64_add", 2, z, x, y]);
  run(["any_map", 3, body.start, body.end, 2, 1, x, a, 16, 16, y, b, 0, 16, out, z, 16, 16]);
  expect(get(out, 6)).toEqual([11, 22, 13, 24, 15, 26]);
  run(["any_map", 0, body.start, body.end, 0, 1, out, z, 16, 16]);
  expect(get(out, 2)).toEqual([11, 22]);
});

describe("root", () => {
  function root(lo: number, hi: number, body: (s: Scalars, x: number) => [f: number, df: number]) {
    const s = new Scalars();
    const hole = alloc(16);
    const [f, df] = body(s, hole);
    const code = assemble(...s.code);
    const out = alloc(24);
    run([
      "any_root",
      out,
      put("f64", [lo]),
      put("f64", [hi]),
      hole,
      code.start,
      code.end,
      f,
      df,
      0,
      1,
      alloc(rootBytes(1)),
    ]);
    const [x, status, steps] = get(out, 3) as [number, number, number];
    if (!Number.isNaN(x)) expect(get(hole, 1)).toEqual([x]);
    return { x, status, steps };
  }
  const square = (s: Scalars, x: number): [number, number] => [s.plus(-2, s.mul(x, x)), s.times(2, x)];

  test("square root of 2, in both orders", () => {
    for (const [lo, hi] of [
      [0, 2],
      [2, 0],
      [1, 1e300],
      [1.41, 1.42],
    ] as const) {
      const { x, status, steps } = root(lo, hi, square);
      expect(Math.abs(x - Math.SQRT2)).toBeLessThanOrEqual(2 ** -52);
      expect(status).toBe(0);
      expect(steps).toBeLessThan(hi === 1e300 ? 130 : 15);
    }
  });

  test("ends, signs and NaN", () => {
    expect(root(3, 5, (s, x) => [s.plus(-3, x), s.constant(1)])).toMatchObject({ x: 3, status: 0 });
    expect(root(3, 5, (s, x) => [s.plus(-5, x), s.constant(1)])).toMatchObject({ x: 5, status: 0 });
    expect(root(3, 5, (s, x) => [s.plus(-9, x), s.constant(1)])).toMatchObject({
      x: 5,
      status: rootEnds.sameSign,
    });
    expect(root(-1, 2, (s, x) => [s.op("f64_log", x), s.constant(1)])).toMatchObject({
      status: rootEnds.noValue,
    });
    expect(root(nan, 1, (s, x) => [x, s.constant(1)])).toMatchObject({ status: rootEnds.noValue });
  });

  test("derivatives that are wrong, zero or NaN", () => {
    for (const slope of [0, nan, -1, 1e-30, 1e30]) {
      const { x, status } = root(0, 2, (s, x) => [s.plus(-2, s.mul(x, x)), s.constant(slope)]);
      // A slope that is far too steep looks like convergence.
      if (slope !== 1e30) expect(Math.abs(x - Math.SQRT2)).toBeLessThanOrEqual(2 ** -52);
      expect(status).toBe(0);
    }
  });

  test("flat, steep and discontinuous functions", () => {
    const cube = root(-1, 3, (s, x) => [s.mul(x, s.mul(x, x)), s.times(3, s.mul(x, x))]);
    expect(cube.status).toBe(0);
    expect(Math.abs(cube.x)).toBeLessThan(1e-100);
    const step = root(-10, 10, (s, x) => [s.op("f64_sign", s.plus(-0.3, x)), s.constant(0)]);
    expect(Math.abs(step.x - 0.3)).toBeLessThan(1e-15);
    const log = root(0, 1e300, (s, x) => [s.op("f64_log", x), s.div(s.constant(1), x)]);
    expect(log).toMatchObject({ x: 1, status: 0 });
    const wide = root(-1e308, 1e308, (s, x) => [s.plus(1e-5, s.times(1e-300, x)), s.constant(1e-300)]);
    expect(wide.x / -1e295).toBeCloseTo(1, 15);
    const exp = root(0, 700, (s, x) => {
      const e = s.op("f64_exp", x);
      return [s.plus(-1e-3, s.times(1e-200, e)), s.times(1e-200, e)];
    });
    expect(exp.status).toBe(0);
    expect(exp.x).toBeCloseTo(Math.log(1e197), 12);
    expect(exp.steps).toBeLessThan(60);
  });
});
