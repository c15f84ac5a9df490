/** Objectives and scalar functions written as tapes, for the tests of the solvers. */

import { expect } from "vitest";
import { alloc, assemble, get, type Kernel, put, run } from "./wasm.js";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

export type Instruction = [Kernel, ...number[]];
/** Scalars on the tape: every method appends one instruction and returns the address of its result. */
export class Scalars {
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
export interface Problem {
  n: number;
  hole: number;
  f: number;
  g: number;
  h: number;
  fg: Instruction[];
  hessian: Instruction[];
}

/** From scalars: `body` gives the value, the gradient and the rows of the Hessian. */
export function scalarProblem(
  n: number,
  body: (s: Scalars, x: number[]) => { f: number; g: number[]; h: () => number[] },
): Problem {
  const [hole, f, g, h] = [alloc(n * 8), alloc(8), alloc(n * 8), alloc(n * n * 8)] as const;
  const fg = new Scalars();
  const parts = body(
    fg,
    range(n).map((i) => hole + 8 * i),
  );
  fg.place(f, [parts.f]);
  fg.place(g, parts.g);
  const first = [...fg.code];
  fg.code.length = 0;
  fg.place(h, parts.h());
  return { n, hole, f, g, h, fg: first, hessian: [...fg.code] };
}

/** x.A x / 2 - b.x. */
export function quadratic(a: number[], b: number[]): Problem {
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
export const poisson = (k: number, offset = 0) =>
  scalarProblem(1, (s, [x]) => ({
    f: s.plus(offset, s.sub(x!, s.times(k, s.op("f64_log", x!)))),
    g: [s.sub(s.constant(1), s.div(s.constant(k), x!))],
    h: () => [s.div(s.constant(k), s.mul(x!, x!))],
  }));

export interface Options {
  free?: number[];
  lower?: number[];
  upper?: number[];
  maxSteps?: number;
  kinks?: number[];
}

/** The instruction of a problem. */
export function minimizer(problem: Problem, x0: number, out: number, options: Options = {}): Instruction {
  const { n, hole, f, g, h } = problem;
  const {
    free = new Array(n).fill(1),
    lower = new Array(n).fill(Number.NEGATIVE_INFINITY),
    upper = new Array(n).fill(Number.POSITIVE_INFINITY),
  } = options;
  const first = assemble(...problem.fg);
  const second = assemble(...problem.hessian);
  const operands = [put("f64", free), put("f64", lower), put("f64", upper), hole, first.start, first.end];
  const scratch = alloc(8 * ((3 * n * (n + 1)) / 2 + 20 * n) + 320);
  return [
    "any_minimize",
    n,
    out,
    x0,
    ...operands,
    second.start,
    second.end,
    f,
    g,
    h,
    options.maxSteps ?? 200,
    scratch,
    1,
    1,
    0,
    put("f64", options.kinks ?? new Array(n).fill(0)),
    0,
    0,
  ];
}

/** Poisson bins with yields M x and unit constraints of x at 1. */
export function bins(n: number, m: number, random: () => number): Problem {
  const [hole, f, g, h] = [alloc(n * 8), alloc(8), alloc(n * 8), alloc(n * n * 8)] as const;
  const matrix = range(m * n).map(() => 5 + 4 * random());
  const transposed = range(n * m).map((e) => matrix[(e % m) * n + Math.floor(e / m)]!);
  const data = range(m).map(() => Math.round(n * (5 + random())));
  const eye = range(n * n).map((e) => (e % (n + 1) ? 0 : 1));
  const [mat, mt, d, one, half, unit] = [matrix, transposed, data, new Array(m).fill(1), [0.5], eye].map(
    (v) => put("f64", v),
  );
  const columns = put(
    "i32",
    range(m * n).map((e) => Math.floor(e / n)),
  );
  const temp = range(9).map(() => alloc(m * Math.max(n, 2) * 8)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
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

/** Runs a fit twice, checks what it leaves behind, and gives the answer and the gradient there. */
export function minimize(problem: Problem, x0: number[], options: Options = {}) {
  const { n, hole, f, g } = problem;
  const out = alloc((n + 4) * 8);
  const instruction = minimizer(problem, put("f64", x0), out, options);
  run(instruction);
  const x = get(out, n);
  const [value, status, steps, edm] = get(out + n * 8, 4) as [number, number, number, number];
  // The hole, f and g are those of x.
  expect(get(hole, n)).toEqual(x);
  expect(get(f, 1)).toEqual([value]);
  const left = get(g, n);
  run(...problem.fg);
  expect(get(g, n)).toEqual(left);
  const once = get(out, n + 4);
  run(instruction);
  expect(get(out, n + 4)).toEqual(once);
  return { x, value, status, steps, edm, g: get(g, n) };
}
