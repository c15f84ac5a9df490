import { concat } from "../core/elementary/join.js";
import { matmul } from "../core/elementary/linalg.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, either, numbers, operand, tensor } from "../core/graph/arguments.js";
import { type Operand, ranked, requireSmall } from "../core/graph/op.js";
import { describe, type Scalar, Tensor, type Vector } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions } from "../core/options.js";
import { compile } from "../core/run/compile.js";
import { constantArray } from "../core/run/trace.js";

/** Edges that stay in order. */
export interface EdgeOptions {
  /** Smallest width of a bin as a share of the whole range; 0 by default, and below 1/bins. */
  readonly least?: number;
}

/**
 * Ascending edges [bins + 1] from free numbers [bins]: the widths are a softmax of them, scaled to the range.
 * Every step of an optimiser gives edges in order, so none must be repaired. Adding one constant to all changes
 * nothing. Inside a traced function free is a Tensor; outside, numbers give numbers.
 */
export function orderedEdges(free: Tensor, low: Operand, high: Operand, options?: EdgeOptions): Vector;
export function orderedEdges(
  free: ArrayLike<number>,
  low: number,
  high: number,
  options?: EdgeOptions,
): Float64Array;
export function orderedEdges(
  free: Tensor | ArrayLike<number>,
  low: Operand,
  high: Operand,
  options: EdgeOptions = {},
): Vector | Float64Array {
  checkArguments("orderedEdges", {
    free: [free, either(tensor, numbers)],
    low: [low, operand],
    high: [high, operand],
  });
  checkOptions("orderedEdges", options, { least: true });
  const { least = 0 } = options;
  if (!(free instanceof Tensor)) {
    checkLeast(least, free.length);
    return ofNumbers(Float64Array.from(free), low as number, high as number, least);
  }
  const n = requireSmall("orderedEdges", free).size;
  if (free.shape.length !== 1) {
    throw new ShapeError(
      "hist.edges.free",
      `orderedEdges needs one number per bin, [bins], but got ${describe(free)}`,
      {
        shape: free.shape,
      },
    );
  }
  checkLeast(least, n);
  return edgesOf(free, low, high, [1 - n * least, least]);
}

/** The edges of free numbers; the shares of the range that follow them, all together, and that each bin has anyway. */
function edgesOf(
  free: Tensor,
  low: Operand,
  high: Operand,
  [moving, least]: readonly [Operand, Operand],
): Vector {
  const n = free.size;
  const widths = free.softmax().mul(moving).add(least);
  // Column j sums the widths of the bins before inner edge j; the outer edges are exact.
  const before = Float64Array.from({ length: n * (n - 1) }, (_, i) =>
    Math.floor(i / (n - 1)) <= i % (n - 1) ? 1 : 0,
  );
  const ends = [low, high].map((end) =>
    (end instanceof Tensor ? end : constantArray([end]).reshape([])).reshape([1]),
  );
  if (n === 1) return ranked(concat(ends));
  const inner = matmul(widths.reshape([1, n]), constantArray(before, [n, n - 1])).reshape([n - 1]);
  const [from, to] = tuple(ends, 2);
  return ranked(concat([from, from.add(to.sub(from).mul(inner)), to]));
}

/** The same for numbers: by our own kernels, so that it gives the bits of the traced one. */
const ofNumbers = /* @__PURE__ */ compile((free: Vector, low: Scalar, high: Scalar, least: Scalar) =>
  edgesOf(free, low, high, [least.mul(-free.size).add(1), least]),
);

/** As the kernels know it. */
const logarithms = /* @__PURE__ */ compile((x: Vector) => x.log());

/** Free numbers [bins] for which `orderedEdges` gives these edges: where a training starts. */
export function freeEdges(edges: ArrayLike<number>, options: EdgeOptions = {}): Float64Array {
  checkArguments("freeEdges", { edges: [edges, numbers] });
  checkOptions("freeEdges", options, { least: true });
  const { least = 0 } = options;
  const list = Array.from(edges);
  const n = list.length - 1;
  checkLeast(least, n);
  const range = list[n]! - list[0]!;
  const shares = list.slice(1).map((e, i) => ((e - list[i]!) / range - least) / (1 - n * least));
  const bad = shares.findIndex((s) => !(s > 0));
  if (n < 1 || bad >= 0) {
    throw new ShapeError(
      "hist.edges",
      n < 1
        ? `edges must be two or more, but there are ${list.length}`
        : `the bin from ${list[bad]} to ${list[bad + 1]} is narrower than the least width, ${least} of ${range}`,
      { edges: list, least },
    );
  }
  return logarithms(Float64Array.from(shares));
}

function checkLeast(least: number, n: number): void {
  if (!(least >= 0 && least * n < 1)) {
    throw new ShapeError(
      "hist.edges.least",
      `the least width must be a share below 1/${n} of the range for ${n} bins, but is ${least}`,
      { least, bins: n },
    );
  }
}
