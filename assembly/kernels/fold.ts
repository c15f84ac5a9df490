import { apart, inside } from "../check";
import { sumBytes } from "../generated/agreed";
import { f32_exp, f64_exp } from "../math/exp";
import { f64_log } from "../math/log";
import { rows, tile, tiles } from "../state";

/** Sums of an f32 tile over the events of a block; see `foldSum`. */
export function f32_foldSum(pc: usize): void {
  foldSum<f32>(pc);
}

/** Sums of an f64 tile over the events of a block; see `foldSum`. */
export function f64_foldSum(pc: usize): void {
  foldSum<f64>(pc);
}

/**
 * Operands k, T, out f64[k], a, scratch (`sumBytes`). Four vector accumulators per feature and tile, in a fixed
 * order; f32 goes to f64 after each tile.
 */
function foldSum<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  let a = <usize>load<u32>(pc, 20);
  const scratch = <usize>load<u32>(pc, 24);
  const valid = <usize>rows * sizeof<X>();
  if (!ASC_NO_ASSERT) assert(valid <= pitch, "a tile has more rows than lanes");
  if (!ASC_NO_ASSERT) apart(out, k * 8, a, k * pitch);
  if (!ASC_NO_ASSERT) inside(scratch, sumBytes(k));
  for (let j: usize = 0; j < k; j++) {
    let s0 = i64x2.splat(0);
    let s1 = s0, s2 = s0, s3 = s0;
    let e: usize = 0;
    for (; e + 64 <= valid; e += 64) {
      s0 = v128.add<X>(s0, v128.load(a + e));
      s1 = v128.add<X>(s1, v128.load(a + e, 16));
      s2 = v128.add<X>(s2, v128.load(a + e, 32));
      s3 = v128.add<X>(s3, v128.load(a + e, 48));
    }
    for (; e + 16 <= valid; e += 16) s0 = v128.add<X>(s0, v128.load(a + e));
    if (e < valid) s1 = v128.add<X>(s1, v128.and(v128.load(a + e), firstLanes<X>((valid - e) / sizeof<X>())));
    let sum = widen<X>(v128.add<X>(v128.add<X>(s0, s1), v128.add<X>(s2, s3)));
    if (tile) sum = f64x2.add(v128.load(scratch + j * 16), sum);
    v128.store(scratch + j * 16, sum);
    if (tile == tiles - 1)
      store<f64>(out + j * 8, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
    a += pitch;
  }
}

/** All bits set in the first n lanes. */
// @ts-ignore: decorator
@inline export function firstLanes<X>(n: usize): v128 {
  return sizeof<X>() == 4
    ? i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>n))
    : i64x2.lt_s(i64x2(0, 1), i64x2.splat(<i64>n));
}

/** The sum of the lanes as two f64 lanes. */
// @ts-ignore: decorator
@inline export function widen<X>(v: v128): v128 {
  return sizeof<X>() == 4
    ? f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0)))
    : v;
}

/** Maxima of an f32 tile over the events of a block; see `foldMax`. */
export function f32_foldMax(pc: usize): void {
  foldMax<f32>(pc);
}

/** Maxima of an f64 tile over the events of a block; see `foldMax`. */
export function f64_foldMax(pc: usize): void {
  foldMax<f64>(pc);
}

/** Operands k, T, out f64[k], a, scratch (not used). Without rows -inf; NaN propagates. */
function foldMax<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  let a = <usize>load<u32>(pc, 20);
  for (let j: usize = 0; j < k; j++) {
    const m = greatest<X>(a);
    store<f64>(out + j * 8, tile ? max<f64>(load<f64>(out + j * 8), m) : m);
    a += pitch;
  }
}

/** The maximum of the valid rows of one feature. pmax skips NaN and costs a fifth of max: NaN is looked for apart. */
function greatest<X>(a: usize): f64 {
  const valid = <usize>rows * sizeof<X>();
  const least = v128.splat<X>(<X>-Infinity);
  let m = least;
  let n = least;
  let odd = i64x2.splat(0);
  let e: usize = 0;
  for (; e + 32 <= valid; e += 32) {
    const x = v128.load(a + e);
    const y = v128.load(a + e, 16);
    m = v128.pmax<X>(m, x);
    n = v128.pmax<X>(n, y);
    odd = v128.or(odd, v128.or(v128.ne<X>(x, x), v128.ne<X>(y, y)));
  }
  for (; e < valid; e += 16) {
    const x = v128.bitselect(v128.load(a + e), least, firstLanes<X>((valid - e) / sizeof<X>()));
    m = v128.pmax<X>(m, x);
    odd = v128.or(odd, v128.ne<X>(x, x));
  }
  if (v128.any_true(odd)) return NaN;
  m = v128.pmax<X>(m, n);
  if (sizeof<X>() == 4) m = f64x2.pmax(f64x2.promote_low_f32x4(m), f64x2.promote_low_f32x4(i64x2.shuffle(m, m, 1, 0)));
  return max<f64>(f64x2.extract_lane(m, 0), f64x2.extract_lane(m, 1));
}

/** log of the sum of exp of an f32 tile over the events of a block; see `foldLogsumexp`. */
export function f32_foldLogsumexp(pc: usize): void {
  foldLogsumexp<f32>(pc);
}

/** log of the sum of exp of an f64 tile over the events of a block; see `foldLogsumexp`. */
export function f64_foldLogsumexp(pc: usize): void {
  foldLogsumexp<f64>(pc);
}

/**
 * Operands k, T, out f64[2 k] (k maxima m, then k sums s of exp(a - m)), a, scratch (not used).
 * Nothing above -inf: m = -inf, s = 0. Some +inf: m = +inf, s = 1.
 */
function foldLogsumexp<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  let a = <usize>load<u32>(pc, 20);
  for (let j: usize = 0; j < k; j++) {
    const at = out + j * 8;
    let m = tile ? load<f64>(at) : -Infinity;
    let s = tile ? load<f64>(at + k * 8) : 0.0;
    const top = greatest<X>(a);
    if (top > m) {
      s *= f64x2.extract_lane(f64_exp(f64x2.splat(m - top)), 0);
      m = top;
    }
    if (top != top) m = top;
    if (m == Infinity) s = 1.0;
    else if (m != -Infinity) s += expSum<X>(a, <X>m);
    store<f64>(at, m);
    store<f64>(at + k * 8, s);
    a += pitch;
  }
}

/** Sum of exp(a - m) over the valid rows of one feature. */
function expSum<X>(a: usize, m: X): f64 {
  const valid = <usize>rows * sizeof<X>();
  const shift = v128.splat<X>(m);
  let s = i64x2.splat(0);
  let e: usize = 0;
  for (; e + 16 <= valid; e += 16) s = v128.add<X>(s, exp<X>(v128.sub<X>(v128.load(a + e), shift)));
  if (e < valid) {
    const last = exp<X>(v128.sub<X>(v128.load(a + e), shift));
    s = v128.add<X>(s, v128.and(last, firstLanes<X>((valid - e) / sizeof<X>())));
  }
  s = widen<X>(s);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

// @ts-ignore: decorator
@inline function exp<X>(x: v128): v128 {
  return sizeof<X>() == 4 ? f32_exp(x) : f64_exp(x);
}

/** Operands k, out, a f64[2 k] as of `foldLogsumexp`: m + log(s). */
export function f64_logsumexpFinish(pc: usize): void {
  const bytes = <usize>load<u32>(pc, 8) << 3;
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  for (let i: usize = 0; i < bytes; i += 8) {
    const m = load<f64>(a + i);
    const s = load<f64>(a + bytes + i);
    // An infinite maximum is the answer, whatever log would add.
    const log = abs<f64>(m) == Infinity ? 0.0 : f64x2.extract_lane(f64_log(f64x2.splat(s)), 0);
    store<f64>(out + i, m + log);
  }
}
