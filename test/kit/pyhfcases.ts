// Answers to entries of test/fixtures/pyhf-numbers.json that are not about one model of a workspace.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { solve } from "../../src/core/elementary/linalg.js";
import { normCdf } from "../../src/core/elementary/special.js";
import { type AdditiveCode, type MultiplicativeCode, minos, q0, qmuTilde } from "../../src/entry/stats.js";
import {
  compile,
  constantArray,
  cut,
  expectedCls,
  expectedSignificance,
  grad,
  hessian,
  hist,
  histfactory,
  type Likelihood,
  lbfgs,
  type Model,
  minimize,
  type Scalar,
  softmaxLoss,
  type Tensor,
  type Traced,
  table,
  train,
  uncorrelatedBackground,
  valueAndGrad,
} from "../../src/index.js";
import { factorCoefficients, interpFactor, interpWeights } from "../../src/ops/interp.js";
import { flat } from "./flat.js";
import { evaluate } from "./modelhelp.js";
import { type Entry, samples } from "./pyhfhelp.js";

/** Shifts or factors of an interpolation code at each alpha; with `result` the interpolated value. */
export function interpolation({ model, origin, description }: Entry): number[] {
  const code = (/interpolation code (\d)/.exec(description) ?? /get\((\d)\)/.exec(origin))![1]!;
  const bins = (x: unknown) => [x].flat() as number[];
  const [lo, nom, hi] = [bins(model.lo), bins(model.nom), bins(model.hi)];
  const value = model.result !== undefined;
  const alphas = Float64Array.from(model.alpha as number[]);
  if (code === "1" || code === "4") {
    const f = compile((a: Tensor, h: Tensor, l: Tensor) =>
      interpFactor(a, factorCoefficients(h, l), `code${code}` as MultiplicativeCode),
    );
    return Array.from(alphas).flatMap((a) => {
      const relative = (v: number[]) => Float64Array.from(v, (x, i) => x / nom[i]!);
      const at = Float64Array.from(nom, () => a);
      const factors = f(at as never, relative(hi) as never, relative(lo) as never) as unknown as Float64Array;
      return Array.from(factors, (x, i) => (value ? x * nom[i]! : x));
    });
  }
  const weights = flat(
    compile((a: Tensor) => interpWeights(a, `code${code}` as AdditiveCode))(alphas as never),
  );
  return Array.from(alphas).flatMap((_, k) =>
    nom.map((n, i) => {
      const shift = weights[k]! * (hi[i]! - n) + weights[alphas.length + k]! * (n - lo[i]!);
      return value ? n + shift : shift;
    }),
  );
}

const counting = (s: number[], b: number[]): Model =>
  histfactory({
    channels: [
      {
        name: "SR",
        samples: [
          { name: "s", data: s, modifiers: [{ name: "mu", type: "normfactor", data: null }] },
          { name: "b", data: b, modifiers: [{ name: "norm", type: "normsys", data: { lo: 0.9, hi: 1.1 } }] },
        ],
      },
    ],
    parameters: [{ name: "norm", fixed: true }],
  });

/** Poisson and normal terms as models have them, and significances of models without uncertainties. */
export function distributions({ quantity, model: facts, expected }: Entry): number[] {
  if (quantity === "Z") {
    const [s, b] = [facts.s, facts.b].map((x) => [x].flat() as number[]);
    return [evaluate(counting(s!, b!), (m) => expectedSignificance(m)) as unknown as number];
  }
  const model = counting([1], [0]);
  if (quantity === "logpdf")
    return [evaluate(model, (m, p, d) => m.constraintLogpdf(p, d), [0, 0], [0]) as number];
  const n = [expected].flat().length === 4 ? [0, 0, 1, 1] : [0.5, 1.1, 1.5];
  const rates = n.length === 4 ? [0, 1, 0, 1] : [1, 1, 1];
  return n.map((k, i) => {
    const pars = model.config.parOrder.map((name) => (name === "mu" ? rates[i]! : 0));
    return evaluate(model, (m, p, d) => m.mainLogpdf(p, d).exp(), pars, [k]) as number;
  });
}

const uncertainty = (text: string) => (x: Tensor) =>
  text === "0.5+0.1*phi^2" ? x.square().mul(0.1).add(0.5) : x.div(5).square().add(1);

/** The counting experiment of one bin that depends on φ: p-values, their slopes, and the best φ. */
export function oneBin({ model: facts, quantity }: Entry): number[] {
  const width = uncertainty(facts.bkg_uncertainty as unknown as string);
  const at = (phi: Tensor) => {
    const one = (x: Tensor) => x.reshape([1]);
    return uncorrelatedBackground(one(phi.add(15)), one(phi.mul(-2).add(45)), one(width(phi)));
  };
  const asimov = (model: Model, mu: number) => model.expectedData(constantArray(Float64Array.of(mu, 1)));
  const discovery = (phi: Tensor) => {
    const model = at(phi);
    return q0(asimov(model, 1), model).value;
  };
  const p0 = (phi: Tensor) => normCdf(discovery(phi).sqrt().neg());
  if (quantity === "[phi*, p0*]") {
    const best = compile((start: Tensor) => {
      const found = minimize((x) => p0(x.at(0)).log() as Scalar, start.reshape([1]), { lower: 0, upper: 20 });
      return [found.x.at(0), p0(found.x.at(0)), found.status];
    })(4) as unknown as number[];
    if (best[2] !== 0) throw new Error(`status ${best[2]}`);
    return best.slice(0, 2);
  }
  const exclusion = (phi: Tensor) => expectedCls(at(phi));
  const f = compile((phi: Tensor) => {
    const model = at(phi);
    const q = quantity.startsWith("[q0") ? discovery(phi) : qmuTilde(1, asimov(model, 0), model).value;
    const { value, grads } = valueAndGrad(quantity.startsWith("[q0") ? p0 : exclusion)(phi);
    return [q, value, grads];
  });
  return f(facts.phi as never) as unknown as number[];
}

/** Histograms with a bandwidth, and their slopes, after relaxed. */
export function histograms({ model: facts, quantity, description }: Entry): number[] {
  const edges = facts.edges as number[];
  const events = table({ x: Float64Array.from(facts.data as number[]) }, { dtype: "f64" });
  const counts = (x: Tensor, bandwidth: Tensor) =>
    hist(x, {
      bins: edges,
      bandwidth,
      density: description.includes("density"),
      flow: description.includes("reflect") ? "reflect" : "drop",
    });
  const h = facts.bandwidth as never;
  type Events = { x: Tensor };
  if (quantity === "d count[3]/d x") {
    const f = compile((b: Tensor, e: Events) => grad((x: Tensor) => counts(x, b).at(3))(e.x));
    return Array.from(f(h, events as never) as unknown as Float64Array);
  }
  if (quantity === "d counts/d bw") {
    return Array.from({ length: edges.length - 1 }, (_, j) => {
      const f = compile((b: Tensor, e: Events) => grad((t: Tensor) => counts(e.x, t).at(j))(b));
      return f(h, events as never) as unknown as number;
    });
  }
  return Array.from(
    compile((b: Tensor, e: Events) => counts(e.x, b))(h, events as never) as unknown as Float64Array,
  );
}

/** The softmax loss of two cuts on the notebooks' samples. */
export async function watts({ description, quantity }: Entry): Promise<number[]> {
  const soft = description.includes("sigmoid") ? "sigmoid" : "erf";
  const selection = cut("x > {cx = 0} && y > {cy = 0}", { soft });
  const column = (file: string) => {
    const rows = readFileSync(join(samples, file), "utf8").trim().split("\n").slice(1);
    const [x, y] = [0, 1].map((k) => Float64Array.from(rows, (row) => Number(row.split(",")[k])));
    return table({ x: x!, y: y! }, { dtype: "f64" });
  };
  const data = { signal: column("signal_2d.csv"), background: column("background_2d.csv") };
  const loss = (p: { cx: Tensor; cy: Tensor }, e: Traced<typeof data>) =>
    softmaxLoss(selection.soft(p, e.signal), selection.soft(p, e.background));
  const start = description.includes("(60,60)") ? 60 : 1;
  if (quantity === "loss")
    return [compile(loss)({ cx: start, cy: start } as never, data as never) as unknown as number];
  const params = { cx: start, cy: start };
  const { params: end, loss: last } = await train(loss, { params, data, optimizer: lbfgs(), steps: 200 });
  return [end.cx, end.cy, last];
}

/** The function of cabinetry's test of MINOS: (b - 2)² + (b - 1)⁴ for each parameter, and a slope in the first. */
export function quartic(): number[] {
  const nll = (x: Tensor) =>
    x.sub(2).square().add(x.sub(1).square().square()).sum().add(x.at(0)).mul(0.5) as Scalar;
  const far = Float64Array.of(100, 100);
  const likelihood: Likelihood = {
    config: {
      npars: 2,
      parNames: ["a", "b"],
      poiIndex: 1,
      nmaindata: 1,
      nauxdata: 0,
      suggestedInit: [1, 1],
      suggestedLower: far.map((v) => -v),
      suggestedUpper: far,
    },
    key: "quartic",
    values: {},
    concrete: true,
    with: () => likelihood,
    nll,
    hessian: (x) => hessian(nll)(x),
    expectedData: (x) => x.slice(0, 1),
    init: () => constantArray(Float64Array.of(1, 1)),
    lower: () => constantArray(far.map((v) => -v)),
    upper: () => constantArray(far),
    free: () => constantArray(Float64Array.of(1, 1)),
  };
  const { down, up } = minos([0], likelihood, { parameters: ["b"], level: 0.95 }).intervals[0]!;
  return [down, up];
}

/**
 * σ(s) of the INFERNO benchmarks 0 to 4 from Fisher information, by quadrature over the densities: with all three
 * variables, or in ten bins of the best classifier.
 */
export function synthetic({ description }: Entry): number[] {
  const binned = description.includes("10 uniform bins");
  const grid = (from: number, to: number, n: number) =>
    Array.from({ length: n + 1 }, (_, i) => [from + ((to - from) * i) / n, (to - from) / n] as const);
  const [g0, g1] = [grid(-9, 14, 56), grid(0, 14, 32)];
  // Simpson's rule where densities end abruptly; the second variable is symmetric.
  const g2 = grid(0, 7, 120).map(
    ([x, h], i) => [x, (h * (i === 0 || i === 120 ? 1 : i % 2 ? 4 : 2)) / 3] as const,
  );
  const size = g0.length * g1.length * g2.length;
  const columns = {
    x0: new Float64Array(size),
    x1: new Float64Array(size),
    x2: new Float64Array(size),
    w: new Float64Array(size),
  };
  let i = 0;
  for (const [x0, w0] of g0)
    for (const [x1, w1] of g1)
      for (const [x2, w2] of g2) {
        columns.x0[i] = x0;
        columns.x1[i] = x1;
        columns.x2[i] = x2;
        columns.w[i++] = w0 * w1 * w2 * (x1 === 0 ? 1 : 2);
      }
  type Point = Record<keyof typeof columns, Tensor>;
  const normal = (x: Tensor, mean: Tensor | number, variance: number) =>
    x
      .sub(mean)
      .square()
      .mul(-0.5 / variance)
      .exp()
      .div(Math.sqrt(2 * Math.PI * variance));
  const signal = ({ x0, x1, x2 }: Point) =>
    normal(x0, 0, 1)
      .mul(normal(x1, 0, 1))
      .mul(x2.mul(-2).exp().mul(2));
  const background = ({ x0, x1, x2 }: Point, r: Tensor | number, rate: Tensor) =>
    normal(x0, rate.mul(0).add(r).add(2), 5)
      .mul(normal(x1, 0, 9))
      .mul(x2.mul(rate).neg().exp().mul(rate));
  const density = (p: Tensor, e: Point) =>
    signal(e)
      .mul(p.at(0))
      .add(background(e, p.at(1), p.at(2)).mul(p.at(3)));
  // The expected Hessian of the extended likelihood at the truth is the Fisher information.
  const nll = (p: Tensor, truth: Tensor, e: Point) => {
    if (!binned) {
      const rate = density(p, e);
      return rate.sub(density(truth, e).mul(rate.log())).mul(e.w).sum() as Scalar;
    }
    const [fs, fb] = [signal(e), background(e, truth.at(1), truth.at(2))];
    const score = fs.div(fs.add(fb));
    const edges = Array.from({ length: 11 }, (_, k) => k / 10);
    const rates = (q: Tensor) => hist(score, { bins: edges, bandwidth: 0, weights: density(q, e).mul(e.w) });
    return rates(p)
      .sub(rates(truth).mul(rates(p).log()))
      .sum() as Scalar;
  };
  const truth = Float64Array.of(50, 0, 3, 1000);
  const information = flat(
    compile((p: Tensor, e: Point) => hessian((x: Tensor) => nll(x, p, e))(p))(
      truth,
      table(columns, { dtype: "f64" }),
    ),
  );
  const prior = [0, 1 / 0.4 ** 2, 1, 1 / 100 ** 2];
  const benchmarks = [
    [[0], false],
    [[0, 1], false],
    [[0, 1, 2], false],
    [[0, 1, 2], true],
    [[0, 1, 2, 3], true],
  ] as const;
  return benchmarks.map(([free, constrained]) => {
    const n = free.length;
    const m = free.flatMap((a) =>
      free.map((b) => information[a * 4 + b]! + (a === b && constrained ? prior[a]! : 0)),
    );
    const first = Float64Array.from({ length: n }, (_, k) => (k === 0 ? 1 : 0));
    const solved = flat(
      compile((a: Tensor, b: Tensor) => solve(a.reshape([n, n]), b.reshape([n, 1])))(
        Float64Array.from(m) as never,
        first as never,
      ),
    );
    return Math.sqrt(solved[0]!);
  });
}
