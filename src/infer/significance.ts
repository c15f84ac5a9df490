import { constant } from "../core/op.js";
import { checkOptions } from "../core/options.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { answered } from "./answer.js";
import { asymptotic } from "./asymptotics.js";
import { askNumbers, askTraced, isTraced, type Question, type Vector } from "./call.js";
import { checkParameter, checkTest } from "./check.js";
import { explainFailure } from "./fit.js";
import type { Impossible } from "./impossible.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  fitStatics,
  fitValues,
  prepare,
  requirePoi,
} from "./setup.js";

/** The significance of a positive signal. `S` is a scalar, a Tensor in a traced function and a number outside. */
export interface DiscoveryOf<S> {
  /** Probability that background alone looks as much like a signal as the data. */
  readonly p: S;
  /** The same in standard deviations, one-sided: sqrt(q0), 0 where the best fit is no signal. */
  readonly z: S;
  /** The median expected of the signal at 1. */
  readonly expected: { readonly p: S; readonly z: S };
  readonly status: S;
}

/** A discovery significance inside a traced function. */
export type TracedDiscovery = DiscoveryOf<Scalar>;
/** A discovery significance in numbers, with what should be said about it. */
export interface Discovery extends DiscoveryOf<number> {
  readonly converged: boolean;
  /** Bins in which the data are impossible, where fits failed because of them. */
  readonly impossible: readonly Impossible[];
  /** Why there is no answer, as a sentence; null where there is one. */
  readonly failure: string | null;
  readonly warnings: readonly string[];
}

type Answer = TracedDiscovery & { readonly best: Tensor };

const question = (statics: FitStatics): Question<FitArgs, Answer> => ({
  name: `discovery ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const test = asymptotic(model, args.data, setup, requirePoi(statics), constant(0), "q0");
    const p = (z: Tensor) => z.neg().normCdf() as Scalar;
    const [z, zA] = [test.sqrtq, test.sqrtqA].map((t) => answered(t, test.status, test.value)) as [
      Scalar,
      Scalar,
    ];
    return { p: p(z), z, expected: { p: p(zA), z: zA }, status: test.status, best: test.pars.freeFitToData };
  },
});

/** Discovery p-value and significance by asymptotic formulae, observed and expected, as cabinetry's `significance`. */
export function discovery(data: Vector, model: Likelihood, options?: FitOptions): Discovery;
export function discovery(
  data: Tensor,
  model: Likelihood,
  options?: FitOptions<number | Tensor, Vector | Tensor>,
): TracedDiscovery;
export function discovery(
  data: Vector | Tensor,
  model: Likelihood,
  options: FitOptions<number | Tensor, Vector | Tensor> = {},
): Discovery | TracedDiscovery {
  checkOptions("discovery", options, fitOptions);
  const statics = fitStatics(model, options);
  const poi = requirePoi(statics);
  const args = fitValues(model, data, options);
  if (isTraced(model, args)) {
    const { best: _, ...traced } = askTraced(question(statics), model, args);
    return traced;
  }
  checkTest(model, args, poi);
  for (const mu of [0, 1]) checkParameter(model, args, poi, mu);
  const { best, ...found } = askNumbers(question(statics), model, args) as DiscoveryOf<number> & {
    readonly best: Float64Array;
  };
  const converged = found.status === 0;
  const attempts = [{}, { held: [[poi, 0] as const] }, { held: [[poi, 1] as const] }];
  const failure = explainFailure(model, args, found.status, "a fit", attempts);
  const upper = ((options.upper as Vector | undefined) ?? model.config.suggestedUpper)[poi]!;
  const name = model.config.parNames[poi]!;
  const cut =
    converged && best[poi]! >= upper
      ? [`${name} is at its upper bound ${upper}: the data want more, and Z is too small; widen the bound`]
      : [];
  return {
    ...found,
    converged,
    impossible: failure.impossible,
    failure: failure.sentence,
    warnings: [...failure.warnings, ...cut],
  };
}
