import { beforeAll, describe, expect, it } from "vitest";
import { rootEnds } from "../../src/core/agreed.js";
import { interpret } from "../../src/core/oracle/interpret.js";
import { trace } from "../../src/core/run/trace.js";
import {
  compile,
  type EventTensor,
  grad,
  hessian,
  init,
  nested,
  root,
  type Scalar,
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

type Columns = { a: EventTensor; b: EventTensor };

/** Events whose x³ + a x = b has one root: Cardano's. */
function cubics(rows: number, dtype: "f32" | "f64" = "f64") {
  const draw = random(11);
  const from = (v: Float64Array) => (dtype === "f32" ? Float32Array.from(v) : v);
  const a = from(Float64Array.from({ length: rows }, () => 0.2 + 3 * draw()));
  const b = from(Float64Array.from({ length: rows }, () => 10 * draw() - 5));
  const want = Float64Array.from(a, (ai, i) => {
    const [p, q] = [ai / 3, b[i]! / 2];
    // The greater of two cube roots, and the other by division, as a difference of them would cancel.
    const r = Math.cbrt(Math.abs(q) + Math.hypot(q, p ** 1.5));
    return Math.sign(q) * (r - p / r);
  });
  return { a, b, want, events: table({ a, b }, { dtype }) };
}

const solve = (e: Columns, scale: Scalar | number = 1, power: Scalar | number = 1) =>
  root((x) => x.mul(x).mul(x).add(e.a.mul(power).mul(x)).sub(e.b.mul(scale)), -10, 10);

const closeTo = (got: number, want: number, part: number, what = "") =>
  expect(Math.abs(got - want), `${what}: ${got} for ${want}`).toBeLessThanOrEqual(
    part * Math.max(1, Math.abs(want)),
  );

describe("a root of each event", () => {
  it.each([0, 1, 2, 255, 256, 257, 300, 9000])("of %i events is that of Cardano", (rows) => {
    const { events, want } = cubics(rows);
    const { x, status, steps } = compile((e: Columns) => solve(e))(events);
    expect(x).toHaveLength(rows);
    expect(Math.max(0, ...status)).toBe(rootEnds.converged);
    expect(Math.max(0, ...steps)).toBeLessThan(30);
    const worst = want.reduce((m, w, i) => Math.max(m, Math.abs(x[i]! - w) / Math.max(1, Math.abs(w))), 0);
    expect(worst).toBeLessThan(4e-15);
  });

  it("of f32 columns is searched for in f64 and rounded once", () => {
    const { events, want } = cubics(300, "f32");
    const { x, status } = compile((e: Columns) => solve(e))(events);
    expect(x).toBeInstanceOf(Float32Array);
    expect(status).toEqual(new Float32Array(300));
    want.forEach((w, i) => {
      closeTo(x[i]! / w, 1, 2 ** -23);
    });
    const slope = compile(grad((p: Scalar, e: Columns) => solve(e, p).x.square().sum()));
    closeTo(slope(1, events) / slope(1, cubics(300).events), 1, 1e-6);
  });

  it("is that of the interpreter, with what it tells besides and brackets that grow", () => {
    const { events, a, b } = cubics(5);
    const f = (e: Columns) => {
      const cubic = (x: Tensor) => x.mul(x).mul(x).add(e.a.mul(x)).sub(e.b);
      const found = root(cubic, e.b.sub(9), e.b.sub(8.5), { grow: 5, also: (x) => e.a.mul(x) });
      return [found.x, found.status, found.also!];
    };
    const got = compile(f)(events);
    const traced = trace(f as never, [events]);
    const columns = traced.columns.map(({ name }) => (name === "a" ? a : b));
    const rows = new Map([["params", 5]]);
    const want = interpret(traced.outputs, { smalls: traced.captured, columns, rows, oracles });
    got.map(flat).forEach((values, k) => {
      expect(values).toHaveLength(5);
      values.forEach((v, i) => {
        closeTo(v, want[k]!.data[i]!, 1e-14);
      });
    });
  });

  it("has the derivatives of the implicit function", () => {
    const { events, want, a, b } = cubics(300);
    // x' = b / (3 x² + a) in the scale of b, and -a x / (3 x² + a) in that of a.
    const f = (p: { s: Scalar; r: Scalar }, e: Columns) => solve(e, p.s, p.r).x.square().sum();
    const { value, grads } = compile(valueAndGrad(f))({ s: 1, r: 1 }, events);
    let [v, s, r] = [0, 0, 0];
    want.forEach((x, i) => {
      const slope = 3 * x * x + a[i]!;
      v += x * x;
      s += (2 * x * b[i]!) / slope;
      r -= (2 * x * a[i]! * x) / slope;
    });
    closeTo(value, v, 1e-13);
    closeTo(grads.s, s, 1e-13);
    closeTo(grads.r, r, 1e-13);
    const columns = compile((e: Columns) => grad((c: Columns) => solve(c).x.sum())(e))(events);
    want.forEach((x, i) => {
      closeTo(columns.b[i]!, 1 / (3 * x * x + a[i]!), 1e-13);
      closeTo(columns.a[i]!, -x / (3 * x * x + a[i]!), 1e-13);
    });
  });

  it("has second and third derivatives", () => {
    const { events } = cubics(20);
    const f = (p: Vector, e: Columns) => solve(e, p.at(0), p.at(1)).x.sin().sum();
    const h = compile((p: Vector, e: Columns) => hessian((q: Vector) => f(q, e))(p));
    const g = compile((p: Vector, e: Columns) => grad((q: Vector) => f(q, e))(p));
    const third = compile((p: Vector, e: Columns) =>
      grad((q: Vector) => hessian((u: Vector) => f(u, e))(q).sum())(p),
    );
    const d = 1e-4;
    const p = [1.1, 0.9];
    const moved = (j: number, by: number) => p.map((v, k) => (k === j ? v + by : v));
    const at = h(p, events).data;
    for (const j of [0, 1]) {
      const [up, down] = [g(moved(j, d), events), g(moved(j, -d), events)];
      for (const i of [0, 1]) closeTo(at[2 * i + j]!, (up[i]! - down[i]!) / (2 * d), 1e-6);
      const sum = (q: number[]) => h(q, events).data.reduce((s, v) => s + v, 0);
      closeTo(third(p, events)[j]!, (sum(moved(j, d)) - sum(moved(j, -d))) / (2 * d), 1e-5);
    }
  });

  it("is mapped over parameters", () => {
    const { events } = cubics(300);
    const f = (s: Scalar, e: Columns) => solve(e, s).x.square().sum();
    const all = compile((s: Vector, e: Columns) => vmap((t: Scalar) => grad((u: Scalar) => f(u, e))(t))(s));
    const one = compile((s: Scalar, e: Columns) => grad((u: Scalar) => f(u, e))(s));
    const scales = [0.5, 1, 2];
    expect([...all(scales, events)]).toEqual(scales.map((s) => one(s, events)));
  });

  it("of a child row meets values of its parent", () => {
    const offsets = Int32Array.of(0, 2, 2, 5);
    const t = Float64Array.of(1, 2, 3);
    const y = Float64Array.of(0.5, 1, 1.5, 2, 2.5);
    const events = table({ t, jets: nested(offsets, { y }) }, { dtype: "f64" });
    type E = { t: EventTensor; jets: { y: EventTensor } };
    // exp(x) t = y.
    const f = (k: Scalar, e: E) => root((x) => x.exp().mul(e.t).sub(e.jets.y.mul(k)), -9, 9).x;
    const sums = compile((k: Scalar, e: E) => f(k, e).sum("parent"))(1, events);
    const of = (i: number, j: number) => Math.log(y[j]! / t[i]!);
    [of(0, 0) + of(0, 1), 0, of(2, 2) + of(2, 3) + of(2, 4)].forEach((w, i) => {
      closeTo(sums[i]!, w, 1e-14);
    });
    const slope = compile(grad((k: Scalar, e: E) => f(k, e).sum("parent").mul(e.t).sum()))(2, events);
    closeTo(slope, (2 * 1 + 3 * 3) / 2, 1e-13);
  });

  it("of sums over children goes back to the children, and its derivative through both", () => {
    const rows = 1300;
    const draw = random(3);
    const offsets = new Int32Array(rows + 1);
    for (let i = 0; i < rows; i++) offsets[i + 1] = offsets[i]! + Math.floor(4 * draw());
    const y = Float64Array.from({ length: offsets[rows]! }, () => 0.5 + draw());
    const events = table(
      { one: new Float64Array(rows).fill(1), jets: nested(offsets, { y }) },
      { dtype: "f64" },
    );
    type E = { one: EventTensor; jets: { y: EventTensor } };
    // x exp(x) = Σ y s, and then z exp(z) = x y for each jet.
    const lambert = (of: Tensor) => root((x) => x.mul(x.exp()).sub(of), 0, 20).x;
    const f = (s: Scalar, e: E) => {
      const x = lambert(e.jets.y.mul(s).sum("parent"));
      return lambert(x.mul(e.jets.y)).sum("parent").mul(e.one).sum();
    };
    const w = (of: number) => {
      let x = Math.log1p(of);
      for (let i = 0; i < 40; i++) x -= (x * Math.exp(x) - of) / (Math.exp(x) * (1 + x));
      return x;
    };
    const rise = (x: number) => 1 / (Math.exp(x) * (1 + x));
    let [value, slope] = [0, 0];
    for (let i = 0; i < rows; i++) {
      const own = y.subarray(offsets[i], offsets[i + 1]);
      const sum = own.reduce((a, v) => a + v, 0);
      const x = w(sum);
      for (const v of own) {
        const z = w(x * v);
        value += z;
        slope += rise(z) * v * rise(x) * sum;
      }
    }
    const got = compile(valueAndGrad(f))(1, events);
    closeTo(got.value, value, 1e-13);
    closeTo(got.grads, slope, 1e-13);
  });

  it("meets integer columns and a root of its own inside", () => {
    const k = Int32Array.of(1, 4, 9);
    const on = Uint8Array.of(0, 1, 1);
    const events = table({ k, on }, { dtype: "f32" });
    type E = { k: EventTensor; on: EventTensor };
    const f = compile((e: E) => ({
      plain: root((x) => x.square().sub(e.k.add(e.on)), 0, 10).x,
      // y = x² / 2 inside, and x + y = k.
      inner: root(
        (x) =>
          root((y) => y.mul(2).sub(x.square()).add(e.k.mul(0)), -1, 100)
            .x.add(x)
            .sub(e.k),
        0,
        10,
      ).x,
    }))(events);
    [1, Math.sqrt(5), Math.sqrt(10)].forEach((w, i) => {
      closeTo(f.plain[i]!, w, 2 ** -23);
      closeTo(f.inner[i]!, Math.sqrt(1 + 2 * k[i]!) - 1, 2 ** -22);
    });
  });
});

describe("an event without a root", () => {
  // c: a polynomial with the root r, none, a pole at r, no number.
  const c = Int32Array.of(0, 1, 2, 3, 0);
  const r = Float64Array.of(0.3, 0.3, 0.3, 0.3, 0.4);
  const events = table({ c, r }, { dtype: "f64" });
  type E = { c: EventTensor; r: EventTensor };
  const search = (e: E, s: Scalar | number = 1) =>
    root(
      (x) => {
        const y = x.sub(e.r.mul(s));
        return where(
          e.c.eq(0),
          y.exp().sub(1),
          where(e.c.eq(1), y.square().add(1), where(e.c.eq(2), y.pow(-1), y.neg().sub(9).log())),
        );
      },
      -1,
      1,
    );

  it("has a status, and leaves the others their bits", () => {
    const { x, status } = compile((e: E) => search(e))(events);
    expect([...status]).toEqual([rootEnds.converged, rootEnds.sameSign, rootEnds.jump, rootEnds.noValue, 0]);
    const alone = compile((e: E) => search(e))(
      table({ c: c.slice(0, 1), r: r.slice(0, 1) }, { dtype: "f64" }),
    );
    expect(alone.x[0]).toBe(x[0]);
    const many = compile((e: E) => search(e))(
      table(
        { c: Int32Array.from({ length: 300 }, (_, i) => i % 4), r: new Float64Array(300).fill(0.3) },
        { dtype: "f64" },
      ),
    );
    many.x.forEach((v, i) => {
      if (i % 4 === 0) expect(v).toBe(x[0]);
    });
  });

  it("has no derivative, and none of it reaches a sum behind a mask", () => {
    const slopes = compile((e: E) => grad((r: EventTensor) => search({ c: e.c, r }).x.sum())(e.r))(events);
    expect([...slopes].map(Number.isNaN)).toEqual([false, true, true, true, false]);
    closeTo(slopes[0]!, 1, 1e-14);
    const f = (s: Scalar, e: E) => {
      const { x, status } = search(e, s);
      return where(status.eq(0), x, 0).sum();
    };
    closeTo(compile(grad(f))(1, events), 0.7, 1e-14);
    const both = compile((s: Vector, e: E) => hessian((t: Vector) => f(t.at(0), e))(s))([1], events).data;
    closeTo(both[0]!, 0, 1e-13);
  });
});

it("what brings events together inside is refused", () => {
  const { events } = cubics(3);
  const f = (e: Columns) => root((x) => x.mul(e.a).sub(x.mul(e.b).sum()), e.a.mul(0), 10).x;
  expect(() => compile(f)(events)).toThrow(
    /'root' is solved for each row of 'params' alone, but the result of 'foldSum'/,
  );
  const other = table({ y: Float64Array.of(1) });
  const two = (e: Columns, o: { y: EventTensor }) => root((x) => x.mul(e.a).sub(o.y), 0, 10).x;
  expect(() => compile(two)(events, other)).toThrow(/would pair events of table/);
});

describe("p_z of a neutrino from the mass of the W", () => {
  const n = 400;
  const draw = random(5);
  const column = (f: () => number) => Float64Array.from({ length: n }, f);
  const pt = column(() => 25 + 60 * draw());
  const pz = column(() => 200 * draw() - 100);
  const met = column(() => 20 + 60 * draw());
  const dphi = column(() => 2 * Math.PI * draw());
  const events = table({ pt, pz, met, dphi }, { dtype: "f64" });
  type E = Record<"pt" | "pz" | "met" | "dphi", EventTensor>;
  type P = { mass: Scalar; scale: Scalar };

  /** E_l E_ν - p_zl p_zν = m² / 2 + p_Tl·p_Tν, on the branch below the minimum of its left side. */
  const neutrino = ({ mass, scale }: P, e: E) => {
    const [l, m] = [e.pt.mul(scale), e.met.mul(scale)];
    const energy = l.square().add(e.pz.square()).sqrt();
    const right = mass.square().div(2).add(l.mul(m).mul(e.dphi.cos()));
    const left = (x: Tensor) => energy.mul(m.square().add(x.square()).sqrt()).sub(e.pz.mul(x));
    const lowest = m.mul(e.pz).div(l);
    return root((x) => left(x).sub(right), lowest.sub(1e4), lowest);
  };
  /** The same as the lower solution of the quadratic equation. */
  const formula = ({ mass, scale }: P, e: E) => {
    const [l, m] = [e.pt.mul(scale), e.met.mul(scale)];
    const energy = l.square().add(e.pz.square()).sqrt();
    const right = mass.square().div(2).add(l.mul(m).mul(e.dphi.cos()));
    const rest = right.square().sub(m.square().mul(l.square()));
    const x = right
      .mul(e.pz)
      .sub(energy.mul(where(rest.gt(0), rest, 0).sqrt()))
      .div(l.square());
    return { x, real: rest.gt(0) };
  };

  it("is that of the quadratic equation, and a status where there is none", () => {
    const { x, status, want, real } = compile((p: P, e: E) => {
      const { x, status } = neutrino(p, e);
      const { x: want, real } = formula(p, e);
      return { x, status, want, real: where(real, 1, 0).mul(e.pt.mul(0).add(1)) };
    })({ mass: 80.4, scale: 1 }, events);
    const some = [...real].reduce((a, b) => a + b, 0);
    expect(some).toBeGreaterThan(100);
    expect(some).toBeLessThan(n - 20);
    x.forEach((v, i) => {
      expect(status[i]).toBe(real[i] ? rootEnds.converged : rootEnds.sameSign);
      if (real[i]) expect(Math.abs(v - want[i]!)).toBeLessThan(1e-9 * (1 + Math.abs(want[i]!)));
    });
  });

  it("has its derivatives, in the mass, in the energy scale and in columns", () => {
    const both = (of: (p: P, e: E) => { x: Tensor; good: Tensor }) => {
      const f = (p: P, e: E) => {
        const { x, good } = of(p, e);
        return where(good, x.div(100).sin(), 0).sum();
      };
      return compile((p: P, e: E) => ({
        p: grad((q: P) => f(q, e))(p),
        e: grad((c: E) => f(p, c))(e),
        second: grad((q: P) => grad((u: P) => f(u, e))(q).mass)(p),
      }))({ mass: 80.4, scale: 1 }, events);
    };
    const good = (p: P, e: E) => formula(p, e).real;
    const got = both((p, e) => ({ x: neutrino(p, e).x, good: good(p, e) }));
    const want = both((p, e) => ({ x: formula(p, e).x, good: good(p, e) }));
    closeTo(got.p.mass, want.p.mass, 1e-9);
    closeTo(got.p.scale, want.p.scale, 1e-9);
    closeTo(got.second.mass, want.second.mass, 1e-7);
    closeTo(got.second.scale, want.second.scale, 1e-7);
    for (const name of ["pt", "met", "pz", "dphi"] as const)
      got.e[name].forEach((v, i) => {
        closeTo(v, want.e[name][i]!, 1e-8, `${name} ${i}`);
      });
  });
});

it("an event behind a shut mask has no part in derivatives, whatever its columns hold", () => {
  const f = (s: Scalar, e: { y: EventTensor; ok: EventTensor }) => {
    const { y } = e;
    return where(e.ok, root((x) => x.exp().mul(y).sub(s).sub(x.neg().mul(y.square())), -5, 5).x, 0).sum();
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
