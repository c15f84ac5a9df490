import { fullLike } from "../elementary/align.js";
import { stack } from "../elementary/join.js";
import type { Body } from "../graph/attrs.js";
import type { Tensor } from "../graph/tensor.js";
import { tuple } from "../graph/tuple.js";
import { cotangents, pullbackAt } from "./apart.js";
import { extend, inline, perBody } from "./body.js";
import { hessianBlocks } from "./transform.js";

/* What fits need of the body of their objective: an input for the coordinates [n], then captures. */

/** [f, ∇f] as a body over the inputs of the objective. */
export const firstOf = /*#__PURE__*/ perBody((body) => extend(body, [], ([f], [x]) => [f!, slopeOf(f!, x!)]));

const slopeOf = (f: Tensor, x: Tensor): Tensor => cotangents([f], [fullLike(f, 1)], [x])[0]!;

/** [∇²f], derived from the objective. */
export const secondOf = /*#__PURE__*/ perBody((body) =>
  extend(body, [], ([f], [x]) => [x!.axis ? rowsOf(slopeOf(f!, x!), x!) : hessianBlocks(f!, [x!])[0]![0]!]),
);

/** Derivatives [n, n] of numbers [n] of each event. */
const rowsOf = (g: Tensor, x: Tensor): Tensor =>
  stack(Array.from({ length: x.size }, (_, i) => slopeOf(g.at(i), x)));

/** [f, ∇f, ∇²f] for a fit of each event. */
export const allOf = /*#__PURE__*/ perBody((body) =>
  extend(body, [], (_, inputs) => [...inline(firstOf(body), inputs), ...inline(stepsOf(body), inputs)]),
);

/** [∇²f] as the solver computes it: given in closed form, or derived. */
export const stepsOf = /*#__PURE__*/ perBody((body) =>
  body.outputs.length > 1 ? extend(body, [], ([, h]) => [h!]) : secondOf(body),
);

/** The Hessian at the end of a fit, derived from the objective, and its diagonal. */
export function dense(body: Body, at: readonly Tensor[]): { curvature: Tensor; diagonal: Tensor } {
  const n = at[0]!.size;
  const [curvature] = tuple(inline(secondOf(body), at), 1);
  const rows = curvature
    .reshape([n * n])
    .pad(0, n)
    .reshape([n, n + 1]);
  return { curvature, diagonal: rows.slice(0, 1).reshape([n]) };
}

/** Entries of the Hessian as the steps see them, and its diagonal. */
export function banded(body: Body, at: readonly Tensor[]): { curvature: Tensor; diagonal: Tensor } {
  const [, curvature, diagonal] = tuple(inline(body, at), 3);
  return { curvature, diagonal };
}

/** Cotangents of the inputs of a body from that of one output, where the inputs have the values `at`. */
export const through = (
  body: Body,
  output: number,
  cotangent: Tensor,
  at: readonly Tensor[],
): (Tensor | null)[] => pullbackAt((own) => [inline(body, own)[output]!], at, [cotangent]);
