import { solveBytes } from "../agreed.js";
import { ShapeError } from "../errors.js";
import type { Attrs } from "../graph/attrs.js";
import { emit, lift, type Operand, ranked, requireSmall } from "../graph/op.js";
import type { Oracle, Value } from "../graph/oracle.js";
import type { Multiplied, Rank } from "../graph/rank.js";
import type { Op } from "../graph/record.js";
import {
  FIRST,
  product,
  productInstruction,
  SECOND,
  type Strong,
  strongOf,
  strongProduct,
  withStrong,
} from "../graph/strongzero.js";
import type { Scalar, Tensor } from "../graph/tensor.js";
import { describe, sizeOf } from "../graph/tensor.js";
import { tuple } from "../graph/tuple.js";

const matmulOp: Op<Strong> = {
  name: "matmul",
  infer: ([a, b]) => {
    const [m, k] = a!.shape.slice(-2);
    const [k2, n] = b!.shape.slice(-2);
    const lead = a!.shape.slice(0, -2);
    if (k !== k2 || a!.shape.length !== b!.shape.length || lead.some((d, i) => d !== b!.shape[i])) {
      throw new ShapeError("shape.matmul", `'matmul' cannot multiply ${describe(a!)} by ${describe(b!)}`, {
        a: a!.shape,
        b: b!.shape,
      });
    }
    return { shape: [...lead, m!, n!], dtype: "f64", axis: null };
  },
  vjp: (g, [a, b], out) => {
    const strong = strongOf(out);
    return [
      emit(matmulOp, [g, swap(b!)], { strong: FIRST | (strong & SECOND) }),
      emit(matmulOp, [swap(a!), g], { strong: (strong & FIRST) | SECOND }),
    ];
  },
  batch: (node, [a, b], [left, right], size) => {
    if (left && right) return emit(matmulOp, [a!, b!], node.attrs);
    return left ? manyLeft(a!, b!, node, size) : manyRight(a!, b!, node, size);
  },
  strong: /*#__PURE__*/ strongProduct(() => matmulOp),
  lowering: {
    lower: (node, at) => {
      const [m, n] = tuple(node.shape.slice(-2), 2);
      const k = node.args[0]!.shape.at(-1)!;
      const words = [sizeOf(node.shape.slice(0, -2)), m, k, n, at.out, at.args[0]!, at.args[1]!];
      return [productInstruction(node, "f64_matmul", words)];
    },
  },
};

export const matmulOracle = (): Oracle<Strong> => ({
  op: matmulOp,
  reference: (node, [a, b]: readonly Value[]) => {
    const [m, n] = tuple(node.shape.slice(-2), 2);
    const k = node.args[0]!.shape.at(-1)!;
    const out = new Float64Array(node.size);
    for (let i = 0; i < out.length; i++) {
      const batch = Math.floor(i / (m * n));
      const row = Math.floor(i / n) % m;
      for (let q = 0; q < k; q++) {
        out[i]! += product(
          a!.data[(batch * m + row) * k + q]!,
          b!.data[(batch * k + q) * n + (i % n)]!,
          strongOf(node),
        );
      }
    }
    return out;
  },
  test: [
    {
      args: [
        { shape: [2, 3], range: [-1, 1] },
        { shape: [3, 4], range: [-1, 1] },
      ],
      ulp: { f32: 0, f64: 16 },
    },
    {
      args: [
        { shape: [2, 2, 3], range: [-1, 1] },
        { shape: [2, 3, 1], range: [-1, 1] },
      ],
      ulp: { f32: 0, f64: 16 },
    },
    ...[FIRST, SECOND].map((strong) => ({
      args: [
        { shape: [2, 5, 3], range: [-1, 1] as const },
        { shape: [2, 3, 4], range: [-1, 1] as const },
      ],
      attrs: { strong },
      ulp: { f32: 0, f64: 16 },
    })),
  ],
});

/** A batch of left factors and one right factor: the rows of all of them are one matrix. */
function manyLeft(a: Tensor, b: Tensor, { shape, attrs }: Tensor, size: number): Tensor {
  const [m, n] = tuple(shape.slice(-2), 2);
  const lead = shape.slice(0, -2);
  const rows = inside(a, lead.length).reshape([...lead, size * m, b.shape.at(-2)!]);
  const out = emit(matmulOp, [rows, b], attrs).reshape([...lead, size, m, n]);
  return outside(out, lead.length);
}

/** One left factor and a batch of right factors: the columns of all of them are one matrix. */
function manyRight(a: Tensor, b: Tensor, { shape, attrs }: Tensor, size: number): Tensor {
  const [m, n] = tuple(shape.slice(-2), 2);
  const lead = shape.slice(0, -2);
  const k = a.shape.at(-1)!;
  if (lead.length === 0 && n === 1) {
    // Vectors lie row by row already: (A·x)ᵀ = xᵀ·Aᵀ, and what was strong of the second factor is so of the first.
    const strong = (attrs.strong ?? 0) as number;
    const swapped = (strong & FIRST ? SECOND : 0) | (strong & SECOND ? FIRST : 0);
    const out = emit(matmulOp, [b.reshape([size, k]), swap(a)], withStrong(attrs, swapped));
    return out.reshape([size, m, 1]);
  }
  const columns = swapBefore(inside(b, lead.length)).reshape([...lead, k, size * n]);
  const out = emit(matmulOp, [a, columns], attrs).reshape([...lead, m, size, n]);
  return outside(swapBefore(out), lead.length);
}

/** Moves the first axis behind the next `count`. */
const inside = (x: Tensor, count: number) =>
  count === 0 ? x : x.transpose([...range(1, count + 1), 0, ...range(count + 1, x.shape.length)]);

/** Moves the axis behind the first `count` to the front. */
const outside = (x: Tensor, count: number) =>
  count === 0 ? x : x.transpose([count, ...range(0, count), ...range(count + 1, x.shape.length)]);

/** Swaps the third and second axis from the end. */
const swapBefore = (x: Tensor) => {
  const n = x.shape.length;
  return x.transpose([...range(0, n - 3), n - 2, n - 3, n - 1]);
};

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** X with A·X = B, by LU with partial pivoting; NaN where A is singular. A [..., n, n], B [..., n, m]. */
const solveOp: Op<Strong> = {
  name: "solve",
  infer: ([a, b]) => {
    const [n, n2] = a!.shape.slice(-2);
    const depth = a!.shape.length;
    const lead = a!.shape.slice(0, -2);
    const fits = depth >= 2 && n === n2 && b!.shape.length === depth && b!.shape.at(-2) === n;
    if (!fits || lead.some((d, i) => d !== b!.shape[i])) {
      throw new ShapeError(
        "shape.solve",
        `'solve' needs A [..., n, n] and b [..., n, m], or A [n, n] and b [n], but got ${describe(a!)} and ${describe(b!)}`,
        {
          a: a!.shape,
          b: b!.shape,
        },
      );
    }
    return { shape: b!.shape, dtype: "f64", axis: null };
  },
  vjp: (g, [a], out) => {
    const gb = emit(solveOp, [swap(a!), g], { strong: SECOND });
    const strong = FIRST | (strongOf(out) & SECOND);
    return [emit(matmulOp, [gb, swap(out)], { strong }).neg(), gb];
  },
  strong: (args, _, [matrix]) => (matrix ? null : emit(solveOp, args, { strong: SECOND })),
  batch: (node, args, batched, size) => {
    const [a, b] = tuple(args, 2);
    const lead = node.shape.slice(0, -2);
    const [n, m] = tuple(node.shape.slice(-2), 2);
    if (!batched[0] && lead.length === 0) {
      const columns = swapBefore(b).reshape([n, size * m]);
      return swapBefore(emit(solveOp, [a, columns], node.attrs).reshape([n, size, m]));
    }
    const each = (x: Tensor, has: boolean) =>
      has ? x : x.reshape([1, ...x.shape]).broadcast([size, ...x.shape]);
    return emit(solveOp, [each(a, batched[0]!), each(b, batched[1]!)], node.attrs);
  },
  lowering: {
    lower: (node, at) => {
      const [n, m] = tuple(node.shape.slice(-2), 2);
      const kernel = strongOf(node) ? "f64_solveMasked" : "f64_solve";
      const count = sizeOf(node.shape.slice(0, -2));
      return [[kernel, count, n, m, at.out, at.args[0]!, at.args[1]!, at.scratch]];
    },
    scratch: (node) => solveBytes(node.shape.at(-2)!),
  },
};

export const solveOracle = (): Oracle<Strong> => ({
  op: solveOp,
  reference: (node, [a, b]: readonly Value[]) => {
    const [n, m] = tuple(node.shape.slice(-2), 2);
    const out = new Float64Array(node.size);
    for (let at = 0; at * n * m < out.length; at++) {
      const part = ({ data }: Value, size: number) =>
        Float64Array.from(data.subarray(at * size, (at + 1) * size));
      const right = part(b!, n * m);
      const x = solveReference(n, m, part(a!, n * n), right);
      const zero = (j: number) => strongOf(node) && right.every((v, i) => i % m !== j || v === 0);
      out.set(
        x.map((v, i) => (zero(i % m) ? 0 : v)),
        at * n * m,
      );
    }
    return out;
  },
  test: [
    {
      args: [
        { shape: [2, 2], values: [2, 0.5, -0.3, 1.5] },
        { shape: [2, 3], range: [-1, 1] },
      ],
      ulp: { f32: 0, f64: 64 },
    },
    {
      args: [
        { shape: [2, 2], values: [2, 0.5, -0.3, 1.5] },
        { shape: [2, 3], values: [0, 1, 2, 0, 4, 5] },
      ],
      attrs: { strong: SECOND },
      ulp: { f32: 0, f64: 64 },
    },
    {
      args: [
        { shape: [3, 3], values: [0, 2, 1, 1, 0.1, 0, 0.5, 1, 4] },
        { shape: [3, 1], range: [-1, 1] },
      ],
      ulp: { f32: 0, f64: 64 },
    },
    ...[0, SECOND].map((strong) => ({
      args: [
        { shape: [3, 2, 2], values: [2, 0.5, -0.3, 1.5, 0, 1, 1, 0.5, 3, 0, 1, -2] },
        { shape: [3, 2, 2], values: [0, 1, 0, 2, 1, 0, 3, 0, 1, 2, 3, 4] },
      ],
      attrs: withStrong({}, strong),
      ulp: { f32: 0, f64: 64 },
    })),
  ],
});

/** Gaussian elimination with partial pivoting, in the plainest form. */
export function solveReference(n: number, m: number, a: Float64Array, b: Float64Array): Float64Array {
  const rows = Array.from({ length: n }, (_, i) => [
    ...a.subarray(i * n, (i + 1) * n),
    ...b.subarray(i * m, (i + 1) * m),
  ]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = rows[r]![c]! / rows[c]![c]!;
      for (let j = c; j < n + m; j++) rows[r]![j]! -= f * rows[c]![j]!;
    }
  }
  return Float64Array.from(rows.flatMap((row, i) => row.slice(n).map((v) => v / rows[i]![i]!)));
}

const swap = (x: Tensor) => {
  const n = x.shape.length;
  return x.transpose([...x.shape.slice(0, -2).map((_, i) => i - n), -1, -2]);
};

/** Solution of A·x = b for small A [..., n, n] and b [..., n, m], with equal leading axes; or A [n, n] and b [n]. */
export const solve = <R extends Rank>(a: Tensor, b: Tensor<R>): Tensor<R> => solved(a, b, {});

function solved<R extends Rank>(matrix: Tensor, right: Tensor<R>, attrs: Attrs): Tensor<R> {
  const [a, b] = [requireSmall("solve", matrix), requireSmall("solve", lift(right))];
  if (b.shape.length === 1) return ranked(emit(solveOp, [a, b.reshape([b.size, 1])], attrs).reshape(b.shape));
  return emit(solveOp, [a, b], attrs);
}

/** The same for a cotangent b: a column that is 0 gives 0, whatever A is. */
export const safeSolve = <R extends Rank>(a: Tensor, b: Tensor<R>): Tensor<R> =>
  solved(a, b, { strong: SECOND });

/** Product of small matrices: [m, k]·[k, n], with equal leading axes; vectors as in NumPy. */
export function matmul<A extends Rank, B extends Rank>(
  left: Tensor<A>,
  right: Tensor<B>,
): Tensor<Multiplied<A, B>> {
  const [x, y] = [requireSmall("matmul", left), requireSmall("matmul", lift(right))];
  const a = x.shape.length === 1 ? x.reshape([1, x.size]) : x;
  const b = y.shape.length === 1 ? y.reshape([y.size, 1]) : y;
  const out = emit(matmulOp, [a, b]);
  const shape = out.shape.filter(
    (_, i) =>
      !(x.shape.length === 1 && i === out.shape.length - 2) &&
      !(y.shape.length === 1 && i === out.shape.length - 1),
  );
  return ranked(out.reshape(shape));
}

/** Sum of products of two small vectors. */
export const dot = (x: Operand, y: Operand): Scalar =>
  requireSmall("dot", lift(x))
    .mul(requireSmall("dot", lift(y)))
    .sum();
