/**
 * The three-blob problem of neos (arXiv:2203.05570, its example): two features, a signal, a background and its two
 * systematic variations, each a Gaussian of unit covariance. A network's score is histogrammed, and the expected CLs of
 * a HistFactory model with the variations and with the statistical errors of the samples is the loss.
 */

import { normal, split } from "../../src/entry/random.js";
import {
  adam,
  applyUpdates,
  axis,
  compile,
  expectedCls,
  histfactory,
  histogram,
  histosys,
  hypotest,
  key,
  type Model,
  mlp,
  normfactor,
  stack,
  staterror,
  type Events as Table,
  type Tensor,
  table,
  valueAndGrad,
} from "../../src/index.js";

export const samples = ["signal", "background", "up", "down"] as const;
export type Name = (typeof samples)[number];
type Columns = { x: Float32Array; y: Float32Array };
export type Blobs = Record<Name, Columns>;
type Events = Record<Name, { x: Tensor; y: Tensor }>;

const means: Record<Name, readonly [number, number]> = {
  signal: [-1, 1],
  background: [1, -1],
  up: [2.5, 2],
  down: [-2.5, -1.5],
};
/** Expected events: twice ten of signal, ten times ten of background. */
const expected: Record<Name, number> = { signal: 20, background: 100, up: 100, down: 100 };
/** Added to every bin. */
const FLOOR = 1e-3;

export const network = (hidden: number) => mlp([2, hidden, hidden, 1]);
export const bins = histogram(axis.regular(4, 0, 1), { flow: "reflect" });

/** `events` of each sample. */
export function draw(seed: number, events: number): Blobs {
  const keys = split(key(seed), 8);
  const column = (i: number, mean: number) => Float32Array.from(normal(keys[i]!, events), (z) => mean + z);
  return Object.fromEntries(
    samples.map((name, i) => [
      name,
      { x: column(2 * i, means[name][0]), y: column(2 * i + 1, means[name][1]) },
    ]),
  ) as Blobs;
}

/** Yields and statistical errors of the samples as a model; the numbers may be Tensors or arrays. */
export function build<T extends Tensor | Float64Array>(
  yields: Record<Name, T>,
  errors: Record<"signal" | "background", T>,
): Model {
  return histfactory({
    channels: [
      {
        name: "score",
        samples: [
          {
            name: "signal",
            data: yields.signal,
            modifiers: [normfactor("mu"), staterror("mc", errors.signal)],
          },
          {
            name: "background",
            data: yields.background,
            modifiers: [histosys("blob", yields.up, yields.down), staterror("mc", errors.background)],
          },
        ],
      },
    ],
  });
}

/** The network's score histogrammed softly: a model made of Tensors. */
export function soft(
  net: ReturnType<typeof network>,
  p: { w: Tensor; b: Tensor }[],
  events: Events,
  sizes: Record<Name, number>,
  bandwidth: number,
  weights?: Record<Name, Tensor>,
): Model {
  const filled = Object.fromEntries(
    samples.map((name) => {
      const { x, y } = events[name];
      const score = net
        .apply(p, stack([x, y]))
        .at(0)
        .sigmoid();
      const { values, variances } = bins.fill(score, {
        bandwidth,
        ...(weights ? { weights: weights[name] } : {}),
      });
      const scale = expected[name] / sizes[name];
      return [name, { yields: values.mul(scale).add(FLOOR), error: variances.add(1e-12).sqrt().mul(scale) }];
    }),
  ) as Record<Name, { yields: Tensor; error: Tensor }>;
  const of = <K extends "yields" | "error">(k: K) =>
    Object.fromEntries(samples.map((n) => [n, filled[n][k]])) as Record<Name, Tensor>;
  return build(of("yields"), of("error"));
}

export interface Hard {
  readonly cls: number;
  /** Background events in each bin, unweighted. */
  readonly raw: readonly number[];
  readonly converged: boolean;
}

/** CLs of the hard histogram, with its statistical errors in the model. */
export function hard(scores: Record<Name, ArrayLike<number>>): Hard {
  const counts = Object.fromEntries(samples.map((n) => [n, bins.hard(scores[n])]));
  const scaled = (n: Name, v: Float64Array, floor: number) =>
    v.map((c) => (c * expected[n]) / scores[n].length + floor);
  const yields = Object.fromEntries(samples.map((n) => [n, scaled(n, counts[n]!.values, FLOOR)]));
  const errors = Object.fromEntries(
    (["signal", "background"] as const).map((n) => [n, scaled(n, counts[n]!.variances.map(Math.sqrt), 0)]),
  );
  const model = build(
    yields as Record<Name, Float64Array>,
    errors as Record<"signal" | "background", Float64Array>,
  );
  const asimov = compile((v: unknown, pars: Tensor) => model.with(v as never).expectedData(pars));
  const pars = model.config.suggestedInit.map((v, i) => (i === model.config.poiIndex ? 0 : v));
  const test = hypotest(1, asimov(model.values as never, pars) as unknown as Float64Array, model);
  return { cls: test.expected, raw: Array.from(counts.background!.entries), converged: test.converged };
}

/** Trains on batches of `size` events of each sample, and tests on held-out ones. */
export function study(seed: number, { hidden = 100, steps = 60, size = 2000, events = 10_000 } = {}) {
  const net = network(hidden);
  const all = draw(seed, events);
  const train = Math.round(0.75 * events);
  const part = (from: number, to: number) =>
    Object.fromEntries(
      samples.map((n) => [n, { x: all[n].x.subarray(from, to), y: all[n].y.subarray(from, to) }]),
    ) as Blobs;
  const sizes = Object.fromEntries(samples.map((n) => [n, size])) as Record<Name, number>;
  type Params = { w: Tensor; b: Tensor }[];
  const loss = (p: Params, e: Events) => expectedCls(soft(net, p, e, sizes, 0.09)).log();
  const step = compile(valueAndGrad(loss));
  const optimizer = adam(1e-3);
  let params = net.init(key(1000 + seed)) as unknown as Params;
  let state = optimizer.init(params as never);
  const history: number[] = [];
  const tables = (blobs: Blobs) =>
    Object.fromEntries(samples.map((n) => [n, table(blobs[n])])) as unknown as Record<Name, Table>;
  for (let s = 0; s < steps; s++) {
    const from = (s * size) % (train - size + 1);
    const { value, grads } = step(params as never, tables(part(from, from + size)) as never) as unknown as {
      value: number;
      grads: Params;
    };
    history.push(Math.exp(value));
    const update = optimizer.update(grads as never, state, params as never);
    params = applyUpdates(params as never, update.updates) as unknown as Params;
    state = update.state;
  }
  const score = compile((p: Params, e: { t: { x: Tensor; y: Tensor } }) =>
    net
      .apply(p, stack([e.t.x, e.t.y]))
      .at(0)
      .sigmoid(),
  );
  const held = part(train, events);
  const scores = Object.fromEntries(
    samples.map((n) => [n, score(params as never, { t: table(held[n]) } as never)]),
  ) as unknown as Record<Name, Float64Array>;
  return { ...hard(scores), history };
}
