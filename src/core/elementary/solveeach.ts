import { systemBytes } from "../agreed.js";
import { emit } from "../graph/op.js";
import type { Oracle, Value } from "../graph/oracle.js";
import type { Op } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import { tuple } from "../graph/tuple.js";
import { zeroMul } from "./arith.js";
import { unroll } from "./join.js";
import { solveReference } from "./linalg.js";

/** x [n] with A·x = b for each row of a table; NaN where A is singular. Zeros of b are strong. */
const solveEachOp: Op = {
  name: "solveEach",
  infer: ([, b]) => ({ shape: b!.shape, dtype: b!.dtype, axis: b!.axis }),
  vjp: (g, [a], out) => {
    const n = out.size;
    const right = solveEach(a!.transpose(), g);
    const outer = zeroMul(right.reshape([n, 1]), out.reshape([1, n]));
    return [outer.neg(), right];
  },
  strong: (args, _, [matrix]) => (matrix ? null : emit(solveEachOp, args)),
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const [a, b] = tuple(at.args, 2);
      return [[`${node.dtype}_solveEach`, node.size, at.lanes, at.out, a, b, at.scratch]];
    },
    scratch: (node) => systemBytes(node.size),
  },
};

export const solveEachOracle = (): Oracle => ({
  op: solveEachOp,
  reference: (node, [a, b]: readonly Value[]) => {
    const n = node.size;
    const lanes = b!.lanes;
    const out = new Float64Array(n * lanes);
    for (let lane = 0; lane < lanes; lane++) {
      const part = ({ data }: Value, size: number) =>
        Float64Array.from({ length: size }, (_, i) => data[i * lanes + lane]!);
      const right = part(b!, n);
      const x = right.every((v) => v === 0) ? right : solveReference(n, 1, part(a!, n * n), right);
      x.forEach((v, i) => {
        out[i * lanes + lane] = v;
      });
    }
    return out;
  },
  test: [
    {
      args: [
        { shape: [2, 2], event: true, values: [2, 0.5, -0.3, 1.5] },
        { shape: [2], event: true, range: [-1, 1] },
      ],
      ulp: { f32: 1, f64: 64 },
    },
    {
      args: [
        { shape: [3, 3], event: true, values: [0, 2, 1, 1, 0.1, 0, 0.5, 1, 4] },
        { shape: [3], event: true, values: [0, 0, 0, 1, 2, -1] },
      ],
      ulp: { f32: 1, f64: 64 },
    },
  ],
});

/** The solution of A·x = b for A [n, n] and b [n] of the same rows. A b of zeros gives zeros, whatever A is. */
export const solveEach = (a: Tensor, b: Tensor): Tensor => emit(solveEachOp, [a, b]);
