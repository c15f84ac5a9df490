/**
 * The speed limit of the kernels: n rounds of 8 products added to 8 sums, 64 flops a round. It is the inner loop of
 * `rows4` with the weights in registers and x read from 256 bytes. No product waits for a sum; in chains v = v m + a
 * it would, and 12 of them, as many as registers allow, are 5-12 % slower. (x has to change: engines that unroll
 * the loop share repeated products.) Returns a number that depends on all sums.
 */
export function peakF32(n: i32): f32 {
  const s0 = v128.load_splat<f32>(numbers);
  const s1 = v128.load_splat<f32>(numbers, 4);
  const s2 = v128.load_splat<f32>(numbers, 8);
  const s3 = v128.load_splat<f32>(numbers, 12);
  let v0 = s0, v1 = s0, v2 = s0, v3 = s0, v4 = s0, v5 = s0, v6 = s0, v7 = s0;
  for (; n > 0; n--) {
    const p = numbers + ((<usize>n & 7) << 5);
    const x0 = v128.load(p);
    const x1 = v128.load(p, 16);
    v0 = f32x4.add(v0, f32x4.mul(s0, x0));
    v1 = f32x4.add(v1, f32x4.mul(s0, x1));
    v2 = f32x4.add(v2, f32x4.mul(s1, x0));
    v3 = f32x4.add(v3, f32x4.mul(s1, x1));
    v4 = f32x4.add(v4, f32x4.mul(s2, x0));
    v5 = f32x4.add(v5, f32x4.mul(s2, x1));
    v6 = f32x4.add(v6, f32x4.mul(s3, x0));
    v7 = f32x4.add(v7, f32x4.mul(s3, x1));
  }
  v0 = f32x4.add(f32x4.add(f32x4.add(v0, v1), f32x4.add(v2, v3)), f32x4.add(f32x4.add(v4, v5), f32x4.add(v6, v7)));
  return f32x4.extract_lane(v0, 0) + f32x4.extract_lane(v0, 1) + f32x4.extract_lane(v0, 2) + f32x4.extract_lane(v0, 3);
}

/** Eight pairs of vectors; signs alternate, so that the sums stay bounded. */
const numbers = memory.data<f32>([
  0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0,
  -0.125, -0.25, -0.375, -0.5, -0.625, -0.75, -0.875, -1.0,
  0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 1.125,
  -0.25, -0.375, -0.5, -0.625, -0.75, -0.875, -1.0, -1.125,
  0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 1.125, 1.25,
  -0.375, -0.5, -0.625, -0.75, -0.875, -1.0, -1.125, -1.25,
  0.5, 0.625, 0.75, 0.875, 1.0, 1.125, 1.25, 1.375,
  -0.5, -0.625, -0.75, -0.875, -1.0, -1.125, -1.25, -1.375,
]);
