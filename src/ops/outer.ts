import { defineOp, emit, FIRST, product, SECOND, strongOf, unroll, withStrong } from "../core/op.js";
import type { Op, Sample, Tensor, Value } from "../core/tensor.js";

/** Symmetric sums of outer products of rows in segments: the sparse form of AᵀB + BᵀA. */
const outerOp: Op = defineOp({
  name: "segmentOuter",
  infer: (_, attrs) => ({ shape: [attrs.size as number, attrs.size as number], dtype: "f64", axis: null }),
  vjp: (g, [a, b, columns, ends], out) => [
    emit(gradOp, [g, b!, columns!, ends!], withStrong(out.attrs, FIRST | (strongOf(out) & SECOND))),
    emit(gradOp, [g, a!, columns!, ends!], withStrong(out.attrs, FIRST | ((strongOf(out) & FIRST) << 1))),
    null,
    null,
  ],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lower: (node, at) => {
    const { size, diagonal } = node.attrs as { size: number; diagonal: boolean };
    const words = [node.args[3]!.size, size, diagonal ? 1 : 0, at.out, ...at.args];
    const strong = strongOf(node);
    return [strong ? ["f64_segmentOuterMasked", ...words, strong] : ["f64_segmentOuter", ...words]];
  },
  reference: (node, [a, b, columns, ends]: readonly Value[]) => {
    const n = node.attrs.size as number;
    const out = new Float64Array(n * n);
    pairs(node, columns!, ends!, (i, j, at) => {
      const strong = strongOf(node);
      out[at]! += product(a!.data[i]!, b!.data[j]!, strong) + product(a!.data[j]!, b!.data[i]!, strong);
    });
    return out;
  },
  test: samples([{ shape: [7], range: [-1, 1] }]),
});

/** Cotangent of one factor from that of the matrix. */
const gradOp: Op = defineOp({
  name: "segmentOuterGrad",
  infer: ([, b]) => ({ shape: b!.shape, dtype: "f64", axis: null }),
  vjp: (c, [g, b, columns, ends], out) => [
    emit(outerOp, [c, b!, columns!, ends!], withStrong(out.attrs, FIRST | (strongOf(out) & SECOND))),
    emit(gradOp, [g!, c, columns!, ends!], withStrong(out.attrs, (strongOf(out) & FIRST) | SECOND)),
    null,
    null,
  ],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lower: (node, at) => {
    const { size, diagonal } = node.attrs as { size: number; diagonal: boolean };
    const words = [node.args[3]!.size, size, diagonal ? 1 : 0, at.out, ...at.args];
    const strong = strongOf(node);
    return [strong ? ["f64_segmentOuterGradMasked", ...words, strong] : ["f64_segmentOuterGrad", ...words]];
  },
  reference: (node, [g, b, columns, ends]: readonly Value[]) => {
    const n = node.attrs.size as number;
    const out = new Float64Array(node.size);
    pairs(node, columns!, ends!, (i, j, at) => {
      const turned = (at % n) * n + Math.floor(at / n);
      out[i]! += product(g!.data[at]! + g!.data[turned]!, b!.data[j]!, strongOf(node));
    });
    return out;
  },
  test: samples([{ shape: [3, 3], range: [-1, 1] }]),
});

function samples(first: readonly Sample["args"][number][]): Sample[] {
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

/** Calls `f` for every two rows of a segment, with their place in the matrix. */
function pairs(
  node: Tensor,
  columns: Value,
  ends: Value,
  f: (i: number, j: number, at: number) => void,
): void {
  const { size, diagonal } = node.attrs as { size: number; diagonal: boolean };
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
 * [size, size]. Without `diagonal` its diagonal is 0, whatever stands there.
 */
export function segmentOuter(
  a: Tensor,
  b: Tensor,
  { columns, ends, size }: Segments,
  { diagonal = true } = {},
): Tensor {
  return emit(outerOp, [a, b, columns, ends], { size, diagonal });
}
