import { beforeAll, describe, expect, it } from "vitest";
import { fitEnds } from "../../src/core/agreed.js";
import { interpret } from "../../src/core/oracle/interpret.js";
import { trace } from "../../src/core/run/trace.js";
import {
  compile,
  constantArray,
  type EventTensor,
  grad,
  hessian,
  init,
  minimize,
  nested,
  type Scalar,
  stack,
  type Tensor,
  table,
  type Vector,
  valueAndGrad,
  vmap,
  where,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { random } from "../kit/random.js";
import { oracles } from "../kit/registry.js";

beforeAll(() => init());

const closeTo = (got: number, want: number, part: number, what = "") =>
  expect(Math.abs(got - want), `${what}: ${got} for ${want}`).toBeLessThanOrEqual(
    part * Math.max(1, Math.abs(want)),
  );

type Columns = { a: EventTensor; b: EventTensor };

function numbers(rows: number, dtype: "f32" | "f64" = "f64") {
  const draw = random(31);
  const from = (v: Float64Array): Float32Array | Float64Array => (dtype === "f32" ? Float32Array.from(v) : v);
  const a = from(Float64Array.from({ length: rows }, () => 0.5 + 3 * draw()));
  const b = from(Float64Array.from({ length: rows }, () => 4 * draw() - 2));
  return { a, b, events: table({ a, b }, { dtype }) };
}

/** exp(x) - a x: the minimum lies at log(a), with the value a - a log(a). */
const one = (e: { a: EventTensor }, s: Scalar | number = 1) =>
  minimize((x: Scalar) => x.exp().sub(e.a.mul(s).mul(x)), 0);

/** Rosenbrock's valley through (a, a²), tilted by b: nothing of it is quadratic. */
const valley = (e: Columns, s: Scalar | number = 1, t: Scalar | number = 1) =>
  minimize(
    (x: Vector) => {
      const [u, v] = [x.at(0), x.at(1)];
      const bent = v.sub(u.square()).square().mul(10);
      return bent.add(u.sub(e.a.mul(s)).square()).add(v.mul(e.b).mul(t).sin().mul(0.1));
    },
    constantArray([-1, 1]),
  );

describe("a fit of each event", () => {
  it.each([0, 1, 255, 257, 300, 9000])("of %i events has the minimum in closed form", (rows) => {
    const { events, a } = numbers(rows);
    const { x, value, status, steps, edm } = compile((e: Columns) => one(e))(events);
    expect(x).toHaveLength(rows);
    expect(Math.max(0, ...status, ...edm)).toBeLessThan(1e-20);
    expect(Math.max(0, ...steps)).toBeLessThan(15);
    const worst = [...a].reduce(
      (m, v, i) => Math.max(m, Math.abs(x[i]! - Math.log(v)), Math.abs(value[i]! - v + v * Math.log(v))),
      0,
    );
    expect(worst).toBeLessThan(4e-15);
  });

  it("of f32 columns is done in f64 and rounded once", () => {
    const { events, a } = numbers(300, "f32");
    const { x, status } = compile((e: Columns) => one(e))(events);
    expect(x).toBeInstanceOf(Float32Array);
    expect(status).toEqual(new Float32Array(300));
    a.forEach((v, i) => {
      closeTo(x[i]!, Math.log(v), 2 ** -24);
    });
    const slope = compile(grad((p: Scalar, e: Columns) => one(e, p).x.square().sum()));
    closeTo(slope(1, events) / slope(1, numbers(300).events), 1, 1e-6);
  });

  it("is the fit of that event alone, from the same start", () => {
    const { events, a, b } = numbers(40);
    const all = compile((e: Columns) => valley(e))(events);
    const alone = compile(
      (a: Scalar, b: Scalar) => valley({ a, b } as never) as never as { x: Vector; steps: Scalar },
    );
    expect(Math.max(...all.status)).toBe(0);
    a.forEach((v, i) => {
      const fit = alone(v, b[i]!);
      expect(fit.steps).toBe(all.steps[i]);
      for (const k of [0, 1]) closeTo(all.x[2 * i + k]!, fit.x[k]!, 1e-14);
    });
  });

  it("is that of the interpreter", () => {
    const { events, a, b } = numbers(4);
    const f = (e: Columns) => {
      const { x, value, status } = valley(e);
      return [x, value, status];
    };
    const got = compile(f)(events);
    const traced = trace(f as never, [events]);
    const columns = traced.columns.map(({ name }) => (name === "a" ? a : b));
    const env = { smalls: traced.captured, columns, rows: new Map([["params", 4]]), oracles };
    const [x, value, status] = interpret(traced.outputs, env);
    expect(flat(got[2])).toEqual([...status!.data]);
    for (let i = 0; i < 4; i++) {
      closeTo(flat(got[1])[i]!, value!.data[i]!, 1e-12);
      for (const k of [0, 1]) closeTo(flat(got[0])[2 * i + k]!, x!.data[4 * k + i]!, 1e-7);
    }
  });

  it("has derivatives of x and value, in parameters and in columns", () => {
    const { events, a } = numbers(300);
    const f = (s: Scalar, e: Columns) => {
      const { x, value } = one(e, s);
      return x.square().add(value).sum();
    };
    // x = log(s a), value = s a (1 - x).
    let [value, slope] = [0, 0];
    for (const v of a) {
      const x = Math.log(v);
      value += x * x + v - v * x;
      slope += 2 * x - v * x;
    }
    const got = compile(valueAndGrad(f))(1, events);
    closeTo(got.value, value, 1e-13);
    closeTo(got.grads, slope, 1e-12);
    const column = compile((e: Columns) => grad((c: EventTensor) => one({ a: c }).x.sum())(e.a))(events);
    const second = compile((e: Columns) => hessian((s: Vector) => f(s.at(0), e))(constantArray([1])))(events);
    expect(second.data).toHaveLength(1);
    a.forEach((v, i) => {
      closeTo(column[i]!, 1 / v, 1e-13);
    });
    closeTo(
      second.data[0]!,
      [...a].reduce((sum, v) => sum + 2 - 2 * Math.log(v) - v, 0),
      1e-11,
    );
  });

  it("has second derivatives of fits in two coordinates", () => {
    const { events } = numbers(20);
    const f = (p: Vector, e: Columns) => {
      const { x, value } = valley(e, p.at(0), p.at(1));
      return x.at(0).mul(x.at(1)).mul(0.1).sin().add(value.mul(2)).sum();
    };
    const value = compile(f);
    const g = compile((p: Vector, e: Columns) => grad((q: Vector) => f(q, e))(p));
    const h = compile((p: Vector, e: Columns) => hessian((q: Vector) => f(q, e))(p));
    const [p, d] = [[1.1, 0.9], 1e-6];
    const moved = (j: number, by: number) => p.map((v, k) => (k === j ? v + by : v));
    const [slope, bend] = [g(p, events), h(p, events).data];
    for (const j of [0, 1]) {
      closeTo(slope[j]!, (value(moved(j, d), events) - value(moved(j, -d), events)) / (2 * d), 1e-6);
      const [up, down] = [g(moved(j, d), events), g(moved(j, -d), events)];
      for (const i of [0, 1]) closeTo(bend[2 * i + j]!, (up[i]! - down[i]!) / (2 * d), 1e-6);
    }
  });

  it("is mapped over parameters", () => {
    const { events } = numbers(300);
    const f = (s: Scalar, e: Columns) => valley(e, s).x.square().sum();
    const all = compile((s: Vector, e: Columns) => vmap((t: Scalar) => grad((u: Scalar) => f(u, e))(t))(s));
    const alone = compile((s: Scalar, e: Columns) => grad((u: Scalar) => f(u, e))(s));
    expect([...all([0.5, 2], events)]).toEqual([0.5, 2].map((s) => alone(s, events)));
  });

  it("stays in bounds of its own, and moves with them", () => {
    const { events, a, b } = numbers(300);
    const f = (e: Columns) => minimize((x) => x.exp().sub(e.a.mul(x)), e.b.add(0.1), { lower: e.b }).x;
    const x = compile(f)(events);
    const slopes = compile((e: Columns) => grad((c: Columns) => f(c).sum())(e))(events);
    a.forEach((v, i) => {
      const held = b[i]! > Math.log(v);
      closeTo(x[i]!, Math.max(b[i]!, Math.log(v)), 4e-15);
      closeTo(slopes.a[i]!, held ? 0 : 1 / v, 1e-13);
      expect(slopes.b[i]!).toBe(held ? 1 : 0);
    });
    expect(new Set(slopes.b).size).toBe(2);
  });

  it("of a child row meets values of its parent", () => {
    const t = Float64Array.of(1, 2, 3);
    const y = Float64Array.of(0.5, 1, 1.5, 2, 2.5);
    const events = table({ t, jets: nested(Int32Array.of(0, 2, 2, 5), { y }) }, { dtype: "f64" });
    type E = { t: EventTensor; jets: { y: EventTensor } };
    const f = (k: Scalar, e: E) => one({ a: e.jets.y.mul(e.t) }, k).x.sum("parent");
    const sums = compile(f)(1, events);
    const of = (i: number, j: number) => Math.log(y[j]! * t[i]!);
    [of(0, 0) + of(0, 1), 0, of(2, 2) + of(2, 3) + of(2, 4)].forEach((w, i) => {
      closeTo(sums[i]!, w, 1e-14);
    });
    closeTo(
      compile(grad((k: Scalar, e: E) => f(k, e).mul(e.t).sum()))(2, events),
      (2 * 1 + 3 * 3) / 2,
      1e-13,
    );
  });
});

describe("an event whose fit does not converge", () => {
  // A minimum at r; none below; levels off; not finite; a saddle.
  const c = Int32Array.of(0, 1, 2, 3, 4, 0);
  const r = Float64Array.of(0.3, 0.3, 0.3, 0.3, 0.3, 0.4);
  const events = table({ c, r }, { dtype: "f64" });
  type E = { c: EventTensor; r: EventTensor };
  const search = (e: E, s: Scalar | number = 1) =>
    minimize((x: Scalar) => {
      const y = x.sub(e.r.mul(s));
      const odd = where(e.c.eq(2), y.neg().exp(), where(e.c.eq(3), y.sub(9).log(), y.mul(y).neg()));
      return where(e.c.eq(0), y.exp().sub(y), where(e.c.eq(1), y.neg(), odd));
    }, 0);

  it("is NaN with a status, and leaves the others their bits", () => {
    const { x, value, status } = compile((e: E) => search(e))(events);
    const alone = compile((c: Scalar, r: Scalar) => search({ c, r } as never).status as unknown as Scalar);
    expect([...status]).toEqual([...c].map((v, i) => alone(v, r[i]!)));
    expect([...status].slice(1, 4)).toEqual([fitEnds.noDescent, fitEnds.noDescent, fitEnds.notFinite]);
    const no = [false, true, true, true, true, false];
    expect([...x].map(Number.isNaN)).toEqual(no);
    expect([...value].map(Number.isNaN)).toEqual(no);
    closeTo(x[0]!, 0.3, 1e-15);
    const many = table(
      { c: Int32Array.from({ length: 300 }, (_, i) => i % 5), r: new Float64Array(300).fill(0.3) },
      { dtype: "f64" },
    );
    compile((e: E) => search(e))(many).x.forEach((v, i) => {
      if (i % 5 === 0) expect(v).toBe(x[0]);
    });
  });

  it("ends at the limit of steps, and where bounds cross", () => {
    const short = compile((e: E) => minimize((x: Scalar) => x.exp().sub(e.r.mul(x)), 9, { maxSteps: 3 }))(
      events,
    );
    expect([...short.status]).toEqual(new Array(6).fill(fitEnds.maxSteps));
    const crossed = compile((e: E) =>
      minimize((x: Scalar) => x.sub(e.r).square(), 0, { lower: e.r.sub(0.35), upper: 0 }),
    )(events);
    expect([...crossed.status]).toEqual([0, 0, 0, 0, 0, fitEnds.crossed]);
  });

  it("has no part in the derivatives of a sum behind a mask", () => {
    const f = (s: Scalar, e: E) => {
      const { x, value, status } = search(e, s);
      return where(status.eq(0), x.add(value), 0).sum();
    };
    closeTo(compile(grad(f))(1, events), 0.7, 1e-14);
    closeTo(
      compile((s: Vector, e: E) => hessian((t: Vector) => f(t.at(0), e))(s))([1], events).data[0]!,
      0,
      1e-12,
    );
  });
});

it("what is for one fit, and what brings events together, is refused", () => {
  const { events } = numbers(3);
  const along = (e: Columns) =>
    minimize((x: Scalar) => x.sub(e.a).square(), 0, { search: { mirror: true } }).x;
  expect(() => compile(along)(events)).toThrow(
    /'search' of 'minimize' is for one fit, but each row of 'params'/,
  );
  const sums = (e: Columns) =>
    minimize((x: Vector) => x.sub(e.a).square().sum("events").sum().add(e.b), constantArray([0, 0])).x;
  expect(() => compile(sums)(events)).toThrow(
    /'minimize' is solved for each row of 'params' alone, but the result of/,
  );
});

describe("a vertex of tracks", () => {
  const [n, k] = [300, 5];
  const draw = random(17);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const points = new Float64Array(n * k * 3);
  const directions = new Float64Array(n * k * 3);
  for (let i = 0; i < n; i++) {
    const vertex = [0.1 * gauss(), 0.1 * gauss(), 5 * gauss()];
    for (let j = 0; j < k; j++) {
      const d = [gauss(), gauss(), gauss()];
      const size = Math.hypot(...d);
      const way = 3 * draw();
      for (let x = 0; x < 3; x++) {
        const at = (i * k + j) * 3 + x;
        directions[at] = d[x]! / size;
        points[at] = vertex[x]! + (way * d[x]!) / size + 0.02 * gauss();
      }
    }
  }
  type E = { point: EventTensor; direction: EventTensor };
  const flatEvents = table({ point: points, direction: directions }, { rows: n, dtype: "f64" });

  /** Squared distances [k] of x [3] from the tracks. */
  const distances = (x: Tensor, e: E, s: Scalar | number = 1) => {
    const [a, d] = [e.point.reshape([k, 3]).mul(s), e.direction.reshape([k, 3])];
    const r = x.sub(a);
    const across = r.sub(r.mul(d).sum([-1]).reshape([k, 1]).mul(d));
    return across.square().sum([-1]);
  };
  const vertex = (e: E, s: Scalar | number = 1) =>
    minimize((x: Vector) => distances(x, e, s).sum([-1]), constantArray([0, 0, 0]));

  /** Σ (1 - d dᵀ) v = Σ (1 - d dᵀ) a, by Cramer's rule. */
  const closed = (i: number): number[] => {
    const m = [0, 1, 2].map(() => [0, 0, 0]);
    const q = [0, 0, 0];
    for (let j = 0; j < k; j++) {
      const at = (i * k + j) * 3;
      for (let r = 0; r < 3; r++)
        for (let c = 0; c < 3; c++) {
          const p = Number(r === c) - directions[at + r]! * directions[at + c]!;
          m[r]![c]! += p;
          q[r]! += p * points[at + c]!;
        }
    }
    const det = ([a, b, c]: number[][]) =>
      a![0]! * (b![1]! * c![2]! - b![2]! * c![1]!) -
      a![1]! * (b![0]! * c![2]! - b![2]! * c![0]!) +
      a![2]! * (b![0]! * c![1]! - b![1]! * c![0]!);
    return [0, 1, 2].map((x) => det(m.map((row, r) => row.map((v, c) => (c === x ? q[r]! : v)))) / det(m));
  };

  it("is that of the normal equations, and moves with the tracks", () => {
    const { x, status } = compile((e: E) => vertex(e))(flatEvents);
    expect([...status]).toEqual(new Array(n).fill(0));
    let norm = 0;
    for (let i = 0; i < n; i++)
      closed(i).forEach((w, r) => {
        closeTo(x[3 * i + r]!, w, 1e-12);
        norm += w * w;
      });
    // All points moved away from the origin by a factor move the vertex by it.
    const scaled = (s: Scalar, e: E) => vertex(e, s).x.square().sum([-1]).sum();
    closeTo(compile(grad(scaled))(1, flatEvents), 2 * norm, 1e-11);
    const bend = compile((s: Vector, e: E) => hessian((t: Vector) => scaled(t.at(0), e))(s))([1], flatEvents);
    closeTo(bend.data[0]!, 2 * norm, 1e-11);
  });

  it("is that of sums over a child table", () => {
    const offsets = Int32Array.from({ length: n + 1 }, (_, i) => i * k);
    const tracks = nested(offsets, { point: points, direction: directions });
    const events = table({ row: new Float64Array(n), tracks }, { dtype: "f64" });
    const f = (e: { row: EventTensor; tracks: E }) => {
      const { point: a, direction: d } = e.tracks;
      const unit = stack(
        [0, 1, 2].map((r) =>
          stack(
            [0, 1, 2].map((c) =>
              d
                .at(0)
                .mul(0)
                .add(Number(r === c)),
            ),
          ),
        ),
      );
      const p = unit.sub(d.reshape([3, 1]).mul(d.reshape([1, 3])));
      const [m, q] = [p.sum("parent"), p.mul(a).sum([-1]).sum("parent")];
      return minimize(
        (x: Vector) =>
          m
            .mul(x)
            .mul(x.reshape([3, 1]))
            .sum([-1])
            .sum([-1])
            .div(2)
            .sub(q.mul(x).sum([-1])),
        constantArray([0, 0, 0]),
      ).x;
    };
    const x = compile(f)(events);
    for (let i = 0; i < n; i++)
      closed(i).forEach((w, r) => {
        closeTo(x[3 * i + r]!, w, 1e-12);
      });
  });

  it("with tails that outliers do not pull is differentiated as differences are", () => {
    const robust = (s: Scalar, e: E) => {
      const { x, value } = minimize((x) => distances(x, e, s).mul(100).log1p().sum([-1]), vertex(e).x);
      return x.at(2).mul(x.at(0)).add(value).sum();
    };
    const value = compile(robust);
    const d = 1e-5;
    const difference = (value(1 + d, flatEvents) - value(1 - d, flatEvents)) / (2 * d);
    closeTo(compile(grad(robust))(1, flatEvents), difference, 1e-6);
  });
});

it("an event behind a shut mask has no part in derivatives, whatever its columns hold", () => {
  const f = (s: Scalar, e: { y: EventTensor; ok: EventTensor }) => {
    const { y } = e;
    return where(
      e.ok,
      (({ x, value }) => x.add(value))(minimize((x) => x.exp().mul(y.square()).sub(x.mul(s)), 0)),
      0,
    ).sum();
  };
  const both = compile((s: Scalar, e: { y: EventTensor; ok: EventTensor }) => ({
    value: f(s, e),
    slope: grad((t: Scalar) => f(t, e))(s),
    bend: grad((t: Scalar) => grad((u: Scalar) => f(u, e))(t))(s),
    column: grad((y: EventTensor) => f(s, { ...e, y }))(e.y),
    mixed: grad((y: EventTensor) => grad((t: Scalar) => f(t, { ...e, y }))(s))(e.y),
  }));
  const shut = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1e300];
  const y = Float64Array.of(1.3, ...shut, 0.7);
  const ok = Uint8Array.of(1, 0, 0, 0, 0, 0, 1);
  const got = both(1.1, table({ y, ok }, { dtype: "f64" }));
  const want = both(1.1, table({ y: Float64Array.of(1.3, 0.7), ok: Uint8Array.of(1, 1) }, { dtype: "f64" }));
  for (const name of ["value", "slope", "bend"] as const) closeTo(got[name], want[name], 1e-15);
  for (const name of ["column", "mixed"] as const)
    expect([...got[name]]).toEqual([want[name][0], 0, 0, 0, 0, 0, want[name][1]]);
});
