import { fullLike } from "../core/elementary/align.js";
import { safeMul, zeroMul } from "../core/elementary/arith.js";
import { requireParent } from "../core/elementary/crossing.js";
import { unroll } from "../core/elementary/join.js";
import { emit } from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { NodeOf, Op } from "../core/graph/record.js";
import type { Tensor } from "../core/graph/tensor.js";

type Course = {
  readonly states: number;
  /** The first row is 1 in state 0, else nothing. */
  readonly start: boolean;
  /** From the last child of a parent to its first. */
  readonly backward: boolean;
  /** States go down by one instead of up. */
  readonly down: boolean;
};

/**
 * Rows s_i [k] of states along the children of each parent: s_{i+1} = a_i s_i + v_i (s_i one state up) + b_i; backward s_i from
 * what stands behind it. What goes up on one way goes down on the way back, so it is its own reverse rule. States of 0 are
 * strong zeros.
 */
const recurrenceOp: Op<Course> = {
  name: "recurrence",
  infer: ([a], { states }) => {
    requireParent("recurrence", a!);
    return { shape: [states], dtype: a!.dtype, axis: a!.axis };
  },
  vjp: (g, [a, v, b], out) => {
    const { states, start, backward, down } = out.attrs;
    // What begins with nothing is itself a cotangent.
    const times = start ? safeMul : zeroMul;
    const slope = emit(recurrenceOp, [a!, v!, g], { states, start: false, backward: !backward, down: !down });
    const [above, below] = down ? [out, slope] : [slope, out];
    const moved = states === 1 ? null : times(above.slice(1), below.slice(0, states - 1)).sum(-1);
    const kept = times(slope, out).sum(-1);
    return b ? [kept, moved, slope] : [kept, moved];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    whole: true,
    lower: (node, at) => {
      const { states, start, backward, down } = node.attrs;
      const [a, v, b = 0] = at.args;
      const { first } = at.grain(node.axis!);
      const { count } = at.grain(node.axis!.parent!);
      const flags = (start ? 1 : 0) | (backward ? 2 : 0) | (down ? 4 : 0);
      return [[`${node.dtype}_recurrence`, states, at.out, a!, v!, b, flags, first, count]];
    },
  },
};

export const recurrenceOracle = (): Oracle<Course> => ({
  op: recurrenceOp,
  reference: (node, args, { offsets, rows }) => {
    const first = offsets(node.axis!);
    const out = new Float64Array(node.size * rows(node.axis!));
    for (let p = 0; p < rows(node.axis!.parent!); p++) states(node, args, out, first[p]!, first[p + 1]!);
    return out;
  },
  test: [
    { states: 3, start: true, backward: false, down: false },
    { states: 1, start: true, backward: true, down: false },
    { states: 3, start: false, backward: false, down: true },
    { states: 2, start: true, backward: true, down: false },
  ].map((attrs) => ({
    args: [
      { shape: [], child: true, range: [0, 1] as const },
      { shape: [], child: true, range: [0, 1] as const },
      ...(attrs.start && attrs.backward
        ? []
        : [{ shape: [attrs.states], child: true, range: [-1, 1] as const }]),
    ],
    attrs,
    ulp: { f32: 64, f64: 64 },
  })),
});

function states(
  node: NodeOf<Course>,
  [a, v, b]: readonly Value[],
  out: Float64Array,
  from: number,
  to: number,
) {
  const { start, backward, down } = node.attrs;
  const n = a!.lanes;
  const step = backward ? -1 : 1;
  const times = (x: number, state: number) => (state === 0 ? 0 : x * state);
  const stateAt = (k: number, i: number) => (k < 0 || k >= node.size ? 0 : out[k * n + i]!);
  for (let i = backward ? to - 1 : from; i >= from && i < to; i += step) {
    if (i === (backward ? to - 1 : from)) out[i] = start ? 1 : 0;
    const next = i + step;
    if (next < from || next >= to) return;
    for (let k = 0; k < node.size; k++) {
      const moved = times(v!.data[i]!, stateAt(down ? k + 1 : k - 1, i));
      out[k * n + next] = times(a!.data[i]!, stateAt(k, i)) + moved + (b ? b.data[k * n + i]! : 0);
    }
  }
}

/**
 * Of children that pass with probability w and fail with a, one after the other: how likely k of those before each pass (of
 * those behind it, backward), [states] for k from 0. With v a multiple of w, the same multiple to the power of k.
 */
export const passedBefore = (a: Tensor, v: Tensor, states: number, backward = false): Tensor =>
  emit(recurrenceOp, [a, v], { states, start: true, backward, down: false });

/** How likely none of the children behind each pass. */
export const nonePasses = (a: Tensor, backward: boolean): Tensor =>
  emit(recurrenceOp, [a, a], { states: 1, start: true, backward, down: false }).reshape([]);

/** Σ of w over the children before each, or behind each. */
export const countedBefore = (w: Tensor, backward: boolean): Tensor => {
  const one = fullLike(w, 1);
  return emit(recurrenceOp, [one, one, w.reshape([1])], {
    states: 1,
    start: false,
    backward,
    down: false,
  }).reshape([]);
};
