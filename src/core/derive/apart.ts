import { fullLike } from "../elementary/align.js";
import { constant, hole } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { substitute } from "./body.js";
import { pullback } from "./pullback.js";

/** Fresh values in place of nodes. */
export interface Apart {
  /** One like each node, without what it was made of. */
  readonly own: Tensor[];
  /** What was made of them, with the nodes in their places. */
  back<T extends Tensor | null>(made: readonly T[]): T[];
}

/**
 * Values to differentiate with respect to, apart from other uses of the nodes `at`: d/dx f(x) must not see a y that
 * equals x, nor what x was made of.
 */
export function apart(at: readonly Tensor[]): Apart {
  const own = at.map((t) => hole(t, typeof t.attrs.path === "string" ? t.attrs.path : "x"));
  const places = new Map(own.map((t, i) => [t, at[i]!]));
  return {
    own,
    back<T extends Tensor | null>(made: readonly T[]) {
      const replaced = substitute(
        made.filter((t) => t !== null),
        places,
      );
      let next = 0;
      return made.map((t) => (t === null ? t : replaced[next++]!) as T);
    },
  };
}

/** Cotangents of `at` through `f` from those of its results; null where these do not depend on one. */
export function pullbackAt(
  f: (own: Tensor[]) => readonly Tensor[],
  at: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const { own, back } = apart(at);
  return back(pullback(f(own), cotangents, own));
}

/** Cotangents of `xs` from those of `ys`: zeros where these do not depend on one. */
export function cotangents(
  ys: readonly Tensor[],
  of: readonly (Tensor | null)[],
  xs: readonly Tensor[],
): Tensor[] {
  return pullback(ys, of, xs).map((d, i) => d ?? fullLike(xs[i]!, 0));
}

/** The gradient of a scalar with respect to `xs`. */
export const gradients = (y: Tensor, xs: readonly Tensor[]): Tensor[] => cotangents([y], [constant(1)], xs);
