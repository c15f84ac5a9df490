import { type Axis, lineage } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { ones } from "./objects.js";
import type { Up } from "./reducers.js";

/** Goes up over axes, the lowest first. */
export interface Levels extends Up {
  readonly between: readonly Axis[];
}

/** Goes from rows up to an axis above them, over all levels between. */
export function levels(from: Axis, to: Axis): Levels {
  const line = lineage(from);
  const between = line.slice(0, line.indexOf(to));
  const over = (fold: "sum" | "max") => (x: Tensor) => {
    const start = x.axis === from ? x : x.mul(ones(from));
    return between.reduce((y: Tensor) => y[fold]("parent"), start);
  };
  return { between, sum: over("sum"), most: over("max"), one: () => ones(from) };
}

/** The same for the members of combinations, which lie beside each other: over the last inner axis. */
export const beside: Up = {
  sum: (x) => x.sum(-1),
  most: (x) => x.max(-1),
  one: (x) => x.mul(0).add(1),
};
