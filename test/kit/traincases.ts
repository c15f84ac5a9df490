/** Trainings that are killed and resumed: the same in the child that dies and in the test that goes on. */

import { exponentialDecay, linearSchedule } from "../../src/entry/optim.js";
import {
  adam,
  asimovLoss,
  cut,
  key,
  lbfgs,
  logYield,
  mlp,
  softmaxLoss,
  stack,
  type Tensor,
  type Traced,
  type Trained,
  type TrainOptions,
  table,
  train,
} from "../../src/index.js";
import { random } from "./random.js";

const draw = random(5);
const normal = (mean: number, sigma: number, n: number) =>
  Float64Array.from({ length: n }, () => {
    const r = Math.sqrt(-2 * Math.log(1 - draw()));
    return mean + sigma * r * Math.cos(2 * Math.PI * draw());
  });
const sample = (mean: number, sigma: number, n: number) =>
  table({ x: normal(mean, sigma, n), y: normal(mean, sigma, n), w: new Float64Array(n).fill(0.5) });
export const data = { signal: sample(1.5, 1, 700), background: sample(0, 2, 900) };
/** The same in f64, where a search takes long to reach the resolution. */
const precise = {
  signal: table({ ...data.signal }, { dtype: "f64" }),
  background: table({ ...data.background }, { dtype: "f64" }),
};
type Events = Traced<typeof data>;

const selection = cut("x > {a = 4} && y < {b = 5}");
const net = mlp([2, 6, 1]);
const start = { cuts: selection.init() as Record<"a" | "b", number>, net: net.init(key(3)) };
type Params = typeof start;

const cutLoss = (p: Traced<Params>, { signal, background }: Events, width?: Tensor) =>
  asimovLoss(
    logYield(selection.logSoft(p.cuts, signal, width), signal.w),
    logYield(selection.logSoft(p.cuts, background, width), background.w),
  );
const netLoss = (p: Traced<Params>, { signal, background }: Events) =>
  softmaxLoss(
    net.apply(p.net, stack([signal.x, signal.y])).reshape([]),
    net.apply(p.net, stack([background.x, background.y])).reshape([]),
  ).mul(1 / 700);

type Options = TrainOptions<Params, typeof data, Record<"width", number>>;
export type Extra = Partial<Options>;
const base = { params: start, data, steps: 200, seed: 7 };
const run = (
  loss: (p: Traced<Params>, e: Events, x: Record<"width", Tensor>) => Tensor,
  options: Extra,
  extra: Extra,
): Promise<Trained<Params>> => train(loss, { ...base, ...options, ...extra });

const schedule = exponentialDecay(2, 200, 0.05);
/** Every one of 200 steps, or fewer where it converges. */
export const cases: Readonly<Record<string, (extra: Extra) => Promise<Trained<Params>>>> = {
  adam: (extra) => run((p, e) => cutLoss(p, e).add(netLoss(p, e)), { optimizer: adam(0.01) }, extra),
  lbfgs: (extra) =>
    run((p, e) => netLoss(p, e), { optimizer: lbfgs({ tolerance: 0 }), data: precise }, extra),
  minibatch: (extra) =>
    run(
      (p, e) => cutLoss(p, e).add(netLoss(p, e)),
      {
        optimizer: adam(linearSchedule(0.02, 0.001, 200)),
        ...{ batch: 100, validation: 0.25, weights: "w", evaluateEvery: 7 },
      },
      extra,
    ),
  annealed: (extra) =>
    run(
      (p, e, { width }) => cutLoss(p, e, width),
      { optimizer: adam(0.05), extras: (step: number) => ({ width: schedule(step) }) },
      extra,
    ),
};

/** The bits of all that a training leaves. */
export function bits({ params, grads, loss, history, evaluations }: Trained<Params>): string {
  const hex = (x: number | Float64Array): string => {
    const numbers = typeof x === "number" ? Float64Array.of(x) : x;
    return Array.from(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), (b) =>
      b.toString(16).padStart(2, "0"),
    ).join("");
  };
  const tree = (t: Params): string[] => [
    ...[t.cuts.a, t.cuts.b].map(hex),
    ...t.net.flatMap(({ w, b }) => [hex(w), hex(b)]),
  ];
  const seen = evaluations.flatMap((e) => [e.step, e.training, e.validation ?? 0].map(hex));
  return [...tree(params), ...tree(grads), hex(loss), hex(history), ...seen].join("\n");
}
