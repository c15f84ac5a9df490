import { inside } from "../check";
import { factorBytes } from "../generated/agreed";

/**
 * Products of gathered factors; operands count, m, F, R, out f64[count][R], x f64[count][m], idx i32[F][R]:
 * out[b][r] = product over f of x[b][idx[f][r]]; an idx outside 0..m-1 is no factor.
 */
export function f64_gatherProduct(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const m = load<u32>(pc, 12);
  const F = <usize>load<u32>(pc, 16);
  const R = <usize>load<u32>(pc, 20);
  let out = <usize>load<u32>(pc, 24);
  let x = <usize>load<u32>(pc, 28);
  const index = <usize>load<u32>(pc, 32);
  for (let b: usize = 0; b < count; b++) {
    for (let r: usize = 0; r < R; r++) {
      let product = 1.0;
      let at = index + r * 4;
      for (let f: usize = 0; f < F; f++) {
        const i = load<u32>(at);
        if (i < m) product *= load<f64>(x + <usize>i * 8);
        at += R * 4;
      }
      store<f64>(out + r * 8, product);
    }
    out += R * 8;
    x += <usize>m * 8;
  }
}

/**
 * Reverse of `f64_gatherProduct`; operands count, m, F, R, out f64[count][m], x f64[count][m], idx i32[F][R],
 * g f64[count][R], scratch (`factorBytes`). Each factor's share is the product of all others, from products before and
 * after it, so that zeros are exact.
 */
export function f64_gatherProductGrad(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const m = load<u32>(pc, 12);
  const F = <usize>load<u32>(pc, 16);
  const R = <usize>load<u32>(pc, 20);
  let out = <usize>load<u32>(pc, 24);
  let x = <usize>load<u32>(pc, 28);
  const index = <usize>load<u32>(pc, 32);
  let g = <usize>load<u32>(pc, 36);
  const before = <usize>load<u32>(pc, 40);
  if (!ASC_NO_ASSERT) inside(before, factorBytes(F));
  memory.fill(out, 0, count * <usize>m * 8);
  const row = R * 4;
  for (let b: usize = 0; b < count; b++) {
    for (let r: usize = 0; r < R; r++) {
      // A strong zero: where a mask made a cotangent 0, factors may be infinite or NaN.
      if (load<f64>(g + r * 8) == 0.0) continue;
      let product = 1.0;
      let at = index + r * 4;
      for (let f: usize = 0; f < F; f++) {
        store<f64>(before + f * 8, product);
        const i = load<u32>(at);
        if (i < m) product *= load<f64>(x + <usize>i * 8);
        at += row;
      }
      let after = load<f64>(g + r * 8);
      for (let f = F; f-- > 0; ) {
        at -= row;
        const i = load<u32>(at);
        if (i >= m) continue;
        const to = out + <usize>i * 8;
        store<f64>(to, load<f64>(to) + after * load<f64>(before + f * 8));
        after *= load<f64>(x + <usize>i * 8);
      }
    }
    out += <usize>m * 8;
    x += <usize>m * 8;
    g += R * 8;
  }
}
