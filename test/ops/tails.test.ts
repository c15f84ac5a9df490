// Histograms and intervals where little is: tails of many bandwidths, narrow bins. No bin is below 0, and what is there is right.

import { beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../src/core/graph/op.js";
import { kde, normInterval, polygamma } from "../../src/entry/ops.js";
import {
  axis,
  compile,
  constantArray,
  grad,
  hist,
  histogram,
  init,
  type Tensor,
  table,
} from "../../src/index.js";
import { random } from "../kit/random.js";
import { registry } from "../kit/registry.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const floats = ["f32", "f64"] as const;
type Dtype = (typeof floats)[number];
type Events = Record<string, Tensor>;
const column = (dtype: Dtype, x: Float64Array) => (dtype === "f32" ? Float32Array.from(x) : x);
const uniforms = (seed: number, n: number) => {
  const draw = random(seed);
  return Float64Array.from({ length: n }, draw);
};

/** 1 - Φ(z) for z ≥ 2, by Laplace's continued fraction. */
function tail(z: number): number {
  let f = z;
  for (let k = 300; k >= 1; k--) f = z + k / f;
  return Math.exp((-z * z) / 2) / (f * Math.sqrt(2 * Math.PI));
}

describe("bins far from all events", () => {
  const x = uniforms(2, 2000).map((u) => 0.3 * u);
  const share = (lower: number, upper: number, h: number, values: ArrayLike<number>) =>
    Array.from(values).reduce((s, v) => s + tail((lower - v) / h) - tail((upper - v) / h), 0);

  it.each(floats)("%s: hold what is there, as few events do one by one", (dtype) => {
    const values = column(dtype, x);
    const f = compile((e: Events) => hist(e.x!, { bins: 4, range: [0, 1], bandwidth: 0.01 }));
    for (const n of [2000, 300]) {
      const bins = f(table({ x: values.slice(0, n) }, { dtype }) as never) as unknown as Float64Array;
      const want = share(0.5, 0.75, 0.01, values.slice(0, n));
      expect(want).toBeGreaterThan(1e-93);
      if (dtype === "f64") expect(Math.abs(bins[2]! / want - 1)).toBeLessThan(1e-5);
      else expect(bins[2]).toBe(0);
      expect(bins[3]).toBe(0);
    }
  });

  it.each(floats)("%s: keep their accuracy as far as the type reaches", (dtype) => {
    const values = column(dtype, x);
    for (const h of [0.02, 0.03]) {
      const edges = Float64Array.from({ length: 21 }, (_, i) => i / 20);
      const f = compile((e: Events) => kde(e.x!, 1, constantArray(edges), h));
      const bins = f(table({ x: values }, { dtype }) as never) as unknown as Float64Array;
      const reach = dtype === "f32" ? 12 : 30;
      for (let j = 8; j < 20 && edges[j]! < 0.3 + reach * h; j++) {
        const error = Math.abs(bins[j]! / share(edges[j]!, edges[j + 1]!, h, values) - 1);
        expect(error, `${edges[j]} at ${h}`).toBeLessThan(dtype === "f32" ? 2e-4 : 2e-3);
      }
    }
  });

  it.each(floats)("%s: have the derivatives of what they hold", (dtype) => {
    const values = column(dtype, x);
    const h = 0.02;
    const edges = Float64Array.from({ length: 21 }, (_, i) => i / 20);
    for (const [j, tolerance] of dtype === "f32"
      ? ([
          [8, 1e-5],
          [10, 2e-3],
        ] as const)
      : ([
          [8, 1e-9],
          [12, 1e-5],
          [15, 5e-3],
        ] as const)) {
      const log = (_e: Events, w: Tensor, x: Tensor) => kde(x, w, constantArray(edges), h).at(j).log();
      const f = compile((e: Events) => ({
        bin: kde(e.x!, e.w!, constantArray(edges), h).at(j),
        grads: grad((a: Events) => log(e, a.w!, a.x!))({ w: e.w!, x: e.x! }),
      }));
      const w = column(dtype, new Float64Array(x.length).fill(1));
      const got = f(table({ x: values, w }, { dtype }) as never) as unknown as {
        bin: number;
        grads: Record<"w" | "x", Float64Array>;
      };
      const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      values.forEach((v, i) => {
        if (v < 0.29) return;
        const [a, b] = [(edges[j]! - v) / h, (edges[j + 1]! - v) / h];
        expect(Math.abs((got.grads.w[i]! * got.bin) / (tail(a) - tail(b)) - 1)).toBeLessThan(tolerance);
        const slope = (density(a) - density(b)) / h;
        expect(Math.abs((got.grads.x[i]! * got.bin) / slope - 1)).toBeLessThan(tolerance);
      });
    }
  });

  it(`are never below 0, nor are sums of squares: ${runs(6)} histograms`, () => {
    const made = new Map<string, ReturnType<typeof build>>();
    const build = (dtype: Dtype) =>
      compile((p: { edges: Tensor; h: Tensor }, e: Events) => ({
        bins: kde(e.x!, e.w!, p.edges, p.h),
        squares: histogram(axis.variable(p.edges)).fill(e.x!, { weights: e.w!, bandwidth: p.h }).variances,
        own: kde(e.x!, e.w!, p.edges, p.h.add(e.x!.mul(0))),
        pair: histogram([axis.variable(p.edges), axis.regular(3, 0, 2)])
          .fill([e.x!, e.x!.mul(1.5)], { weights: e.w!, bandwidth: [p.h, p.h.mul(2)] })
          .values.reshape([60]),
        dtype: constantArray([dtype === "f32" ? 1 : 2]).at(0),
      }));
    for (let seed = 0; seed < runs(6); seed++) {
      const draw = random(1000 + seed);
      const [n, h] = [[300, 700, 3000][seed % 3]!, 10 ** (-3 + 2 * draw())];
      const [from, to] = [draw() * 0.5, 0.5 + draw() * 0.5];
      const x = uniforms(seed, n).map((u) => from + (to - from) * u * u);
      const w = uniforms(seed + 7, n);
      const edges = Float64Array.from({ length: 21 }, (_, i) => (i / 20) ** (seed % 2 ? 1 : 3));
      for (const dtype of floats) {
        if (!made.has(dtype)) made.set(dtype, build(dtype));
        const t = table({ x: column(dtype, x), w: column(dtype, w) }, { dtype });
        const got = made.get(dtype)!({ edges, h }, t as never) as unknown as Record<string, Float64Array>;
        for (const kind of ["bins", "squares", "own", "pair"])
          for (const v of got[kind]!)
            if (!(v >= 0)) expect.fail(`${kind} ${v} (${dtype}, seed ${seed}, h ${h})`);
      }
    }
  });

  it("may be below 0 where a weight is", () => {
    const t = table({ x: Float64Array.of(0.4, 0.6), w: Float64Array.of(1, -3) }, { dtype: "f64" });
    const bins = compile((e: Events) => kde(e.x!, e.w!, constantArray([0, 0.5, 1]), 0.01))(t as never);
    expect(Array.from(bins as unknown as Float64Array, (v) => Math.round(v))).toEqual([1, -3]);
  });
});

describe("edges", () => {
  it("that are so near to an event that their distance in bandwidths vanishes count once", () => {
    const t = table({ x: Float32Array.of(0.25, -1, 1, 0.5) }, { dtype: "f32" });
    for (const h of [1e30, 1e200, 1e308]) {
      const bins = compile((e: Events) => kde(e.x!, 1, constantArray([-0.5, 0, 0.25, 2]), h))(t as never);
      for (const v of bins as unknown as Float64Array) if (!(v >= 0 && v < 1e-6)) expect.fail(`${v} at ${h}`);
    }
  });

  it("that do not ascend leave bins without a number", () => {
    const t = table({ x: Float64Array.of(0.5, 1.5) }, { dtype: "f64" });
    const f = compile((p: { e: Tensor }, e: Events) => kde(e.x!, 1, p.e, 0.1));
    expect(Array.from(f({ e: [0, 2, 1] }, t as never) as unknown as Float64Array)).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });

  it("have the slopes of sums of squares that f64 has, in f32 too", () => {
    const x = Float32Array.from(uniforms(5, 600));
    const run = (dtype: Dtype) =>
      compile(
        grad((p: { e: Tensor }, e: Events) =>
          emit(registry.get("kdeSquares")!, [e.x!, e.x!.mul(0).add(1), p.e, constantArray([0.003]).at(0)], {
            closed: true,
          })
            .mul(constantArray([1, -2, 3]))
            .sum(),
        ),
      )(
        { e: [0.5, 0.51, 0.75, 0.9] },
        table({ x: dtype === "f32" ? x : Float64Array.from(x) }, { dtype }) as never,
      );
    const [a, b] = [run("f32"), run("f64")].map((r) => Array.from((r as unknown as { e: Float64Array }).e));
    b!.forEach((want, i) => {
      expect(Math.abs(a![i]! / want - 1)).toBeLessThan(1e-9);
    });
  });
});

describe("the share of a Gaussian in an interval", () => {
  // mpmath, 60 digits: [from, to, share].
  const shares = [
    [0.02458033897794039, 0.02458034897794039, 3.988217795421664e-9],
    [2.28849005675541, 2.28849006675541, 2.9085022714248744e-10],
    [-12.394198954343278, -12.394198944343277, 1.75219784853123e-42],
    [0.029794910627384846, 0.030794910627384847, 0.0003987592348558895],
    [2.193813809556433, 2.194813809556433, 3.592057881585045e-5],
    [-12.28521176241438, -12.284211762414381, 6.7658596871130505e-37],
    [-0.04410352679777794, -0.024103526797777938, 0.007974074309641525],
    [2.1319208424716076, 2.1519208424716076, 0.0008048825503825832],
    [-12.276509495906778, -12.256509495906778, 1.6961804695066554e-35],
    [0.07428094894485643, 0.3742809489448564, 0.11629576568947221],
    [2.2964842217651853, 2.596484221765185, 0.006114943586480548],
    [-12.207704402209984, -11.907704402209983, 5.253983859541667e-33],
    [-0.05904409709324143, 0.8409559029067586, 0.3233551881250411],
    [2.293312862463439, 3.193312862463439, 0.010211747275522844],
    [-12.327762013055525, -11.427762013055524, 1.5191624309546803e-30],
    [-0.08697205732486475, 1.0130279426751354, 0.37912973138400397],
    [2.1006766238748718, 3.200676623874872, 0.017149154795168656],
    [-12.338008413679376, -11.238008413679376, 1.326497054857544e-29],
    [-0.03684137883071119, 2.463158621169289, 0.5078083108914725],
    [2.1114001859071583, 4.611400185907158, 0.01736696472803954],
    [-12.250040995541745, -9.750040995541745, 9.219689605207514e-23],
  ] as const;

  const interval = compile((p: { a: Tensor; b: Tensor }) => normInterval(p.a, p.b));
  const ulps = (got: number, want: number) =>
    Math.abs(got - want) / 2 ** Math.max(Math.floor(Math.log2(Math.abs(want))) - 52, -1074);

  it("is right to 8 ulp, however narrow the interval and however far", () => {
    const got = interval({
      a: shares.map(([a]) => a),
      b: shares.map(([, b]) => b),
    }) as unknown as Float64Array;
    shares.forEach(([a, b, want], i) => {
      expect(ulps(got[i]!, want), `${a} to ${b}`).toBeLessThanOrEqual(8);
    });
  });

  it(`adds up, is odd and symmetric: ${runs(50)} intervals`, () => {
    const draw = random(11);
    for (let i = 0; i < runs(50); i++) {
      const width = 10 ** (-6 + 6.5 * draw());
      const a = -30 + 60 * draw();
      const [mid, b] = [a + width / 2, a + width];
      const y = interval({ a: [a, a, mid, b, -b], b: [b, mid, b, a, -a] }) as unknown as Float64Array;
      expect(ulps(y[1]! + y[2]!, y[0]!)).toBeLessThanOrEqual(17);
      expect(-y[3]!).toBe(y[0]);
      expect(ulps(y[4]!, y[0]!)).toBeLessThanOrEqual(8);
      expect(y[0]).toBeGreaterThan(0);
    }
  });
});

describe("orders of polygamma", () => {
  it.each([-1, 1.5, Number.NaN])("%s is refused", (order) => {
    expect(() => compile((x: Tensor) => polygamma(order, x))(2)).toThrow(/orders 0 \(digamma\), 1, 2/);
  });
});

describe("derivatives of powers at 0", () => {
  const nth = (f: (x: Tensor) => Tensor, n: number): ((x: Tensor) => Tensor) =>
    n === 0 ? f : nth((x) => grad((y: Tensor) => f(y).sum())(x), n - 1);
  it.each([1, 2, 3, 4, 5])("x.pow(%i) has those of a polynomial, to any order", (k) => {
    let want = 1;
    for (let n = 0; n <= k + 2; n++) {
      const at = n === k ? want : 0;
      const power = (x: Tensor) => x.pow(k);
      expect(compile(nth(power, n))(0) as number).toBe(at);
      expect(Array.from(compile(nth(power, n))([0, 0]) as unknown as Float64Array)).toEqual([at, at]);
      const traced = compile((p: { x: Tensor; k: Tensor }) => nth((x) => x.pow(p.k), n)(p.x));
      expect(traced({ x: 0, k }) as number).toBe(at);
      const t = table({ x: Float64Array.of(1, 1) }, { dtype: "f64" });
      const events = compile((p: Tensor, e: Events) => nth((q) => q.mul(e.x!).pow(k).sum(), n)(p));
      expect(events(0, t as never) as number).toBe(2 * at);
      want *= n + 1;
    }
  });
});
