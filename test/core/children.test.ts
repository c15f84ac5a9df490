import { beforeAll, describe, expect, it } from "vitest";
import { opcodes } from "../../bindings/generated/opcodes.js";
import { where } from "../../src/core/elementary/arith.js";
import { spread } from "../../src/core/elementary/crossing.js";
import { sum } from "../../src/core/elementary/fold.js";
import { InputError } from "../../src/core/errors.js";
import {
  compile,
  type EventTensor,
  init,
  nested,
  type Scalar,
  stack,
  table,
  type Vector,
  valueAndGrad,
} from "../../src/index.js";
import { contract } from "../../src/ops/affine.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

/** Events with so many children each, seeded. */
function jets(counts: readonly number[], dtype: "f32" | "f64" = "f64") {
  const draw = random(7);
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((n, i) => {
    offsets[i + 1] = offsets[i]! + n;
  });
  const m = offsets[counts.length]!;
  const pt = Float64Array.from({ length: m }, () => 20 - 40 * Math.log(1 - draw()));
  const x = Float64Array.from(counts, () => 0.5 + draw());
  return { offsets, pt, x, events: table({ x, jets: nested(offsets, { pt }) }, { dtype }) };
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** The same in plain loops: value and both derivatives. */
function reference({ offsets, pt, x }: ReturnType<typeof jets>, c: number, h: number) {
  let [value, dc, dh] = [0, 0, 0];
  x.forEach((weight, i) => {
    let [ht, slope] = [0, 0];
    for (let j = offsets[i]!; j < offsets[i + 1]!; j++) {
      const w = sigmoid((pt[j]! - c) / 40);
      ht += pt[j]! * w;
      slope -= (pt[j]! * w * (1 - w)) / 40;
    }
    const W = sigmoid((ht - h) / 500);
    value += W * weight;
    dc += (weight * W * (1 - W) * slope) / 500;
    dh -= (weight * W * (1 - W)) / 500;
  });
  return [value, dc, dh];
}

describe("sums of children and what is spread to them", () => {
  const f = compile(
    valueAndGrad((p: { c: Scalar; h: Scalar }, e: { x: EventTensor; jets: { pt: EventTensor } }) => {
      const w = e.jets.pt.sub(p.c).div(40).sigmoid();
      return sum(e.jets.pt.mul(w), "parent").sub(p.h).div(500).sigmoid().mul(e.x).sum();
    }),
  );
  const draw = random(3);
  const many = Array.from({ length: 9000 }, () => Math.floor(draw() * 12));
  const cases: Record<string, readonly number[]> = {
    "no events": [],
    "one event": [3],
    "no children at all": new Array(300).fill(0),
    "two blocks": many,
    "a block without children": [...new Array(8192).fill(0), 1, 2, 3],
    "more children than a tile": new Array(20).fill(256),
    "one event of 100,000": [2, 100_000, 0, 1],
    "8193 each": [8193, 8193, 0, 8193],
    "33 beside 1": [33, 1, 0, 2, 31, 32, 33, 34, 1],
  };
  it.each(Object.entries(cases))("%s: as plain loops", (_, counts) => {
    for (const [dtype, tolerance] of [
      ["f64", 1e-12],
      ["f32", 1e-5],
    ] as const) {
      const data = jets(counts, dtype);
      const { value, grads } = f({ c: 60, h: 300 }, data.events);
      const want = reference(data, 60, 300);
      [value, grads.c, grads.h].forEach((got, i) => {
        expect(Math.abs(got - want[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want[i]!)));
      });
    }
  });

  it("have the same bits in any order of the blocks", () => {
    const g = compile(
      valueAndGrad((p: Scalar, e: { x: EventTensor; jets: { pt: EventTensor } }) =>
        sum(e.jets.pt.mul(e.jets.pt.sub(p).sigmoid()), "parent")
          .mul(e.x)
          .sum(),
      ),
      { blockOrder: (n) => Array.from({ length: n }, (_, i) => n - 1 - i) },
    );
    const h = compile(
      valueAndGrad((p: Scalar, e: { x: EventTensor; jets: { pt: EventTensor } }) =>
        sum(e.jets.pt.mul(e.jets.pt.sub(p).sigmoid()), "parent")
          .mul(e.x)
          .sum(),
      ),
    );
    const { events } = jets(
      Array.from({ length: 30_000 }, (_, i) => i % 9),
      "f32",
    );
    expect(g(50, events)).toEqual(h(50, events));
  });

  it("do not depend on what else is in the sweep", () => {
    const data = jets(many, "f32");
    type E = { x: EventTensor; jets: { pt: EventTensor } };
    const alone = compile((e: E) => e.x.exp().sum());
    const beside = compile((e: E) => [e.x.exp().sum(), e.jets.pt.sum()]);
    expect(beside(data.events)[0]).toBe(alone(data.events));
    // Values of children are the same with more room.
    const own = compile((e: E) => sum(e.jets.pt.sqrt(), "parent"));
    const wide = jets([...many, 50_000], "f32");
    const [few, all] = [own(data.events), own(wide.events)];
    expect(all.subarray(0, many.length)).toEqual(few);
  });

  it("outputs of children stand in their own order", () => {
    const data = jets(many, "f64");
    const ratio = compile((e: { jets: { pt: EventTensor } }) => e.jets.pt.div(sum(e.jets.pt, "parent")));
    const got = ratio(data.events);
    expect(got.length).toBe(data.pt.length);
    data.x.forEach((_, i) => {
      const [from, to] = [data.offsets[i]!, data.offsets[i + 1]!];
      if (to > from) expect([...got.subarray(from, to)].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    });
  });

  it("a NaN of one child stays in its event", () => {
    const data = jets([2, 3, 1, 4, 5, 6]);
    data.pt[3] = Number.NaN;
    const ht = compile((e: { jets: { pt: EventTensor } }) => sum(e.jets.pt, "parent"))(data.events);
    expect([...ht].map(Number.isNaN)).toEqual([false, true, false, false, false, false]);
  });

  it("what is the same for all children is whole in every chunk, where a product zeroes lanes behind the last", () => {
    const data = jets(many, "f64");
    type E = { jets: { pt: EventTensor } };
    // 3000 events are three chunks, each with a last tile that is not full.
    const f = compile((p: Vector, e: E) =>
      contract(spread(p, e.jets.pt.axis!), stack([e.jets.pt, e.jets.pt.mul(0)])),
    );
    const got = f([1, 2], data.events).toArray();
    const total = data.pt.reduce((a, b) => a + b, 0);
    expect(got[0]![0]).toBeCloseTo(total, 6);
    expect(got[1]![0]).toBeCloseTo(2 * total, 6);
  });

  it("columns of f32 in a table of f64 give the bits of the same numbers in f64", () => {
    const rows = 9000;
    const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => 2 * i + (i % 3));
    const single = (n: number, k: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(1 + i * k));
    const columns = { x: single(rows, 0.3), f: single(3 * rows, 0.7), pt: single(offsets[rows]!, 0.11) };
    type E = { x: EventTensor; f: EventTensor; jets: { pt: EventTensor } };
    const f = compile((e: E) => ({
      flat: e.x.exp().mul(e.f.sum(-1)),
      down: e.jets.pt.mul(e.x),
      up: sum(e.jets.pt, "parent"),
      all: e.jets.pt.sub(e.x).square().sum(),
    }));
    const made = (of: typeof Float32Array | typeof Float64Array) => {
      const [x, wide, pt] = [columns.x, columns.f, columns.pt].map((v) => of.from(v));
      return table({ x: x!, f: wide!, jets: nested(offsets, { pt: pt! }) }, { dtype: "f64", rows });
    };
    expect(f(made(Float32Array))).toEqual(f(made(Float64Array)));
    expect(f.traces).toBe(2);
  });

  it("masks of columns of f32 are those of f64, at and beside every threshold", () => {
    const near = [
      0,
      -0,
      0.1,
      -0.1,
      1e-46,
      -1e-46,
      2.4,
      30,
      16777216,
      3.4028234663852886e38,
      Number.POSITIVE_INFINITY,
    ];
    // Each number, what f32 makes of it, and its neighbours in f32.
    const values = near.flatMap((x) => {
      const bits = new Int32Array(Float32Array.of(x).buffer)[0]!;
      const beside = new Float32Array(Int32Array.of(bits - 1, bits, bits + 1).buffer);
      return [...beside, ...beside.map((y) => -y), Number.NaN];
    });
    const pt = Float32Array.from(values);
    const q = Float32Array.from(values.toReversed());
    const offsets = Int32Array.from({ length: pt.length + 1 }, (_, i) => i);
    type E = { jets: { pt: EventTensor; q: EventTensor } };
    const f = compile((t: Scalar, { jets: { pt, q } }: E) => {
      const masks = [
        pt.lt(t),
        pt.le(t),
        pt.gt(t),
        pt.ge(t),
        pt.eq(t),
        pt.abs().lt(t),
        pt.neg().ge(t),
        pt.lt(q),
        pt.le(q),
      ];
      const both = masks[1]!.mul(masks[3]!);
      // Neither a sum nor a product of two numbers is one of f32.
      const wide = [pt.mul(q), pt.add(q), pt.mul(t), where(masks[0]!, pt, 0.1)];
      return [...masks, both, where(both, pt, q), masks[0]!.mul(pt), ...wide].map((x) => sum(x, "parent"));
    });
    const made = (of: typeof Float32Array | typeof Float64Array) =>
      table({ jets: nested(offsets, { pt: of.from(pt), q: of.from(q) }) }, { dtype: "f64", rows: pt.length });
    const thresholds = near.flatMap((t) => [t, -t, Math.fround(t), t * (1 + 1e-12), t * (1 - 1e-12)]);
    for (const t of [...thresholds, 1e300, -1e300, Number.NaN])
      expect(f(t, made(Float32Array)), String(t)).toEqual(f(t, made(Float64Array)));
  });

  it("a mask of columns of f32 and what it sums are worked out in f32", () => {
    type E = { jets: { pt: EventTensor } };
    const f = compile((t: Scalar, { jets: { pt } }: E) => sum(where(pt.gt(t), pt, 0), "parent"));
    const names = Object.keys(opcodes);
    const kernels = (pt: Float32Array | Float64Array) => {
      const events = table({ jets: nested([0, 2], { pt }) }, { dtype: "f64", rows: 1 });
      const { code, codeBase, stages } = f.plan(1, events);
      return stages[0]!.sweeps[0]!.phases.flatMap(({ code: { start, end } }) => {
        const found: string[] = [];
        for (let at = (start - codeBase) / 4; at < (end - codeBase) / 4; at += code[at + 1]!)
          found.push(names[code[at]!]!);
        return found;
      });
    };
    expect(kernels(Float32Array.of(1, 2))).toEqual([
      ...["f32_load", "f32_lt", "f32_where", "f32_store"],
      ...["f64_sumWide", "f64_load", "f64_store"],
    ]);
    expect(kernels(Float64Array.of(1, 2))).toContain("f64_lt");
  });

  it("children of children", () => {
    const tracks = nested([0, 2, 2, 5, 6], { z: Float64Array.of(1, 2, 3, 4, 5, 6) });
    const events = table(
      {
        a: Float64Array.of(10, 20, 30),
        jets: nested([0, 2, 2, 4], { q: Float64Array.of(1, 2, 3, 4), tracks }),
      },
      { dtype: "f64" },
    );
    type E = { a: EventTensor; jets: { q: EventTensor; tracks: { z: EventTensor } } };
    const f = compile((e: E) => {
      const perJet = sum(e.jets.tracks.z.mul(e.a), "parent");
      return {
        perJet,
        perEvent: sum(perJet.mul(e.jets.q), "parent"),
        down: e.jets.tracks.z.add(e.jets.q).sum(),
      };
    });
    const { perJet, perEvent, down } = f(events);
    expect([...perJet]).toEqual([30, 0, 360, 180]);
    expect([...perEvent]).toEqual([30, 0, 3 * 360 + 4 * 180]);
    expect(down).toBe(21 + 1 + 1 + 3 * 3 + 4);
  });
});

describe("child tables that are none", () => {
  it.each([
    ["does not begin at 0", [1, 2], /ascend from 0 .* number 0 is 1/],
    ["descends", [0, 3, 2], /number 2 is 2 after 3/],
    ["has a fraction", [0, 1.5], /number 1 is 1.5/],
    ["has NaN", [0, Number.NaN], /number 1 is NaN/],
    ["is empty", [], /one more than there are parents/],
  ])("offsets that %s", (_, offsets, sentence) => {
    expect(() => nested(offsets as number[], { a: new Float32Array(2) })).toThrow(InputError);
    expect(() => nested(offsets as number[], { a: new Float32Array(2) })).toThrow(sentence);
  });

  it("columns and parents of other lengths", () => {
    expect(() => nested([0, 2], { a: new Float32Array(3) })).toThrow(/'a' has 3 values/);
    const child = nested([0, 2], { a: new Float32Array(2) });
    expect(() => table({ x: new Float32Array(2), child })).toThrow(
      /rows for 1 parents, but the table has 2 events/,
    );
  });

  it("rows of two children do not meet", () => {
    const two = table({
      a: nested([0, 1], { x: Float32Array.of(1) }),
      b: nested([0, 1], { x: new Float32Array(1) }),
    });
    expect(() =>
      compile((e: { a: { x: EventTensor }; b: { x: EventTensor } }) => e.a.x.add(e.b.x).sum())(two),
    ).toThrow(/would pair rows of table .params.a. with rows of table .params.b./);
    expect(() =>
      compile((e: { x: EventTensor }) => sum(e.x, "parent").sum())(table({ x: new Float32Array(2) })),
    ).toThrow(/.params. has no parent/);
  });
});
