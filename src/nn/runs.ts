import type { Tensor } from "../core/graph/tensor.js";
import { layerOf } from "../ops/affine.js";
import { denseRun, runOf } from "../ops/denserun.js";

/**
 * A layer after layers as one run of them, that a host computes; null where the node is no such layer. Only of f32 events of a
 * table of its own: hosts work on whole blocks of its rows.
 */
export function runInstead(node: Tensor): Tensor | null {
  const { axis, dtype } = node;
  if (dtype !== "f32" || !axis || axis.parent || axis.rows !== "columns") return null;
  const layer = layerOf(node);
  if (!layer) return null;
  const first = layerOf(layer.x);
  const before = runOf(layer.x) ?? (first && { x: first.x, layers: [first] });
  return before && denseRun(before.x, [...before.layers, layer]);
}
