import { close, extend, hole, inline, substitute } from "../core/body.js";
import { ShapeError } from "../core/errors.js";
import { mapBatch } from "../core/mapped.js";
import { newton } from "../core/newton.js";
import { constant, defineOp, emit, fullLike, lift, type Operand, requireSmall } from "../core/op.js";
import { type Body, describe, type Op, type Scalar, type Tensor } from "../core/tensor.js";
import { hessianBlocks } from "../core/transform.js";
import { pullback, requireScalar } from "../core/vjp.js";

/** Which coordinates a fit may move, how far, and for how many steps. */
export interface MinimizeOptions {
  /** 1 where a coordinate is free, 0 where it stays at its start. A tensor, so it may depend on data. */
  free?: Tensor;
  lower?: Operand;
  upper?: Operand;
  maxSteps?: number;
}

/** The result of a fit, differentiable in x and value. */
export interface Minimum {
  /** Position of the minimum [n]. */
  x: Tensor;
  value: Scalar;
  /** 0 converged, 1 out of steps, 2 not finite, 3 no descent. See `minimizeStatus`. */
  status: Scalar;
  steps: Scalar;
  /** Estimated distance to the minimum, in units of the objective. */
  edm: Scalar;
}

/** What the status of a fit means, and what to do about it. */
export const minimizeStatus: readonly string[] = [
  "converged",
  "the step limit was reached: raise maxSteps, or start nearer to the minimum",
  "the objective or its derivatives are not finite: check the start, and bound the coordinates to where the objective exists",
  "no descent was possible: the objective may be unbounded below, or have no minimum inside the bounds",
];

/** Twice the gain from releasing a held coordinate that still counts as none: it is then not active. */
const MULTIPLIER_ZERO = 1e-9;

const derived = new WeakMap<Body, { first: Body; second: Body }>();

/** [f, ∇f] and [∇²f] as bodies over the inputs of the objective. */
function derivatives(body: Body): { first: Body; second: Body } {
  const known = derived.get(body);
  if (known) return known;
  const gradient = (f: Tensor, x: Tensor) => pullback([f], [constant(1)], [x])[0] ?? fullLike(x, 0);
  const made = {
    first: extend(body, [], ([f], [x]) => [f!, gradient(f!, x!)]),
    second: extend(body, [], ([f], [x]) => [hessianBlocks(f!, [x!])[0]![0]!]),
  };
  derived.set(body, made);
  return made;
}

const minimizeOp: Op = defineOp({
  name: "minimize",
  infer: ([x0]) => ({ shape: [x0!.size + 4], dtype: "f64", axis: null }),
  vjp: (g, args, out) => {
    const [x0, free, lower, upper, ...captures] = args as [Tensor, Tensor, Tensor, Tensor, ...Tensor[]];
    const body = out.attrs.body as Body;
    const n = x0.size;
    const { first, second } = derivatives(body);
    const x = out.slice(0, n);
    const [gx, gv] = [g.slice(0, n), g.at(n)];
    const [, slope] = inline(first, [x, ...captures]) as [Tensor, Tensor];
    const [curvature] = inline(second, [x, ...captures]) as [Tensor];

    // Held: at a bound that pushes back. At a bound with multiplier zero the coordinate is free.
    const [x1, s1] = [x.stopGradient(), slope.stopGradient()];
    const diagonal = curvature
      .reshape([n * n])
      .pad(0, n)
      .reshape([n, n + 1])
      .slice(0, 1)
      .reshape([n])
      .stopGradient();
    const pushes = diagonal.abs().mul(MULTIPLIER_ZERO).lt(s1.mul(s1));
    const atLower = free.mul(x1.le(lower)).mul(pushes).mul(s1.gt(0)).stopGradient();
    const atUpper = free.mul(x1.ge(upper)).mul(pushes).mul(s1.lt(0)).stopGradient();
    const moves = free.sub(atLower).sub(atUpper).stopGradient();

    // Implicit function theorem on the moving block; rows of the others are those of the unit matrix.
    const both = moves.reshape([n, 1]).mul(moves.reshape([1, n]));
    const unit = fullLike(moves, 1)
      .sub(moves)
      .reshape([n, 1])
      .pad(0, n)
      .reshape([n * (n + 1)])
      .slice(0, n * n);
    const system = curvature.mul(both).add(unit.reshape([n, n]));
    const u = system.solve(moves.mul(gx)).neg().mul(moves);

    // d/d(x, captures) of u·∇f + gv·f, with u and gv held: the envelope theorem is its second term.
    const holes = [x, ...captures].map((t) => hole(t, "h"));
    const [f, df] = inline(first, holes) as [Tensor, Tensor];
    const grads = pullback([df, f], [u, gv], holes);
    const back = new Map([x, ...captures].map((t, i) => [holes[i]!, t]));
    const found = grads.map((d) => (d ? substitute([d], back)[0]! : null));
    const through = gx.add(found[0] ?? fullLike(x, 0));
    return [
      through.mul(fullLike(free, 1).sub(free)),
      null,
      through.mul(atLower),
      through.mul(atUpper),
      ...found.slice(1),
    ];
  },
  batch: mapBatch,
  lower: (node, at) => {
    const n = node.args[0]!.size;
    const { first, second } = derivatives(node.attrs.body as Body);
    const [x0, free, lower, upper, ...captures] = at.args as [number, number, number, number, ...number[]];
    const x = at.reserve(n * 8);
    const a = at.body(first, [x, ...captures]);
    const b = at.body(second, [x, ...captures]);
    const [f, g] = a.outputs as [number, number];
    return [
      [
        "any_minimize",
        n,
        at.out,
        x0,
        free,
        lower,
        upper,
        x,
        a.start,
        a.end,
        b.start,
        b.end,
        f,
        g,
        b.outputs[0]!,
        node.attrs.maxSteps as number,
        at.scratch,
      ],
    ];
  },
  scratch: (node) => minimizeScratch(node.args[0]!.size),
  reference: (node, args, interpreter) => {
    const { first, second } = derivatives(node.attrs.body as Body);
    const [x0, free, lower, upper, ...captures] = args.map((a) => a.data) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    return newton({
      x0,
      free,
      lower,
      upper,
      maxSteps: node.attrs.maxSteps as number,
      first: (x) => interpreter.body(first, [x, ...captures]) as [Float64Array, Float64Array],
      second: (x) => interpreter.body(second, [x, ...captures])[0]!,
    });
  },
  // A fit needs an objective; the tests of fits check it against closed forms, differences and the reference.
  test: [],
});

/** Bytes the solver works in: vectors of length n, the Hessian and its factor. */
function minimizeScratch(n: number): number {
  return 8 * (3 * n * n + 16 * n) + 256;
}

/**
 * The minimum of a scalar function of a small vector x [n] inside bounds, as an op: a fit inside a traced function.
 * Captured tensors are differentiated through, `value` by the envelope theorem and `x` by the implicit function
 * theorem, to any order. The solver is a damped Newton method with the exact Hessian; it never throws for numerical
 * reasons, `status` says how it ended. A start outside the bounds is moved onto them.
 */
export function minimize(
  objective: (x: Tensor) => Tensor,
  x0: Operand,
  options: MinimizeOptions = {},
): Minimum {
  const start = requireSmall("minimize", lift(x0));
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
  const x = hole(vector, "x");
  const value = requireScalar("minimize", objective(start.shape.length ? x : x.reshape([])));
  const { body, captures } = close("minimize", [x], [value]);
  const like = (t: Operand | undefined, otherwise: number) => lift(t ?? otherwise).broadcast([n]);
  const out = emit(
    minimizeOp,
    [
      vector,
      like(options.free, 1),
      like(options.lower, Number.NEGATIVE_INFINITY),
      like(options.upper, Number.POSITIVE_INFINITY),
      ...captures,
    ],
    { body, maxSteps: options.maxSteps ?? 200 },
  );
  const part = (i: number) => out.at(n + i) as Scalar;
  const position = out.slice(0, n).reshape(start.shape);
  return { x: position, value: part(0), status: part(1), steps: part(2), edm: part(3) };
}
