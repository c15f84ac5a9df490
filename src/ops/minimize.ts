import { eachWords, fitAnswer, fitBytes, fitWords, kinkBits, laneBytes } from "../core/agreed.js";
import { close, inline } from "../core/derive/body.js";
import { allOf, banded, dense, firstOf, secondOf, stepsOf, through } from "../core/derive/fitbody.js";
import {
  type ForEach,
  known,
  knownSearch,
  type MinimizeOptions,
  type Minimum,
  type MinimumSearch,
  requireAlong,
  requireEach,
} from "../core/derive/fitoptions.js";
import { minimumOp } from "../core/derive/fitvalue.js";
import { mapBatch } from "../core/derive/mapop.js";
import { requireNumber, traceUnknown } from "../core/derive/perrow.js";
import { conform, fullLike } from "../core/elementary/align.js";
import { concat, unroll } from "../core/elementary/join.js";
import { dot, safeSolve } from "../core/elementary/linalg.js";
import { solveEach } from "../core/elementary/solveeach.js";
import { ShapeError } from "../core/errors.js";
import type { Body } from "../core/graph/attrs.js";
import { emit, floats, instruction, lift, type Operand, ranked } from "../core/graph/op.js";
import type { Oracle } from "../core/graph/oracle.js";
import type { Joined, NumberOf, Rank } from "../core/graph/rank.js";
import type { Instruction, NodeOf, Op, Places } from "../core/graph/record.js";
import { requireWhole } from "../core/graph/shape.js";
import { describe, type Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions } from "../core/options.js";

/** Twice the gain from releasing a held coordinate that still counts as none: it is then not active. */
const MULTIPLIER_ZERO = 1e-9;

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

/** What a body tells besides its value: nothing, the Hessian, or the entries of its envelope and its diagonal. */
function curvatureAt({ hessian, envelope }: MinimizeOptions, x: Tensor, n: number): Tensor[] {
  if (!envelope) return hessian ? [hessian(x).reshape([n, n])] : [];
  const { triangle, diagonal } = envelope.hessian(x);
  return [triangle, diagonal];
}
