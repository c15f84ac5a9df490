import { softmax, sum } from "../core/elementary/fold.js";
import { InputError, ShapeError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { describe, type EventTensor, type Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import { cross } from "../ops/combine.js";
import { split } from "../random/keys.js";
import { type DenseParams, dense } from "./dense.js";
import type { Initializer, InitializerName } from "./initializers.js";
import type { Layer } from "./layer.js";

/**
 * For each row of a child table what the rows of its event say, weighted by how well they fit: Σⱼ softmaxⱼ(q · kⱼ/√d) vⱼ, for
 * queries [d], keys [d] and values [m], or with heads [heads, d] and [heads, m]. Queries may be of another child of the same
 * parent than keys and values (jets that look at tracks). All pairs of an event are worked on at once, see `cross`.
 *
 * @throws ShapeError where shapes do not fit, AxisError where rows do not have one parent
 */
export function attend(queries: Tensor, keys: Tensor, values: Tensor): EventTensor {
  checkArguments("attend", { queries: [queries, tensor], keys: [keys, tensor], values: [values, tensor] });
  const [shapes, heads] = [[queries, keys, values].map((t) => t.shape), queries.shape.slice(0, -1)];
  const [q, k, v] = [queries.shape, keys.shape, values.shape].map((shape) => shape.join());
  const [width] = values.shape.slice(-1);
  if (queries.shape.length === 0 || q !== k || v !== [...heads, width].join()) {
    throw new ShapeError(
      "shape.attend",
      `'attend' needs queries and keys of one shape, and values with as many heads, but got ${[queries, keys, values].map(describe).join(", ")}; one number each is .reshape([1])`,
      { shapes },
    );
  }
  const [a, b] = cross({ queries }, { keys, values });
  const scores = a.queries
    .mul(b.keys)
    .sum(-1)
    .div(Math.sqrt(queries.shape.at(-1)!));
  const weights = softmax(scores, "parent").reshape([...heads, 1]);
  return sum(weights.mul(b.values), "parent");
}

/** Weights of queries, keys and values, and those of what they give. */
export interface AttentionParams {
  queries: DenseParams;
  keys: DenseParams;
  values: DenseParams;
  result: DenseParams;
}

/** How an attention layer is made. */
export interface AttentionOptions {
  /** How many times rows look at each other, each with a part of the outputs (default 1). */
  readonly heads?: number;
  /** Weights at the start, as those of `dense`. */
  readonly weights?: Initializer | InitializerName;
}

/**
 * Self-attention within an event: x [inputs] per child to [outputs] per child, each from all children of its event. After it a
 * sum over "parent" is a deep set whose parts know each other; with `residual` around it a block of a transformer.
 */
export function attention(
  inputs: number,
  outputs: number,
  options: AttentionOptions = {},
): Layer<AttentionParams> {
  checkOptions("nn.attention", options, { heads: true, weights: true });
  const { heads = 1, weights } = options;
  if (!(Number.isInteger(heads) && heads > 0 && Number.isInteger(outputs / heads))) {
    throw new InputError(
      "attention.heads",
      `An attention layer of ${outputs} outputs cannot have ${heads} heads: they share the outputs in whole numbers, as in attention(4, 16, { heads: 2 }).`,
      { outputs, heads },
    );
  }
  const part = dense(inputs, outputs, { bias: false, ...(weights ? { weights } : {}) });
  const last = dense(outputs, outputs, weights ? { weights } : {});
  return {
    init: (key) => {
      const [queries, keys, values, result] = split(key, 4);
      return {
        queries: part.init(queries!),
        keys: part.init(keys!),
        values: part.init(values!),
        result: last.init(result!),
      };
    },
    apply: (params, x) => {
      const shape = [heads, outputs / heads];
      const of = (own: typeof params.queries) => part.apply(own, x).reshape(shape);
      const seen = attend(of(params.queries), of(params.keys), of(params.values));
      return last.apply(params.result, seen.reshape([outputs]));
    },
  };
}
