import { ShapeError } from "../errors.js";
import { checkArguments, operand, tensor } from "../graph/arguments.js";
import type { Axis } from "../graph/axis.js";
import { emit, lift, type Operand, ranked } from "../graph/op.js";
import { type Oracle, sampleChild, type Value } from "../graph/oracle.js";
import type { Op } from "../graph/record.js";
import type { EventTensor, Tensor } from "../graph/tensor.js";
import { outside, runs, runsOf } from "./along.js";
import { where } from "./arith.js";
import { countChildren, requireParent } from "./crossing.js";

const exact = { f32: 0, f64: 0 };
const range = [-2, 2] as const;

/** A child of each parent by its place, from the end where negative. */
type NthAttrs = { readonly i: number; readonly masked?: boolean };

const nthOp: Op<NthAttrs> = {
  name: "nthChild",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: requireParent("nth", x!) }),
  vjp: (g, [x], { attrs: { i } }) => [x!.dtype === "i32" ? null : emit(placeOp, [g], { i, axis: x!.axis! })],
  batch: (node, [x]) => emit(nthOp, [x!], node.attrs),
  lowering: {
    whole: true,
    lower: (node, at) => {
      const { k, first, count } = runs(node.args[0]!, {}, at);
      const { i, masked } = node.attrs;
      return [[`${node.dtype}_nth`, k, at.out, at.args[0]!, first, count, i, masked ? 1 : 0]];
    },
  },
};

export const nthOracle = (): Oracle<NthAttrs> => ({
  op: nthOp,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const own = node.args[0]!;
    const out = new Float64Array(node.size * interpreter.rows(node.axis!));
    for (const { at, to } of runsOf(own, {}, x!.lanes, interpreter)) {
      const place = at.at(node.attrs.i);
      out[to] = place === undefined ? outside(own, node.attrs.masked) : x!.data[place]!;
    }
    return out;
  },
  test: [2, -3].flatMap((i) => [
    { args: [{ shape: [], child: true, range }], attrs: { i }, ulp: exact },
    { args: [{ shape: [3], child: true, range }], attrs: { i, masked: true }, ulp: exact },
    { args: [{ shape: [], child: true, integer: 9 }], attrs: { i }, ulp: exact, order: 0 as const },
  ]),
});

/** The transpose: a value of each parent to one child, 0 to the others. */
const placeOp: Op<{ i: number; axis: Axis }> = {
  name: "placeChild",
  infer: ([x], { axis }) => ({ shape: x!.shape, dtype: x!.dtype, axis }),
  vjp: (g, _, { attrs: { i } }) => [emit(nthOp, [g], { i, masked: true })],
  batch: (node, [x]) => emit(placeOp, [x!], node.attrs),
  lowering: {
    whole: true,
    lower: (node, at) => {
      const { k, first, count } = runs(node, {}, at);
      return [[`${node.dtype}_placeNth`, k, at.out, at.args[0]!, first, count, node.attrs.i]];
    },
  },
};

export const placeOracle = (): Oracle<{ i: number; axis: Axis }> => ({
  op: placeOp,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const lanes = interpreter.rows(node.axis!);
    const out = new Float64Array(node.size * lanes);
    for (const { at, to } of runsOf(node, {}, lanes, interpreter)) {
      const place = at.at(node.attrs.i);
      if (place !== undefined) out[place] = x!.data[to]!;
    }
    return out;
  },
  test: [0, 2, -1].flatMap((i) =>
    [[], [3]].map((shape) => ({
      args: [{ shape, event: true, range }],
      attrs: { i, axis: sampleChild },
      ulp: exact,
    })),
  ),
});

/**
 * Child i of each parent, counted from 0, or from the end where i is negative; where there is none `missing`, by default NaN,
 * and -1 for integers. Throws an AxisError where x belongs to no child table.
 */
export function nth(x: Tensor, i: number, missing?: Operand): EventTensor {
  checkArguments("nth", {
    x: [x, tensor],
    ...(missing === undefined ? {} : { missing: [missing, operand] }),
  });
  requireParent("nth", x);
  if (!Number.isInteger(i) || Math.abs(i) >= 2 ** 31) {
    throw new ShapeError("shape.index", `'nth' needs a whole number, not ${i}; -1 is the last child`, {
      index: i,
    });
  }
  const none = outside(x, false);
  if (missing === undefined || Object.is(missing, none)) return emit(nthOp, [x], { i });
  const found = emit(nthOp, [x], { i, masked: true });
  const either = where(countChildren("nth", x).ge(i < 0 ? -i : i + 1), found, lift(missing));
  return ranked(x.dtype === "i32" && Number.isInteger(missing) ? either.cast("i32") : either);
}

/** The first child of each parent; see `nth`. */
export const first = (x: Tensor, missing?: Operand): EventTensor => nth(x, 0, missing);
