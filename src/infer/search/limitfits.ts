import { grad } from "../../core/derive/transform.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import { compile } from "../../core/run/compile.js";
import { scalar } from "../answered.js";
import { difference, oneSided, safeSqrt } from "../answers/teststatistics.js";
import { askNumbers } from "../call.js";
import { solve } from "../fit.js";
import type { Likelihood } from "../likelihood.js";
import { type FitArgs, type FitNumbers, type FitStatics, type PoiStatics, prepare } from "../setup.js";
import { logCls, statisticOf, type TestStat } from "../stats/asymptotics.js";

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
  readonly #statics: PoiStatics;

  constructor(model: Likelihood, args: FitNumbers, { poi, maxSteps }: PoiStatics) {
    this.#model = model;
    this.#statics = { poi, maxSteps };
    this.data = Float64Array.from(args.data);
    this.setup = askNumbers(setupQuestion, model, args, this.#statics);
  }

  /** The start of a fit with the parameter of interest held. */
  held(x: Float64Array, mu: number): Start {
    const { poi } = this.#statics;
    const { x0, free, lower, upper } = this.free(x);
    return { x0: x0.with(poi, mu), free: free.with(poi, 0), lower, upper };
  }

  /** The start of a fit with the parameter of interest free, beyond its bound where so asked. */
  free(x: Float64Array, beyond = false): Start {
    const { x0, free, lower, upper } = this.setup;
    // What is not free keeps its own start.
    const start = x.map((v, i) => (free[i] ? v : x0[i]!));
    const top = beyond ? upper.with(this.#statics.poi, Number.POSITIVE_INFINITY) : upper;
    return { x0: start, free, lower, upper: top };
  }

  /** From a start that is near to the minimum. */
  near(data: Float64Array, start: Start): Fitted {
    return this.#ask(data, start, [], false);
  }

  /** The same not quite to its end, with how it moves: what is missing of its value is less than limits depend on. */
  pass(data: Float64Array, start: Start): Passed {
    return askNumbers(passQuestion, this.#model, { data, ...start }, this.#statics);
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
    return askNumbers(asimovQuestion, this.#model, { x }, {});
  }

  #ask(data: Float64Array, start: Start, others: readonly Float64Array[], mirror: boolean): Fitted {
    const args = { data, ...start, others: Object.fromEntries(others.entries()) };
    // A compiled function for each number of starts: one is fastest where its arguments look the same each time.
    return askNumbers(fitQuestion, this.#model, args, { ...this.#statics, many: others.length, mirror });
  }
}

const setupQuestion = {
  name: "limitSetup",
  trace: (model: Likelihood, args: FitArgs, statics: FitStatics): Traced<Start> => {
    const { x0, free, lower, upper } = prepare(model, args, statics);
    return { x0, free, lower, upper };
  },
};

type Begun = Traced<Start> & { readonly data: Tensor };

/** A fit that also looks from other starts. */
const fitQuestion = {
  name: "limitFit",
  trace: (
    model: Likelihood,
    { data, others, ...start }: Begun & { readonly others: Readonly<Record<string, Tensor>> },
    { poi, maxSteps, many, mirror }: PoiStatics & { readonly many: number; readonly mirror: boolean },
  ) => {
    const always = Object.values(others);
    const search = many > 0 ? { always, mirror } : { others: [], mirror };
    const { x, value, status, steps } = solve(model, data, { ...start, maxSteps }, search);
    // By the envelope theorem the derivative of the minimum is that of the likelihood at the minimum.
    const slope = scalar(
      grad((pars: Tensor) => model.nll(pars, data))(x)
        .at(poi)
        .mul(2),
    );
    return { x, value, slope, status, steps };
  },
};

const passQuestion = {
  name: "limitPass",
  trace: (model: Likelihood, { data, ...start }: Begun, { poi, maxSteps }: PoiStatics) => {
    const found = solve(model, data, { ...start, maxSteps }, { along: poi });
    const { x, value, status, steps } = found;
    const { slope, curvature, tangent } = found.path!;
    return { x, value, status, steps, slope, curvature, tangent };
  },
};

const asimovQuestion = {
  name: "limitAsimov",
  trace: (model: Likelihood, { x }: { readonly x: Tensor }) => {
    const data = model.expectedData(x);
    return { data, value: scalar(model.nll(x, data).mul(2)) };
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

const testFor = (testStat: TestStat) => compile((v: Values6<Scalar>) => test(testStat, v));
const tests: Readonly<Record<TestStat, (values: Values6<number>) => Tested>> = {
  q: /* @__PURE__ */ testFor("q"),
  qtilde: /* @__PURE__ */ testFor("qtilde"),
  q0: /* @__PURE__ */ testFor("q0"),
};

/** The same arithmetic as that of hypothesis tests, for numbers. */
export const tested = (testStat: TestStat, values: Values6<number>): Tested => tests[testStat](values);

function test(testStat: TestStat, v: Values6<Scalar>) {
  const name = statisticOf[testStat];
  const roots = (fixed: Tensor, asimov: Tensor) => ({
    sqrtq: scalar(safeSqrt(oneSided(name, difference(fixed, v.best), v.bestMu, v.mu))),
    // The Asimov data are those of background, whose best value is 0.
    sqrtqA: scalar(safeSqrt(oneSided(name, difference(asimov, v.reference), v.mu.mul(0), v.mu))),
  });
  const log = (fixed: Tensor, asimov: Tensor) => {
    const { sqrtq, sqrtqA } = roots(fixed, asimov);
    return scalar(logCls(sqrtq, sqrtqA, testStat));
  };
  return {
    logCls: log(v.fixed, v.asimov),
    byFixed: grad((fixed: Scalar) => log(fixed, v.asimov))(v.fixed),
    byAsimov: grad((asimov: Scalar) => log(v.fixed, asimov))(v.asimov),
    ...roots(v.fixed, v.asimov),
  };
}
