import { binary, comparison, ternary, unary } from "../core/graph/elementwise.js";
import { constantValue, fullLike, methods, type Operand, registry } from "../core/graph/op.js";
import type { Tensor } from "../core/graph/tensor.js";

declare module "../core/graph/tensor.js" {
  interface Tensor {
    add(y: Operand): Tensor;
    sub(y: Operand): Tensor;
    mul(y: Operand): Tensor;
    div(y: Operand): Tensor;
    neg(): Tensor;
    abs(): Tensor;
    flush(): Tensor;
    sign(): Tensor;
    sqrt(): Tensor;
    square(): Tensor;
    floor(): Tensor;
    minimum(y: Operand): Tensor;
    maximum(y: Operand): Tensor;
    clip(lower: Operand, upper: Operand): Tensor;
    lt(y: Operand): Tensor;
    le(y: Operand): Tensor;
    gt(y: Operand): Tensor;
    ge(y: Operand): Tensor;
    eq(y: Operand): Tensor;
    safeMul(y: Operand): Tensor;
    zeroMul(y: Operand): Tensor;
    gate(y: Operand): Tensor;
  }
}

const exact = { f32: 0, f64: 0 };
const wide = [-10, 10] as const;
const zeros = [
  [0, -0],
  [-0, 0],
  [1, 1],
  [Number.POSITIVE_INFINITY, 2],
  [2, Number.NaN],
  [Number.NaN, 2],
] as const;

type Range = readonly [number, number];

/** x + y, of one shape or broadcast. */
export const add = binary("add", {
  scalar: (x, y) => x + y,
  vjp: (g) => [g, g],
  domain: [[wide, wide]],
  special: zeros,
  ulp: exact,
  range: ([a, b]) => [(a as Range)[0] + (b as Range)[0], (a as Range)[1] + (b as Range)[1]],
  simplify: ([x, y]) => (constantValue(x!) === 0 ? y! : constantValue(y!) === 0 ? x! : null),
});

/** x - y, of one shape or broadcast. */
export const sub = binary("sub", {
  scalar: (x, y) => x - y,
  vjp: (g) => [g, g.neg()],
  domain: [[wide, wide]],
  special: zeros,
  ulp: exact,
  simplify: ([x, y]) => (constantValue(y!) === 0 ? x! : constantValue(x!) === 0 ? y!.neg() : null),
});

/** x · y, of one shape or broadcast. */
export const mul = binary("mul", {
  scalar: (x, y) => x * y,
  // An event that a zero cotangent masks may hold an infinity.
  vjp: (g, x, y) => [g.safeMul(y), g.safeMul(x)],
  domain: [[wide, wide]],
  special: zeros,
  ulp: exact,
  range: ([a, b]) => {
    const all = [0, 1].flatMap((i) => [0, 1].map((j) => (a as Range)[i as 0] * (b as Range)[j as 0]));
    return [Math.min(...all), Math.max(...all)];
  },
  simplify: ([x, y]) => {
    const [a, b] = [constantValue(x!), constantValue(y!)];
    if (a === 1) return y!;
    if (b === 1) return x!;
    return a === -1 ? y!.neg() : b === -1 ? x!.neg() : null;
  },
  strong: ([x, y], _, [first, second]) => (first && second ? null : first ? x!.safeMul(y!) : y!.safeMul(x!)),
});

/** x / y, of one shape or broadcast. */
export const div = binary("div", {
  scalar: (x, y) => x / y,
  vjp: (g, _, y, out) => [g.safeMul(fullLike(y, 1).div(y)), g.safeMul(out.div(y)).neg()],
  domain: [
    [wide, [0.1, 10]],
    [wide, [-10, -0.1]],
  ],
  special: [...zeros, [1, 0], [-1, 0], [0, 0]],
  ulp: exact,
  simplify: ([x, y]) => (constantValue(y!) === 1 ? x! : null),
  strong: ([x, y], _, [, second]) => (second ? null : x!.safeMul(fullLike(y!, 1).div(y!))),
});

/** A factor that no zero has to be kept from: a product with it needs no care. */
const harmless = (t: Tensor): boolean => Number.isFinite(constantValue(t) ?? Number.NaN);

/**
 * x·y, but 0 where x is 0 whatever y is: the strong zero. Every reverse rule multiplies its cotangent (x) so with its
 * local derivative (y), which may be infinite or NaN where a mask made the cotangent 0. Then both factors of the slope
 * in y are cotangents.
 */
export const safeMul = binary("safeMul", {
  scalar: (x, y) => (x === 0 ? 0 : x * y),
  vjp: (g, x, y) => [g.safeMul(y), g.zeroMul(x)],
  strong: ([x, y], _, [first, second]) => (second && !first ? y!.zeroMul(x!) : null),
  domain: [[[0.1, 10], wide]],
  special: [...zeros, [0, Number.POSITIVE_INFINITY], [0, Number.NaN]],
  ulp: exact,
  simplify: ([x, y]) => {
    if (constantValue(x!) === 0) return x!;
    return harmless(x!) || harmless(y!) ? x!.mul(y!) : null;
  },
});

/** x·y, but 0 where one of them is 0 whatever the other is: the product of two cotangents. */
export const zeroMul = binary("zeroMul", {
  scalar: (x, y) => (x === 0 || y === 0 ? 0 : x * y),
  vjp: (g, x, y) => [g.zeroMul(y), g.zeroMul(x)],
  domain: [[[0.1, 10], wide]],
  special: [...zeros, [0, Number.POSITIVE_INFINITY], [0, Number.NaN], [Number.NaN, 0]],
  ulp: exact,
  simplify: ([x, y]) => {
    if (constantValue(x!) === 0) return x!;
    if (constantValue(y!) === 0) return y!;
    return harmless(x!) || harmless(y!) ? x!.mul(y!) : null;
  },
});

/** -x. */
export const neg = unary("neg", {
  scalar: (x) => -x,
  vjp: (g) => g.neg(),
  domain: [[wide]],
  special: [[0], [-0], [Number.NaN]],
  ulp: exact,
  range: ([a]) => [-(a as Range)[1], -(a as Range)[0]],
  simplify: ([x]) => (x!.op === registry.get("neg") ? x!.args[0]! : null),
});

/** |x|, with derivative sign(x): 0 at 0. */
export const abs = unary("abs", {
  scalar: Math.abs,
  vjp: (g, x) => g.safeMul(x.sign()),
  domain: [[[0.1, 10]], [[-10, -0.1]]],
  special: [[0], [-0], [Number.NEGATIVE_INFINITY], [Number.NaN]],
  ulp: exact,
});

const TINY = 2 ** -100;

/**
 * x, but 0 where |x| < 2⁻¹⁰⁰ (8e-31): products of such numbers in f32 become subnormal, and those cost 50 times as much.
 * Its derivative is 1, so that reverse mode applied twice sees through it.
 */
export const flush = unary("flush", {
  scalar: (x) => (Math.abs(x) < TINY ? 0 : x),
  vjp: (g) => g,
  domain: [[wide]],
  special: [[0], [-0], [TINY], [TINY / 2], [-TINY / 2], [Number.NEGATIVE_INFINITY], [Number.NaN]],
  ulp: exact,
});

/** -1, 0 or 1; NaN stays NaN. No derivative. */
export const sign = unary("sign", {
  scalar: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : Number.NaN),
  vjp: () => null,
  domain: [[[0.1, 10]], [[-10, -0.1]]],
  special: [[0], [-3], [Number.POSITIVE_INFINITY]],
  ulp: exact,
  range: () => [-1, 1],
});

/** √x; the derivative is infinite at 0, and a zero cotangent there stays zero. */
export const sqrt = unary("sqrt", {
  scalar: Math.sqrt,
  vjp: (g, _, y) => g.safeMul(fullLike(y, 0.5).div(y)),
  domain: [[[0.1, 100]]],
  special: [[0], [-0], [-1], [Number.POSITIVE_INFINITY]],
  ulp: exact,
});

/** x². */
export const square = (x: Operand) => mul(x, x);

/** Largest integer not above x. No derivative. */
export const floor = unary("floor", {
  scalar: Math.floor,
  vjp: () => null,
  domain: [[[-10, 10]]],
  special: [[-0.5], [2], [1e9 + 0.5]],
  ulp: exact,
  order: 0,
});

/** The smaller; at a tie half of the cotangent goes to each. NaN wins. */
export const minimum = binary("minimum", {
  kernel: "min",
  scalar: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.min(x, y)),
  vjp: (g, x, y) => pick(g, x.lt(y), x.eq(y)),
  domain: [
    [
      [0, 4],
      [5, 9],
    ],
    [
      [5, 9],
      [0, 4],
    ],
  ],
  special: zeros,
  ulp: exact,
  order: 1,
});

/** The larger; at a tie half of the cotangent goes to each. NaN wins. */
export const maximum = binary("maximum", {
  kernel: "max",
  scalar: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.max(x, y)),
  vjp: (g, x, y) => pick(g, y.lt(x), x.eq(y)),
  domain: [
    [
      [0, 4],
      [5, 9],
    ],
    [
      [5, 9],
      [0, 4],
    ],
  ],
  special: zeros,
  ulp: exact,
  order: 1,
});

function pick(g: Tensor, first: Tensor, tie: Tensor) {
  const share = first.add(tie.mul(0.5));
  return [g.mul(share), g.mul(fullLike(share, 1).sub(share))] as const;
}

/** x held inside [lower, upper]; the derivative is 1 on the closed interval, and 0 with respect to its ends. */
export const clip = ternary("clip", {
  scalar: (x, a, b) => (Number.isNaN(x) ? x : Math.min(Math.max(x, a), b)),
  vjp: (g, [x, a, b]) => [g.mul(a!.le(x!).mul(x!.le(b!))), null, null],
  domain: [
    [
      [0, 1],
      [-1, -0.5],
      [2, 3],
    ],
  ],
  special: [
    [5, 0, 1],
    [-5, 0, 1],
    [0, 0, 1],
    [Number.NaN, 0, 1],
  ],
  ulp: exact,
  order: 0,
  range: ([, a, b]) => [(a as Range)[0], (b as Range)[1]],
});

/** 1 where x < y, else 0. No derivative; so for the other comparisons. */
export const lt = comparison("lt", {
  scalar: (x, y) => (x < y ? 1 : 0),
  domain: [[wide, wide]],
  special: zeros,
  ulp: exact,
  order: 0,
  range: () => [0, 1],
});

/** 1 where x ≤ y, else 0; no derivative. */
export const le = comparison("le", {
  scalar: (x, y) => (x <= y ? 1 : 0),
  domain: [[wide, wide]],
  special: zeros,
  ulp: exact,
  order: 0,
  range: () => [0, 1],
});

/** 1 where x = y, else 0; no derivative. */
export const eq = comparison("eq", {
  scalar: (x, y) => (x === y ? 1 : 0),
  domain: [[wide, wide]],
  special: zeros,
  ulp: exact,
  order: 0,
  range: () => [0, 1],
});

/** 1 where x > y, else 0; no derivative. */
export const gt = (x: Operand, y: Operand) => lt(y, x);
/** 1 where x ≥ y, else 0; no derivative. */
export const ge = (x: Operand, y: Operand) => le(y, x);

/** a where the condition is not 0, else b. The branch not taken gets a zero cotangent, whatever its value. */
export const where = ternary("where", {
  scalar: (c, a, b) => (c !== 0 ? a : b),
  masks: [0],
  vjp: (g, [c]) => [null, where(c!, g, 0), where(c!, 0, g)],
  domain: [[[0.5, 1], wide, wide]],
  special: [
    [0, 1, 2],
    [1, 1, 2],
    [0, Number.NaN, 2],
    [1, 1, Number.NaN],
  ],
  ulp: exact,
});

/** x where y > 0, else 0: the reverse rule of relu as one op. Linear in x. */
export const gate = binary("gate", {
  scalar: (x, y) => (y > 0 ? x : 0),
  masks: [1],
  vjp: (g, _, y) => [g.gate(y), null],
  domain: [
    [wide, [0.1, 1]],
    [wide, [-1, -0.1]],
  ],
  special: [
    [1, 0],
    [1, Number.NaN],
    [Number.NaN, 0],
  ],
  ulp: exact,
});

methods({
  add,
  sub,
  mul,
  div,
  neg,
  abs,
  flush,
  sign,
  sqrt,
  square,
  floor,
  minimum,
  maximum,
  clip,
  lt,
  le,
  gt,
  ge,
  eq,
  safeMul,
  zeroMul,
  gate,
});
