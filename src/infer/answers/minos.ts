import { vmap } from "../../core/derive/transform.js";
import { where } from "../../core/elementary/arith.js";
import { checkArgument, optional } from "../../core/graph/arguments.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import type { Known } from "../../core/options.js";
import { statusName } from "../../core/status.js";
import { root } from "../../ops/findroot.js";
import { shownAs } from "../../text/display.js";
import { someParameters } from "../askedkinds.js";
import { askNumbers, type Vector } from "../call.js";
import { boundsOf } from "../checkfit.js";
import { answer, type Fit, solve } from "../fit.js";
import { searchStatus } from "../fitstatus.js";
import { oneProfile } from "../heldfit.js";
import type { Likelihood } from "../likelihood.js";
import { measure } from "../matrices/measure.js";
import { begin } from "../question.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  parameterIndex,
  prepare,
} from "../setup.js";
import { chi2Quantile } from "../stats/chi2.js";
import { askDetermined, plain } from "../undetermined.js";

/** Which parameters get intervals, and of what level. */
export interface MinosOptions extends FitOptions {
  /** Which parameters, by name or position; default the parameter of interest, or all where there is none. */
  readonly parameters?: readonly (string | number)[] | undefined;
  /** Confidence level of each interval; default that of one standard deviation, 0.6827. */
  readonly level?: number | undefined;
}

const minosOptions: Known<MinosOptions> = { ...fitOptions, parameters: true, level: true };

/** An interval of the profile likelihood around the best fit. */
export interface MinosInterval {
  readonly name: string;
  readonly best: number;
  /** Standard deviation from the Hessian, to compare with; NaN where a bound holds the parameter. */
  readonly stdev: number;
  /**
   * From the best fit to the ends: negative and positive, 0 to the side of a bound that holds the parameter; infinite
   * where the likelihood never falls as far, NaN where the search or a fit at its end failed.
   */
  readonly down: number;
  readonly up: number;
  /** Whether an end is a bound of the parameter, where the likelihood has not fallen as far. */
  readonly atBound: readonly [down: boolean, up: boolean];
}

/** The best fit with intervals of its parameters. */
export interface Minos extends Fit {
  readonly intervals: readonly MinosInterval[];
}

/** The first bracket of the search for an end, in units of the expected distance, and how often it doubles. */
const FIRST = 1.5;
const GROW = 8;

type Ends = FitArgs & { readonly masks: Tensor; readonly signs: Tensor; readonly rise: Tensor };

const question = {
  name: "minos",
  trace: (
    model: Likelihood,
    args: Ends,
    { k, ridge, ...statics }: FitStatics & { readonly k: number; readonly ridge: number },
  ) => {
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev, held, reach } = measure(model, args.data, setup, best, { closed: true, ridge });
    // The distance that a parabola would give is the unit of the search.
    const unit = reach(args.rise);
    const ends = vmap(
      (mask: Tensor, sign: Tensor) => {
        // What has no unit must not spoil the sum.
        const own = where(mask, unit, 0);
        const fitted = (r: Scalar) => {
          const x = best.x.add(own.mul(sign).mul(r)).clip(setup.lower, setup.upper);
          return oneProfile(model, args.data, setup, best.x, mask, x);
        };
        const rise = (r: Scalar) => fitted(r).value.sub(best.value).sub(args.rise);
        const end = root(rise, 0, FIRST, { grow: GROW, also: (r) => fitted(r).status });
        const found = searchStatus(end.status, end.also!.at(0));
        return { distance: end.x.mul(own.sum()).mul(sign), found };
      },
      [0, 0],
    )(args.masks.reshape([k, n]), args.signs);
    return { best: answer(best), stdev, held, unit, ...ends };
  },
};

/**
 * Intervals where 2 log(L_best / L), maximised over the other parameters, stays below a quantile of χ² (1 for one
 * standard deviation), as MINUIT's MINOS. All ends are found in one call. A parameter that its bound holds has one end
 * there. Throws an InferenceError where the data do not determine one that is asked for, or the likelihood falls in some
 * direction.
 */
export function minos(data: Vector, model: Likelihood, options: MinosOptions = {}): Minos {
  const asked = begin({ ...plain, name: "minos", options: minosOptions }, data, model, options);
  checkArgument("minos", "parameters", options.parameters, optional(someParameters));
  const { args, statics } = asked;
  const { npars, parNames } = model.config;
  const all = () => (statics.poi === null ? parNames.map((_, i) => i) : [statics.poi]);
  const indices = options.parameters?.map((p) => parameterIndex(model, p)) ?? all();
  const k = 2 * indices.length;
  const masks = new Float64Array(k * npars);
  indices.forEach((i, j) => {
    masks[2 * j * npars + i] = 1;
    masks[(2 * j + 1) * npars + i] = 1;
  });
  const signs = Float64Array.from({ length: k }, (_, j) => (j % 2 ? 1 : -1));
  const rise = options.level === undefined ? 1 : chi2Quantile(options.level, 1);
  const more = { ...args, masks, signs, rise };
  const ask = (ridge: number) => askNumbers(question, model, more, { ...statics, k, ridge });
  const { best, fit, stdev, unit, distance, found } = askDetermined(ask, asked, indices);
  const { lower, upper } = boundsOf(model, args);
  const lost: string[] = [];
  const end = (i: number, j: number): [number, boolean] => {
    const bound = (j % 2 ? upper : lower)[i]! - best.x[i]!;
    const ended = statusName(found[j]!);
    if (ended === "converged") return [distance[j]!, false];
    const looked = unit[i]! * FIRST * (2 ** (GROW + 1) - 1);
    if (ended === "sameSign" && Math.abs(bound) <= looked) return [bound, true];
    if (ended === "sameSign" && !Number.isFinite(bound)) return [bound, false];
    if (fit.status === "converged")
      lost.push(`the ${j % 2 ? "upper" : "lower"} end of ${parNames[i]} was not found`);
    return [Number.NaN, false];
  };
  const intervals = indices.map((i, j): MinosInterval => {
    const [[down, low], [up, high]] = [end(i, 2 * j), end(i, 2 * j + 1)];
    return { name: parNames[i]!, best: best.x[i]!, stdev: stdev[i]!, down, up, atBound: [low, high] };
  });
  const warnings = [...fit.warnings, ...lost];
  return shownAs("minos", { ...fit, converged: fit.converged && lost.length === 0, warnings, intervals });
}
