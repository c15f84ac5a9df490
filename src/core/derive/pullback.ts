import { conform } from "../elementary/align.js";
import { zeroMul } from "../elementary/arith.js";
import { DerivativeError } from "../errors.js";
import { currentGraph, returned } from "../graph/graph.js";
import { constant, constantValue } from "../graph/op.js";
import { describe, isFold, type Scalar, Tensor } from "../graph/tensor.js";
import { dependents, reachable } from "../graph/walk.js";
import { describe as describeValue, isPromise } from "../tree.js";

/**
 * A cotangent on its way back. Reverse rules are linear, so a scalar that multiplies the cotangent of a whole table
 * (1/N, the derivative of a logarithm of a sum) is carried beside it and applied to the sums at the end. Then the
 * sweep over the events does not wait for it, and tiles hold no tiny numbers.
 */
interface Part {
  readonly scale: Tensor | null;
  readonly value: Tensor;
}

/**
 * Cotangents of `targets` from cotangents of `outputs`: reverse mode from graph to graph.
 * A target that the outputs do not depend on gets null.
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
  targets: readonly Tensor[],
): (Tensor | null)[] {
  const { nodes, derived } = currentGraph();
  const first = nodes.length;
  const order = reachable(outputs);
  const active = dependents(order, targets);
  const stop = new Set(targets);
  const parts = new Map<Tensor, Part[]>();

  const accumulate = (node: Tensor, part: Part): void => {
    const list = parts.get(node);
    if (!list) parts.set(node, [part]);
    else {
      const i = list.findIndex((p) => p.scale === part.scale);
      if (i < 0) list.push(part);
      else list[i] = { scale: part.scale, value: list[i]!.value.add(part.value) };
    }
  };

  outputs.forEach((out, i) => {
    const g = cotangents[i];
    if (g && active.has(out)) accumulate(out, { scale: null, value: g });
  });

  // Targets may be arguments of targets, so a target is passed through, not stopped at, when it has active arguments.
  for (const node of order.reverse()) {
    if (!active.has(node) || !parts.has(node)) continue;
    if (stop.has(node) && !node.args.some((a) => active.has(a))) continue;
    const part = merge(node, parts.get(node)!);
    const { scale, seed } = splitSeed(node, part);
    const results = node.op.vjp(seed, node.args, node);
    node.args.forEach((arg, i) => {
      const value = results[i];
      if (!value || !active.has(arg)) return;
      // Small cotangents take the factor at once: there it costs nothing.
      accumulate(
        arg,
        arg.axis || !scale ? { scale, value } : { scale: null, value: applyScale(scale, value) },
      );
    });
  }
  const results = targets.map((t) => {
    const list = parts.get(t);
    if (!list) return null;
    const { scale, value } = merge(t, list);
    return scale ? applyScale(scale, value) : value;
  });
  derived.push([first, nodes.length]);
  return results;
}

function merge(node: Tensor, list: readonly Part[]): Part {
  if (list.length === 1) return list[0]!;
  const sum = list
    .map(({ scale, value }) => (scale ? applyScale(scale, value) : value))
    .reduce((a, b) => a.add(b));
  return { scale: null, value: conform(sum, node) };
}

/** Both are cotangents: a mask may have made either 0. */
const applyScale = (scale: Tensor, value: Tensor): Tensor => zeroMul(scale, value);

/** For a scalar fold the cotangent becomes a factor, and the events start from 1. */
function splitSeed(node: Tensor, part: Part): { scale: Tensor | null; seed: Tensor } {
  if (!isFold(node) || node.shape.length || constantValue(part.value) !== null) {
    return { scale: part.scale, seed: part.value };
  }
  return { scale: part.scale ? applyScale(part.scale, part.value) : part.value, seed: constant(1) };
}

/** Requires a scalar that can be differentiated. */
export function requireScalar(what: string, y: unknown): Scalar {
  if (!(y instanceof Tensor)) {
    const got = isPromise(y)
      ? "a promise: a traced function runs once, on symbols, and cannot wait; await what it needs before and pass that in"
      : `${describeValue(y)}; return the one Tensor that is to be differentiated, not an object or a number around it`;
    throw new DerivativeError(
      "derivative.scalar",
      `'${what}' needs a function that returns a scalar Tensor, but it returned ${got}`,
      {},
    );
  }
  returned([y]);
  if (y.axis || y.shape.length) {
    throw new DerivativeError(
      "derivative.scalar",
      `'${what}' needs a function that returns a scalar, but it returned ${describe(y)}; reduce it with .sum() or .mean(), or use vjp`,
      { shape: y.shape, table: y.axis?.table ?? null },
    );
  }
  if (y.dtype === "i32") return y.cast("f64") as Scalar;
  return y as Scalar;
}
