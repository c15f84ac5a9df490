import { align } from "../core/elementary/align.js";
import {
  type AlongAttrs,
  type AlongOver,
  batchedAll,
  besides,
  inward,
  outward,
  runsOf,
  valuesAt,
  wordsBeside,
} from "../core/elementary/along.js";
import { where } from "../core/elementary/arith.js";
import { takeAlong } from "../core/elementary/takealong.js";
import { checkArguments, checkLegal, operand, optional, tensor } from "../core/graph/arguments.js";
import { emit, floats, lift, type Operand } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";

type SearchAttrs = AlongAttrs & { readonly right: boolean };

/** How many numbers of a sorted run are before others. */
function searching(name: string, whole: boolean): Op<SearchAttrs> {
  const op: Op<SearchAttrs> = {
    name,
    infer: ([, v]) => ({ shape: v!.shape, dtype: "i32", axis: v!.axis }),
    vjp: () => [null, null],
    batch: (node, args, batched, size) => {
      const lead = node.shape.length - node.args[0]!.shape.length;
      const [xs, v] = tuple(batchedAll(args, batched, size), 2);
      return outward(emit(op, [xs, inward(v, lead)], node.attrs), lead);
    },
    lowering: {
      whole,
      lower: (node, at) => {
        const [xs, v] = tuple(node.args, 2);
        const words = [...wordsBeside(xs, v, node.attrs, at), node.attrs.right ? 1 : 0];
        return [[`${xs.dtype}_searchsorted`, ...words]];
      },
    },
  };
  return op;
}

const oracle = (op: Op<SearchAttrs>, test: readonly Sample<SearchAttrs>[]): Oracle<SearchAttrs> => ({
  op,
  reference: (node, [x, q]: readonly Value[], interpreter) => {
    const [xs, v] = tuple(node.args, 2);
    const out = new Float64Array(q!.data.length);
    const others = v.axis === xs.axis ? runsOf(v, node.attrs, q!.lanes, interpreter) : null;
    for (const { at, to } of runsOf(xs, node.attrs, x!.lanes, interpreter)) {
      const values = valuesAt(x!, at);
      const next = others?.next();
      const several = Array.from({ length: v.size / xs.size }, (_, i) => to + i * xs.size * q!.lanes);
      for (const place of next && !next.done ? next.value.at : several) {
        // By halves, as every search of this kind: of numbers that are not in order it finds what it finds.
        const before = (i: number) => {
          const [a, b] = [values[i]!, q!.data[place]!];
          const less = a < b || (Number.isNaN(b) && !Number.isNaN(a));
          return less || (node.attrs.right && (a === b || (Number.isNaN(a) && Number.isNaN(b))));
        };
        let [low, high] = [0, values.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (before(middle)) low = middle + 1;
          else high = middle;
        }
        out[place] = low;
      }
    }
    return out;
  },
  test,
});

const childrenOp: Op<SearchAttrs> = /*#__PURE__*/ searching("searchChildren", true);
const innerOp: Op<SearchAttrs> = /*#__PURE__*/ searching("searchInner", false);

const exact = { f32: 0, f64: 0 };
const sorted = [-1, 0, 0, 1, 1, 1, 2, 3];
const asked = [-2, -1, 0, 0.5, 1, 2.5, 3, 4, Number.NaN];
const sides = [{ right: false }, { right: true }];

export const searchChildrenOracle = () =>
  oracle(
    childrenOp,
    [
      { shape: [], event: true },
      { shape: [2, 3], event: true },
      { shape: [3], child: true },
    ].flatMap((query) =>
      sides.map((attrs) => ({
        args: [
          { shape: query.shape.slice(-1), child: true, values: sorted },
          { ...query, values: asked },
        ],
        attrs,
        ulp: exact,
        order: 0,
      })),
    ),
  );

export const searchInnerOracle = () =>
  oracle(
    innerOp,
    [
      { shape: [8], to: [3], along: -1, event: false },
      { shape: [2, 8, 3], to: [2, 5, 3], along: -2, event: true },
    ].flatMap(({ shape, to, along, event }) =>
      sides.map((side) => ({
        args: [
          { shape, event, values: sorted },
          { shape: to, event, values: asked },
        ],
        attrs: { ...side, along },
        ulp: exact,
        order: 0,
      })),
    ),
  );

/** Which of equal numbers `searchsorted` goes before: the first, as by default, or none. */
export interface SearchOptions {
  side?: "left" | "right";
}

/** Numbers without an inner axis are one query along it. */
function queries(v: Tensor, over: AlongOver) {
  const one = over !== "parent" && v.shape.length === 0;
  return {
    v: one ? v.reshape([1]) : v,
    back: (y: Tensor) => (one && typeof over === "number" ? y.reshape(withoutOne(y.shape, over)) : y),
  };
}

const withoutOne = (shape: readonly number[], over: number) =>
  shape.toSpliced(over < 0 ? shape.length + over : over, 1);

/** Both in the wider of their types. */
function widen(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const [x, y] = [floats(a), floats(b)];
  const f64 = (t: Tensor) => (t.dtype === "f32" ? t.cast("f64") : t);
  return x.axis && y.axis && x.dtype !== y.dtype ? [f64(x), f64(y)] : [x, y];
}

/**
 * How many numbers of xs, in ascending order, stand before v (NumPy's searchsorted; NaN is last): integers. Over "parent" xs are
 * children, and v are numbers for each parent or for each child; along an inner axis v has as many there as are asked for, or
 * no axes for one. All other axes are broadcast together. No derivative.
 */
export function searchsorted(xs: Tensor, v: Operand, over: "parent", options?: SearchOptions): EventTensor;
export function searchsorted(xs: Tensor, v: Operand, over: AlongOver, options?: SearchOptions): Tensor;
export function searchsorted(xs: Tensor, v: Operand, over: AlongOver, options: SearchOptions = {}): Tensor {
  checkArguments("searchsorted", { xs: [xs, tensor], v: [v, operand] });
  checkLegal("searchsorted", options, {
    side: optional({ words: '"left" or "right"', accepts: (side) => side === "left" || side === "right" }),
  });
  const [own, asked] = widen(xs, lift(v));
  const query = queries(asked, over);
  const { x, other, attrs } = besides("searchsorted", own, query.v, over);
  const { along: k } = attrs;
  const right = options.side === "right";
  return query.back(
    emit(
      k === undefined ? childrenOp : innerOp,
      [x, other],
      k === undefined ? { right } : { along: k, right },
    ),
  );
}

/**
 * Lines from point to point (xs, ys) at v, and beyond their ends the outermost ys, as NumPy's interp: xs in ascending order,
 * derivatives in all three. Over "parent" xs and ys are children, and v are numbers for each parent or for each child; along
 * an inner axis v is as in `searchsorted`. NaN without points.
 */
export function interp(v: Operand, xs: Tensor, ys: Tensor, over: "parent"): EventTensor;
export function interp(v: Operand, xs: Tensor, ys: Tensor, over: AlongOver): Tensor;
export function interp(v: Operand, xs: Tensor, ys: Tensor, over: AlongOver): Tensor {
  checkArguments("interp", { v: [v, operand], xs: [xs, tensor], ys: [ys, tensor] });
  const [points, values] = tuple(align("interp", [xs, ys]), 2);
  const [own, asked] = widen(points, lift(v));
  const query = queries(asked, over);
  const next = searchsorted(own, query.v, over, { side: "right" });
  const before = next.sub(1).cast("i32");
  const [x0, x1] = [takeAlong(own, before, over), takeAlong(own, next, over)];
  const [y0, y1] = [takeAlong(values, before, over), takeAlong(values, next, over)];
  const t = query.v.sub(x0).div(x1.sub(x0));
  // Where there is none after it, or no number, the last one holds.
  const inside = where(x1.eq(x1), y0.add(t.mul(y1.sub(y0))), y0);
  const line = where(before.lt(0), y1, inside);
  return query.back(where(query.v.eq(query.v), line, Number.NaN));
}
