import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mapPaths } from "../../src/core/tree.js";
import { adam, adamw, nadam, nadamw, radam } from "../../src/optim/adam.js";
import { clip, clipByGlobalNorm, globalNorm, zeroNans } from "../../src/optim/clip.js";
import { addDecayedWeights } from "../../src/optim/decay.js";
import { lbfgs } from "../../src/optim/lbfgs.js";
import { lion, scaleBySign } from "../../src/optim/lion.js";
import { asMinimizer, type Minimizer, runStep } from "../../src/optim/minimizer.js";
import { masked, multiTransform } from "../../src/optim/partition.js";
import { adagrad, rmsprop } from "../../src/optim/rms.js";
import { rules as named, ruleNames } from "../../src/optim/rules.js";
import {
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecay,
  joinSchedules,
  linearSchedule,
  piecewiseConstantSchedule,
  polynomialSchedule,
  type Schedule,
  warmupCosineDecaySchedule,
} from "../../src/optim/schedule.js";
import { sgd } from "../../src/optim/sgd.js";
import { deserialize, deserializeBytes, serialize, serializeBytes } from "../../src/optim/train/serialize.js";
import {
  applyUpdates,
  asArray,
  chain,
  type GradientTransformation,
  isNumeric,
  leafLike,
  type NumericLeaf,
  ravel,
  scale,
  scaleByLearningRate,
} from "../../src/optim/transformation.js";
import { accumulate, applyIfFinite, ema } from "../../src/optim/wrap.js";
import { run } from "../kit/clirun.js";
import { type Loss, losses } from "../kit/losses.js";

/** From optax; see peers/optim.py. */
const peer = JSON.parse(readFileSync(new URL("../fixtures/optim.json", import.meta.url), "utf8"));

test("every optimiser that a command can be told has its row of optax's numbers, and words in its help", async () => {
  const trainHelp = (await run(["train", "--help"])).out;
  const path = (name: string) => `\n  ${name.padEnd(13)}${named[name as keyof typeof named].words}\n`;
  for (const name of ruleNames) {
    expect(trainHelp).toContain(path(name));
    const made = named[name].make({
      rate: 0.1,
      steps: 10,
      nesterov: false,
      weightDecay: 0,
      weights: () => false,
      tiny: false,
    });
    // A solver has no update of optax's; it is tested below.
    expect(Object.hasOwn(rules, name), name).toBe("update" in made);
  }
});

const cosine = cosineDecaySchedule(0.1, 80, 0.05);
/** The first leaf of each loss, in the order of sorted keys. */
const isFirst = (path: string): boolean => ["a", "x[0]", "net[0].b"].includes(path);

/** One row buys all tests: parity with optax on three losses, states that are saved mid-way, zero gradients. */
const rules: Record<string, GradientTransformation> = {
  sgd: sgd(0.01),
  sgdMomentum: sgd(0.01, { momentum: 0.9 }),
  sgdNesterov: sgd(0.005, { momentum: 0.9, nesterov: true }),
  adam: adam(0.05),
  adamOptions: adam(0.05, { b1: 0.8, b2: 0.95, eps: 1e-3, epsRoot: 1e-4 }),
  adamCosine: adam(cosine),
  nadam: nadam(0.05),
  adamw: adamw(0.05, { weightDecay: 0.1 }),
  adamwMask: adamw(0.05, { weightDecay: 0.1, mask: isFirst }),
  adamwSchedule: adamw(0.05, { weightDecay: cosine }),
  nadamw: nadamw(0.05),
  radam: radam(0.05),
  radamOptions: radam(0.01, { b1: 0.8, b2: 0.9, epsRoot: 1e-6, threshold: 4, nesterov: true }),
  rmsprop: rmsprop(0.002),
  rmspropMomentum: rmsprop(0.002, { momentum: 0.8, nesterov: true, initialScale: 1 }),
  rmspropCentered: rmsprop(0.002, { centered: true, eps: 1e-3 }),
  rmspropUnbiased: rmsprop(0.002, { biasCorrection: true, epsInSqrt: false }),
  rmspropAll: rmsprop(0.002, { centered: true, biasCorrection: true, eps: 1e-3, momentum: 0.5 }),
  adagrad: adagrad(0.3),
  adagradZero: adagrad(0.3, { initialAccumulatorValue: 0, eps: 1e-5 }),
  lion: lion(0.01),
  lionOptions: lion(0.01, { b1: 0.8, b2: 0.95, weightDecay: 0 }),
  sign: chain(scaleBySign(), scale(-0.01)),
  sgdExponential: sgd(exponentialDecay(0.01, 30, 0.5, { begin: 5 })),
  sgdWarmup: sgd(warmupCosineDecaySchedule(0.001, 0.01, 10, 80, 0.002)),
  clip: chain(clip(0.5), sgd(0.01, { momentum: 0.9 })),
  clipByGlobalNorm: chain(clipByGlobalNorm(0.5), adam(0.05)),
  decayed: chain(addDecayedWeights(0.1), sgd(0.01)),
  ema: chain(ema(0.8), sgd(0.01)),
  emaBiased: chain(ema(0.8, { debias: false }), sgd(0.01)),
  accumulate: accumulate(adam(0.05), 4),
  accumulateMore: accumulate(adam(0.05), (step) => 1 + (step % 3)),
  multiTransform: multiTransform({ first: sgd(0.01), rest: adam(0.05) }, (path) =>
    isFirst(path) ? "first" : "rest",
  ),
  zeroNans: chain(zeroNans(), adam(0.05)),
  applyIfFinite: applyIfFinite(adam(0.05), 3),
};

/** Rules that move parameters without a gradient. */
const decays = ["adamw", "adamwMask", "adamwSchedule", "nadamw", "lion", "decayed"];

/** NaN in the first leaf at steps 3, 10, 17, …, for the rules that are about that. */
function spoiled(name: string, step: number, grads: unknown): unknown {
  if (!["zeroNans", "applyIfFinite"].includes(name) || step % 7 !== 3) return grads;
  const spoil = (leaf: NumericLeaf, path: string): NumericLeaf => {
    if (!isFirst(path.slice("grads.".length))) return leaf;
    return leafLike(
      leaf,
      asArray(leaf).map(() => Number.NaN),
    );
  };
  return mapPaths(grads, isNumeric, spoil, "grads");
}

/** The bits of all numbers in a tree. */
const bitsOf = (tree: unknown): BigUint64Array => new BigUint64Array(ravel(tree).vector.buffer);

interface Point {
  params: unknown;
  state: unknown;
}

function walk(name: string, loss: Loss, from: number, to: number, start: Point): Point {
  let { params, state } = start;
  for (let i = from; i < to; i++) {
    const grads = spoiled(name, i, loss.grads(params as never));
    const next = rules[name]!.update(grads, state, params);
    params = applyUpdates(params, next.updates);
    state = next.state;
  }
  return { params, state };
}

const begin = (name: string, loss: Loss): Point => ({
  params: loss.start(),
  state: rules[name]!.init(loss.start()),
});

describe.each(Object.keys(rules))("%s", (name) => {
  test.each(Object.keys(losses))("100 steps as optax makes them: %s", (kind) => {
    const { params } = walk(name, losses[kind]!, 0, 100, begin(name, losses[kind]!));
    const got = ravel(params).vector;
    const want: number[] = peer.optimizers[kind][name];
    expect(got.length).toBe(want.length);
    want.forEach((w, i) => {
      expect(Math.abs(got[i]! - w)).toBeLessThan(1e-10);
    });
  });

  test.each(Object.keys(losses))(
    "saved mid-way as text and bytes, it goes on with the same bits: %s",
    (kind) => {
      const loss = losses[kind]!;
      const middle = walk(name, loss, 0, 37, begin(name, loss));
      const end = walk(name, loss, 37, 60, middle);
      for (const copy of [
        deserialize<Point>(serialize(middle)),
        deserializeBytes<Point>(serializeBytes(middle)),
      ]) {
        const again = walk(name, loss, 37, 60, copy);
        expect(bitsOf(again.params)).toEqual(bitsOf(end.params));
        expect(serialize(again.state)).toBe(serialize(end.state));
      }
    },
  );

  test("a zero gradient moves nothing but what decays", () => {
    const rule = rules[name]!;
    const loss = losses.quadratic!;
    const zero = { a: 0, w: new Float64Array(3) };
    let { params, state } = begin(name, loss);
    for (let i = 0; i < 5; i++) {
      const next = rule.update(zero, state, params as typeof zero);
      params = applyUpdates(params, next.updates);
      state = next.state;
    }
    const [moved, start] = [ravel(params).vector, ravel(loss.start()).vector];
    if (!decays.includes(name)) expect(moved).toEqual(start);
    else expect(moved.every((x, i) => Math.abs(x) <= Math.abs(start[i]!))).toBe(true);
  });

  test("nothing is changed in place", () => {
    const { start, grads } = losses.logistic!;
    const [params, g] = [start(), grads(start() as never)];
    const before = rules[name]!.init(params);
    rules[name]!.update(g, before, params);
    expect(params).toEqual(start());
    expect(g).toEqual(grads(start() as never));
    expect(serialize(before)).toBe(serialize(rules[name]!.init(params)));
  });
});

describe("lbfgs", () => {
  test.each(Object.keys(losses))("ends where optax's ends: %s", (kind) => {
    const { start, value, grads } = losses[kind]!;
    const solver: Minimizer = asMinimizer(lbfgs({ tolerance: 1e-10 }));
    const evaluate = (p: unknown) => ({ value: value(p as never), grads: grads(p as never) });
    let params = start();
    let state = solver.init(params);
    for (let i = 0; i < 100; i++) {
      const saved = deserialize<Point>(serialize({ params, state }));
      const step = runStep(solver, evaluate, params, state);
      const again = runStep(solver, evaluate, saved.params, saved.state);
      expect(bitsOf(again.params)).toEqual(bitsOf(step.params));
      ({ params, state } = step);
    }
    peer.lbfgs[kind].forEach((want: number, i: number) => {
      expect(Math.abs(ravel(params).vector[i]! - want)).toBeLessThan(1e-8);
    });
  });
});

describe("rules", () => {
  const start = () => losses.quadratic!.start() as { a: number; w: Float64Array };
  const update = <P>(rule: GradientTransformation, grads: P, params: P = grads) =>
    rule.update(grads, rule.init(params), params);

  test("a state goes through a structured copy and on", () => {
    const rule = adam(linearSchedule(0.1, 0.01, 10));
    const { state } = update(rule, start());
    expect(rule.update(start(), structuredClone(state), start())).toEqual(
      rule.update(start(), state, start()),
    );
  });

  test("chain and scale", () => {
    expect(update(chain(scale(2), scaleByLearningRate(0.5)), { x: [3] }).updates).toEqual({ x: [-3] });
  });

  test("clip and zeroNans in numbers", () => {
    const grads = { a: -7, w: Float64Array.of(0.5, 9, Number.NaN) };
    expect(update(clip(2), grads).updates).toEqual({ a: -2, w: Float64Array.of(0.5, 2, Number.NaN) });
    const zeroed = update(zeroNans(), grads);
    expect(zeroed.updates).toEqual({ a: -7, w: Float64Array.of(0.5, 9, 0) });
    expect(zeroed.state).toEqual({ foundNan: { a: false, w: true } });
    expect(globalNorm({ a: 3, w: Float64Array.of(4) })).toBe(5);
    expect(update(clipByGlobalNorm(1), { a: 3, w: Float64Array.of(4) }).updates).toEqual({
      a: 0.6,
      w: Float64Array.of(0.8),
    });
  });

  test("applyIfFinite gives up after as many as it was told", () => {
    const rule = applyIfFinite(sgd(1), 2);
    let state = rule.init({ a: 0 });
    const seen: number[] = [];
    for (const g of [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 2]) {
      const next = rule.update({ a: g }, state, { a: 0 });
      seen.push(next.updates.a);
      state = next.state;
    }
    expect(seen).toEqual([-1, 0, 0, Number.NaN, -2]);
    expect(state).toMatchObject({ notFiniteCount: 0, lastFinite: true, totalNotFinite: 3 });
  });

  test("thresholds at another rate than weights, by a tree of labels", () => {
    const params = { cuts: { pt: 30, mass: 80 }, net: [{ w: Float64Array.of(1, 2), b: 0 }] };
    const rule = multiTransform(
      { cut: sgd(0.5), net: sgd(0.01), still: sgd(0) },
      { cuts: "cut", net: "net" },
    );
    expect(update(rule, params).updates).toEqual({
      cuts: { pt: -15, mass: -40 },
      net: [{ w: Float64Array.of(-0.01, -0.02), b: -0 }],
    });
    const finer = multiTransform(
      { cut: sgd(0.5), net: sgd(0.01) },
      {
        cuts: { pt: "cut", mass: "net" },
        net: [{ w: "net", b: "cut" }],
      },
    );
    expect(update(finer, params).updates.cuts).toEqual({ pt: -15, mass: -0.8 });
  });

  test("labels that do not fit are refused with the place", () => {
    const params = { cuts: { pt: 30 }, net: [{ w: 1 }] };
    const by = (labels: Parameters<typeof multiTransform>[1]) => () =>
      multiTransform({ a: sgd(1), b: sgd(1) }, labels).init(params);
    expect(by({ cuts: "a" })).toThrow("params.net[0].w needs a label as its label, but got none");
    expect(by({ cuts: "a", net: "c" })).toThrow(
      "params.net[0].w has the label 'c', but there are rules for 'a', 'b'",
    );
    expect(by({ cuts: "a", net: "b", nets: "b" })).toThrow(
      'params.nets has the label "b", but no parameter is there',
    );
    expect(() => masked(sgd(1), (path) => (path === "cuts.pt" ? true : (1 as never))).init(params)).toThrow(
      "params.net[0].w needs a boolean as its label, but got a number",
    );
  });

  test("gradients of another tree are refused with the place", () => {
    const rule = sgd(0.1, { momentum: 0.9 });
    const state = rule.init({ cuts: { pt: 1 }, w: new Float64Array(3) });
    const wrong = (grads: unknown) => () => rule.update(grads, state, grads);
    expect(wrong({ cuts: {}, w: new Float64Array(3) })).toThrow("state.cuts has 'pt' that grads.cuts lacks");
    expect(wrong({ cuts: { pt: 1 }, w: new Float64Array(4) })).toThrow(
      "state.w is a Float64Array of length 3 where grads.w is a Float64Array of length 4",
    );
    expect(wrong({ cuts: { pt: 1 }, w: 1 })).toThrow("where grads.w is a number");
    expect(() => rule.init({ w: new Float32Array(2) })).toThrow("params.w is a Float32Array");
    const parts = multiTransform({ all: sgd(1) }, () => "all");
    expect(() => parts.update({ a: 1 } as object, parts.init({ b: 1 }), { b: 1 })).toThrow(
      "grads lacks 'b' that params has",
    );
  });
});

describe("schedules", () => {
  const steps = [0, 1, 5, 9, 13, 40];
  const schedules: Record<string, Schedule> = {
    linear: linearSchedule(1, 0.1, 10, 3),
    polynomial: polynomialSchedule(1, 0.1, 2.5, 10, 3),
    cosine: cosineDecaySchedule(2, 20, 0.1),
    cosinePower: cosineDecaySchedule(2, 20, 0.1, 1.5),
    exponential: exponentialDecay(2, 7, 0.3, { begin: 2 }),
    staircase: exponentialDecay(2, 7, 0.3, { staircase: true, end: 0.1 }),
    piecewise: piecewiseConstantSchedule(2, { 5: 0.5, 10: 0.1 }),
    warmup: warmupCosineDecaySchedule(0.1, 2, 6, 30, 0.2),
    joined: joinSchedules([linearSchedule(1, 2, 4), constantSchedule(0.5)], [9]),
  };
  test.each(Object.keys(peer.schedules))("%s as in optax", (name) => {
    steps.forEach((step, i) => {
      const want = peer.schedules[name][i];
      expect(Math.abs(schedules[name]!(step) / want - 1)).toBeLessThan(1e-14);
    });
  });

  test("the cosine and the power are those of Math to rounding", () => {
    const half = cosineDecaySchedule(1, 1000);
    const power = exponentialDecay(1, 1000, 1e-3);
    for (let i = 0; i <= 1000; i += 7) {
      expect(Math.abs(half(i) - 0.5 * (1 + Math.cos((Math.PI * i) / 1000)))).toBeLessThan(5e-16);
      expect(Math.abs(power(i) / 1e-3 ** (i / 1000) - 1)).toBeLessThan(1e-14);
    }
    expect(constantSchedule(3)(7)).toBe(3);
  });
});
