import { ExactNumber } from "./exactnumber.js";
import { maxDepth } from "./json.js";
import { isList, isObject } from "./writejson.js";

/**
 * Whether two documents say the same: numbers by value (`1` is `1.0`), objects in any order of keys. What
 * nests deeper than documents may is equal to nothing.
 */
export function sameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (depth > maxDepth) return false;
  const x = a instanceof ExactNumber ? a.value : a;
  const y = b instanceof ExactNumber ? b.value : b;
  if (x === y) return true;
  if (isList(x) && isList(y)) {
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!sameJson(x[i], y[i], depth + 1)) return false;
    return true;
  }
  if (!isObject(x) || !isObject(y)) return false;
  const keys = Object.keys(x);
  return (
    keys.length === Object.keys(y).length &&
    keys.every((key) => Object.hasOwn(y, key) && sameJson(x[key], y[key], depth + 1))
  );
}
