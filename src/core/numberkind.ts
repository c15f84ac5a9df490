import { InputError } from "./errors.js";
import { describe } from "./tree.js";

/** What an array's numbers are to a graph, by the kind of the array alone: data never change a trace. */
export interface NumberKind {
  /** `float`: rounded to the table's float type. Integers are exact: i32, or f64 where 32 bits have no sign. */
  readonly dtype: "float" | "i32" | "f64";
  /** 8: so few digits that the table's float type computes with them exactly, too. */
  readonly bits?: 8;
}

const float: NumberKind = { dtype: "float" };
const small: NumberKind = { dtype: "i32", bits: 8 };
const whole: NumberKind = { dtype: "i32" };
const unsigned: NumberKind = { dtype: "f64" };

const kinds: Readonly<Record<string, NumberKind>> = {
  Float64Array: float,
  Float32Array: float,
  Float16Array: float,
  Int8Array: small,
  Uint8Array: small,
  Uint8ClampedArray: small,
  Int16Array: whole,
  Uint16Array: whole,
  Int32Array: whole,
  Uint32Array: unsigned,
};

/** The kind of a typed array or an array of numbers; null where there is none, as for 64-bit integers. */
export function numberKind(values: unknown): NumberKind | null {
  if (values instanceof Float64Array || values instanceof Float32Array || Array.isArray(values)) return float;
  // By name: arrays from another realm (a frame, a vm context) are of other classes.
  return kinds[arrayName(values)] ?? null;
}

/** Throws an InputError for arrays that no small input takes. */
export function requireKind(values: unknown): NumberKind {
  const kind = numberKind(values);
  if (kind) return kind;
  if (!ArrayBuffer.isView(values)) {
    throw new InputError(
      "input.array",
      `${describe(values)} is no array of numbers; give numbers in an array, as [1, 2] or a Float64Array`,
      { got: typeof values },
    );
  }
  throw new InputError(
    "input.bigint",
    `a ${arrayName(values) || typeof values} cannot be computed with; 64-bit integers up to 2^53 are exact in a Float64Array.from(values, Number)`,
    { kind: arrayName(values) },
  );
}

/** `Float64Array`, or "" for what is no typed array. */
export function arrayName(values: unknown): string {
  return ArrayBuffer.isView(values) && Symbol.toStringTag in values
    ? String((values as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag])
    : "";
}

/** One letter per kind, for the keys of traces. */
export function kindLetter({ dtype, bits }: NumberKind): string {
  return dtype === "float" ? "f" : dtype === "f64" ? "u" : bits ? "b" : "i";
}
