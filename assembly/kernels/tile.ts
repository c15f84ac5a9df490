import { inside } from "../check";
import { rows, staged, tile } from "../state";

/** Rows of k f32, row-major, into a tile [k][T]; see `load_`. */
export function f32_load(pc: usize): void {
  loadRows<f32>(pc);
}

/** Rows of k f64, row-major, into a tile [k][T]; see `load_`. */
export function f64_load(pc: usize): void {
  loadRows<f64>(pc);
}

/** Rows of k f32, row-major, into a tile [k][T] of f64; operands as of `loadRows`. */
export function f64_loadSingle(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * 8;
  let out = <usize>load<u32>(pc, 16);
  const row = k * 4;
  let src = <usize>load<u32>(pc, 20) + <usize>(tile - staged) * (pitch >> 3) * row;
  const valid = <usize>rows * 8;
  if (!ASC_NO_ASSERT) inside(out, k * pitch);
  if (!ASC_NO_ASSERT) inside(src, <usize>rows * row);
  const first = out;
  for (let j: usize = 0; j < k; j++) {
    let e: usize = 0;
    if (k == 1)
      for (; e + 32 <= valid; e += 32) {
        const v = v128.load(src + (e >> 1));
        v128.store(out + e, f64x2.promote_low_f32x4(v));
        v128.store(out + e, f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0)), 16);
      }
    for (let from = src + (e >> 3) * row; e < valid; e += 8) {
      store<f64>(out + e, <f64>load<f32>(from));
      from += row;
    }
    out += pitch;
    src += 4;
  }
  if (valid < pitch) pad<f64>(first, k, pitch, valid);
}

/** Rows of k i32, row-major, into a tile [k][T]; see `load_`. */
export function i32_load(pc: usize): void {
  loadRows<f32>(pc);
}

/** The valid rows of a tile [k][T] into rows of k f32, row-major. */
export function f32_store(pc: usize): void {
  storeRows<f32>(pc);
}

/** The valid rows of a tile [k][T] into rows of k f64, row-major. */
export function f64_store(pc: usize): void {
  storeRows<f64>(pc);
}

/** The valid rows of a tile [k][T] into rows of k i32, row-major. */
export function i32_store(pc: usize): void {
  storeRows<f32>(pc);
}

/**
 * Operands k, T, out, base. Padding repeats the last valid row, whatever the staging area holds behind it.
 * i32 moves as f32: no arithmetic happens, so the bits survive.
 */
function loadRows<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const T = <usize>load<u32>(pc, 12);
  const out = <usize>load<u32>(pc, 16);
  const pitch = T * sizeof<X>();
  const row = k * sizeof<X>();
  const src = <usize>load<u32>(pc, 20) + <usize>(tile - staged) * T * row;
  const valid = <usize>rows * sizeof<X>();
  if (!ASC_NO_ASSERT) assert(tile >= staged && <usize>rows <= T, "a tile has more rows than lanes, or is not staged");
  if (!ASC_NO_ASSERT) inside(out, k * pitch);
  if (!ASC_NO_ASSERT) inside(src, <usize>rows * row);
  if (k == 1) copy(out, src, valid);
  else {
    const whole = valid & ~15;
    for (let j: usize = 0; j < k; ) {
      const step: usize = sizeof<X>() == 8 ? min<usize>(k - j, 2) : k - j >= 4 ? 4 : 1;
      const to = out + j * pitch;
      let from = src + j * sizeof<X>();
      let e: usize = 0;
      for (; e < whole; e += 16) {
        if (sizeof<X>() == 8) {
          const a = v128.load(from);
          const b = v128.load(from + row);
          v128.store(to + e, i64x2.shuffle(a, b, 0, 2));
          // With one feature left, the second lanes belong to the next rows and are not used.
          if (step == 2) v128.store(to + e + pitch, i64x2.shuffle(a, b, 1, 3));
        } else if (step == 4) transpose(to + e, pitch, from, row);
        else v128.store(to + e, gather(from, row));
        from += row * (16 / sizeof<X>());
      }
      for (; e < valid; e += sizeof<X>()) {
        for (let i: usize = 0; i < step; i++) store<X>(to + i * pitch + e, load<X>(from + i * sizeof<X>()));
        from += row;
      }
      j += step;
    }
  }
  if (valid < pitch) pad<X>(out, k, pitch, valid);
}

function pad<X>(out: usize, k: usize, pitch: usize, valid: usize): void {
  for (let j: usize = 0; j < k; j++) {
    const last: X = valid ? load<X>(out + valid - sizeof<X>()) : <X>0;
    for (let e = valid; e < pitch; e += sizeof<X>()) store<X>(out + e, last);
    out += pitch;
  }
}

/** Operands k, T, a, base. Rows behind the valid ones are not written. */
function storeRows<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const T = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const pitch = T * sizeof<X>();
  const row = k * sizeof<X>();
  const dst = <usize>load<u32>(pc, 20) + <usize>(tile - staged) * T * row;
  const valid = <usize>rows * sizeof<X>();
  if (!ASC_NO_ASSERT) assert(tile >= staged && <usize>rows <= T, "a tile has more rows than lanes, or is not staged");
  if (!ASC_NO_ASSERT) inside(a, k * pitch);
  if (!ASC_NO_ASSERT) inside(dst, <usize>rows * row);
  if (k == 1) {
    copy(dst, a, valid);
    return;
  }
  const whole = valid & ~15;
  for (let j: usize = 0; j < k; ) {
    const left = k - j;
    const step: usize = sizeof<X>() == 8 ? min<usize>(left, 2) : left >= 4 ? 4 : 1;
    const from = a + j * pitch;
    let to = dst + j * sizeof<X>();
    let e: usize = 0;
    if (step > 1 || sizeof<X>() == 4)
      for (; e < whole; e += 16) {
        if (step == 1) scatter(to, row, v128.load(from + e));
        else if (sizeof<X>() == 8) {
          const first = v128.load(from + e);
          const second = v128.load(from + e + pitch);
          v128.store(to, i64x2.shuffle(first, second, 0, 2));
          v128.store(to + row, i64x2.shuffle(first, second, 1, 3));
        } else transpose(to, row, from + e, pitch);
        to += row * (16 / sizeof<X>());
      }
    for (; e < valid; e += sizeof<X>()) {
      for (let i: usize = 0; i < step; i++) store<X>(to + i * sizeof<X>(), load<X>(from + i * pitch + e));
      to += row;
    }
    j += step;
  }
}

/** Copies whole and partial vectors; cheaper than memory.copy for the size of a tile. */
export function copy(to: usize, from: usize, bytes: usize): void {
  const whole = bytes & ~15;
  let i: usize = 0;
  for (; i < whole; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i));
}

/** Four lanes, each to the next row. */
// @ts-ignore: decorator
@inline function scatter(to: usize, row: usize, v: v128): void {
  v128.store32_lane(to, v, 0);
  v128.store32_lane(to + row, v, 1);
  v128.store32_lane(to + row * 2, v, 2);
  v128.store32_lane(to + row * 3, v, 3);
}

/** Four lanes, each from the next row. */
// @ts-ignore: decorator
@inline function gather(from: usize, row: usize): v128 {
  let v = v128.load32_zero(from);
  v = v128.load32_lane(from + row, v, 1);
  v = v128.load32_lane(from + row * 2, v, 2);
  return v128.load32_lane(from + row * 3, v, 3);
}

/** 4 x 4 transposition between rows of the two pitches. */
// @ts-ignore: decorator
@inline function transpose(to: usize, toPitch: usize, from: usize, fromPitch: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromPitch);
  const c = v128.load(from + fromPitch * 2);
  const d = v128.load(from + fromPitch * 3);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const AB = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const CD = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(to + toPitch, i64x2.shuffle(ab, cd, 1, 3));
  v128.store(to + toPitch * 2, i64x2.shuffle(AB, CD, 0, 2));
  v128.store(to + toPitch * 3, i64x2.shuffle(AB, CD, 1, 3));
}

/** The row index of each event, from the index of the first row in the staging areas at base; operands T, out, base. */
export function any_rowIndex(pc: usize): void {
  const T = load<i32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const bytes = <usize>T << 2;
  let v = i32x4.add(i32x4.splat(load<i32>(<usize>load<u32>(pc, 16)) + (tile - staged) * T), i32x4(0, 1, 2, 3));
  for (let e: usize = 0; e < bytes; e += 16) {
    v128.store(out + e, v);
    v = i32x4.add(v, i32x4.splat(4));
  }
}
