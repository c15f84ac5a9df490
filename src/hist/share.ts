import { where } from "../core/elementary/arith.js";
import { normInterval } from "../core/elementary/interval.js";
import { concat } from "../core/elementary/join.js";
import { floats } from "../core/graph/op.js";
import { Tensor } from "../core/graph/tensor.js";
import { constantArray } from "../core/run/trace.js";
import { hardArgument } from "../ops/kde.js";
import type { BinAxis } from "./binaxis.js";
import { type Bandwidth, bounds, closedAt, type Flow, widths } from "./bounds.js";

const F32_MAX = (2 - 2 ** -23) * 2 ** 127;

/**
 * What part of each event lies in each bin of an axis: an event tensor [bins of the result]. For a category it is
 * 0 or 1. This is the general form; histograms of one axis with one bandwidth per event have kernels of their own.
 */
export function share(axis: BinAxis, x: Tensor, bandwidth: Bandwidth, flow: Flow, closed: boolean): Tensor {
  const column = x.reshape([1]);
  if (axis.kind === "category") {
    const found = column.eq(constantArray([...axis.codes]));
    return flow === "keep" ? concat([found, found.sum(-1).neg().add(1).reshape([1])]) : found;
  }
  const { per, h } = widths(axis, flow, bandwidth);
  const edges = bounds(axis, flow);
  const n = edges.size - 1;
  const values = floats(column);
  if (h === 0) return hardShare(edges, values, flow === "keep" ? n - 1 : n, closedAt(axis, flow, closed));
  const width = guarded(h, values.dtype as "f32" | "f64");
  // Squares of products of what lies beyond are subnormal, which is slow, or 0.
  const reach = values.dtype === "f32" ? 7 : 17;
  // An infinite event is beyond all edges but infinite ones, from which it has no distance.
  const most = values.dtype === "f32" ? F32_MAX : Number.MAX_VALUE;
  const held = values.clip(-most, most);
  const z = (from: number, to: number) => edges.slice(from, to).sub(held).div(width).clip(-reach, reach);
  if (per === "bin") return normInterval(z(0, n), z(1, n + 1));
  const all = z(0, n + 1);
  return normInterval(all.slice(0, n), all.slice(1, n + 1));
}

/** A bandwidth that trains may come near 0, where it divides as a tiny one; below 0 it is NaN. */
function guarded(h: Tensor | number, dtype: "f32" | "f64"): Tensor | number {
  if (!(h instanceof Tensor)) return h;
  const [tiny, huge] = dtype === "f32" ? [1e-30, 1e30] : [1e-300, 1e300];
  return where(h.ge(0), h.clip(tiny, huge), Number.NaN);
}

/** 0 or 1, compared in f64 as `Histogram.hard` does; the last finite bound belongs to the left where `closed`. */
function hardShare(edges: Tensor, x: Tensor, last: number, closed: boolean): Tensor {
  const n = edges.size - 1;
  const exact = x.cast("f64").minimum(Number.MAX_VALUE);
  const passed = exact.ge(edges);
  const above = closed
    ? concat([
        ...(last > 0 ? [passed.slice(0, last)] : []),
        exact.gt(edges.slice(last, last + 1)),
        ...(last < n ? [passed.slice(last + 1, n + 1)] : []),
      ])
    : passed;
  const inside = above.slice(0, n).sub(above.slice(1, n + 1));
  return hardArgument(inside.cast(x.dtype), "events");
}
