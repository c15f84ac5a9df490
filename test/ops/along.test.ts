import { beforeAll, describe, expect, it } from "vitest";
import { argmax, argmin, first, nth, takeAlong } from "../../src/entry/ops.js";
import { compile, type EventTensor, grad, init, nested, type Scalar, table } from "../../src/index.js";

beforeAll(() => init());

type E = { x: EventTensor; jets: { pt: EventTensor; n: EventTensor } };
const offsets = [0, 3, 3, 4, 6];
const pt = [30, 50, 40, 20, Number.NaN, 10];
/** Four events: three jets, none, one, and two of which one is no number. */
const events = table(
  {
    x: Float64Array.of(1, 2, 3, 4),
    jets: nested(offsets, { pt: Float64Array.from(pt), n: Int32Array.of(7, 8, 16_777_217, 5, 4, 3) }),
  },
  { dtype: "f64" },
);
const none = Number.NaN;

describe("children of each parent by their place", () => {
  it("the nth, from both ends", () => {
    const f = compile((e: E) => ({
      first: first(e.jets.pt),
      second: nth(e.jets.pt, 1),
      last: nth(e.jets.pt, -1),
      filled: nth(e.jets.pt, -2, e.x.mul(100)),
      integers: nth(e.jets.n, 2),
      zeros: nth(e.jets.n, 2, 0),
    }));
    const got = f(events);
    expect([...got.first]).toEqual([30, none, 20, none]);
    expect([...got.second]).toEqual([50, none, none, 10]);
    expect([...got.last]).toEqual([40, none, 20, 10]);
    expect([...got.filled]).toEqual([50, 200, 300, none]);
    expect(got.integers).toEqual(Int32Array.of(16_777_217, -1, -1, -1));
    expect(got.zeros).toEqual(Int32Array.of(16_777_217, 0, 0, 0));
  });

  it("that with the largest and the smallest", () => {
    const f = compile((e: E) => {
      const [most, least] = [argmax(e.jets.pt, "parent"), argmin(e.jets.pt, "parent")];
      return {
        most,
        least,
        pt: takeAlong(e.jets.pt, most, "parent"),
        n: takeAlong(e.jets.n, most, "parent"),
      };
    });
    const got = f(events);
    expect(got.most).toEqual(Int32Array.of(1, -1, 0, 0));
    expect(got.least).toEqual(Int32Array.of(0, -1, 0, 0));
    expect([...got.pt]).toEqual([50, none, 20, none]);
    expect(got.n).toEqual(Int32Array.of(8, -1, 5, 4));
  });

  it("a permutation, and places of a higher axis for all features", () => {
    const f = compile((e: E) => {
      const turned = e.jets.pt.mul(0).cast("i32").add(1).cast("i32");
      return { turned: takeAlong(e.jets.pt, turned, "parent") };
    });
    expect([...f(events).turned]).toEqual([50, 50, 50, none, 10, 10]);
  });

  it("derivatives go to the child that is taken, and to no other", () => {
    const g = compile(
      grad((p: { a: Scalar; b: Scalar }, e: E) => {
        const moved = e.jets.pt.mul(p.a).add(p.b);
        return first(moved, 0).square().sum();
      }),
    );
    const fine = table(
      {
        x: Float64Array.of(1, 1),
        jets: nested([0, 2, 2], { pt: Float64Array.of(3, 5), n: Int32Array.of(0, 0) }),
      },
      { dtype: "f64" },
    );
    expect(g({ a: 2, b: 1 }, fine)).toEqual({ a: 2 * 7 * 3, b: 2 * 7 });
  });

  it("100,000 children of one event", () => {
    const m = 100_000;
    const many = table({
      x: Float32Array.of(0, 0, 0),
      jets: nested([0, 1, m, m], {
        pt: Float32Array.from({ length: m }, (_, i) => (i * 7919) % 100_003),
        n: new Int32Array(m),
      }),
    });
    const most = compile((e: E) => argmax(e.jets.pt, "parent"))(many);
    const values = Array.from({ length: m - 1 }, (_, i) => ((i + 1) * 7919) % 100_003);
    expect(most).toEqual(Int32Array.of(0, values.indexOf(Math.max(...values)), -1));
  });
});

describe("along an inner axis", () => {
  it("as NumPy's take_along_axis", () => {
    const f = compile((x: Scalar) => {
      const table = x.mul(0).reshape([1, 1]).broadcast([2, 3]).add(x);
      return takeAlong(table, argmax(table, -1).reshape([2, 1]), -1);
    });
    expect([...f(3).data]).toEqual([3, 3]);
  });
});

it("what has no parent, and places that are no integers, are refused", () => {
  expect(() => compile((e: E) => first(e.x))(events)).toThrow(/has no parent/);
  expect(() => compile((e: E) => takeAlong(e.jets.pt, e.x, "parent"))(events)).toThrow(/needs integers/);
  expect(() => compile((e: E) => nth(e.jets.pt, 0.5))(events)).toThrow(/whole number/);
  expect(() => compile((e: E) => argmax(e.jets.pt, "events" as "parent"))(events)).toThrow(/goes along/);
});
