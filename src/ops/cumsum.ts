import { type AlongAttrs, type AlongOver, along, runs, runsOf, valuesAt } from "../core/elementary/along.js";
import { checkArguments, checkLegal, flag, tensor } from "../core/graph/arguments.js";
import { emit, floats } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Rank } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";

type CumsumAttrs = AlongAttrs & { readonly exclusive: boolean; readonly reverse: boolean };

/** Sums of what stands before each element of a run; its transpose is the same from the other end. */
function cumulative(name: string, whole: boolean): Op<CumsumAttrs> {
  const op: Op<CumsumAttrs> = {
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: x!.axis }),
    vjp: (g, _, { attrs }) => [emit(op, [g], { ...attrs, reverse: !attrs.reverse })],
    batch: (node, [x]) => emit(op, [x!], node.attrs),
    lowering: {
      whole,
      lower: (node, at) => {
        const { exclusive, reverse } = node.attrs;
        const { k, first, count } = runs(node, node.attrs, at);
        return [
          [
            `${node.dtype}_cumsum`,
            ...[k, at.out, at.args[0]!, first, count, exclusive ? 1 : 0, reverse ? 1 : 0],
          ],
        ];
      },
    },
  };
  return op;
}

const oracle = (op: Op<CumsumAttrs>, test: readonly Sample<CumsumAttrs>[]): Oracle<CumsumAttrs> => ({
  op,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const { exclusive, reverse } = node.attrs;
    const out = new Float64Array(x!.data.length);
    for (const { at } of runsOf(node, node.attrs, x!.lanes, interpreter)) {
      const way = reverse ? at.toReversed() : at;
      const values = valuesAt(x!, way);
      way.forEach((to, i) => {
        out[to] = values.slice(0, exclusive ? i : i + 1).reduce((s, v) => s + v, 0);
      });
    }
    return out;
  },
  test,
});

const childrenOp: Op<CumsumAttrs> = /*#__PURE__*/ cumulative("cumsumChildren", true);
const innerOp: Op<CumsumAttrs> = /*#__PURE__*/ cumulative("cumsumInner", false);

const ways = [
  { exclusive: false, reverse: false },
  { exclusive: true, reverse: false },
  { exclusive: false, reverse: true },
  { exclusive: true, reverse: true },
];
const range = [-2, 2] as const;
const ulp = { f32: 1, f64: 1 };

export const cumsumChildrenOracle = () =>
  oracle(
    childrenOp,
    ways.map((attrs) => ({
      args: [{ shape: attrs.exclusive ? [] : [3], child: true, range }],
      attrs,
      ulp,
    })),
  );

export const cumsumInnerOracle = () =>
  oracle(
    innerOp,
    ways.map((way) => ({
      args: [{ shape: way.exclusive ? [4] : [2, 4, 3], event: !way.exclusive, range }],
      attrs: { ...way, along: way.exclusive ? -1 : -2 },
      ulp,
    })),
  );

/** What `cumsum` sums. */
export interface CumsumOptions {
  /** Without the element itself: the first is 0. False by default. */
  exclusive?: boolean;
  /** From the element to the end. False by default. */
  reverse?: boolean;
}

/** Sums of the children of each parent up to each of them, or along an inner axis. */
export function cumsum(x: Tensor, over: "parent", options?: CumsumOptions): EventTensor;
export function cumsum<R extends Rank>(x: Tensor<R>, over: AlongOver, options?: CumsumOptions): Tensor<R>;
export function cumsum(of: Tensor, over: AlongOver, options: CumsumOptions = {}): Tensor {
  checkArguments("cumsum", { x: [of, tensor] });
  checkLegal("cumsum", options, { exclusive: flag, reverse: flag });
  const x = floats(of);
  const { exclusive = false, reverse = false } = options;
  const attrs = { ...along("cumsum", x, over), exclusive, reverse };
  return emit(attrs.along === undefined ? childrenOp : innerOp, [x], attrs);
}
