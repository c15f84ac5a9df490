import { where } from "../../core/elementary/arith.js";
import { concat } from "../../core/elementary/join.js";
import { TraceError } from "../../core/errors.js";
import { ranked } from "../../core/graph/op.js";
import { Tensor, type Vector } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { factorCoefficients } from "../../ops/interp.js";
import { gather, gatherProduct } from "../../ops/rows.js";
import { type Algebra, ofNumbers, ofTensors } from "../modifiers/algebra.js";
import { modifierRecords, modifierTypes } from "../modifiers/index.js";
import type { ConstraintKey } from "../modifiers/modifier.js";
import type { Config } from "./config.js";
import type { Grid, Tables } from "./modelrows.js";
import type { Values } from "./modelvalues.js";

/** What follows from a model's numbers alone: computed once, outside of fits. */
export interface Derived {
  readonly nominal: Tensor;
  /** up - nominal and nominal - down of each shift, one after the other. */
  readonly shifts: Tensor | null;
  readonly coefficients: Tensor | null;
  readonly aux: Vector | null;
  readonly sigma: Tensor | null;
  readonly factor: Tensor | null;
  /** 1 where a fit may move a parameter. */
  readonly free: Vector;
}

/** Numbers of constraints, and what stays where it is. */
interface Constraints<V> {
  readonly auxdata: V | undefined;
  readonly factors: V | undefined;
  readonly sigmas: V | undefined;
  readonly held: V;
}

/** Constraints with what follows from the yields, as pyhf's parameter sets have them. */
function constraints<V>(
  v: Values<V>,
  { uncertain }: Tables,
  { npars, nauxdata }: Config,
  math: Algebra<V>,
): Constraints<V> {
  let { aux: auxdata, factor: factors, sigma: sigmas, fixed: held } = v;
  for (const type of modifierTypes) {
    const [cells, uncertainty] = [uncertain[type], v[type]];
    if (cells === undefined || uncertainty === undefined) continue;
    const components = cells.par.length;
    const nominal = math.gather(v.nominal, cells.cell);
    const found = modifierRecords[type].derivation!.of(
      { nominal, uncertainty, of: cells.of, components },
      math,
    );
    const added = (to: V | undefined, key: ConstraintKey) =>
      to !== undefined && found[key] !== undefined
        ? math.add(to, math.sums(found[key], cells[key], nauxdata))
        : to;
    auxdata = added(auxdata, "auxdata");
    factors = added(factors, "factors");
    sigmas = added(sigmas, "sigmas");
    held = math.add(held, math.sums(math.zero(found.valid), cells.par, npars));
  }
  return { auxdata, factors, sigmas, held };
}

/** Computes `Derived`. */
export function derive(values: Values, t: Tables, config: Config): Derived {
  const v = mapped(values, tensor);
  const { auxdata, factors, sigmas, held } = constraints(v, t, config, ofTensors);
  const { nominal, up, down, hi, lo } = v;
  return {
    nominal,
    shifts: up && down ? shifts(up, down, gather(nominal, ints(t.shiftCell))) : null,
    coefficients: hi && lo ? coefficients(hi, lo) : null,
    aux: auxdata ? ranked(auxdata) : null,
    sigma: sigmas ?? null,
    factor: factors ?? null,
    free: ranked(held.eq(0)),
  };
}

/** Auxiliary data [nauxdata] as numbers, and 1 where a parameter stays where it is [npars]. */
export interface Suggested {
  readonly auxdata: Float64Array;
  readonly held: Float64Array;
}

/** Computes `Suggested`. Throws a TraceError if yields are tensors; what to use then is `instead`. */
export function suggested(values: Values, t: Tables, config: Config, instead: string): Suggested {
  const v = mapped(values, (x) => numbers(x, instead));
  const { auxdata = new Float64Array(), held } = constraints(v, t, config, ofNumbers);
  return { auxdata, held };
}

function numbers(v: Float64Array | Tensor, instead: string): Float64Array {
  if (v instanceof Float64Array) return v;
  throw new TraceError("trace.value", `the yields of this model are Tensors; use ${instead}`);
}

function mapped<V>(values: Values, f: (v: Float64Array | Tensor) => V): Values<V> {
  const out: Partial<Record<keyof Values, V>> = {};
  for (const role in values) out[role as keyof Values] = f(values[role as keyof Values]!);
  return out as Values<V>;
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
export const tensor = (v: Float64Array | Tensor): Vector =>
  v instanceof Tensor ? ranked(v) : constantArray(v);

/** Products of the columns of a grid of places in `x`. */
export const products = (x: Tensor, { rows, columns, index }: Grid): Tensor =>
  gatherProduct(x, ints(index, [rows, columns]));
