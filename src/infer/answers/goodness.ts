import { grad } from "../../core/derive/transform.js";
import { safeMul } from "../../core/elementary/arith.js";
import { lgamma } from "../../core/elementary/special.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { type Status, statusName } from "../../core/status.js";
import { minimize } from "../../ops/minimize.js";
import { answered, scalar, worst } from "../answered.js";
import { checkFit } from "../checkfit.js";
import { solve } from "../fit.js";
import type { ConstrainedLikelihood } from "../likelihood.js";
import { question } from "../question.js";
import { type Said, said } from "../said.js";
import { type FitArgs, type FitStatics, fitOptions, fitStatics, prepare, type Setup } from "../setup.js";
import { chi2Survival } from "../stats/chi2.js";

/** How well the best fit describes the data. `S` is a scalar, a Tensor in a traced function and a number outside; `E` its status. */
export interface GoodnessOf<S, E = S> {
  /** Twice the log of the likelihood ratio to the saturated model, which expects in every bin what was seen. */
  readonly chi2: S;
  /** Bins less free parameters without constraint. */
  readonly ndof: S;
  /** Probability of a greater chi2 (asymptotic); NaN where ndof is not positive. */
  readonly p: S;
  /** Of the worst of its fits: a name outside of traced functions, its number inside. */
  readonly status: E;
}

/** A goodness of fit inside a traced function. */
export type TracedGoodness = GoodnessOf<Scalar>;
/** A goodness of fit in numbers, with what should be said about it. */
export interface Goodness extends GoodnessOf<number, Status>, Said {}

/** 1 for parameters of the given kinds of constraint [npars]. */
export function constrainedMask(model: ConstrainedLikelihood, kinds: readonly string[]): Float64Array {
  const mask = new Float64Array(model.config.npars);
  for (const { constraint, slice } of model.config.parameterSets) {
    if (kinds.includes(constraint)) mask.fill(1, ...slice);
  }
  return mask;
}

/** Second derivatives of the constraints [npars], each of which is on one parameter. */
export function constraintCurvature(model: ConstrainedLikelihood, aux: Tensor, pars: Tensor): Tensor {
  const slope = grad((p: Tensor) => model.constraintLogpdf(p, aux).neg());
  // The Hessian is diagonal, so its rows sum up to that.
  return grad((p: Tensor) => slope(p).sum())(pars);
}

/** The parameters that the auxiliary data alone would choose, and the logarithm of the constraints there. */
export function bestConstraint(
  model: ConstrainedLikelihood,
  data: Tensor,
  setup: Setup,
): { x: Tensor; value: Tensor; status: Tensor } | null {
  const { nmaindata, nauxdata } = model.config;
  if (nauxdata === 0) return null;
  const aux = data.slice(nmaindata, nmaindata + nauxdata);
  const mask = constantArray(constrainedMask(model, ["normal", "poisson"]));
  const { x, value, status } = minimize((p) => model.constraintLogpdf(p, aux).neg(), setup.x0, {
    free: setup.free.mul(mask),
    lower: setup.lower,
    upper: setup.upper,
    envelope: {
      first: Array.from({ length: mask.size }, (_, i) => i),
      hessian: (p) => {
        const own = constraintCurvature(model, aux, p);
        return { triangle: own, diagonal: own };
      },
    },
  });
  return { x, value: value.neg(), status };
}

/** Goodness of fit by the saturated model, as cabinetry's. */
export const goodnessOfFit = question({
  name: "goodnessOfFit",
  options: fitOptions,
  statics: fitStatics,
  check: checkFit,
  trace: (model: ConstrainedLikelihood, args: FitArgs, statics: FitStatics): TracedGoodness => {
    const { nmaindata } = model.config;
    const setup = prepare(model, args, statics);
    const fit = solve(model, args.data, setup);
    const n = args.data.slice(0, nmaindata);
    const saturated = safeMul(n, n.log())
      .sub(n)
      .sub(lgamma(n.add(1)))
      .sum();
    const constraint = bestConstraint(model, args.data, setup);
    const all = constraint ? saturated.add(constraint.value) : saturated;
    const status = worst(fit.status, constraint?.status ?? fit.status);
    const chi2 = answered(fit.value.add(all.mul(2)).maximum(0), status, fit.value);
    const loose = setup.free.mul(constantArray(constrainedMask(model, ["none"]))).sum();
    const ndof = loose.neg().add(nmaindata);
    return {
      chi2: scalar(chi2),
      ndof: scalar(ndof),
      p: scalar(answered(chi2Survival(chi2, ndof, nmaindata), status)),
      status: scalar(status),
    };
  },
  tell: (asked): Goodness => {
    const found = asked.ask();
    const none = `no p-value: ${found.ndof} degrees of freedom, as many free parameters as bins or more`;
    const about = { which: "the fit", after: found.ndof > 0 ? [] : [none] };
    const status = statusName(found.status);
    return { ...found, status, ...said(asked, status, about) };
  },
});
