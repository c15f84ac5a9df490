import { constantValue, ranked } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { fullLike } from "./align.js";
import { type Binary, binary, comparison, ternary, type Unary, unary } from "./elementwise.js";
import { elementwiseOracle } from "./elementwiseoracle.js";

const wide = [-10, 10] as const;
const zeros = [
  [0, -0],
  [-0, 0],
  [1, 1],
  [Number.POSITIVE_INFINITY, 2],
  [2, Number.NaN],
  [Number.NaN, 2],
] as const;

/** Where the smaller and the larger of two are tested: far from one another, in both orders, and at ties. */
const between = {
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
  order: 1,
} as const;

/** Of what has its arguments' numbers alone. */
const always = () => true;

/** x + y, of one shape or broadcast. */
export const add = /*#__PURE__*/ binary("add", {
  exact: (x, y) => x + y,
  vjp: (g) => [g, g],
  range: ([a, b]) => [a![0] + b![0], a![1] + b![1]],
  simplify: ([x, y]) => (constantValue(x!) === 0 ? y! : constantValue(y!) === 0 ? x! : null),
});

export const addOracle = () =>
  elementwiseOracle(add, {
    domain: [[wide, wide]],
    special: zeros,
  });

/** x - y, of one shape or broadcast. */
export const sub = /*#__PURE__*/ binary("sub", {
  exact: (x, y) => x - y,
  vjp: (g) => [g, g.neg()],
  simplify: ([x, y]) => (constantValue(y!) === 0 ? x! : constantValue(x!) === 0 ? y!.neg() : null),
});

export const subOracle = () =>
  elementwiseOracle(sub, {
    domain: [[wide, wide]],
    special: zeros,
  });

/** x · y, of one shape or broadcast. */
export const mul = /*#__PURE__*/ binary("mul", {
  exact: (x, y) => x * y,
  // An event that a zero cotangent masks may hold an infinity.
  vjp: (g, x, y) => [safeMul(g, y), safeMul(g, x)],
  range: ([a, b]) => {
    const all = a!.flatMap((x) => b!.map((y) => x * y));
    return [Math.min(...all), Math.max(...all)];
  },
  moves: (truths) => truths.includes(true),
  simplify: ([x, y]) => {
    const [a, b] = [constantValue(x!), constantValue(y!)];
    if (a === 1) return y!;
    if (b === 1) return x!;
    return a === -1 ? y!.neg() : b === -1 ? x!.neg() : null;
  },
  strong: ([x, y], _, [first, second]) =>
    first && second ? null : first ? safeMul(x!, y!) : safeMul(y!, x!),
});

export const mulOracle = () =>
  elementwiseOracle(mul, {
    domain: [[wide, wide]],
    special: zeros,
  });

/** x / y, of one shape or broadcast. */
export const div = /*#__PURE__*/ binary("div", {
  exact: (x, y) => x / y,
  vjp: (g, _, y, out) => [safeMul(g, fullLike(y, 1).div(y)), safeMul(g, out.div(y)).neg()],
  simplify: ([x, y]) => (constantValue(y!) === 1 ? x! : null),
  strong: ([x, y], _, [, second]) => (second ? null : safeMul(x!, fullLike(y!, 1).div(y!))),
});

export const divOracle = () =>
  elementwiseOracle(div, {
    domain: [
      [wide, [0.1, 10]],
      [wide, [-10, -0.1]],
    ],
    special: [...zeros, [1, 0], [-1, 0], [0, 0]],
  });

/** A factor that no zero has to be kept from: a product with it needs no care. */
const harmless = (t: Tensor): boolean => Number.isFinite(constantValue(t) ?? Number.NaN);

/**
 * x·y, but 0 where x is 0 whatever y is: the strong zero. Every reverse rule multiplies its cotangent (x) so with its
 * local derivative (y), which may be infinite or NaN where a mask made the cotangent 0. Then both factors of the slope
 * in y are cotangents.
 */
export const safeMul = /*#__PURE__*/ binary("safeMul", {
  exact: (x, y) => (x === 0 ? 0 : x * y),
  vjp: (g, x, y) => [safeMul(g, y), zeroMul(g, x)],
  strong: ([x, y], _, [first, second]) => (second && !first ? zeroMul(y!, x!) : null),
  simplify: ([x, y]) => {
    if (constantValue(x!) === 0) return x!;
    return harmless(x!) || harmless(y!) ? x!.mul(y!) : null;
  },
});

export const safeMulOracle = () =>
  elementwiseOracle(safeMul, {
    domain: [[[0.1, 10], wide]],
    special: [...zeros, [0, Number.POSITIVE_INFINITY], [0, Number.NaN]],
  });

/** x·y, but 0 where one of them is 0 whatever the other is: the product of two cotangents. */
export const zeroMul = /*#__PURE__*/ binary("zeroMul", {
  exact: (x, y) => (x === 0 || y === 0 ? 0 : x * y),
  vjp: (g, x, y) => [zeroMul(g, y), zeroMul(g, x)],
  simplify: ([x, y]) => {
    if (constantValue(x!) === 0) return x!;
    if (constantValue(y!) === 0) return y!;
    return harmless(x!) || harmless(y!) ? x!.mul(y!) : null;
  },
});

export const zeroMulOracle = () =>
  elementwiseOracle(zeroMul, {
    domain: [[[0.1, 10], wide]],
    special: [...zeros, [0, Number.POSITIVE_INFINITY], [0, Number.NaN], [Number.NaN, 0]],
  });

/** -x. */
export const neg = /*#__PURE__*/ unary("neg", {
  exact: (x) => -x,
  vjp: (g) => g.neg(),
  range: ([a]) => [-a![1], -a![0]],
  moves: always,
  simplify: ([x]) => (x!.op === neg.op ? x!.args[0]! : null),
});

export const negOracle = () =>
  elementwiseOracle(neg, {
    domain: [[wide]],
    special: [[0], [-0], [Number.NaN]],
  });

/** |x|, with derivative sign(x): 0 at 0. */
export const abs = /*#__PURE__*/ unary("abs", {
  exact: Math.abs,
  moves: always,
  vjp: (g, x) => safeMul(g, x.sign()),
});

export const absOracle = () =>
  elementwiseOracle(abs, {
    domain: [[[0.1, 10]], [[-10, -0.1]]],
    special: [[0], [-0], [Number.NEGATIVE_INFINITY], [Number.NaN]],
  });

const TINY = 2 ** -100;

/**
 * x, but 0 where |x| < 2⁻¹⁰⁰ (8e-31): products of such numbers in f32 become subnormal, and those cost 50 times as much.
 * Its derivative is 1, so that reverse mode applied twice sees through it.
 */
export const flush = /*#__PURE__*/ unary("flush", {
  exact: (x) => (Math.abs(x) < TINY ? 0 : x),
  vjp: (g) => g,
});

export const flushOracle = () =>
  elementwiseOracle(flush, {
    domain: [[wide]],
    special: [[0], [-0], [TINY], [TINY / 2], [-TINY / 2], [Number.NEGATIVE_INFINITY], [Number.NaN]],
  });

/** The smallest number of f32 that is not below x, in any float type. No derivative. */
export const singleAbove = /*#__PURE__*/ unary("singleAbove", {
  exact: (x) => {
    const near = Math.fround(x);
    if (!(near < x)) return near;
    const single = Float32Array.of(near);
    new Int32Array(single.buffer)[0]! += near < 0 ? -1 : 1;
    return single[0]!;
  },
  vjp: () => null,
});

export const singleAboveOracle = () =>
  elementwiseOracle(singleAbove, {
    domain: [[wide]],
    special: [
      ...[0, -0, 0.1, -0.1, 1e300, -1e300, 1e-300, -1e-300, 3.4028235e38, 3.4028236e38, 16777217],
      ...[-16777217, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    ].map((x) => [x]),
    order: 0,
  });

/** -1, 0 or 1; NaN stays NaN. No derivative. */
export const sign = /*#__PURE__*/ unary("sign", {
  exact: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : Number.NaN),
  vjp: () => null,
  range: () => [-1, 1],
});

export const signOracle = () =>
  elementwiseOracle(sign, {
    domain: [[[0.1, 10]], [[-10, -0.1]]],
    special: [[0], [-3], [Number.POSITIVE_INFINITY]],
  });

/** √x; the derivative is infinite at 0, and a zero cotangent there stays zero. */
export const sqrt = /*#__PURE__*/ unary("sqrt", {
  exact: Math.sqrt,
  vjp: (g, _, y) => safeMul(g, fullLike(y, 0.5).div(y)),
});

export const sqrtOracle = () =>
  elementwiseOracle(sqrt, {
    domain: [[[0.1, 100]]],
    special: [[0], [-0], [-1], [Number.POSITIVE_INFINITY]],
  });

/** x². */
export const square: Unary = (x) => ranked(mul(x, x));

/** Largest integer not above x. No derivative. */
export const floor = /*#__PURE__*/ unary("floor", {
  exact: Math.floor,
  vjp: () => null,
});

export const floorOracle = () =>
  elementwiseOracle(floor, {
    domain: [[[-10, 10]]],
    special: [[-0.5], [2], [1e9 + 0.5]],
    order: 0,
  });

/** The smaller; at a tie half of the cotangent goes to each. NaN wins. */
export const minimum = /*#__PURE__*/ binary("minimum", {
  kernel: "min",
  moves: always,
  exact: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.min(x, y)),
  vjp: (g, x, y) => pick(g, x.lt(y), x.eq(y)),
});

export const minimumOracle = () => elementwiseOracle(minimum, between);

/** The larger; at a tie half of the cotangent goes to each. NaN wins. */
export const maximum = /*#__PURE__*/ binary("maximum", {
  kernel: "max",
  moves: always,
  exact: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.max(x, y)),
  vjp: (g, x, y) => pick(g, y.lt(x), x.eq(y)),
});

export const maximumOracle = () => elementwiseOracle(maximum, between);

function pick(g: Tensor, first: Tensor, tie: Tensor) {
  const share = first.add(tie.mul(0.5));
  return [g.mul(share), g.mul(fullLike(share, 1).sub(share))] as const;
}

/** x held inside [lower, upper]; the derivative is 1 on the closed interval, and 0 with respect to its ends. */
export const clip = /*#__PURE__*/ ternary("clip", {
  exact: (x, a, b) => (Number.isNaN(x) ? x : Math.min(Math.max(x, a), b)),
  vjp: (g, [x, a, b]) => [g.mul(a!.le(x!).mul(x!.le(b!))), null, null],
  range: ([, a, b]) => [a![0], b![1]],
});

export const clipOracle = () =>
  elementwiseOracle(clip, {
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
    order: 0,
  });

/** 1 where x < y, else 0. No derivative; so for the other comparisons. */
export const lt = /*#__PURE__*/ comparison("lt", {
  exact: (x, y) => (x < y ? 1 : 0),
  range: () => [0, 1],
  moves: always,
  rounds: ["down", "up"],
});

export const ltOracle = () =>
  elementwiseOracle(lt, {
    domain: [[wide, wide]],
    special: zeros,
    order: 0,
  });

/** 1 where x ≤ y, else 0; no derivative. */
export const le = /*#__PURE__*/ comparison("le", {
  exact: (x, y) => (x <= y ? 1 : 0),
  range: () => [0, 1],
  moves: always,
  rounds: ["up", "down"],
});

export const leOracle = () =>
  elementwiseOracle(le, {
    domain: [[wide, wide]],
    special: zeros,
    order: 0,
  });

/** 1 where x = y, else 0; no derivative. */
export const eq = /*#__PURE__*/ comparison("eq", {
  exact: (x, y) => (x === y ? 1 : 0),
  range: () => [0, 1],
  moves: always,
});

export const eqOracle = () =>
  elementwiseOracle(eq, {
    domain: [[wide, wide]],
    special: zeros,
    order: 0,
  });

/** 1 where x > y, else 0; no derivative. */
export const gt: Binary = (x, y) => ranked(lt(y, x));
/** 1 where x ≥ y, else 0; no derivative. */
export const ge: Binary = (x, y) => ranked(le(y, x));

/** a where the condition is not 0, else b. The branch not taken gets a zero cotangent, whatever its value. */
export const where = /*#__PURE__*/ ternary("where", {
  exact: (c, a, b) => (c !== 0 ? a : b),
  masks: [0],
  moves: always,
  vjp: (g, [c]) => [null, where(c!, g, 0), where(c!, 0, g)],
});

export const whereOracle = () =>
  elementwiseOracle(where, {
    domain: [[[0.5, 1], wide, wide]],
    special: [
      [0, 1, 2],
      [1, 1, 2],
      [0, Number.NaN, 2],
      [1, 1, Number.NaN],
    ],
  });

/** x where y > 0, else 0: the reverse rule of relu as one op. Linear in x. */
export const gate = /*#__PURE__*/ binary("gate", {
  exact: (x, y) => (y > 0 ? x : 0),
  masks: [1],
  vjp: (g, _, y) => [gate(g, y), null],
});

export const gateOracle = () =>
  elementwiseOracle(gate, {
    domain: [
      [wide, [0.1, 1]],
      [wide, [-1, -0.1]],
    ],
    special: [
      [1, 0],
      [1, Number.NaN],
      [Number.NaN, 0],
    ],
  });
