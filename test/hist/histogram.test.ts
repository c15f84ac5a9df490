import { beforeAll, describe, expect, it } from "vitest";
import * as ref from "../../src/core/oracle/reference.js";
import {
  axis,
  compile,
  concat,
  DerivativeError,
  freeEdges,
  grad,
  hist,
  histogram,
  InputError,
  init,
  orderedEdges,
  ShapeError,
  type Tensor,
  table,
} from "../../src/index.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

type Events = Record<string, Tensor>;
type Values = Float64Array;
const inf = Number.POSITIVE_INFINITY;

/** Φ(b) - Φ(a), mirrored where both are positive. */
const interval = (a: number, b: number) =>
  a > 0 ? ref.normCdf(-a) - ref.normCdf(-b) : ref.normCdf(b) - ref.normCdf(a);

/** Shares of one event in bins, one by one. */
function shares(x: number, edges: readonly number[], h: (j: number, upper: boolean) => number): number[] {
  return edges.slice(1).map((e, j) => interval((edges[j]! - x) / h(j, false), (e - x) / h(j, true)));
}

function sample(n: number, seed = 1) {
  const draw = random(seed);
  const x = Float64Array.from({ length: n }, () => Math.fround(3 * draw() - 1.5 + draw()));
  const y = Float64Array.from({ length: n }, () => Math.fround(10 * draw() ** 2));
  const w = Float64Array.from({ length: n }, () => Math.fround(0.5 + draw() - 0.2 * Number(draw() < 0.1)));
  const k = Int32Array.from({ length: n }, () => Math.floor(4 * draw()));
  return { x, y, w, k };
}

const near = (got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number) => {
  expect(got.length).toBe(want.length);
  const scale = Array.from(want).reduce((m, v) => Math.max(m, Math.abs(v)), 1e-300);
  for (let i = 0; i < want.length; i++)
    expect(Math.abs(got[i]! - want[i]!), `element ${i}: ${got[i]} against ${want[i]}`).toBeLessThanOrEqual(
      tolerance * scale,
    );
};

describe("one axis", () => {
  const data = sample(3000);
  const edges = [-1.2, -0.5, 0.1, 0.4, 1.5];

  for (const dtype of ["f64", "f32"] as const)
    for (const flow of ["drop", "keep", "reflect"] as const)
      for (const kind of ["one", "per event", "per bin", "per edge"] as const)
        it(`${kind} bandwidth, ${flow}, ${dtype}: values and squares are sums over events`, () => {
          const bandwidth =
            kind === "one" ? 0.2 : kind === "per bin" ? [0.1, 0.2, 0.3, 0.4] : [0.1, 0.2, 0.15, 0.3, 0.25];
          const own = data.y.map((v) => Math.fround(0.05 + v / 30));
          const h = histogram(axis.variable(edges), { flow });
          const f = compile((e: Events) =>
            h.fill(e.x!, { weights: e.w!, bandwidth: kind === "per event" ? e.h! : bandwidth }),
          );
          const got = f(table({ x: data.x, w: data.w, h: own }, { dtype })) as unknown as {
            values: Values;
            variances: Values;
          };
          const bounds =
            flow === "drop" ? edges : [-inf, ...(flow === "keep" ? edges : edges.slice(1, -1)), inf];
          const list = typeof bandwidth === "number" ? [] : bandwidth;
          const pick = (i: number) =>
            list[Math.min(Math.max(flow === "keep" ? i - 1 : i, 0), list.length - 1)]!;
          const values = new Float64Array(bounds.length - 1);
          const variances = new Float64Array(bounds.length - 1);
          data.x.forEach((x, i) => {
            const width = (j: number, upper: boolean) =>
              kind === "one"
                ? 0.2
                : kind === "per event"
                  ? own[i]!
                  : pick(kind === "per edge" && upper ? j + 1 : j);
            shares(x, bounds, width).forEach((p, j) => {
              values[j]! += data.w[i]! * p;
              variances[j]! += (data.w[i]! * p) ** 2;
            });
          });
          near(got.values, values, dtype === "f64" ? 1e-12 : 1e-6);
          near(got.variances, variances, dtype === "f64" ? 1e-12 : 1e-6);
          if (flow !== "drop" && kind !== "per bin") {
            const total = data.w.reduce((a, b) => a + b);
            expect(Math.abs(got.values.reduce((a, b) => a + b) / total - 1)).toBeLessThan(
              dtype === "f64" ? 1e-13 : 1e-7,
            );
          }
        });

  for (const flow of ["drop", "keep", "reflect"] as const)
    for (const closed of [true, false])
      it(`the hard histogram is the same, traced or not (${flow}, closed ${closed})`, () => {
        const x = Float64Array.from([-1.2, 1.5, 0.1, 0.4, -3, 7, inf, -inf, Number.NaN, ...data.x]);
        const w = x.map((_, i) => 1 + (i % 3));
        const h = histogram([axis.variable(edges)], { flow, closed });
        const hard = h.hard(x, { weights: w });
        const f = compile((e: Events) => h.fill(e.x!, { weights: e.w!, bandwidth: 0 }));
        const got = f(table({ x, w }, { dtype: "f64" })) as unknown as { values: Values; variances: Values };
        near(got.values, hard.values, 1e-14);
        near(got.variances, hard.variances, 1e-14);
        const soft = compile((e: Events) => h.fill(e.x!, { weights: e.w!, bandwidth: 1e-9 }));
        const [sx, sw] = [x.slice(4, 8), w.slice(4, 8)];
        const away = soft(table({ x: sx, w: sw }, { dtype: "f64" })) as unknown as { values: Values };
        near(away.values, h.hard(sx, { weights: sw }).values, 1e-14);
        expect(hard.entries.reduce((a, b) => a + b) + hard.lost).toBe(x.length);
        expect(h.shape).toEqual([flow === "keep" ? 6 : 4]);
        const last = h.hard([1.5]);
        expect([...last.entries]).toEqual(
          flow === "keep"
            ? closed
              ? [0, 0, 0, 0, 1, 0]
              : [0, 0, 0, 0, 0, 1]
            : closed || flow === "reflect"
              ? [0, 0, 0, 1]
              : [0, 0, 0, 0],
        );
      });

  it("squares of soft weights become those of hard ones", () => {
    const h = histogram(axis.regular(6, -1.5, 1.5));
    const f = compile(
      (p: { h: Tensor }, e: Events) => h.fill(e.x!, { weights: e.w!, bandwidth: p.h }).variances,
    );
    const events = table({ x: data.x, w: data.w }, { dtype: "f64" });
    near(f({ h: 1e-9 }, events) as Values, h.hard(data.x, { weights: data.w }).variances, 1e-12);
    const wide = f({ h: 0.5 }, events) as Values;
    expect(wide[2]).toBeLessThan(h.hard(data.x, { weights: data.w }).variances[2]!);
  });

  it("derivatives of values and squares agree with differences", () => {
    for (const options of [
      { flow: "drop" as const, wide: false },
      { flow: "reflect" as const, wide: true },
      { flow: "keep" as const, wide: false },
    ]) {
      const c = [0.3, -1, 0.7, 2, -0.4, 1.1].slice(0, options.flow === "keep" ? 6 : 4);
      const loss = (p: { h: Tensor; edges: Tensor; shift: Tensor; power: Tensor }, e: Events) => {
        const made = histogram(axis.variable(p.edges), { flow: options.flow }).fill(e.x!.add(p.shift), {
          weights: e.w!.mul(p.power),
          bandwidth: options.wide ? p.h.mul(e.y!.add(1)) : p.h,
        });
        return c
          .map((v, i) =>
            made.values
              .at(i)
              .mul(v)
              .add(
                made.variances
                  .at(i)
                  .sqrt()
                  .mul(1 - v),
              ),
          )
          .reduce((a, b) => a.add(b));
      };
      const value = compile(loss);
      const slope = compile(grad(loss));
      const events = table({ x: data.x, w: data.w, y: data.y }, { dtype: "f64" });
      const p = { h: 0.12, edges, shift: 0.03, power: 1.3 };
      const g = slope(p, events) as unknown as { h: number; edges: Values; shift: number; power: number };
      const step = 1e-4;
      const difference = (move: (d: number) => typeof p) =>
        (8 * ((value(move(step), events) as number) - (value(move(-step), events) as number)) -
          ((value(move(2 * step), events) as number) - (value(move(-2 * step), events) as number))) /
        (12 * step);
      const same = (got: number, want: number) =>
        expect(Math.abs(got - want)).toBeLessThan(1e-8 * Math.max(Math.abs(want), 100));
      same(
        g.h,
        difference((d) => ({ ...p, h: p.h + d })),
      );
      same(
        g.shift,
        difference((d) => ({ ...p, shift: p.shift + d })),
      );
      same(
        g.power,
        difference((d) => ({ ...p, power: p.power + d })),
      );
      for (let j = 0; j < edges.length; j++) {
        same(
          g.edges[j]!,
          difference((d) => ({ ...p, edges: edges.map((e, i) => (i === j ? e + d : e)) })),
        );
      }
    }
  });
});

describe("several axes", () => {
  const data = sample(700, 5);
  const xs = [-1, -0.2, 0.5, 1.3];
  const ys = [0, 2, 5, 10];
  const brute = (flow: "drop" | "keep" | "reflect") => {
    const open = (e: number[]) =>
      flow === "drop" ? e : [-inf, ...(flow === "keep" ? e : e.slice(1, -1)), inf];
    const [bx, by] = [open(xs), open(ys)];
    const n = by.length - 1;
    const values = new Float64Array((bx.length - 1) * n);
    const variances = new Float64Array(values.length);
    data.x.forEach((x, i) => {
      const [p, q] = [shares(x, bx, () => 0.2), shares(data.y[i]!, by, () => 0.7)];
      p.forEach((a, j) => {
        q.forEach((b, k) => {
          values[j * n + k]! += data.w[i]! * a * b;
          variances[j * n + k]! += (data.w[i]! * a * b) ** 2;
        });
      });
    });
    return { values, variances };
  };

  for (const flow of ["drop", "keep", "reflect"] as const)
    for (const dtype of ["f64", "f32"] as const)
      it(`two of numbers (${flow}, ${dtype})`, () => {
        const h = histogram([axis.variable(xs, { name: "x" }), axis.variable(ys, { name: "y" })], { flow });
        const f = compile((e: Events) => h.fill([e.x!, e.y!], { weights: e.w!, bandwidth: [0.2, 0.7] }));
        const got = f(table(data, { dtype }));
        const want = brute(flow);
        near(got.values.data, want.values, dtype === "f64" ? 1e-12 : 1e-5);
        near(got.variances.data, want.variances, dtype === "f64" ? 1e-12 : 1e-5);
        expect(got.values.shape).toEqual(h.shape);
      });

  it("derivatives in two dimensions agree with differences", () => {
    const h = histogram([axis.variable(xs), axis.variable(ys)], { flow: "reflect" });
    const loss = (p: { a: Tensor; b: Tensor; hx: Tensor }, e: Events) => {
      const made = h.fill([e.x!.mul(p.a), e.y!.add(p.b)], { bandwidth: [p.hx, 0.7], weights: e.w! });
      return made.values.sqrt().sum().add(made.variances.sqrt().sum().mul(0.3));
    };
    const events = table(data, { dtype: "f64" });
    const p = { a: 1.1, b: 0.2, hx: 0.3 };
    const g = compile(grad(loss))(p, events) as unknown as typeof p;
    const value = compile(loss);
    for (const key of ["a", "b", "hx"] as const) {
      const at = (d: number) => value({ ...p, [key]: p[key] + d }, events) as number;
      const want = (at(1e-5) - at(-1e-5)) / 2e-5;
      expect(Math.abs(g[key] / want - 1)).toBeLessThan(1e-6);
    }
  });

  for (const flow of ["drop", "keep", "reflect"] as const)
    it(`categories and numbers, hard and traced (${flow})`, () => {
      const h = histogram(
        [axis.category([0, 2, 3], { name: "channel" }), axis.regular(3, -1, 1), axis.variable(ys)],
        { flow },
      );
      const hard = h.hard([data.k, data.x, data.y], { weights: data.w });
      const f = compile((e: Events) => h.fill([e.k!, e.x!, e.y!], { weights: e.w!, bandwidth: [0, 0, 0] }));
      const got = f(table(data, { dtype: "f64" }));
      near(got.values.data, hard.values, 1e-13);
      near(got.variances.data, hard.variances, 1e-13);
      expect(h.shape).toEqual(flow === "keep" ? [4, 5, 5] : [3, 3, 3]);
      const other = data.k.filter((v) => v === 1).length;
      if (flow === "keep") expect(hard.lost).toBe(0);
      if (flow === "reflect") expect(hard.lost).toBe(other);
    });

  it("counts categories by name", () => {
    const h = histogram(axis.category(["e", "mu"]));
    expect([...h.hard(["mu", "e", "mu", "tau"]).values]).toEqual([1, 2]);
    expect([...h.hard([1, 0, 1, 7]).values]).toEqual([1, 2]);
    expect(h.hard(["mu", "tau"]).lost).toBe(1);
    const f = compile((e: Events) => h.fill(e.k!, { bandwidth: 0, weights: e.w! }).values);
    near(f(table(data)) as Values, h.hard(data.k, { weights: data.w }).values, 1e-6);
  });
});

describe("edges that train", () => {
  it("stay in order, and reach the ends exactly", () => {
    const draw = random(3);
    for (let trial = 0; trial < 50; trial++) {
      const free = Float64Array.from({ length: 1 + (trial % 7) }, () => 40 * (draw() - 0.5));
      const least = trial % 2 ? 0.01 : 0;
      const edges = orderedEdges(free, -2, 3, { least });
      expect([edges[0], edges.at(-1)]).toEqual([-2, 3]);
      for (let i = 1; i < edges.length; i++) {
        expect(edges[i]! - edges[i - 1]!).toBeGreaterThanOrEqual(5 * least * (1 - 1e-9));
      }
    }
  });

  it("start where they are told", () => {
    for (const least of [0, 0.02]) {
      const edges = [0, 0.1, 0.5, 0.55, 2];
      near(orderedEdges(freeEdges(edges, { least }), 0, 2, { least }), edges, 1e-15);
    }
    expect(() => freeEdges([0, 1, 1, 2])).toThrow(/from 1 to 1 is narrower/);
    expect(() => orderedEdges([1, 2], 0, 1, { least: 0.5 })).toThrow(/below 1\/2/);
  });

  it("follow a gradient through the histogram", () => {
    const data = sample(2000, 8);
    const loss = (p: { free: Tensor }, e: Events) => {
      const edges = orderedEdges(p.free, -1.5, 2.5);
      const values = hist(e.x!, { bins: edges, bandwidth: 0.05, flow: "reflect" });
      return values.sub(values.mean()).square().mean();
    };
    const step = compile(grad(loss));
    const value = compile(loss);
    const events = table(data, { dtype: "f64" });
    let free = freeEdges([-1.5, -0.5, 0.5, 1.5, 2.5]);
    const start = value({ free }, events) as number;
    for (let i = 0; i < 300; i++) {
      const g = (step({ free }, events) as unknown as { free: Values }).free;
      free = free.map((f, j) => f - 2e-6 * g[j]!);
    }
    expect(value({ free }, events) as number).toBeLessThan(1e-3 * start);
  });
});

describe("numbers at the limits", () => {
  const values = [0, 1e-320, 1e-300, 1e-40, 1e-9, 0.3, 1e3, 1e30, 1e200, 1e308];
  const x = Float64Array.from([0, 1, -1, 0.5, 1e-3, 1e30, -1e30, 1e-30, 0.25]);
  for (const dtype of ["f64", "f32"] as const)
    for (const flow of ["drop", "keep", "reflect"] as const)
      for (const own of [false, true])
        it(`no NaN at any bandwidth (${dtype}, ${flow}, ${own ? "per event" : "one"})`, () => {
          const f = compile((p: { h: Tensor }, e: Events) => {
            const fill = (a: { x: Tensor; w: Tensor; h: Tensor }) => {
              const made = histogram(axis.regular(4, 0, 1), { flow }).fill(a.x, {
                weights: a.w,
                bandwidth: own ? a.h.add(e.x!.mul(0)) : a.h,
              });
              return made;
            };
            const sum = (a: { x: Tensor; w: Tensor; h: Tensor }) => fill(a).values.at(1);
            const args = { x: e.x!, w: e.w!, h: p.h };
            return { ...fill(args), grads: grad(sum)(args) };
          });
          for (const h of values) {
            if (dtype === "f32" && own && h > 0 && (h < 1e-38 || h > 3e38)) continue;
            const got = f({ h }, table({ x, w: x.map(() => 1) }, { dtype })) as unknown as {
              values: Values;
              variances: Values;
              grads: { x: Values; w: Values; h: number };
            };
            const all = [...got.values, ...got.variances, ...got.grads.x, ...got.grads.w, got.grads.h];
            expect(all.filter(Number.isNaN), `bandwidth ${h}`).toEqual([]);
            if (flow !== "drop") {
              expect(got.values.reduce((a, b) => a + b)).toBeCloseTo(x.length, dtype === "f32" ? 5 : 12);
            }
          }
        });

  it("refuses the gradient of a hard histogram, but not that in the weights", () => {
    const run = (f: (e: Events, p: { a: Tensor }) => Tensor) =>
      compile((p: { a: Tensor }, e: Events) => grad((a: Tensor) => f(e, { a }))(p.a))({ a: 1 }, table({ x }));
    const at = (t: Tensor) => hist(t, { bins: 2, range: [0, 1], bandwidth: 0 }).at(0);
    expect(() => run((e, { a }) => at(e.x!.mul(a)))).toThrow(DerivativeError);
    expect(() => run((e, { a }) => at(e.x!.mul(a)))).toThrow(/bandwidth 0 counts events.*its events is 0/);
    const edges = (e: Events, { a }: { a: Tensor }) =>
      hist(e.x!, { bins: orderedEdges(concat([a.reshape([1]), a.reshape([1])]), 0, 1), bandwidth: 0 }).at(0);
    expect(() => run(edges)).toThrow(/its edges is 0/);
    const two = (e: Events, { a }: { a: Tensor }) =>
      histogram([axis.regular(2, 0, 1), axis.regular(2, 0, 1)])
        .fill([e.x!.mul(a), e.x!], { bandwidth: [0, 0] })
        .values.at(0)
        .at(0);
    expect(() => run(two)).toThrow(/bandwidth 0/);
    const weights = (e: Events, { a }: { a: Tensor }) =>
      hist(e.x!, { bins: 2, range: [0, 1], bandwidth: 0, weights: a.mul(2) }).at(1);
    // 1, 0.5 are in the second bin, and the derivative of 2a per event is 2.
    expect(run(weights)).toBe(4);
  });
});

describe("random histograms against a slow reference", () => {
  it("agrees in f64", () => {
    const f = compile((p: { h: Tensor; edges: Tensor; c: Tensor }, e: Events) => {
      const loss = (a: { x: Tensor; w: Tensor; h: Tensor; edges: Tensor }) =>
        hist(a.x, { bins: a.edges, bandwidth: a.h, weights: a.w }).mul(p.c).sum();
      const args = { x: e.x!, w: e.w!, h: p.h, edges: p.edges };
      return {
        values: hist(args.x, { bins: args.edges, bandwidth: p.h, weights: args.w }),
        grads: grad(loss)(args),
      };
    });
    const draw = random(77);
    for (let trial = 0; trial < 20; trial++) {
      const n = [1, 7, 300, 700, 1200][trial % 5]!;
      const bins = 1 + Math.floor(12 * draw());
      const scale = 10 ** (6 * draw() - 3);
      const at = (2 * draw() - 1) * 10 * scale;
      const edges = Array.from({ length: bins + 1 }, () => at + scale * draw()).sort((a, b) => a - b);
      const h = scale * 10 ** (4 * draw() - 3);
      const x = Float64Array.from({ length: n }, () => at + scale * (2 * draw() - 0.5));
      const w = Float64Array.from({ length: n }, () => 2 * draw() - 0.5);
      const c = Float64Array.from({ length: bins }, () => draw() - 0.5);
      const got = f({ h, edges, c }, table({ x, w }, { dtype: "f64" })) as unknown as {
        values: Values;
        grads: { x: Values; w: Values; h: number; edges: Values };
      };
      const values = new Float64Array(bins);
      const [gx, gw, ge] = [new Float64Array(n), new Float64Array(n), new Float64Array(bins + 1)];
      let [gh, size] = [0, 0];
      x.forEach((v, i) => {
        shares(v, edges, () => h).forEach((p, j) => {
          const z = [(edges[j]! - v) / h, (edges[j + 1]! - v) / h] as const;
          const slope = [ref.normPdf(z[0]) / h, ref.normPdf(z[1]) / h] as const;
          values[j]! += w[i]! * p;
          gw[i]! += c[j]! * p;
          gx[i]! += c[j]! * w[i]! * (slope[0] - slope[1]);
          gh += c[j]! * w[i]! * (z[0] * slope[0] - z[1] * slope[1]);
          size += Math.abs(c[j]! * w[i]! * slope[0]);
          ge[j]! -= c[j]! * w[i]! * slope[0];
          ge[j + 1]! += c[j]! * w[i]! * slope[1];
        });
      });
      // z is known to the rounding of edges and events far from 0.
      const precision = 1e-12 * (1 + (10 * scale) / h / 1e3) * 10;
      near(got.values, values, precision * Math.sqrt(n));
      near(got.grads.w, gw, precision);
      near(got.grads.x, gx, precision * 10);
      near(got.grads.edges, ge, precision * 10);
      expect(Math.abs(got.grads.h - gh)).toBeLessThanOrEqual(precision * 10 * (size + Math.abs(gh)));
    }
  });
});

describe("what is wrong with a histogram", () => {
  const fill = (f: (e: Events) => unknown) => () => compile(f as (e: Events) => Tensor)(table(sample(10)));
  it("is said in a sentence", () => {
    expect(() => axis.regular(0, 0, 1)).toThrow(/whole number of bins/);
    expect(() => axis.regular(3, 1, 1)).toThrow(/low < high/);
    expect(() => axis.variable([0, 1, 1])).toThrow(/does not ascend at 1, 1/);
    expect(() => axis.variable([0])).toThrow(/has 1 entries/);
    expect(() => axis.category(["a", "a"])).toThrow(/"a" stands twice/);
    expect(() => axis.category(["a", 0])).toThrow(ShapeError);
    expect(() => histogram([])).toThrow(/at least one axis/);
    const two = histogram([axis.regular(2, 0, 1, { name: "x" }), axis.regular(2, 0, 1)]);
    expect(fill((e) => two.fill(e.x!, { bandwidth: [1, 1] }))).toThrow(
      /has 2 axes \(x, 1\), but got 1 columns/,
    );
    expect(fill((e) => two.fill([e.x!, e.y!], { bandwidth: 1 }))).toThrow(/list of 2 bandwidths/);
    const one = histogram(axis.regular(2, 0, 1));
    expect(fill((e) => one.fill(e.x!, { bandwidth: -1 }))).toThrow(/must be 0 or more, but is -1/);
    expect(fill((e) => one.fill(e.x!, { bandwidth: [1, 2, 3, 4] }))).toThrow(
      /one per bin \[2\] or one per edge \[3\]/,
    );
    expect(() => one.hard([1, 2], { weights: [1] })).toThrow(InputError);
    expect(
      fill((e) => {
        const traced = histogram(
          axis.variable(orderedEdges(e.x!.sum("events").reshape([1]), 0, 1), { name: "m" }),
        );
        return traced.hard([1]).values;
      }),
    ).toThrow(/edges of axis m are a Tensor/);
  });
});
