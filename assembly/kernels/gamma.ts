import { f64_digamma } from "../math/gamma";

const PI: f64 = 3.14159265358979323846;

/** B_2, B_4, ..., B_24. */
const BERNOULLI = memory.data<f64>([
  0.16666666666666667, -0.033333333333333333, 0.023809523809523810, -0.033333333333333333,
  0.075757575757575758, -0.25311355311355311, 1.1666666666666667, -7.0921568627450980,
  54.971177944862155, -529.12424242424242, 6192.1231884057971, -86580.253113553114,
]);
const TERMS = 12;

/** Room for the coefficients of a polynomial in the cotangent. */
const LARGEST_ORDER = 100;
const COEFFICIENTS = memory.data((LARGEST_ORDER + 2) * 8);

/** out = the derivative of digamma of the given order (0 to 100) at a: n, out, a, order. */
export function f64_polygamma(pc: usize): void {
  const n = load<i32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const order = load<i32>(pc, 20);
  for (let i: usize = 0; i < (<usize>n); i++)
    store<f64>(out + (i << 3), polygamma(load<f64>(a + (i << 3)), order));
}

/** The same in f32, computed in f64. */
export function f32_polygamma(pc: usize): void {
  const n = load<i32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const order = load<i32>(pc, 20);
  for (let i: usize = 0; i < (<usize>n); i++)
    store<f32>(out + (i << 2), <f32>polygamma(<f64>load<f32>(a + (i << 2)), order));
}

function polygamma(x: f64, order: i32): f64 {
  if (order == 0) return f64x2.extract_lane(f64_digamma(f64x2.splat(x)), 0);
  if (order > LARGEST_ORDER) return NaN;
  return x > 0 ? polygammaRight(x, order) : polygammaLeft(x, order);
}

/**
 * (-1)^(k+1) (k-1)! times the sum of k / (x+i)^(k+1) over i, and the asymptotic series
 * y^-k + k / (2 y^(k+1)) + sum_j B_2j (2j+k-1)! / ((2j)! (k-1)!) y^(-2j-k),
 * with y = x + (number of terms of the first sum) large enough for the asymptotic series.
 */
function polygammaRight(x: f64, order: i32): f64 {
  const k = <f64>order;
  let factor: f64 = order & 1 ? 1.0 : -1.0;
  for (let i = 2; i < order; i++) factor *= <f64>i;
  let sum: f64 = 0;
  let y = x;
  for (; y < 12.0 + k; y += 1.0) sum += power(1.0 / y, order + 1);
  let term = power(1.0 / y, order);
  let series = term + (0.5 * k * term) / y;
  for (let j = 1; j <= TERMS; j++) {
    const m = <f64>(2 * j);
    term *= ((m + k - 1.0) * (m + k - 2.0)) / (m * (m - 1.0) * y * y);
    series += term * load<f64>(BERNOULLI + ((<usize>(j - 1)) << 3));
  }
  return factor * (series + k * sum);
}

/** (-1)^k polygamma(1 - x) - pi (d/dx)^k cot(pi x); at the poles infinite (odd orders) or NaN. */
function polygammaLeft(x: f64, order: i32): f64 {
  const d = x - nearest(x);
  if (d == 0) return order & 1 ? Infinity : NaN;
  const right = polygammaRight(1.0 - x, order);
  // The cosine as a sine keeps its relative accuracy near 0.
  const cotangent = Math.sin(PI * (0.5 - abs(d))) / Math.sin(PI * d);
  return (order & 1 ? -right : right) - power(PI, order + 1) * cotangentDerivative(cotangent, order);
}

/** The polynomial P_k(c) of the k-th derivative of c = cot: P_0 = c, P_(k+1) = -(1 + c^2) P_k'. */
function cotangentDerivative(c: f64, order: i32): f64 {
  memory.fill(COEFFICIENTS, 0, (LARGEST_ORDER + 2) * 8);
  store<f64>(COEFFICIENTS + 8, 1.0);
  for (let k = 1; k <= order; k++) {
    // In place from the lowest power up: new[i] = -((i + 1) old[i + 1] + (i - 1) old[i - 1]).
    let before: f64 = 0; // old[i - 1]
    for (let i = 0; i <= k + 1; i++) {
      const at = COEFFICIENTS + ((<usize>i) << 3);
      const old = load<f64>(at);
      const next = i <= k ? load<f64>(at, 8) : 0.0;
      store<f64>(at, -(<f64>(i + 1) * next + <f64>(i - 1) * before));
      before = old;
    }
  }
  let sum: f64 = 0;
  for (let i = order + 1; i >= 0; i--) sum = sum * c + load<f64>(COEFFICIENTS + ((<usize>i) << 3));
  return sum;
}

/** x^n for n >= 0. */
function power(x: f64, n: i32): f64 {
  let result: f64 = 1.0;
  for (let base = x; n > 0; n >>= 1) {
    if (n & 1) result *= base;
    base *= base;
  }
  return result;
}
