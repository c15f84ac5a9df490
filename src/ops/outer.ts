import { unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, object, tensor } from "../core/graph/arguments.js";
import { emit, indices, requireSmall } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { NodeOf, Op, Places } from "../core/graph/record.js";
import { requireIntegers, requireWhole } from "../core/graph/shape.js";
import {
  FIRST,
  product,
  productInstruction,
  SECOND,
  type Strong,
  strongOf,
  withStrong,
} from "../core/graph/strongzero.js";
import { describe, type Matrix, type Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";

/** Throws unless a, b and their columns are as long, and columns and ends integers. */
function requireRows([a, b, columns, ends]: readonly Tensor[]): void {
  requireIntegers("segmentOuter", columns!, 1);
  requireIntegers("segmentOuter", ends!, 1);
  if (a!.shape.length === 1 && [a!, b!].every((x) => x.shape.length === 1 && x.size === columns!.size))
    return;
  throw new ShapeError(
    "shape.segments",
    `'segmentOuter' needs a number of a, of b and a column for each row, but got ${describe(a!)}, ${describe(b!)} and columns ${describe(columns!)}`,
    { a: a!.shape, b: b!.shape, columns: columns!.shape },
  );
}

type OuterAttrs = { readonly size: number; readonly diagonal: boolean } & Strong;

/** Symmetric sums of outer products of rows in segments: the sparse form of AᵀB + BᵀA. */
const outerOp: Op<OuterAttrs> = {
  name: "segmentOuter",
  infer: (args, attrs) => {
    const size = requireWhole("segmentOuter", "size", attrs.size, 1);
    requireRows(args);
    return { shape: [size, size], dtype: "f64", axis: null };
  },
  vjp: (g, [a, b, columns, ends], out) => [
    emit(gradOp, [g, b!, columns!, ends!], withStrong(out.attrs, FIRST | (strongOf(out) & SECOND))),
    emit(gradOp, [g, a!, columns!, ends!], withStrong(out.attrs, FIRST | ((strongOf(out) & FIRST) << 1))),
    null,
    null,
  ],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => [productInstruction(node, "f64_segmentOuter", words(node, at))],
  },
};

export const outerOracle = (): Oracle<OuterAttrs> => ({
  op: outerOp,
  reference: (node, [a, b, columns, ends]: readonly Value[]) => {
    const n = node.attrs.size;
    const out = new Float64Array(n * n);
    if (!sound(n, columns!, ends!)) return out.fill(Number.NaN);
    pairs(node, columns!, ends!, (i, j, at) => {
      const strong = strongOf(node);
      out[at]! += product(a!.data[i]!, b!.data[j]!, strong) + product(a!.data[j]!, b!.data[i]!, strong);
    });
    return out;
  },
  test: samples([{ shape: [7], range: [-1, 1] }]),
});

/** Cotangent of one factor from that of the matrix. */
const gradOp: Op<OuterAttrs> = {
  name: "segmentOuterGrad",
  infer: ([, b]) => ({ shape: b!.shape, dtype: "f64", axis: null }),
  vjp: (c, [g, b, columns, ends], out) => [
    emit(outerOp, [c, b!, columns!, ends!], withStrong(out.attrs, FIRST | (strongOf(out) & SECOND))),
    emit(gradOp, [g!, c, columns!, ends!], withStrong(out.attrs, (strongOf(out) & FIRST) | SECOND)),
    null,
    null,
  ],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => [productInstruction(node, "f64_segmentOuterGrad", words(node, at))],
  },
};

export const gradOracle = (): Oracle<OuterAttrs> => ({
  op: gradOp,
  reference: (node, [g, b, columns, ends]: readonly Value[]) => {
    const n = node.attrs.size;
    const out = new Float64Array(node.size);
    if (!sound(n, columns!, ends!)) return out.fill(Number.NaN);
    pairs(node, columns!, ends!, (i, j, at) => {
      const turned = (at % n) * n + Math.floor(at / n);
      out[i]! += product(g!.data[at]! + g!.data[turned]!, b!.data[j]!, strongOf(node));
    });
    return out;
  },
  test: samples([{ shape: [3, 3], range: [-1, 1] }]),
});

/** Operands of both kernels. */
function words({ args, attrs }: NodeOf<OuterAttrs>, at: Places): number[] {
  const [rows, segments] = [args[2]!.size, args[3]!.size];
  return [segments, attrs.size, attrs.diagonal ? 1 : 0, at.out, ...at.args, rows];
}

function samples(first: readonly Sample["args"][number][]): Sample<OuterAttrs>[] {
  const cases = [0, FIRST, SECOND].flatMap((strong) =>
    [true, false].map((diagonal) => ({ strong, diagonal })),
  );
  return cases.map(({ strong, diagonal }) => ({
    args: [
      ...first,
      { shape: [7], range: [-1, 1] as const },
      { shape: [7], values: [0, 1, 2, 0, 2, 1, 2], integer: 3 },
      { shape: [3], values: [3, 5, 7], integer: 8 },
    ],
    attrs: withStrong({ size: 3, diagonal }, strong),
    ulp: { f32: 0, f64: 16 },
  }));
}

/** Whether columns are inside and ascend in each segment, and ends ascend up to the number of rows; as in the kernel. */
function sound(size: number, columns: Value, ends: Value): boolean {
  let from = 0;
  for (const end of ends.data) {
    if (!(end >= from && end <= columns.data.length)) return false;
    for (let i = from; i < end; i++) {
      const c = columns.data[i]!;
      if (!(c >= 0 && c < size) || (i > from && c <= columns.data[i - 1]!)) return false;
    }
    from = end;
  }
  return true;
}

/** Calls `f` for every two rows of a segment, with their place in the matrix. */
function pairs(
  node: NodeOf<OuterAttrs>,
  columns: Value,
  ends: Value,
  f: (i: number, j: number, at: number) => void,
): void {
  const { size, diagonal } = node.attrs;
  let from = 0;
  for (const end of ends.data) {
    for (let i = from; i < end; i++) {
      for (let j = from; j < end; j++) {
        const [row, column] = [columns.data[i]!, columns.data[j]!];
        if (row !== column || diagonal) f(i, j, row * size + column);
      }
    }
    from = end;
  }
}

/** Where the rows of {@link segmentOuter} belong. */
export interface Segments {
  /** Column of each row [Q], in 0..size-1, strictly ascending inside a segment. */
  readonly columns: Tensor;
  /** End of each segment [S]. */
  readonly ends: Tensor;
  readonly size: number;
}

/**
 * Sum over segments and their rows i, j of a_i b_j + b_i a_j at (column i, column j): a symmetric matrix
 * [size, size]. Without `diagonal` its diagonal is 0, whatever stands there. NaN where columns or ends are not as said.
 */
export function segmentOuter(
  a: Tensor,
  b: Tensor,
  segments: Segments,
  options: { readonly diagonal?: boolean } = {},
): Matrix {
  checkArguments("segmentOuter", { a: [a, tensor], b: [b, tensor], segments: [segments, object] });
  checkOptions("segmentOuter", segments, { columns: true, ends: true, size: true });
  checkOptions("segmentOuter", options, { diagonal: true });
  const { columns, ends, size } = segments;
  checkArguments("segmentOuter", { columns: [columns, tensor], ends: [ends, tensor] });
  const { diagonal = true } = options;
  const [x, y] = [requireSmall("segmentOuter", a), requireSmall("segmentOuter", b)];
  return emit(outerOp, [x, y, indices(columns), indices(ends)], { size, diagonal });
}
