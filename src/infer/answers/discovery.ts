import { normCdf } from "../../core/elementary/special.js";
import { constant } from "../../core/graph/op.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import { type Status, statusName } from "../../core/status.js";
import { answered, scalar } from "../answered.js";
import { askNumbers } from "../call.js";
import { boundsOf, checkTest } from "../checkfit.js";
import type { Likelihood } from "../likelihood.js";
import { question } from "../question.js";
import { type Said, said } from "../said.js";
import { type FitArgs, fitOptions, type PoiStatics, poiStatics, prepare } from "../setup.js";
import { asymptotic } from "../stats/asymptotics.js";
import { attemptsAt } from "./teststatistics.js";

/** The significance of a positive signal. `S` is a scalar, a Tensor in a traced function and a number outside; `E` its status. */
export interface DiscoveryOf<S, E = S> {
  /** Probability that background alone looks as much like a signal as the data. */
  readonly p: S;
  /** The same in standard deviations, one-sided: sqrt(q0), 0 where the best fit is no signal. */
  readonly z: S;
  /** The median expected of the signal at 1. */
  readonly expected: { readonly p: S; readonly z: S };
  /** Of the worst of its fits: a name outside of traced functions, its number inside. */
  readonly status: E;
}

/** A discovery significance inside a traced function. */
export type TracedDiscovery = DiscoveryOf<Scalar>;
/** A discovery significance in numbers, with what should be said about it. */
export interface Discovery extends DiscoveryOf<number, Status>, Said {}

const tested = {
  name: "discovery and best",
  trace: (model: Likelihood, args: FitArgs, statics: PoiStatics): TracedDiscovery & { best: Scalar } => {
    const setup = prepare(model, args, statics);
    const test = asymptotic(model, args.data, setup, statics.poi, constant(0), "q0");
    const known = (t: Tensor) => scalar(answered(t, test.status, test.value));
    const p = (z: Tensor) => scalar(normCdf(z.neg()));
    const [z, zA] = [known(test.sqrtq), known(test.sqrtqA)];
    const best = scalar(test.pars.freeFitToData.at(statics.poi));
    return { p: p(z), z, expected: { p: p(zA), z: zA }, status: test.status, best };
  },
};

/** Discovery p-value and significance by asymptotic formulae, observed and expected, as cabinetry's `significance`. */
export const discovery = question({
  name: "discovery",
  options: fitOptions,
  statics: poiStatics,
  check: (asked) => checkTest(asked, 0, 1),
  trace: (model: Likelihood, args: FitArgs, statics: PoiStatics): TracedDiscovery => {
    const { best: _, ...traced } = tested.trace(model, args, statics);
    return traced;
  },
  tell: (asked): Discovery => {
    const { model, args, statics } = asked;
    const { best, ...found } = askNumbers(tested, model, args, statics);
    const upper = boundsOf(model, args).upper[statics.poi]!;
    const name = model.config.parNames[statics.poi]!;
    const cut = `${name} is at its upper bound ${upper}: the data want more, and Z is too small; widen the bound`;
    const status = statusName(found.status);
    const about = {
      attempts: attemptsAt(statics.poi, 0, 1),
      after: status === "converged" && best >= upper ? [cut] : [],
    };
    return { ...found, status, ...said(asked, status, about) };
  },
});
