import { orderBytes } from "../core/agreed.js";
import { conform } from "../core/elementary/align.js";
import {
  type AlongAttrs,
  type AlongOver,
  along,
  reduced,
  runs,
  runsOf,
  valuesAt,
} from "../core/elementary/along.js";
import { where } from "../core/elementary/arith.js";
import { takeAlong } from "../core/elementary/takealong.js";
import {
  checkArguments,
  checkLegal,
  flag,
  operand,
  optional,
  tensor,
  whole,
} from "../core/graph/arguments.js";
import type { Attrs } from "../core/graph/attrs.js";
import { broadcastShapes, commonAxis, emit, floats, lift, type Operand } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Rank } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";

type SortAttrs = AlongAttrs & { readonly descending: boolean };

/** Places of the elements of each run in order. */
function sorting(name: string, whole: boolean): Op<SortAttrs> {
  const op: Op<SortAttrs> = {
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: "i32", axis: x!.axis }),
    vjp: () => [null],
    batch: (node, [x]) => emit(op, [x!], node.attrs),
    lowering: {
      whole,
      lower: (node, at) => {
        const x = node.args[0]!;
        const { k, first, count } = runs(x, node.attrs, at);
        const words = [k, at.out, at.args[0]!, first, count, at.scratch, node.attrs.descending ? 1 : 0];
        return [[`${x.dtype}_argsort`, ...words]];
      },
      scratch: ({ shape, attrs: { along: k } }, rows) => orderBytes(k === undefined ? rows : shape.at(k)!),
    },
  };
  return op;
}

/** Places of values in order, equal ones as they stood, NaN last. */
function order(values: readonly number[], descending: boolean): number[] {
  const nan = (i: number) => Number(Number.isNaN(values[i]!));
  const sign = descending ? -1 : 1;
  const less = (i: number, j: number) =>
    nan(i) - nan(j) || sign * (Number(values[i]! > values[j]!) - Number(values[i]! < values[j]!));
  return values.map((_, i) => i).sort(less);
}

const sortOracle = (op: Op<SortAttrs>, test: readonly Sample<SortAttrs>[]): Oracle<SortAttrs> => ({
  op,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const out = new Float64Array(x!.data.length);
    for (const { at } of runsOf(node.args[0]!, node.attrs, x!.lanes, interpreter)) {
      const places = order(valuesAt(x!, at), node.attrs.descending);
      places.forEach((place, i) => {
        out[at[i]!] = place;
      });
    }
    return out;
  },
  test,
});

const sortChildrenOp: Op<SortAttrs> = /*#__PURE__*/ sorting("argsortChildren", true);
const sortInnerOp: Op<SortAttrs> = /*#__PURE__*/ sorting("argsortInner", false);

const numbers = [
  { range: [-2, 2] as const },
  // Ties, signs of zero, and what is no number.
  {
    values: [
      1,
      0,
      3,
      Number.NaN,
      -1,
      -0,
      Number.NEGATIVE_INFINITY,
      3,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -5,
    ],
  },
];
const exact = { f32: 0, f64: 0 };

const childSamples = <A extends Attrs>(attrs: readonly A[]): Sample<A>[] =>
  attrs.flatMap((a, i) =>
    numbers.map((of) => ({
      args: [{ shape: i ? [3] : [], child: true, ...of }],
      attrs: a,
      ulp: exact,
      order: 0 as const,
    })),
  );
const innerSamples = <A extends Attrs>(attrs: readonly A[]): Sample<A & { along: number }>[] =>
  [
    { shape: [40], along: -1, event: false },
    { shape: [2, 5, 3], along: -2, event: true },
  ].flatMap(({ shape, along, event }) =>
    attrs.flatMap((a) =>
      numbers.map((of) => ({
        args: [{ shape, event, ...of }],
        attrs: { ...a, along },
        ulp: exact,
        order: 0 as const,
      })),
    ),
  );

const both = [{ descending: false }, { descending: true }];

export const argsortChildrenOracle = () => sortOracle(sortChildrenOp, childSamples(both));
export const argsortInnerOracle = () => sortOracle(sortInnerOp, innerSamples(both));

type LargestAttrs = AlongAttrs & { readonly count: number };

/** Places of the largest of each run, the largest first; -1 where there are fewer. */
function selecting(name: string, whole: boolean): Op<LargestAttrs> {
  const op: Op<LargestAttrs> = {
    name,
    infer: ([x], attrs) => ({ ...reduced(name, x!, attrs, attrs.count), dtype: "i32" }),
    vjp: () => [null],
    batch: (node, [x]) => {
      const wide = emit(op, [x!], node.attrs);
      if (node.attrs.along !== undefined) return wide;
      return wide.transpose(wide.shape.map((_, i) => (i < 2 ? 1 - i : i)));
    },
    lowering: {
      whole,
      lower: (node, at) => {
        const x = node.args[0]!;
        const { k, first, count } = runs(x, node.attrs, at);
        return [[`${x.dtype}_largest`, k, at.out, at.args[0]!, first, count, node.attrs.count]];
      },
    },
  };
  return op;
}

const largestOracle = (
  op: Op<LargestAttrs>,
  test: readonly Sample<LargestAttrs>[],
): Oracle<LargestAttrs> => ({
  op,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const { count, along: k } = node.attrs;
    const own = node.args[0]!;
    const lanes = node.axis ? interpreter.rows(node.axis) : 1;
    const out = new Float64Array(node.size * lanes).fill(-1);
    // Elements of a run of the result are as far apart as those behind the axis, or as all elements of x.
    const inner =
      k === undefined ? own.size : own.shape.slice(own.shape.length + k + 1).reduce((n, d) => n * d, 1);
    const width = inner * lanes;
    for (const { at, to } of runsOf(own, node.attrs, x!.lanes, interpreter)) {
      const begin = Math.floor(to / width) * count * width + (to % width);
      order(valuesAt(x!, at), true)
        .slice(0, count)
        .forEach((place, i) => {
          out[begin + i * width] = place;
        });
    }
    return out;
  },
  test,
});

const largestChildrenOp: Op<LargestAttrs> = /*#__PURE__*/ selecting("largestChildren", true);
const largestInnerOp: Op<LargestAttrs> = /*#__PURE__*/ selecting("largestInner", false);

export const largestChildrenOracle = () =>
  largestOracle(largestChildrenOp, childSamples([{ count: 1 }, { count: 3 }]));
export const largestInnerOracle = () =>
  largestOracle(largestInnerOp, innerSamples([{ count: 2 }, { count: 50 }]));

/** How `argsort` orders. */
export interface OrderOptions {
  /** The largest first; false by default. NaN is last in both. */
  descending?: boolean;
}

/** Over what `sort` goes, and by what. */
export interface SortOptions extends OrderOptions {
  over: AlongOver;
  /** Numbers to order by, instead of the values: one for each of them, or one for all of a child. */
  by?: Tensor;
}

/** What `topK` takes. */
export interface TopOptions {
  /** Numbers to choose by, instead of the values: one for each of them, or one for all of a child. */
  by?: Tensor;
  /** What stands where there are fewer; NaN by default. */
  missing?: Operand;
}

/**
 * Places within their parent, or along an inner axis, in the order of x: integers that `takeAlong` takes. Equal elements stay
 * as they stand, and NaN is last. No derivative.
 */
export function argsort(x: Tensor, over: "parent", options?: OrderOptions): EventTensor;
export function argsort<R extends Rank>(x: Tensor<R>, over: AlongOver, options?: OrderOptions): Tensor<R>;
export function argsort(of: Tensor, over: AlongOver, options: OrderOptions = {}): Tensor {
  checkArguments("argsort", { x: [of, tensor] });
  checkLegal("argsort", options, { descending: flag });
  const x = floats(of);
  const attrs = { ...along("argsort", x, over), descending: options.descending ?? false };
  return emit(attrs.along === undefined ? sortChildrenOp : sortInnerOp, [x], attrs);
}

const overOrMore = {
  over: {
    words: '"parent" or the number of an inner axis',
    accepts: (over: unknown) => over === "parent" || Number.isInteger(over),
  },
  by: optional(tensor),
  descending: optional(flag),
};

/** `by` for each element of x along an inner axis; with children it may have fewer axes than x. */
function keysFor(op: string, x: Tensor, by: Tensor | undefined, over: AlongOver): Tensor {
  if (!by || over === "parent") return by ?? x;
  const shape = broadcastShapes(op, [x, by]);
  const axis = commonAxis(op, [x, by]);
  return conform(by, { shape, dtype: by.axis || !axis ? by.dtype : axis.dtype, axis });
}

/**
 * Children of each parent, or elements along an inner axis, in ascending order of their values or of what they are to be
 * sorted `by`; NaN last. The order is hard, and the values have derivatives.
 */
export function sort(x: Tensor, over: "parent"): EventTensor;
export function sort<R extends Rank>(x: Tensor<R>, over: AlongOver | SortOptions): Tensor<R>;
export function sort(x: Tensor, given: AlongOver | SortOptions): Tensor {
  checkArguments("sort", { x: [x, tensor] });
  const options: SortOptions = typeof given === "object" ? given : { over: given };
  checkLegal("sort", options, overOrMore);
  const { over, by, descending = false } = options;
  return takeAlong(x, argsort(keysFor("sort", x, by, over), over, { descending }), over);
}

/**
 * The k largest children of each parent as a leading inner axis [k, ...], or the k largest along an inner axis, which has k
 * elements then; the largest first. They are chosen hard, and have derivatives.
 */
export function topK(x: Tensor, k: number, over: "parent", options?: TopOptions): EventTensor;
export function topK<R extends Rank>(
  x: Tensor<R>,
  k: number,
  over: AlongOver,
  options?: TopOptions,
): Tensor<R>;
export function topK(x: Tensor, k: number, over: AlongOver, options: TopOptions = {}): Tensor {
  checkArguments("topK", { x: [x, tensor], k: [k, whole(1)] });
  checkLegal("topK", options, { by: optional(tensor), missing: optional(operand) });
  const keys = floats(keysFor("topK", x, options.by, over));
  const attrs = { ...along("topK", keys, over), count: k };
  const children = attrs.along === undefined;
  const places = emit(children ? largestChildrenOp : largestInnerOp, [keys], attrs);
  const more = children ? new Array<number>(Math.max(0, x.shape.length - keys.shape.length)).fill(1) : [];
  const at = places.reshape([...places.shape.slice(0, 1), ...more, ...places.shape.slice(1)]);
  const taken = takeAlong(x, at, over);
  return options.missing === undefined ? taken : where(at.ge(0), taken, lift(options.missing));
}
