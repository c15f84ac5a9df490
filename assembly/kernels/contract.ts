import { apart } from "../check";
import { contractBytes, strongZeros } from "../generated/agreed";
import { rows, tile, tiles } from "../state";
import { grid, line } from "./dots";

/** out[i][j] = sum of a[i][e] b[j][e] over the f32 events of a block; see `contract`. */
export function f32_contract(pc: usize): void {
  contract<f32>(pc, 0);
}

/** out[i][j] = sum of a[i][e] b[j][e] over the f64 events of a block; see `contract`. */
export function f64_contract(pc: usize): void {
  contract<f64>(pc, 0);
}

/** The same with strong zeros; see `contract`. */
export function f32_contractMasked(pc: usize): void {
  contract<f32>(pc, load<u32>(pc, 36));
}

/** The same with strong zeros; see `contract`. */
export function f64_contractMasked(pc: usize): void {
  contract<f64>(pc, load<u32>(pc, 36));
}

/** Most events that an f32 accumulator sees. */
const longest: u32 = 1024;

/**
 * Words 2...: ka, kb, T, out f64[ka][kb], a [ka][T], b [kb][T], scratch.
 * One vector of partial sums per cell of out lives in scratch across tiles; every 1024 events, and after the last
 * tile, its lanes are added to out in f64. The lanes of a and b behind the last valid row may be set to 0.
 * Scratch: `contractBytes`, twice of that with strong zeros.
 *
 * `strong`, word 9 of the masked kernels, says whose zeros are strong (`strongZeros`: first of a, second of b): where a mask made a cotangent
 * 0, the other factor may be infinite or NaN, and the product is 0. A row of a or b with such a number shows in every
 * cell of that row, so one cell of each is looked at, and only then the sums of the tile are made again, from those of
 * the tile before; for that they go from one half of the scratch to the other.
 */
function contract<T>(pc: usize, strong: u32): void {
  const ka = <usize>load<u32>(pc, 8);
  const kb = <usize>load<u32>(pc, 12);
  const lanes = load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  const a = <usize>load<u32>(pc, 24);
  const b = <usize>load<u32>(pc, 28);
  const room = <usize>load<u32>(pc, 32);
  const pitch = <usize>lanes * sizeof<T>();
  const cells = ka * kb;
  const half = contractBytes(cells);
  if (!ASC_NO_ASSERT) apart(out, cells * 8, a, ka * pitch);
  if (!ASC_NO_ASSERT) apart(room, strong ? 2 * half : half, b, kb * pitch);
  if (tile == 0) {
    memory.fill(out, 0, cells * 8);
    memory.fill(room, 0, strong ? 2 * half : half);
  }
  let sums = room;
  let shift: usize = 0;
  if (strong) {
    shift = tile & 1 ? 0 - half : half;
    if (tile & 1) sums += half;
  }
  const valid = <usize>rows * sizeof<T>();
  const used = (valid + 15) & ~15;
  if (valid < used) {
    clear(a, ka, pitch, valid, used);
    clear(b, kb, pitch, valid, used);
  }
  if (rows > 0) {
    if (kb == 1) line<T>(ka, a, b, pitch, used, sums, shift);
    else if (ka == 1) line<T>(kb, b, a, pitch, used, sums, shift);
    else grid<T>(ka, kb, a, b, pitch, used, sums, shift);
    if (strong && !sound<T>(ka, kb, sums + shift)) masked<T>(ka, kb, a, b, pitch, used, sums, shift, strong);
  } else if (strong) memory.copy(sums + shift, sums, half);
  const period = max<u32>(longest / lanes, 1);
  if (tile == tiles - 1 || <u32>(tile + 1) % period == 0) flush<T>(sums + shift, out, cells);
}

/** Whether the first cell of every row and column of cells is finite. */
function sound<T>(ka: usize, kb: usize, sums: usize): bool {
  let odd = i64x2.splat(0);
  for (let j: usize = 0; j < kb; j++) {
    const c = v128.load(sums + j * 16);
    odd = v128.or(odd, v128.ne<T>(v128.sub<T>(c, c), i64x2.splat(0)));
  }
  for (let i: usize = 1; i < ka; i++) {
    const c = v128.load(sums + i * kb * 16);
    odd = v128.or(odd, v128.ne<T>(v128.sub<T>(c, c), i64x2.splat(0)));
  }
  return !v128.any_true(odd);
}

/** The sums of a tile in the same order, a product being 0 where a factor with strong zeros is. */
function masked<T>(
  ka: usize, kb: usize, a: usize, b: usize, pitch: usize, used: usize, sums: usize, shift: usize, strong: u32,
): void {
  const zero = i64x2.splat(0);
  const all = i64x2.splat(-1);
  const ofA = strong & strongZeros.first ? zero : all;
  const ofB = strong & strongZeros.second ? zero : all;
  for (let i: usize = 0; i < ka; i++) {
    for (let j: usize = 0; j < kb; j++) {
      let c = v128.load(sums);
      for (let e: usize = 0; e < used; e += 16) {
        const x = v128.load(a + i * pitch + e);
        const y = v128.load(b + j * pitch + e);
        const counts = v128.and(v128.or(v128.ne<T>(x, zero), ofA), v128.or(v128.ne<T>(y, zero), ofB));
        c = v128.add<T>(c, v128.and(v128.mul<T>(x, y), counts));
      }
      v128.store(sums + shift, c);
      sums += 16;
    }
  }
}

/** Zeroes the lanes behind the last valid row, up to the end of its vector: garbage there may be inf or NaN. */
function clear(a: usize, k: usize, pitch: usize, valid: usize, used: usize): void {
  for (; k; k--) {
    for (let i = valid; i < used; i += 4) store<u32>(a + i, 0);
    a += pitch;
  }
}

/** Adds the lanes of every sum to out and zeroes it. */
function flush<T>(sums: usize, out: usize, cells: usize): void {
  const zero = i64x2.splat(0);
  for (; cells; cells--) {
    let v = v128.load(sums);
    v128.store(sums, zero);
    if (sizeof<T>() == 4)
      v = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 0)));
    store<f64>(out, load<f64>(out) + (f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)));
    sums += 16;
    out += 8;
  }
}
