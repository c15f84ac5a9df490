import { factorRows, additiveCodes as numbers } from "../core/agreed.js";
import { fullLike } from "../core/elementary/align.js";
import { safeMul } from "../core/elementary/arith.js";
import { stack, unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { constant, emit, requireSmall } from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import { requireWhole } from "../core/graph/shape.js";
import { describe, type Tensor } from "../core/graph/tensor.js";
import { checkChoice } from "../core/options.js";
import { recordNames } from "../text/recordnames.js";

/** Polynomials c0 + c1 x + ... */
type Polynomial = readonly number[];

/** A code of an additive interpolation: bins shift by U (up - nominal) + D (nominal - down). */
export interface AdditiveRecord {
  /** One line. */
  readonly words: string;
  /** Its number in the kernel. */
  readonly kernel: number;
  /** Where a value or a first derivative jumps. */
  readonly kinks: readonly Kink[];
}

/** A code of a multiplicative interpolation. */
export interface MultiplicativeRecord {
  /** One line. */
  readonly words: string;
  /** In the kernel: inside it the factor is a polynomial, outside an exponential. */
  readonly bound: number;
  /** Where a first derivative jumps. */
  readonly kinks: readonly Kink[];
}

/** Where `minimize` can look at both sides. */
export type Kink = -1 | 0 | 1;

/** From the formulas of HistFactory (CERN-OPEN-2012-016, appendix). */
const additive = {
  code0: {
    words: "a straight line on each side",
    kernel: numbers.code0,
    kinks: [0],
  },
  code2: {
    words: "a parabola inside ±1 and lines outside, with pyhf's step at ±1",
    kernel: numbers.code2,
    kinks: [-1, 1],
  },
  code2c: {
    words: "code2 without its step",
    kernel: numbers.code2c,
    kinks: [],
  },
  code4p: {
    words: "a polynomial inside ±1 and lines outside, smooth to the second derivative",
    kernel: numbers.code4p,
    kinks: [],
  },
} satisfies Record<keyof typeof numbers, AdditiveRecord>;

/** Names of the codes that shift. */
export type AdditiveCode = keyof typeof additive;
export const additiveCodes: Readonly<Record<AdditiveCode, AdditiveRecord>> = additive;

const straight = (x: number): readonly [Polynomial, Polynomial] => (x > 0 ? [[0, 1], [0]] : [[0], [0, 1]]);

const parabola: readonly [Polynomial, Polynomial] = [
  [0, 0.5, 0.5],
  [0, 0.5, -0.5],
];

/** The lines that go on with the slopes of the parabola: as pyhf's from 0 at ±1, or from its value. */
const tangents = (x: number, joined: 0 | 1): readonly [Polynomial, Polynomial] =>
  x > 0
    ? [
        [joined - 1.5, 1.5],
        [0.5, -0.5],
      ]
    : [
        [-0.5, -0.5],
        [1.5 - joined, 1.5],
      ];

/** U and D of each code around x, for what tests it; where pieces meet, that which the kernel takes. */
const pieces: Record<AdditiveCode, (x: number) => readonly [up: Polynomial, down: Polynomial]> = {
  code0: straight,
  code2: (x) => (Math.abs(x) > 1 ? tangents(x, 0) : parabola),
  code2c: (x) => (Math.abs(x) > 1 ? tangents(x, 1) : parabola),
  code4p: (x) =>
    Math.abs(x) > 1
      ? straight(x)
      : [
          [0, 0.5, 15 / 16, 0, -10 / 16, 0, 3 / 16],
          [0, 0.5, -15 / 16, 0, 10 / 16, 0, -3 / 16],
        ],
};

/** The m-th derivatives of U and D of a code at x. */
export function additiveReference(code: AdditiveCode, order: number, x: number): [number, number] {
  const [up, down] = pieces[code](x);
  return [at(derivative(up, order), x), at(derivative(down, order), x)];
}

function derivative(c: Polynomial, order: number): Polynomial {
  return order === 0
    ? c
    : derivative(
        c.slice(1).map((v, i) => v * (i + 1)),
        order - 1,
      );
}

const at = (c: Polynomial, x: number) => c.reduceRight((y, v) => y * x + v, 0);

/** The kernel's number of a code, and the order of the derivative. */
type WeightsAttrs = { readonly code: number; readonly order: number };

/** Weights of the up and the down variation, or a derivative of them, for each parameter. */
const weightsOp: Op<WeightsAttrs> = {
  name: "interpWeights",
  infer: ([a]) => ({ shape: [2, ...a!.shape], dtype: "f64", axis: null }),
  vjp: (g, [a], out) => {
    const { code, order } = out.attrs;
    const slopes = emit(weightsOp, [a!], { code, order: order + 1 });
    return [safeMul(g, slopes).sum([-a!.shape.length - 1])];
  },
  batch: (node, args) => {
    const wide = emit(weightsOp, args, node.attrs);
    const rank = wide.shape.length;
    // The two weights stay innermost of the new axes: [size, 2, ...].
    return wide.transpose([1 - rank, -rank, ...Array.from({ length: rank - 2 }, (_, i) => 2 + i - rank)]);
  },
  lowering: {
    lower: (node, at) => {
      const { code, order } = node.attrs;
      return [["f64_interpWeights", node.args[0]!.size, code, order, at.out, at.args[0]!]];
    },
  },
};

export const weightsOracle = (): Oracle<WeightsAttrs> => ({
  op: weightsOp,
  reference: (node, [a]: readonly Value[]) => {
    const { code, order } = node.attrs;
    const name = recordNames(additiveCodes).find((key) => additiveCodes[key].kernel === code)!;
    const both = Array.from(a!.data, (x) => additiveReference(name, order, x));
    return Float64Array.from([...both.map(([up]) => up), ...both.map(([, down]) => down)]);
  },
  test: Object.values(additiveCodes).flatMap(({ kernel: code }) =>
    [0, 1, 2].map((order) => ({
      args: [{ shape: [6], values: [-2.5, -1.2, -0.7, 0.3, 0.9, 1.7] }],
      attrs: { code, order },
      // Differences of an even and an odd part.
      ulp: { f32: 0, f64: 256 },
    })),
  ),
});

/**
 * Weights U and D [2, ...] of the variations of an additive interpolation at a: a bin shifts by
 * U (up - nominal) + D (nominal - down); with `order` a derivative of them. One-sided at kinks as pyhf: code0 at 0 belongs below.
 */
export function interpWeights(a: Tensor, code: AdditiveCode, order = 0): Tensor {
  const attrs = {
    code: additiveCodes[checkChoice("the code of interpWeights()", code, recordNames(additiveCodes))].kernel,
    order: requireWhole("interpWeights", "the order of the derivative", order),
  };
  return emit(weightsOp, [requireSmall("interpWeights", a)], attrs);
}

type FactorAttrs = { readonly order: number; readonly bound: number };

/** 1 + c0 a + ... + c5 a⁶ inside, exponentials outside, or a derivative in a. */
const factorOp: Op<FactorAttrs> = {
  name: "interpFactor",
  infer: ([a, c]) => {
    if (
      a!.shape.length !== 1 ||
      c!.shape.length !== 2 ||
      c!.shape[0] !== factorRows ||
      c!.shape[1] !== a!.size
    ) {
      throw new ShapeError(
        "shape.interp",
        `'interpFactor' needs a [n] and eight coefficients [8, n], but got ${describe(a!)} and ${describe(c!)}`,
        { a: a!.shape, coefficients: c!.shape },
      );
    }
    return { shape: a!.shape, dtype: "f64", axis: null };
  },
  vjp: (g, [a, c], out) => [
    safeMul(g, emit(factorOp, [a!, c!], { ...out.attrs, order: out.attrs.order + 1 })),
    coefficientRule(g, a!, c!, out.attrs),
  ],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, { out, args }) => {
      const { order, bound } = node.attrs;
      return [["f64_interpFactor", node.size, order, out, args[0]!, args[1]!, bound]];
    },
  },
};

export const factorOracle = (): Oracle<FactorAttrs> => ({
  op: factorOp,
  reference: (node, [a, c]: readonly Value[]) => {
    const { order, bound } = node.attrs;
    const n = node.size;
    return Float64Array.from(a!.data, (x, i) => {
      const k = (j: number) => c!.data[j * n + i]!;
      if (Math.abs(x) < bound) return at(derivative([1, k(0), k(1), k(2), k(3), k(4), k(5)], order), x);
      const slope = x >= bound ? k(6) : -k(7);
      return slope ** order * Math.exp(slope * x);
    });
  },
  test: [0, 1].flatMap((bound) =>
    [0, 1, 2].map((order) => ({
      args: [
        { shape: [6], values: [-2.5, -1.2, -0.7, 0.3, 0.9, 1.7] },
        { shape: [8, 6], range: [-0.5, 0.5] as const },
      ],
      attrs: { order, bound },
      ulp: { f32: 0, f64: 16 },
    })),
  ),
});

/** Cotangent of the coefficients. Models rarely need it (a traced normsys), so it is made of ordinary ops. */
function coefficientRule(g: Tensor, a: Tensor, c: Tensor, { order: m, bound }: FactorAttrs): Tensor {
  const zero = fullLike(a, 0);
  const inside = a.abs().lt(bound);
  const rows: Tensor[] = [];
  for (let k = 1; k <= 6; k++) {
    let factor = 1;
    for (let i = 0; i < m; i++) factor *= k - i;
    rows.push(k < m ? zero : safeMul(inside, power(a, k - m)).mul(factor));
  }
  // d/dL of L^m exp(L a) for L = c6 above, -c7 below.
  const above = a.ge(bound);
  for (const [row, side, sign] of [
    [6, above, 1],
    [7, inside.add(above).eq(0), -1],
  ] as const) {
    const slope = c.at(row).mul(sign);
    const by = power(slope, m)
      .mul(a)
      .add(m === 0 ? 0 : power(slope, m - 1).mul(m));
    rows.push(safeMul(side, by.mul(slope.mul(a).mul(side).exp())).mul(sign));
  }
  return safeMul(g.reshape([1, ...g.shape]), stack([rows[0]!, ...rows.slice(1)]));
}

const power = (x: Tensor, n: number): Tensor =>
  n === 0 ? fullLike(x, 1) : n === 1 ? x : x.mul(power(x, n - 1));

/** Rows of the inverse of code4's conditions at ±1, on up - 1, down - 1, and first and second slopes. */
const code4 = [
  [15 / 16, -15 / 16, -7 / 16, -7 / 16, 1 / 16, -1 / 16],
  [3 / 2, 3 / 2, -9 / 16, 9 / 16, 1 / 16, 1 / 16],
  [-5 / 8, 5 / 8, 5 / 8, 5 / 8, -1 / 8, 1 / 8],
  [-3 / 2, -3 / 2, 7 / 8, -7 / 8, -1 / 8, -1 / 8],
  [3 / 16, -3 / 16, -3 / 16, -3 / 16, 1 / 16, -1 / 16],
  [1 / 2, 1 / 2, -5 / 16, 5 / 16, 1 / 16, 1 / 16],
] as const;

/** Coefficients [8, n] of {@link interpFactor} for the factors hi [n] at +1 and lo [n] at -1. */
export function factorCoefficients(hi: Tensor, lo: Tensor): Tensor {
  const [logHi, logLo] = [hi.log(), lo.log()];
  const first = hi.mul(logHi);
  const second = lo.mul(logLo);
  const conditions = [hi.sub(1), lo.sub(1), first, second.neg(), first.mul(logHi), second.mul(logLo)];
  const rows = code4.map((row) =>
    row.map((v, i) => conditions[i]!.mul(v)).reduce((sum, term) => sum.add(term), constant(0)),
  );
  return stack([rows[0]!, ...rows.slice(1), logHi, logLo]);
}

const multiplicative = {
  code1: {
    words: "an exponential on each side",
    bound: 0,
    kinks: [0],
  },
  code4: {
    words: "a polynomial inside ±1 and exponentials outside, smooth to the second derivative",
    bound: 1,
    kinks: [],
  },
} satisfies Record<string, MultiplicativeRecord>;

/** Names of the codes that scale. */
export type MultiplicativeCode = keyof typeof multiplicative;
export const multiplicativeCodes: Readonly<Record<MultiplicativeCode, MultiplicativeRecord>> = multiplicative;

const exponential = (hi: number, lo: number, x: number) => (x >= 0 ? hi ** x : lo ** -x);

/** The factor of each code at x in plain numbers, of the factors at +1 and -1, for what tests it. */
export const multiplicativeReference: Record<
  MultiplicativeCode,
  (hi: number, lo: number, x: number) => number
> = {
  code1: exponential,
  code4(hi, lo, x) {
    if (Math.abs(x) >= 1) return exponential(hi, lo, x);
    const [up, down] = [Math.log(hi), Math.log(lo)];
    const conditions = [hi - 1, lo - 1, hi * up, -lo * down, hi * up ** 2, lo * down ** 2];
    return at([1, ...code4.map((row) => row.reduce((sum, v, i) => sum + v * conditions[i]!, 0))], x);
  },
};

/**
 * Factors of a multiplicative interpolation at a [n], with the coefficients of `factorCoefficients`: code4, a
 * polynomial inside ±1 and exponential outside, or code1, exponential everywhere; with `order` a derivative in a.
 */
export function interpFactor(a: Tensor, coefficients: Tensor, code: MultiplicativeCode, order = 0): Tensor {
  const { bound } =
    multiplicativeCodes[checkChoice("the code of interpFactor()", code, recordNames(multiplicativeCodes))];
  const args = [a, coefficients].map((t) => requireSmall("interpFactor", t));
  return emit(factorOp, args, {
    order: requireWhole("interpFactor", "the order of the derivative", order),
    bound,
  });
}
