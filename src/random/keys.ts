/**
 * Random numbers as functions of a key, as in `jax.random`: the same key gives the same numbers, so
 * use each key once, for numbers or for new keys.
 *
 * Keys, bits and uniform numbers are those of JAX's default generator in 64-bit mode (uniform to its
 * 52 bits); normal ones agree to rounding.
 */

import { InputError } from "../core/errors.js";
import { checkArguments, list } from "../core/graph/arguments.js";
import type { Legal } from "../text/legal.js";
import { normalProbability, normalQuantile } from "./gauss.js";
import { blocks, type Key, threefry2x32 } from "./threefry.js";

export type { Key };

/** A key, as `key` and `split` make it. */
const aKey: Legal = {
  words: "a key, as key(1) makes it",
  accepts: (value) => list.accepts(value) && (value as Key).length === 2,
};

/** The key of a seed: a whole number from 0 to 2^53 - 1. */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError("seed", `The seed is ${seed}: use a whole number from 0 to 2^53 - 1.`, { seed });
  }
  return [Math.floor(seed / 0x1_0000_0000), seed >>> 0];
}

/** n new keys, independent of each other. */
export function split(parent: Key, n = 2): Key[] {
  checkArguments("split", { parent: [parent, aKey] });
  const words = blocks(parent, requireCount(n));
  return Array.from({ length: n }, (_, i): Key => [words[2 * i]!, words[2 * i + 1]!]);
}

/** The new key for a whole number from 0 to 2^32 - 1, as the step of a training. */
export function foldIn(parent: Key, data: number): Key {
  checkArguments("foldIn", { parent: [parent, aKey] });
  if (!Number.isInteger(data) || data < 0 || data >= 0x1_0000_0000) {
    const sentence = `A key cannot be folded with ${data}: use a whole number from 0 to 2^32 - 1.`;
    throw new InputError("fold", sentence, { data });
  }
  const [a, b] = threefry2x32(parent, Uint32Array.of(0, data));
  return [a!, b!];
}

/** n random 32-bit words. */
export function bits(source: Key, n: number): Uint32Array {
  checkArguments("bits", { key: [source, aKey] });
  const words = blocks(source, n);
  return Uint32Array.from({ length: n }, (_, i) => words[2 * i]! ^ words[2 * i + 1]!);
}

/** n numbers in [0, 1), multiples of 2^-53. */
export function uniform(source: Key, n: number): Float64Array {
  return draw("uniform", source, n, (high, low) => (high * 0x20_0000 + (low >>> 11)) * 0.5 * Number.EPSILON);
}

/** n standard normal numbers, |x| < 8.3. */
export function normal(source: Key, n: number): Float64Array {
  return draw("normal", source, n, (high, low) => normalQuantile(inside(high, low)));
}

/** n standard normal numbers in [lower, upper], by the inverse of the distribution function. */
export function truncatedNormal(source: Key, n: number, lower: number, upper: number): Float64Array {
  if (!(lower < upper)) throw emptyTruncation(lower, upper);
  // Above the middle, probabilities are too close to 1 to tell apart: draw the mirror image.
  if (lower > 0) return truncatedNormal(source, n, -upper, -lower).map((x) => -x);
  const [from, to] = [normalProbability(lower), normalProbability(upper)];
  if (!(from < to)) throw emptyTruncation(lower, upper);
  return draw("truncatedNormal", source, n, (high, low) => {
    const x = normalQuantile(from + inside(high, low) * (to - from));
    return Math.min(Math.max(x, lower), upper);
  });
}

function emptyTruncation(lower: number, upper: number): InputError {
  const sentence = `No normal numbers lie between ${lower} and ${upper}: give lower < upper, one of them within 37.`;
  return new InputError("truncation", sentence, { lower, upper });
}

/** A number in (0, 1) from 52 of the bits, in the middle of its interval, so never 0 or 1. */
const inside = (high: number, low: number): number =>
  (high * 0x10_0000 + (low >>> 12) + 0.5) * Number.EPSILON;

function requireCount(n: number): number {
  if (Number.isSafeInteger(n) && n >= 0) return n;
  throw new InputError(
    "random.count",
    `${typeof n === "number" ? n : `A ${typeof n}`} is no count of random numbers or keys: use a whole number from 0.`,
    { count: n },
  );
}

function draw(what: string, source: Key, n: number, fn: (high: number, low: number) => number): Float64Array {
  checkArguments(what, { key: [source, aKey] });
  const words = blocks(source, requireCount(n));
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = fn(words[2 * i]!, words[2 * i + 1]!);
  return out;
}
