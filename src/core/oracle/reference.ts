/**
 * Scalar references of the special functions: slow, plain and accurate to a few 1e-16 relative.
 * The interpreter and the op tests use them; compiled functions never do.
 */

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

export function logSigmoid(x: number): number {
  return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
}

/** erfc(x)·exp(x²) for x ≥ 2: Laplace's continued fraction (DLMF 7.9.3), evaluated from the back. */
function erfcxTail(x: number): number {
  let f = x;
  for (let k = 200; k >= 1; k--) f = x + k / 2 / f;
  return 1 / (f * Math.sqrt(Math.PI));
}

/** exp(-x²/2) with the square split so that its rounding does not reach the result. */
function bell(x: number): number {
  if (Math.abs(x) > 40) return Number.isNaN(x) ? x : 0;
  const hi = Math.fround(x);
  const lo = x - hi;
  return Math.exp(-0.5 * hi * hi) * Math.exp(-0.5 * lo * (x + hi));
}

/** exp(-x²) with the square split so that its rounding does not reach the result. */
function expMinusSquare(x: number): number {
  const hi = Math.fround(x);
  const lo = x - hi;
  return Math.exp(-hi * hi) * Math.exp(-lo * (x + hi));
}

/** erf by its all-positive series (DLMF 7.6.2) inside 2, by the complement outside. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a >= 2) return Math.sign(x) * (1 - erfc(a));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * expMinusSquare(x) * sum;
}

export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return 2 - erfc(-x);
  if (x < 0.5) return 1 - erf(x);
  if (x > 28) return 0;
  if (x >= 2) return expMinusSquare(x) * erfcxTail(x);
  // Between, the series would cancel; erfc solves y' = -2/√π exp(-x²), so a Taylor step from 2 down is exact enough.
  return erfcMiddle(x);
}

/** erfc on [0.5, 2] by Simpson-free Gauss-Legendre of its integral from x to 2, added to erfc(2). */
function erfcMiddle(x: number): number {
  const nodes = [
    0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717,
  ];
  const weights = [
    0.2955242247147529, 0.2692667193099963, 0.2190863625159821, 0.1494513491505806, 0.0666713443086881,
  ];
  const pieces = 6;
  const half = (2 - x) / pieces / 2;
  let sum = 0;
  for (let p = 0; p < pieces; p++) {
    const mid = x + half * (2 * p + 1);
    for (let i = 0; i < 5; i++) {
      const d = half * nodes[i]!;
      sum += weights[i]! * (expMinusSquare(mid - d) + expMinusSquare(mid + d));
    }
  }
  return (2 / Math.sqrt(Math.PI)) * half * sum + expMinusSquare(2) * erfcxTail(2);
}

export function normCdf(x: number): number {
  if (x < -2) return 0.5 * bell(x) * erfcxTail(-x * Math.SQRT1_2);
  return x > 2 ? 1 - normCdf(-x) : 0.5 * erfc(-x * Math.SQRT1_2);
}

export function normPdf(x: number): number {
  return bell(x) * 0.3989422804014327;
}

export function normLogCdf(x: number): number {
  if (x > -2.9) return x > 0 ? Math.log1p(-normCdf(-x)) : Math.log(normCdf(x));
  if (x === Number.NEGATIVE_INFINITY) return x;
  const z = -x * Math.SQRT1_2;
  return -0.5 * x * x + Math.log(0.5 * erfcxTail(z));
}

/** φ(x) / Φ(x). */
export function normHazard(x: number): number {
  if (x > -2.9) return normPdf(x) / normCdf(x);
  if (x === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return Math.sqrt(2 / Math.PI) / erfcxTail(-x * Math.SQRT1_2);
}

/** log |Γ(x)| by Stirling's series (DLMF 5.11.1) after shifting x beyond 20; reflection below 1/2. */
export function lgamma(x: number): number {
  if (Number.isNaN(x) || x === Number.NEGATIVE_INFINITY)
    return Number.isNaN(x) ? x : Number.POSITIVE_INFINITY;
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
  if (x > 0.9 && x < 2.1) return lgammaNear(x);
  let shift = 1;
  let y = x;
  while (y < 20) shift *= y++;
  const r = 1 / y;
  const r2 = r * r;
  const series =
    r * (1 / 12 - r2 * (1 / 360 - r2 * (1 / 1260 - r2 * (1 / 1680 - r2 * (1 / 1188 - (r2 * 691) / 360360)))));
  return (y - 0.5) * Math.log(y) - y + 0.9189385332046728 + series - Math.log(shift);
}

/** Near its zeros 1 and 2, lgamma by Taylor series in zeta values (DLMF 5.7.3), so that it keeps relative accuracy. */
function lgammaNear(x: number): number {
  if (x > 1.5) return lgammaNear(x - 1) + Math.log1p(x - 2);
  const z = x - 1;
  let sum = -0.5772156649015329 * z;
  let power = z;
  for (let k = 2; k < 120; k++) {
    power *= -z;
    sum += (-power * zeta(k)) / k;
  }
  return sum;
}

const zetas: number[] = [];

/** ζ(s) for whole s ≥ 2 by Euler-Maclaurin from 200 on. */
function zeta(s: number): number {
  zetas[s] ??= zetaSum(s);
  return zetas[s];
}

function zetaSum(s: number): number {
  const n = 200;
  let sum = 0;
  for (let k = n - 1; k >= 1; k--) sum += k ** -s;
  return (
    sum +
    n ** (1 - s) / (s - 1) +
    n ** -s / 2 +
    (s * n ** (-s - 1)) / 12 -
    (s * (s + 1) * (s + 2) * n ** (-s - 3)) / 720
  );
}

/** ψ⁽ᵏ⁾(x): recurrence up to 25, then the asymptotic series (DLMF 5.11.2, 5.15.8); reflection for ψ below 0. */
export function polygamma(k: number, x: number): number {
  if (Number.isNaN(x)) return x;
  if (x <= 0 && Number.isInteger(x)) return Number.NaN;
  if (x < 0 && k === 0) return polygamma(0, 1 - x) - Math.PI / Math.tan(Math.PI * x);
  let factorial = 1;
  for (let i = 2; i < k; i++) factorial *= i;
  const kFactorial = k === 0 ? 1 : factorial * k;
  const signTerm = k % 2 === 0 ? -1 : 1;
  let sum = 0;
  let y = x;
  while (y < 25) {
    sum += k === 0 ? -1 / y : signTerm * kFactorial * y ** (-k - 1);
    y += 1;
  }
  const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];
  if (k === 0) {
    let tail = Math.log(y) - 0.5 / y;
    bernoulli.forEach((b, i) => {
      tail -= b / (2 * i + 2) / y ** (2 * i + 2);
    });
    return sum + tail;
  }
  let tail = factorial * y ** -k + (kFactorial / 2) * y ** (-k - 1);
  let rising = kFactorial * (k + 1);
  bernoulli.forEach((b, i) => {
    const n = 2 * i + 2;
    // b · (n + k - 1)! / n! · y^(-n-k)
    if (i === 0) rising = kFactorial * (k + 1);
    else rising *= ((n + k - 1) * (n + k - 2)) / 1;
    let nFactorial = 1;
    for (let j = 2; j <= n; j++) nFactorial *= j;
    tail += (b * rising * y ** (-n - k)) / nFactorial;
  });
  return sum + signTerm * tail;
}
