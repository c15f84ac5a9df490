import { beforeAll, describe, expect, test } from "vitest";
import { stack } from "../../src/core/elementary/join.js";
import { count } from "../../src/entry/ops.js";
import {
  compile,
  concat,
  cut,
  grad,
  init,
  type Numbers,
  type Tensor,
  table,
  where,
} from "../../src/index.js";
import { contract } from "../../src/ops/affine.js";
import { segmentSum, take } from "../../src/ops/gather.js";
import { gather } from "../../src/ops/rows.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const kinds = {
  i8: [Int8Array, -(2 ** 7), 2 ** 7 - 1],
  u8: [Uint8Array, 0, 2 ** 8 - 1],
  clamped: [Uint8ClampedArray, 0, 2 ** 8 - 1],
  i16: [Int16Array, -(2 ** 15), 2 ** 15 - 1],
  u16: [Uint16Array, 0, 2 ** 16 - 1],
  i32: [Int32Array, -(2 ** 31), 2 ** 31 - 1],
  u32: [Uint32Array, 0, 2 ** 32 - 1],
} as const;
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];

/** Where types change what they can hold. */
const turns = [0, 2 ** 7, 2 ** 8, 2 ** 15, 2 ** 16, 2 ** 24, 2 ** 25, 2 ** 31, 2 ** 32];

function integer(draw: () => number, [, least, most]: (typeof kinds)[Kind]): number {
  const turn = turns[Math.floor(draw() * turns.length)]! * (draw() < 0.5 ? -1 : 1);
  return Math.min(Math.max(turn + Math.floor(draw() * 7) - 3, least), most);
}

function column(draw: () => number, kind: Kind, rows: number): Numbers {
  const out = new kinds[kind][0](rows);
  return out.map(() => integer(draw, kinds[kind]));
}

const big = (x: number) => BigInt(x);
const sumOf = (terms: readonly bigint[]) => Number(terms.reduce((a, b) => a + b, 0n));
const sides = {
  lt: (a: number, b: number) => a < b,
  le: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  ge: (a: number, b: number) => a >= b,
  eq: (a: number, b: number) => a === b,
} as const;
const signs = Object.keys(sides) as (keyof typeof sides)[];
type Two = { a: Tensor; b: Tensor };

describe("columns of integers", () => {
  test("32 bits without sign are read as they are", () => {
    for (const dtype of ["f32", "f64"] as const) {
      const data = table({ x: Uint32Array.of(4294967295, 2147483648) }, { dtype });
      const f = compile((e: { x: Tensor }) => [e.x.sum(), e.x.max("events"), e.x, e.x.ge(2 ** 32 - 1)]);
      const [sum, most, x, top] = f(data) as [number, number, Float64Array, Numbers];
      expect([sum, most, [...x], [...top]]).toEqual([
        6442450943,
        4294967295,
        [4294967295, 2147483648],
        [1, 0],
      ]);
    }
  });

  test("neighbours beyond 2^24 are different in f32 tables", () => {
    const data = table({
      a: Int32Array.of(16777216),
      b: Int32Array.of(16777217),
      x: Float32Array.of(16777216),
    });
    const f = compile((e: Two & { x: Tensor }) => [
      e.a.eq(e.b).sum(),
      e.a.lt(e.b).sum(),
      e.b.eq(e.x).sum(),
      e.b.eq(16777217).sum(),
      e.b.gt(16777216.5).sum(),
      e.b.sub(e.a).sum(),
      e.a.add(e.b).sum(),
      where(e.a.eq(e.b), e.x, 0).sum(),
      stack([e.a, e.b, e.x]).sum("events").at(1),
    ]);
    expect(f(data)).toEqual([0, 1, 0, 1, 1, 1, 33554433, 0, 16777217]);
  });

  test("flags and masks leave f32 events in f32", () => {
    const data = table({
      flag: Uint8Array.of(0, 1, 1),
      charge: Int8Array.of(-1, 1, 1),
      n: Int32Array.of(1, 2, 3),
      x: Float32Array.of(0.1, 0.2, 0.3),
    });
    type E = Record<"flag" | "charge" | "n" | "x", Tensor>;
    const f = compile((e: E) => [
      e.x.mul(e.flag),
      e.x.mul(e.charge).exp(),
      where(e.n, e.x, 0),
      where(e.n.ge(2), e.x, 0),
      e.n.eq(e.n),
    ]);
    for (const out of f(data) as Numbers[]) expect(out).toBeInstanceOf(Float32Array);
  });

  test("index as they count, without sign too", () => {
    const data = table({ k: Uint32Array.of(1, 0, 4294967295, 1), n: Int32Array.of(16777217, 1, 1, 1) });
    const f = compile((p: Tensor, index: Tensor, e: { k: Tensor; n: Tensor }) => [
      take(p, e.k),
      segmentSum(e.n, e.k, 2),
      gather(p, index, -7),
    ]);
    const [taken, sums, small] = f([10, 20], Uint32Array.of(1, 4294967295, 0), data) as Numbers[];
    expect([...taken!]).toEqual([20, 10, Number.NaN, 20]);
    expect([...sums!]).toEqual([1, 16777218]);
    expect([...small!]).toEqual([20, -7, 10]);
  });

  test("cut by soft and hard thresholds alike", () => {
    const run = Uint32Array.of(2147483648, 4294967294, 4294967295);
    const event = Int32Array.of(16777216, 16777217, 16777218);
    const c = cut("run == 4294967295 || event == 16777217");
    expect([...c.hard({}, { run, event })]).toEqual([0, 1, 1]);
    const soft = compile((e: { run: Tensor; event: Tensor }) => c.soft({}, e));
    expect([...(soft(table({ run, event })) as Numbers)]).toEqual([0, 1, 1]);
    const { soft: step, init: start } = cut("event > {least = 16777217}", { width: 0.01 });
    const weights = compile((p: { least: Tensor }, e: { event: Tensor }) => step(p, e));
    const given = weights(start() as { least: number }, table({ event })) as Numbers;
    expect(given).toBeInstanceOf(Float32Array);
    expect([...given].map((w) => Math.round(w * 2) / 2)).toEqual([0, 0.5, 1]);
  });

  test("of 64 bits are refused by name, with what no f64 holds", () => {
    const refused = (x: unknown) => () => table({ event: x as never });
    expect(refused(BigInt64Array.of(1n))).toThrow(/'event' of the table is a BigInt64Array.*dtype f64/);
    expect(refused(new BigInt64Array(0))).toThrow(/BigInt64Array/);
    expect(refused(BigUint64Array.of(1n, 2n ** 53n + 1n))).toThrow(/9007199254740993 in row 1/);
    expect(refused([1, 2])).toThrow(/'event' of the table is an array/);
    expect(refused(new DataView(new ArrayBuffer(8)))).toThrow(/no typed array of numbers/);
    const f = compile((p: Tensor) => p.sum());
    expect(() => f(BigInt64Array.of(1n) as never)).toThrow(/BigInt64Array cannot be computed with/);
  });

  test("are told from floats by what they are, in arrays of another realm too", async () => {
    const { runInNewContext } = await import("node:vm");
    const foreign = runInNewContext(
      "[Float64Array.of(0.5, 0.25), Uint32Array.of(4294967295, 1)]",
    ) as Numbers[];
    const f = compile((p: Tensor, q: Tensor, e: Two) => [p.sum(), q.sum(), e.a.sum(), e.b.sum()]);
    const [x, n] = foreign as [Numbers, Numbers];
    expect(f(x, n, table({ a: x, b: n }))).toEqual([0.75, 4294967296, 0.75, 4294967296]);
  });
});

test("nothing is differentiated with respect to them, without sign neither", () => {
  const f = grad((p: Tensor) => p.square().sum()) as (p: Tensor) => Tensor;
  for (const kind of names) {
    const params = kinds[kind][0].of(1, 2);
    expect(() => compile(f)(params as never), kind).toThrow(/integers/);
  }
});

test("params of integers are exact in every kind", () => {
  const f = compile((p: Record<Kind, Tensor>) => names.map((k) => p[k].sum()));
  const params = Object.fromEntries(names.map((k) => [k, kinds[k][0].of(kinds[k][1], kinds[k][2])]));
  const want = names.map((k) => sumOf([big(kinds[k][1]), big(kinds[k][2])]));
  expect(f(params as Record<Kind, Numbers>)).toEqual(want);
});

test("comparisons, sums and extremes of any kinds agree with whole numbers", () => {
  const draw = random(9);
  for (let run = 0; run < runs(12); run++) {
    const [ka, kb] = [names[Math.floor(draw() * names.length)]!, names[Math.floor(draw() * names.length)]!];
    const dtype = draw() < 0.5 ? "f32" : "f64";
    const rows = 1 + Math.floor(draw() * 600);
    const [a, b] = [column(draw, ka, rows), column(draw, kb, rows)];
    const bound = integer(draw, kinds.u32) + (draw() < 0.3 ? 0.5 : 0);
    const f = compile((p: Tensor, e: Two) => ({
      pairs: signs.map((s) => e.a[s](e.b).sum()),
      constants: signs.map((s) => e.a[s](bound).sum()),
      params: signs.map((s) => e.a[s](p).sum()),
      folds: [
        e.a.sum(),
        e.a.max("events"),
        e.a.min("events"),
        e.b.sum(),
        concat([e.a, e.b].map((t) => t.reshape([1]))).sum(),
      ],
      wide: [e.a.sub(e.b).sum(), count(e.a), contract(e.a.reshape([1]), e.b.reshape([1])).sum()],
      mixed: stack([e.a, e.b]).max(-1).sum(),
    }));
    const got = f(bound, table({ a, b }, { dtype }));
    const [x, y] = [Array.from(a), Array.from(b)];
    const what = `${ka} ${kb} ${dtype} ${rows} rows, run ${run}`;
    const counted = (other: (i: number) => number) =>
      signs.map((s) => x.filter((v, i) => sides[s](v, other(i))).length);
    expect(got.pairs, what).toEqual(counted((i) => y[i]!));
    expect(got.constants, what).toEqual(counted(() => bound));
    expect(got.params, what).toEqual(counted(() => bound));
    const [sa, sb] = [sumOf(x.map(big)), sumOf(y.map(big))];
    expect(got.folds, what).toEqual([sa, Math.max(...x), Math.min(...x), sb, sa + sb]);
    const [difference, n, product] = got.wide as unknown as number[];
    expect([difference, n], what).toEqual([sa - sb, rows]);
    const exact = sumOf(x.map((v, i) => big(v) * big(y[i]!)));
    const size = sumOf(x.map((v, i) => big(Math.abs(v)) * big(Math.abs(y[i]!))));
    expect(Math.abs(product! - exact), what).toBeLessThanOrEqual(size * 1e-12);
    expect(got.mixed, what).toBe(sumOf(x.map((v, i) => big(Math.max(v, y[i]!)))));
  }
});
