import type { MinimumPath } from "../core/derive/fitoptions.js";
import { ranked } from "../core/graph/op.js";
import type { Scalar, Tensor, Vector } from "../core/graph/tensor.js";
import { constantArray } from "../core/run/trace.js";
import { type Status, statusName } from "../core/status.js";
import { minimize } from "../ops/minimize.js";
import { gather } from "../ops/rows.js";
import { answered, scalar } from "./answered.js";
import { asHeld, boundsOf, checkFit, checkParameter } from "./checkfit.js";
import { noteFit } from "./impossible.js";
import type { Likelihood } from "./likelihood.js";
import { type Asked, question, questionAt } from "./question.js";
import { type About, type Said, said } from "./said.js";
import {
  type FitArgs,
  type FitStatics,
  fitOptions,
  fitStatics,
  hold,
  near,
  type PoiStatics,
  poiStatics,
  prepare,
  type Setup,
} from "./setup.js";

/**
 * A best fit: `V` is a vector and `S` a scalar, Tensors in a traced function and numbers outside; `E` says how it ended, by
 * number or name.
 */
export interface FitOf<V, S, E = S> {
  /** The parameters [npars]. */
  readonly x: V;
  /** Twice the negative logarithm of the likelihood. */
  readonly value: S;
  /** How it ended: a name outside of traced functions, its number inside. Else than "converged", `x` and `value` are NaN. */
  readonly status: E;
  /** Evaluations of the likelihood. */
  readonly steps: S;
  /** Estimated distance to the minimum, in units of `value`. */
  readonly edm: S;
}

/** A best fit inside a traced function. */
export interface TracedFit extends FitOf<Vector, Scalar> {
  /** How the minimum moves with a parameter that is held, where that was asked for. */
  readonly path?: MinimumPath<"vector">;
}

/** A best fit in numbers, with what should be said about it. */
export interface Fit extends FitOf<Float64Array, number, Status>, Said {
  readonly names: readonly string[];
  /** Free parameters that ended on a bound. */
  readonly atBounds: readonly string[];
}

/** Where a fit looks besides its own start. */
export interface Search {
  /** Starts that are tried in any case. */
  readonly always?: readonly Tensor[];
  /** Starts that are tried, in order, while no search has converged. */
  readonly others?: readonly Tensor[];
  /** Whether to look for a second minimum as well (default yes): interpolation may make a likelihood bistable. */
  readonly mirror?: boolean;
  /** The position of a held parameter that the minimum is followed with, from the start alone; see `minimize`. */
  readonly along?: number;
}

const ALONE: Search = { others: [], mirror: false };

const same = (x: Tensor): Tensor => x;

/** Vectors of parameters in another order. */
const placed = (order: Int32Array) => (x: Tensor) => gather(x, constantArray(order));

/**
 * Runs the fit that a setup describes; of several minima the lowest. Where it failed, `x` is where it ended: good to go on
 * from, but no answer; see {@link answer}.
 */
export function solve(model: Likelihood, data: Tensor, setup: Setup, search: Search = {}): TracedFit {
  const { x0, free, lower, upper, maxSteps } = setup;
  const { along } = search;
  const { always = [], others = otherStarts(setup), mirror = true } = along === undefined ? search : ALONE;
  const kinks = model.kinks?.();
  const sparse = model.sparse?.() ?? null;
  const [turn, back] = sparse ? [placed(sparse.order), placed(sparse.places)] : [same, same];
  const found = minimize((y: Vector) => model.nll(back(y), data), ranked(turn(x0)), {
    free: turn(free),
    lower: turn(lower),
    upper: turn(upper),
    maxSteps,
    search: {
      starts: [...always, ...others].map(turn),
      always: always.length,
      mirror,
      ...(kinks ? { kinks: turn(kinks) } : {}),
    },
    ...(along === undefined ? {} : { along: sparse?.places[along] ?? along }),
    ...(sparse
      ? { envelope: { first: sparse.first, hessian: (y: Tensor) => sparse.hessian(back(y), data) } }
      : { hessian: (y: Tensor) => model.hessian(y, data) }),
  });
  const twice = (t: Tensor) => scalar(t.mul(2));
  noteFit(model, data, x0, found.status, () => model.init());
  const { path } = found;
  return {
    x: ranked(back(found.x)),
    value: twice(found.value),
    status: found.status,
    steps: found.steps,
    edm: twice(found.edm),
    ...(path
      ? {
          path: {
            slope: twice(path.slope),
            curvature: twice(path.curvature),
            tangent: ranked(back(path.tangent)),
          },
        }
      : {}),
  };
}

/**
 * Where to look when the usual start leads nowhere: a tenth of the way to the upper and to the lower bounds, and half of
 * it to the upper ones, but not further than 1. So factors that let an expectation vanish are left.
 */
export function otherStarts({ x0, lower, upper, free }: Setup): Tensor[] {
  const reach = (towards: Tensor, part: number) => {
    const step = towards.sub(x0).mul(part);
    return x0.add(free.mul(step.clip(-1, 1)));
  };
  return [reach(upper, 0.1), reach(lower, 0.1), reach(upper, 0.5)].map((t) => t.stopGradient());
}

/** The fit that holds what `setup` holds, begun near a known minimum; but in any case from its own start too. */
export function solveNear(model: Likelihood, data: Tensor, setup: Setup, known: Tensor): TracedFit {
  const search = { always: [setup.x0.stopGradient()], others: otherStarts(setup) };
  return solve(model, data, near(setup, known), search);
}

/** The same where time matters: its own start is tried only where the other leads nowhere. */
export function solveQuick(model: Likelihood, data: Tensor, setup: Setup, known: Tensor): TracedFit {
  const others = [setup.x0.stopGradient(), ...otherStarts(setup)];
  return solve(model, data, near(setup, known), { others, mirror: false });
}

/** A fit as an answer: parameters and value are NaN where it failed. */
export function answer(found: TracedFit): TracedFit {
  const { x, value, status } = found;
  return { ...found, x: answered(x, status), value: scalar(answered(value, status)) };
}

/**
 * The parameters of greatest likelihood. Data include the auxiliary ones. In a traced function the result is made of
 * Tensors, differentiable in everything that the data and the model are made of; outside it is numbers. A fit that
 * fails says so in its status. Throws an InferenceError where data or options do not fit the model.
 */
export const fit = question({
  name: "fit",
  options: fitOptions,
  statics: fitStatics,
  check: checkFit,
  trace: (model: Likelihood, args: FitArgs, statics: FitStatics) =>
    answer(solve(model, args.data, prepare(model, args, statics))),
  tell: (asked): Fit => describeFit(asked, asked.ask()),
});

/** The same with the parameter of interest held at a value, as pyhf's `fixed_poi_fit`. */
export const fixedPoiFit = questionAt({
  name: "fixedPoiFit",
  options: fitOptions,
  statics: poiStatics,
  check: (asked) => {
    checkFit(asked);
    checkParameter(asked.model, asked.args, asked.statics.poi, asked.args.mu, asHeld);
  },
  trace: (model: Likelihood, args: FitArgs & { readonly mu: Tensor }, statics: PoiStatics) =>
    answer(solve(model, args.data, hold(prepare(model, args, statics), statics.poi, args.mu))),
  tell: (asked): Fit => {
    const { poi } = asked.statics;
    return describeFit(asked, asked.ask(), { attempts: [{ held: [[poi, asked.args.mu!]] }] }, poi);
  },
});

/** A fit in numbers with its sentences. `held` is a parameter that did not move. */
export function describeFit(
  asked: Pick<Asked<Likelihood, unknown>, "model" | "args">,
  found: FitOf<Float64Array, number>,
  about: About = {},
  held = -1,
): Fit {
  const { model, args } = asked;
  const { parNames } = model.config;
  const { lower, upper } = boundsOf(model, args);
  const atBounds = parNames.filter(
    (_, i) =>
      i !== held &&
      !args.fixed?.[i] &&
      lower[i]! < upper[i]! &&
      (found.x[i]! <= lower[i]! || found.x[i]! >= upper[i]!),
  );
  const bounds = atBounds.length > 0 ? [`at a bound: ${atBounds.join(", ")}`] : [];
  const after = [...bounds, ...(about.after ?? [])];
  const status = statusName(found.status);
  const saying = said(asked, status, { which: "the fit", ...about, after });
  return { ...found, status, names: parNames, atBounds, ...saying };
}
