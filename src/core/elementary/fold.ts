import { sumBytes } from "../agreed.js";
import { AxisError, ShapeError } from "../errors.js";
import { checkArguments, tensor } from "../graph/arguments.js";
import type { Over } from "../graph/methods.js";
import { emit, floats, lift, type Operand, ranked, requireEvents } from "../graph/op.js";
import type { Oracle, Value } from "../graph/oracle.js";
import { range } from "../graph/range.js";
import type { AtMost, Fewer, Rank, Small } from "../graph/rank.js";
import type { Fold, Lowering, Op } from "../graph/record.js";
import { axisFromEnd } from "../graph/shape.js";
import type { EventTensor, Scalar, Tensor } from "../graph/tensor.js";
import { describe } from "../graph/tensor.js";
import { fullLike } from "./align.js";
import { safeMul } from "./arith.js";
import { logsumexpChildren, maxChildren } from "./childfold.js";
import { countChildren, requireParent, spread, sumChildren } from "./crossing.js";
import { maxInner, sumInner } from "./reduce.js";

type FoldSpec = {
  kernel: string;
  fold: Fold;
  scratch?: Lowering["scratch"];
  vjp(g: Tensor, x: Tensor, out: Tensor): Tensor;
};

/** A fold of events that keeps the inner shape. */
function elementFold(name: string, spec: FoldSpec): Op {
  const op: Op = {
    name,
    infer: ([x]) => ({ shape: requireEvents(name, x!).shape, dtype: "f64", axis: null }),
    vjp: (g, [x], out) => [spec.vjp(g, x!, out)],
    batch: (_, [x]) => emit(op, [x!]),
    lowering: {
      fold: spec.fold,
      lower: (node, at) => [
        [`${node.args[0]!.dtype}_${spec.kernel}`, node.size, at.lanes, at.out, at.args[0]!, at.scratch],
      ],
      ...(spec.scratch ? { scratch: spec.scratch } : {}),
    },
  };
  return op;
}

const foldOracle = (op: Op, order: 1 | 2, reduce: (values: Float64Array) => number): Oracle => ({
  op,
  reference: (node, [x]: readonly Value[]) => {
    const n = x!.lanes;
    return Float64Array.from({ length: node.size }, (_, j) => reduce(x!.data.subarray(j * n, (j + 1) * n)));
  },
  test: [[], [3]].map((shape) => ({
    args: [{ shape, event: true, range: [-2, 2] }],
    ulp: { f32: 64, f64: 64 },
    order,
  })),
});

/** Kahan-Neumaier sum: the reference must be better than what it judges. */
function exactSum(values: Float64Array): number {
  let sum = 0;
  let rest = 0;
  for (const v of values) {
    const t = sum + v;
    rest += Math.abs(sum) >= Math.abs(v) ? sum - t + v : v - t + sum;
    sum = t;
  }
  return Number.isFinite(sum) ? sum + rest : sum;
}

const maxOf = (values: Float64Array) =>
  values.reduce(
    (m, v) => (Number.isNaN(m) || Number.isNaN(v) ? Number.NaN : Math.max(m, v)),
    Number.NEGATIVE_INFINITY,
  );

const sumOp: Op = /*#__PURE__*/ elementFold("foldSum", {
  kernel: "foldSum",
  fold: { merge: "add" },
  scratch: (node) => sumBytes(node.size),
  vjp: (g, x) => spread(g, x.axis!, x.dtype),
});

export const foldSumOracle = () => foldOracle(sumOp, 2, exactSum);

const maxOp: Op = /*#__PURE__*/ elementFold("foldMax", {
  kernel: "foldMax",
  fold: { merge: "max" },
  // Ties share the cotangent, as JAX does it.
  vjp: (g, x, out) => {
    const first = x.eq(spread(out, x.axis!, x.dtype));
    return spread(safeMul(g, fullLike(out, 1).div(first.sum("events"))), x.axis!, x.dtype).mul(first);
  },
});

export const foldMaxOracle = () => foldOracle(maxOp, 1, maxOf);

const logsumexpOp: Op = /*#__PURE__*/ elementFold("foldLogsumexp", {
  kernel: "foldLogsumexp",
  fold: {
    merge: "logsumexp",
    finish: (state, out, node) => ["f64_logsumexpFinish", node.size, out, state],
  },
  vjp: (g, x, out) => safeMul(spread(g, x.axis!, x.dtype), x.sub(spread(out, x.axis!, x.dtype)).exp()),
});

export const foldLogsumexpOracle = () =>
  foldOracle(logsumexpOp, 2, (values) => {
    const m = maxOf(values);
    if (!Number.isFinite(m)) return m;
    return m + Math.log(exactSum(values.map((v) => Math.exp(v - m))));
  });

/** The inner axes that are meant, counted from the end, each once. */
function innerAxes(op: string, x: Tensor, over: Over | undefined): number[] {
  if (over === undefined) return x.shape.map((_, i) => i - x.shape.length);
  if (typeof over === "number") return [axisFromEnd(op, x, over)];
  if (Array.isArray(over)) return [...new Set(over.map((a: number) => axisFromEnd(op, x, a)))];
  throw new ShapeError(
    "shape.axis",
    `'${op}' got the axis ${JSON.stringify(over)}; it goes over "events", over the children of each "parent", over inner axes by number as -1 or [0, 1], or over everything where none is given`,
    { op, axis: over, shape: x.shape },
  );
}

/** Splits a reduction into its inner part and its fold over events. */
function reduce(
  op: string,
  x: Tensor,
  over: Over | undefined,
  inner: (x: Tensor, axes: number[]) => Tensor,
  fold: (x: Tensor) => Tensor,
  children: (x: Tensor) => Tensor,
): Tensor {
  if (over === "events") return fold(requireEvents(op, x));
  if (over === "parent") {
    requireParent(op, x);
    return children(floats(x));
  }
  const y = inner(exact(x), innerAxes(op, x, over));
  return over === undefined && x.axis ? fold(y) : y;
}

/** Integers in f64: however many they are, their sums are exact. */
const exact = (x: Tensor) => (x.dtype === "i32" ? x.cast("f64") : x);
const foldSum = <R extends Rank = Rank>(x: Tensor): Tensor<R> => emit(sumOp, [exact(x)]);
const foldMax = (x: Tensor) => emit(maxOp, [exact(x)]);

/** Largest |x| for which Σ exp(x) over any table stays far from overflow in f32 tiles. */
const EXP_SAFE = 60;

function foldLogsumexp(x: Tensor): Tensor {
  const [lower, upper] = range(x);
  // Bounded x needs no running maximum, and then the gradient is one sweep: its scale 1/Σ leaves the fold.
  if (lower >= -EXP_SAFE && upper <= EXP_SAFE) return foldSum(x.exp()).log();
  return emit(logsumexpOp, [floats(x)]);
}

function innerLogsumexp(x: Tensor, axes: number[]): Tensor {
  if (axes.length === 0) return x;
  // Held finite in the tile's own type, so that a row of -∞ gives -∞ and not -∞ + ∞.
  const most = x.dtype === "f32" ? 3e38 : 1.7e308;
  const shift = maxInner(x, axes).stopGradient().clip(-most, most);
  const gone = axes.map((a) => (a < 0 ? x.shape.length + a : a));
  const back = shift.reshape(x.shape.map((d, i) => (gone.includes(i) ? 1 : d)));
  return sumInner(x.sub(back).exp(), axes).log().add(shift);
}

/** A reduction as a function; see `Reduction`, as a method. */
interface ReductionFunction {
  (x: Operand, over?: undefined): Scalar;
  (x: Operand, over: "events"): Tensor<Small>;
  (x: Operand, over: "parent"): EventTensor;
  <R extends Rank>(x: Operand<R>, over: number): Tensor<Fewer<R>>;
  <R extends Rank>(x: Operand<R>, over: readonly number[]): Tensor<AtMost<R>>;
  (x: Operand, over: Over | undefined): Tensor;
}
const reduction = (f: (x: Tensor, over: Over | undefined) => Tensor): ReductionFunction =>
  ((x: Operand, over?: Over) => f(lift(x), over)) as ReductionFunction;

/** Sum over events and inner axes (no argument), over events only, over the children of each parent, or over inner axes. */
export const sum = /*#__PURE__*/ reduction((x, over) =>
  reduce("sum", x, over, sumInner, foldSum, sumChildren),
);

/** The largest over the same axes as `sum`. */
export const max = /*#__PURE__*/ reduction((x, over) =>
  reduce("max", x, over, maxInner, foldMax, maxChildren),
);

/** The smallest over the same axes as `sum`. */
export const min = /*#__PURE__*/ reduction((x, over) => max(x.neg(), over).neg());

/** Mean over the same axes as `sum`. */
export const mean = /*#__PURE__*/ reduction((x, over) => {
  if (over === "events") return foldSum(requireEvents("mean", x)).div(count(x));
  if (over === "parent") return sum(x, "parent").div(count(x, "parent"));
  if (x.axis && over === undefined) return sum(x).div(count(x).mul(x.size));
  const axes = innerAxes("mean", x, over);
  const n = axes.reduce((k, a) => k * x.shape[x.shape.length + a]!, 1);
  return sum(x, axes).div(n);
});

/** log Σ exp over the same axes as `sum`, without overflow. */
export const logsumexp = /*#__PURE__*/ reduction((x, over) =>
  reduce("logsumexp", x, over, innerLogsumexp, foldLogsumexp, logsumexpChildren),
);

/**
 * Softmax over an inner axis (default the last), or over the children of each parent. Throws an AxisError over events: it
 * would mix them.
 */
export function softmax<R extends Rank>(of: Operand<R>, axis: number | "parent" | "events" = -1): Tensor<R> {
  const x = lift(of);
  if (axis === "parent") return ranked(x.sub(logsumexp(x, "parent")).exp());
  if (axis === "events") {
    throw new AxisError(
      "axis.softmax",
      `'softmax' over events would let one event's score change another's (${describe(x)}); write it as what it is, a fold and a map: x.sub(x.logsumexp("events")).exp()`,
      { op: "softmax", table: x.axis?.table ?? null },
    );
  }
  if (x.shape.length === 0) {
    throw new ShapeError("shape.axis", `'softmax' needs an inner axis, but got ${describe(x)}`, {
      shape: x.shape,
    });
  }
  const k = x.shape.length + innerAxes("softmax", x, axis)[0]!;
  const keep = x.shape.map((d, i) => (i === k ? 1 : d));
  return ranked(x.sub(innerLogsumexp(x, [axis]).reshape(keep)).exp());
}

/** Number of events of the table that `x` belongs to, or of the children of each parent. */
export function count(x: Tensor, over?: "events"): Scalar;
export function count(x: Tensor, over: "parent"): EventTensor;
export function count(x: Tensor, over: "events" | "parent" = "events"): Tensor {
  checkArguments("count", { x: [x, tensor] });
  if (over === "parent") return countChildren("count", x);
  const axis = requireEvents("count", x).axis!;
  return foldSum(fullLike({ shape: [], dtype: axis.dtype, axis }, 1));
}
