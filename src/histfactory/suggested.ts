import { TraceError } from "../core/errors.js";
import type { Tables } from "./tables.js";
import type { Values } from "./values.js";

/** Values of a model whose yields are numbers. Throws a TraceError if they are tensors. */
function numbers(values: Values, instead: string): Values<Float64Array> {
  const { nominal, shape, stat } = values;
  if ([nominal, shape, stat].every((v) => v === undefined || v instanceof Float64Array)) {
    return values as Values<Float64Array>;
  }
  throw new TraceError("trace.value", `the yields of this model are Tensors; use ${instead}`);
}

/** Rates of the auxiliary Poisson data of cells with a shapesys: (nominal / uncertainty)², 1 for empty cells. */
export function suggestedAuxdata(values: Values, { shapeAux, shapeCell }: Tables): Float64Array {
  const { nominal, shape, aux } = numbers(values, "auxdata()");
  const all = Float64Array.from(aux ?? []);
  shapeAux.forEach((to, i) => {
    const [nom, unc] = [nominal[shapeCell[i]!]!, shape![i]!];
    const ratio = nom > 0 && unc > 0 ? nom / unc : 1;
    if (to >= 0) all[to]! += ratio * ratio;
  });
  return all;
}

/** Which parameters stay where they are: those that the measurement fixes, and those of empty bins. */
export function suggestedFixed(values: Values, tables: Tables): boolean[] {
  const { nominal, shape, stat, fixed } = numbers(values, "free()");
  const { shapeCell, shapePar, statCell, statGamma, statPar } = tables;
  const held = Array.from(fixed, (v) => v !== 0);
  shapePar.forEach((par, i) => {
    if (par >= 0 && !(shape![i]! > 0 && nominal[shapeCell[i]!]! > 0)) held[par] = true;
  });
  const sums = new Float64Array(statPar.length);
  const errors = new Float64Array(statPar.length);
  statGamma.forEach((gamma, i) => {
    sums[gamma]! += nominal[statCell[i]!]!;
    errors[gamma]! += Math.abs(stat![i]!);
  });
  statPar.forEach((par, i) => {
    if (par >= 0 && !(sums[i]! > 0 && errors[i]! > 0)) held[par] = true;
  });
  return held;
}
