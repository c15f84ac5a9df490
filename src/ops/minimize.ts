import { eachWords, fitAnswer, fitBytes, fitWords, kinkBits, laneBytes } from "../core/agreed.js";
import { cotangents, pullbackAt } from "../core/derive/apart.js";
import { close, extend, inline, perBody } from "../core/derive/body.js";
import { mapBatch } from "../core/derive/mapop.js";
import { requireNumber, traceUnknown } from "../core/derive/perrow.js";
import { hessianBlocks } from "../core/derive/transform.js";
import { conform, fullLike } from "../core/elementary/align.js";
import { safeMul } from "../core/elementary/arith.js";
import { concat, stack, unroll } from "../core/elementary/join.js";
import { dot, safeSolve } from "../core/elementary/linalg.js";
import { solveEach } from "../core/elementary/solveeach.js";
import { AxisError, ShapeError } from "../core/errors.js";
import { emit, floats, instruction, lift, type Operand, ranked } from "../core/graph/op.js";
import type { Joined, NumberOf, Rank } from "../core/graph/rank.js";
import { requireWhole } from "../core/graph/shape.js";
import {
  type Axis,
  type Body,
  describe,
  type Instruction,
  type NodeOf,
  type Op,
  type Oracle,
  type Places,
  type Tensor,
} from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions, type Known } from "../core/options.js";

/** Where a fit looks for minima, besides descending from where it starts. */
export interface MinimumSearch {
  /**
   * Where the objective is not smooth in a coordinate: 1 its derivative jumps at 0, 2 it or its derivative jumps at -1 and
   * 1, 3 at all three (default 0: nowhere). The minimum may lie there.
   */
  kinks?: Tensor;
  /** Further starts [n], tried in this order until a fit converges. They have no derivative. */
  starts?: readonly Tensor[];
  /** How many of these are tried in any case (default 0); the lowest minimum counts. */
  always?: number;
  /** Whether to look for a second minimum at the mirror image of the first about x0 (default no). */
  mirror?: boolean;
}

/** Which coordinates a fit may move, how far, and for how many steps. */
export interface MinimizeOptions {
  /** 1 where a coordinate is free, 0 where it stays at its start. A tensor, so it may depend on data. */
  free?: Tensor;
  lower?: Operand;
  upper?: Operand;
  maxSteps?: number;
  /** Where else to look than at the end of the descent from x0, for objectives with several minima. */
  search?: MinimumSearch;
  /**
   * The Hessian [n, n] of the objective in closed form, where that is faster than its derivation. The solver's steps
   * use it; derivatives of the fit do not, so it need not be differentiable.
   */
  hessian?: (x: Tensor) => Tensor;
  /** The same for a Hessian most of which is zero; in place of `hessian`. */
  envelope?: Envelope;
  /**
   * A coordinate that is not free, with which the minimum is followed: see `Minimum.path`. The fit ends as soon as its
   * quadratic model expects a decrease of 1e-5 at most, at the minimum of that model. Takes no further starts.
   */
  along?: number;
}

const known: Known<MinimizeOptions> = {
  ...{ free: true, lower: true, upper: true, maxSteps: true },
  ...{ search: true, hessian: true, envelope: true, along: true },
};
const knownSearch: Known<MinimumSearch> = { kinks: true, starts: true, always: true, mirror: true };

/**
 * A Hessian whose rows begin with zeros. Where coordinates that meet few others come first, in blocks, and those that meet
 * many come last, memory and time grow with the entries from the first columns on; so do those of derivatives of the fit.
 */
export interface Envelope {
  /** The first column of each row [n] of the lower triangle. */
  readonly first: readonly number[];
  /** The rows of the lower triangle from there on, one after the other, and the diagonal [n]. */
  hessian(x: Tensor): { readonly triangle: Tensor; readonly diagonal: Tensor };
}

/** What has the rank R, or is of events where that is. */
type ForEach<R extends Rank, F extends Rank> = {
  scalar: R;
  vector: R;
  matrix: R;
  array: R;
  events: "events";
}[F];

/** The result of a fit, differentiable in x and value; or of a fit of each event. */
export interface Minimum<R extends Rank = Rank, N extends Rank = "scalar"> {
  /** Position of the minimum, like the start. */
  x: Tensor<R>;
  value: Tensor<N>;
  /** How it ended: 0 where it converged; `statusName` and `statusMessage` tell what another number means. */
  status: Tensor<N>;
  steps: Tensor<N>;
  /** Estimated distance to the minimum, in units of the objective. */
  edm: Tensor<N>;
  /** With `along`. It has no derivative of its own. */
  path?: MinimumPath<R, N>;
}

/** How a minimum moves with a coordinate that is held; NaN where the objective is not convex there. */
export interface MinimumPath<R extends Rank = Rank, N extends Rank = "scalar"> {
  /** The derivatives of the value: first and second. */
  readonly slope: Tensor<N>;
  readonly curvature: Tensor<N>;
  /** The derivative of the position [n]. */
  readonly tangent: Tensor<R>;
}

/** Twice the gain from releasing a held coordinate that still counts as none: it is then not active. */
const MULTIPLIER_ZERO = 1e-9;

/** [f, ∇f] as a body over the inputs of the objective. */
const firstOf = /*#__PURE__*/ perBody((body) => extend(body, [], ([f], [x]) => [f!, slopeOf(f!, x!)]));

const slopeOf = (f: Tensor, x: Tensor): Tensor => cotangents([f], [fullLike(f, 1)], [x])[0]!;

/** [∇²f], derived from the objective. */
const secondOf = /*#__PURE__*/ perBody((body) =>
  extend(body, [], ([f], [x]) => [x!.axis ? rowsOf(slopeOf(f!, x!), x!) : hessianBlocks(f!, [x!])[0]![0]!]),
);

/** Derivatives [n, n] of numbers [n] of each event. */
const rowsOf = (g: Tensor, x: Tensor): Tensor =>
  stack(Array.from({ length: x.size }, (_, i) => slopeOf(g.at(i), x)));

/** [f, ∇f, ∇²f] for a fit of each event. */
const allOf = /*#__PURE__*/ perBody((body) =>
  extend(body, [], (_, inputs) => [...inline(firstOf(body), inputs), ...inline(stepsOf(body), inputs)]),
);

/** [∇²f] as the solver computes it: given in closed form, or derived. */
const stepsOf = /*#__PURE__*/ perBody((body) =>
  body.outputs.length > 1 ? extend(body, [], ([, h]) => [h!]) : secondOf(body),
);

/** The Hessian at the end of a fit, derived from the objective, and its diagonal. */
function dense(body: Body, at: readonly Tensor[]): { curvature: Tensor; diagonal: Tensor } {
  const n = at[0]!.size;
  const [curvature] = tuple(inline(secondOf(body), at), 1);
  const rows = curvature
    .reshape([n * n])
    .pad(0, n)
    .reshape([n, n + 1]);
  return { curvature, diagonal: rows.slice(0, 1).reshape([n]) };
}

/** Entries of the Hessian as the steps see them, and its diagonal. */
function banded(body: Body, at: readonly Tensor[]): { curvature: Tensor; diagonal: Tensor } {
  const [, curvature, diagonal] = tuple(inline(body, at), 3);
  return { curvature, diagonal };
}

/** -H⁻¹ b among the coordinates that move, 0 elsewhere: rows of the others are those of the unit matrix. */
function solution(curvature: Tensor, moves: Tensor, b: Tensor): Tensor {
  const n = moves.size;
  const both = moves.reshape([n, 1]).mul(moves.reshape([1, n]));
  const unit = fullLike(moves, 1)
    .sub(moves)
    .reshape([n, 1])
    .pad(0, n)
    .reshape([n * (n + 1)])
    .slice(0, n * n);
  const system = curvature.mul(both).add(unit.reshape([n, n]));
  const right = moves.mul(b);
  return (right.axis ? solveEach(system, right) : safeSolve(system, right)).neg().mul(moves);
}

/**
 * The same as the minimum of u·H u / 2 + b·u, which is a fit with the same envelope. Its gradient is a product with the
 * exact Hessian, by derivation; the entries only make the step. So it differentiates as fits do, to any order.
 */
function quadratic(
  first: Body,
  at: readonly Tensor[],
  moves: Tensor,
  b: Tensor,
  has: { readonly first: readonly number[]; readonly curvature: Tensor; readonly diagonal: Tensor },
): Tensor {
  const bend = (u: Tensor) => {
    // H u is the derivative of u·∇f.
    const [product] = through(first, 1, u, at);
    return dot(u, product ?? fullLike(u, 0))
      .mul(0.5)
      .add(dot(u, b.mul(moves)));
  };
  const entries = { triangle: has.curvature.stopGradient(), diagonal: has.diagonal.stopGradient() };
  return minimize(bend, fullLike(moves, 0), {
    free: moves,
    envelope: { first: has.first, hessian: () => entries },
  }).x;
}

type FitAttrs = {
  readonly body: Body;
  readonly along: number;
  readonly maxSteps: number;
  readonly always: number;
  readonly mirror: boolean;
  /** First columns of the rows of an envelope; none where the Hessian is dense. */
  readonly first: readonly number[];
};

const minimizeOp: Op<FitAttrs> = {
  name: "minimize",
  infer: ([, free], { along, body }) => ({
    shape: [free!.size + (along === -1 ? fitAnswer.slope : fitAnswer.tangent + free!.size)],
    dtype: "f64",
    axis: body.inputs[0]!.axis,
  }),
  vjp: (g, args, out) => {
    const [x0, free, lower, upper, kinks, ...captures] = tuple(args, 5);
    const body = out.attrs.body;
    const n = free.size;
    const first = firstOf(body);
    const x = out.slice(0, n);
    const gx = g.slice(0, n);
    const [, slope] = tuple(inline(first, [x, ...captures]), 2);
    const envelope = out.attrs.first;
    const { curvature, diagonal } = (envelope.length > 0 ? banded : dense)(body, [x, ...captures]);

    // Held: at a bound that pushes back. At a bound with multiplier zero the coordinate is free.
    const [x1, s1] = [x.stopGradient(), slope.stopGradient()];
    const pushes = diagonal.stopGradient().abs().mul(MULTIPLIER_ZERO).lt(s1.mul(s1));
    const atLower = free.mul(x1.le(lower)).mul(pushes).mul(s1.gt(0)).stopGradient();
    const atUpper = free.mul(x1.ge(upper)).mul(pushes).mul(s1.lt(0)).stopGradient();
    const both = kinkBits.zero | kinkBits.one;
    const atZero = kinks.eq(kinkBits.zero).maximum(kinks.eq(both)).mul(x1.eq(0));
    const atOne = kinks.ge(kinkBits.one).mul(
      x1
        .abs()
        .sub(1)
        .abs()
        .le(4 * 2 ** -52),
    );
    const onKink = free.mul(atZero.maximum(atOne)).mul(pushes).stopGradient();
    const moves = free.sub(atLower.add(atUpper).maximum(onKink)).stopGradient();

    // Implicit function theorem on the moving block.
    const u = envelope.length
      ? quadratic(first, [x, ...captures], moves, gx, { first: envelope, curvature, diagonal })
      : solution(curvature, moves, gx);

    // d/d(x, captures) of u·∇f, with u held.
    const found = through(first, 1, u, [x, ...captures]);
    const shift = gx.add(found[0] ?? fullLike(x, 0));
    return [
      shift.mul(fullLike(free, 1).sub(free)).pad(0, x0.size - n),
      null,
      shift.mul(atLower),
      shift.mul(atUpper),
      null,
      ...found.slice(1),
    ];
  },
  batch: (node, args, batched, size) => (node.axis ? unroll : mapBatch)(node, args, batched, size),
  lowering: {
    lower: (node, at) => [node.axis ? lowerEach(node, at) : lowerOne(node, at)],
    scratch: ({ args, attrs, axis }, lanes) => {
      const n = args[1]!.size;
      return axis ? laneBytes(n) * lanes : fitBytes(n, entriesOf(n, attrs.first));
    },
    long: true,
  },
};

/** One fit. */
function lowerOne(node: NodeOf<FitAttrs>, at: Places): Instruction {
  const n = node.args[1]!.size;
  const { body, first, maxSteps, always, mirror, along } = node.attrs;
  const [x0, free, lower, upper, kinks, ...captures] = tuple(at.args, 5);
  const x = at.reserve(n * 8);
  const a = at.body(firstOf(body), [x, ...captures]);
  const b = at.body(stepsOf(body), [x, ...captures]);
  const [f, g] = tuple(a.outputs, 2);
  return instruction("any_minimize", fitWords, {
    n,
    ...{ out: at.out, x0, free, lower, upper, hole: x },
    ...{ fgStart: a.start, fgEnd: a.end, hStart: b.start, hEnd: b.end },
    ...{ f, g, h: b.outputs[0]! },
    maxSteps,
    scratch: at.scratch,
    starts: n ? node.args[0]!.size / n : 1,
    always,
    mirror: mirror ? 1 : 0,
    kinks,
    first: first.length > 0 ? at.ints(Int32Array.from(first)) : 0,
    along: along + 1,
  });
}

/** A fit in each lane of a tile. */
function lowerEach(node: NodeOf<FitAttrs>, at: Places): Instruction {
  const n = node.args[1]!.size;
  const { lanes, scratch, out } = at;
  const [x0, free, lower, upper, , ...captures] = tuple(at.args, 5);
  const hole = at.reserve(n * 8 * lanes);
  const { start, end, outputs } = at.body(allOf(node.attrs.body), [hole, ...captures]);
  const [f, g, h] = tuple(outputs, 3);
  return instruction("any_minimizeEach", eachWords, {
    ...{ n, lanes, out, x0, free, lower, upper, hole },
    ...{ start, end, f, g, h, maxSteps: node.attrs.maxSteps, scratch },
  });
}

export const minimizeOracle = (): Oracle<FitAttrs> => ({
  op: minimizeOp,
  reference: (node, args, interpreter) => {
    const body = node.attrs.body;
    const [first, second] = [firstOf(body), secondOf(body)];
    const rows = node.axis ? interpreter.rows(node.axis) : 1;
    const out = new Float64Array(node.size * rows);
    for (let row = 0; row < rows; row++) {
      const [x0, free, lower, upper, , ...captures] = tuple(
        args.map(({ data, lanes }, i) =>
          node.args[i]!.axis ? data.filter((_, j) => j % lanes === row) : data,
        ),
        5,
      );
      const end = interpreter.lowest(
        {
          free,
          lower,
          upper,
          maxSteps: node.attrs.maxSteps,
          first: (x) => tuple(interpreter.body(first, [x, ...captures], 1), 2),
          second: (x) => interpreter.body(second, [x, ...captures], 1)[0]!,
        },
        { x0, always: node.attrs.always, mirror: node.attrs.mirror },
      );
      // It goes to the end of the fit, where how the minimum moves need not be known.
      for (let i = 0; i < node.size; i++) out[i * rows + row] = end[i] ?? Number.NaN;
    }
    return out;
  },
  test: [],
  untested: "needs a body: see test/ops/minimize.test.ts and minimize-events.test.ts",
});

/** Cotangents of the inputs of a body from that of one output, where the inputs have the values `at`. */
const through = (body: Body, output: number, cotangent: Tensor, at: readonly Tensor[]): (Tensor | null)[] =>
  pullbackAt((own) => [inline(body, own)[output]!], at, [cotangent]);

/**
 * The value of a fit as a node of its own, so that its rule needs no curvature: by the envelope theorem the derivative
 * of the minimum is that of the objective at the minimum.
 */
const minimumOp: Op<{ body: Body }> = {
  name: "fitValue",
  infer: ([fit]) => ({ shape: [], dtype: "f64", axis: fit!.axis }),
  vjp: (g, args, out) => {
    const [fit, x0, free, lower, upper, , ...captures] = tuple(args, 6);
    const n = free.size;
    const x = fit.slice(0, n);
    const [slope, ...found] = through(out.attrs.body, 0, fullLike(out, 1), [x, ...captures]);
    const push = slope ?? fullLike(x, 0);
    const shift = safeMul(g, push);
    const place = x.stopGradient();
    const held = (at: Tensor, inwards: Tensor) => shift.mul(free.mul(at).mul(inwards).stopGradient());
    return [
      null,
      shift.mul(fullLike(free, 1).sub(free)).pad(0, x0.size - n),
      null,
      held(place.le(lower), push.stopGradient().gt(0)),
      held(place.ge(upper), push.stopGradient().lt(0)),
      null,
      ...found.map((d) => d && safeMul(g, d)),
    ];
  },
  batch: (node, args, batched, size) => (node.axis ? unroll : mapBatch)(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const { lanes, out } = at;
      return [["f64_place", 1, lanes, out, at.args[0]! + 8 * lanes * node.args[2]!.size, 0]];
    },
  },
};

export const minimumOracle = (): Oracle<{ body: Body }> => ({
  op: minimumOp,
  reference: (node, [fit]) => {
    const from = node.args[2]!.size * fit!.lanes;
    return fit!.data.slice(from, from + fit!.lanes);
  },
  test: [],
  untested: "needs a body: see test/ops/minimize.test.ts",
});

/** Numbers in the triangle of a Hessian [n, n] whose rows begin there; of all of it without. */
const entriesOf = (n: number, first: readonly number[]): number =>
  first.length ? first.reduce((sum, from, i) => sum + i + 1 - from, 0) : (n * (n + 1)) / 2;

/**
 * The minimum of a scalar function of a small vector x [n] inside bounds, as an op: a fit inside a traced function.
 * Captured tensors are differentiated through, `value` by the envelope theorem and `x` by the implicit function
 * theorem, to any order. The solver is a damped Newton method with the exact Hessian; it never throws for numerical
 * reasons, `status` says how it ended. A start outside the bounds is moved onto them.
 *
 * Where the objective meets columns of events, or the start or a bound does, each event has a fit of its own: x [n] and the
 * rest are event tensors. They are fitted in f64, and found in the type of the table; what has not converged is NaN. There
 * is one start for each event, so `search`, `envelope` and `along` throw an AxisError.
 */
export function minimize<R extends Rank = "scalar", F extends Rank = "scalar">(
  objective: (x: Tensor<R>) => Tensor<F>,
  x0: Operand<R>,
  options: MinimizeOptions = {},
): Minimum<ForEach<R, F>, NumberOf<Joined<R, F>>> {
  checkOptions("minimize", options, known);
  if (options.envelope) checkOptions("envelope", options.envelope, { first: true, hessian: true });
  const { search = {} } = options;
  checkOptions("search", search, knownSearch);
  const start = floats(lift(x0));
  if (start.shape.length > 1) {
    throw new ShapeError(
      "shape.fit",
      `'minimize' needs a vector of parameters, but got ${describe(start)}; reshape it`,
      {
        shape: start.shape,
      },
    );
  }
  const n = start.size;
  const vector = start.reshape([n]);
  const given = {
    free: options.free ?? 1,
    lower: options.lower ?? Number.NEGATIVE_INFINITY,
    upper: options.upper ?? Number.POSITIVE_INFINITY,
  };
  const { x, outputs, found } = traceUnknown(
    "minimize",
    [n],
    [vector, ...Object.values(given).map(lift)],
    (x) => {
      const at = ranked<R>(start.shape.length ? x : x.reshape([]));
      return [requireNumber("minimize", objective(at)), ...curvatureAt(options, at, n)];
    },
  );
  const { axis } = x;
  if (axis) requireEach(options, axis);
  const { body, captures } = close("minimize", [x], outputs);
  /** One number for each coordinate, or one for all. */
  const like = (name: keyof MinimizeOptions | keyof MinimumSearch, t: Operand) => {
    const given = floats(lift(t));
    if (given.size !== 1 && !(given.shape.length === 1 && given.size === n)) {
      throw new ShapeError(
        "shape.fit",
        `'${name}' of 'minimize' is one number, or one for each of the ${n} coordinates of ${describe(start)}, but it is ${describe(given)}`,
        { option: name, got: given.shape, expected: [n] },
      );
    }
    return conform(given.reshape([given.size]), x);
  };
  const others = (search.starts ?? []).map((s) => like("starts", s));
  const first = conform(vector, x);
  const args = [
    others.length ? concat([first, ...others]) : first,
    like("free", given.free),
    like("lower", given.lower),
    like("upper", given.upper),
    like("kinks", search.kinks ?? 0),
    ...captures,
  ];
  const along = requireAlong(options, n);
  const out = emit(minimizeOp, args, {
    body,
    along,
    maxSteps: requireWhole("minimize", "maxSteps", options.maxSteps ?? 200),
    always: 1 + requireWhole("minimize", "always", search.always ?? 0),
    mirror: search.mirror ?? false,
    first: options.envelope?.first ?? [],
  });
  const number = (t: Tensor) => ranked<NumberOf<Joined<R, F>>>(found(t));
  const place = (from: number) =>
    ranked<ForEach<R, F>>(found(out.slice(from, from + n).reshape(start.shape)));
  const part = (name: keyof typeof fitAnswer) => number(out.at(n + fitAnswer[name]));
  const end = {
    x: place(0),
    value: number(emit(minimumOp, [out, ...args], { body })),
    status: part("end"),
    steps: part("steps"),
    edm: part("edm"),
  };
  if (along === -1) return end;
  const [slope, bend] = [part("slope").stopGradient(), part("curvature").stopGradient()];
  const tangent = place(n + fitAnswer.tangent).stopGradient();
  return { ...end, path: { slope, curvature: bend, tangent } };
}

/** Throws the AxisError for what fits of single events do not know. */
function requireEach(options: MinimizeOptions, { table }: Axis): void {
  const odd = (["search", "envelope", "along"] as const).find((name) => options[name] !== undefined);
  if (odd === undefined) return;
  throw new AxisError(
    "axis.option",
    `'${odd}' of 'minimize' is for one fit, but each row of '${table}' has a fit of its own here; leave it out, or fold over the events before and fit once`,
    { op: "minimize", option: odd, table },
  );
}

/** The coordinate of `along`, -1 where there is none. */
function requireAlong({ along, search: { starts, mirror } = {} }: MinimizeOptions, n: number): number {
  if (along === undefined) return -1;
  if (requireWhole("minimize", "along", along) < n && !starts?.length && !mirror) return along;
  throw new ShapeError(
    "shape.fit",
    `'along' of 'minimize' is one of ${n} coordinates, without other starts`,
    {
      option: "along",
      got: along,
    },
  );
}

/** What a body tells besides its value: nothing, the Hessian, or the entries of its envelope and its diagonal. */
function curvatureAt({ hessian, envelope }: MinimizeOptions, x: Tensor, n: number): Tensor[] {
  if (!envelope) return hessian ? [hessian(x).reshape([n, n])] : [];
  const { triangle, diagonal } = envelope.hessian(x);
  return [triangle, diagonal];
}
