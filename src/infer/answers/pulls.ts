import { where } from "../../core/elementary/arith.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { shownAs } from "../../text/display.js";
import { askNumbers, type Vector } from "../call.js";
import type { ConstrainedLikelihood } from "../likelihood.js";
import { begin } from "../question.js";
import { type FitArgs, type FitOptions, type FitStatics, prepare, type Setup } from "../setup.js";
import { type Deviations, deviationsOf, plain } from "../undetermined.js";
import { bestConstraint, constrainedMask, constraintCurvature } from "./goodness.js";

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

/** The best fit with the pulls of its parameters. */
export interface Pulls extends Deviations {
  readonly pulls: readonly Pull[];
}

/** What the auxiliary data alone say, in numbers. */
export const prefitQuestion = {
  name: "prefit",
  trace: (model: ConstrainedLikelihood, args: FitArgs, statics: FitStatics) =>
    prefit(model, args.data, prepare(model, args, statics)),
};

/**
 * Pulls of all constrained parameters that are free. Where the data leave some parameters undetermined, the others have
 * their numbers, and a warning names those. Throws an InferenceError where the likelihood falls in some direction.
 */
export function pulls(data: Vector, model: ConstrainedLikelihood, options: FitOptions = {}): Pulls {
  const asked = begin({ ...plain, name: "pulls" }, data, model, options);
  const found = deviationsOf(asked);
  const prior = askNumbers(prefitQuestion, model, asked.args, asked.statics);
  const all = found.names.flatMap((name, i): Pull[] => {
    const [best, stdev, centre, prefitStdev] = [
      found.x[i]!,
      found.stdev[i]!,
      prior.centre[i]!,
      prior.stdev[i]!,
    ];
    if (!(prefitStdev > 0)) return [];
    const pull = (best - centre) / prefitStdev;
    return [{ name, best, stdev, centre, prefitStdev, pull, constraint: stdev / prefitStdev }];
  });
  return shownAs("pulls", { ...found, pulls: all });
}
