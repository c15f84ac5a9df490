import { beforeEach, describe, expect, test } from "vitest";
import { alloc, get, type Kernel, put, reset, sweep, uniform, view } from "./wasm.js";

const floats: ("f32" | "f64")[] = ["f32", "f64"];
let random = uniform(1);
beforeEach(() => {
  reset();
  random = uniform(1);
});
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Phi(-a) for a >= 0: the series of erf near 0, Lentz' continued fraction beyond. */
function upperTail(a: number): number {
  const phi = Math.exp((-a * a) / 2) / Math.sqrt(2 * Math.PI);
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let k = 1; k < 100; k++) {
      term *= (a * a) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - phi * sum;
  }
  let fraction = a;
  for (let k = 200; k > 0; k--) fraction = a + k / fraction;
  return phi / fraction;
}
const cdf = (z: number) => (z < 0 ? upperTail(-z) : 1 - upperTail(z));
const difference = (a: number, b: number) =>
  a > 0
    ? upperTail(a) - upperTail(b)
    : b < 0
      ? upperTail(-b) - upperTail(-a)
      : 1 - upperTail(b) - upperTail(-a);

/** D of `kdeSum`: the k-th derivative of Phi, with explicit Hermite polynomials. */
function smooth(order: number, z: number): number {
  const phi = Math.abs(z) > 40 ? 0 : Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const y = phi === 0 ? 0 : z;
  const he = [1, y, y ** 2 - 1, y ** 3 - 3 * y, y ** 4 - 6 * y ** 2 + 3];
  return order === 0 ? cdf(z) : (order % 2 ? 1 : -1) * he[order - 1]! * phi;
}

/** Loads columns (one value per row each) and runs the instructions that `body` makes from their tiles. */
function overTiles(
  dtype: "f32" | "f64",
  rows: number,
  T: number,
  columns: number[][],
  body: (tiles: number[]) => [Kernel, ...number[]][],
): void {
  const tiles = columns.map(() => alloc(T * 8));
  const bases = columns.map((column) => put(dtype, column));
  alloc(T * 8);
  const loads = tiles.map((tile, i): [Kernel, ...number[]] => [`${dtype}_load`, 1, T, tile, bases[i]!]);
  sweep(rows, T, ...loads, ...body(tiles));
}

function sample(rows: number) {
  const x = range(rows).map(() => Math.fround(random() * 3));
  const w = range(rows).map(() => Math.fround(1 + 0.5 * random()));
  return { x, w };
}
const edges = [-2.5, -1.5, -1, -0.25, 0.5, 1.5, 2.75];

describe("kdeSum and kdeMap", () => {
  for (const dtype of floats)
    for (const order of [0, 1, 2, 3, 4, 5])
      for (const [T, rows, h] of [
        [8, 5, 0.3],
        [16, 40, 0.7],
        [128, 300, 0.05],
      ] as const)
        test(`${dtype} order=${order} T=${T} rows=${rows} h=${h}`, () => {
          const m = edges.length;
          const { x, w } = sample(rows);
          const g = range(m).map(() => random());
          const [sum, diff, map, back] = [alloc(m * 8), alloc(m * 8), alloc(T * 8), alloc(rows * 8)] as const;
          const [e, width, weights] = [put("f64", edges), put("f64", [h]), put("f64", g)] as const;
          overTiles(dtype, rows, T, [x, w], ([tx, tw]) => [
            [`${dtype}_kdeSum`, order, m, 0, T, sum, tx!, tw!, e, width, alloc(m * 16)],
            [`${dtype}_kdeSum`, order, m, 1, T, diff, tx!, tw!, e, width, alloc(m * 16)],
            [`${dtype}_kdeMap`, order, m, T, map, tx!, weights, e, width, alloc(m * 8 + 8)],
            [`${dtype}_store`, 1, T, map, back],
          ]);
          const values = x.map((xi) => edges.map((edge) => smooth(order, (edge - xi) / h)));
          const size = order < 3 ? 1 : 3;
          // z itself is known to 6e-8 |z| in f32.
          const tolerance = size * (dtype === "f32" ? 1e-6 : 1e-14);
          const sums = edges.map((_, j) => values.reduce((s, v, i) => s + w[i]! * v[j]!, 0));
          get(sum, m).forEach((s, j) => {
            expect(Math.abs(s - sums[j]!)).toBeLessThan(tolerance * rows);
          });
          get(diff, m - 1).forEach((d, j) => {
            expect(Math.abs(d - (sums[j + 1]! - sums[j]!))).toBeLessThan(tolerance * rows);
          });
          get(back, rows, dtype).forEach((o, i) => {
            const expected = values[i]!.reduce((s, v, j) => s + v * g[j]!, 0);
            expect(Math.abs(o - expected)).toBeLessThan(tolerance * m);
          });
        });

  for (const dtype of floats)
    test(`${dtype}: differences in the tails keep their relative accuracy`, () => {
      for (const [a, b] of [
        [-9, -8],
        [-7, -6.5],
        [6.5, 7],
        [8, 9],
        [-0.5, 0.25],
        [-6, 7],
        [-0.001, 0.001],
      ] as const) {
        const out = alloc(8);
        overTiles(dtype, 1, 8, [[0], [1]], ([x, w]) => [
          [`${dtype}_kdeSum`, 0, 2, 1, 8, out, x!, w!, put("f64", [a, b]), put("f64", [1]), alloc(32)],
        ]);
        const expected = difference(a, b);
        const error = Math.abs(get(out, 1)[0]! - expected);
        if (dtype === "f64") expect(error).toBeLessThan(1e-12 * expected);
        else expect(error).toBeLessThan(Math.min(2e-7, 2e-5 * expected + (a * b < 0 ? 2e-7 : 0)));
      }
    });

  test("f32 Phi has an absolute error below 2e-7", () => {
    const z = range(2000).map((i) => Math.fround(i * 0.013 - 13));
    const out = alloc(z.length * 8);
    const tile = alloc(128 * 4);
    const [g, e, h] = [put("f64", [1]), put("f64", [0]), put("f64", [1])] as const;
    overTiles("f32", z.length, 128, [z], ([x]) => [
      ["f32_kdeMap", 0, 1, 128, tile, x!, g, e, h, alloc(16)],
      ["f32_store", 1, 128, tile, out],
    ]);
    const worst = get(out, z.length, "f32").map((p, i) => Math.abs(p - cdf(-z[i]!)));
    expect(Math.max(...worst)).toBeLessThan(2e-7);
  });

  for (const dtype of floats)
    for (const order of [0, 1, 2, 3, 4])
      test(`${dtype} order=${order}: far and infinite events, NaN padding, NaN events`, () => {
        const x = [-1e30, Number.NEGATIVE_INFINITY, 1e30, Number.POSITIVE_INFINITY, 1e3];
        const run = (column: number[], rows: number) => {
          const out = alloc(16);
          const tile = put(dtype, [...column, ...new Array(8 - column.length).fill(Number.NaN)]);
          const w = put(dtype, [1, 1, 1, 1, 1, Number.NaN, Number.NaN, Number.NaN]);
          const [e, h] = [put("f64", [0, 2]), put("f64", [0.5])] as const;
          sweep(rows, 8, [`${dtype}_kdeSum`, order, 2, 0, 8, out, tile, w, e, h, alloc(32)]);
          return get(out, 2);
        };
        expect(run(x, 5).map((v) => v + 0)).toEqual(order === 0 ? [2, 2] : [0, 0]);
        expect(run([0, Number.NaN], 2)).toEqual([Number.NaN, Number.NaN]);
        expect(run(x, 0).map((v) => v + 0)).toEqual([0, 0]);
      });
});

describe("bandwidth 0", () => {
  for (const dtype of floats)
    for (const [T, rows] of [
      [8, 8],
      [16, 45],
      [128, 1000],
    ] as const)
      test(`${dtype} T=${T} rows=${rows} is a hard histogram`, () => {
        const bounds = [-2, -1, -0.5, 0.1, 0.1, 1, 2];
        const m = bounds.length;
        const { x, w } = sample(rows);
        const special = [-2, 2, 0.1, 1, -1, 2.0000001, Number.NaN, Number.POSITIVE_INFINITY];
        special.forEach((v, i) => {
          x[i] = Math.fround(v);
        });
        const g = range(m).map(() => Math.fround(random()));
        const [sum, diff, slope, map, back] = [
          alloc(m * 8),
          alloc(m * 8),
          alloc(m * 8),
          alloc(T * 8),
          alloc(rows * 8),
        ];
        const [e, h, weights] = [put("f64", bounds), put("f64", [0]), put("f64", g)] as const;
        overTiles(dtype, rows, T, [x, w], ([tx, tw]) => [
          [`${dtype}_kdeSum`, 0, m, 0, T, sum!, tx!, tw!, e, h, alloc(m * 16)],
          [`${dtype}_kdeSum`, 0, m, 1, T, diff!, tx!, tw!, e, h, alloc(m * 16)],
          [`${dtype}_kdeSum`, 1, m, 0, T, slope!, tx!, tw!, e, h, alloc(m * 16)],
          [`${dtype}_kdeMap`, 0, m, T, map!, tx!, weights, e, h, alloc(m * 8 + 8)],
          [`${dtype}_store`, 1, T, map!, back!],
        ]);
        // With f32 events, 0.1 in f32 lies right of 0.1 in f64.
        const left = (v: number, j: number) => v < bounds[j]! || (j === m - 1 && v === bounds[j]!);
        const sums = bounds.map((_, j) => x.reduce((s, v, i) => s + (left(v, j) ? w[i]! : 0), 0));
        get(sum!, m).forEach((s, j) => {
          expect(s).toBeCloseTo(sums[j]!, 9);
        });
        get(diff!, m - 1).forEach((d, j) => {
          expect(d).toBeCloseTo(sums[j + 1]! - sums[j]!, 9);
        });
        expect(get(diff!, m - 1)[3]).toBe(0);
        expect(get(slope!, m)).toEqual(new Array(m).fill(0));
        get(back!, rows, dtype).forEach((o, i) => {
          const expected = g.reduce((s, v, j) => s + (left(x[i]!, j) ? v : 0), 0);
          expect(o).toBeCloseTo(expected, 6);
        });
      });

  test("edges that do not ascend give NaN", () => {
    const out = alloc(16);
    overTiles("f64", 1, 8, [[0.5], [1]], ([x, w]) => [
      ["f64_kdeSum", 0, 3, 1, 8, out, x!, w!, put("f64", [0, 2, 1]), put("f64", [0]), alloc(48)],
    ]);
    expect(get(out, 2)).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("logCutProduct", () => {
  const logSigmoid = (z: number) => Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));
  const logCdf = (z: number) => (z > 0 ? Math.log1p(-upperTail(z)) : Math.log(upperTail(-z)));
  for (const dtype of floats)
    for (const [kind, log] of [
      [0, logSigmoid],
      [1, logCdf],
    ] as const)
      for (const k of [1, 3, 150])
        test(`${dtype} kind=${kind} k=${k}`, () => {
          const T = 16;
          const spread = k === 3 ? 12 : 4;
          const z = range(k * T).map((i) => Math.fround(k === 1 ? 10 + 0.25 * (i % 8) : random() * spread));
          const tile = put(dtype, z);
          const out = alloc(T * 8);
          sweep(T, T, [`${dtype}_logCutProduct`, k, T, out, tile, kind]);
          get(out, T, dtype).forEach((o, e) => {
            const expected = range(k).reduce((s, j) => s + log(z[j * T + e]!), 0);
            expect(Math.abs(o / expected - 1)).toBeLessThan(dtype === "f32" ? 3e-6 : 1e-13);
          });
          view(dtype, tile, k * T).set(
            [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
            (k - 1) * T,
          );
          sweep(T, T, [`${dtype}_logCutProduct`, k, T, tile, tile, kind]);
          const [a, b, c] = get(tile, 3, dtype);
          expect([a, b]).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
          if (k === 1) expect(c! + 0).toBe(0);
        });
});
