// Pairs, triples and crossings of the rows of child tables, against plain loops.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/core/errors.js";
import type * as Ops from "../../src/entry/ops.js";
import { count, cross, pairs, triples } from "../../src/entry/ops.js";
import type * as ThreadsEntry from "../../src/entry/threads.node.js";
import type * as Library from "../../src/index.js";
import { compile, type EventTensor, grad, init, nested, type Scalar, table } from "../../src/index.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

interface Objects {
  pt: EventTensor;
  eta: EventTensor;
  phi: EventTensor;
}
interface Tables {
  x: EventTensor;
  jets: Objects;
  leptons: Objects;
}

const sums = (counts: readonly number[]) => {
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((n, i) => {
    offsets[i + 1] = offsets[i]! + n;
  });
  return offsets;
};

/** Seeded events with so many jets and leptons each. */
function data(jets: readonly number[], leptons: readonly number[], dtype: "f32" | "f64" = "f64") {
  const draw = random(11);
  const objects = (counts: readonly number[]) => {
    const offsets = sums(counts);
    const n = offsets.at(-1)!;
    const column = (f: (u: number) => number) => Float64Array.from({ length: n }, () => f(draw()));
    const pt = column((u) => 20 - 40 * Math.log(1 - u));
    const eta = column((u) => 5 * (u - 0.5));
    const phi = column((u) => 2 * Math.PI * (u - 0.5));
    return { offsets, pt, eta, phi };
  };
  const [j, l] = [objects(jets), objects(leptons)];
  const x = Float64Array.from(jets, () => 0.5 + draw());
  const own = ({ offsets, ...columns }: typeof j) => nested(offsets, columns);
  return { x, j, l, events: table({ x, jets: own(j), leptons: own(l) }, { dtype }) };
}

const draw = random(5);
const counts = (n: number, most: number) => Array.from({ length: n }, () => Math.floor(draw() * (most + 1)));
const cases: Record<string, readonly [jets: readonly number[], leptons: readonly number[]]> = {
  "no events": [[], []],
  "no jets": [
    [0, 0, 0],
    [1, 0, 2],
  ],
  "one jet each": [
    [1, 1, 1],
    [0, 1, 2],
  ],
  few: [
    [3, 0, 5, 2, 1],
    [2, 3, 0, 1, 1],
  ],
  "two blocks": [counts(9000, 6), counts(9000, 3)],
  "an event of 150": [
    [2, 150, 0, 3],
    [1, 40, 2, 3],
  ],
};

/** Rows of a parent. */
const range = (offsets: Int32Array, p: number) =>
  Array.from({ length: offsets[p + 1]! - offsets[p]! }, (_, i) => offsets[p]! + i);

describe.each(Object.entries(cases))("%s", (_, [jets, leptons]) => {
  const { x, j, l, events } = data(jets, leptons);

  it("pairs stand in the order of their rows", () => {
    const got = compile((e: Tables) => {
      const [a, b] = pairs(e.jets);
      return { a: a.pt, b: b.pt, x: a.pt.mul(0).add(e.x), n: count(a.pt, "parent") };
    })(events);
    const rows = [...x.keys()].flatMap((p) => {
      const own = range(j.offsets, p);
      return own.flatMap((i, k) => own.slice(k + 1).map((m) => [j.pt[i]!, j.pt[m]!, x[p]!]));
    });
    expect([...got.a]).toEqual(rows.map(([a]) => a));
    expect([...got.b]).toEqual(rows.map(([, b]) => b));
    expect([...got.x]).toEqual(rows.map(([, , w]) => w));
    expect([...got.n]).toEqual(jets.map((n) => (n < 2 ? 0 : (n * (n - 1)) / 2)));
  });

  it("crossings belong to the rows of the first", () => {
    const got = compile((e: Tables) => {
      const [a, b] = cross(e.jets, e.leptons);
      return { a: a.pt, b: b.eta, least: a.eta.sub(b.eta).abs().min("parent") };
    })(events);
    const rows = [...x.keys()].flatMap((p) =>
      range(j.offsets, p).map((i) => range(l.offsets, p).map((m) => [i, m] as const)),
    );
    expect([...got.a]).toEqual(rows.flat().map(([i]) => j.pt[i]));
    expect([...got.b]).toEqual(rows.flat().map(([, m]) => l.eta[m]));
    expect([...got.least]).toEqual(
      rows.map((own) => Math.min(...own.map(([i, m]) => Math.abs(j.eta[i]! - l.eta[m]!)))),
    );
  });

  it("triples: value and slopes as loops have them", () => {
    const got = compile((e: Tables) => {
      const of = (pt: EventTensor) => {
        const [a, b, c] = triples({ ...e.jets, pt });
        return a.pt.mul(b.eta).mul(c.phi).mul(e.x).sum();
      };
      return { value: of(e.jets.pt), slope: grad(of)(e.jets.pt) };
    })(events);
    let [value, size] = [0, 0];
    const slope = new Float64Array(j.pt.length);
    const add = (a: number, rest: number) => {
      slope[a]! += rest;
      value += j.pt[a]! * rest;
      size += Math.abs(j.pt[a]! * rest);
    };
    for (let p = 0; p < x.length; p++) {
      const [from, to] = [j.offsets[p]!, j.offsets[p + 1]!];
      for (let a = from; a < to; a++)
        for (let b = a + 1; b < to; b++)
          for (let c = b + 1; c < to; c++) add(a, j.eta[b]! * j.phi[c]! * x[p]!);
    }
    expect(Math.abs(got.value - value)).toBeLessThanOrEqual(1e-14 * size);
    const off = slope.map((s, i) => Math.abs(s - got.slope[i]!) / Math.max(1, Math.abs(s)));
    expect(off.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(1e-12);
  });

  it("slopes of every member of a pair and a crossing are sums over what it is in", () => {
    // Whole numbers, so that sums are exact in any order.
    const whole = table({
      jets: nested(j.offsets, { k: indices(j.pt) }),
      l: nested(l.offsets, { k: indices(l.pt) }),
    });
    type Whole = { jets: { k: EventTensor }; l: { k: EventTensor } };
    const got = compile((e: Whole) => {
      const [js, ls] = [e.jets.k.cast("f64"), e.l.k.cast("f64")];
      const slopeOf = (f: (q: EventTensor) => Scalar, x: EventTensor) => grad(f)(x);
      return {
        first: slopeOf((q) => pairs({ q, js })[0].q.mul(pairs({ q, js })[1].js).sum(), js),
        second: slopeOf((q) => pairs({ q, js })[1].q.mul(pairs({ q, js })[0].js).sum(), js),
        crossed: slopeOf((q) => cross(js, q)[1].mul(cross(js, q)[0]).sum(), ls),
        parent: slopeOf((q) => cross(q, ls)[0].mul(cross(q, ls)[1]).sum(), js),
      };
    })(whole);
    const of = (rows: readonly number[]) => rows.reduce((sum, row) => sum + (row % 7), 0);
    const want = [...x.keys()].map((p) => {
      const [js, ls] = [range(j.offsets, p), range(l.offsets, p)];
      return {
        first: js.map((_, k) => of(js.slice(k + 1))),
        second: js.map((_, k) => of(js.slice(0, k))),
        crossed: ls.map(() => of(js)),
        parent: js.map(() => of(ls)),
      };
    });
    for (const key of ["first", "second", "crossed", "parent"] as const)
      expect([...got[key]]).toEqual(want.flatMap((event) => event[key]));
  });
});

const indices = (like: Float64Array) => Int32Array.from(like, (_, i) => i % 7);

describe("combinations", () => {
  const { j, l, events } = data(...cases["two blocks"]!);

  it("are one axis however often they are asked for", () => {
    const apart = (e: Tables) => pairs(e.jets)[0].pt.mul(pairs(e.jets)[1].pt).sum();
    const once = (e: Tables) => {
      const [a, b] = pairs({ pt: e.jets.pt });
      return a.pt.mul(b.pt).sum();
    };
    expect(compile(apart)(events)).toBe(compile(once)(events));
  });

  it("that nothing is made of cost nothing, and are not refused", () => {
    const many = table({ jets: nested([0, 100_000], { pt: new Float32Array(100_000) }) });
    const f = compile((e: { jets: { pt: EventTensor } }) => {
      pairs(e.jets);
      return e.jets.pt.sum();
    });
    expect(f(many)).toBe(0);
    expect(f.plan(many).stages[0]!.sweeps[0]!.grains.length).toBe(2);
  });

  it("too many of an event, of a chunk or of a table are refused before anything runs", () => {
    const jets = (numbers: readonly number[]) => {
      const offsets = sums(numbers);
      return table({ jets: nested(offsets, { pt: new Float32Array(offsets.at(-1)!) }) });
    };
    type Jets = { jets: { pt: EventTensor } };
    const two = compile((e: Jets) => pairs(e.jets)[0].pt.sum());
    const three = compile((e: Jets) => triples(e.jets)[0].pt.sum());
    const all = compile((e: Jets) => cross(e.jets, e.jets)[1].pt.sum());
    expect(() => two(jets([2, 100_000]))).toThrow(InputError);
    expect(() => two(jets([2, 100_000]))).toThrow(
      "event 1 has 4999950000 rows of 'params.jets×2', made of 100000; it may have 16777216: combine fewer, as the leading ones alone",
    );
    expect(() => three(jets([500]))).toThrow(/event 0 has 20708500 rows of 'params.jets×3', made of 500/);
    expect(() => all(jets([4097]))).toThrow(
      /event 0 has 16785409 rows of 'params.jets×params.jets', made of 4097 and 4097/,
    );
    expect(() => two(jets(new Array(1024).fill(400)))).toThrow(
      /events 0 to 1023 have 81715200 rows of 'params.jets×2', and are worked on at once: at most 67108864/,
    );
    expect(() => two(jets(new Array(300).fill(4000)))).toThrow(/up to event 268 there are \d+ rows/);
  });

  it("have the same bits on two threads, value, slopes and rows", async () => {
    const dist = resolve(import.meta.dirname, "../../dist/src");
    const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(dist, file)).href);
    const built: typeof Library = await load("index.js");
    const { threads }: typeof ThreadsEntry = await load("entry/threads.node.js");
    const ops: typeof Ops = await load("entry/ops.js");
    await built.init();
    const f = (p: Scalar, e: Tables) => {
      const [a, b] = ops.pairs(e.jets);
      const [c, d] = ops.cross(e.jets, e.leptons);
      const near = c.eta.sub(d.eta).square().add(p).min("parent");
      return a.pt.mul(b.pt).mul(p).sqrt().sum().add(near.sum());
    };
    const rows = (e: Tables) => ops.pairs(e.jets)[1].pt.div(ops.count(e.jets.pt, "parent"));
    const own = ({ offsets, ...columns }: typeof j) => built.nested(offsets, columns);
    const given = built.table({ x: new Float32Array(9000), jets: own(j), leptons: own(l) });
    const team = await threads(2);
    try {
      const [one, two] = [{}, { threads: team }].map((options) => ({
        scalar: built.compile(built.valueAndGrad(f), options)(0.3, given),
        rows: built.compile(rows, options)(given),
      }));
      expect(two).toEqual(one);
      expect(one!.rows.length).toBeGreaterThan(9000);
    } finally {
      team.close();
    }
  });

  it("of combinations, and of children of children", () => {
    const tracks = nested([0, 2, 2, 5, 6], { z: Float64Array.of(1, 2, 3, 4, 5, 6) });
    const all = table(
      {
        jets: nested([0, 2, 2, 4], { q: Float64Array.of(1, 2, 3, 4), tracks }),
        w: Float64Array.of(1, 10, 100),
      },
      { dtype: "f64" },
    );
    type All = { jets: { q: EventTensor; tracks: { z: EventTensor } }; w: EventTensor };
    const got = compile((e: All) => {
      const [a, b] = pairs(e.jets.tracks);
      const perJet = a.z.mul(b.z).mul(e.jets.q).mul(e.w).sum("parent");
      // Each pair of jets with each jet.
      const [two, one] = cross(pairs(e.jets.q), e.jets.q);
      const [, other] = cross(e.jets.tracks, e.jets.tracks);
      const deep = other.z.mul(e.w).sum("parent");
      return { perJet, perEvent: perJet.sum("parent"), each: two[0].mul(two[1]).mul(one), deep };
    })(all);
    expect([...got.perJet]).toEqual([2, 0, (12 + 15 + 20) * 3 * 100, 0]);
    expect([...got.perEvent]).toEqual([2, 0, 14100]);
    expect([...got.each]).toEqual([2, 4, 36, 48]);
    expect([...got.deep]).toEqual([3, 3, 1200, 1200, 1200, 600]);
  });

  it("refuse what is not of one parent, and tables below in them", () => {
    const tracks = nested([0, 1], { z: Float64Array.of(1) });
    const all = table({ x: Float64Array.of(1), jets: nested([0, 1], { q: Float64Array.of(1), tracks }) });
    type All = { x: EventTensor; jets: { q: EventTensor; tracks: { z: EventTensor } } };
    const run = (f: (e: All) => EventTensor) => () => compile((e: All) => f(e).sum())(all);
    expect(run((e) => pairs(e.x)[0])).toThrow(
      /'pairs' goes from the rows of a child table.* 'params' has no parent/,
    );
    expect(run((e) => cross(e.jets.q, e.jets.tracks.z)[0])).toThrow(
      "'cross' goes over rows that have one parent, as jets and leptons of events, but those of 'params.jets' belong to 'params' and those of 'params.jets.tracks' to 'params.jets'",
    );
    expect(run((e) => pairs(e.jets)[0].tracks.z)).toThrow(/what is below rows is not combined/);
    expect(run((e) => pairs({ q: e.jets.q, z: e.jets.tracks.z })[0].z)).toThrow(/what is below rows/);
    expect(run((e) => cross(e.jets, pairs(e.jets))[0].q.add(cross(e.jets, e.jets)[0].q))).toThrow(
      /would pair rows/,
    );
    expect(() => compile(() => count(pairs({ a: 3 } as unknown as { a: EventTensor })[0].a))()).toThrow(
      /'pairs' combines rows of a child table, given as a record of its Tensors, as pairs\(events.jets\), but got a plain object/,
    );
    // What stands beside rows may be of the event, or of none.
    const beside = compile((e: All) => {
      const [, b] = cross({ q: e.jets.q, x: e.x }, { q: e.jets.q, k: e.x.sum() });
      return b.q.mul(b.k).sum();
    });
    expect(beside(all)).toBe(1);
  });
});
