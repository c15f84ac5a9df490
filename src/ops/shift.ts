import { blockWords } from "../core/agreed.js";
import { unroll } from "../core/elementary/join.js";
import { emit, requireSmall } from "../core/graph/op.js";
import type { Oracle, Sample, SampleArg, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import {
  FIRST,
  product,
  productInstruction,
  SECOND,
  type Strong,
  strongOf,
  withStrong,
} from "../core/graph/strongzero.js";
import type { Tensor } from "../core/graph/tensor.js";
import { sizeOf } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";

/*
 * y_c = Σ over blocks of w_0k v_0r + w_1k v_1r is linear in the weights w [2, K] and in the rows v [2, A]; its two
 * reverses are linear in what is left, so the three ops are each other's reverse rules.
 */

type Sizes = {
  /** Number of sums, weights and rows. */
  readonly sums: number;
  readonly weights: number;
  readonly rows: number;
} & Strong;

const sumOp: Op<Sizes> = {
  name: "shiftSum",
  infer: ([w], attrs) => ({
    shape: [...w!.shape.slice(0, -2), attrs.sums],
    dtype: "f64",
    axis: null,
  }),
  vjp: (g, [w, v, blocks], out) => [
    emit(dotOp, [v!, g, blocks!], withStrong(out.attrs, ((strongOf(out) & SECOND) >> 1) | SECOND)),
    emit(outerOp, [w!, g, blocks!], withStrong(out.attrs, (strongOf(out) & FIRST) | SECOND)),
    null,
  ],
  batch: (node, args, batched, size) =>
    batched[1] || batched[2] ? unroll(node, args, batched, size) : emit(sumOp, args, node.attrs),
  lowering: {
    lower: (node, at) => {
      const { sums, weights, rows } = node.attrs;
      const count = sizeOf(node.shape.slice(0, -1));
      const blocks = node.args[2]!.size / blockWords;
      return [
        productInstruction(node, "f64_shiftSum", [count, blocks, weights, rows, sums, at.out, ...at.args]),
      ];
    },
  },
};

export const sumOracle = (): Oracle<Sizes> => ({
  op: sumOp,
  reference: (node, [w, v, blocks]: readonly Value[]) => {
    const { sums, weights, rows } = node.attrs;
    const out = new Float64Array(node.size);
    for (let b = 0; b < node.size / sums; b++) {
      terms(blocks!, (k, place, row) => {
        for (const side of [0, 1]) {
          const [p, q] = [w!.data[(2 * b + side) * weights + k]!, v!.data[side * rows + row]!];
          out[b * sums + place]! += product(p, q, strongOf(node));
        }
      });
    }
    return out;
  },
  test: samples([{ shape: [2, 2] }, { shape: [2, 5] }]),
});

/** Reverse in the weights. */
const dotOp: Op<Sizes> = {
  name: "shiftDot",
  infer: ([, y], attrs) => ({
    shape: [...y!.shape.slice(0, -1), 2, attrs.weights],
    dtype: "f64",
    axis: null,
  }),
  vjp: (g, [v, y, blocks], out) => [
    emit(outerOp, [g, y!, blocks!], withStrong(out.attrs, FIRST | (strongOf(out) & SECOND))),
    emit(sumOp, [g, v!, blocks!], withStrong(out.attrs, FIRST | ((strongOf(out) & FIRST) << 1))),
    null,
  ],
  batch: (node, args, batched, size) =>
    batched[0] || batched[2] ? unroll(node, args, batched, size) : emit(dotOp, args, node.attrs),
  lowering: {
    lower: (node, at) => {
      const { sums, weights, rows } = node.attrs;
      const count = sizeOf(node.shape.slice(0, -2));
      const blocks = node.args[2]!.size / blockWords;
      return [
        productInstruction(node, "f64_shiftDot", [count, blocks, weights, rows, sums, at.out, ...at.args]),
      ];
    },
  },
};

export const dotOracle = (): Oracle<Sizes> => ({
  op: dotOp,
  reference: (node, [v, y, blocks]: readonly Value[]) => {
    const { sums, weights, rows } = node.attrs;
    const out = new Float64Array(node.size);
    for (let b = 0; b < node.size / (2 * weights); b++) {
      terms(blocks!, (k, place, row) => {
        for (const side of [0, 1]) {
          const [p, q] = [v!.data[side * rows + row]!, y!.data[b * sums + place]!];
          out[(2 * b + side) * weights + k]! += product(p, q, strongOf(node));
        }
      });
    }
    return out;
  },
  test: samples([{ shape: [2, 5] }, { shape: [4] }]),
});

/** Reverse in the rows: over all leading axes, which the rows do not have. */
const outerOp: Op<Sizes> = {
  name: "shiftOuter",
  infer: (_, attrs) => ({ shape: [2, attrs.rows], dtype: "f64", axis: null }),
  vjp: (g, [w, y, blocks], out) => [
    emit(dotOp, [g, y!, blocks!], withStrong(out.attrs, FIRST | (strongOf(out) & SECOND))),
    emit(sumOp, [w!, g, blocks!], withStrong(out.attrs, (strongOf(out) & FIRST) | SECOND)),
    null,
  ],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const { sums, weights, rows } = node.attrs;
      const count = node.args[0]!.size / (2 * weights);
      const blocks = node.args[2]!.size / blockWords;
      return [
        productInstruction(node, "f64_shiftOuter", [count, blocks, weights, rows, sums, at.out, ...at.args]),
      ];
    },
  },
};

export const outerOracle = (): Oracle<Sizes> => ({
  op: outerOp,
  reference: (node, [w, y, blocks]: readonly Value[]) => {
    const { sums, weights, rows } = node.attrs;
    const out = new Float64Array(node.size);
    for (let b = 0; b < w!.data.length / (2 * weights); b++) {
      terms(blocks!, (k, place, row) => {
        for (const side of [0, 1]) {
          const [p, q] = [w!.data[(2 * b + side) * weights + k]!, y!.data[b * sums + place]!];
          out[side * rows + row]! += product(p, q, strongOf(node));
        }
      });
    }
    return out;
  },
  test: [
    ...samples([{ shape: [2, 2] }, { shape: [4] }]),
    ...samples([{ shape: [3, 2, 2] }, { shape: [3, 4] }]),
  ],
});

function terms(blocks: Value, f: (k: number, place: number, row: number) => void): void {
  for (let i = 0; i < blocks.data.length; i += blockWords) {
    const [k, place, row, length] = tuple([...blocks.data.subarray(i, i + blockWords)], 4);
    for (let j = 0; j < length; j++) f(k, place + j, row + j);
  }
}

/** Two blocks, of three rows and of two, that share a sum. */
function samples(args: readonly Pick<SampleArg, "shape">[]): Sample<Sizes>[] {
  const blocks = { shape: [2, 4], values: [1, 0, 0, 3, 0, 2, 3, 2], integer: 6 };
  return [0, FIRST, SECOND].map((strong) => ({
    args: [...args.map(({ shape }) => ({ shape, range: [-1, 1] as const })), blocks],
    attrs: withStrong({ sums: 4, weights: 2, rows: 5 }, strong),
    ulp: { f32: 0, f64: 8 },
  }));
}

/**
 * Sums [sums] of weighted blocks of rows: for weights w [2, K], rows v [2, A] and integers [blocks, 4] (weight k,
 * first sum, first row, length), y[sum + i] += w[0, k] v[0, row + i] + w[1, k] v[1, row + i]. Each row is in one
 * block.
 */
export function shiftSum(w: Tensor, v: Tensor, blocks: Tensor, sums: number): Tensor {
  requireSmall("shiftSum", w);
  return emit(sumOp, [w, v, blocks], { sums, weights: w.shape.at(-1)!, rows: v.shape.at(-1)! });
}
