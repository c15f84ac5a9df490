import type { Values } from "../../../core/events.js";
import { makeValues, type Kind as ValueKind } from "../../columnvalues.js";
import type { DataPlace } from "../../dataerror.js";

/** How one type of number is stored (big-endian) and kept. */
export interface Kind {
  readonly bytes: number;
  make(length: number, place?: DataPlace): Values;
  fill(out: Values, from: number, count: number, view: DataView, at: number): void;
}

function kind<T extends number | bigint>(
  bytes: number,
  kept: ValueKind,
  get: (view: DataView, at: number) => T,
): Kind {
  return {
    bytes,
    make: (length, place) => makeValues(kept, length, place),
    fill(out, from, count, view, at) {
      for (let i = 0; i < count; i++) out[from + i] = get(view, at + i * bytes);
    },
  };
}

/** By the C++ names of the types. */
export const kinds = {
  bool: kind(1, "bool", (view, at) => (view.getUint8(at) === 0 ? 0 : 1)),
  i8: kind(1, "i32", (view, at) => view.getInt8(at)),
  u8: kind(1, "i32", (view, at) => view.getUint8(at)),
  i16: kind(2, "i32", (view, at) => view.getInt16(at)),
  u16: kind(2, "i32", (view, at) => view.getUint16(at)),
  i32: kind(4, "i32", (view, at) => view.getInt32(at)),
  u32: kind(4, "u32", (view, at) => view.getUint32(at)),
  i64: kind(8, "i64", (view, at) => view.getBigInt64(at)),
  u64: kind(8, "u64", (view, at) => view.getBigUint64(at)),
  f32: kind(4, "f32", (view, at) => view.getFloat32(at)),
  f64: kind(8, "f64", (view, at) => view.getFloat64(at)),
} as const;
