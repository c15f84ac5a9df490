import { steps as numberOf } from "../core/agreed.js";
import { safeMul } from "../core/elementary/arith.js";
import { unroll } from "../core/elementary/join.js";
import { normHazard } from "../core/elementary/special.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { emit, floats, requireEvents } from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";
import { describe } from "../core/graph/tensor.js";
import { checkChoice } from "../core/options.js";
import * as ref from "../core/oracle/reference.js";
import { recordNames } from "../text/recordnames.js";

/** Shape of a soft step: logistic σ(z), or the normal distribution function Φ(z). */
export type Step = "sigmoid" | "normal";

/** The slope of the logarithm of each step. */
const slopes: Record<keyof typeof numberOf, (z: Tensor) => Tensor> = {
  sigmoid: (z) => z.neg().sigmoid(),
  normal: (z) => normHazard(z),
};

/** Σ over the inner axis of log S(z): the logarithm of a product of soft cuts, which no underflow flattens. */
const logCutProductOp: Op<{ step: Step }> = {
  name: "logCutProduct",
  infer: ([z]) => {
    if (z!.shape.length !== 1) {
      throw new ShapeError(
        "shape.cuts",
        `'logCutProduct' needs one inner axis of cuts, but got ${describe(z!)}`,
        {
          shape: z!.shape,
        },
      );
    }
    return { shape: [], dtype: z!.dtype, axis: z!.axis };
  },
  vjp: (g, [z], out) => [safeMul(g, slopes[out.attrs.step](z!))],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => [
      [
        `${node.dtype}_logCutProduct`,
        node.args[0]!.size,
        at.lanes,
        at.out,
        at.args[0]!,
        numberOf[node.attrs.step],
      ],
    ],
  },
};

export const logCutProductOracle = (): Oracle<{ step: Step }> => ({
  op: logCutProductOp,
  reference: (node, [z]: readonly Value[]) => {
    const log = { sigmoid: ref.logSigmoid, normal: ref.normLogCdf }[node.attrs.step];
    const out = new Float64Array(z!.lanes);
    z!.data.forEach((v, i) => {
      out[i % z!.lanes]! += log(v);
    });
    return out;
  },
  test: (["sigmoid", "normal"] as const).flatMap((step) =>
    (
      [
        [-3, 3],
        [-30, -10],
      ] as const
    ).map((range) => ({
      args: [{ shape: [3], event: true, range }],
      attrs: { step },
      ulp: { f32: 8, f64: 8 },
    })),
  ),
});

/** log Π S(z_j) per event of the cuts z [k], which are in units of their widths. */
export function logCutProduct(z: Tensor, step: Step = "sigmoid"): EventTensor {
  checkArguments("logCutProduct", { z: [z, tensor] });
  checkChoice("the step of logCutProduct()", step, recordNames(slopes));
  const x = requireEvents("logCutProduct", z);
  return emit(logCutProductOp, [floats(x)], { step });
}
