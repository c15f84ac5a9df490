import { inside } from "../check";
/** Small f64[k] to every event of an f32 tile [k][T]; operands k, T, out, a. */
export function f32_spread(pc: usize): void {
  spread<f32, f64>(pc);
}

/** Small f64[k] to every event of an f64 tile [k][T]; operands k, T, out, a. */
export function f64_spread(pc: usize): void {
  spread<f64, f64>(pc);
}

/** Small i32[k] to every event of an i32 tile [k][T]; operands k, T, out, a. */
export function i32_spread(pc: usize): void {
  spread<i32, i32>(pc);
}

function spread<X, From>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  let out = <usize>load<u32>(pc, 16);
  const a = <usize>load<u32>(pc, 20);
  if (!ASC_NO_ASSERT) inside(out, k * pitch);
  if (!ASC_NO_ASSERT) inside(a, k * sizeof<From>());
  for (let j: usize = 0; j < k; j++) {
    const v = v128.splat<X>(<X>load<From>(a + j * sizeof<From>()));
    for (let e: usize = 0; e < pitch; e += 32) {
      v128.store(out + e, v);
      v128.store(out + e, v, 16);
    }
    out += pitch;
  }
}
