import { beforeEach, describe, expect, test } from "vitest";
import { merges, stateRows } from "../../src/core/agreed.js";
import {
  alloc,
  type Dtype,
  expectClose,
  get,
  put,
  range,
  reset,
  run,
  sweep,
  uniform,
  view,
  wasm,
} from "../kit/wasm.js";

const floats: ("f32" | "f64")[] = ["f32", "f64"];
const sizes = { f32: 4, f64: 8, i32: 4 };
let random = uniform(1);
beforeEach(() => {
  reset();
  random = uniform(1);
});

const numbers = (n: number) => Array.from({ length: n }, () => random() * 8);
const near = (dtype: Dtype) => (dtype === "f32" ? 1e-6 : 1e-14);

/** Rows of k numbers in staging, and a loaded tile for them; the staging area behind the rows is NaN. */
function staged(dtype: Dtype, k: number, T: number, rows: number) {
  const values = dtype === "i32" ? range(rows * k).map((i) => i * 7 - 5) : numbers(rows * k).map(Math.fround);
  const base = put(dtype, values);
  alloc(T * k * 8);
  const tile = alloc(k * T * sizes[dtype]);
  return { values, base, tile, load: [`${dtype}_load`, k, T, tile, base] as const };
}

/** Overwrites the padding of a tile with NaN. */
const poison = (dtype: Dtype, tile: number, k: number, T: number, rows: number) => {
  for (let j = 0; j < k; j++) view(dtype, tile, k * T).fill(Number.NaN, j * T + rows, (j + 1) * T);
};

describe("load and store", () => {
  for (const dtype of [...floats, "i32"] as const)
    for (const k of [1, 2, 3, 4, 5, 9])
      for (const [T, rows] of [
        [8, 8],
        [8, 3],
        [16, 37],
        [128, 129],
        [8, 16],
      ] as const)
        test(`${dtype} k=${k} T=${T} rows=${rows}`, () => {
          const { values, base, tile, load } = staged(dtype, k, T, rows);
          const back = alloc((rows * k + 1) * sizes[dtype]);
          sweep(rows, T, [...load], [`${dtype}_store`, k, T, tile, back]);
          expect(get(back, rows * k, dtype)).toEqual(values);
          const guard = view(dtype, back, rows * k + 1)[rows * k]!;
          expect(dtype === "i32" ? guard : Number.isNaN(guard)).toBe(dtype === "i32" ? -1 : true);
          const last = (rows - 1) % T;
          for (let j = 0; j < k; j++)
            for (let e = 0; e < T; e++) {
              const row = Math.floor((rows - 1) / T) * T + Math.min(e, last);
              expect(view(dtype, tile, k * T)[j * T + e]).toBe(values[row * k + j]);
            }
          expect(base).toBeGreaterThan(0);
        });
});

test("spread, casts and row index", () => {
  const small = put("f64", [1.5, -2.25, 1e10]);
  const a = alloc(3 * 8 * 4);
  const b = alloc(3 * 8 * 8);
  const c = alloc(2 * 8 * 4);
  run(
    ["f32_spread", 3, 8, a, small],
    ["f64_spread", 3, 8, b, small],
    ["i32_spread", 2, 8, c, put("i32", [7, -9])],
  );
  expect(get(a, 24, "f32")).toEqual(range(24).map((i) => [1.5, -2.25, 1e10][i >> 3]));
  expect(get(b, 24)).toEqual(range(24).map((i) => [1.5, -2.25, 1e10][i >> 3]));
  expect(get(c, 16, "i32")).toEqual(range(16).map((i) => [7, -9][i >> 3]));

  const values = [0, -1.75, 2.5, 1e10, Number.NaN, -3e9, 1 / 3];
  for (const n of range(8)) {
    const x = values.slice(0, n);
    const single = put("f32", x);
    const double = put("f64", x);
    const integer = put("i32", [1, -2, 3, 2 ** 30 + 1, 5, 6, 7].slice(0, n));
    const out = range(6).map(() => alloc(64));
    const [o0, o1, o2, o3, o4, o5] = out as [number, number, number, number, number, number];
    run(
      ["f64_fromF32", n, o0, single],
      ["f32_fromF64", n, o1, double],
      ["f32_fromI32", n, o2, integer],
      ["f64_fromI32", n, o3, integer],
      ["i32_fromF64", n, o4, double],
      ["i32_fromF32", n, o5, single],
    );
    const rounded = x.map(Math.fround);
    const truncated = [0, -1, 2, 2 ** 31 - 1, 0, -(2 ** 31), 0].slice(0, n);
    expect(get(o0, n)).toEqual(rounded);
    expect(get(o1, n, "f32")).toEqual(rounded);
    expect(get(o2, n, "f32")).toEqual(get(integer, n, "i32").map(Math.fround));
    expect(get(o3, n)).toEqual(get(integer, n, "i32"));
    expect(get(o4, n, "i32")).toEqual(truncated);
    expect(get(o5, n, "i32")).toEqual(truncated);
    // Nothing is written behind the padding to whole vectors.
    for (const [o, size] of [
      [o0, 8],
      [o3, 8],
      [o4, 4],
    ] as const) {
      const end = (n * size + 15) & ~15;
      expect(view("i32", o + end, 1)[0]).toBe(-1);
    }
  }
  const index = alloc(64);
  const all = alloc(200);
  sweep(43, 16, ["any_rowIndex", 16, index, put("i32", [100])], ["i32_store", 1, 16, index, all]);
  expect(get(all, 43, "i32")).toEqual(range(43).map((i) => 100 + i));
});

describe("select, accumulate, place", () => {
  for (const dtype of floats)
    for (const T of [1, 8, 16])
      test(`${dtype} T=${T}`, () => {
        const n = 7;
        const m = 5;
        const table = [3, -1, 0, 3, 3, 6, 1];
        const x = numbers(n * T).map(Math.fround);
        const a = put(dtype, x);
        const at = put("i32", table);
        const [picked, sum, top, joined] = range(4).map(() => alloc(9 * T * 8)) as [
          number,
          number,
          number,
          number,
        ];
        const scatter = put(
          "i32",
          table.map((i) => (i === 6 ? 4 : i)),
        );
        run(
          [`${dtype}_select`, n, T, picked, a, at],
          [`${dtype}_accumulate`, n, m, T, sum, a, scatter],
          [`${dtype}_accumulateMax`, n, m, T, top, a, scatter],
          [`${dtype}_place`, 2, T, joined, a, 7],
          [`${dtype}_place`, n, T, joined, a, 0],
        );
        const row = (i: number) => x.slice(i * T, (i + 1) * T);
        expect(get(picked, n * T, dtype)).toEqual(
          table.flatMap((i) => (i < 0 ? new Array(T).fill(0) : row(i))),
        );
        const targets = get(scatter, n, "i32");
        const sums = range(m * T).map((e) => {
          const j = Math.floor(e / T);
          let s = 0;
          targets.forEach((t, i) => {
            if (t === j) s = dtype === "f32" ? Math.fround(s + x[i * T + (e % T)]!) : s + x[i * T + (e % T)]!;
          });
          return s;
        });
        expect(get(sum, m * T, dtype)).toEqual(sums);
        const tops = range(m * T).map((e) =>
          Math.max(...targets.flatMap((t, i) => (t === Math.floor(e / T) ? [x[i * T + (e % T)]!] : []))),
        );
        expect(get(top, m * T, dtype)).toEqual(tops);
        expect(get(joined, 9 * T, dtype)).toEqual([...x, ...x.slice(0, 2 * T)]);
      });

  test("i32 and NaN", () => {
    const out = alloc(64);
    run(["i32_select", 3, 1, out, put("i32", [5, 6, 7]), put("i32", [2, -1, 0])]);
    expect(get(out, 3, "i32")).toEqual([7, 0, 5]);
    run(["i32_place", 2, 1, out, put("i32", [8, 9]), 1]);
    expect(get(out, 3, "i32")).toEqual([7, 8, 9]);
    run(["f64_accumulateMax", 2, 2, 1, out, put("f64", [Number.NaN, 1]), put("i32", [0, 0])]);
    expect(get(out, 2)).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
  });
});

describe("folds", () => {
  for (const dtype of floats)
    for (const [k, T, rows] of [
      [1, 8, 1],
      [3, 8, 5],
      [2, 16, 47],
      [5, 128, 128],
      [2, 128, 1100],
      [3, 32, 0],
    ] as const)
      test(`${dtype} k=${k} T=${T} rows=${rows}`, () => {
        const { values, tile, load } = staged(dtype, k, T, rows);
        // An all -inf feature start: the online logsumexp must survive it.
        for (let i = 0; i < Math.min(rows, T); i++) if (k > 1) values[i * k + 1] = Number.NEGATIVE_INFINITY;
        view(dtype, load[4], values.length).set(values);
        const [sum, top, lse, end] = range(4).map(() => alloc(k * 16)) as [number, number, number, number];
        const scratch = () => alloc(k * 16);
        const folds = [
          [`${dtype}_foldSum`, k, T, sum, tile, scratch()],
          [`${dtype}_foldMax`, k, T, top, tile, scratch()],
          [`${dtype}_foldLogsumexp`, k, T, lse, tile, scratch()],
          ["f64_logsumexpFinish", k, end, lse],
        ] as [
          Parameters<typeof run>[0],
          Parameters<typeof run>[0],
          Parameters<typeof run>[0],
          Parameters<typeof run>[0],
        ];
        if (rows <= T) {
          sweep(rows, T, [...load]);
          poison(dtype, tile, k, T, rows);
          sweep(rows, T, ...folds);
        } else sweep(rows, T, [...load], ...folds);
        const column = (j: number) => range(rows).map((i) => values[i * k + j]!);
        const total = (x: number[]) => x.reduce((s, v) => s + v, 0);
        const log = (x: number[]) => Math.log(total(x.map(Math.exp)));
        const expected = range(k).map(column);
        expectClose(get(sum, k), expected.map(total), near(dtype) * 100);
        expect(get(top, k)).toEqual(expected.map((x) => Math.max(...x)));
        expectClose(get(end, k), expected.map(log), near(dtype) * 4);
        expect(get(lse, k)).toEqual(get(top, k));
      });

  test("infinities and NaN", () => {
    const x = [
      Number.POSITIVE_INFINITY,
      1,
      Number.NaN,
      2,
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ];
    const tile = put(
      "f64",
      x.flatMap((v, i) => (i % 2 ? [...new Array(7).fill(v)] : [v])),
    );
    const [top, lse, end] = [alloc(64), alloc(64), alloc(64)] as [number, number, number];
    sweep(8, 8, ["f64_foldMax", 3, 8, top, tile, 0], ["f64_foldLogsumexp", 3, 8, lse, tile, 0]);
    run(["f64_logsumexpFinish", 3, end, lse]);
    const answer = [Number.POSITIVE_INFINITY, Number.NaN, Number.NEGATIVE_INFINITY];
    expect(get(top, 3)).toEqual(answer);
    expect(get(end, 3)).toEqual(answer);
    expect(get(lse, 6)[5]).toBe(0);
  });

  test("merge", () => {
    const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
    const a = put("f64", [1, 5, low, low, high]);
    const b = put("f64", [2, 3, 4, low, 1]);
    wasm.merge(1, 5, a, b);
    expect(get(a, 5)).toEqual([2, 5, 4, low, high]);
    wasm.merge(0, 5, b, b);
    expect(get(b, 5)).toEqual([4, 6, 8, low, 2]);
    const c = put("f64", [0, low, low, high, 1, 0, 0, 1]);
    const d = put("f64", [1, 2, low, 3, 2, 5, 0, 7]);
    wasm.merge(2, 4, c, d);
    const out = alloc(64);
    run(["f64_logsumexpFinish", 4, out, c]);
    expectClose(get(out, 4), [Math.log(1 + 2 * Math.E), 2 + Math.log(5), low, high], 1e-15);
  });

  test.each(Object.entries(merges))("leaves a state as it is with that of nothing: %s", (name, kind) => {
    const state = [1.5, -2, 0, 3, 0.25, 7].slice(0, 3 * stateRows[name as keyof typeof merges]);
    const [first, second] = [put("f64", state), put("f64", state)];
    const nothing = put("f64", [...state, 42]);
    wasm.empty(kind, 3, nothing);
    expect(get(nothing, state.length + 1)[state.length]).toBe(42);
    wasm.merge(kind, 3, first, nothing);
    wasm.merge(kind, 3, nothing, second);
    expect(get(first, state.length)).toEqual(state);
    expect(get(nothing, state.length)).toEqual(state);
  });
});

describe("gather and segments", () => {
  for (const dtype of floats)
    for (const [k, T, rows] of [
      [1, 8, 5],
      [3, 16, 40],
      [2, 128, 128],
    ] as const)
      test(`${dtype} k=${k} T=${T} rows=${rows}`, () => {
        const m = 4;
        const table = numbers(m * k).map(Math.fround);
        const idx = range(rows).map((i) => ((i * i + 3) % 6) - (i % 7 === 6 ? 9 : 0));
        const at = alloc(T * 4);
        const tile = alloc(k * T * 8);
        const back = alloc(rows * k * 8);
        const sums = alloc(m * k * 8);
        sweep(
          rows,
          T,
          ["i32_load", 1, T, at, put("i32", idx)],
          [`${dtype}_take`, k, m, T, tile, put("f64", table), at],
          [`${dtype}_store`, k, T, tile, back],
        );
        expect(get(back, rows * k, dtype)).toEqual(
          idx.flatMap((i) =>
            i >= 0 && i < m ? table.slice(i * k, i * k + k) : new Array(k).fill(Number.NaN),
          ),
        );
        const { values, tile: a, load } = staged(dtype, k, T, rows);
        const base = put("i32", idx);
        sweep(
          rows,
          T,
          ["i32_load", 1, T, at, base],
          [...load],
          [`${dtype}_segmentSum`, k, m, T, sums, a, at],
        );
        const expected = new Array(m * k).fill(0);
        idx.forEach((i, e) => {
          for (let j = 0; j < k; j++) if (i >= 0 && i < m) expected[i * k + j] += values[e * k + j]!;
        });
        expect(get(sums, m * k)).toEqual(expected);
      });

  test("small", () => {
    const idx = put("i32", [2, 0, -1, 3, 2]);
    const [a, b] = [alloc(80), alloc(48)] as [number, number];
    run(
      ["f64_gather", 2, 5, 3, a, put("f64", [1, 2, 3, 4, 5, 6]), idx, 7],
      ["f64_scatter", 2, 5, 3, b, put("f64", [1, 2, 4, 8, 16, 1, 1, 1, 1, 1]), idx],
    );
    expect(get(a, 10)).toEqual([3, 1, 7, 7, 3, 6, 4, 7, 7, 6]);
    expect(get(b, 6)).toEqual([2, 0, 17, 1, 0, 2]);
  });
});
