import type { Scalar, Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { vmap } from "../core/transform.js";
import { root } from "../ops/root.js";
import { askNumbers, type Question, type Values, type Vector } from "./call.js";
import { checkFit } from "./check.js";
import { chi2Quantile } from "./chi2.js";
import { InferenceError } from "./errors.js";
import { describeFit, type Fit, type FitOf, solve, type TracedFit } from "./fit.js";
import type { Likelihood } from "./likelihood.js";
import { oneProfile } from "./profile.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitStatics,
  fitValues,
  parameterIndex,
  prepare,
} from "./setup.js";
import { checkStdev, curvatureOf, hessianAt } from "./uncertainty.js";

export interface ContourOptions extends FitOptions {
  /** Confidence level of the region, of two parameters together (default 0.6827; 0.3935 for a rise by 1). */
  readonly cl?: number | undefined;
  /** Points on the curve (default 40). */
  readonly points?: number | undefined;
}

/** A closed curve on which the profile likelihood has risen by a quantile of χ² with two degrees of freedom. */
export interface Contour {
  readonly names: readonly [string, string];
  readonly cl: number;
  /** The curve; NaN where it leaves the bounds of the parameters. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly best: Fit;
}

const GROW = 6;

type Asked = FitArgs & { readonly rise: Tensor };
interface Answer {
  readonly best: TracedFit;
  readonly stdev: Tensor;
  readonly curve: { readonly x: Tensor; readonly y: Tensor; readonly status: Tensor };
}

const question = (statics: FitStatics, i: number, j: number, k: number): Question<Asked, Answer> => ({
  name: `contour ${i} ${j} ${k} ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev, covariance } = curvatureOf(hessianAt(model, best.x, args.data, true), setup.free);
    const unit = (at: number) => constantArray(Float64Array.from({ length: n }, (_, p) => Number(p === at)));
    const mask = unit(i).add(unit(j));
    // Along the directions of an ellipse's conjugate diameters the search is equally far everywhere.
    const sx = stdev.at(i);
    const slope = covariance.at(i).at(j).div(sx);
    const rest = stdev.at(j).square().sub(slope.square()).maximum(0).sqrt();
    const far = args.rise.sqrt();
    const angle = (f: (a: number) => number) =>
      constantArray(Float64Array.from({ length: k }, (_, a) => f((2 * Math.PI * a) / k)));
    const curve = vmap(
      (cos: Tensor, sin: Tensor) => {
        const [dx, dy] = [sx.mul(cos).mul(far), slope.mul(cos).add(rest.mul(sin)).mul(far)];
        const at = (r: Tensor) => best.x.add(unit(i).mul(dx.mul(r))).add(unit(j).mul(dy.mul(r)));
        const rise = (r: Scalar) => {
          const x = at(r).clip(setup.lower, setup.upper);
          return oneProfile(model, args.data, setup, best.x, mask, x).value.sub(best.value).sub(args.rise);
        };
        const end = root(rise, 0, 1.5, { grow: GROW });
        const x = at(end.x);
        const inside = x.ge(setup.lower).mul(x.le(setup.upper)).min();
        return { x: x.at(i), y: x.at(j), status: end.status.add(inside.eq(0)) };
      },
      [0, 0],
    )(angle(Math.cos), angle(Math.sin));
    return { best, stdev, curve };
  },
});

/** A confidence region of two parameters, as MINUIT's MNCONTOUR: all its points are found in one call. */
export function contour(
  parameters: readonly [string | number, string | number],
  data: Vector,
  model: Likelihood,
  options: ContourOptions = {},
): Contour {
  const statics = fitStatics(model, options);
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
  const [cl, k] = [options.cl ?? 0.6826894921370859, options.points ?? 40];
  const args: Values = { ...fitValues(data, options), rise: chi2Quantile(cl, 2) };
  checkFit(model, args);
  const { best, stdev, curve } = askNumbers(question(statics, i, j, k), model, args) as {
    best: FitOf<Float64Array, number>;
    stdev: Float64Array;
    curve: { x: Float64Array; y: Float64Array; status: Float64Array };
  };
  checkStdev(model, stdev);
  const found = (values: Float64Array) => values.map((v, a) => (curve.status[a] === 0 ? v : Number.NaN));
  return {
    names: [model.config.parNames[i]!, model.config.parNames[j]!],
    cl,
    x: found(curve.x),
    y: found(curve.y),
    best: describeFit(model, args, best),
  };
}
