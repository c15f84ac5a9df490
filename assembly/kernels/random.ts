import { staged, tile } from "../state";

/** Where `threefry` leaves the two words of its four blocks; `ownKey` has more. */
const words: usize = memory.data(48, 16);

/** b rotated left by `turn` bits, exclusive or a. */
// @ts-ignore: decorator
@inline function mix(a: v128, b: v128, turn: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(b, turn), i32x4.shr_u(b, 32 - turn)), a);
}

/** Threefry2x32 with 20 rounds (Salmon et al., SC'11) of four counters (a, b); the result lies at `words`. */
function threefry(k0: v128, k1: v128, a: v128, b: v128): void {
  const k2 = v128.xor(v128.xor(k0, k1), i32x4.splat(0x1bd11bda));
  a = i32x4.add(a, k0);
  b = i32x4.add(b, k1);
  a = i32x4.add(a, b);
  b = mix(a, b, 13);
  a = i32x4.add(a, b);
  b = mix(a, b, 15);
  a = i32x4.add(a, b);
  b = mix(a, b, 26);
  a = i32x4.add(a, b);
  b = mix(a, b, 6);
  a = i32x4.add(a, k1);
  b = i32x4.add(b, i32x4.add(k2, i32x4.splat(1)));
  a = i32x4.add(a, b);
  b = mix(a, b, 17);
  a = i32x4.add(a, b);
  b = mix(a, b, 29);
  a = i32x4.add(a, b);
  b = mix(a, b, 16);
  a = i32x4.add(a, b);
  b = mix(a, b, 24);
  a = i32x4.add(a, k2);
  b = i32x4.add(b, i32x4.add(k0, i32x4.splat(2)));
  a = i32x4.add(a, b);
  b = mix(a, b, 13);
  a = i32x4.add(a, b);
  b = mix(a, b, 15);
  a = i32x4.add(a, b);
  b = mix(a, b, 26);
  a = i32x4.add(a, b);
  b = mix(a, b, 6);
  a = i32x4.add(a, k0);
  b = i32x4.add(b, i32x4.add(k1, i32x4.splat(3)));
  a = i32x4.add(a, b);
  b = mix(a, b, 17);
  a = i32x4.add(a, b);
  b = mix(a, b, 29);
  a = i32x4.add(a, b);
  b = mix(a, b, 16);
  a = i32x4.add(a, b);
  b = mix(a, b, 24);
  a = i32x4.add(a, k1);
  b = i32x4.add(b, i32x4.add(k2, i32x4.splat(4)));
  a = i32x4.add(a, b);
  b = mix(a, b, 13);
  a = i32x4.add(a, b);
  b = mix(a, b, 15);
  a = i32x4.add(a, b);
  b = mix(a, b, 26);
  a = i32x4.add(a, b);
  b = mix(a, b, 6);
  a = i32x4.add(a, k2);
  b = i32x4.add(b, i32x4.add(k0, i32x4.splat(5)));
  v128.store(words, a);
  v128.store(words, b, 16);
}

/** A whole number held as f64, in four lanes; what is none or out of range saturates. */
function lanes(at: usize): v128 {
  return i32x4.shuffle(i32x4.trunc_sat_f64x2_u_zero(f64x2.splat(load<f64>(at))), i32x4.splat(0), 0, 0, 0, 0);
}

/** Uniform numbers for an f32 tile; see `uniform`. */
export function f32_uniform(pc: usize): void {
  uniform<f32>(pc);
}

/** Uniform numbers for an f64 tile; see `uniform`. */
export function f64_uniform(pc: usize): void {
  uniform<f64>(pc);
}

/**
 * Operands k, T, out, key f64[2], step f64, stream, base, and for children row i32[T], places i32[T]…: k numbers per event in
 * (0, 1), a function of key, step, stream, place j < k, and the row, counted from the first in the staging areas at `base`.
 *
 * The key of a call is the block of (stream, step) under `key`. Word j % 2 of its block of (j / 2, row) gives the
 * number, as the middle of one of 2^23 intervals for f32. For f64 it is followed by 20 bits from the block of
 * (j / 2 + 2^31, row), so that both types give the same number but for rounding.
 *
 * Each child has a key of its own: the block of (its place in the parent, row of the event) under that of the call, and for
 * deeper ones that of (place, 0) under the one of the parent. Of these the row is 0.
 */
function uniform<X>(pc: usize): void {
  const k = load<i32>(pc, 8);
  const T = load<i32>(pc, 12);
  const out = <usize>load<u32>(pc, 16);
  const key = <usize>load<u32>(pc, 20);
  threefry(lanes(key), lanes(key + 8), i32x4.splat(load<i32>(pc, 28)), lanes(<usize>load<u32>(pc, 24)));
  const k0 = v128.load(words);
  const k1 = v128.load(words, 16);
  const first = load<i32>(<usize>load<u32>(pc, 32)) + (tile - staged) * T;
  const pitch = <usize>T * sizeof<X>();
  const below = load<u32>(pc, 4) > 9;
  for (let j = 0; j < k; j += 2) {
    const odd = j + 1 < k ? pitch : 0;
    const start = out + <usize>j * pitch;
    const end = start + pitch;
    let row = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
    if (below) for (let at = start; at < end; at += 4 * sizeof<X>()) {
      ownKey(pc, k0, k1, (at - start) / sizeof<X>() * 4);
      draw<X>(j, at, odd, v128.load(words), v128.load(words, 16), v128.load(words, 32));
    } else for (let at = start; at < end; at += 4 * sizeof<X>()) {
      draw<X>(j, at, odd, k0, k1, row);
      row = i32x4.add(row, i32x4.splat(4));
    }
  }
}

/** The keys of four children, to `words`, and behind them their row; their numbers are `at` bytes behind the first. */
function ownKey(pc: usize, k0: v128, k1: v128, at: usize): void {
  let row = v128.load(<usize>load<u32>(pc, 36) + at);
  const end = pc + (<usize>load<u32>(pc, 4) << 2);
  for (let level = pc + 40; level < end; level += 4) {
    threefry(k0, k1, v128.load(<usize>load<u32>(level) + at), row);
    k0 = v128.load(words);
    k1 = v128.load(words, 16);
    row = i32x4.splat(0);
  }
  v128.store(words, row, 32);
}

/** Numbers j of four rows to `at`, and those after them as far behind as `odd` says, where that is not 0. */
// @ts-ignore: decorator
@inline function draw<X>(j: i32, at: usize, odd: usize, k0: v128, k1: v128, row: v128): void {
  threefry(k0, k1, i32x4.splat(j >> 1), row);
  const a = v128.load(words);
  const b = v128.load(words, 16);
  if (sizeof<X>() == 4) {
    v128.store(at, single(a));
    if (odd) v128.store(at + odd, single(b));
  } else {
    threefry(k0, k1, i32x4.splat((j >> 1) | 0x80000000), row);
    double(at, a, v128.load(words));
    if (odd) double(at + odd, b, v128.load(words, 16));
  }
}

/** (w / 2^9 + 1/2) / 2^23. */
// @ts-ignore: decorator
@inline function single(w: v128): v128 {
  const n = f32x4.convert_i32x4_s(i32x4.shr_u(w, 9));
  return f32x4.mul(f32x4.add(n, f32x4.splat(0.5)), f32x4.splat(1.1920928955078125e-7));
}

/** (high · 2^20 + low / 2^12 + 1/2) / 2^52 of four lanes, to `at`. */
// @ts-ignore: decorator
@inline function double(at: usize, high: v128, low: v128): void {
  v128.store(at, middle(high, low));
  v128.store(at, middle(i64x2.shuffle(high, high, 1, 0), i64x2.shuffle(low, low, 1, 0)), 16);
}

// @ts-ignore: decorator
@inline function middle(high: v128, low: v128): v128 {
  const n = f64x2.mul(f64x2.convert_low_i32x4_u(high), f64x2.splat(1048576));
  const rest = f64x2.add(f64x2.convert_low_i32x4_u(i32x4.shr_u(low, 12)), f64x2.splat(0.5));
  return f64x2.mul(f64x2.add(n, rest), f64x2.splat(2.220446049250313e-16));
}
