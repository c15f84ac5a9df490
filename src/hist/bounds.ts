import { concat } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { constantValue } from "../core/graph/op.js";
import { describe, Tensor } from "../core/graph/tensor.js";
import { constantArray } from "../core/run/trace.js";
import type { NumberAxis } from "./binaxis.js";

/**
 * What becomes of weight beyond the outer edges: "drop" it, "keep" it in a bin before the first and one behind the
 * last, or "reflect" it into the first and the last bin, so that none is lost.
 */
export type Flow = "drop" | "keep" | "reflect";

/** A bandwidth in the unit of the axis: for all; per event (an event tensor); per bin [bins]; or per edge [bins + 1]. */
export type Bandwidth = number | Tensor | ArrayLike<number>;

const inf = Number.POSITIVE_INFINITY;

/** Edges of the bins of the result, with infinite ones where weight beyond the outer edges is kept. */
export function boundsOf<E extends ArrayLike<number>>(edges: E, flow: Flow): number[] {
  const list = Array.from(edges);
  if (flow === "drop") return list;
  return [-inf, ...(flow === "keep" ? list : list.slice(1, -1)), inf];
}

/** The same as a Tensor; an outer edge that trains takes no part where it is reflected away. */
export function bounds(axis: NumberAxis, flow: Flow): Tensor {
  if (!(axis.edges instanceof Tensor)) return constantArray(boundsOf(axis.edges, flow));
  if (flow === "drop") return axis.edges;
  const n = axis.edges.size;
  const inner = flow === "keep" ? axis.edges : n > 2 ? axis.edges.slice(1, n - 1) : null;
  return concat([constantArray([-inf]), ...(inner ? [inner] : []), constantArray([inf])]);
}

/** Whether an event on the last finite bound is in the bin left of it: where that bound is the last edge of the axis. */
export function closedAt(axis: NumberAxis, flow: Flow, closed: boolean): boolean {
  const last = axis.edges instanceof Tensor ? 0 : axis.edges[axis.size]!;
  return closed && flow !== "reflect" && Number.isFinite(last);
}

/** The bandwidth of one axis as what the kernels take: one for all edges, or one per edge or bin of the result. */
export function widths(
  axis: NumberAxis,
  flow: Flow,
  bandwidth: Bandwidth,
): { per: "event" | "edge" | "bin"; h: Tensor | number } {
  const name = axis.name === undefined ? "the axis" : `axis '${axis.name}'`;
  if (typeof bandwidth === "number") {
    requireWidth(name, bandwidth);
    return { per: "event", h: bandwidth };
  }
  if (!(bandwidth instanceof Tensor)) {
    const list = Array.from(bandwidth);
    for (const h of list) requireWidth(name, h);
    if (list.length === 1) return { per: "event", h: list[0]! };
    return widths(axis, flow, constantArray(list));
  }
  const value = constantValue(bandwidth);
  if (value !== null) requireWidth(name, value);
  if (bandwidth.shape.length === 0) return { per: "event", h: value === 0 ? 0 : bandwidth };
  const n = bandwidth.shape[0]!;
  if (bandwidth.shape.length > 1 || (n !== axis.size && n !== axis.size + 1)) {
    throw new ShapeError(
      "hist.bandwidth",
      `the bandwidth of ${name} is one number, one per event, one per bin [${axis.size}] or one per edge [${axis.size + 1}], but got ${describe(bandwidth)}`,
      { shape: bandwidth.shape, bins: axis.size },
    );
  }
  // Bins beyond the outer edges smear as their neighbours do.
  const ends = flow === "keep" ? [bandwidth.slice(0, 1), bandwidth, bandwidth.slice(n - 1, n)] : [bandwidth];
  return { per: n === axis.size ? "bin" : "edge", h: concat(ends) };
}

function requireWidth(name: string, h: number): void {
  if (h >= 0) return;
  throw new ShapeError(
    "hist.bandwidth",
    `the bandwidth of ${name} must be 0 or more, but is ${h}; 0 is the hard histogram`,
    { bandwidth: h },
  );
}
