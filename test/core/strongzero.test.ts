// The strong zero: a zero cotangent times anything (an infinity, a NaN) is zero, in every reverse rule, to every order.
// Every op of the registry is put behind a mask, with numbers there that have no derivative, or none that is finite.

import { beforeAll, describe, expect, it } from "vitest";
import { grad, jvp } from "../../src/core/derive/transform.js";
import { matmul, solve } from "../../src/core/elementary/linalg.js";
import type { Tensor } from "../../src/core/graph/tensor.js";
import { mul, segmentSum } from "../../src/entry/ops.js";
import {
  compile,
  constantArray,
  customVjp,
  hessian,
  init,
  minimize,
  root,
  stack,
  table,
  vmap,
  where,
} from "../../src/index.js";
import { poissonKernel } from "../../src/ops/prob.js";
import { random, seedOf } from "../kit/random.js";
import { runs } from "../kit/runs.js";
import {
  args,
  type Case,
  call,
  cases,
  data,
  hasRows,
  isEvent,
  isFloat,
  offsetsFor,
  rowsOf,
  scalarize,
  type Tree,
} from "../kit/sample.js";

beforeAll(() => init());

type Numbers = number | Float64Array;
const flat = (x: readonly Numbers[]) => {
  const all: number[] = [];
  for (const v of x)
    if (typeof v === "number") all.push(v);
    else for (let i = 0; i < v.length; i++) all.push(v[i]!);
  return all;
};

const ROWS = 9;
/** What may stand behind a mask: no numbers, ends of domains, numbers whose powers overflow or vanish. */
const bad = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0],
  ...[1, -1, 2, 1e200, -1e200, 5e-324, -5e-324],
];

/** One case for each op, attributes and kinds of arguments: values are drawn here. */
function* distinct(): Generator<Case> {
  const seen = new Set<string>();
  for (const c of cases()) {
    const key = JSON.stringify([
      c.op.name,
      c.sample.attrs,
      c.sample.args.map((a) => [a.shape, a.event, a.child]),
    ]);
    // Whoever asks for the derivative of a hard histogram is refused.
    if (seen.has(key) || !c.sample.args.some(isFloat) || c.op.name === "hardArgument") continue;
    seen.add(key);
    yield c;
  }
}

/**
 * Compiled: gradients of a masked op with respect to its float arguments, gradients of a sum of these, and a derivative
 * along ones; `keep` says where the mask is open (for each event, or at all).
 */
function derivatives(c: Case, dtype: "f32" | "f64") {
  const floats = c.sample.args.map(isFloat);
  const masked = (a: readonly Tensor[], keep: Tensor): Tensor => {
    const y = call(c, dtype, a);
    const float = y.dtype === "i32" ? y.cast(y.axis?.dtype ?? "f64") : y;
    return scalarize(where(keep.reshape(float.shape.map(() => 1)), float, 0));
  };
  const f = compile((p: Tree, e: Tree) => {
    const all = args({ ...c, rows: ROWS }, p, e);
    const own = all.filter((_, i) => floats[i]);
    const whole = (xs: readonly Tensor[]) => {
      const it = xs[Symbol.iterator]();
      return all.map((t, i) => (floats[i] ? (it.next().value as Tensor) : t));
    };
    const keep = isEvent(c) && !c.op.lowering?.fold ? e.keep! : p.keep!;
    const loss = (xs: Tensor[]) => masked(whole(xs), keep);
    const first = grad(loss);
    const sum = (xs: Tensor[]) =>
      first(xs)
        .map(scalarize)
        .reduce((a, b) => a.add(b));
    const ones = own.map((t) => t.eq(t).mul(0).add(1));
    return { first: first(own), second: grad(sum)(own), forward: jvp(loss, own, ones)[1] };
  });
  return (values: readonly Float64Array[], keep: Int32Array) => {
    const { params, events } = data({ ...c, rows: ROWS }, dtype, values, { keep });
    const got = f({ ...params, keep: keep[0]! } as never, events as never) as unknown as {
      first: Numbers[];
      second: Numbers[];
      forward: number;
    };
    return { first: flat(got.first), second: flat(got.second), forward: [got.forward] };
  };
}

const benign = (c: Case) =>
  c.sample.args.map((a, i) =>
    c.values[i]!.slice(0, (c.values[i]!.length / rowsOf(a, c.rows)) * rowsOf(a, ROWS)),
  );

/** `values` with float arguments filled anew where `at` says so. */
const refill = (
  c: Case,
  values: readonly Float64Array[],
  at: (argument: number, row: number) => boolean,
  draw: () => number,
) =>
  values.map((v, i) => {
    const arg = c.sample.args[i]!;
    const width = v.length / rowsOf(arg, ROWS);
    const event = (row: number) => (arg.child ? offsetsFor(ROWS).findIndex((begin) => begin > row) - 1 : row);
    return v.map((x, j) => (isFloat(arg) && at(i, event(Math.floor(j / width))) ? draw() : x));
  });

const draws = (seed: string) => {
  const next = random(seedOf(seed));
  return Array.from({ length: runs(3) }, () => () => bad[Math.floor(next() * bad.length)]!);
};

describe.each([...distinct()].map((c) => [c.label, c] as const))("%s", (label, c) => {
  const dtypes = isEvent(c) ? (["f32", "f64"] as const) : (["f64"] as const);
  it.each(dtypes)("%s: what a shut mask hides has no derivative", (dtype) => {
    const f = derivatives(c, dtype);
    const shut = new Int32Array(ROWS);
    const good = benign(c);
    const zero = (values: readonly Float64Array[]) => {
      for (const [kind, numbers] of Object.entries(f(values, shut)))
        for (const x of numbers)
          if (x !== 0) expect.fail(`${kind} ${x} with ${values.map((v) => `[${v.slice(0, 8)}]`).join(" ")}`);
    };
    zero(good);
    const some = [-1, ...c.sample.args.keys()].filter((i) => i < 0 || isFloat(c.sample.args[i]!));
    for (const v of bad)
      for (const one of some)
        zero(
          refill(
            c,
            good,
            (i) => one < 0 || i === one,
            () => v,
          ),
        );
    for (const draw of draws(label)) zero(refill(c, good, () => true, draw));
    if (!isEvent(c) || c.op.lowering?.fold) return;
    // Some events: all others have the derivatives that they have beside harmless ones.
    const open = Int32Array.from({ length: ROWS }, (_, i) => (i % 3 ? 0 : 1));
    const want = f(good, open);
    const partly = (draw: () => number) => {
      const got = f(
        refill(c, good, (i, row) => hasRows(c.sample.args[i]!) && open[row] === 0, draw),
        open,
      );
      for (const kind of ["first", "second", "forward"] as const) {
        got[kind].forEach((x, i) => {
          const y = want[kind][i]!;
          if (!Object.is(x, y) && !(Math.abs(x - y) <= 1e-5 * Math.abs(y)))
            expect.fail(`${kind} ${x}, not ${y}`);
        });
      }
    };
    for (const v of bad) partly(() => v);
    for (const draw of draws(`${label} partly`)) partly(draw);
  });
});

const one = (f: (y: Tensor) => Tensor) => (p: { open: Tensor; y: Tensor }) => where(p.open, f(p.y), 0);

/** First and second derivatives of a function of one number behind a mask, in every way there is. */
function derivativesOf(f: (y: Tensor) => Tensor) {
  const h = one(f);
  return compile((p: { open: Tensor; y: Tensor }) => {
    const slope = (q: { open: Tensor; y: Tensor }) => grad(h)(q).y;
    const along = { open: p.open, y: p.y.eq(p.y).mul(0).add(1) };
    return [
      slope(p),
      grad((q: typeof p) => slope(q).mul(2).add(1).square())(p).y,
      jvp(h, p, along)[1],
      (hessian((y: Tensor) => h({ open: p.open, y: y.at(0) }))(p.y.reshape([1])) as Tensor).reshape([]),
      vmap((y: Tensor) => slope({ open: p.open, y }))(stack([p.y, p.y])).sum(),
    ];
  });
}

describe("behind a shut mask", () => {
  const fitOf = (y: Tensor) => minimize((x) => x.sub(y).square().add(x.exp().mul(y.log())), 0);
  const rule = (vjp: (g: Tensor, x: Tensor) => Tensor) =>
    customVjp(
      (x) => x.exp(),
      (g, [x]) => [vjp(g, x!)],
    );
  it.each<[string, (y: Tensor) => Tensor]>([
    ["the place of a fit", (y) => fitOf(y).x],
    ["its value", (y) => fitOf(y).value],
    ["a fit between bounds", (y) => minimize((x) => x.sub(y).square(), 0, { lower: y, upper: y.add(1) }).x],
    ["its value", (y) => minimize((x) => x.sub(3).square(), 0, { lower: y.sqrt(), upper: y.add(1) }).value],
    ["a root", (y) => root((x) => x.mul(y).sub(1), 0, 3).x],
    ["fits of a batch", (y) => vmap((z: Tensor) => fitOf(z).x)(stack([y, y])).sum()],
    ["a rule of the user's", rule((g, x) => g.mul(x.log()).mul(x.sqrt()))],
    ["one with the factors turned", rule((g, x) => mul(x.log(), g))],
    ["one that divides", rule((g, x) => g.neg().div(x))],
    ["one with matrices", rule((g, x) => matmul(g.reshape([1, 1]), x.exp().reshape([1, 1])).reshape([]))],
    ["a solution", (y) => solve(y.reshape([1, 1]), y.add(1).reshape([1])).sum()],
  ])("%s has no derivative", (_, f) => {
    const g = derivativesOf(f);
    for (const y of bad)
      for (const x of (g({ open: 0, y }) as unknown as Numbers[]).flatMap((v) => flat([v])))
        if (x !== 0) expect.fail(`${x} at ${y}`);
  });

  it("an event has no part in the gradient", () => {
    const events = table({ x: Float64Array.of(1, Number.NaN), ok: Int32Array.of(1, 0) }, { dtype: "f64" });
    const g = compile(
      grad((p: Tensor, e: Tree) => where(e.ok!, e.x!.mul(p).sigmoid(), 0).sum()) as (
        p: Tensor,
        e: Tree,
      ) => Tensor,
    );
    expect(g(1, events as never)).toBeCloseTo(0.19661193324148185, 15);
  });

  it("a bin without expectation has none either", () => {
    const loss = (p: Tensor) => {
      const rate = p.mul(constantArray([1, 0]));
      return where(rate.gt(0), poissonKernel(constantArray([3, 2]), rate), 0).sum();
    };
    expect(compile(grad(loss))(2)).toBe(0.5);
  });

  it("all events, and an infinite slope of what is made of their sum", () => {
    const events = table({ x: Float64Array.of(1, Number.NaN), ok: Int32Array.of(0, 0) }, { dtype: "f64" });
    for (const of of [(s: Tensor) => s.log(), (s: Tensor) => s.sqrt()]) {
      const loss = (p: Tensor, e: Tree) => of(where(e.ok!, e.x!.mul(p), 0).sum());
      expect(compile(grad(loss))(2, events as never)).toBe(0);
    }
  });

  it("an event that is in no category has none", () => {
    const events = table({ x: Float64Array.of(1, 2), i: Int32Array.of(0, -1) }, { dtype: "f64" });
    const loss = (p: Tensor, e: Tree) => segmentSum(e.x!.mul(p), e.i!, 2).square().sum();
    expect(compile(grad(loss))(3, events as never)).toBe(6);
  });
});

describe("an open mask", () => {
  it("hides no NaN: a factor that is 0 by itself is not strong", () => {
    expect(compile(grad((x: Tensor) => x.square().sqrt()))(0)).toBeNaN();
  });

  it("lets forward mode see the bounds of a fit", () => {
    const value = (y: Tensor) => minimize((x) => x.sub(3).square(), 0, { upper: y }).value;
    expect(compile((y: Tensor) => jvp(value, y, y.eq(y))[1])(1)).toBeCloseTo(-4, 12);
  });
});
