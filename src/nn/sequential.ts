import { InputError, ShapeError } from "../core/errors.js";
import { describe } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import type { Symbols } from "../core/run/data.js";
import { split } from "../random/keys.js";
import { type ActivationName, activation } from "./activations.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { type Layer, type NoParams, stateless } from "./layer.js";
import { layerNorm } from "./norm.js";

/** One part after the other; params are the list of theirs. */
export function sequential<P extends readonly unknown[]>(
  ...layers: { readonly [I in keyof P]: Layer<P[I]> }
): Layer<P> {
  const parts = layers as readonly Layer<unknown>[];
  return {
    init: (key) => split(key, parts.length).map((own, i) => parts[i]!.init(own)) as unknown as P,
    apply: (params, x, rng) => {
      const list = params as readonly Symbols<unknown>[];
      if (list.length !== parts.length) {
        throw new InputError(
          "sequential.layers",
          `A network of ${parts.length} parts got params of ${list.length}: pass what init returned.`,
          { layers: parts.length, params: list.length },
        );
      }
      return parts.reduce((y, part, i) => part.apply(list[i]!, y, rng), x);
    },
  };
}

/** Params of a residual layer: those of its two ways. */
export interface ResidualParams<P, Q> {
  inner: P;
  shortcut: Q;
}

/** inner(x) + x, or inner(x) + shortcut(x) where the sizes differ (He et al., arXiv:1512.03385). */
export function residual<P, Q = NoParams>(
  inner: Layer<P>,
  shortcut: Layer<Q> = stateless((x) => x) as unknown as Layer<Q>,
): Layer<ResidualParams<P, Q>> {
  return {
    init: (key) => {
      const [a, b] = split(key);
      return { inner: inner.init(a!), shortcut: shortcut.init(b!) };
    },
    apply: (params, x, rng) => {
      const parts = params as unknown as ResidualParams<Symbols<P>, Symbols<Q>>;
      const y = inner.apply(parts.inner, x, rng);
      const around = shortcut.apply(parts.shortcut, x, rng);
      if (String(y.shape) !== String(around.shape)) {
        throw new ShapeError(
          "shape.residual",
          `A residual block would add ${describe(y)} to ${describe(around)}; give it a shortcut, as in residual(inner, dense(${around.shape}, ${y.shape}))`,
          { inner: y.shape, shortcut: around.shape },
        );
      }
      return y.add(around);
    },
  };
}

/** How a residual block is made. */
export interface ResidualBlockOptions {
  /** Width in the middle (default that of the block). */
  readonly hidden?: number;
  readonly activation?: ActivationName;
  /** Part of the middle that is dropped while training (default 0). */
  readonly dropout?: number;
}

/** x + W₂ a(W₁ norm(x) + b₁) + b₂: two layers around which the input flows, normalised before. */
export function residualBlock(size: number, options: ResidualBlockOptions = {}) {
  checkOptions("nn.residualBlock", options, { hidden: true, activation: true, dropout: true });
  const { hidden = size, activation: name = "relu", dropout: rate = 0 } = options;
  return residual(
    sequential(
      layerNorm(size),
      dense(size, hidden, { activation: name }),
      rate > 0 ? dropout(rate) : activation("none"),
      dense(hidden, size),
    ),
  );
}
