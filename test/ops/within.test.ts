import { beforeAll, describe, expect, it } from "vitest";
import { spread } from "../../src/core/elementary/crossing.js";
import { constant } from "../../src/core/graph/op.js";
import { count, logsumexp, max, mean, min, softmax, sum } from "../../src/entry/ops.js";
import { compile, type EventTensor, grad, init, nested, type Scalar, table } from "../../src/index.js";

beforeAll(() => init());

type E = { x: EventTensor; jets: { pt: EventTensor; tracks: { z: EventTensor } } };
const infinity = Number.POSITIVE_INFINITY;
const none = Number.NaN;
const dtypes = ["f32", "f64"] as const;

/** Events of three jets, none, one without end, two of which one is no number, two that weigh nothing, and one that weighs all. */
const pt = [1, 2, 4, -infinity, none, 3, -infinity, -infinity, infinity];
const data = (dtype: "f32" | "f64") =>
  table(
    {
      x: Float64Array.of(1, 2, 3, 4, 5, 6),
      jets: nested([0, 3, 3, 4, 6, 8, 9], {
        pt: Float64Array.from(pt),
        tracks: nested([0, 2, 2, 5, 5, 5, 6, 6, 6, 6], { z: Float64Array.of(1, 2, 3, 4, 5, 6) }),
      }),
    },
    { dtype },
  );

describe.each(dtypes)("reductions of children to their parent (%s)", (dtype) => {
  it("of no children, infinities and what is no number", () => {
    const f = compile((e: E) => ({
      max: max(e.jets.pt, "parent"),
      min: min(e.jets.pt, "parent"),
      mean: mean(e.jets.pt, "parent"),
      weights: softmax(e.jets.pt, "parent"),
      logsumexp: logsumexp(e.jets.pt, "parent"),
    }));
    const got = f(data(dtype));
    const inside = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(4));
    const close = (of: ArrayLike<number>, want: readonly number[]) => {
      expect(of.length).toBe(want.length);
      want.forEach((v, i) => {
        if (Number.isFinite(v)) expect(of[i]).toBeCloseTo(v, dtype === "f32" ? 5 : 12);
        else expect(of[i]).toBe(v);
      });
    };
    close(got.max, [4, -infinity, -infinity, none, -infinity, infinity]);
    close(got.min, [1, infinity, -infinity, none, -infinity, infinity]);
    close(got.mean, [7 / 3, none, -infinity, none, -infinity, infinity]);
    close(got.logsumexp, [inside, -infinity, -infinity, none, -infinity, infinity]);
    // Shares of nothing, and of all that there is, are no numbers.
    close(got.weights, [...[1, 2, 4].map((v) => Math.exp(v - inside)), none, none, none, none, none, none]);
  });

  it("numbers of children need nothing else of them", () => {
    const f = compile((e: E) => ({
      jets: count(e.jets.pt, "parent"),
      tracks: count(e.jets.tracks.z, "parent"),
      perEvent: sum(count(e.jets.tracks.z, "parent"), "parent"),
      twice: sum(spread(constant(2).broadcast([2]), e.jets.pt.axis!), "parent"),
      all: count(e.jets.pt, "parent").sum(),
    }));
    const got = f(data(dtype));
    expect([...got.jets]).toEqual([3, 0, 1, 2, 2, 1]);
    expect([...got.tracks]).toEqual([2, 0, 3, 0, 0, 1, 0, 0, 0]);
    expect([...got.perEvent]).toEqual([5, 0, 0, 1, 0, 0]);
    expect([...got.twice]).toEqual([3, 0, 1, 2, 2, 1].flatMap((n) => [2 * n, 2 * n]));
    expect(got.all).toBe(9);
  });

  it("events without children take no part in slopes", () => {
    const events = table({ jets: nested([0, 0, 2, 2], { pt: Float64Array.of(1, 3) }) }, { dtype });
    type J = { jets: { pt: EventTensor } };
    const slope = (f: (x: EventTensor) => EventTensor) =>
      compile(grad((p: Scalar, e: J) => f(e.jets.pt.mul(p)).exp().sum()))(1, events);
    const e = Math.exp;
    expect(slope((x) => sum(x, "parent"))).toBeCloseTo(4 * e(4), 2);
    expect(slope((x) => max(x, "parent"))).toBeCloseTo(3 * e(3), 3);
    expect(slope((x) => min(x, "parent").neg())).toBeCloseTo(-e(-1), 5);
    expect(slope((x) => logsumexp(x, "parent"))).toBeCloseTo(e(1) + 3 * e(3), 3);
  });
});
