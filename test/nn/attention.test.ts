// Attention and deep sets within an event, against plain loops.
import { beforeAll, describe, expect, it } from "vitest";
import type { Symbols } from "../../src/core/run/data.js";
import {
  compile,
  type EventTensor,
  grad,
  init,
  nested,
  type Scalar,
  stack,
  table,
  type Vector,
  valueAndGrad,
  vmap,
} from "../../src/index.js";
import { attend, attention, residual, sequential } from "../../src/nn/index.js";
import { mlp } from "../../src/nn/mlp.js";
import { key } from "../../src/random/keys.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

const D = 3;
/** The numbers of rows in columns of their own: of no rows nobody knows how many there are of each. */
const parts = (x: Float64Array) => {
  const part = (k: number) => x.filter((_, i) => i % D === k);
  return { a: part(0), b: part(1), c: part(2) };
};

/** Events with so many jets and tracks each, D numbers for each of them. */
function data(counts: readonly number[], dtype: "f32" | "f64" = "f64", beside = counts) {
  const draw = random(23);
  const made = (counts: readonly number[]) => {
    const offsets = new Int32Array(counts.length + 1);
    counts.forEach((n, i) => {
      offsets[i + 1] = offsets[i]! + n;
    });
    const x = Float64Array.from({ length: D * offsets.at(-1)! }, () => 2 * draw() - 1);
    return {
      offsets,
      x,
      row: (i: number) => x.subarray(D * i, D * i + D),
      child: nested(offsets, { x, ...parts(x) }),
    };
  };
  const [jets, tracks] = [made(counts), made(beside)];
  return { jets, tracks, events: table({ jets: jets.child, tracks: tracks.child }, { dtype }) };
}
type Columns = Record<"x" | "a" | "b" | "c", EventTensor>;
interface Tables {
  jets: Columns;
  tracks: Columns;
}
const rowsOf = ({ a, b, c }: Columns) => stack([a, b, c]);

type Rows = ReturnType<typeof data>["jets"];
/** For each row of `a` the mean of `b`, weighted by the exponential of the product over √D. */
function plain(a: Rows, b: Rows): number[] {
  const out: number[] = [];
  for (let p = 0; p + 1 < a.offsets.length; p++)
    for (let i = a.offsets[p]!; i < a.offsets[p + 1]!; i++) {
      const sums = new Float64Array(D);
      let all = 0;
      for (let j = b.offsets[p]!; j < b.offsets[p + 1]!; j++) {
        const score = a.row(i).reduce((s, v, k) => s + v * b.row(j)[k]!, 0) / Math.sqrt(D);
        const w = Math.exp(score);
        all += w;
        b.row(j).forEach((v, k) => {
          sums[k]! += w * v;
        });
      }
      out.push(...sums.map((s) => (all > 0 ? s / all : 0)));
    }
  return out;
}
const farthest = (got: ArrayLike<number>, want: readonly number[]) => {
  expect(got.length).toBe(want.length);
  return want.reduce((m, w, i) => Math.max(m, Math.abs(w - got[i]!)), 0);
};

describe("attention within an event", () => {
  const self = compile((e: Tables) => attend(rowsOf(e.jets), rowsOf(e.jets), rowsOf(e.jets)));

  it.each([
    ["f64", 1e-13],
    ["f32", 2e-6],
  ] as const)("%s: as plain loops, an event of 300, one without children and none at all", (dtype, room) => {
    for (const counts of [[3, 0, 300, 1, 7], [0, 0], []]) {
      const { jets, events } = data(counts, dtype);
      expect(farthest(self(events), plain(jets, jets))).toBeLessThan(room);
    }
    const { jets, tracks, events } = data([2, 4, 1, 0], dtype, [5, 0, 2, 3]);
    const other = compile((e: Tables) => attend(e.jets.x, e.tracks.x, e.tracks.x))(events);
    expect(farthest(other, plain(jets, tracks))).toBeLessThan(room);
  });

  it("slopes, and theirs, are those of differences", () => {
    const counts = [3, 0, 12, 1];
    const loss = (x: EventTensor) => attend(x, x.square(), x).square().sum();
    const f = compile((e: Tables) => {
      const slope = grad(loss);
      return {
        value: loss(e.jets.x),
        slope: slope(e.jets.x),
        second: grad((x: EventTensor) => slope(x).square().sum())(e.jets.x),
      };
    });
    const { jets, events } = data(counts);
    const at = (i: number, by: number) => {
      const x = jets.x.map((v, k) => (k === i ? v + by : v));
      return f(
        table(
          {
            jets: nested(jets.offsets, { x, ...parts(x) }),
            tracks: nested(jets.offsets, { x, ...parts(x) }),
          },
          { dtype: "f64" },
        ),
      );
    };
    const got = f(events);
    const h = 1e-5;
    for (const i of [0, 7, 11, 30, 47]) {
      const [up, down] = [at(i, h), at(i, -h)];
      expect(Math.abs(got.slope[i]! - (up.value - down.value) / (2 * h))).toBeLessThan(1e-8);
      const size = (x: ArrayLike<number>) => Array.from(x).reduce((s, v) => s + v * v, 0);
      expect(Math.abs(got.second[i]! - (size(up.slope) - size(down.slope)) / (2 * h))).toBeLessThan(1e-7);
    }
  });

  it("in batches, and the order of the children does not matter", () => {
    const { jets, events } = data([4, 2]);
    const scaled = (k: Scalar, e: Tables) => attend(e.jets.x.mul(k), e.jets.x, e.jets.x).square().sum();
    const batch = compile((ks: Vector, e: Tables) => vmap((k: Scalar) => scaled(k, e))(ks));
    const one = compile(scaled);
    expect(
      farthest(
        batch([0.5, 2], events),
        [0.5, 2].map((k) => one(k, events)),
      ),
    ).toBeLessThan(1e-13);
    const back = (i: number) => (i < 4 ? 3 - i : 9 - i);
    const x = Float64Array.from({ length: 6 * D }, (_, i) => jets.row(back(Math.floor(i / D)))[i % D]!);
    const turned = self(
      table(
        { jets: nested(jets.offsets, { x, ...parts(x) }), tracks: nested(jets.offsets, { x, ...parts(x) }) },
        { dtype: "f64" },
      ),
    );
    const want = self(events);
    const again = Array.from(turned, (_, i) => want[back(Math.floor(i / D)) * D + (i % D)]!);
    expect(farthest(turned, again)).toBeLessThan(1e-15);
  });

  it("an event that is too large for it, and shapes that do not fit, are refused", () => {
    const many = data([100_000]).events;
    expect(() => self(many)).toThrow(
      /event 0 has 10000000000 rows of 'params.jets×params.jets', made of 100000 and 100000; it may have 16777216/,
    );
    const { events } = data([1]);
    const wrong = compile((e: Tables) => attend(e.jets.x, e.jets.x.at(0), e.jets.x));
    expect(() => wrong(events)).toThrow(/'attend' needs queries and keys of one shape/);
    expect(() => attention(3, 5, { heads: 2 })).toThrow(/5 outputs cannot have 2 heads/);
  });

  it("a layer of two heads is trained like any other, into a deep set", () => {
    const each = sequential(attention(D, 4, { heads: 2 }), residual(attention(4, 4)));
    const all = mlp([4, 8, 1]);
    const params = { each: each.init(key(1)), all: all.init(key(2)) };
    const { jets } = data([3, 0, 5, 1, 2, 4]);
    // How many children are in each event, which a mean would not say.
    const counts = Float64Array.from([3, 0, 5, 1, 2, 4]);
    const labelled = table({
      jets: jets.child,
      tracks: jets.child,
      counts,
    });
    type Labelled = Tables & { counts: EventTensor };
    const loss = (p: Symbols<typeof params>, e: Labelled) => {
      const seen = each.apply(p.each, e.jets.x).sum("parent");
      return all.apply(p.all, seen).reshape([]).sub(e.counts).square().mean();
    };
    const step = compile(valueAndGrad(loss));
    const leaves = (tree: unknown): Float64Array[] =>
      tree instanceof Float64Array ? [tree] : Object.values(tree as object).flatMap(leaves);
    const values: number[] = [];
    for (let i = 0; i < 60; i++) {
      const { value, grads } = step(params, labelled);
      values.push(value);
      const slopes = leaves(grads);
      leaves(params).forEach((p, k) => {
        p.forEach((_, j) => {
          p[j]! -= 0.02 * slopes[k]![j]!;
        });
      });
    }
    expect(values.at(-1)!).toBeLessThan(values[0]! / 4);
  });
});
