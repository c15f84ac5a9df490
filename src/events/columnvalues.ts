import type { Numbers, Values } from "../core/events.js";
import { checkArguments } from "../text/checkoptions.js";
import { numbers } from "../text/legal.js";
import { DataError, type DataPlace } from "./dataerror.js";

/**
 * What a column of a file holds; 8 and 16-bit integers are i32. Readers make the kind of array that is the kind of number:
 * a Uint8Array is true and false (1 and 0).
 */
export type Kind = "f64" | "f32" | "i32" | "u32" | "bool" | "i64" | "u64";

const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const satisfies Record<Kind, unknown>;

/** Columns that were made here and not read; a file holds them as i32. */
const shorter = [Int8Array, Int16Array, Uint16Array, Uint8ClampedArray] as const;

/**
 * Zeros of a kind.
 *
 * @throws DataError that says the size when there is not enough memory
 */
export function makeValues(kind: Kind, length: number, place: DataPlace = {}): Values {
  const Type = arrays[kind];
  try {
    return new Type(length);
  } catch (cause) {
    const gigabytes = (length * Type.BYTES_PER_ELEMENT) / 1e9;
    const what = place.column === undefined ? "A column" : `Column ${place.column}`;
    const sentence = `${what} of ${length} numbers needs ${Number(gigabytes.toPrecision(3))} GB of memory, more than there is; read fewer files or rows at once.`;
    throw new DataError("data.tooLarge", sentence, place, { cause });
  }
}

export function kindOf(values: Values): Kind {
  for (const [kind, Type] of Object.entries(arrays)) if (values instanceof Type) return kind as Kind;
  for (const Type of shorter) if (values instanceof Type) return "i32";
  const got = Object.prototype.toString.call(values).slice(8, -1);
  const sentence = `A column is no typed array of numbers but ${got}; make one, as Float64Array.from(…).`;
  throw new DataError("data.notNumber", sentence);
}

/** Zeros in the same kind of array. */
export function sameKind<V extends Values>(values: V, length: number): V {
  const Shorter = shorter.find((Type) => values instanceof Type);
  return (Shorter ? new Shorter(length) : makeValues(kindOf(values), length)) as V;
}

export function isWide(values: Values): values is BigInt64Array | BigUint64Array {
  return values instanceof BigInt64Array || values instanceof BigUint64Array;
}

/**
 * The numbers as f64. No copy when they are f64 already.
 *
 * @throws DataError for a 64-bit integer that no f64 is, with the name of the column where it is given
 */
export function asFloat64(values: Values, column?: string): Float64Array {
  checkArguments("asFloat64", { values: [values, numbers] });
  if (values instanceof Float64Array) return values;
  const out = makeValues("f64", values.length) as Float64Array;
  if (isWide(values)) for (let i = 0; i < out.length; i++) out[i] = exactNumber(values[i]!, column);
  else out.set(values);
  return out;
}

/** 64-bit integers in 32 bits where these hold them, so that they stay exact; else as f64. */
export function held(values: Values, name: string): Numbers {
  if (!isWide(values)) return values;
  const within = (least: bigint, most: bigint) => values.every((x: bigint) => x >= least && x <= most);
  if (within(-(2n ** 31n), 2n ** 31n - 1n)) return Int32Array.from(values as BigInt64Array, Number);
  if (within(0n, 2n ** 32n - 1n)) return Uint32Array.from(values as BigInt64Array, Number);
  return asFloat64(values, name);
}

/** A whole number as f64. Throws DataError where that would change it. */
export function exactNumber(value: bigint | number, column?: string): number {
  const number = Number(value);
  if (typeof value === "number" || Number.isSafeInteger(number) || BigInt(number) === value) return number;
  const what = column === undefined ? "A column" : `Column ${column}`;
  const sentence = `${what} holds ${value}, which no f64 is, and f64 is what expressions compute with: leave it out of them.`;
  throw new DataError("data.unsupported", sentence, { column });
}

/**
 * One array from several. Of different kinds they become f64, but 64-bit integers stay when all numbers are whole:
 * one file of events may have only small event numbers.
 *
 * @throws DataError when f64 would change a whole number
 */
export function joinValues(parts: readonly Values[], column = "of numbers"): Values {
  const kinds = new Set(parts.map(kindOf));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (kinds.size === 1) return join(parts, makeValues([...kinds][0]!, length));
  if (kinds.has("i64") || kinds.has("u64")) {
    const wide = parts.map(asBigInts);
    const kind = kinds.has("u64") && wide.every((part) => part?.every((x) => x >= 0n)) ? "u64" : "i64";
    const fits = (x: bigint) => (kind === "u64" ? BigInt.asUintN(64, x) : BigInt.asIntN(64, x)) === x;
    if (wide.every((part) => part?.every(fits))) {
      return join(wide as (BigInt64Array | BigUint64Array)[], makeValues(kind, length));
    }
    if (parts.some((part) => isWide(part) && part.some((x) => BigInt(Number(x)) !== x))) {
      const sentence = `Column ${column} has whole numbers beyond 2**53 in one table and other numbers in another.`;
      throw new DataError("data.mismatch", sentence, { column });
    }
  }
  // 32-bit integers and f32 become f64 where they are written.
  return join(
    parts.map((part) => (isWide(part) ? asFloat64(part, column) : part)),
    makeValues("f64", length),
  );
}

/** Undefined where a number is not whole or too large to be exact. */
function asBigInts(values: Values): BigInt64Array | BigUint64Array | undefined {
  if (isWide(values)) return values;
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!;
    if (!Number.isSafeInteger(value)) return undefined;
    out[i] = BigInt(value);
  }
  return out;
}

function join(parts: readonly Values[], out: Values): Values {
  let at = 0;
  for (const part of parts) {
    // One kind on both sides, which the type of `set` cannot say.
    (out as Float64Array).set(part as Float64Array, at);
    at += part.length;
  }
  return out;
}
