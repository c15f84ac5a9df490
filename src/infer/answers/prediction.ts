import { jvp, vmap } from "../../core/derive/transform.js";
import { stack } from "../../core/elementary/join.js";
import { matmul } from "../../core/elementary/linalg.js";
import { ranked } from "../../core/graph/op.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { type MatrixShape, NdArray } from "../../core/run/ndarray.js";
import { shownAs } from "../../text/display.js";
import { allAnswered } from "../answered.js";
import { checkVector, requireModel } from "../askedkinds.js";
import { askNumbers, askTraced, ofNumbers, type Vector } from "../call.js";
import { checkLength } from "../checkfit.js";
import { answer, describeFit, type Fit, solve } from "../fit.js";
import type { ChannelLikelihood, ConstrainedLikelihood } from "../likelihood.js";
import { identity } from "../matrices/inverse.js";
import { measure, requireMatrix } from "../matrices/measure.js";
import { begin } from "../question.js";
import { type FitArgs, type FitOptions, type FitStatics, prepare } from "../setup.js";
import { determined, plain, unnoticed } from "../undetermined.js";
import { prefit } from "./pulls.js";

/** Expected events with their standard deviations: of bins [nmaindata], and of whole channels [channels]. */
export interface PredictionOf<V> {
  readonly bins: V;
  readonly binStdev: V;
  readonly channels: V;
  readonly channelStdev: V;
}
/** Expected events inside a traced function. */
export type TracedPrediction = PredictionOf<Tensor<"vector">>;
/** Expected events in numbers. */
export type Prediction = PredictionOf<Float64Array>;

/** Main data at parameters, and their covariance propagated linearly: sqrt(diag(J C Jᵀ)). */
function propagate(model: ChannelLikelihood, pars: Tensor, covariance: Tensor): TracedPrediction {
  const { nmaindata, npars, channels } = model.config;
  const main = (x: Tensor) => model.expectedData(x).slice(0, nmaindata);
  // Rows of the Jacobian, one for each parameter [npars, nmaindata].
  const jacobian = vmap((e: Tensor) => jvp(main, pars, e)[1])(identity(npars));
  const slices = channels.map((name) => model.config.channelSlice(name));
  const total = (t: Tensor) => {
    const sums = slices.map(([from, to]) => t.slice(from, to).sum([-1]));
    return stack([sums[0]!, ...sums.slice(1)]);
  };
  const stdev = (j: Tensor) => j.mul(matmul(covariance, j)).sum([-2]).maximum(0).sqrt();
  const bins = main(pars);
  return {
    bins: ranked(bins),
    binStdev: ranked(stdev(jacobian)),
    channels: ranked(total(bins)),
    channelStdev: ranked(stdev(total(jacobian).transpose())),
  };
}

const givenQuestion = {
  name: "prediction",
  trace: (
    model: ChannelLikelihood,
    { pars, covariance }: { readonly pars: Tensor; readonly covariance: Tensor },
  ) => {
    const n = model.config.npars;
    return propagate(model, pars, covariance.reshape([n, n]));
  },
};

/** Expected events at parameters [npars] with a covariance [npars, npars] (numbers may be in a row), as cabinetry's `yield_stdev`. */
export function prediction(
  pars: Vector,
  covariance: Vector | NdArray<MatrixShape>,
  model: ChannelLikelihood,
): Prediction;
export function prediction(pars: Tensor, covariance: Tensor, model: ChannelLikelihood): TracedPrediction;
export function prediction(
  pars: Vector | Tensor,
  matrix: Vector | NdArray<MatrixShape> | Tensor,
  model: ChannelLikelihood,
): Prediction | TracedPrediction {
  requireModel("prediction", "pars, covariance, model", model);
  const covariance = matrix instanceof NdArray ? matrix.data : matrix;
  checkVector("prediction", "pars", pars);
  checkVector("prediction", "covariance", covariance);
  const args = { pars, covariance };
  if (!ofNumbers(model, args)) return askTraced(givenQuestion, model, args, {});
  const n = model.config.npars;
  checkLength("pars", args.pars, n);
  checkLength("covariance", args.covariance, n * n);
  return askNumbers(givenQuestion, model, args, {});
}

/** Expected events before and after a fit to data. */
export interface FittedYields extends Fit {
  readonly prefit: Prediction;
  readonly postfit: Prediction;
}

/** Curvature added in each parameter, in parts of its own: with less, sums over variances are rounding errors. */
const LITTLE = 1e-9;
const MORE = 1e-8;

const question = {
  name: "fittedYields",
  trace: (
    model: ChannelLikelihood & ConstrainedLikelihood,
    args: FitArgs,
    { ridge, ...statics }: FitStatics & { readonly ridge: number },
  ) => {
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const { stdev, matrices, held } = measure(model, args.data, setup, best, { closed: true, ridge });
    const width = prefit(model, args.data, setup).stdev;
    const spread = identity(n).mul(width.square().reshape([n, 1]));
    const before = propagate(model, setup.x0, spread);
    const after = allAnswered({ ...propagate(model, best.x, matrices().covariance) }, best.status);
    return { best: answer(best), stdev, held, before, after };
  },
};

/**
 * Expected events of bins and channels with uncertainties: before a fit those of the constraints, without correlations;
 * after it those of its covariance. Parameters that a bound holds add nothing to the latter. Where the data leave parameters
 * undetermined, a warning names them, and what depends on them is NaN.
 */
export function fittedYields(
  data: Vector,
  model: ChannelLikelihood & ConstrainedLikelihood,
  options: FitOptions = {},
): FittedYields {
  const asked = begin({ ...plain, name: "fittedYields" }, data, model, options);
  requireMatrix(model.config.npars);
  const ask = (ridge: number) => askNumbers(question, model, asked.args, { ...asked.statics, ridge });
  const { best, before, after, ...first } = ask(0);
  const { undetermined, warnings } = determined(asked, { ...first, ...best });
  const all = { ...describeFit(asked, best, { after: warnings }), prefit: before };
  if (undetermined.length === 0) return shownAs("fittedYields", { ...all, postfit: after });
  const [little, more] = [ask(LITTLE).after, ask(MORE).after];
  const known = (name: "binStdev" | "channelStdev") => unnoticed(little[name], more[name]);
  return shownAs("fittedYields", {
    ...all,
    postfit: { ...after, binStdev: known("binStdev"), channelStdev: known("channelStdev") },
  });
}
