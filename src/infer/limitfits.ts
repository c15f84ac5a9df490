import { compile } from "../core/compile.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { grad } from "../core/transform.js";
import { shifted, statisticOf, type TestStat } from "./asymptotics.js";
import { askNumbers, type Question, type Values } from "./call.js";
import { solve, type TracedFit } from "./fit.js";
import type { Likelihood } from "./likelihood.js";
import { type FitArgs, type FitStatics, prepare } from "./setup.js";
import { difference, oneSided, safeSqrt } from "./teststatistics.js";

/** One fit in numbers, with the derivative of its value by the parameter of interest where that is held. */
export interface Fitted {
  readonly x: Float64Array;
  readonly value: number;
  readonly slope: number;
  readonly status: number;
  /** Evaluations of the likelihood. */
  readonly steps: number;
}

/** A fit on the way, with how it moves with the parameter of interest. */
export interface Passed extends Fitted {
  /** The second derivative of the value, and the derivative of the parameters. */
  readonly curvature: number;
  readonly tangent: Float64Array;
}

interface Start {
  readonly x0: Float64Array;
  readonly free: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

type Traced<T> = { readonly [K in keyof T]: Tensor };

/** The fits of a search for limits: all of them share a few compiled functions, and start where they are told. */
export class LimitFits {
  readonly data: Float64Array;
  readonly setup: Start;
  readonly #model: Likelihood;
  readonly #poi: number;
  readonly #maxSteps: number;

  constructor(model: Likelihood, args: Values, statics: FitStatics, poi: number) {
    this.#model = model;
    this.#poi = poi;
    this.#maxSteps = statics.maxSteps;
    this.data = Float64Array.from(args.data as ArrayLike<number>);
    this.setup = askNumbers(setupQuestion(statics), model, args) as Start;
  }

  /** The start of a fit with the parameter of interest held. */
  held(x: Float64Array, mu: number): Start {
    const { x0, free, lower, upper } = this.setup;
    // What is not free keeps its own start.
    const start = x.map((v, i) => (i === this.#poi ? mu : free[i] ? v : x0[i]!));
    return { x0: start, free: free.map((f, i) => (i === this.#poi ? 0 : f)), lower, upper };
  }

  /** The start of a fit with the parameter of interest free, beyond its bound where so asked. */
  free(x: Float64Array, beyond = false): Start {
    const { x0, free, lower, upper } = this.setup;
    const start = x.map((v, i) => (free[i] ? v : x0[i]!));
    const top = beyond ? upper.map((u, i) => (i === this.#poi ? Number.POSITIVE_INFINITY : u)) : upper;
    return { x0: start, free, lower, upper: top };
  }

  /** From a start that is near to the minimum. */
  near(data: Float64Array, start: Start): Fitted {
    return this.#ask(data, start, [], false);
  }

  /** The same not quite to its end, with how it moves: what is missing of its value is less than limits depend on. */
  pass(data: Float64Array, start: Start): Passed {
    const question = passQuestion(this.#poi, this.#maxSteps);
    return askNumbers(question, this.#model, { data, ...start }) as Passed;
  }

  /** As the fits of a hypothesis test, of which nothing is known yet. */
  first(data: Float64Array, start: Start, other: Float64Array): Fitted {
    return this.#ask(data, start, [other], true);
  }

  /** From a minimum that is known, and from three other starts, to see whether one leads lower. */
  whole(data: Float64Array, start: Start, others: readonly Float64Array[]): Fitted {
    return this.#ask(data, start, others, false);
  }

  /** Asimov data at parameters, and twice their -log L there, which is its minimum. */
  asimov(x: Float64Array): { readonly data: Float64Array; readonly value: number } {
    return askNumbers(asimovQuestion, this.#model, { x }) as { data: Float64Array; value: number };
  }

  #ask(data: Float64Array, start: Start, others: readonly Float64Array[], mirror: boolean): Fitted {
    const question = fitQuestion(this.#poi, this.#maxSteps, others.length, mirror);
    const args = { data, ...start, others: Object.fromEntries(others.entries()) };
    return askNumbers(question, this.#model, args) as Fitted;
  }
}

const setupQuestion = (statics: FitStatics): Question<FitArgs, object> => ({
  name: `limitSetup ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const { x0, free, lower, upper } = prepare(model, args, statics);
    return { x0, free, lower, upper };
  },
});

type FitArguments = Traced<Start> & {
  readonly data: Tensor;
  readonly others: Readonly<Record<string, Tensor>>;
};

/** A fit that also looks from other starts. */
const fitQuestion = (
  poi: number,
  maxSteps: number,
  many: number,
  mirror: boolean,
): Question<FitArguments, object> => ({
  name: `limitFit ${[poi, maxSteps, many, mirror]}`,
  ask: (model, { data, others, ...start }) => {
    const always = Object.values(others);
    const search = many ? { always, mirror } : { others: [], mirror };
    return answer(model, data, solve(model, data, { ...start, maxSteps }, search), poi);
  },
});

const passQuestion = (poi: number, maxSteps: number): Question<Traced<Start> & { data: Tensor }, object> => ({
  name: `limitPass ${[poi, maxSteps]}`,
  ask: (model, { data, ...start }) => {
    const { x, value, status, steps, path } = solve(model, data, { ...start, maxSteps }, { along: poi });
    return { x, value, status, steps, ...path };
  },
});

/** By the envelope theorem the derivative of the minimum is that of the likelihood at the minimum. */
function answer(model: Likelihood, data: Tensor, { x, value, status, steps }: TracedFit, poi: number) {
  const slope = (grad((pars: Tensor) => model.nll(pars, data))(x) as Tensor).at(poi).mul(2);
  return { x, value, slope, status, steps };
}

const asimovQuestion: Question<{ readonly x: Tensor }, object> = {
  name: "limitAsimov",
  ask: (model, { x }) => {
    const data = model.expectedData(x);
    return { data, value: model.nll(x, data).mul(2) };
  },
};

/** What a test makes of fits: log CLs and its derivatives by the values of the two held fits, and sqrt(q_A). */
export interface Tested {
  readonly logCls: number;
  readonly byFixed: number;
  readonly byAsimov: number;
  readonly sqrtq: number;
  readonly sqrtqA: number;
}

interface Values6<S> {
  readonly mu: S;
  readonly fixed: S;
  readonly best: S;
  readonly bestMu: S;
  readonly asimov: S;
  readonly reference: S;
}

const tests = new Map<TestStat, (values: Values6<number>) => Tested>();

/** The same arithmetic as that of hypothesis tests, for numbers. */
export function tested(testStat: TestStat, values: Values6<number>): Tested {
  let made = tests.get(testStat);
  if (!made) {
    made = compile((v: Values6<Scalar>) => test(testStat, v)) as unknown as (v: Values6<number>) => Tested;
    tests.set(testStat, made);
  }
  return made(values);
}

function test(testStat: TestStat, v: Values6<Scalar>): object {
  const name = statisticOf[testStat];
  const roots = (fixed: Tensor, asimov: Tensor) => ({
    sqrtq: safeSqrt(oneSided(name, difference(fixed, v.best), v.bestMu, v.mu)),
    // The Asimov data are those of background, whose best value is 0.
    sqrtqA: safeSqrt(oneSided(name, difference(asimov, v.reference), v.mu.mul(0), v.mu)),
  });
  const logCls = (fixed: Tensor, asimov: Tensor) => {
    const { sqrtq, sqrtqA } = roots(fixed, asimov);
    const t = shifted(sqrtq, sqrtqA, testStat);
    return t.add(sqrtqA).neg().normLogCdf().sub(t.neg().normLogCdf()) as Scalar;
  };
  return {
    logCls: logCls(v.fixed, v.asimov),
    byFixed: grad((fixed: Scalar) => logCls(fixed, v.asimov))(v.fixed),
    byAsimov: grad((asimov: Scalar) => logCls(v.fixed, asimov))(v.asimov),
    ...roots(v.fixed, v.asimov),
  };
}
