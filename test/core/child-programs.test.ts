// Random programs on events, jets, tracks of jets, and pairs and products of jets: compiled against the interpreter, value and
// slopes; slopes against differences; and the same bits whatever else is computed beside.

import { beforeAll, expect, it } from "vitest";
import { interpret } from "../../src/core/oracle/interpret.js";
import { boundTables } from "../../src/core/run/boundtables.js";
import { argumentLeaves, trace } from "../../src/core/run/trace.js";
import {
  all,
  any,
  argmax,
  count,
  cross,
  cumsum,
  nth,
  pairs,
  sort,
  takeAlong,
  topK,
} from "../../src/entry/ops.js";
import { compile, grad, init, maximum, nested, stack, type Tensor, table, where } from "../../src/index.js";
import { drawn, type Steps } from "../kit/programs.js";
import { random } from "../kit/random.js";
import { oracles } from "../kit/registry.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

type E = { x: Tensor; jets: { pt: Tensor; tracks: { z: Tensor } }; muons: { pt: Tensor } };

/** Numbers that are there: of no children some reductions have none. */
const there = (x: Tensor) => where(x.abs().lt(1e6), x, 0);

const steps: Steps = {
  add: (d) => d.last().add(d.t()),
  sub: (d) => d.t().sub(d.last()),
  mul: (d) => d.last().mul(d.t()),
  tanh: (d) => d.last().tanh(),
  sigmoid: (d) => d.last().sigmoid(),
  sin: (d) => d.last().sin(),
  square: (d) => d.last().tanh().square(),
  exp: (d) => d.last().tanh().exp(),
  maximum: (d) => maximum(d.last(), d.t()),
  where: (d) => {
    const [a, b] = [d.last(), d.t()];
    // Refused before there is a comparison that nothing would use.
    return a.add(b) && where(a.gt(0.1), b, a);
  },
  sum: (d) => d.last().sum("parent"),
  sumOf: (d) => d.t().sum("parent"),
  mean: (d) => there(d.last().mean("parent")),
  max: (d) => there(d.last().max("parent")),
  min: (d) => there(d.t().min("parent")),
  logsumexp: (d) => there(d.last().logsumexp("parent")),
  softmax: (d) => d.last().softmax("parent"),
  count: (d) => count(d.last(), "parent"),
  any: (d) => any(d.last().sigmoid(), "parent"),
  all: (d) => all(d.t().sigmoid(), "parent"),
  nth: (d) => nth(d.last(), d.pick([0, 1, -1]), 0.5),
  argmax: (d) => there(takeAlong(d.t(), argmax(d.last(), "parent"), "parent")),
  sort: (d) => sort(d.last(), "parent"),
  topK: (d) => there(topK(d.last(), 2, "parent")).sum(-1),
  cumsum: (d) => cumsum(d.last(), "parent"),
  fold: (d) => d.last().sum().tanh(),
  mean1: (d) => d.last().mean("events").tanh(),
  stack: (d) => stack([d.last(), d.t()]).max(0),
  pairs: (d) => {
    const [a, b] = pairs({ v: d.last() });
    return a.v.mul(b.v).tanh().sum("parent");
  },
  cross: (d) => {
    const [a, b] = cross({ v: d.last() }, { v: d.t() });
    return there(a.v.sub(b.v).sin().max("parent"));
  },
  crossSum: (d) => {
    const [, b] = cross({ v: d.t() }, { v: d.last() });
    return b.v.sum("parent");
  },
};

const rows = [0, 1, 3, 40, 2100];
function events(seed: number, dtype: "f32" | "f64") {
  const u = random(seed);
  const n = rows[Math.floor(u() * rows.length)]!;
  const children = (parents: number, most: number) => {
    const offsets = [0];
    for (let i = 0; i < parents; i++) offsets.push(offsets[i]! + (u() < 0.3 ? 0 : Math.floor(u() * most)));
    return offsets;
  };
  const column = (length: number) => Float64Array.from({ length }, () => Math.fround(2 * u() - 1));
  const jets = children(n, n > 100 ? 4 : 7);
  const tracks = children(jets.at(-1)!, 3);
  const muons = children(n, 3);
  return table(
    {
      x: column(n),
      jets: nested(jets, { pt: column(jets.at(-1)!), tracks: nested(tracks, { z: column(tracks.at(-1)!) }) }),
      muons: nested(muons, { pt: column(muons.at(-1)!) }),
    },
    { dtype },
  );
}

const numbers = (x: number | Float64Array) => (typeof x === "number" ? Float64Array.of(x) : x);

const program = (seed: number) => (p: Tensor, e: E) => {
  const pool = drawn(
    steps,
    seed,
    [p, e.x, e.jets.pt, e.jets.tracks.z, e.muons.pt, e.jets.pt.mul(p), e.x.sub(p)],
    {
      length: 7,
      fits: (t) => t.shape.length === 0 && t.dtype !== "i32",
    },
  );
  return pool.slice(-2).reduce((sum: Tensor, t) => sum.add((t.axis ? t.sum() : t).mul(0.3)), p.mul(0));
};

const seeds = Array.from({ length: runs(150) }, (_, i) => i + 1);

it("compiled programs are what the interpreter makes of their graphs, slopes too", () => {
  for (const seed of seeds) {
    const f = program(seed);
    const both = (p: Tensor, e: E) => {
      const g = grad((a: { p: Tensor; pt: Tensor }) => f(a.p, { ...e, jets: { ...e.jets, pt: a.pt } }));
      const slopes = g({ p, pt: e.jets.pt });
      return [f(p, e), slopes.p, slopes.pt];
    };
    const data = events(seed, "f64");
    const got = compile(both)(0.7, data as never) as unknown as (number | Float64Array)[];
    const traced = trace(both as never, [0.7, data]);
    const { tables } = boundTables(traced, argumentLeaves([0.7, data]).leaves);
    const { columns } = tables.get("events")!;
    const want = interpret(traced.outputs, {
      smalls: [[0.7], ...traced.captured],
      columns: traced.columns.map((_, slot) => columns.get(slot)!),
      rows: new Map(Array.from(tables, ([name, { rows }]) => [name, rows])),
      offsets: new Map(
        traced.children.map(({ axis }, i) => [axis.table, columns.get(traced.columns.length + i)!]),
      ),
      oracles,
    });
    traced.outputs.forEach((_, i) => {
      const [g, w] = [numbers(got[i]!), want[i]!.data];
      expect(g.length).toBe(w.length);
      w.forEach((v, j) => {
        const off = Math.abs(g[j]! - v);
        if (!(off <= 1e-9 * Math.max(1, Math.abs(v)) || (Number.isNaN(v) && Number.isNaN(g[j]))))
          expect.fail(`seed ${seed}, output ${i}: ${g[j]}, not ${v}`);
      });
    });
  }
});

it("slopes agree with differences", () => {
  let compared = 0;
  for (const seed of seeds) {
    const f = compile(program(seed));
    const slope = compile(grad(program(seed)));
    const data = events(seed, "f64") as never;
    const at = (p: number) => f(p, data) as number;
    const differences = [1e-5, 1e-6].map((h) => (at(0.7 + h) - at(0.7 - h)) / (2 * h));
    // The mean of no events is none.
    if (Number.isNaN(at(0.7))) continue;
    // At a kink the two differ, and there is no slope to compare with.
    if (Math.abs(differences[0]! - differences[1]!) > 1e-5 * Math.max(1, Math.abs(differences[0]!))) continue;
    const got = slope(0.7, data) as number;
    if (!(Math.abs(got - differences[0]!) <= 1e-5 * Math.max(1, Math.abs(got))))
      expect.fail(`seed ${seed}: ${got}, not ${differences[0]}`);
    compared++;
  }
  expect(compared).toBeGreaterThan(0.7 * seeds.length);
});

it("bits do not depend on what else is computed, nor on the order of blocks", () => {
  for (const seed of seeds.slice(0, runs(40))) {
    const [one, other] = [program(seed), program(seed + 1000)];
    const data = events(seed, "f32") as never;
    const alone = compile((p: Tensor, e: E) => one(p, e))(0.7, data);
    const beside = compile((p: Tensor, e: E) => [one(p, e), other(p, e)], {
      blockOrder: (n) => Array.from({ length: n }, (_, i) => n - 1 - i),
    })(0.7, data) as unknown as number[];
    if (!Object.is(beside[0], alone)) expect.fail(`seed ${seed}: ${beside[0]}, not ${alone}`);
  }
});
