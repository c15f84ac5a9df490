import { inside } from "../check";
import { systemBytes } from "../generated/agreed";
import { solved } from "./linalg";

/** The systems of f32 lanes, solved in f64; see `solveEach`. */
export function f32_solveEach(pc: usize): void {
  solveEach<f32>(pc);
}

/** The systems of f64 lanes; see `solveEach`. */
export function f64_solveEach(pc: usize): void {
  solveEach<f64>(pc);
}

/**
 * Operands n, T, out, A, b, scratch (`systemBytes`): A[n][n] out[n] = b[n] in each of T lanes, by LU with partial pivoting.
 * A singular matrix gives NaN; a b of zeros gives zeros, whatever A is.
 */
function solveEach<X>(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  const a = <usize>load<u32>(pc, 20);
  const b = <usize>load<u32>(pc, 24);
  const lu = <usize>load<u32>(pc, 28);
  const x = lu + n * n * 8;
  if (!ASC_NO_ASSERT) inside(lu, systemBytes(n));
  for (let lane: usize = 0; lane < pitch; lane += sizeof<X>()) {
    let zero = true;
    for (let i: usize = 0; i < n; i++) {
      const right = <f64>load<X>(b + i * pitch + lane);
      if (right != 0.0) zero = false;
      store<f64>(x + i * 8, right);
    }
    if (zero) memory.fill(x, 0, n * 8);
    else {
      for (let i: usize = 0; i < n * n; i++) store<f64>(lu + i * 8, <f64>load<X>(a + i * pitch + lane));
      solved(lu, x, n, 1);
    }
    for (let i: usize = 0; i < n; i++) store<X>(out + i * pitch + lane, <X>load<f64>(x + i * 8));
  }
}
