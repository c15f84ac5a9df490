import { conform } from "../elementary/align.js";
import type { Axis } from "../graph/axis.js";
import { currentGraph, returned } from "../graph/graph.js";
import { commonAxis, hole } from "../graph/op.js";
import { Tensor } from "../graph/tensor.js";
import { requireScalar } from "./pullback.js";

/** A function of an unknown as it was traced. */
export interface Traced {
  readonly x: Tensor;
  /** What f returned: of events in f64, for each of them. */
  readonly outputs: readonly Tensor[];
  /** What was found, in the type of its table; in f64 still where another search asked for it, which would see its steps. */
  found(t: Tensor): Tensor;
}

/** How many searches are being traced, one inside the other. */
let depth = 0;

/**
 * Traces a function of an unknown. Where it returns something of events, or `given` does, each of these has an unknown of its
 * own, in f64 whatever the type of its table is. Whether it does is known only afterwards: then it is traced again.
 */
export function traceUnknown(
  what: string,
  shape: readonly number[],
  given: readonly Tensor[],
  f: (x: Tensor) => readonly Tensor[],
): Traced {
  const { nodes, derived } = currentGraph();
  let axis = commonAxis(what, given);
  for (;;) {
    const first = nodes.length;
    const x = hole({ shape, dtype: "f64", axis }, "x");
    const outputs = inside(() => f(x));
    const met = commonAxis(what, [x, ...outputs]);
    if (met === axis) {
      const found = (t: Tensor) => (axis && depth === 0 ? t.cast(axis.dtype) : t);
      return { x, outputs: outputs.map((t) => rowwise(t, axis)), found };
    }
    derived.push([first, nodes.length]);
    axis = met;
  }
}

function inside<T>(f: () => T): T {
  depth++;
  try {
    return f();
  } finally {
    depth--;
  }
}

const rowwise = (t: Tensor, axis: Axis | null): Tensor =>
  axis ? conform(t, { shape: t.shape, axis, dtype: "f64" }) : t;

/** Requires one number, or one of each event. */
export function requireNumber(what: string, y: unknown): Tensor {
  if (!(y instanceof Tensor) || !y.axis || y.shape.length > 0) return requireScalar(what, y);
  return returned([y])[0]!;
}
