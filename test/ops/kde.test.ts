import { beforeEach, describe, expect, test } from "vitest";
import { alloc, assemble, get, type Kernel, put, reset, sweep, uniform, view, wasm } from "../kit/wasm.js";

const floats: ("f32" | "f64")[] = ["f32", "f64"];
let random = uniform(1);
beforeEach(() => {
  reset();
  random = uniform(1);
});
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Phi(-a) for a >= 0: the series of erf near 0, Lentz' continued fraction beyond. */
function upperTail(a: number): number {
  if (a > 40) return 0;
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
/** Φ(b) - Φ(a), for infinite arguments too. */
const difference = (a: number, b: number) =>
  a > 0
    ? upperTail(a) - upperTail(b)
    : b < 0
      ? upperTail(-b) - upperTail(-a)
      : 1 - upperTail(b) - upperTail(-a);

/** D of `kdeSum`: the k-th derivative of Φ, with explicit Hermite polynomials. */
function smooth(order: number, z: number): number {
  const phi = Math.abs(z) > 40 ? 0 : Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const y = phi === 0 ? 0 : z;
  const five = [y ** 5 - 10 * y ** 3 + 15 * y, y ** 6 - 15 * y ** 4 + 45 * y ** 2 - 15];
  const he = [1, y, y ** 2 - 1, y ** 3 - 3 * y, y ** 4 - 6 * y ** 2 + 3, ...five];
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
const flow = [Number.NEGATIVE_INFINITY, ...edges, Number.POSITIVE_INFINITY];

/** Bytes of scratch that the ops reserve. */
const room = (m: number, rows = 1) => 1024 + 24 * (m + 6) + (514 + 8 * m) * (4 + 128 * rows);
type Method = "one by one" | "own bandwidth" | "any order" | "cells";

describe("kdeSum and kdeMap", () => {
  for (const dtype of floats)
    for (const order of [0, 1, 2, 3, 4, 5])
      for (const [method, T, rows, h] of [
        ["one by one", 8, 5, 0.3],
        ["one by one", 16, 40, 0.7],
        ["one by one", 128, 300, 0.005],
        ["own bandwidth", 16, 40, 0.4],
        ["any order", 16, 41, 0.4],
        ["cells", 256, 701, 0.2],
        ["cells", 256, 513, 9],
      ] as [Method, number, number, number][])
        test(`${dtype} order=${order} T=${T} rows=${rows} h=${h} ${method}`, () => {
          const e = method === "any order" ? [...edges].reverse() : flow;
          const m = e.length;
          const { x, w } = sample(rows);
          const own = method === "own bandwidth";
          const hs = x.map((_, i) => (own ? Math.fround(h * (1 + (i % 3))) : h));
          const g = range(order ? m : m - 1).map(() => random());
          const size = order ? m : m - 1;
          const count = 3;
          const [sum, map, back] = [alloc(m * 8), alloc(T * 8 * count), alloc((rows + T) * 8 * count)];
          const [at, width, factors] = [put("f64", e), put("f64", [h]), put("f64", g)] as const;
          overTiles(dtype, rows, T, [x, w, hs], ([tx, tw, th]) => [
            [
              `${dtype}_kdeSum`,
              order,
              m,
              T,
              sum,
              tx!,
              tw!,
              at,
              own ? th! : width,
              own ? 1 : 0,
              1,
              alloc(room(m)),
            ],
            [
              `${dtype}_kdeMap`,
              ...[
                order,
                count,
                m,
                T,
                map,
                tx!,
                factors,
                at,
                own ? th! : width,
                own ? 1 : 0,
                1,
                alloc(room(m, count)),
              ],
            ],
            [`${dtype}_store`, count, T, map, back],
          ]);
          const values = (k: number, i: number) =>
            k
              ? e.map((edge) => smooth(k, (edge - x[i]!) / hs[i]!))
              : e.slice(1).map((edge, j) => difference((e[j]! - x[i]!) / hs[i]!, (edge - x[i]!) / hs[i]!));
          // z itself is known to 6e-8 |z| in f32.
          const close = (k: number) => [1, 1, 1, 2, 6, 24, 120, 720][k]! * (dtype === "f32" ? 1e-6 : 1e-14);
          const all = x.map((_, i) => values(order, i));
          // One assertion for all numbers: each costs more than what it checks.
          let worst = 0;
          get(sum, size).forEach((s, j) => {
            const want = all.reduce((t, v, i) => t + w[i]! * v[j]!, 0);
            worst = Math.max(worst, Math.abs(s - want) / (close(order) * rows));
          });
          const slopes = order ? g : e.map((_, j) => (g[j - 1] ?? 0) - (g[j] ?? 0));
          get(back, rows * count, dtype).forEach((o, at) => {
            const [i, r] = [Math.floor(at / count), at % count];
            const [v, factor] = [values(order + r, i), order + r ? slopes : g];
            const expected = v.reduce((t, d, j) => t + d * factor[j]!, 0);
            worst = Math.max(worst, Math.abs(o - expected) / (close(order + r) * m));
          });
          expect(worst).toBeLessThan(1);
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
        [20, Number.POSITIVE_INFINITY],
        [Number.NEGATIVE_INFINITY, -30],
      ] as const) {
        const out = alloc(8);
        overTiles(dtype, 1, 8, [[0], [1]], ([x, w]) => [
          [
            `${dtype}_kdeSum`,
            0,
            2,
            8,
            out,
            x!,
            w!,
            put("f64", [a, b]),
            put("f64", [1]),
            0,
            1,
            alloc(room(2)),
          ],
        ]);
        const expected = difference(a, b);
        const error = Math.abs(get(out, 1)[0]! - expected);
        if (dtype === "f64") expect(error).toBeLessThan(1e-12 * expected);
        else expect(error).toBeLessThan(Math.min(2e-7, 2e-5 * expected + (a * b < 0 ? 2e-7 : 1e-30)));
      }
    });

  test("cells reach into the tails, to 1e-6 at 9 and 3 % at 35 bandwidths", () => {
    const rows = 2048;
    const x = range(rows).map((i) => 0.25 * Math.sin(i));
    for (const [edge, tolerance] of [
      [5, 1e-10],
      [9, 1e-6],
      [20, 3e-3],
      [35, 3e-2],
    ] as const) {
      const e = [0, edge, Number.POSITIVE_INFINITY];
      const out = alloc(16);
      overTiles("f64", rows, 256, [x, x.map(() => 1)], ([tx, w]) => [
        ["f64_kdeSum", 0, 3, 256, out, tx!, w!, put("f64", e), put("f64", [1]), 0, 1, alloc(room(3))],
      ]);
      const want = x.reduce((s, v) => s + upperTail(edge - v), 0);
      expect(Math.abs(get(out, 2)[1]! / want - 1)).toBeLessThan(tolerance);
    }
  });

  for (const dtype of floats)
    for (const order of [0, 1, 2, 3, 4])
      for (const T of [8, 256])
        test(`${dtype} order=${order} T=${T}: far and infinite events, NaN padding, NaN events`, () => {
          const run = (column: number[], weights: number[], rows: number) => {
            const out = alloc(32);
            const fill = (v: number[]) =>
              put(
                dtype,
                range(T).map((i) => v[i] ?? Number.NaN),
              );
            const [e, h] = [
              put("f64", [Number.NEGATIVE_INFINITY, 0, 2, Number.POSITIVE_INFINITY]),
              put("f64", [0.5]),
            ];
            const [x, w] = [fill(column), fill(weights)] as const;
            // Three tiles of the same events make enough of them for cells.
            const { start, end } = assemble([
              `${dtype}_kdeSum`,
              ...[order, 4, T, out, x, w, e!, h!, 0, 1, alloc(room(4))],
            ]);
            wasm.sweep(start, end, T === 8 ? 1 : 3, rows, T);
            return get(out, order ? 4 : 3).map((v) => v + 0);
          };
          const ones = range(T).map(() => 1);
          const far = [-1e30, Number.NEGATIVE_INFINITY, 1e30, Number.POSITIVE_INFINITY, 1e3];
          const column = range(T).map((i) => far[i % 5]!);
          const tiles = T === 8 ? 0 : 2;
          const left = (n: number) => range(n).filter((i) => i % 5 < 2).length;
          const [below, above] = [tiles * left(T) + left(5), tiles * (T - left(T)) + 3];
          expect(run(column, ones, 5)).toEqual(order === 0 ? [below, 0, above] : [0, 0, 0, 0]);
          const nothing = new Array(order ? 4 : 3).fill(Number.NaN);
          expect(run([0, Number.NaN, ...column.slice(2)], ones, 2)).toEqual(nothing);
          expect(run(column, [1, Number.NaN, ...ones.slice(2)], 2)).toEqual(nothing);
          if (T === 8) expect(run(column, ones, 0)).toEqual(nothing.map(() => 0));
        });

  for (const h of [-1, Number.NaN])
    test(`a bandwidth of ${h} gives NaN`, () => {
      const out = alloc(8);
      const back = alloc(64);
      overTiles(
        "f64",
        3,
        8,
        [
          [0, 1, 2],
          [1, 1, 1],
          [1, h, 1],
        ],
        ([x, w, own]) => [
          ["f64_kdeSum", 0, 2, 8, out, x!, w!, put("f64", [0, 3]), put("f64", [h]), 0, 1, alloc(room(2))],
          [
            "f64_kdeMap",
            0,
            1,
            2,
            8,
            back,
            x!,
            put("f64", [1]),
            put("f64", [0, 3]),
            own!,
            1,
            1,
            alloc(room(2)),
          ],
        ],
      );
      expect(get(out, 1)).toEqual([Number.NaN]);
      expect(get(back, 3).map(Number.isNaN)).toEqual([false, true, false]);
    });
});

describe("bandwidth 0", () => {
  for (const dtype of floats)
    for (const closed of [true, false])
      for (const [T, rows] of [
        [8, 8],
        [16, 45],
        [128, 1000],
      ] as const)
        test(`${dtype} closed=${closed} T=${T} rows=${rows} is a hard histogram`, () => {
          const inner = [-2, -1, -0.5, 0.1, 0.1, 1, 2];
          const bounds = [Number.NEGATIVE_INFINITY, ...inner, Number.POSITIVE_INFINITY];
          const m = bounds.length;
          const { x, w } = sample(rows);
          const special = [-2, 2, 0.1, 1, -1, 2.0000001, Number.NaN, Number.POSITIVE_INFINITY];
          special.forEach((v, i) => {
            x[i] = Math.fround(v);
          });
          const g = range(m - 1).map(() => Math.fround(random()));
          const [bins, slope, map, back] = [alloc(m * 8), alloc(m * 8), alloc(T * 24), alloc(rows * 24)];
          const [e, h, weights, own] = [put("f64", bounds), put("f64", [0]), put("f64", g), alloc(T * 8)];
          view("f64", own!, T).fill(0);
          overTiles(dtype, rows, T, [x, w], ([tx, tw]) => [
            [`${dtype}_kdeSum`, 0, m, T, bins!, tx!, tw!, e!, h!, 0, closed ? 1 : 0, alloc(room(m))],
            [`${dtype}_kdeSum`, 1, m, T, slope!, tx!, tw!, e!, h!, 0, closed ? 1 : 0, alloc(room(m))],
            [
              `${dtype}_kdeMap`,
              0,
              3,
              m,
              T,
              map!,
              tx!,
              weights!,
              e!,
              h!,
              0,
              closed ? 1 : 0,
              alloc(room(m, 3)),
            ],
            [`${dtype}_store`, 3, T, map!, back!],
          ]);
          // With f32 events, 0.1 in f32 lies right of 0.1 in f64.
          const binOf = (v: number) =>
            closed && v === 2
              ? 6
              : bounds.findIndex(
                  (a, j) => v >= a && (v < bounds[j + 1]! || (j === m - 2 && !Number.isNaN(v))),
                );
          const want = new Array(m - 1).fill(0);
          x.forEach((v, i) => {
            if (binOf(v) >= 0) want[binOf(v)] += w[i]!;
          });
          get(bins!, m - 1).forEach((s, j) => {
            expect(s).toBeCloseTo(want[j], 9);
          });
          expect(get(bins!, m - 1)[4]).toBe(0);
          expect(get(slope!, m)).toEqual(new Array(m).fill(0));
          get(back!, rows * 3, dtype).forEach((o, at) => {
            const v = x[Math.floor(at / 3)]!;
            expect(o).toBe(at % 3 ? 0 : (g[binOf(v)] ?? 0));
          });
        });

  test("edges that do not ascend give NaN", () => {
    const out = alloc(16);
    overTiles("f64", 1, 8, [[0.5], [1]], ([x, w]) => [
      ["f64_kdeSum", 0, 3, 8, out, x!, w!, put("f64", [0, 2, 1]), put("f64", [0]), 0, 1, alloc(room(3))],
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
