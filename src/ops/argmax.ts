import {
  type AlongAttrs,
  type AlongOver,
  along,
  reduced,
  runs,
  runsOf,
  valuesAt,
} from "../core/elementary/along.js";
import { checkArguments, operand } from "../core/graph/arguments.js";
import { emit, floats, lift, type Operand } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Fewer, Rank } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";

type ArgmaxAttrs = AlongAttrs & { readonly least: boolean };

function placing(name: string, whole: boolean): Op<ArgmaxAttrs> {
  const op: Op<ArgmaxAttrs> = {
    name,
    infer: ([x], attrs) => ({ ...reduced(name, x!, attrs), dtype: "i32" }),
    vjp: () => [null],
    batch: (node, [x]) => emit(op, [x!], node.attrs),
    lowering: {
      whole,
      lower: (node, at) => {
        const x = node.args[0]!;
        const { k, first, count } = runs(x, node.attrs, at);
        return [[`${x.dtype}_argmax`, k, at.out, at.args[0]!, first, count, node.attrs.least ? 1 : 0]];
      },
    },
  };
  return op;
}

const oracle = (op: Op<ArgmaxAttrs>, test: readonly Sample<ArgmaxAttrs>[]): Oracle<ArgmaxAttrs> => ({
  op,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const lanes = node.axis ? interpreter.rows(node.axis) : 1;
    const out = new Float64Array(node.size * lanes);
    for (const { at, to } of runsOf(node.args[0]!, node.attrs, x!.lanes, interpreter)) {
      const values = valuesAt(x!, at).map((v) => (Number.isNaN(v) ? Infinity : node.attrs.least ? -v : v));
      out[to] = values.indexOf(Math.max(...values));
    }
    return out;
  },
  test,
});

const childrenOp: Op<ArgmaxAttrs> = /*#__PURE__*/ placing("argmaxChildren", true);
const innerOp: Op<ArgmaxAttrs> = /*#__PURE__*/ placing("argmaxInner", false);

const numbers = [
  { range: [-2, 2] as const },
  // Ties, and what is no number.
  { values: [1, 3, 3, Number.NaN, -1, 3, Number.NaN] },
];
const exact = { f32: 0, f64: 0 };

export const argmaxChildrenOracle = () =>
  oracle(
    childrenOp,
    [false, true].flatMap((least) =>
      numbers.map((of) => ({
        args: [{ shape: least ? [] : [3], child: true, ...of }],
        attrs: { least },
        ulp: exact,
        order: 0,
      })),
    ),
  );

export const argmaxInnerOracle = () =>
  oracle(
    innerOp,
    [
      { shape: [4], along: -1, event: false },
      { shape: [2, 4, 3], along: -2, event: true },
    ].flatMap(({ shape, along, event }) =>
      numbers.map((of) => ({
        args: [{ shape, event, ...of }],
        attrs: { along, least: event },
        ulp: exact,
        order: 0,
      })),
    ),
  );

/** A reduction to places; see `argmax`. */
interface Placing {
  (x: Operand, over: "parent"): EventTensor;
  <R extends Rank>(x: Tensor<R>, over: number): Tensor<Fewer<R>>;
  (x: Operand, over: AlongOver): Tensor;
}

const placed = (name: string, least: boolean): Placing =>
  ((of: Operand, over: AlongOver) => {
    checkArguments(name, { x: [of, operand] });
    const x = floats(lift(of));
    const attrs = along(name, x, over);
    return emit(attrs.along === undefined ? childrenOp : innerOp, [x], { ...attrs, least });
  }) as Placing;

/**
 * The place of the largest among the children of each "parent", or along an inner axis: integers from 0, the first where
 * several are largest, that of a NaN where there is one (as NumPy); -1 without children. No derivative.
 */
export const argmax: Placing = /*#__PURE__*/ placed("argmax", false);

/** The place of the smallest; see `argmax`. */
export const argmin: Placing = /*#__PURE__*/ placed("argmin", true);
