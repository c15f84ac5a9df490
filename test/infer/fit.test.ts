import { beforeAll, describe, expect, it } from "vitest";
import { rootEnds } from "../../src/core/agreed.js";
import { stack } from "../../src/core/elementary/join.js";
import { kde, normCdf } from "../../src/entry/ops.js";
import {
  compile,
  grad,
  hessian,
  init,
  minimize,
  root,
  type Scalar,
  type Tensor,
  table,
  vmap,
  where,
} from "../../src/index.js";

beforeAll(() => init());

const num = (x: unknown) => x as number;

/** Twice the negative logarithm of Poisson likelihoods, without terms that no parameter enters. */
const poisson = (n: Tensor, rate: Tensor) => rate.sub(n.mul(rate.log()));

/** The 1-bin experiment: s = 15 + φ, b = 45 - 2φ, σ_b(φ), Asimov data of s + b, tested at μ = 0. */
function p0(sigma: (phi: Tensor) => Tensor) {
  return (phi: Tensor) => {
    const s = phi.add(15);
    const b = phi.mul(-2).add(45);
    const tau = b.div(sigma(phi)).square();
    const n = s.add(b);
    const nll = (mu: Tensor, gamma: Tensor) =>
      poisson(n, mu.mul(s).add(gamma.mul(b))).add(poisson(tau, gamma.mul(tau)));
    const one = phi.mul(0).add(1);
    const free = minimize((x) => nll(x.at(0), x.at(1)), stack([one, one]), { lower: 1e-10, upper: 10 });
    const fixed = minimize((gamma) => nll(one.mul(0), gamma), one, { lower: 1e-10, upper: 10 });
    const q0 = fixed.value.sub(free.value).mul(2);
    return {
      p: normCdf(q0.sqrt().neg()),
      status: free.status.add(fixed.status),
      mu: free.x.at(0),
      gamma: fixed.x,
    };
  };
}

const sigmas: [string, (phi: Tensor) => Tensor, number, number][] = [
  ["0.5 + 0.1 φ²", (x) => x.square().mul(0.1).add(0.5), 4.635223, 0.003075715],
  ["1 + (φ/5)²", (x) => x.div(5).square().add(1), 7.522533, 0.000958934],
  ["1 + 0.2 φ²", (x) => x.square().mul(0.2).add(1), 2.808737, 0.007493024],
];

describe("a fit inside a gradient: the 1-bin experiment", () => {
  it.each(sigmas)(
    "σ_b = %s: our optimiser finds the minimum of p0 through two fits",
    (_, sigma, phi0, best) => {
      const find = compile((start: Tensor) => {
        const found = minimize((phi) => p0(sigma)(phi).p.log(), start, { lower: 0, upper: 20 });
        return { phi: found.x, p: p0(sigma)(found.x).p, status: found.status };
      });
      const got = find(5);
      expect(num(got.status)).toBe(0);
      expect(Math.abs(num(got.phi) - phi0)).toBeLessThan(2e-6);
      expect(Math.abs(num(got.p) / best - 1)).toBeLessThan(1e-6);
    },
  );

  it("agrees with the closed form of q0, and so do its first two derivatives with differences", () => {
    const f = (phi: Tensor) => p0(sigmas[0]![1])(phi).p;
    const all = compile((phi: Tensor) => ({ p: f(phi), d: grad(f)(phi), dd: grad(grad(f))(phi) }));
    const closed = (phi: number) => {
      const [s, b] = [15 + phi, 45 - 2 * phi];
      const tau = (b / (0.5 + 0.1 * phi * phi)) ** 2;
      const n = s + b;
      const g = (n + tau) / (b + tau);
      return 2 * (g * b - n * Math.log(g * b) + g * tau - tau * Math.log(g) - (n - n * Math.log(n) + tau));
    };
    const q0 = compile((phi: Tensor) => {
      const r = p0(sigmas[0]![1])(phi);
      return { p: r.p, gamma: r.gamma, mu: r.mu };
    });
    for (const phi of [1, 4, 9]) {
      const z = Math.sqrt(closed(phi));
      const { p, gamma, mu } = q0(phi);
      const [s, b] = [15 + phi, 45 - 2 * phi];
      const tau = (b / (0.5 + 0.1 * phi * phi)) ** 2;
      expect(num(gamma)).toBeCloseTo((s + b + tau) / (b + tau), 10);
      expect(num(mu)).toBeCloseTo(1, 8);
      const want = compile((x: Tensor) => normCdf(x))(-z) as number;
      expect(Math.abs(num(p) / want - 1)).toBeLessThan(1e-9);
      const h = 1e-3;
      const { d, dd } = all(phi);
      const at = (x: number) => num(all(x).p);
      const first = (8 * (at(phi + h) - at(phi - h)) - (at(phi + 2 * h) - at(phi - 2 * h))) / (12 * h);
      const slope = (x: number) => num(all(x).d);
      const second =
        (8 * (slope(phi + h) - slope(phi - h)) - (slope(phi + 2 * h) - slope(phi - 2 * h))) / (12 * h);
      expect(Math.abs(num(d) - first) / Math.abs(first)).toBeLessThan(1e-7);
      expect(Math.abs(num(dd) - second) / Math.abs(second)).toBeLessThan(1e-6);
    }
  });

  it("differentiates the position of the minimum, to second order", () => {
    // x* = argmin of exp(a x) - b x has the closed form log(b/a)/a.
    const best = (a: Scalar, b: Scalar) => minimize((x) => a.mul(x).exp().sub(b.mul(x)), a.mul(0)).x;
    const all = compile((p: { a: Scalar; b: Scalar }) => ({
      x: best(p.a, p.b),
      h: hessian((q: { a: Scalar; b: Scalar }) => best(q.a, q.b))(p),
      g: grad((q: { a: Scalar; b: Scalar }) => best(q.a, q.b))(p),
    }));
    const [a, b] = [0.7, 2.3];
    const r = all({ a, b });
    expect(r.x).toBeCloseTo(Math.log(b / a) / a, 12);
    expect(r.g.a).toBeCloseTo(-(1 + Math.log(b / a)) / a ** 2, 10);
    expect(r.g.b).toBeCloseTo(1 / (a * b), 10);
    expect(r.h.a.a).toBeCloseTo((3 + 2 * Math.log(b / a)) / a ** 3, 8);
    expect(r.h.a.b).toBeCloseTo(-1 / (a * a * b), 8);
    expect(r.h.b.b).toBeCloseTo(-1 / (a * b * b), 8);
  });

  it("differentiates with respect to bounds that hold and starts that are fixed", () => {
    const f = (p: { a: Tensor; lower: Tensor; start: Tensor }) => {
      // (x - a)² + x·y with x ≥ lower and y fixed: x* = max(a - y/2, lower).
      const fit = minimize(
        (z) =>
          z
            .at(0)
            .sub(p.a)
            .square()
            .add(z.at(0).mul(z.at(1)))
            .add(z.at(1).square()),
        stack([p.start.mul(0), p.start]),
        { lower: p.lower, free: stack([where(p.a.mul(0).eq(0), 1, 0), p.a.mul(0)]) },
      );
      return fit.x.at(0).mul(3).add(fit.value);
    };
    const g = compile(grad(f));
    const value = compile(f);
    for (const p of [
      { a: 1, lower: -4, start: 0.5 },
      { a: 1, lower: 2, start: 0.5 },
    ]) {
      const got = g(p);
      for (const k of ["a", "lower", "start"] as const) {
        const h = 1e-5;
        const d = (num(value({ ...p, [k]: p[k] + h })) - num(value({ ...p, [k]: p[k] - h }))) / (2 * h);
        expect(num(got[k]), `${k} at lower = ${p.lower}`).toBeCloseTo(d, 6);
      }
    }
  });

  it("says in its status when there is no minimum", () => {
    const f = compile((a: Tensor) => minimize((x) => x.mul(a), a, { maxSteps: 50 }).status);
    expect([1, 3]).toContain(num(f(1)));
    const g = compile((a: Tensor) => minimize((x) => x.log().mul(a), a.neg()).status);
    expect(num(g(1))).toBe(2);
  });

  it("runs under vmap, each element with its own convergence, and differentiates there", () => {
    const best = (a: Tensor) => minimize((x) => x.exp().sub(a.mul(x)), a.mul(0)).x;
    const f = compile((a: Tensor) => ({
      x: vmap(best)(a),
      g: vmap(grad(best))(a),
      s: grad((b: Tensor) => vmap(best)(b).sum())(a),
    }));
    const a = Float64Array.of(0.1, 1, 5, 400);
    const r = f(a);
    a.forEach((v, i) => {
      expect((r.x as Float64Array)[i]).toBeCloseTo(Math.log(v), 10);
      expect((r.g as Float64Array)[i]).toBeCloseTo(1 / v, 9);
      expect((r.s as Float64Array)[i]).toBeCloseTo(1 / v, 9);
    });
  });

  it("finds roots and differentiates them", () => {
    const f = (a: Tensor) => root((x) => x.pow(3).sub(a), 0, 10).x;
    const all = compile((a: Tensor) => ({
      x: f(a),
      g: grad(f)(a),
      gg: grad(grad(f))(a),
      v: vmap(f)(stack([a, a.mul(2)])),
    }));
    const r = all(20);
    expect(r.x).toBeCloseTo(Math.cbrt(20), 14);
    expect(num(r.g)).toBeCloseTo(20 ** (-2 / 3) / 3, 12);
    expect(num(r.gg)).toBeCloseTo((-2 / 9) * 20 ** (-5 / 3), 12);
    expect((r.v as unknown as Float64Array)[1]).toBeCloseTo(Math.cbrt(40), 14);
    expect(num(compile((a: Tensor) => root((x) => x.square().add(a), 0, 1).status)(1))).toBe(
      rootEnds.sameSign,
    );
  });
});

describe("events → soft cut → histogram → Poisson likelihood → fit → q0", () => {
  const n = 9000;
  const draw = (shift: number, scale: number) =>
    Float64Array.from({ length: n }, (_, i) => shift + scale * Math.sin(i * 1.7 + Math.cos(i * 0.3) * 4));
  const data = {
    signal: table({ x: draw(1.2, 1), score: draw(0.65, 0.3) }, { dtype: "f64" }),
    background: table({ x: draw(0, 2), score: draw(0.4, 0.4) }, { dtype: "f64" }),
  };
  const edges = [0, 0.25, 0.5, 0.75, 1];
  type Events = Record<"signal" | "background", { x: Tensor; score: Tensor }>;

  const q0 = (observed: (s: Tensor, b: Tensor) => Tensor) => (p: { cut: Tensor; h: Tensor }, e: Events) => {
    const yields = (t: { x: Tensor; score: Tensor }, norm: number) => {
      const w = t.x.sub(p.cut).div(0.3).sigmoid();
      const e4 = edges.map((v) => p.cut.mul(0).add(v));
      return kde(t.score, w, stack([e4[0]!, ...e4.slice(1)]), p.h).mul(norm / n);
    };
    const s = yields(e.signal, 20);
    const b = yields(e.background, 300);
    const d = observed(s, b);
    const nll = (mu: Tensor, g: Tensor) =>
      poisson(d, mu.mul(s).add(g.mul(b)))
        .sum()
        .add(g.sub(1).div(0.1).square().mul(0.5));
    const one = p.cut.mul(0).add(1);
    const free = minimize((x) => nll(x.at(0), x.at(1)), stack([one, one]), { lower: 0, upper: 10 });
    const fixed = minimize((g) => nll(one.mul(0), g), one, { lower: 0, upper: 10 });
    return { q: fixed.value.sub(free.value).mul(2), mu: free.x.at(0) };
  };

  const kinds: [string, (s: Tensor, b: Tensor) => Tensor, (mu: number) => boolean][] = [
    ["inside its bounds", (s, b) => b.add(s.mul(0.8)), (mu) => mu > 0.1],
    ["on its bound with a multiplier", (s, b) => b.sub(s.mul(0.8)), (mu) => mu === 0],
    ["on its bound with multiplier zero", (_, b) => b, (mu) => mu < 1e-6],
  ];
  it.each(kinds)("the best fit %s", (_, observed, where) => {
    // Where q0 vanishes identically, the best fit of a shifted hypothesis stands for it.
    const model = q0(observed);
    const f = (p: { cut: Tensor; h: Tensor }, e: Events) => model(p, e).q.add(model(p, e).mu);
    const value = compile(f);
    const g = compile(grad(f))({ cut: 0.5, h: 0.05 }, data);
    expect(
      where(
        num(
          compile((p: { cut: Tensor; h: Tensor }, e: Events) => model(p, e).mu)({ cut: 0.5, h: 0.05 }, data),
        ),
      ),
    ).toBe(true);
    const at = (cut: number, h: number) => num(value({ cut, h }, data));
    const e = 1e-3;
    const d =
      (8 * (at(0.5 + e, 0.05) - at(0.5 - e, 0.05)) - (at(0.5 + 2 * e, 0.05) - at(0.5 - 2 * e, 0.05))) /
      (12 * e);
    const b = 1e-4;
    const dh =
      (8 * (at(0.5, 0.05 + b) - at(0.5, 0.05 - b)) - (at(0.5, 0.05 + 2 * b) - at(0.5, 0.05 - 2 * b))) /
      (12 * b);
    expect(Math.abs(num(g.cut) - d)).toBeLessThan(1e-6 * Math.max(1e-1, Math.abs(d)));
    expect(Math.abs(num(g.h) - dh)).toBeLessThan(1e-6 * Math.max(1e-1, Math.abs(dh)));
  });
});
