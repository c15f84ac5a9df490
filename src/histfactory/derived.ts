import { Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { where } from "../ops/arith.js";
import { factorCoefficients } from "../ops/interp.js";
import { concat } from "../ops/join.js";
import { gather, gatherProduct, scatter } from "../ops/rows.js";
import type { Config } from "./config.js";
import type { Grid, Tables } from "./tables.js";
import type { Values } from "./values.js";

/** What follows from a model's numbers alone: computed once, outside of fits. */
export interface Derived {
  readonly nominal: Tensor;
  /** up - nominal and nominal - down of each shift, one after the other. */
  readonly shifts: Tensor | null;
  readonly coefficients: Tensor | null;
  readonly aux: Tensor | null;
  readonly sigma: Tensor | null;
  readonly factor: Tensor | null;
  /** 1 where a fit may move a parameter. */
  readonly free: Tensor;
}

/** Computes `Derived`, as pyhf's modifiers and parameter sets do. */
export function derive(v: Values, t: Tables, { npars, nauxdata }: Config): Derived {
  const nominal = tensor(v.nominal);
  let [aux, sigma, factor] = [v.aux, v.sigma, v.factor].map((x) => (x ? tensor(x) : null));
  let held = tensor(v.fixed);
  if (v.shape) {
    const [unc, nom] = [tensor(v.shape), gather(nominal, ints(t.shapeCell))];
    const valid = unc.gt(0).mul(nom.gt(0));
    const ratio = where(valid, nom, 1).div(where(valid, unc, 1));
    const tau = ratio.mul(ratio);
    aux = aux!.add(scatter(tau, ints(t.shapeAux), nauxdata));
    factor = factor!.add(scatter(tau, ints(t.shapeFactor), nauxdata));
    held = held.add(scatter(valid.eq(0), ints(t.shapePar), npars));
  }
  if (v.stat) {
    const n = t.statSigma.length;
    const gamma = ints(t.statGamma);
    const sum = scatter(gather(nominal, ints(t.statCell)), gamma, n);
    // Divided before they are squared: squares of the numbers of an almost empty bin would vanish.
    const parts = tensor(v.stat).div(gather(where(sum.gt(0), sum, 1), gamma));
    const squares = scatter(parts.mul(parts), gamma, n);
    const valid = sum.gt(0).mul(squares.gt(0));
    const width = where(valid, squares, 1).sqrt();
    sigma = sigma!.add(scatter(width, ints(t.statSigma), nauxdata));
    held = held.add(scatter(valid.eq(0), ints(t.statPar), npars));
  }
  return {
    nominal,
    shifts: v.up && v.down ? shifts(tensor(v.up), tensor(v.down), gather(nominal, ints(t.shiftCell))) : null,
    coefficients: v.hi && v.lo ? coefficients(tensor(v.hi), tensor(v.lo)) : null,
    aux: aux ?? null,
    sigma: sigma ?? null,
    factor: factor ?? null,
    free: held.eq(0),
  };
}

/** Those of factors at ±1; NaN where one is not above 0: it has no powers, also not where it was traced. */
function coefficients(hi: Tensor, lo: Tensor): Tensor {
  const exists = where(hi.gt(0).mul(lo.gt(0)), 0, Number.NaN);
  return factorCoefficients(hi.add(exists), lo.add(exists));
}

const shifts = (up: Tensor, down: Tensor, nominal: Tensor) => concat([up.sub(nominal), nominal.sub(down)]);

/** Integers of the structure as a tensor. */
export const ints = (values: Int32Array, shape?: readonly number[]): Tensor => constantArray(values, shape);

/** Values as a tensor of the traced function. */
export const tensor = (v: Float64Array | Tensor): Tensor => (v instanceof Tensor ? v : constantArray(v));

/** Products of the columns of a grid of places in `x`. */
export const products = (x: Tensor, { rows, columns, index }: Grid): Tensor =>
  gatherProduct(x, ints(index, [rows, columns]));
