import { fullLike } from "../elementary/align.js";
import { DerivativeError } from "../errors.js";
import { requireTracing, returned } from "../graph/graph.js";
import { constant, hole } from "../graph/op.js";
import type { Outer, Rank } from "../graph/rank.js";
import { requireLike } from "../graph/shape.js";
import { describe, type Scalar, Tensor } from "../graph/tensor.js";
import { sameStructure } from "../sametree.js";
import { flatten, unflatten } from "../tree.js";
import { apart, cotangents, gradients } from "./apart.js";
import { substitute } from "./body.js";
import { pullback, requireScalar } from "./pullback.js";
import { batchNodes } from "./vmap.js";

export { vmap } from "./vmap.js";

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
const flat = (tree: unknown, name: string) => {
  const found = flatten(tree, isTensor, name, "Tensors");
  returned(found.leaves);
  return found;
};

/** The leaves that something is differentiated with respect to: real numbers. */
function variables(what: string, tree: unknown, name: string) {
  const compiled =
    name === "x"
      ? `compile((x) => ${what}(f, x${what === "jvp" ? ", tangent" : ""}))(x)`
      : `compile(${what}(f))(params)`;
  requireTracing(what, compiled);
  const found = flat(tree, name);
  found.leaves.forEach((t, i) => {
    if (t.dtype !== "i32" && !t.attrs.whole) return;
    const path = typeof t.attrs.path === "string" ? t.attrs.path : (found.paths[i] as string);
    throw new DerivativeError(
      "derivative.integer",
      `'${what}' with respect to '${path}', but it is integers (${describe(t)}), which have no derivative; pass real numbers, as Float64Array.from(${path}), or give integers as another argument`,
      { path, shape: t.shape, dtype: t.dtype },
    );
  });
  return found;
}

declare const differentiates: unique symbol;

/** A function that differentiates with respect to its first argument. The mark exists in types only. */
export interface Derivative<P, Rest extends unknown[], R> {
  (params: P, ...rest: Rest): R;
  /** Compiled, it takes no integers for `params`. */
  readonly [differentiates]: true;
}

const derivative = <P, Rest extends unknown[], R>(f: (params: P, ...rest: Rest) => R) =>
  f as Derivative<P, Rest, R>;

/**
 * f(x, ...rest) → { value, grads }: the scalar and its gradient with respect to the first argument.
 * Event columns may be leaves of it: their gradients are event tensors. Throws where f is no scalar.
 */
export function valueAndGrad<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => Tensor,
): Derivative<P, Rest, { value: Scalar; grads: P }> {
  return derivative(differentiated("valueAndGrad", f));
}

const differentiated =
  <P, Rest extends unknown[]>(what: string, f: (params: P, ...rest: Rest) => Tensor) =>
  (params: P, ...rest: Rest): { value: Scalar; grads: P } => {
    const { leaves, structure } = variables(what, params, "params");
    const { own, back } = apart(leaves);
    const value = requireScalar(what, f(unflatten(structure, own) as P, ...rest));
    const [y, ...gs] = back([value, ...gradients(value, own)]);
    return { value: y as Scalar, grads: unflatten(structure, gs) as P };
  };

/** The gradient of a scalar function with respect to its first argument, as a tree like it. */
export function grad<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => Tensor,
): Derivative<P, Rest, P> {
  const both = differentiated("grad", f);
  return derivative((params: P, ...rest: Rest) => both(params, ...rest).grads);
}

/** [f(x), pull], where pull(cotangent like f(x)) gives the cotangent like x. */
export function vjp<X, Y>(f: (x: X) => Y, x: X): [Y, (cotangent: Y) => X] {
  const ins = variables("vjp", x, "x");
  const { own, back } = apart(ins.leaves);
  const outs = flat(f(unflatten(ins.structure, own) as X), "f(x)");
  const y = unflatten(outs.structure, back(outs.leaves)) as Y;
  return [
    y,
    (cotangent) => {
      const cts = flat(cotangent, "cotangent");
      sameStructure(cts.structure, outs.structure, { got: "cotangent", expected: "f(x)" });
      cts.leaves.forEach((ct, i) => {
        requireLike("vjp", "a cotangent", ct, outs.leaves[i]!);
      });
      return unflatten(ins.structure, back(cotangents(outs.leaves, cts.leaves, own))) as X;
    },
  ];
}

/** [f(x), df] with df the derivative of f along `tangent` (a tree like x): reverse mode applied twice. */
export function jvp<X, Y>(f: (x: X) => Y, x: X, tangent: X): [Y, Y] {
  const ins = variables("jvp", x, "x");
  const ts = flat(tangent, "tangent");
  sameStructure(ts.structure, ins.structure, { got: "tangent", expected: "x" });
  ts.leaves.forEach((t, i) => {
    requireLike("jvp", "a tangent", t, ins.leaves[i]!);
  });
  const { own, back } = apart(ins.leaves);
  const outs = flat(f(unflatten(ins.structure, own) as X), "f(x)");
  const both = back([...outs.leaves, ...directional(outs.leaves, own, ts.leaves)]);
  return [
    unflatten(outs.structure, both.slice(0, outs.leaves.length)) as Y,
    unflatten(outs.structure, both.slice(outs.leaves.length)) as Y,
  ];
}

/** Derivatives of nodes along tangents of `xs`. The pullback is linear in its cotangents; its transpose is this. */
export function directional(
  ys: readonly Tensor[],
  xs: readonly Tensor[],
  tangents: readonly Tensor[],
): Tensor[] {
  const us = ys.map((y) => hole({ shape: y.shape, dtype: y.dtype, axis: y.axis }, "u"));
  const pulled = pullback(ys, us, xs);
  const used = pulled.flatMap((p, i) => (p ? [{ p, v: tangents[i]! }] : []));
  const results = pullback(
    used.map(({ p }) => p),
    used.map(({ v }) => v),
    us,
  );
  const zero = new Map(us.map((u) => [u, fullLike(u, 0)]));
  return substitute(
    results.map((r, i) => r ?? fullLike(ys[i]!, 0)),
    zero,
  );
}

/** A tree like P at every leaf of P: of leaves a and b, a Tensor with the axes of a and then those of b. */
export type Hessian<P> = HessianRows<P, P>;
type HessianRows<P, Q> =
  P extends Tensor<infer A>
    ? HessianRow<A, Q>
    : P extends object
      ? { [K in keyof P]: HessianRows<P[K], Q> }
      : P;
type HessianRow<A extends Rank, Q> =
  Q extends Tensor<infer B>
    ? Tensor<Outer<A, B>>
    : Q extends object
      ? { [K in keyof Q]: HessianRow<A, Q[K]> }
      : Q;

/**
 * Second derivatives of a scalar function with respect to its first argument, as a tree of trees. As in JAX, that by the
 * leaves a and b has the axes of a and then those of b: a scalar for two scalars, [n] for a scalar and a vector, [n, m]
 * for two vectors.
 */
export function hessian<P, Rest extends unknown[]>(
  f: (params: P, ...rest: Rest) => Tensor,
): Derivative<P, Rest, Hessian<P>> {
  return derivative((params: P, ...rest: Rest) => {
    const { leaves, structure } = variables("hessian", params, "params");
    for (const t of leaves) {
      if (t.axis) {
        throw new DerivativeError(
          "derivative.events",
          `'hessian' with respect to events would have events × events entries (${describe(t)}); take it with respect to parameters, or use jvp(grad(f)) for one direction`,
          { table: t.axis.table },
        );
      }
    }
    const { own, back } = apart(leaves);
    const value = requireScalar("hessian", f(unflatten(structure, own) as P, ...rest));
    const rows = hessianBlocks(value, own).map((row, i) => {
      const blocks = row.map((block, j) => block.reshape([...leaves[i]!.shape, ...leaves[j]!.shape]));
      return unflatten(structure, back(blocks));
    });
    return unflatten(structure, rows);
  });
}

/** Blocks [size_a, size_b] of the second derivatives of a scalar node, rows by `vmap` over unit tangents. */
export function hessianBlocks(value: Tensor, xs: readonly Tensor[]): Tensor[][] {
  const g = gradients(value, xs);
  return xs.map((a, i) => {
    const n = a.size;
    // Rows of a: the gradient of ⟨g_a, e⟩ for every unit vector e at once.
    const e = hole({ shape: a.shape, dtype: "f64", axis: null }, "e");
    const rows = gradients(g[i]!.mul(e).sum(), xs);
    const unit = identity(n).reshape([n, ...a.shape]);
    const batched = batchNodes(rows, new Map([[e, unit]]), n);
    return batched.map((r, j) => r.reshape([n, xs[j]!.size]));
  });
}

/** The n × n unit matrix, made of constants and pads so that it needs no data. */
function identity(n: number): Tensor {
  const one = constant(1).reshape([1]);
  if (n === 1) return one.reshape([1, 1]);
  // 1 followed by n zeros, n times over, cut to n·n, has its ones on the diagonal.
  return one
    .pad(0, n)
    .broadcast([n, n + 1])
    .reshape([n * (n + 1)])
    .slice(0, n * n)
    .reshape([n, n]);
}
