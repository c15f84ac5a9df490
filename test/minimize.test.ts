import { beforeEach, describe, expect, test } from "vitest";
import { alloc, assemble, get, type Kernel, put, reset, run, uniform } from "./wasm.js";

let random = uniform(1);
beforeEach(() => {
  reset();
  random = uniform(1);
});
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

type Instruction = [Kernel, ...number[]];
/** Scalars on the tape: every method appends one instruction and returns the address of its result. */
class Scalars {
  readonly code: Instruction[] = [];
  constant = (value: number) => put("f64", [value]);
  op = (kernel: Kernel, ...inputs: number[]) => {
    const out = alloc(16);
    this.code.push([kernel, 1, out, ...inputs]);
    return out;
  };
  add = (a: number, b: number) => this.op("f64_add", a, b);
  sub = (a: number, b: number) => this.op("f64_sub", a, b);
  mul = (a: number, b: number) => this.op("f64_mul", a, b);
  div = (a: number, b: number) => this.op("f64_div", a, b);
  times = (factor: number, a: number) => this.mul(this.constant(factor), a);
  plus = (term: number, a: number) => this.add(this.constant(term), a);
  place = (out: number, values: number[]) => {
    values.forEach((value, i) => {
      this.code.push(["f64_place", 1, 1, out, value, i]);
    });
  };
}

/** An objective: tapes for value and gradient, and for the Hessian, of the n numbers at hole. */
interface Problem {
  n: number;
  hole: number;
  f: number;
  g: number;
  h: number;
  fg: Instruction[];
  hessian: Instruction[];
}

/** From scalars: `body` gives the value, the gradient and the rows of the Hessian. */
function scalarProblem(n: number, body: (s: Scalars, x: number[]) => { f: number; g: number[]; h: () => number[] }): Problem {
  const [hole, f, g, h] = [alloc(n * 8), alloc(8), alloc(n * 8), alloc(n * n * 8)] as const;
  const fg = new Scalars();
  const parts = body(fg, range(n).map((i) => hole + 8 * i));
  fg.place(f, [parts.f]);
  fg.place(g, parts.g);
  const first = [...fg.code];
  fg.code.length = 0;
  fg.place(h, parts.h());
  return { n, hole, f, g, h, fg: first, hessian: [...fg.code] };
}

/** x.A x / 2 - b.x. */
function quadratic(a: number[], b: number[]): Problem {
  const n = b.length;
  const [hole, f, g, h] = [alloc(n * 8), alloc(8), alloc(n * 8), alloc(n * n * 8)] as const;
  const [matrix, vector, half] = [put("f64", a), put("f64", b), put("f64", [0.5])];
  const [ax, mixed, xAx, bx] = [alloc(n * 8), alloc(n * 8), alloc(16), alloc(16)];
  const fg: Instruction[] = [
    ["f64_matmul", 1, n, n, 1, ax!, matrix!, hole],
    ["f64_sub", n, g, ax!, vector!],
    ["f64_matmul", 1, 1, n, 1, xAx!, ax!, hole],
    ["f64_matmul", 1, 1, n, 1, bx!, vector!, hole],
    ["f64_mul", 1, mixed!, xAx!, half!],
    ["f64_sub", 1, f, mixed!, bx!],
  ];
  return { n, hole, f, g, h, fg, hessian: [["f64_place", n * n, 1, h, matrix!, 0]] };
}

/** lambda - k log(lambda). */
const poisson = (k: number, offset = 0) =>
  scalarProblem(1, (s, [x]) => ({
    f: s.plus(offset, s.sub(x!, s.times(k, s.op("f64_log", x!)))),
    g: [s.sub(s.constant(1), s.div(s.constant(k), x!))],
    h: () => [s.div(s.constant(k), s.mul(x!, x!))],
  }));

interface Options {
  free?: number[];
  lower?: number[];
  upper?: number[];
  maxSteps?: number;
}

/** The instruction of a problem. */
function minimizer(problem: Problem, x0: number, out: number, options: Options = {}): Instruction {
  const { n, hole, f, g, h } = problem;
  const { free = new Array(n).fill(1), lower = new Array(n).fill(-inf), upper = new Array(n).fill(inf) } = options;
  const first = assemble(...problem.fg);
  const second = assemble(...problem.hessian);
  const operands = [put("f64", free), put("f64", lower), put("f64", upper), hole, first.start, first.end];
  const scratch = alloc(8 * (3 * n * n + 16 * n) + 256);
  return ["any_minimize", n, out, x0, ...operands, second.start, second.end, f, g, h, options.maxSteps ?? 200, scratch];
}

function minimize(problem: Problem, x0: number[], options: Options = {}) {
  const { n, hole, f, g, h } = problem;
  const out = alloc((n + 4) * 8);
  const instruction = minimizer(problem, put("f64", x0), out, options);
  run(instruction);
  const x = get(out, n);
  const [value, status, steps, edm] = get(out + n * 8, 4) as [number, number, number, number];
  // The hole, f, g and h are those of x.
  expect(get(hole, n)).toEqual(x);
  expect(get(f, 1)).toEqual([value]);
  const left = [...get(g, n), ...get(h, n * n)];
  run(...problem.fg, ...problem.hessian);
  expect([...get(g, n), ...get(h, n * n)]).toEqual(left);
  const once = get(out, n + 4);
  run(instruction);
  expect(get(out, n + 4)).toEqual(once);
  return { x, value, status, steps, edm, g: get(g, n) };
}

describe("minimize", () => {
  test("a parabola takes one Newton step", () => {
    const { x, value, status, steps, edm } = minimize(quadratic([2], [3]), [100]);
    expect({ x, value, status }).toEqual({ x: [1.5], value: -2.25, status: 0 });
    expect(steps).toBeLessThanOrEqual(3);
    expect(edm).toBe(0);
  });

  for (const [k, start] of [[1000, 1e-3], [1000, 1e6], [3, 1e-3], [0.5, 1e3], [1e-3, 1e3]] as const)
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
    for (const start of [[-1.2, 1], [0, 0], [10, -30], [-100, 4]]) {
      const { x, status, steps } = minimize(problem, start);
      console.log(start, x, status, steps);
      expect(status).toBe(0);
      expect(Math.hypot(x[0]! - 1, x[1]! - 1)).toBeLessThan(1e-14);
      expect(steps).toBeLessThan(start[0] === -100 ? 150 : 40);
    }
    const bounded = minimize(problem, [-1.2, 1], { upper: [0.5, inf] });
    expect(bounded.status).toBe(0);
    expect(bounded.x[0]).toBe(0.5);
    expect(bounded.x[1]).toBeCloseTo(0.25, 14);
  });

  /** The minimum of a quadratic in a box by trying all active sets. */
  function enumerate(a: number[], b: number[], lower: number[], upper: number[]) {
    const n = b.length;
    for (let code = 0; code < 3 ** n; code++) {
      const side = range(n).map((i) => Math.floor(code / 3 ** i) % 3);
      const x = side.map((s, i) => (s === 1 ? lower[i]! : s === 2 ? upper[i]! : 0));
      const free = range(n).filter((i) => side[i] === 0);
      const right = free.map((i) => b[i]! - range(n).reduce((s, j) => s + a[i * n + j]! * x[j]!, 0));
      const out = alloc(n * 8);
      const block = put("f64", free.flatMap((i) => free.map((j) => a[i * n + j]!)));
      run(["f64_solve", free.length, 1, out, block, put("f64", right), alloc(n * n * 8)]);
      free.forEach((i, j) => {
        x[i] = get(out, n)[j]!;
      });
      const slope = range(n).map((i) => range(n).reduce((s, j) => s + a[i * n + j]! * x[j]!, -b[i]!));
      const inside = x.every((v, i) => v >= lower[i]! && v <= upper[i]!);
      if (inside && slope.every((v, i) => side[i] === 0 || (side[i] === 1 ? v >= 0 : v <= 0))) return x;
    }
    return [];
  }

  test("quadratics with active bounds", () => {
    for (let seed = 1; seed <= 60; seed++) {
      reset();
      random = uniform(seed);
      const n = 1 + (seed % 5);
      const r = range(n * n).map(random);
      const a = range(n * n).map((e) => {
        const [i, j] = [Math.floor(e / n), e % n];
        return range(n).reduce((s, l) => s + r[i * n + l]! * r[j * n + l]!, i === j ? 0.01 : 0);
      });
      const b = range(n).map(() => 2 * random());
      const lower = b.map(() => -0.7 + 0.5 * random());
      const upper = lower.map((v) => (seed % 3 ? v + 1 : inf));
      const expected = enumerate(a, b, lower, upper);
      for (const start of [lower, b, lower.map((v) => v + 0.5)]) {
        const { x, status } = minimize(quadratic(a, b), start, { lower, upper });
        expect(status).toBe(0);
        x.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 10));
        expected.forEach((v, i) => {
          if (v === lower[i] || v === upper[i]) expect(x[i]).toBe(v);
        });
      }
    }
  });

  test("an optimum exactly on its bound, with multiplier zero", () => {
    for (const start of [[0, 0], [1, 1], [0, 5], [3, 0]]) {
      const { x, status, edm } = minimize(quadratic([2, 1, 1, 3], [1, 3]), start, { lower: [0, -inf] });
      expect(status).toBe(0);
      expect(x[0]).toBeCloseTo(0, 15);
      expect(x[1]).toBeCloseTo(1, 15);
      expect(edm).toBeLessThan(1e-30);
    }
    // With the second coordinate elsewhere, the first has a wrong gradient at its bound at first, and must come back.
    const away = minimize(quadratic([2, 1, 1, 3], [1.2, 3]), [0, 10], { lower: [0, -inf] });
    expect(away.status).toBe(0);
    expect(away.x[0]).toBeCloseTo(0.12, 14);
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
    expect(minimize(problem, [4, 5, 0], { free: [0, 0, 0] })).toMatchObject({ x: [4, 5, 0], status: 0, steps: 1 });
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
        const { status, steps, x, value, edm } = minimize(problem, [1], { maxSteps });
        console.log(x, value, status, steps, edm);
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

  /** Poisson bins with yields M x and unit constraints of x at 1. */
  function bins(n: number, m: number): Problem {
    const [hole, f, g, h] = [alloc(n * 8), alloc(8), alloc(n * 8), alloc(n * n * 8)] as const;
    const matrix = range(m * n).map(() => 5 + 4 * random());
    const transposed = range(n * m).map((e) => matrix[(e % m) * n + Math.floor(e / m)]!);
    const data = range(m).map(() => Math.round(n * (5 + random())));
    const eye = range(n * n).map((e) => (e % (n + 1) ? 0 : 1));
    const [mat, mt, d, one, half, unit] = [matrix, transposed, data, new Array(m).fill(1), [0.5], eye].map((v) => put("f64", v));
    const columns = put("i32", range(m * n).map((e) => Math.floor(e / n)));
    const temp = range(9).map(() => alloc(m * Math.max(n, 2) * 8)) as [number, number, number, number, number, number, number, number, number];
    const [yields, log, pull, square, ratio, slope, weight, wide, product] = temp;
    const total = [alloc(16), alloc(16), alloc(16)] as const;
    const fg: Instruction[] = [
      ["f64_matmul", 1, m, n, 1, yields, mat!, hole],
      ["f64_log", m, log, yields],
      ["f64_mul", m, log, log, d!],
      ["f64_sub", m, log, yields, log],
      ["f64_matmul", 1, 1, m, 1, total[0], log, one!],
      ["f64_sub", n, pull, hole, one!],
      ["f64_matmul", 1, 1, n, 1, total[1], pull, pull],
      ["f64_mul", 1, total[2], total[1], half!],
      ["f64_add", 1, f, total[0], total[2]],
      ["f64_div", m, ratio, d!, yields],
      ["f64_sub", m, slope, one!, ratio],
      ["f64_matmul", 1, n, m, 1, square, mt!, slope],
      ["f64_add", n, g, square, pull],
    ];
    const hessian: Instruction[] = [
      ["f64_div", m, weight, ratio, yields],
      ["f64_select", m * n, 1, wide, weight, columns],
      ["f64_mul", m * n, wide, wide, mat!],
      ["f64_matmul", 1, n, m, n, product, mt!, wide],
      ["f64_add", n * n, h, product, unit!],
    ];
    return { n, hole, f, g, h, fg, hessian };
  }

  for (const [n, m] of [[3, 8], [40, 60]] as const)
    test(`a binned likelihood with ${n} parameters`, () => {
      const start = new Array(n).fill(1);
      const { x, status, steps, g } = minimize(bins(n, m), start, { lower: new Array(n).fill(1e-10) });
      expect(status).toBe(0);
      expect(steps).toBeLessThan(15);
      x.forEach((v, i) => expect(v === 1e-10 ? Math.min(g[i]!, 0) : Math.abs(g[i]!)).toBeLessThan(1e-11));
    });

  test("200 parameters", () => {
    const n = 200;
    const a = range(n * n).map((e) => (e % (n + 1) ? 0.3 : 2));
    const b = range(n).map((i) => i % 7);
    const { status, steps, g, x } = minimize(quadratic(a, b), new Array(n).fill(1), { lower: new Array(n).fill(0) });
    expect(status).toBe(0);
    expect(steps).toBeLessThan(5);
    x.forEach((v, i) => expect(v > 0 ? Math.abs(g[i]!) : Math.min(g[i]!, 0)).toBeLessThan(1e-12));
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
    run(["any_root", out, put("f64", [lo]), put("f64", [hi]), hole, code.start, code.end, f, df]);
    const [x, status, steps] = get(out, 3) as [number, number, number];
    if (!Number.isNaN(x)) expect(get(hole, 1)).toEqual([x]);
    return { x, status, steps };
  }
  const square = (s: Scalars, x: number): [number, number] => [s.plus(-2, s.mul(x, x)), s.times(2, x)];

  test("square root of 2, in both orders", () => {
    for (const [lo, hi] of [[0, 2], [2, 0], [1, 1e300], [1.4142135, 1.4142136]] as const) {
      const { x, status, steps } = root(lo, hi, square);
      expect(Math.abs(x - Math.SQRT2)).toBeLessThanOrEqual(2 ** -52);
      expect(status).toBe(0);
      expect(steps).toBeLessThan(hi === 1e300 ? 130 : 15);
    }
  });

  test("ends, signs and NaN", () => {
    expect(root(3, 5, (s, x) => [s.plus(-3, x), s.constant(1)])).toMatchObject({ x: 3, status: 0 });
    expect(root(3, 5, (s, x) => [s.plus(-5, x), s.constant(1)])).toMatchObject({ x: 5, status: 0 });
    expect(root(3, 5, (s, x) => [s.plus(-9, x), s.constant(1)])).toMatchObject({ x: 5, status: 2 });
    expect(root(-1, 2, (s, x) => [s.op("f64_log", x), s.constant(1)])).toMatchObject({ status: 3 });
    expect(root(nan, 1, (s, x) => [x, s.constant(1)])).toMatchObject({ status: 3 });
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

