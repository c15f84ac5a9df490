import { beforeAll, describe, expect, it } from "vitest";
import { all, any, argsort, cumsum, interp, searchsorted, sort, topK } from "../../src/entry/ops.js";
import {
  compile,
  type EventTensor,
  grad,
  init,
  nested,
  type Scalar,
  table,
  type Vector,
} from "../../src/index.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

type Jets = { pt: EventTensor; eta: EventTensor };
type E = { x: EventTensor; jets: Jets };
const none = Number.NaN;
const dtypes = ["f32", "f64"] as const;

/** Events with so many children each: numbers with ties, and others beside them. */
function jets(counts: readonly number[], dtype: "f32" | "f64" = "f64") {
  const offsets = Int32Array.from({ length: counts.length + 1 }, (_, i) =>
    counts.slice(0, i).reduce((n, k) => n + k, 0),
  );
  const draw = random(5);
  const pt = Float64Array.from({ length: offsets.at(-1)! }, () => Math.floor(draw() * 40));
  const eta = pt.map((_, i) => i);
  const x = Float64Array.from(counts, (_, i) => i * 10);
  const rows = counts.map((_, i) => Array.from(pt.subarray(offsets[i]!, offsets[i + 1]!)));
  return { rows, offsets, events: table({ x, jets: nested(offsets, { pt, eta }) }, { dtype }) };
}

/** One event after the other, as plain lists. */
const perEvent = (values: ArrayLike<number>, offsets: Int32Array) =>
  Array.from({ length: offsets.length - 1 }, (_, i) =>
    Array.from(values).slice(offsets[i]!, offsets[i + 1]!),
  );

const counts = [0, 1, 2, 15, 16, 17, 33, 0, 200, 3, 1000];

describe("children in order", () => {
  it.each(dtypes)("are sorted within their parent, equal ones as they stood (%s)", (dtype) => {
    const { rows, offsets, events } = jets(counts, dtype);
    const f = compile((e: E) => ({
      up: sort(e.jets.pt, "parent"),
      down: sort(e.jets.pt, { over: "parent", descending: true }),
      by: sort(e.jets.eta, { over: "parent", by: e.jets.pt, descending: true }),
      places: argsort(e.jets.pt, "parent"),
    }));
    const { up, down, by, places } = f(events);
    const order = (sign: number) =>
      rows.map((row) => row.map((_, i) => i).sort((i, j) => sign * (row[i]! - row[j]!)));
    expect(perEvent(places, offsets)).toEqual(order(1));
    expect(perEvent(up, offsets)).toEqual(rows.map((row) => row.toSorted((a, b) => a - b)));
    expect(perEvent(down, offsets)).toEqual(rows.map((row) => row.toSorted((a, b) => b - a)));
    expect(perEvent(by, offsets)).toEqual(order(-1).map((own, i) => own.map((j) => offsets[i]! + j)));
  });

  it("the k largest, and what belongs to them", () => {
    const { rows, offsets, events } = jets(counts);
    const f = compile((e: E) => ({
      pt: topK(e.jets.pt, 3, "parent"),
      eta: topK(e.jets.eta, 3, "parent", { by: e.jets.pt, missing: -1 }),
    }));
    const { pt, eta } = f(events);
    rows.forEach((row, i) => {
      const order = row.map((_, j) => j).sort((a, b) => row[b]! - row[a]!);
      const three = [0, 1, 2].map((k) => order[k]);
      expect([...pt.subarray(3 * i, 3 * i + 3)]).toEqual(three.map((j) => (j === undefined ? none : row[j])));
      expect([...eta.subarray(3 * i, 3 * i + 3)]).toEqual(
        three.map((j) => (j === undefined ? -1 : offsets[i]! + j)),
      );
    });
  });

  it("no number is last in both directions", () => {
    const pt = Float64Array.of(none, 2, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, none, 1);
    const events = table({ jets: nested([0, 8], { pt }) }, { dtype: "f64" });
    const f = compile((e: { jets: { pt: EventTensor } }) => [
      argsort(e.jets.pt, "parent"),
      argsort(e.jets.pt, "parent", { descending: true }),
    ]);
    const [up, down] = f(events);
    expect([...up!]).toEqual([5, 2, 3, 7, 1, 4, 0, 6]);
    expect([...down!]).toEqual([4, 1, 7, 2, 3, 5, 0, 6]);
  });

  it("have derivatives by their values", () => {
    const { rows, events } = jets([3, 0, 5]);
    const g = compile(
      grad((p: Scalar, e: E) => {
        // Each value counts as often as its rank says.
        return cumsum(e.jets.eta.mul(0).add(1), "parent")
          .mul(sort(e.jets.pt.mul(p), "parent"))
          .sum();
      }),
    );
    const want = rows.flatMap((row) => row.toSorted((a, b) => a - b).map((v, i) => v * (i + 1)));
    expect(g(1, events)).toBeCloseTo(
      want.reduce((a, b) => a + b, 0),
      10,
    );
  });

  it("100,000 children of one event in a second", () => {
    const { rows, events } = jets([2, 100_000, 0], "f32");
    const f = compile((e: E) => sort(e.jets.pt, "parent"));
    const start = performance.now();
    const got = f(events);
    expect(performance.now() - start).toBeLessThan(1000);
    expect([...got.subarray(2)]).toEqual(rows[1]!.toSorted((a, b) => a - b));
  });
});

describe("sums, products and searches within a parent", () => {
  it("cumulative sums from both ends", () => {
    const events = table(
      { jets: nested([0, 3, 3, 4], { pt: Float64Array.of(1, 2, 4, 8) }) },
      { dtype: "f64" },
    );
    const f = compile(({ jets: { pt } }: { jets: { pt: EventTensor } }) => [
      cumsum(pt, "parent"),
      cumsum(pt, "parent", { exclusive: true }),
      cumsum(pt, "parent", { reverse: true }),
    ]);
    expect(f(events).map((x) => [...x])).toEqual([
      [1, 3, 7, 8],
      [0, 1, 3, 0],
      [7, 6, 4, 8],
    ]);
  });

  it.each(dtypes)("any and all with weights of exactly 0 and 1, and their slopes (%s)", (dtype) => {
    const w = Float64Array.of(0, 1, 0.5, 1, 1, 0.25, 1e-12, 1e-12, 0, 0.5);
    const offsets = [0, 3, 3, 5, 6, 8, 10];
    const events = table({ jets: nested(offsets, { w }) }, { dtype });
    type W = { jets: { w: EventTensor } };
    const values = compile((e: W) => ({ any: any(e.jets.w, "parent"), all: all(e.jets.w, "parent") }))(
      events,
    );
    const close = (got: ArrayLike<number>, want: readonly number[]) =>
      want.forEach((v, i) => {
        expect(Math.abs(got[i]! - v)).toBeLessThanOrEqual((dtype === "f32" ? 1e-6 : 1e-12) * Math.abs(v));
      });
    close(values.any, [1, 0, 1, 0.25, 2e-12 - 1e-24, 0.5]);
    close(values.all, [0, 1, 1, 0.25, 1e-24, 0]);
    // Slope along a shift of all weights: the sum over children of the products of the others.
    const slopes = compile((e: W) => ({
      any: grad((p: Scalar) => any(e.jets.w.add(p), "parent").sum())(e.jets.w.sum().mul(0)),
      all: grad((p: Scalar) => all(e.jets.w.add(p), "parent").sum())(e.jets.w.sum().mul(0)),
    }))(events);
    close([slopes.any, slopes.all], [0.5 + 0 + 1 + 2 + 1.5, 0.5 + 2 + 1 + 2e-12 + 0.5]);
  });

  it("second slopes of products with two zeros", () => {
    const events = table({ jets: nested([0, 3], { w: Float64Array.of(0, 0, 3) }) }, { dtype: "f64" });
    const f = (p: Scalar, e: { jets: { w: EventTensor } }) => all(e.jets.w.add(p), "parent").sum();
    // p² (3 + p)
    expect(compile(grad((p: Scalar, e: never) => grad(f)(p, e)))(0, events as never)).toBe(6);
    expect(
      compile(grad((p: Scalar, e: never) => grad((q: Scalar) => grad(f)(q, e))(p)))(0, events as never),
    ).toBe(6);
  });

  it("places among sorted numbers, and lines between points", () => {
    const x = [1, 2, 2, 4];
    const y = [10, 20, 0, 40];
    const events = table(
      {
        v: Float64Array.of(0, 1, 1.5, 2, 3, 5, none),
        points: nested(
          Array.from({ length: 8 }, (_, i) => 4 * i),
          {
            x: Float64Array.from({ length: 28 }, (_, i) => x[i % 4]!),
            y: Float64Array.from({ length: 28 }, (_, i) => y[i % 4]!),
          },
        ),
      },
      { dtype: "f64" },
    );
    type P = { v: EventTensor; points: { x: EventTensor; y: EventTensor } };
    const f = compile((e: P) => ({
      left: searchsorted(e.points.x, e.v, "parent"),
      right: searchsorted(e.points.x, e.v, "parent", { side: "right" }),
      line: interp(e.v, e.points.x, e.points.y, "parent"),
    }));
    const { left, right, line } = f(events);
    expect([...left]).toEqual([0, 0, 1, 1, 3, 4, 4]);
    expect([...right]).toEqual([0, 1, 1, 3, 3, 4, 4]);
    // As np.interp([0, 1, 1.5, 2, 3, 5, nan], [1, 2, 2, 4], [10, 20, 0, 40]).
    expect([...line]).toEqual([10, 10, 15, 0, 20, 40, none]);
  });

  it("a curve of small numbers at a column, with slopes in all three", () => {
    const events = table({ v: Float64Array.of(0.5, 1.5, 9) }, { dtype: "f64" });
    type P = { x: Vector; y: Vector; shift: Scalar };
    const f = (p: P, e: { v: EventTensor }) => interp(e.v.add(p.shift), p.x, p.y, -1).sum();
    const p = { x: [0, 1, 3], y: [0, 2, 8], shift: 0 };
    const { value, slopes } = compile((q: P, e: { v: EventTensor }) => ({
      value: f(q, e),
      slopes: grad(f)(q, e),
    }))(p, events);
    expect(value).toBeCloseTo(1 + 3.5 + 8, 12);
    expect(slopes.shift).toBeCloseTo(2 + 3, 12);
    expect([...slopes.y]).toEqual([0.5, 0.5 + 0.75, 0.25 + 1]);
    // Of y0 + (v - x0) (y1 - y0)/(x1 - x0) by x0 and by x1.
    const byX = [-2 * 0.5, -2 * 0.5 - 3 * 0.75, -3 * 0.25];
    byX.forEach((v, i) => {
      expect(slopes.x[i]).toBeCloseTo(v, 12);
    });
  });

  it("over all events there is none of this", () => {
    const { events } = jets([1]);
    const over = "events" as unknown as "parent";
    expect(() => compile((e: E) => any(e.jets.pt, over))(events)).toThrow(/goes along/);
    expect(() => compile((e: E) => sort(e.x, "parent"))(events)).toThrow(/has no parent/);
    expect(() => compile((e: E) => topK(e.jets.pt, 0, "parent"))(events)).toThrow(/whole number ≥ 1/);
  });
});

describe("along an inner axis", () => {
  it("in order, and the largest", () => {
    const f = compile((x: Vector) => {
      const rows = x.reshape([2, 3]);
      return {
        sorted: sort(rows, -1),
        columns: sort(rows, 0),
        largest: topK(rows, 2, -1),
        by: sort(rows, { over: -1, by: x.slice(0, 3).neg() }),
      };
    });
    const got = f([3, 1, 2, 0, 5, 4]);
    expect([...got.sorted.data]).toEqual([1, 2, 3, 0, 4, 5]);
    expect([...got.columns.data]).toEqual([0, 1, 2, 3, 5, 4]);
    expect([...got.largest.data]).toEqual([3, 2, 5, 4]);
    expect([...got.by.data]).toEqual([3, 2, 1, 0, 4, 5]);
  });
});
