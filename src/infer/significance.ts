import { constant } from "../core/op.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { asymptotic } from "./asymptotics.js";
import { askNumbers, askTraced, isTraced, type Question, type Vector } from "./call.js";
import { checkParameter } from "./check.js";
import { notConverged } from "./fit.js";
import { checkTest } from "./hypotest.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
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

export type TracedDiscovery = DiscoveryOf<Scalar>;
export interface Discovery extends DiscoveryOf<number> {
  readonly converged: boolean;
  readonly warnings: readonly string[];
}

const question = (statics: FitStatics): Question<FitArgs, TracedDiscovery> => ({
  name: `discovery ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const test = asymptotic(model, args.data, setup, requirePoi(statics), constant(0), "q0");
    const p = (z: Tensor) => z.neg().normCdf() as Scalar;
    return {
      p: p(test.sqrtq),
      z: test.sqrtq,
      expected: { p: p(test.sqrtqA), z: test.sqrtqA },
      status: test.status,
    };
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
  const statics = fitStatics(model, options);
  const poi = requirePoi(statics);
  const args = fitValues(data, options);
  if (isTraced(model, args)) return askTraced(question(statics), model, args);
  checkTest(model, args, poi);
  for (const mu of [0, 1]) checkParameter(model, args, poi, mu);
  const found = askNumbers(question(statics), model, args) as DiscoveryOf<number>;
  const converged = found.status === 0;
  return { ...found, converged, warnings: notConverged(found.status) };
}
