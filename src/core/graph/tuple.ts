import { InternalError } from "../../text/gradcuterror.js";

/** Lists by how many items they have at least. */
interface Tuples<T> {
  1: readonly [T, ...T[]];
  2: readonly [T, T, ...T[]];
  3: readonly [T, T, T, ...T[]];
  4: readonly [T, T, T, T, ...T[]];
  5: readonly [T, T, T, T, T, ...T[]];
  6: readonly [T, T, T, T, T, T, ...T[]];
}

const has = <T, N extends keyof Tuples<T>>(items: readonly T[], count: N): items is Tuples<T>[N] =>
  items.length >= count;

/** The same list, of which the first items can be named; an InternalError where there are fewer. */
export function tuple<T, N extends keyof Tuples<T>>(items: readonly T[], count: N): Tuples<T>[N] {
  if (has(items, count)) return items;
  throw new InternalError("list.length", `a list has ${items.length} items where ${count} belong`, { count });
}
