import { rootEnds } from "../../core/agreed.js";
import { vmap } from "../../core/derive/transform.js";
import { where } from "../../core/elementary/arith.js";
import { checkArguments, optional, whole } from "../../core/graph/arguments.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import type { Known } from "../../core/options.js";
import { constantArray } from "../../core/run/trace.js";
import { root } from "../../ops/findroot.js";
import { shownAs } from "../../text/display.js";
import { someParameters } from "../askedkinds.js";
import { askNumbers, type Vector } from "../call.js";
import { answer, type Fit, solve } from "../fit.js";
import { searchStatus } from "../fitstatus.js";
import { oneProfile } from "../heldfit.js";
import { InferenceError } from "../inferenceerror.js";
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
  type Setup,
} from "../setup.js";
import { chi2Quantile } from "../stats/chi2.js";
import { askDetermined, plain } from "../undetermined.js";

/** Level and fineness of a contour. */
export interface ContourOptions extends FitOptions {
  /** Confidence level of the region, of two parameters together (default 0.6827; 0.3935 for a rise by 1). */
  readonly level?: number | undefined;
  /** Points on the curve (default 40). */
  readonly points?: number | undefined;
}

const contourOptions: Known<ContourOptions> = { ...fitOptions, level: true, points: true };

/** A closed curve on which the profile likelihood has risen by a quantile of χ² with two degrees of freedom. */
export interface Contour {
  readonly names: readonly [string, string];
  /** Confidence level of the region. */
  readonly level: number;
  /** The curve. Where the bounds of the parameters cut the region it follows them; NaN where a fit failed. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly best: Fit;
}

/** The first bracket of the search along a ray, in units of what a parabola would give, and how often it doubles. */
const FIRST = 1.5;
const GROW = 6;

/** Rays begin this part of the expected distance away from bounds, so that they see what lies along these. */
const INWARDS = 0.25;

type Rising = FitArgs & { readonly rise: Tensor };
interface Curve extends FitStatics {
  readonly i: number;
  readonly j: number;
  /** Points. */
  readonly k: number;
  readonly ridge: number;
}

const question = {
  name: "contour",
  trace: (model: Likelihood, args: Rising, { i, j, k, ridge, ...statics }: Curve) => {
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev, covariance, held, reach } = measure(model, args.data, setup, best, {
      closed: true,
      ridge,
    });
    const unit = (at: number) => constantArray(Float64Array.from({ length: n }, (_, p) => Number(p === at)));
    const mask = unit(i).add(unit(j));
    // Along the directions of an ellipse's conjugate diameters the search is equally far everywhere.
    const unitOf = reach(args.rise);
    const [sx, sy] = [unitOf.at(i), unitOf.at(j)];
    const slope = covariance(Int32Array.of(i, j)).at(0).at(1).mul(args.rise).div(sx);
    const rest = sy.square().sub(slope.square()).maximum(0).sqrt();
    const centre = inwards(best.x, setup, unit(i).mul(sx).add(unit(j).mul(sy)));
    const angle = (f: (a: number) => number) =>
      constantArray(Float64Array.from({ length: k }, (_, a) => f((2 * Math.PI * a) / k)));
    const curve = vmap(
      (cos: Tensor, sin: Tensor) => {
        const [dx, dy] = [sx.mul(cos), slope.mul(cos).add(rest.mul(sin))];
        const [rayX, rayY] = [ray(centre, setup, i, dx), ray(centre, setup, j, dy)];
        const edge = rayX.leaves.minimum(rayY.leaves);
        const at = (r: Tensor) => {
          const s = r.minimum(edge);
          return where(unit(i), rayX.at(s), where(unit(j), rayY.at(s), centre));
        };
        const fitted = (r: Scalar) => oneProfile(model, args.data, setup, best.x, mask, at(r));
        const rise = (r: Scalar) => fitted(r).value.sub(best.value).sub(args.rise);
        const end = root(rise, 0, FIRST, { grow: GROW, also: (r) => fitted(r).status });
        // The region goes on up to the bound.
        const cut = end.status.eq(rootEnds.sameSign).mul(edge.le(FIRST * (2 ** (GROW + 1) - 1)));
        const x = at(where(cut, edge, end.x));
        const status = searchStatus(where(cut, 0, end.status), end.also!.at(0));
        return { x: x.at(i), y: x.at(j), status };
      },
      [0, 0],
    )(angle(Math.cos), angle(Math.sin));
    return { best: answer(best), stdev, held, curve };
  },
};

/** A point of the two parameters marked by `scale` [npars] a little away from their bounds, as near to x as may be. */
function inwards(x: Tensor, { lower, upper }: Setup, scale: Tensor): Tensor {
  const room = upper.sub(lower).mul(INWARDS).minimum(scale.mul(INWARDS));
  const inside = x.maximum(lower.add(room)).minimum(upper.sub(room));
  return where(scale.gt(0), inside, x);
}

/** Coordinate i along a ray with slope d: where it leaves the bounds, and its value at s, there exactly the bound. */
function ray(from: Tensor, { lower, upper }: Setup, i: number, d: Tensor) {
  const bound = where(d.gt(0), upper.at(i), lower.at(i));
  const leaves = where(d.eq(0), Number.POSITIVE_INFINITY, bound.sub(from.at(i)).div(where(d.eq(0), 1, d)));
  const at = (s: Tensor) => where(s.ge(leaves), bound, from.at(i).add(d.mul(s)));
  return { leaves, at };
}

/** A confidence region of two parameters, as MINUIT's MNCONTOUR: all its points are found in one call. */
export function contour(
  parameters: readonly [string | number, string | number],
  data: Vector,
  model: Likelihood,
  options: ContourOptions = {},
): Contour {
  const asked = begin(
    { ...plain, name: "contour", options: contourOptions, order: "parameters, data, model, options" },
    data,
    model,
    options,
  );
  checkArguments("contour", {
    parameters: [parameters, someParameters],
    points: [options.points, optional(whole(1))],
  });
  const [i, j] = [parameterIndex(model, parameters[0]), parameterIndex(model, parameters[1])];
  if (i === j) {
    throw new InferenceError(
      "infer.parameter",
      `a contour needs two different parameters, but got ${parameters[0]} twice`,
      {
        parameters,
      },
    );
  }
  const [level, k] = [options.level ?? 0.6826894921370859, options.points ?? 40];
  const args = { ...asked.args, rise: chi2Quantile(level, 2) };
  const ask = (ridge: number) => askNumbers(question, model, args, { ...asked.statics, i, j, k, ridge });
  const { fit, curve } = askDetermined(ask, asked, [i, j]);
  const found = (values: Float64Array) => values.map((v, a) => (curve.status[a] === 0 ? v : Number.NaN));
  return shownAs("contour", {
    names: [model.config.parNames[i]!, model.config.parNames[j]!],
    level,
    x: found(curve.x),
    y: found(curve.y),
    best: fit,
  });
}
