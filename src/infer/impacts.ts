import type { Scalar, Tensor } from "../core/tensor.js";
import { where } from "../ops/arith.js";
import { askNumbers, type Question, type Vector } from "./call.js";
import { describeFit, type Fit, type FitOf, solve, type TracedFit } from "./fit.js";
import { checkTest } from "./hypotest.js";
import type { ConstrainedLikelihood } from "./likelihood.js";
import { profile } from "./profile.js";
import { prefit } from "./pulls.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitStatics,
  fitValues,
  prepare,
  requirePoi,
} from "./setup.js";
import { checkStdev, curvatureOf, hessianAt, identity } from "./uncertainty.js";

/** By how much the parameter of interest moves when a nuisance parameter is held away from its best fit. */
export interface Impact {
  readonly name: string;
  readonly best: number;
  readonly stdev: number;
  /** Held at best ± the width of its constraint; 0 without constraint. */
  readonly prefitUp: number;
  readonly prefitDown: number;
  /** Held at best ± stdev. */
  readonly postfitUp: number;
  readonly postfitDown: number;
}

export interface Ranking extends Fit {
  readonly poi: string;
  /** Standard deviation of the parameter of interest. */
  readonly poiStdev: number;
  /** Of all parameters but that of interest; the greatest post-fit impact first. */
  readonly impacts: readonly Impact[];
}

interface Answer {
  readonly best: TracedFit;
  readonly stdev: Tensor;
  readonly moved: readonly Tensor[];
  readonly status: Scalar;
}

const question = (statics: FitStatics): Question<FitArgs, Answer> => ({
  name: `ranking ${JSON.stringify(statics)}`,
  ask: (likelihood, args) => {
    const model = likelihood as ConstrainedLikelihood;
    const poi = requirePoi(statics);
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev } = curvatureOf(hessianAt(model, best.x, args.data, true), setup.free);
    const before = prefit(model, args.data, setup).stdev;
    const one = identity(n);
    const fits = [before, before.neg(), stdev, stdev.neg()].map((step) => {
      const points = best.x.add(one.mul(step.reshape([n, 1])));
      const { x, status } = profile(model, args.data, setup, best.x, one, points);
      const shift = x.transpose().at(poi).sub(best.x.at(poi));
      return { shift: where(step.eq(0), 0, shift), status: where(step.eq(0), 0, status) };
    });
    const status = fits.reduce((all: Tensor, f) => all.maximum(f.status.max()), best.status);
    return { best, stdev, moved: fits.map((f) => f.shift), status: status as Scalar };
  },
});

/**
 * Impacts of all nuisance parameters on the parameter of interest, as cabinetry's `ranking`. All fits run in one call.
 * A parameter may be held outside its bounds.
 */
export function ranking(data: Vector, model: ConstrainedLikelihood, options: FitOptions = {}): Ranking {
  const statics = fitStatics(model, options);
  const poi = requirePoi(statics);
  const args = fitValues(data, options);
  checkTest(model, args, poi);
  const { best, stdev, moved, status } = askNumbers(question(statics), model, args) as {
    best: FitOf<Float64Array, number>;
    stdev: Float64Array;
    moved: Float64Array[];
    status: number;
  };
  checkStdev(model, stdev);
  const { parNames } = model.config;
  const impacts = parNames
    .map((name, i): Impact => {
      const [prefitUp, prefitDown, postfitUp, postfitDown] = moved.map((m) => m[i]!) as [
        number,
        number,
        number,
        number,
      ];
      return { name, best: best.x[i]!, stdev: stdev[i]!, prefitUp, prefitDown, postfitUp, postfitDown };
    })
    .filter((_, i) => i !== poi);
  const size = (m: Impact) => Math.max(Math.abs(m.postfitUp), Math.abs(m.postfitDown));
  const fit = describeFit(model, args, { ...best, status: Math.max(best.status, status) });
  return {
    ...fit,
    poi: parNames[poi]!,
    poiStdev: stdev[poi]!,
    impacts: impacts.sort((a, b) => size(b) - size(a)),
  };
}
