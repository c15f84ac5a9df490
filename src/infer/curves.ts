import { constant } from "../core/op.js";
import type { Known } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { where } from "../ops/arith.js";
import { worst } from "./answer.js";
import { asimovStatistic, type Reference, reference, shifted, statisticOf } from "./asymptotics.js";
import type { Vector } from "./call.js";
import { InferenceError } from "./errors.js";
import { otherStarts, solve, type TracedFit } from "./fit.js";
import { type HypotestOptions, hypotestOptions, testStatics } from "./hypotest.js";
import type { Likelihood } from "./likelihood.js";
import { hold, place, type Setup } from "./setup.js";
import { difference, oneSided, safeSqrt } from "./teststatistics.js";

/** Level of a limit, beside the options of its tests. */
export interface LimitOptions<N = number, V = Vector> extends HypotestOptions<N, V> {
  /** The CLs at the limit (default 0.05). */
  readonly level?: number | undefined;
}

export const limitOptions: Known<LimitOptions> = { ...hypotestOptions, level: true };

export type LimitStatics = ReturnType<typeof testStatics> & { readonly level: number; readonly grow: number };

/** How often the search looks beyond the bound of the parameter, twice as far each time. */
const GROW = 24;

/** The static options of a limit, checked. */
export function limitStatics(model: Likelihood, options: LimitOptions<unknown, unknown>): LimitStatics {
  const level = options.level ?? 0.05;
  if (!(level > 0 && level < 0.5)) {
    throw new InferenceError("infer.level", `the level is ${level}; use a number between 0 and 0.5`, {
      level,
    });
  }
  if (options.testStat === "q0") {
    throw new InferenceError("infer.option", "q0 tests 0 only and gives no limit; use 'qtilde' or 'q'", {
      option: "testStat",
    });
  }
  return { ...testStatics(model, options), level, grow: GROW };
}

/** The test as a function of the tested value; what does not depend on it is computed once. */
export class Curves {
  readonly reference: Reference;
  readonly best: TracedFit;
  /** The best fit where the parameter of interest may go beyond its bound, as tested values do. */
  readonly beyond: TracedFit;
  readonly #model: Likelihood;
  readonly #data: Tensor;
  readonly #setup: Setup;
  readonly #poi: number;
  readonly #statics: LimitStatics;

  constructor(model: Likelihood, data: Tensor, setup: Setup, poi: number, statics: LimitStatics) {
    this.reference = reference(model, data, setup, poi, 0);
    this.best = solve(model, data, setup, { always: [this.reference.asimovPars.stopGradient()] });
    const upper = place(setup.upper, poi, constant(Number.POSITIVE_INFINITY));
    const x0 = where(setup.free.eq(0), setup.x0, this.best.x.stopGradient());
    this.beyond = solve(model, data, { ...setup, x0, upper }, { others: [], mirror: false });
    this.#model = model;
    this.#data = data;
    this.#setup = setup;
    this.#poi = poi;
    this.#statics = statics;
  }

  /** sqrt(q_A) at mu. */
  asimov(mu: Tensor) {
    return asimovStatistic(this.#model, this.reference, this.#setup, this.#poi, mu, this.#statics.testStat);
  }

  /** log CLs of the data at mu. */
  logCls(mu: Tensor): Tensor {
    const { testStat } = this.#statics;
    const { sqrtqA } = this.asimov(mu);
    const t = shifted(this.sqrtq(mu).value, sqrtqA, testStat);
    return t.add(sqrtqA).neg().normLogCdf().sub(t.neg().normLogCdf());
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
    const poi = this.#poi;
    const held = hold(this.#setup, poi, mu);
    const near = place(this.best.x.stopGradient(), poi, mu);
    const x0 = this.#setup.free.eq(0).mul(this.#setup.x0.sub(near)).add(near);
    const others = [held.x0.stopGradient(), ...otherStarts(held)];
    const fixed = solve(
      this.#model,
      this.#data,
      { ...held, x0: place(x0, poi, mu) },
      { always: [held.x0.stopGradient()], others },
    );
    const inside = mu.le(this.#setup.upper.at(poi));
    const best = where(inside, this.best.value, this.beyond.value);
    const at = where(inside, this.best.x.at(poi), this.beyond.x.at(poi));
    const t = difference(fixed.value, best);
    return {
      value: safeSqrt(oneSided(statisticOf[this.#statics.testStat], t, at, mu)),
      status: fixed.status.maximum(where(inside, this.best.status, this.beyond.status)),
    };
  }
}
