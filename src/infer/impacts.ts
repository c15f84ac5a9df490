import { checkOptions } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { answered } from "./answer.js";
import { askNumbers, type Question, type Values, type Vector } from "./call.js";
import { checkTest } from "./check.js";
import { answer, describeFit, type Fit, type FitOf, fitMessage, solve, type TracedFit } from "./fit.js";
import { identity } from "./inverse.js";
import type { ConstrainedLikelihood } from "./likelihood.js";
import { measure } from "./measure.js";
import { minos } from "./minos.js";
import { profile } from "./profile.js";
import { prefit } from "./pulls.js";
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
import { checkStdev } from "./uncertainty.js";

/** By how much the parameter of interest moves when a nuisance parameter is held away from its best fit. */
export interface Impact {
  readonly name: string;
  readonly best: number;
  /** NaN where its bound holds the parameter: it is then moved to the ends of its MINOS interval. */
  readonly stdev: number;
  /** Held at best ± the width of its constraint; 0 without constraint. NaN where the fit failed. */
  readonly prefitUp: number;
  readonly prefitDown: number;
  /** Held at best ± stdev. */
  readonly postfitUp: number;
  readonly postfitDown: number;
  /** Where it was held at its bound, which lies nearer. */
  readonly atBound: Readonly<Record<Move, boolean>>;
}

/** The four places where a parameter is held. */
export type Move = "prefitUp" | "prefitDown" | "postfitUp" | "postfitDown";
const moves = ["prefitUp", "prefitDown", "postfitUp", "postfitDown"] as const;

export interface Ranking extends Fit {
  readonly poi: string;
  /** Standard deviation of the parameter of interest; NaN where its bound holds it. */
  readonly poiStdev: number;
  /** Of all parameters but that of interest; the greatest post-fit impact first. */
  readonly impacts: readonly Impact[];
}

interface Start<V, F> {
  readonly best: F;
  readonly stdev: V;
  readonly held: V;
  readonly width: V;
}

const startQuestion = (statics: FitStatics): Question<FitArgs, Start<Tensor, TracedFit>> => ({
  name: `rankingStart ${JSON.stringify(statics)}`,
  ask: (likelihood, args) => {
    const model = likelihood as ConstrainedLikelihood;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev, held } = measure(model, args.data, setup, best, { closed: true });
    return { best: answer(best), stdev, held, width: prefit(model, args.data, setup).stdev };
  },
});

type Asked = FitArgs & { readonly near: Tensor; readonly points: Tensor };

/** The parameter of interest [4, npars] where each parameter in turn is held at each of four points. */
const question = (statics: FitStatics): Question<Asked, { poi: Tensor; status: Tensor }> => ({
  name: `ranking ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const poi = requirePoi(statics);
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const one = identity(n);
    const rows = args.points.reshape([moves.length, n]);
    const fits = moves.map((_, m) => {
      const points = args.near.add(one.mul(rows.at(m).sub(args.near).reshape([n, 1])));
      const { x, status } = profile(model, args.data, setup, args.near, one, points);
      return { poi: answered(x.transpose().at(poi), status), status };
    });
    const stack = (t: readonly Tensor[]) => t[0]!.stackWith(t.slice(1));
    return { poi: stack(fits.map((f) => f.poi)), status: stack(fits.map((f) => f.status)) };
  },
});

/** By how much each parameter is moved in the four fits. */
function stepsOf(
  { stdev, held, width }: Start<Float64Array, unknown>,
  data: Vector,
  model: ConstrainedLikelihood,
  options: FitOptions,
  poi: number,
): Record<Move, Float64Array> {
  const [postfitUp, postfitDown] = [stdev.slice(), stdev.map((s) => -s)];
  const parameters = Array.from(held.keys()).filter((i) => held[i] && i !== poi);
  const { intervals } =
    parameters.length > 0 ? minos(data, model, { ...options, parameters }) : { intervals: [] };
  parameters.forEach((i, j) => {
    [postfitDown[i], postfitUp[i]] = [intervals[j]!.down, intervals[j]!.up];
  });
  return { prefitUp: width, prefitDown: width.map((w) => -w), postfitUp, postfitDown };
}

/**
 * Impacts of all nuisance parameters on the parameter of interest, as cabinetry's `ranking`. All fits run in one call.
 * A parameter is held no further away than its bounds; `atBound` says where that cut a move short. What a fit did not
 * find is NaN.
 */
export function ranking(data: Vector, model: ConstrainedLikelihood, options: FitOptions = {}): Ranking {
  checkOptions("ranking", options, fitOptions);
  const statics = fitStatics(model, options);
  const poi = requirePoi(statics);
  const args: Values = fitValues(model, data, options);
  checkTest(model, args, poi);
  const start = askNumbers(startQuestion(statics), model, args) as Start<
    Float64Array,
    FitOf<Float64Array, number>
  >;
  const { best, stdev, held } = start;
  checkStdev(model, { stdev, held, status: best.status });
  const { parNames, npars, suggestedLower, suggestedUpper } = model.config;
  const [lower, upper] = [options.lower ?? suggestedLower, options.upper ?? suggestedUpper];
  const fit = describeFit(model, args, best);
  const base = { ...fit, poi: parNames[poi]!, poiStdev: stdev[poi]! };
  if (best.status !== 0) return { ...base, impacts: [] };

  const steps = stepsOf(start, data, model, options, poi);
  const points = new Float64Array(moves.length * npars);
  const cut = (m: number, i: number): boolean => {
    // The parameter of interest is not held.
    const step = i === poi ? 0 : steps[moves[m]!][i]!;
    const wanted = best.x[i]! + step;
    points[m * npars + i] = wanted < lower[i]! ? lower[i]! : wanted > upper[i]! ? upper[i]! : wanted;
    // Of one that its bound holds, one end of the interval is the bound.
    return wanted < lower[i]! || wanted > upper[i]! || (m >= 2 && held[i] === 1 && step === 0);
  };
  const bounded = moves.map((_, m) => Array.from({ length: npars }, (_, i) => cut(m, i)));
  const moved = askNumbers(question(statics), model, { ...args, near: best.x, points }) as {
    poi: Float64Array;
    status: Float64Array;
  };
  const failed: string[] = [];
  let status = 0;
  const impacts = parNames
    .map((name, i): Impact => {
      const shift = (m: number): number => {
        if (points[m * npars + i] === best.x[i]) return 0;
        const at = m * npars + i;
        if (moved.status[at] !== 0) {
          status = Math.max(status, moved.status[at]!);
          if (i !== poi)
            failed.push(`${name} (${m % 2 ? "-" : "+"} sigma, ${m < 2 ? "before" : "after"} the fit)`);
        }
        return moved.poi[at]! - best.x[poi]!;
      };
      const values = Object.fromEntries(moves.map((move, m) => [move, shift(m)])) as Record<Move, number>;
      const atBound = Object.fromEntries(moves.map((move, m) => [move, bounded[m]![i]!])) as Record<
        Move,
        boolean
      >;
      return { name, best: best.x[i]!, stdev: stdev[i]!, ...values, atBound };
    })
    .filter((_, i) => i !== poi);
  const finite = (x: number) => (Number.isNaN(x) ? 0 : Math.abs(x));
  const size = (m: Impact) => Math.max(finite(m.postfitUp), finite(m.postfitDown));
  const few = `${failed.slice(0, 5).join(", ")}${failed.length > 5 ? ` and ${failed.length - 5} more` : ""}`;
  const warnings =
    failed.length > 0 ? [...fit.warnings, `no impact of ${few}: ${fitMessage(status)}`] : fit.warnings;
  return {
    ...base,
    status,
    converged: failed.length === 0,
    warnings,
    impacts: impacts.sort((a, b) => size(b) - size(a)),
  };
}
