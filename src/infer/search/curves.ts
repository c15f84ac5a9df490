import { where } from "../../core/elementary/arith.js";
import { constant } from "../../core/graph/op.js";
import type { Tensor } from "../../core/graph/tensor.js";
import type { Known } from "../../core/options.js";
import { complement, wrongLimitLevel } from "../../text/numbertext.js";
import { worst } from "../answered.js";
import { hypotestOptions, type TestOptions, type TestStatics, testStatics } from "../answers/hypotest.js";
import { difference, oneSided, safeSqrt } from "../answers/teststatistics.js";
import type { Vector } from "../call.js";
import { checkTest } from "../checkfit.js";
import { solve, solveNear, type TracedFit } from "../fit.js";
import { InferenceError } from "../inferenceerror.js";
import type { Likelihood } from "../likelihood.js";
import { type FitOptions, hold, near, place, type Setup } from "../setup.js";
import { asimovStatistic, logCls, type Reference, reference, statisticOf } from "../stats/asymptotics.js";

/** Which limit to find, besides how to test. */
export interface LevelOptions extends TestOptions {
  /** The confidence level of the limit (default 0.95): CLs is 1 - level there. pyhf's `level` is that 1 - level. */
  readonly level?: number | undefined;
}
/** Level of a limit, beside the options of its tests. */
export interface LimitOptions<N = number, V = Vector> extends FitOptions<N, V>, LevelOptions {}

export const limitOptions: Known<LimitOptions> = { ...hypotestOptions, level: true };

export interface LimitStatics extends TestStatics {
  /** 1 - the confidence level: CLs at the limit. */
  readonly alpha: number;
  readonly grow: number;
}

/** How often the search looks beyond the bound of the parameter, twice as far each time. */
const GROW = 24;

/** The static options of a limit, checked. */
export function limitStatics(
  model: Likelihood,
  options: FitOptions<unknown, unknown> & Partial<LevelOptions>,
): LimitStatics {
  const { level = 0.95 } = options;
  const wrong = wrongLimitLevel(level);
  if (wrong) {
    const sentence = `'level' is ${String(level)}, but the confidence level of a limit is ${wrong}`;
    throw new InferenceError("infer.level", sentence, { level });
  }
  if (options.testStat === "q0") {
    throw new InferenceError("infer.option", "q0 tests 0 only and gives no limit; use 'qtilde' or 'q'", {
      option: "testStat",
    });
  }
  return { ...testStatics(model, options), alpha: complement(level), grow: GROW };
}

/** How questions about limits begin. */
export const limitBeginning = { options: limitOptions, statics: limitStatics, check: checkTest };

/** The test as a function of the tested value; what does not depend on it is computed once. */
export class Curves {
  readonly reference: Reference;
  readonly best: TracedFit;
  /** The best fit where the parameter of interest may go beyond its bound, as tested values do. */
  readonly beyond: TracedFit;
  readonly #model: Likelihood;
  readonly #data: Tensor;
  readonly #setup: Setup;
  readonly #statics: LimitStatics;

  constructor(model: Likelihood, data: Tensor, setup: Setup, statics: LimitStatics) {
    const { poi } = statics;
    this.reference = reference(model, data, setup, poi, 0);
    this.best = solve(model, data, setup, { always: [this.reference.asimovPars.stopGradient()] });
    const upper = place(setup.upper, poi, constant(Number.POSITIVE_INFINITY));
    this.beyond = solve(model, data, near({ ...setup, upper }, this.best.x), { others: [], mirror: false });
    this.#model = model;
    this.#data = data;
    this.#setup = setup;
    this.#statics = statics;
  }

  /** sqrt(q_A) at mu. */
  asimov(mu: Tensor) {
    const { poi, testStat } = this.#statics;
    return asimovStatistic(this.#model, this.reference, this.#setup, poi, mu, testStat);
  }

  /** log CLs of the data at mu. */
  logCls(mu: Tensor): Tensor {
    return logCls(this.sqrtq(mu).value, this.asimov(mu).sqrtqA, this.#statics.testStat);
  }

  /** The worst status of all fits that CLs at mu is made of. */
  fitStatus(mu: Tensor): Tensor {
    return worst(this.reference.status, this.asimov(mu).status, this.sqrtq(mu).status);
  }

  /**
   * sqrt(q) at mu. Beyond the bound of the parameter it is free to go there in both fits: else q would be measured from
   * a point that is no minimum of the model that is tested.
   */
  sqrtq(mu: Tensor): { value: Tensor; status: Tensor } {
    const { poi, testStat } = this.#statics;
    const fixed = solveNear(this.#model, this.#data, hold(this.#setup, poi, mu), this.best.x);
    const inside = mu.le(this.#setup.upper.at(poi));
    const best = where(inside, this.best.value, this.beyond.value);
    const at = where(inside, this.best.x.at(poi), this.beyond.x.at(poi));
    const t = difference(fixed.value, best);
    return {
      value: safeSqrt(oneSided(statisticOf[testStat], t, at, mu)),
      status: fixed.status.maximum(where(inside, this.best.status, this.beyond.status)),
    };
  }
}
