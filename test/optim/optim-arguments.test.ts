import { describe, expect, it } from "vitest";
import * as G from "../kit/library.js";

const nan = Number.NaN;
const inf = Number.POSITIVE_INFINITY;
type Call = (value: never) => unknown;

const flag = { good: [true, false], bad: ["yes", null] };
const rate = { good: [0, 0.1, () => 1], bad: [nan, -1, inf, "0.1", null, undefined] };
const size = { good: [0, 1e-8, 3], bad: [nan, -1e-9, inf, "1", null] };
const mean = { good: [0, 0.9], bad: [nan, -0.1, 1, 2, "0.9"] };
const momentum = { good: [0, 0.9, 1], bad: [nan, -0.1, 2, inf] };
const number = { good: [-2, 0, 5.5], bad: [nan, inf, "1", null] };
const steps = { good: [0, 10], bad: [nan, -1, inf, "10"] };
const some = { good: [1, 10], bad: [0, nan, -1, inf] };
const decay = { good: [0, 0.1, () => 0], bad: [nan, -1, inf, "0.1"] };
const mask = { good: [true, { a: true }, () => true], bad: [3, null] };
const rule = { good: [G.sgd(1)], bad: [undefined, null, 3, {}, G.lbfgs()] };

type Kind = { good: unknown[]; bad: unknown[] };
const adam = { b1: mean, b2: mean, eps: size, epsRoot: size, nesterov: flag };
const rms = { decay: mean, eps: size, initialScale: size, epsInSqrt: flag, biasCorrection: flag };
const rss = { initialAccumulatorValue: size, eps: size };
const radam = { ...adam, threshold: { good: [4, 5, 7.5], bad: [3.9, nan, inf] } };
const decays = { weightDecay: decay, mask };
const lion = { b1: mean, b2: mean };

/** Options of what has a rate before them, and of what has nothing before them. */
const rated: Record<string, Record<string, Kind>> = {
  ...{ adam, nadam: adam, radam, lion: { ...lion, ...decays } },
  ...{ adamw: { ...adam, ...decays }, nadamw: { ...adam, ...decays } },
  rmsprop: { ...rms, centered: flag, momentum, nesterov: flag },
  adagrad: rss,
  sgd: { momentum, nesterov: flag },
};
const bare: Record<string, Record<string, Kind>> = {
  ...{ scaleByAdam: adam, scaleByRadam: radam, scaleByLion: lion },
  ...{ scaleByRms: rms, scaleByStddev: rms, scaleByRss: rss },
  lbfgs: {
    ...{
      memory: { good: [1, 10], bad: [0, 2.5, nan, inf] },
      maxSteps: { good: [0, 9, inf], bad: [-1, nan, 1.5] },
    },
    ...{ tolerance: { good: [0, inf], bad: [nan, -1] }, resolution: size },
  },
};

type Any = (...args: readonly unknown[]) => unknown;
const every = G as unknown as Record<string, Any>;

/** What has places: function, place, a call. */
const placed: [name: string, argument: string, kind: Kind, call: Call][] = [
  ["scale", "factor", number, (x) => G.scale(x)],
  ["scaleByLearningRate", "learningRate", rate, (x) => G.scaleByLearningRate(x)],
  [
    "scaleBySchedule",
    "schedule",
    { good: [() => 1], bad: [1, undefined, null] },
    (x) => G.scaleBySchedule(x),
  ],
  ["traceMomentum", "decay", momentum, (x) => G.traceMomentum(x)],
  ["traceMomentum", "nesterov", flag, (x) => G.traceMomentum(0.9, { nesterov: x })],
  ["ema", "decay", mean, (x) => G.ema(x)],
  ["ema", "debias", flag, (x) => G.ema(0.9, { debias: x })],
  ["clipGradients", "most", { good: [0, 1, inf], bad: [-1, nan, "1"] }, (x) => G.clipGradients(x)],
  ["clipByGlobalNorm", "most", { good: [0, 1, inf], bad: [-1, nan, "1"] }, (x) => G.clipByGlobalNorm(x)],
  ["addDecayedWeights", "weightDecay", decay, (x) => G.addDecayedWeights(x)],
  ["addDecayedWeights", "mask", mask, (x) => G.addDecayedWeights(0.1, x)],
  ["accumulate", "rule", rule, (x) => G.accumulate(x, 2)],
  [
    "accumulate",
    "every",
    { good: [1, 3, () => 2], bad: [0, 1.5, nan, inf, "2"] },
    (x) => G.accumulate(G.sgd(1), x),
  ],
  ["accumulate", "mean", flag, (x) => G.accumulate(G.sgd(1), 2, { mean: x })],
  ["applyIfFinite", "rule", rule, (x) => G.applyIfFinite(x, 1)],
  [
    "applyIfFinite",
    "maxConsecutiveErrors",
    { good: [0, 5, inf], bad: [-1, nan, 1.5] },
    (x) => G.applyIfFinite(G.sgd(1), x),
  ],
  ["chain", "rule 2", rule, (x) => G.chain(G.sgd(1), x)],
  ["masked", "rule", rule, (x) => G.masked(x, true)],
  ["masked", "mask", mask, (x) => G.masked(G.sgd(1), x)],
  ["multiTransform", "rules.a", rule, (x) => G.multiTransform({ a: x }, "a")],
  ["multiTransform", "rules", { good: [{}], bad: [undefined, null, 3, []] }, (x) => G.multiTransform(x, "a")],
  [
    "multiTransform",
    "labels",
    { good: ["a", { b: "a" }], bad: [undefined, null, 3] },
    (x) => G.multiTransform({}, x),
  ],
  ["constantSchedule", "value", number, (x) => G.constantSchedule(x)],
  ["linearSchedule", "start", number, (x) => G.linearSchedule(x, 1, 2)],
  ["linearSchedule", "end", number, (x) => G.linearSchedule(1, x, 2)],
  ["linearSchedule", "steps", steps, (x) => G.linearSchedule(1, 2, x)],
  ["linearSchedule", "begin", number, (x) => G.linearSchedule(1, 2, 3, x)],
  ["polynomialSchedule", "start", number, (x) => G.polynomialSchedule(x, 1, 2, 3)],
  ["polynomialSchedule", "end", number, (x) => G.polynomialSchedule(1, x, 2, 3)],
  ["polynomialSchedule", "exponent", size, (x) => G.polynomialSchedule(1, 2, x, 3)],
  ["polynomialSchedule", "steps", steps, (x) => G.polynomialSchedule(1, 2, 3, x)],
  ["polynomialSchedule", "begin", number, (x) => G.polynomialSchedule(1, 2, 3, 4, x)],
  ["cosineDecaySchedule", "start", number, (x) => G.cosineDecaySchedule(x, 10)],
  ["cosineDecaySchedule", "steps", some, (x) => G.cosineDecaySchedule(1, x)],
  ["cosineDecaySchedule", "alpha", number, (x) => G.cosineDecaySchedule(1, 10, x)],
  ["cosineDecaySchedule", "exponent", size, (x) => G.cosineDecaySchedule(1, 10, 0, x)],
  ["warmupCosineDecaySchedule", "start", number, (x) => G.warmupCosineDecaySchedule(x, 1, 2, 8)],
  ["warmupCosineDecaySchedule", "peak", number, (x) => G.warmupCosineDecaySchedule(0, x, 2, 8)],
  ["warmupCosineDecaySchedule", "warmup", steps, (x) => G.warmupCosineDecaySchedule(0, 1, x, 80)],
  [
    "warmupCosineDecaySchedule",
    "steps",
    { good: [3], bad: [2, 1, nan, inf] },
    (x) => G.warmupCosineDecaySchedule(0, 1, 2, x),
  ],
  ["warmupCosineDecaySchedule", "end", number, (x) => G.warmupCosineDecaySchedule(0, 1, 2, 8, x)],
  ["warmupCosineDecaySchedule", "exponent", size, (x) => G.warmupCosineDecaySchedule(0, 1, 2, 8, 0, x)],
  ["piecewiseConstantSchedule", "start", number, (x) => G.piecewiseConstantSchedule(x)],
  [
    "piecewiseConstantSchedule",
    "factors",
    { good: [{}], bad: [3, null, []] },
    (x) => G.piecewiseConstantSchedule(1, x),
  ],
  ["piecewiseConstantSchedule", "factors[5]", size, (x) => G.piecewiseConstantSchedule(1, { 5: x })],
  [
    "joinSchedules",
    "schedules",
    { good: [[() => 1, () => 2]], bad: [3, null, {}] },
    (x) => G.joinSchedules(x, [3]),
  ],
  [
    "joinSchedules",
    "schedules[1]",
    { good: [() => 1], bad: [3, null] },
    (x) => G.joinSchedules([() => 1, x], [3]),
  ],
  [
    "joinSchedules",
    "boundaries",
    { good: [[3]], bad: [3, null, {}] },
    (x) => G.joinSchedules([() => 1, () => 2], x),
  ],
  ["joinSchedules", "boundaries[0]", steps, (x) => G.joinSchedules([() => 1, () => 2], [x])],
  [
    "joinSchedules",
    "schedules.length",
    { good: [], bad: [[1], [1, 2, 3]] },
    (x) => G.joinSchedules([() => 1], x),
  ],
  ["exponentialDecay", "start", number, (x) => G.exponentialDecay(x, 2, 0.5)],
  ["exponentialDecay", "steps", steps, (x) => G.exponentialDecay(1, x, 0.5)],
  ["exponentialDecay", "rate", size, (x) => G.exponentialDecay(1, 2, x)],
  ["exponentialDecay", "begin", number, (x) => G.exponentialDecay(1, 2, 0.5, { begin: x })],
  ["exponentialDecay", "staircase", flag, (x) => G.exponentialDecay(1, 2, 0.5, { staircase: x })],
  ["exponentialDecay", "end", number, (x) => G.exponentialDecay(1, 2, 0.5, { end: x })],
];

const cases: typeof placed = [
  ...Object.entries(rated).flatMap(([name, options]) => [
    [name, "learningRate", rate, (x: never) => every[name]!(x)] as (typeof placed)[0],
    ...Object.entries(options).map(([option, kind]): (typeof placed)[0] => [
      name,
      option,
      kind,
      (x) => every[name]!(0.1, { [option]: x }),
    ]),
  ]),
  ...Object.entries(bare).flatMap(([name, options]) =>
    Object.entries(options).map(([option, kind]): (typeof placed)[0] => [
      name,
      option,
      kind,
      (x) => every[name]!({ [option]: x }),
    ]),
  ),
  ...placed,
];

describe("arguments of optimizers, transforms and schedules", () => {
  it.each(cases)("%s looks at %s when it is made", (name, argument, { good, bad }, call) => {
    for (const value of good) call(value as never);
    for (const value of bad) {
      let error: unknown;
      try {
        call(value as never);
      } catch (e) {
        error = e;
      }
      expect(error, String(value)).toBeInstanceOf(G.OptionError);
      const { code, message, fields } = error as G.OptionError;
      expect([code, fields.function, fields.option]).toEqual(["option.value", name, argument]);
      expect(message).toContain(`'${argument}' of '${name}' is `);
      if (typeof value === "number") expect(message).toContain(String(value));
    }
  });

  it("are known of all that there are", async () => {
    const seen = new Set(cases.map(([name]) => name));
    const without = new Set(["zeroNans", "scaleBySign", "applyUpdates", "globalNorm"]);
    const rooms = [
      "adam",
      "transformation",
      "clip",
      "decay",
      "lbfgs",
      "lion",
      "partition",
      "rms",
      "schedule",
      "sgd",
      "wrap",
    ];
    const modules = await Promise.all(rooms.map((room) => import(`../../src/optim/${room}.ts`)));
    const there = new Set<unknown>(modules.flatMap((module) => Object.values(module)));
    const made = Object.entries(G).filter(([, value]) => typeof value === "function" && there.has(value));
    expect(made.map(([name]) => name).filter((name) => !seen.has(name) && !without.has(name))).toEqual([]);
    expect(made.length).toBe(seen.size + without.size);
  });

  it("say the argument and its value", () => {
    expect(() => G.adam(nan)).toThrow(
      "'learningRate' of 'adam' is a finite number ≥ 0 or a schedule, not NaN",
    );
    expect(() => G.sgd(0.1, { momentum: 2 })).toThrow("'momentum' of 'sgd' is a number from 0 to 1, not 2");
  });

  it("that are at the ends of what is legal make steps that are numbers", () => {
    const params = { a: 1 };
    const rules = { clip: G.clipByGlobalNorm(0), none: G.clipByGlobalNorm(inf), still: G.adam(0) };
    for (const r of Object.values(rules))
      for (const a of [0, 2])
        expect(r.update({ a }, r.init(params) as never, params).updates.a).toBeDefined();
    for (const a of [0, 2]) expect(rules.clip.update({ a }, {}, params).updates.a).toBe(0);
  });
});
