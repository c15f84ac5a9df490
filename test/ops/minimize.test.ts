import { beforeEach, describe, expect, test } from "vitest";
import { bins, minimize, minimizer, poisson, quadratic, scalarProblem } from "../kit/problems.js";
import { alloc, assemble, get, put, reset, run, uniform } from "../kit/wasm.js";

let random = uniform(1);
beforeEach(() => {
  reset();
  random = uniform(1);
});
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("minimize", () => {
  test("a parabola takes one Newton step", () => {
    const { x, value, status, steps, edm } = minimize(quadratic([2], [3]), [100]);
    expect({ x, value, status }).toEqual({ x: [1.5], value: -2.25, status: 0 });
    expect(steps).toBeLessThanOrEqual(3);
    expect(edm).toBe(0);
  });

  for (const [k, start] of [
    [1000, 1e-3],
    [1000, 1e6],
    [3, 1e-3],
    [0.5, 1e3],
    [1e-3, 1e3],
  ] as const)
    for (const lower of [-inf, 1e-10])
      test(`Poisson ${k} from ${start}, lower bound ${lower}`, () => {
        const { x, status, steps } = minimize(poisson(k), [start], { lower: [lower] });
        expect(status).toBe(0);
        expect(Math.abs(x[0]! / k - 1)).toBeLessThan(1e-15);
        expect(steps).toBeLessThan(60);
      });

  test("polish goes below the resolution of the objective", () => {
    const { x, status } = minimize(poisson(7, 1e9), [3]);
    expect(status).toBe(0);
    expect(Math.abs(x[0]! / 7 - 1)).toBeLessThan(1e-15);
  });

  test("an objective with errors far above its differences", () => {
    const problem = scalarProblem(1, (s, [x]) => {
      const nll = s.sub(x!, s.times(7, s.op("f64_log", x!)));
      return {
        f: s.plus(-1e8, s.plus(1e8, nll)),
        g: [s.sub(s.constant(1), s.div(s.constant(7), x!))],
        h: () => [s.div(s.constant(7), s.mul(x!, x!))],
      };
    });
    for (const start of [0.01, 6, 6.9999, 7.00001, 100]) {
      const { x, status } = minimize(problem, [start]);
      expect(status).toBe(0);
      expect(Math.abs(x[0]! / 7 - 1)).toBeLessThan(1e-15);
    }
  });

  test("Rosenbrock", () => {
    const problem = scalarProblem(2, (s, [x, y]) => {
      const r = s.sub(y!, s.mul(x!, x!));
      const u = s.sub(s.constant(1), x!);
      return {
        f: s.add(s.mul(u, u), s.times(100, s.mul(r, r))),
        g: [s.add(s.times(-2, u), s.times(-400, s.mul(x!, r))), s.times(200, r)],
        h: () => {
          const xx = s.plus(2, s.add(s.times(-400, r), s.times(800, s.mul(x!, x!))));
          const xy = s.times(-400, x!);
          return [xx, xy, xy, s.constant(200)];
        },
      };
    });
    for (const start of [
      [-1.2, 1],
      [0, 0],
      [10, -30],
      [-100, 4],
    ]) {
      const { x, status, steps } = minimize(problem, start, { maxSteps: 1000 });
      expect(status).toBe(0);
      expect(Math.hypot(x[0]! - 1, x[1]! - 1)).toBeLessThan(1e-14);
      expect(steps).toBeLessThan({ 10: 100, [-100]: 500 }[start[0]!] ?? 35);
    }
    const bounded = minimize(problem, [-1.2, 1], { upper: [0.5, inf] });
    expect(bounded.status).toBe(0);
    expect(bounded.x[0]).toBe(0.5);
    expect(bounded.x[1]).toBeCloseTo(0.25, 14);
  });

  test("fixed coordinates keep x0, outside the bounds and with derivatives that are not finite", () => {
    const problem = scalarProblem(3, (s, [x, y, z]) => {
      const u = s.sub(x!, y!);
      return {
        f: s.mul(u, u),
        g: [s.times(2, u), s.op("f64_log", s.constant(-1)), s.constant(0)],
        h: () => [s.constant(2), ...range(8).map(() => s.div(z!, s.constant(0)))],
      };
    });
    const options = { free: [1, 0, 0], lower: [0, 10, 0], upper: [9, 11, 0] };
    const { x, status } = minimize(problem, [-4, 5, 0], options);
    expect({ x, status }).toEqual({ x: [5, 5, 0], status: 0 });
    expect(minimize(problem, [4, 5, 0], { free: [0, 0, 0] })).toMatchObject({
      x: [4, 5, 0],
      status: 0,
      steps: 1,
    });
    const pinned = minimize(quadratic([1, 0, 0, 1], [7, 7]), [0, 0], { lower: [2, 0], upper: [2, 9] });
    expect(pinned).toMatchObject({ x: [2, 7], status: 0 });
  });

  test("no parameters", () => {
    const problem = scalarProblem(0, (s) => ({ f: s.constant(3), g: [], h: () => [] }));
    expect(minimize(problem, [])).toMatchObject({ x: [], value: 3, status: 0, edm: 0 });
  });

  test("not finite at the start", () => {
    expect(minimize(poisson(3), [-1])).toMatchObject({ x: [-1], status: 2 });
    expect(minimize(poisson(3), [0])).toMatchObject({ x: [0], status: 2 });
    expect(minimize(poisson(3), [nan])).toMatchObject({ status: 2 });
  });

  test("unbounded objectives stop with a status", () => {
    const slope = quadratic([0], [1]);
    const hill = quadratic([-2], [1]);
    const decay = scalarProblem(1, (s, [x]) => {
      const e = s.op("f64_exp", s.times(-1, x!));
      return { f: s.sub(e, x!), g: [s.plus(-1, s.times(-1, e))], h: () => [e] };
    });
    for (const problem of [slope, hill, decay])
      for (const maxSteps of [1, 30, 3000]) {
        const { status, steps } = minimize(problem, [1], { maxSteps });
        expect([1, 3]).toContain(status);
        expect(steps).toBeLessThanOrEqual(maxSteps + 10);
      }
    expect(minimize(slope, [1], { upper: [1e6] })).toMatchObject({ x: [1e6], status: 0 });
    expect(minimize(hill, [1], { lower: [-5], upper: [9] })).toMatchObject({ x: [9], status: 0 });
  });

  test("saddles, plains and valleys", () => {
    const saddle = () => quadratic([2, 0, 0, -2], [0, 0]);
    expect(minimize(saddle(), [0, 0])).toMatchObject({ x: [0, 0], status: 3 });
    expect(minimize(saddle(), [3, 0]).status).toBe(3);
    const escaped = minimize(saddle(), [3, 0.01], { lower: [-4, -2], upper: [4, 2] });
    expect(escaped).toMatchObject({ value: -4, status: 0 });
    expect(escaped.x[1]).toBe(2);
    // Indefinite only through its mixed derivative.
    const twist = minimize(quadratic([0, 1, 1, 0], [0, 0]), [0.5, 0.25], { lower: [-1, -1], upper: [1, 1] });
    expect(twist.status).toBe(0);
    expect(twist.value).toBe(-1);
    // A coordinate without influence, and a valley.
    expect(minimize(quadratic([2, 0, 0, 0], [2, 0]), [5, 7])).toMatchObject({ x: [1, 7], status: 0 });
    const valley = minimize(quadratic([1, 1, 1, 1], [3, 3]), [10, -2]);
    expect(valley.status).toBe(0);
    expect(valley.x[0]! + valley.x[1]!).toBeCloseTo(3, 13);
  });

  test("a quartic, singular at its minimum", () => {
    const quartic = scalarProblem(1, (s, [x]) => {
      const x2 = s.mul(x!, x!);
      return { f: s.mul(x2, x2), g: [s.times(4, s.mul(x2, x!))], h: () => [s.times(12, x2)] };
    });
    const { x, status } = minimize(quartic, [2]);
    expect(status).toBe(0);
    expect(Math.abs(x[0]!)).toBeLessThan(1e-3);
  });

  for (const [n, m] of [
    [3, 8],
    [40, 60],
  ] as const)
    test(`a binned likelihood with ${n} parameters`, () => {
      const start = new Array(n).fill(1);
      const { x, status, steps, g } = minimize(bins(n, m, random), start, {
        lower: new Array(n).fill(1e-10),
      });
      expect(status).toBe(0);
      expect(steps).toBeLessThan(15);
      x.forEach((v, i) => {
        expect(v === 1e-10 ? Math.min(g[i]!, 0) : Math.abs(g[i]!)).toBeLessThan(1e-11);
      });
    });

  test("200 parameters", () => {
    const n = 200;
    const a = range(n * n).map((e) => (e % (n + 1) ? 0.3 : 2));
    const b = range(n).map((i) => i % 7);
    const { status, steps, g, x } = minimize(quadratic(a, b), new Array(n).fill(1), {
      lower: new Array(n).fill(0),
    });
    expect(status).toBe(0);
    expect(steps).toBeLessThan(5);
    x.forEach((v, i) => {
      expect(v > 0 ? Math.abs(g[i]!) : Math.min(g[i]!, 0)).toBeLessThan(1e-12);
    });
  });

  test("inside a map, each element with its own data", () => {
    const data = put("f64", [1, 4, 9, 0.25]);
    const k = alloc(16);
    const problem = scalarProblem(1, (s, [x]) => ({
      f: s.sub(x!, s.mul(k, s.op("f64_log", x!))),
      g: [s.sub(s.constant(1), s.div(k, x!))],
      h: () => [s.div(k, s.mul(x!, x!))],
    }));
    const out = alloc(40);
    const body = assemble(minimizer(problem, put("f64", [2]), out));
    const all = alloc(4 * 40);
    run(["any_map", 4, body.start, body.end, 1, 1, k, data, 8, 8, all, out, 40, 40]);
    range(4).forEach((i) => {
      const [x, , status] = get(all + 40 * i, 3) as [number, number, number];
      expect(status).toBe(0);
      expect(x).toBeCloseTo([1, 4, 9, 0.25][i]!, 15);
    });
  });
});
