/**
 * The normal distribution by arithmetic and square roots alone: `Math.log` and `Math.exp` may differ
 * in the last bit between engines, and what starts a training must not.
 */

/**
 * x with Φ(x) = p, to about 1e-16 relative: algorithm AS 241, PPND16 (Wichura, Appl. Statist. 37, 477,
 * 1988), its constants rounded to f64. 0 gives -∞, 1 gives ∞, anything outside NaN.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(central, 0.180625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  if (tail === 0) return q < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!(tail > 0)) return Number.NaN;
  const r = Math.sqrt(-log(tail));
  const x = r <= 5 ? ratio(middle, r - 1.6) : ratio(far, r - 5);
  return q < 0 ? -x : x;
}

/** Φ(x), as the inverse of {@link normalQuantile}: slow, for the ends of a truncation. */
export function normalProbability(x: number): number {
  if (x > 0) return 1 - normalProbability(-x);
  if (x === Number.NEGATIVE_INFINITY) return 0;
  let high = 0.5;
  while (high > 0 && normalQuantile(0.5 * high) > x) high *= 0.5;
  let low = 0.5 * high;
  for (;;) {
    const middleOf = low + 0.5 * (high - low);
    if (middleOf === low || middleOf === high) return high;
    if (normalQuantile(middleOf) > x) high = middleOf;
    else low = middleOf;
  }
}

/** Natural logarithm of a positive finite number: ln m + e ln 2, ln m = 2 artanh((m - 1) / (m + 1)). */
function log(x: number): number {
  let m = x;
  let e = 0;
  for (; m < Math.SQRT1_2; m *= 2) e--;
  for (; m > Math.SQRT2; m /= 2) e++;
  const s = (m - 1) / (m + 1);
  let sum = 0;
  // |s| < 0.172: the term after the last one is below 1e-17 of the first.
  for (let k = 21; k > 0; k -= 2) sum = sum * s * s + 1 / k;
  return e * Math.LN2 + 2 * s * sum;
}

type Rational = readonly [numerator: readonly number[], denominator: readonly number[]];

function ratio([numerator, denominator]: Rational, x: number): number {
  let [p, q] = [0, 0];
  for (let i = 7; i >= 0; i--) {
    p = p * x + numerator[i]!;
    q = q * x + denominator[i]!;
  }
  return p / q;
}

const central: Rational = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
];

const middle: Rational = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
];

const far: Rational = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
];
