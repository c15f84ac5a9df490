/** f32 to f64; operands n, out, a. */
export function f64_fromF32(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  // Two at a time: an f64 buffer of odd length has one element of padding, not three.
  for (let i: usize = 0; i < n; i += 2)
    v128.store(out + i * 8, f64x2.promote_low_f32x4(v128.load64_zero(a + i * 4)));
}

/** f64 to f32, to the nearest; operands n, out, a. */
export function f32_fromF64(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  for (let i: usize = 0; i < n; i += 2)
    v128.store64_lane(out + i * 4, f32x4.demote_f64x2_zero(v128.load(a + i * 8)), 0);
}

/** i32 to f32, to the nearest; operands n, out, a. */
export function f32_fromI32(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  for (let i: usize = 0; i < n; i += 4)
    v128.store(out + i * 4, f32x4.convert_i32x4_s(v128.load(a + i * 4)));
}

/** i32 to f64, exact; operands n, out, a. */
export function f64_fromI32(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  for (let i: usize = 0; i < n; i += 2)
    v128.store(out + i * 8, f64x2.convert_low_i32x4_s(v128.load64_zero(a + i * 4)));
}

/** f64 to i32, truncating; saturates, NaN gives 0; operands n, out, a. */
export function i32_fromF64(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  for (let i: usize = 0; i < n; i += 2)
    v128.store64_lane(out + i * 4, i32x4.trunc_sat_f64x2_s_zero(v128.load(a + i * 8)), 0);
}

/** f32 to i32, truncating; saturates, NaN gives 0; operands n, out, a. */
export function i32_fromF32(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  for (let i: usize = 0; i < n; i += 4)
    v128.store(out + i * 4, i32x4.trunc_sat_f32x4_s(v128.load(a + i * 4)));
}
