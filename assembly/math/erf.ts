/**
 * The error function and the normal distribution.
 *
 * The lower tail is a product, Phi(-a) = bell(a) mills(a) for a >= 0 with bell(a) = exp(-a^2 / 2), so that it
 * keeps its relative accuracy. mills is (1/2 + a P(a) / Q(a)) / (1 + BETA a) on [0, infinity): the quotient stays
 * below 0.11, and so do the errors of both sums. BETA sqrt(2) is exact, and BETA nearly so. erf uses
 * x + x P(x^2) / Q(x^2) below 1 and 1 - exp(-x^2) P(x) / Q(x) above, with one shared division; erf in f32 is
 * one rational of x. All are own minimax fits (weighted Lawson iteration): error 1e-17 in f64, 2e-8 in f32.
 * bell squares its argument exactly, as a sum of two parts: the plain square would lose log2(a^2) bits.
 * Largest errors: erf 6.3 ulp (f64: 1.2), erfc and normCdf 4 ulp (f64: 3.3), normPdf 2.1 ulp, normLogCdf 5.2 ulp,
 * normHazard 3.7 ulp.
 */

import { expFraction, expFractionLow, expLowest, expPower, expQuotient } from "./exp";
import { logSum } from "./log";
import { entry, madd, poly4, poly5, poly6, poly10, select } from "./vector";

// Entries of the tables.
const ONE: usize = 0;
const HALF: usize = 1;
const SIGN: usize = 2;
const SQRT2: usize = 3;
const TWO: usize = 4;
const INV_SQRT_2PI: usize = 5;
const FAR: usize = 6; // for mills, beyond any precision
const END: usize = 7; // erf is 1 from here on
const REACH: usize = 8; // bell(x) is 0 from here on, and the square of this is finite
const BETA: usize = 9;
const BETA_SQRT2: usize = 10;

const TABLE32 = memory.data<f32>([
  1.0, 0.5, -0.0, 1.41421356237309504880, 2.0, 0.39894228040143267794, 1e5, 3.93, 20.0,
  1.320300942996756705717, 1.8671875,
]);
const TABLE64 = memory.data<f64>([
  1.0, 0.5, -0.0, 1.41421356237309504880, 2.0, 0.39894228040143267794, 1e10, 6.0, 50.0,
  1.320300942996756705717, 1.8671875,
]);
const LEADING32 = memory.data<i32>([0xfffff000]);
const LEADING64 = memory.data<i64>([0xfffffffff8000000]);

// Numerator, then denominator, of each rational; that of mills has no leading 1.
const MILLS32 = memory.data<f32>([
  0.2612087939, 0.187494038, 0.06210311802, 0.01039293597, 0.000447437741,
  1.777234005, 1.365786295, 0.579195978, 0.1389595642, 0.01674299329,
]);
const MILLS64 = memory.data<f64>([
  0.2612081910969461044485, 0.3838976374627665782089, 0.2803125183657388136469, 0.1313937560336985787668,
  0.04331755212058782939959, 0.01042217823903954189318, 0.00184377637184572190307, 0.0002356226980420501662195,
  0.00002065413108388900500809, 0.00000110084985984999583109, 2.527709423975873056737e-8,
  2.529099503747535772028, 2.997916103867505686558, 2.203574778418111795972, 1.118957651407810964677,
  0.4134808342653979775894, 0.1138978135923897372747, 0.0235016281169362612124, 0.003582115005565539669276,
  0.0003873549477179378755383, 0.0000270733809419345465293, 9.45862076531594195298e-7,
]);
const WHOLE32 = memory.data<f32>([
  1.128379145, 0.1907778037, 0.05278947961, 0.003779351044, 0.0002848029099, 2.042016927e-6,
  1.0, 0.5024051469, 0.1142550235, 0.01499691651, 0.001165150543, 3.800425875e-5,
]);
const NEAR64 = memory.data<f64>([
  0.12837916709551257458, -0.31701407095861000139, -0.048309909134714985995, -0.0088125549855549215817,
  -0.00049513399324640580564, -0.000020710312125212733878,
  1.0, 0.46045101717515303743, 0.093784317535690135236, 0.010687394757445441247, 0.00069192043288939989254,
  0.000020784039762130305439,
]);
const BEYOND64 = memory.data<f64>([
  0.99999988695648136987, 1.3905909641091076089, 0.94953747016954620029, 0.37360915791001533489,
  0.084352012510958792908, 0.0089307804508734849157,
  1.0, 2.51896894035841155, 2.7918955272491016995, 1.757190595379815634, 0.67017920629134610191,
  0.14950614412261048065, 0.015829518666788781962,
]);

// @ts-ignore: decorator
@inline function constant<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? TABLE32 : TABLE64, i);
}
// @ts-ignore: decorator
@inline function leading<T>(x: v128): v128 {
  return v128.and(x, entry<T>(sizeof<T>() == 4 ? LEADING32 : LEADING64, 0));
}

/** p exp(-a^2 scale) for a >= 0 and a scale of 1/2 or 1; 0 where the exponential is not a normal number. */
// @ts-ignore: decorator
@inline function gaussian<T>(p: v128, a: v128, scale: v128): v128 {
  const near = v128.pmin<T>(a, constant<T>(REACH));
  const head = leading<T>(near);
  const square = v128.neg<T>(v128.mul<T>(v128.mul<T>(head, head), scale));
  const rest = v128.mul<T>(v128.mul<T>(v128.sub<T>(head, near), v128.add<T>(head, near)), scale);
  const z = v128.pmax<T>(square, expLowest<T>());
  const quotient = expQuotient<T>(z);
  const y = v128.mul<T>(expPower<T>(quotient), madd<T>(p, expFractionLow<T>(z, rest, quotient), p));
  return v128.andnot(y, v128.lt<T>(square, z));
}

/** exp(-x^2 / 2). */
// @ts-ignore: decorator
@inline export function bell<T>(x: v128): v128 {
  return gaussian<T>(constant<T>(ONE), v128.andnot(x, constant<T>(SIGN)), constant<T>(HALF));
}

/** Phi(-a) / exp(-a^2 / 2) times 1 + BETA a, for 0 <= a < FAR: from 0.5 to 0.61. */
// @ts-ignore: decorator
@inline function level<T>(a: v128): v128 {
  const p = sizeof<T>() == 4 ? poly4<T>(MILLS32, 0, a) : poly10<T>(MILLS64, 0, a);
  const q = sizeof<T>() == 4 ? poly4<T>(MILLS32, 5, a) : poly10<T>(MILLS64, 11, a);
  const ratio = v128.div<T>(v128.mul<T>(a, p), madd<T>(q, a, constant<T>(ONE)));
  return v128.add<T>(constant<T>(HALF), ratio);
}
/** Phi(-a) / exp(-a^2 / 2) for a >= 0. */
// @ts-ignore: decorator
@inline export function mills<T>(a: v128): v128 {
  const x = v128.pmin<T>(a, constant<T>(FAR));
  return v128.div<T>(level<T>(x), madd<T>(x, constant<T>(BETA), constant<T>(ONE)));
}
/** mills(root) exp(-a^2 scale), with one rounding less than the product; slope a = BETA root. */
// @ts-ignore: decorator
@inline function tail<T>(a: v128, scale: v128, root: v128, slope: v128): v128 {
  const m = level<T>(v128.pmin<T>(root, constant<T>(FAR)));
  return v128.div<T>(gaussian<T>(m, a, scale), madd<T>(a, slope, constant<T>(ONE)));
}

// @ts-ignore: decorator
@inline function normCdf<T>(x: v128): v128 {
  const a = v128.andnot(x, constant<T>(SIGN));
  const lower = tail<T>(a, constant<T>(HALF), a, constant<T>(BETA));
  return select(v128.gt<T>(x, v128.splat<T>(<T>0)), v128.sub<T>(constant<T>(ONE), lower), lower);
}

// @ts-ignore: decorator
@inline function erfc<T>(x: v128): v128 {
  const a = v128.andnot(x, constant<T>(SIGN));
  const half = tail<T>(a, constant<T>(ONE), v128.mul<T>(a, constant<T>(SQRT2)), constant<T>(BETA_SQRT2));
  const upper = v128.add<T>(half, half);
  return select(v128.lt<T>(x, v128.splat<T>(<T>0)), v128.sub<T>(constant<T>(TWO), upper), upper);
}

/** x P(x^2) / Q(x^2), which rounds to 1 at the end of its range. */
// @ts-ignore: decorator
@inline function erf32(x: v128): v128 {
  const a = f32x4.pmin(v128.andnot(x, constant<f32>(SIGN)), constant<f32>(END));
  const z = f32x4.mul(a, a);
  const ratio = f32x4.div(f32x4.mul(a, poly5<f32>(WHOLE32, 0, z)), poly5<f32>(WHOLE32, 6, z));
  return v128.or(f32x4.pmin(ratio, constant<f32>(ONE)), v128.and(x, constant<f32>(SIGN)));
}

/** Both forms; the quotient is shared. */
// @ts-ignore: decorator
@inline function erf64(x: v128): v128 {
  const a = f64x2.pmin(v128.andnot(x, constant<f64>(SIGN)), constant<f64>(END));
  const square = f64x2.mul(a, a);
  const z = f64x2.neg(square);
  const quotient = expQuotient<f64>(z);
  const power = expPower<f64>(quotient);
  const e = madd<f64>(power, expFraction<f64>(z, quotient), power);
  const near = f64x2.lt(a, constant<f64>(ONE));
  const p = select(
    near,
    poly5<f64>(NEAR64, 0, square),
    f64x2.mul(e, poly5<f64>(BEYOND64, 0, a)),
  );
  const q = select(near, poly5<f64>(NEAR64, 6, square), poly6<f64>(BEYOND64, 6, a));
  const ratio = f64x2.div(p, q);
  const y = select(near, madd<f64>(a, ratio, a), f64x2.sub(constant<f64>(ONE), ratio));
  return v128.or(y, v128.and(x, constant<f64>(SIGN)));
}

// @ts-ignore: decorator
@inline function normPdf<T>(x: v128): v128 {
  return v128.mul<T>(bell<T>(x), constant<T>(INV_SQRT_2PI));
}

/**
 * log Phi(x): -x^2/2 + log mills(-x) below 0, and log1p(-Phi(-x)) above; one logarithm serves both.
 * Correct as far as x^2 / 2 is finite.
 */
// @ts-ignore: decorator
@inline function normLogCdf<T>(x: v128): v128 {
  const zero = v128.splat<T>(<T>0);
  const a = v128.andnot(x, constant<T>(SIGN));
  const ratio = mills<T>(a);
  const lower = v128.lt<T>(x, zero);
  const beyond = v128.mul<T>(bell<T>(a), ratio);
  const upper = v128.sub<T>(constant<T>(ONE), beyond);
  const lost = v128.sub<T>(v128.sub<T>(constant<T>(ONE), upper), beyond);
  const y = logSum<T>(select(lower, ratio, upper), v128.andnot(lost, lower));
  const square = v128.mul<T>(v128.mul<T>(x, constant<T>(HALF)), x);
  return v128.or(v128.sub<T>(y, v128.and(square, lower)), v128.ne<T>(x, x));
}

/** phi(x) / Phi(x), the slope of log Phi: 1 / mills(-x) below 0, at least -x; no exponential is divided there. */
// @ts-ignore: decorator
@inline function normHazard<T>(x: v128): v128 {
  const a = v128.andnot(x, constant<T>(SIGN));
  const lower = v128.lt<T>(x, v128.splat<T>(<T>0));
  const ratio = mills<T>(a);
  const peak = bell<T>(a);
  const above = select(lower, constant<T>(ONE), peak);
  const below = select(lower, ratio, v128.sub<T>(constant<T>(ONE), v128.mul<T>(peak, ratio)));
  const y = v128.mul<T>(v128.div<T>(above, below), constant<T>(INV_SQRT_2PI));
  return v128.or(v128.pmax<T>(y, v128.and(a, lower)), v128.ne<T>(x, x));
}

function normLogCdf32(x: v128): v128 { return normLogCdf<f32>(x); }
function normLogCdf64(x: v128): v128 { return normLogCdf<f64>(x); }

// @ts-ignore: decorator
@inline export function f32_erf(x: v128): v128 { return erf32(x); }
// @ts-ignore: decorator
@inline export function f64_erf(x: v128): v128 { return erf64(x); }
// @ts-ignore: decorator
@inline export function f32_erfc(x: v128): v128 { return erfc<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_erfc(x: v128): v128 { return erfc<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_normCdf(x: v128): v128 { return normCdf<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_normCdf(x: v128): v128 { return normCdf<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_normPdf(x: v128): v128 { return normPdf<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_normPdf(x: v128): v128 { return normPdf<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_normLogCdf(x: v128): v128 { return normLogCdf32(x); }
// @ts-ignore: decorator
@inline export function f64_normLogCdf(x: v128): v128 { return normLogCdf64(x); }
// @ts-ignore: decorator
@inline export function f32_normHazard(x: v128): v128 { return normHazard<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_normHazard(x: v128): v128 { return normHazard<f64>(x); }
