import type { Scalar, Tensor } from "../core/graph/tensor.js";

/** Facts of a model that hold for all its numbers. */
export interface LikelihoodConfig {
  readonly npars: number;
  readonly parNames: readonly string[];
  /** The parameter of interest; null where there is none. */
  readonly poiIndex: number | null;
  readonly nmaindata: number;
  readonly nauxdata: number;
  /** What pyhf suggests; for the sentences of errors and warnings only. */
  readonly suggestedInit: ArrayLike<number>;
  readonly suggestedLower: ArrayLike<number>;
  readonly suggestedUpper: ArrayLike<number>;
}

/**
 * What inference asks of a model: a likelihood of parameters [npars] given data [nmaindata + nauxdata], both inside a
 * traced function. Models of `histfactory` are likelihoods; so is anything of this shape.
 */
export interface Likelihood {
  readonly config: LikelihoodConfig;
  /** Models with equal keys differ in `values` only, and share what is compiled for one of them. */
  readonly key: string;
  /** All numbers of the model as a tree: arrays, or Tensors of the function that is being traced. */
  readonly values: unknown;
  /** Whether `values` are arrays. */
  readonly concrete: boolean;
  /** The same model with other numbers. */
  with(values: unknown): Likelihood;
  /** -log L. */
  nll(pars: Tensor, data: Tensor): Scalar;
  /** Second derivatives of `nll` in the parameters [npars, npars], differentiable itself. */
  hessian(pars: Tensor, data: Tensor): Tensor;
  /**
   * The same for the steps of fits, where most of it is zero: the lower triangle of the matrix whose row i is that of
   * parameter order[i], each row from column first[i] on, one after the other; and its diagonal. Null or absent where
   * nothing is saved.
   */
  sparse?(): {
    readonly order: Int32Array;
    /** The place of each parameter in `order`. */
    readonly places: Int32Array;
    readonly first: readonly number[];
    hessian(pars: Tensor, data: Tensor): { readonly triangle: Tensor; readonly diagonal: Tensor };
  } | null;
  /** Expectation of the data, auxiliary ones included [nmaindata + nauxdata]. */
  expectedData(pars: Tensor): Tensor;
  /** Start and bounds of a fit [npars]. */
  init(): Tensor;
  lower(): Tensor;
  upper(): Tensor;
  /** 1 where a fit may move the parameter [npars]. */
  free(): Tensor;
  /** Where `nll` is not smooth in a parameter [npars], as for `minimize`; null or absent where it is smooth in all. */
  kinks?(): Tensor | null;
}

/** Parameters with constraint terms of one kind. */
export interface ParameterGroup {
  readonly constraint: "none" | "normal" | "poisson";
  /** Positions of the parameters, [from, to). */
  readonly slice: readonly [from: number, to: number];
  /** Position of the first auxiliary datum; each parameter has one. */
  readonly aux: number;
}

/** A likelihood that tells its parts apart: what goodness of fit, pulls and toys need besides. */
export interface ConstrainedLikelihood extends Likelihood {
  readonly config: LikelihoodConfig & { readonly parameterSets: readonly ParameterGroup[] };
  /** log of the constraint terms alone. */
  constraintLogpdf(pars: Tensor, aux: Tensor): Scalar;
}

/** A likelihood whose bins belong to channels, numbered in order. */
export interface ChannelLikelihood extends Likelihood {
  readonly config: LikelihoodConfig & {
    readonly channels: readonly string[];
    channelSlice(name: string): readonly [from: number, to: number];
  };
}
