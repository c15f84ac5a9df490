import { ShapeError } from "../errors.js";
import { checkArguments, tensor } from "../graph/arguments.js";
import type { Axis } from "../graph/axis.js";
import { emit, indices } from "../graph/op.js";
import { type Oracle, type Sample, sampleChild, type Value } from "../graph/oracle.js";
import type { Joined, Rank } from "../graph/rank.js";
import type { Op } from "../graph/record.js";
import { describe, type EventTensor, type Tensor } from "../graph/tensor.js";
import { tuple } from "../graph/tuple.js";
import {
  type AlongAttrs,
  type AlongOver,
  batchedAll,
  besides,
  inward,
  outside,
  outward,
  runsOf,
  wordsBeside,
} from "./along.js";

/** Masked, what has no place is 0. */
type TakeAttrs = AlongAttrs & { readonly masked?: boolean };
/** `axis` is that of the children, `lead` how many axes say which of several it is; `length` is that of the inner axis. */
type ScatterAttrs = AlongAttrs & { readonly axis?: Axis; readonly lead?: number; readonly length?: number };

/** Axes that places have before those of x: several for each parent. */
const leadOf = (x: Tensor, places: Tensor): number => places.shape.length - x.shape.length;

/** Elements of a run at places in it: one for each parent, or for each row of the run. */
function taking(name: string, whole: boolean, scatter: () => Op<ScatterAttrs>): Op<TakeAttrs> {
  const op: Op<TakeAttrs> = {
    name,
    infer: ([x, places]) => ({ shape: places!.shape, dtype: x!.dtype, axis: places!.axis }),
    vjp: (g, [x, places], { attrs: { along: k } }) => {
      if (x!.dtype === "i32") return [null, null];
      const to =
        k === undefined
          ? { axis: x!.axis!, lead: leadOf(x!, places!) }
          : { along: k, length: x!.shape.at(k)! };
      return [emit(scatter(), [g, places!], to), null];
    },
    batch: (node, args, batched, size) => {
      const lead = leadOf(node.args[0]!, node.args[1]!);
      const [x, places] = tuple(batchedAll(args, batched, size), 2);
      return outward(emit(op, [x, inward(places, lead)], node.attrs), lead);
    },
    lowering: {
      whole,
      lower: (node, at) => {
        const [x, places] = tuple(node.args, 2);
        const words = wordsBeside(x, places, node.attrs, at);
        return [[`${node.dtype}_takeAlong`, ...words, node.attrs.masked ? 1 : 0]];
      },
    },
  };
  return op;
}

/** The transpose: elements to their places in a run, those of one place summed. */
function scattering(name: string, whole: boolean, take: () => Op<TakeAttrs>): Op<ScatterAttrs> {
  const op: Op<ScatterAttrs> = {
    name,
    infer: ([x], { along: k, length, axis, lead }) =>
      k === undefined
        ? { shape: x!.shape.slice(lead ?? 0), dtype: x!.dtype, axis: axis! }
        : { shape: x!.shape.with(k, length!), dtype: x!.dtype, axis: x!.axis },
    vjp: (g, [, places], { attrs: { along: k } }) => [
      emit(take(), [g, places!], k === undefined ? { masked: true } : { along: k, masked: true }),
      null,
    ],
    batch: (node, args, batched, size) => {
      const wide = batchedAll(args, batched, size).map((t) => inward(t, node.attrs.lead ?? 0));
      return emit(op, wide, node.attrs);
    },
    lowering: {
      whole,
      lower: (node, at) => {
        return [[`${node.dtype}_scatterAlong`, ...wordsBeside(node, node.args[1]!, node.attrs, at)]];
      },
    },
  };
  return op;
}

/** Pairs of an element of x and the places of its run, for the references of both. */
function* pairs(
  x: Tensor,
  lanes: number,
  places: Tensor,
  index: Value,
  attrs: AlongAttrs,
  interpreter: Parameters<typeof runsOf>[3],
) {
  const perRun = places.axis !== x.axis;
  const others = perRun ? null : runsOf(places, attrs, index.lanes, interpreter);
  for (const { at, to } of runsOf(x, attrs, lanes, interpreter)) {
    const next = others?.next();
    const several = Array.from({ length: places.size / x.size }, (_, i) => to + i * x.size * index.lanes);
    for (const place of next && !next.done ? next.value.at : several)
      yield { place, at: at[index.data[place]!] };
  }
}

const takeOracle = (op: Op<TakeAttrs>, test: readonly Sample<TakeAttrs>[]): Oracle<TakeAttrs> => ({
  op,
  reference: (node, [x, index]: readonly Value[], interpreter) => {
    const [own, places] = tuple(node.args, 2);
    const out = new Float64Array(index!.data.length);
    for (const { place, at } of pairs(own, x!.lanes, places, index!, node.attrs, interpreter))
      out[place] = at === undefined ? outside(own, node.attrs.masked) : x!.data[at]!;
    return out;
  },
  test,
});

const scatterOracle = (
  op: Op<ScatterAttrs>,
  test: readonly Sample<ScatterAttrs>[],
): Oracle<ScatterAttrs> => ({
  op,
  reference: (node, [x, index]: readonly Value[], interpreter) => {
    const places = node.args[1]!;
    const lanes = node.axis ? interpreter.rows(node.axis) : 1;
    const out = new Float64Array(node.size * lanes);
    for (const { place, at } of pairs(node, lanes, places, index!, node.attrs, interpreter))
      if (at !== undefined) out[at]! += x!.data[place]!;
    return out;
  },
  test,
});

const takeChildrenOp: Op<TakeAttrs> = /*#__PURE__*/ taking("takeChildren", true, () => scatterChildrenOp);
const scatterChildrenOp: Op<ScatterAttrs> = /*#__PURE__*/ scattering(
  "scatterChildren",
  true,
  () => takeChildrenOp,
);
const takeInnerOp: Op<TakeAttrs> = /*#__PURE__*/ taking("takeInner", false, () => scatterInnerOp);
const scatterInnerOp: Op<ScatterAttrs> = /*#__PURE__*/ scattering("scatterInner", false, () => takeInnerOp);

const exact = { f32: 0, f64: 0 };
const summed = { f32: 4, f64: 4 };
const range = [-2, 2] as const;

/** Places of parents, and of children, for children. */
const places = [
  { shape: [], event: true, integer: 6 },
  { shape: [2, 3], event: true, integer: 6 },
  { shape: [3], child: true, integer: 6 },
];

export const takeChildrenOracle = () =>
  takeOracle(
    takeChildrenOp,
    places.flatMap((at) => {
      const x = { shape: at.shape.slice(-1), child: true };
      return [
        { args: [{ ...x, range }, at], ulp: exact },
        { args: [{ ...x, range }, at], attrs: { masked: true }, ulp: exact },
        { args: [{ ...x, integer: 9 }, at], ulp: exact, order: 0 },
      ];
    }),
  );

export const scatterChildrenOracle = () =>
  scatterOracle(
    scatterChildrenOp,
    places.map(({ integer, ...on }) => ({
      args: [
        { ...on, range },
        { ...on, integer },
      ],
      attrs: { axis: sampleChild, ...(on.shape.length > 1 ? { lead: 1 } : {}) },
      ulp: summed,
    })),
  );

const inner = [
  { from: [4], to: [3], along: -1, event: false },
  { from: [2, 4, 3], to: [2, 5, 3], along: -2, event: true },
];

export const takeInnerOracle = () =>
  takeOracle(
    takeInnerOp,
    inner.flatMap(({ from, to, along, event }) => {
      const [x, at] = [
        { shape: from, event },
        { shape: to, event },
      ];
      return [
        {
          args: [
            { ...x, range },
            { ...at, integer: 4 },
          ],
          attrs: { along },
          ulp: exact,
        },
        {
          args: [
            { ...x, range },
            { ...at, integer: 9 },
          ],
          attrs: { along, masked: true },
          ulp: exact,
        },
        {
          args: [
            { ...x, integer: 9 },
            { ...at, integer: 6 },
          ],
          attrs: { along },
          ulp: exact,
          order: 0,
        },
      ];
    }),
  );

export const scatterInnerOracle = () =>
  scatterOracle(
    scatterInnerOp,
    inner.map(({ from, to, along, event }) => ({
      args: [
        { shape: from, event, range },
        { shape: from, event, integer: 6 },
      ],
      attrs: { along, length: to.at(along)! },
      ulp: summed,
    })),
  );

/**
 * Elements of x at places along an axis, as NumPy's take_along_axis; NaN where the place is outside, and -1 for integers.
 *
 * Over "parent" places count the children of their parent from 0, and there is one for each parent (the result is the
 * parents'), several, which stand in axes before those of x, or one for each child (a permutation, as `argsort` gives it). Along
 * an inner axis x and places may have other lengths there. All other axes are broadcast together.
 */
export function takeAlong(x: Tensor, places: Tensor, over: "parent"): EventTensor;
export function takeAlong<A extends Rank, B extends Rank>(
  x: Tensor<A>,
  places: Tensor<B>,
  over: number,
): Tensor<Joined<A, B>>;
export function takeAlong(x: Tensor, places: Tensor, over: AlongOver): Tensor;
export function takeAlong(x: Tensor, places: Tensor, over: AlongOver): Tensor {
  checkArguments("takeAlong", { x: [x, tensor], places: [places, tensor] });
  const at = indices(places);
  if (at.dtype !== "i32") {
    throw new ShapeError(
      "shape.index",
      `'takeAlong' needs integers as places, but got ${describe(places)}; take them from argmax or argsort, or .cast("i32")`,
      { shape: places.shape, dtype: places.dtype },
    );
  }
  const { x: own, other, attrs } = besides("takeAlong", x, at, over);
  return attrs.along === undefined
    ? emit(takeChildrenOp, [own, other])
    : emit(takeInnerOp, [own, other], attrs);
}
