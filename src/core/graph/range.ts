import { constantValue } from "./op.js";
import type { Tensor } from "./tensor.js";

const anything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** Bounds every element of `t` lies in, from what the records say; (-∞, ∞) where nothing is known. */
export function range(t: Tensor, depth = 8): readonly [number, number] {
  const value = constantValue(t);
  if (value !== null) return [value, value];
  if (depth === 0) return anything;
  if ((t.op.uniform || t.op.alias) && t.args[0]) return range(t.args[0], depth - 1);
  if (!t.op.range) return anything;
  const [lower, upper] = t.op.range(t.args.map((a) => range(a, depth - 1)));
  return !Number.isNaN(lower) && !Number.isNaN(upper) ? [lower, upper] : anything;
}
