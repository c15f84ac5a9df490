import { checkOptions } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { where } from "../ops/arith.js";
import { askNumbers, type Question, type Vector } from "./call.js";
import { checkFit } from "./check.js";
import { answer, describeFit, type Fit, type FitOf, solve, type TracedFit } from "./fit.js";
import { bestConstraint, constrainedMask, constraintCurvature } from "./gof.js";
import type { ConstrainedLikelihood } from "./likelihood.js";
import { measure } from "./measure.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  fitStatics,
  fitValues,
  prepare,
  type Setup,
} from "./setup.js";
import { determined } from "./undetermined.js";

/** What the auxiliary data alone say: centres and standard deviations [npars]; 0 where nothing constrains. */
export interface Prefit {
  readonly centre: Tensor;
  readonly stdev: Tensor;
}

/** Centre and width of every constraint. The width is that of the curvature at the start, as pyhf's `width`. */
export function prefit(model: ConstrainedLikelihood, data: Tensor, setup: Setup): Prefit {
  const none = setup.free.mul(0);
  const best = bestConstraint(model, data, setup);
  if (!best) return { centre: setup.x0, stdev: none };
  const { nmaindata, nauxdata } = model.config;
  const aux = data.slice(nmaindata, nmaindata + nauxdata);
  const mask = setup.free.mul(constantArray(constrainedMask(model, ["normal", "poisson"])));
  const curvature = constraintCurvature(model, aux, best.x);
  const safe = where(mask, curvature, 1);
  return { centre: best.x, stdev: where(mask, safe.sqrt().pow(-1), 0) };
}

/** How far the data pulled one constrained parameter. */
export interface Pull {
  readonly name: string;
  readonly best: number;
  /** NaN where its bound holds it; see `minos`. */
  readonly stdev: number;
  /** Centre and width of its constraint. */
  readonly centre: number;
  readonly prefitStdev: number;
  /** (best - centre) / prefitStdev. */
  readonly pull: number;
  /** stdev / prefitStdev: below 1 where the data know more than the constraint. */
  readonly constraint: number;
}

export interface Pulls extends Fit {
  readonly pulls: readonly Pull[];
  /** Standard deviations of all parameters [npars]: as of `uncertainties`, and NaN of those that are `undetermined`. */
  readonly stdev: Float64Array;
  /** 1 for free parameters that a bound holds [npars]. */
  readonly held: Float64Array;
  /** Parameters that the data do not determine: some change of them leaves the likelihood as it is. */
  readonly undetermined: readonly string[];
}

const question = (
  statics: FitStatics,
): Question<FitArgs, { best: TracedFit; stdev: Tensor; held: Tensor; prefit: Prefit }> => ({
  name: `pulls ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev, held } = measure(model, args.data, setup, best, { closed: true });
    return {
      best: answer(best),
      stdev,
      held,
      prefit: prefit(model as ConstrainedLikelihood, args.data, setup),
    };
  },
});

/**
 * Pulls of all constrained parameters that are free. Where the data leave some parameters undetermined, the others have
 * their numbers, and a warning names those. Throws an InferenceError where the likelihood falls in some direction.
 */
export function pulls(data: Vector, model: ConstrainedLikelihood, options: FitOptions = {}): Pulls {
  checkOptions("pulls", options, fitOptions);
  const statics = fitStatics(model, options);
  const args = fitValues(model, data, options);
  checkFit(model, args);
  const { prefit, ...found } = askNumbers(question(statics), model, args) as {
    best: FitOf<Float64Array, number>;
    stdev: Float64Array;
    held: Float64Array;
    prefit: { centre: Float64Array; stdev: Float64Array };
  };
  const { best, held } = found;
  const { stdev, undetermined, warnings } = determined(model, args, statics, { ...found, ...best });
  const fit = describeFit(model, args, best);
  const all = model.config.parNames.flatMap((name, i): Pull[] => {
    const [at, width, centre, prefitStdev] = [best.x[i]!, stdev[i]!, prefit.centre[i]!, prefit.stdev[i]!];
    if (!(prefitStdev > 0)) return [];
    const pull = (at - centre) / prefitStdev;
    return [{ name, best: at, stdev: width, centre, prefitStdev, pull, constraint: width / prefitStdev }];
  });
  return { ...fit, warnings: [...fit.warnings, ...warnings], pulls: all, stdev, held, undetermined };
}
