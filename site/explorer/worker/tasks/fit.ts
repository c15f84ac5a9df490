import { fittedYields, pulls, uncertainties } from "gradcut/stats";
import { type Question, task } from "../task.js";

/** A best fit with all that hangs on it. */
export interface Fitted {
  readonly names: readonly string[];
  readonly x: Float64Array;
  readonly stdev: Float64Array;
  /** Twice the negative logarithm of the likelihood. */
  readonly value: number;
  readonly status: string;
  readonly message: string;
  readonly failure: string | null;
  readonly warnings: readonly string[];
  readonly pulls: readonly {
    readonly name: string;
    readonly best: number;
    readonly stdev: number;
    readonly centre: number;
    readonly prefitStdev: number;
    readonly pull: number;
    readonly constraint: number;
  }[];
  /** Row by row; null where there are too many parameters, or some are undetermined. */
  readonly correlation: Float64Array | null;
  /** One standard deviation of the expected events of the bins [nmaindata], before and after the fit. */
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** More parameters are more correlations than anybody reads. */
const mostCorrelated = 1000;

export const fit = task<Question, Fitted, Partial<Fitted>>("fit", async (question, context) => {
  const { model, data } = context.model(question);
  await context.progress(0, 3);
  const found = pulls(data, model);
  const { names, x, stdev, value, status, message, failure } = found;
  const first = {
    names,
    x,
    stdev,
    value,
    status,
    message,
    failure,
    warnings: found.warnings,
    pulls: found.pulls,
  };
  await context.progress(1, 3, first);
  const { npars, nmaindata } = model.config;
  const known = found.converged && found.undetermined.length === 0 && npars <= mostCorrelated;
  const correlation = known ? uncertainties(data, model).correlation.data : null;
  await context.progress(2, 3);
  const none = new Float64Array(nmaindata).fill(Number.NaN);
  const bands = found.converged && npars <= 4 * mostCorrelated ? fittedYields(data, model) : null;
  return {
    ...first,
    correlation,
    before: bands?.prefit.binStdev ?? none,
    after: bands?.postfit.binStdev ?? none,
  };
});
