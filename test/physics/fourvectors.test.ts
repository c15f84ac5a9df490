// Four-vectors against plain numbers: the formulas of `vector` where they keep their digits, and laws that hold exactly.
import { beforeAll, describe, expect, it } from "vitest";
import {
  cross,
  deltaPhi,
  deltaR,
  energy,
  type FourVector,
  fourVector,
  mass,
  momentum,
  type Particle,
  pairs,
  transverseMass,
  triples,
} from "../../src/entry/ops.js";
import {
  compile,
  type EventTensor,
  grad,
  init,
  nested,
  type Scalar,
  table,
  type Vector,
  vmap,
} from "../../src/index.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

interface Plain {
  readonly pt: number;
  readonly eta: number;
  readonly phi: number;
  readonly mass: number;
}
const keys = ["pt", "eta", "phi", "mass"] as const;

/** As `vector` computes it: px, py, pz, E of each, then their sum. */
function plainSum(...all: readonly Plain[]) {
  let [px, py, pz, e] = [0, 0, 0, 0];
  for (const { pt, eta, phi, mass } of all) {
    px += pt * Math.cos(phi);
    py += pt * Math.sin(phi);
    pz += pt * Math.sinh(eta);
    e += Math.sqrt(mass ** 2 + (pt * Math.cosh(eta)) ** 2);
  }
  const pt = Math.hypot(px, py);
  return {
    ...{ px, py, pz, energy: e, pt, phi: Math.atan2(py, px), eta: Math.asinh(pz / pt) },
    mass: Math.sqrt(Math.max(e ** 2 - px ** 2 - py ** 2 - pz ** 2, 0)),
  };
}

function plainDeltaPhi(a: number, b: number): number {
  const d = Math.atan2(Math.sin(a - b), Math.cos(a - b));
  return d === -Math.PI ? Math.PI : d;
}

const draw = random(17);
const particles = (n: number, light = false): Plain[] =>
  Array.from({ length: n }, () => ({
    pt: 20 - 40 * Math.log(1 - draw()),
    eta: 5 * (draw() - 0.5),
    phi: 2 * Math.PI * (draw() - 0.5),
    mass: light ? 0.10566 : 15 * draw(),
  }));
const columns = (all: readonly Plain[]) =>
  Object.fromEntries(keys.map((key) => [key, Float64Array.from(all, (p) => p[key])])) as Record<
    (typeof keys)[number],
    Float64Array
  >;

const units = (got: number, want: number, epsilon: number) =>
  Math.abs(got - want) / (Math.abs(want) * epsilon);
const most = (all: readonly number[]) => all.reduce((a, b) => Math.max(a, b), 0);
type Columns = Record<(typeof keys)[number], EventTensor>;
type Two = { a: Columns; b: Columns };

/** Two particles of each event, as columns and as the numbers that a table of the type holds. */
function twos(one: readonly Plain[], other: readonly Plain[], dtype: "f32" | "f64") {
  const exact = (all: readonly Plain[]) =>
    dtype === "f64"
      ? all
      : all.map((p) => ({
          pt: Math.fround(p.pt),
          eta: Math.fround(p.eta),
          phi: Math.fround(p.phi),
          mass: Math.fround(p.mass),
        }));
  const offsets = Int32Array.from({ length: one.length + 1 }, (_, i) => i);
  const own = (all: readonly Plain[]) => nested(offsets, columns(all));
  return { a: exact(one), b: exact(other), events: table({ a: own(one), b: own(other) }, { dtype }) };
}

// What stands for each other one by one: children are combined by cross().
const both = ({ a, b }: Two) => cross(a, b);

describe("of two particles", () => {
  it.each([
    ["f32", 2 ** -23, 8],
    ["f64", 2 ** -52, 400],
  ] as const)("%s: masses, sums and angles are those of plain numbers", (dtype, epsilon, room) => {
    const { a, b, events } = twos(particles(500), particles(500), dtype);
    const got = compile((e: Two) => {
      const [p, q] = both(e);
      const { pt, mass: m } = fourVector(p, q);
      return {
        mass: mass(p, q),
        transverse: transverseMass(p, q),
        energy: energy(p),
        distance: deltaR(p, q),
        ...{ pt, m },
      };
    })(events);
    const off = a.map((p, i) => {
      const q = b[i]!;
      const sum = plainSum(p, q);
      const across = 2 * Math.sqrt(p.pt * q.pt) * Math.abs(Math.sin((p.phi - q.phi) / 2));
      const distance = Math.hypot(p.eta - q.eta, plainDeltaPhi(p.phi, q.phi));
      // Where momenta cancel, to a part of what is added.
      const pt = Math.abs(got.pt[i]! - sum.pt) / ((p.pt + q.pt) * epsilon);
      return [
        units(got.mass[i]!, sum.mass, epsilon),
        units(got.transverse[i]!, across, epsilon),
        units(got.energy[i]!, Math.hypot(p.mass, p.pt * Math.cosh(p.eta)), epsilon),
        units(got.distance[i]!, distance, epsilon),
        pt,
      ];
    });
    expect([...got.m]).toEqual([...got.mass]);
    // Of f64 it is the plain formula that has lost digits.
    expect(most(off.flat())).toBeLessThan(room);
  });

  it("nothing is lost along the beam, or where particles fly side by side", () => {
    // Moved along the beam by 6, massless particles have the same mass, and numbers like these move exactly.
    const near = particles(300).map((p) => ({ ...p, eta: Math.round(p.eta * 64) / 64, mass: 0 }));
    const far = particles(300).map((p) => ({ ...p, eta: Math.round(p.eta * 64) / 64, mass: 0 }));
    const moved = (all: readonly Plain[]) => all.map((p) => ({ ...p, eta: p.eta + 6 }));
    for (const [dtype, room] of [
      ["f32", 8 * 2 ** -23],
      ["f64", 8 * 2 ** -52],
    ] as const) {
      const f = compile((e: Two) => mass(...both(e)));
      const [here, there] = [twos(near, far, dtype), twos(moved(near), moved(far), dtype)].map((t) =>
        f(t.events),
      );
      expect(most([...here!].map((m, i) => Math.abs(m - there![i]!) / m))).toBeLessThan(room);
    }
    // 2 (cosh a - cos b) = a² + b² + (a⁴ - b⁴)/12 + …
    const f = compile((p: { pt: Scalar; eta: Scalar; phi: Scalar }) =>
      mass({ pt: 40, eta: 2, phi: 1, mass: 0 }, { pt: p.pt, eta: p.eta.add(2), phi: p.phi.add(1), mass: 0 }),
    );
    const want = Math.sqrt(40 * 50 * (2 ** -40 + 2 ** -42 + (2 ** -80 - 2 ** -84) / 12));
    expect(units(f({ pt: 50, eta: 2 ** -20, phi: 2 ** -21 }), want, 2 ** -52)).toBeLessThan(8);
    // Two of the same: twice the mass, however light.
    const twice = compile((m: Scalar) =>
      mass({ pt: 900, eta: 2.5, phi: 1, mass: m }, { pt: 900, eta: 2.5, phi: 1, mass: m }),
    );
    for (const m of [1e-6, 5e-4, 0.1, 100]) expect(units(twice(m), 2 * m, 2 ** -52)).toBeLessThan(4);
  });

  it("of three, sums of sums, and parts of a sum", () => {
    const [p, q, r] = particles(3) as [Plain, Plain, Plain];
    type Three = { p: FourVector<"scalar">; q: FourVector<"scalar">; r: FourVector<"scalar"> };
    const got = compile(({ p, q, r }: Three) => ({
      mass: mass(p, q, r),
      steps: mass(fourVector(p, q), r),
      along: momentum(p, q, r),
      sum: fourVector(p, q, r),
      one: fourVector({ ...p, mass: 0 }),
      alone: mass(p),
    }))({ p: { ...p }, q: { ...q }, r: { ...r } });
    const want = plainSum(p, q, r);
    const same = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-13 * (1 + Math.abs(b)));
    same(got.mass, want.mass);
    same(got.steps, want.mass);
    for (const key of keys) same(got.sum[key], want[key]);
    for (const key of ["px", "py", "pz", "energy"] as const) same(got.along[key], want[key]);
    expect(got.one).toEqual({ pt: p.pt, eta: p.eta, phi: p.phi, mass: 0 });
    expect(got.alone).toBe(p.mass);
  });
});

describe("angles", () => {
  it("are in (-π, π], however many turns there are", () => {
    const f = compile((p: { a: Scalar; b: Scalar }) => deltaPhi(p.a, p.b));
    expect(f({ a: 3, b: -3 })).toBeCloseTo(6 - 2 * Math.PI, 14);
    expect(f({ a: -3, b: 3 })).toBeCloseTo(2 * Math.PI - 6, 14);
    expect(f({ a: Math.PI, b: 0 })).toBe(Math.PI);
    expect(f({ a: -Math.PI, b: 0 })).toBe(Math.PI);
    expect(f({ a: Math.PI, b: -Math.PI })).toBeCloseTo(0, 15);
    expect(f({ a: 0.25, b: 0.5 })).toBe(-0.25);
    expect(f({ a: 100, b: -3 })).toBeCloseTo(103 - 32 * Math.PI, 12);
    expect(f({ a: Number.NaN, b: 0 })).toBeNaN();
  });

  it.each(["f32", "f64"] as const)("%s: as the angle of sine and cosine, to one part of π", (dtype) => {
    const round = dtype === "f32" ? Math.fround : (x: number) => x;
    const edge = [
      Math.PI,
      -Math.PI,
      ...[1, -1].flatMap((s) => [s * (Math.PI - 1.5e-7), s * (Math.PI + 9e-8)]),
      0,
      1e-3,
    ];
    const a = [
      ...edge.flatMap((x) => edge.map(() => x)),
      ...Array.from({ length: 400 }, () => 14 * (draw() - 0.5)),
    ];
    const b = [...edge.flatMap(() => edge), ...Array.from({ length: 400 }, () => 14 * (draw() - 0.5))];
    const events = table({ a: Float64Array.from(a), b: Float64Array.from(b) }, { dtype });
    type E = { a: EventTensor; b: EventTensor };
    const f = compile((e: E) => ({
      d: deltaPhi(e.a, { phi: e.b }),
      slope: grad((x: EventTensor) => deltaPhi(x, e.b).sum())(e.a),
    }));
    const { d, slope } = f(events);
    const epsilon = dtype === "f32" ? 2 ** -23 : 2 ** -52;
    d.forEach((got, i) => {
      // The difference of the two is rounded first.
      const want = plainDeltaPhi(round(round(a[i]!) - round(b[i]!)), 0);
      expect(got > -Math.PI && got <= Math.PI, `${a[i]} ${b[i]}: ${got}`).toBe(true);
      const apart = Math.abs(got - want);
      expect(Math.min(apart, Math.abs(apart - 2 * Math.PI))).toBeLessThan(
        8 * epsilon * Math.max(Math.abs(want), 0.1),
      );
    });
    expect([...slope]).toEqual(a.map(() => 1));
  });
});

describe("where there is no direction, slopes are 0 and no NaN", () => {
  const massless = { pt: 50, eta: 1, phi: 0.5, mass: 0 };
  const nothing = { pt: 0, eta: 0, phi: 0, mass: 0 };
  type Pair = { p: FourVector<"scalar">; q: FourVector<"scalar"> };
  const functions: Record<string, (x: Pair) => Scalar> = {
    mass: ({ p, q }) => mass(p, q),
    transverseMass: ({ p, q }) => transverseMass(p, q),
    deltaR: ({ p, q }) => deltaR(p, q),
    energy: ({ p }) => energy(p),
    "pt of a sum": ({ p, q }) => fourVector(p, q).pt,
    "eta of a sum": ({ p, q }) => fourVector(p, q).eta,
    "phi of a sum": ({ p, q }) => fourVector(p, q).phi,
  };
  it.each(Object.entries(functions))("%s", (_, f) => {
    const first = compile(grad(f));
    const second = compile(
      grad((x: Pair) => {
        const g = grad(f)(x);
        return keys.map((k) => g.p[k].square().add(g.q[k])).reduce((a, b) => a.add(b));
      }),
    );
    for (const [p, q] of [
      [massless, massless],
      [{ ...massless, mass: 5 }, massless],
      [massless, nothing],
      [nothing, nothing],
      [nothing, { ...nothing, mass: 3 }],
    ] as const)
      for (const g of [first, second].map((d) => d({ p: { ...p }, q: { ...q } })))
        for (const k of keys)
          for (const x of [g.p[k], g.q[k]]) expect(Number.isFinite(x), JSON.stringify([p, q, g])).toBe(true);
    expect(compile(f)({ p: { ...nothing }, q: { ...nothing } })).toBe(0);
  });

  it("a sum along the beam is ahead or behind, and NaN stays NaN", () => {
    const f = compile(({ p, q }: Pair) => ({ eta: fourVector(p, q).eta, mass: mass(p, q) }));
    const back = { ...massless, eta: 1, phi: massless.phi + Math.PI, pt: 50 };
    expect(f({ p: { ...nothing }, q: { ...massless, pt: Number.NaN } }).mass).toBeNaN();
    expect(Math.abs(f({ p: { ...massless }, q: back }).eta)).toBeGreaterThan(30);
  });
});

type Objects = { pt: EventTensor; eta: EventTensor; phi: EventTensor; mass: EventTensor };
type Tables = { jets: Objects; leptons: Objects };

describe("objects of events", () => {
  const counts = (n: number, up: number) =>
    Array.from({ length: n }, (_, i) => (i === 3 ? 0 : Math.floor(draw() * (up + 1))));
  const made = (counts: readonly number[], light: boolean) => {
    const offsets = new Int32Array(counts.length + 1);
    counts.forEach((n, i) => {
      offsets[i + 1] = offsets[i]! + n;
    });
    const all = particles(offsets.at(-1)!, light);
    const of = (event: number) => all.slice(offsets[event], offsets[event + 1]);
    return { offsets, all, of, child: nested(offsets, columns(all)) };
  };
  const n = 60;
  const jets = made(counts(n, 6), false);
  const leptons = made(counts(n, 3), true);
  const events = table({ jets: jets.child, leptons: leptons.child }, { dtype: "f64" });
  const eachEvent = Array.from({ length: n }, (_, i) => i);
  const close = (got: ArrayLike<number>, want: readonly number[], tolerance = 1e-11) => {
    expect(got.length).toBe(want.length);
    want.forEach((w, i) => {
      if (Number.isFinite(w)) expect(Math.abs(got[i]! - w)).toBeLessThan(tolerance * (1 + Math.abs(w)));
      else expect(got[i]).toBe(w);
    });
  };

  it("Z → μμ: the pair nearest to the Z, by pairs", () => {
    const got = compile((e: Tables) =>
      mass(...pairs(e.leptons))
        .sub(91.1876)
        .abs()
        .min("parent"),
    )(events);
    const want = eachEvent.map((i) => {
      const own = leptons.of(i);
      const all = own.flatMap((p, k) => own.slice(k + 1).map((q) => Math.abs(plainSum(p, q).mass - 91.1876)));
      return Math.min(...all);
    });
    close(got, want);
  });

  it("the lepton nearest to each jet, by cross", () => {
    const got = compile((e: Tables) => deltaR(...cross(e.jets, e.leptons)).min("parent"))(events);
    const want = eachEvent.flatMap((i) =>
      jets
        .of(i)
        .map((p) =>
          Math.min(...leptons.of(i).map((q) => Math.hypot(p.eta - q.eta, plainDeltaPhi(p.phi, q.phi)))),
        ),
    );
    close(got, want);
  });

  it("the trijet nearest to the top: value, slopes and their slopes", () => {
    const loss = ({ jets }: Tables) => {
      const [a, b, c] = triples(jets);
      const top = mass(a, b, c);
      const weight = top.sub(172.5).div(30).square().neg().exp();
      return weight
        .mul(fourVector(a, b, c).pt)
        .sum("parent")
        .add(1)
        .log()
        .sum();
    };
    const plain = (all: readonly Plain[]) =>
      eachEvent.reduce((sum, event) => {
        const own = all.slice(jets.offsets[event], jets.offsets[event + 1]);
        let s = 1;
        own.forEach((p, i) => {
          own.forEach((q, j) => {
            own.forEach((r, k) => {
              if (!(i < j && j < k)) return;
              const { mass, pt } = plainSum(p, q, r);
              s += Math.exp(-(((mass - 172.5) / 30) ** 2)) * pt;
            });
          });
        });
        return sum + Math.log(s);
      }, 0);
    const f = compile((e: Tables) => {
      const slope = (pt: EventTensor) =>
        grad((x: EventTensor) => loss({ ...e, jets: { ...e.jets, pt: x } }))(pt);
      return {
        value: loss(e),
        slope: slope(e.jets.pt),
        second: grad((pt: EventTensor) => slope(pt).mul(e.jets.phi).sum())(e.jets.pt),
      };
    });
    const got = f(events);
    expect(Math.abs(got.value - plain(jets.all))).toBeLessThan(1e-11 * got.value);
    const moved = (at: number, by: number) =>
      jets.all.map((p, i) => (i === at ? { ...p, pt: p.pt + by } : p));
    const slopesAt = (all: readonly Plain[]) =>
      f(table({ jets: nested(jets.offsets, columns(all)), leptons: leptons.child }, { dtype: "f64" })).slope;
    for (const i of [0, 5, 17, 40]) {
      const h = 1e-4;
      const difference = (plain(moved(i, h)) - plain(moved(i, -h))) / (2 * h);
      expect(Math.abs(got.slope[i]! - difference)).toBeLessThan(1e-6);
      const [up, down] = [slopesAt(moved(i, h)), slopesAt(moved(i, -h))];
      const second = Array.from(up).reduce((s, x, k) => s + ((x - down[k]!) / (2 * h)) * jets.all[k]!.phi, 0);
      expect(Math.abs(got.second[i]! - second)).toBeLessThan(1e-7);
    }
  });

  it("in batches: a jet energy scale", () => {
    const scaled = (k: Scalar, e: Tables) =>
      mass(...pairs({ ...e.jets, pt: e.jets.pt.mul(k) })).sum("parent");
    const one = compile((k: Scalar, e: Tables) => scaled(k, e).sum());
    const batch = compile((ks: Vector, e: Tables) => vmap((k: Scalar) => scaled(k, e).sum())(ks));
    const scales = [0.97, 1, 1.03];
    close(
      batch(Float64Array.from(scales), events),
      scales.map((k) => one(k, events)),
    );
  });

  it("what is no particle is refused", () => {
    const none = { pt: 1, eta: 2 } as Particle<"scalar">;
    expect(() => compile(() => mass(none))()).toThrow(
      /'particle' of 'mass' is a particle \{ pt, eta, phi, mass \} \(of what is massless 0\), not/,
    );
    expect(() => compile(() => mass())()).toThrow(/one particle or more/);
    expect(() => compile(() => deltaR(none, none))()).toThrow(/'a' of 'deltaR' is a direction/);
    expect(() => compile(() => deltaPhi(none as never, 1))()).toThrow(/'a' of 'deltaPhi' is/);
  });
});
