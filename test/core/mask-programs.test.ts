import { beforeAll, expect, it } from "vitest";
import {
  erfc,
  lgamma,
  normCdf,
  normHazard,
  normLogCdf,
  polygamma,
} from "../../src/core/elementary/special.js";
import { affine, atan2, contract, hypot, kde, normInterval, segmentSum, take } from "../../src/entry/ops.js";
import {
  compile,
  concat,
  grad,
  hist,
  init,
  maximum,
  minimum,
  stack,
  type Tensor,
  table,
  where,
} from "../../src/index.js";
import { logCutProduct } from "../../src/ops/cutproduct.js";
import { interpFactor } from "../../src/ops/interp.js";
import { kdeSquares } from "../../src/ops/kdesquares.js";
import { normalKernel, poissonKernel } from "../../src/ops/prob.js";
import { flat } from "../kit/flat.js";
import { drawn, type Steps } from "../kit/programs.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

/** Steps event by event: none is bounded away from the ends of its domain. */
const steps: Steps = {
  add: (d) => d.last().add(d.t()),
  mul: (d) => d.last().mul(d.t()),
  div: (d) => d.last().div(d.t()),
  rdiv: (d) => d.t().div(d.last()),
  tanh: (d) => d.last().tanh(),
  sigmoid: (d) => d.last().sigmoid(),
  logSigmoid: (d) => d.last().logSigmoid(),
  softplus: (d) => d.last().softplus(),
  exp: (d) => d.last().exp(),
  log: (d) => d.last().log(),
  sqrt: (d) => d.last().sqrt(),
  abs: (d) => d.last().abs(),
  square: (d) => d.last().square(),
  pow: (d) => d.last().pow(d.t()),
  powHalf: (d) => d.last().pow(d.pick([0.5, -1, 2, 3, 1.5])),
  where: (d) => where(d.last().gt(d.t()), d.t(), d.last()),
  max: (d) => maximum(d.last(), d.t()),
  min: (d) => minimum(d.last(), d.t()),
  clip: (d) => d.last().clip(-1, 1),
  atan2: (d) => atan2(d.last(), d.t()),
  hypot: (d) => hypot(d.last(), d.t()),
  sin: (d) => d.last().sin(),
  sinh: (d) => d.last().sinh(),
  interval: (d) => normInterval(d.last(), d.t()),
  cdf: (d) => normCdf(d.last()),
  logCdf: (d) => normLogCdf(d.last()),
  hazard: (d) => normHazard(d.last()),
  erfc: (d) => erfc(d.last()),
  lgamma: (d) => lgamma(d.last()),
  polygamma: (d) => polygamma(1, d.last()),
  poisson: (d) => poissonKernel(d.t(), d.last()),
  normal: (d) => normalKernel(d.t(), d.last(), d.t()),
  interp: (d) => interpFactor(d.last(), stack([d.t(), d.t()]), d.pick(["code1", "code4"] as const)),
  logsumexp: (d) => stack([d.last(), d.t()]).logsumexp(0),
  softmax: (d) => stack([d.last(), d.t()]).softmax(0).at(0),
  innerMax: (d) => stack([d.last(), d.t()]).max(0),
  innerSum: (d) => concat([stack([d.last(), d.t()]), stack([d.t()])]).sum(0),
  dense: (d) => {
    const p = d.pool[0]!;
    return affine(
      stack([d.last(), d.t()]),
      stack([stack([p, p.add(1)]), stack([p.mul(2), p])]),
      stack([p, p]),
      d.pick(["tanh", "relu", "sigmoid", "none"] as const),
    ).at(1);
  },
  take: (d) => take(stack([d.pool[0]!, d.pool[0]!.add(1), d.pool[0]!.mul(2)]), d.last().floor().cast("i32")),
  logCut: (d) => logCutProduct(stack([d.last(), d.t()])),
};
const program = (seed: number, pool: readonly Tensor[]) =>
  drawn(steps, seed, pool, { length: 6, fits: (t) => t.shape.length === 0 }).at(-1) as Tensor;

/** Folds of what a mask has cleaned. */
const folds: ((y: Tensor, p: Tensor, ok: Tensor, x: Tensor) => Tensor)[] = [
  (y) => y.sum(),
  (y) => y.mean("events"),
  (y) => y.logsumexp("events"),
  (y) => y.max("events"),
  (y, p) =>
    hist(y, { bins: stack([p.mul(0).sub(1), p, p.add(4)]), bandwidth: 0.4 })
      .tanh()
      .sum(),
  (y, p, ok) =>
    kde(y, ok, stack([p.sub(1), p, p.add(4)]), 0.4)
      .tanh()
      .sum(),
  (y, p, ok) =>
    kdeSquares(y, ok, stack([p.sub(1), p, p.add(4)]), 0.4)
      .tanh()
      .sum(),
  (y, p, ok) =>
    kde(p.add(ok.mul(0.3)), y, stack([p.sub(1), p, p.add(4)]), 0.4)
      .tanh()
      .sum(),
  (y, _p, ok) => segmentSum(y, ok.cast("i32"), 2).tanh().sum(),
  (y, p) =>
    contract(stack([y, y.mul(p)]), stack([y, y]))
      .tanh()
      .sum(),
  (y, p, ok, x) =>
    contract(stack([x.mul(p), x]), stack([y, ok]))
      .at(0)
      .at(0),
];

it("what a mask hides in drawn programs changes no derivative, to second order", () => {
  let finite = 0;
  const bad = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -1,
    1,
    1e300,
    -1e300,
    5e-324,
    -0,
  ];
  for (let seed = 1; seed <= runs(25); seed++) {
    const u = random(seed + 1e6);
    const dtype = u() < 0.5 ? "f32" : "f64";
    const rows = 7;
    const good = () => 0.2 + 0.7 * u();
    const ok = Float64Array.from({ length: rows }, (_, i) => (i === 0 || u() < 0.5 ? 1 : 0));
    const x = Float64Array.from({ length: rows }, good);
    const z = Float64Array.from({ length: rows }, good);
    const spoil = (v: Float64Array) => v.map((a, i) => (ok[i] ? a : bad[Math.floor(u() * bad.length)]!));
    const clean = (v: Float64Array) => v.map((a, i) => (ok[i] ? a : 0.5));
    const fold = folds[Math.floor(u() * folds.length)]!;
    type E = { x: Tensor; z: Tensor; ok: Tensor };
    const f = (p: Tensor, e: E) => {
      const y = program(seed, [p, e.x, e.z]);
      const hidden = where(e.ok, y.axis ? y : y.add(e.x.mul(0)), 0);
      return fold(hidden, p, e.ok, where(e.ok, e.x, 0));
    };
    const g = (p: Tensor, e: E) => [
      f(p, e),
      grad((q: Tensor) => f(q, e))(p),
      grad((q: Tensor) => grad((r: Tensor) => f(r, e))(q))(p),
      ...Object.values(grad((c: { x: Tensor; z: Tensor }) => f(p, { ...e, ...c }))({ x: e.x, z: e.z })),
    ];
    const run = compile(g);
    const want = run(0.45, table({ x: clean(x), z: clean(z), ok }, { dtype })).flatMap(flat);
    const got = run(0.45, table({ x: spoil(x), z: spoil(z), ok }, { dtype })).flatMap(flat);
    if (want.every(Number.isFinite)) {
      finite++;
      got.forEach((v, k) => {
        const close =
          v === want[k] ||
          Math.abs(v - want[k]!) <= (dtype === "f32" ? 1e-3 : 1e-9) * Math.max(1, Math.abs(want[k]!));
        expect(close, `seed ${seed}, ${dtype}, number ${k}: ${v} for ${want[k]}`).toBe(true);
      });
    }
  }
  expect(finite).toBeGreaterThan(runs(25) / 4);
});
