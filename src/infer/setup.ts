import { where } from "../core/elementary/arith.js";
import { concat } from "../core/elementary/join.js";
import { constant } from "../core/graph/op.js";
import type { Tensor } from "../core/graph/tensor.js";
import type { Known } from "../core/options.js";
import type { Vector } from "./call.js";
import { InferenceError } from "./inferenceerror.js";
import type { Likelihood } from "./likelihood.js";

/** How a fit begins and what it may move. `N` and `V` are numbers and vectors; Tensors in a traced function. */
export interface FitOptions<N = number, V = Vector> {
  /** Start [npars]; default what the model suggests. */
  readonly init?: V | undefined;
  /** Bounds [npars]; default what the model suggests. */
  readonly lower?: V | undefined;
  readonly upper?: V | undefined;
  /** Parameters that stay at their start [npars], besides those that the model fixes. */
  readonly fixed?: V | readonly boolean[] | undefined;
  /** Parameters that may move [npars], instead of what the model says. */
  readonly free?: V | readonly boolean[] | undefined;
  /** Values of parameters that are held, by name. */
  readonly hold?: Readonly<Record<string, N>> | undefined;
  /** The parameter of interest, by name or position; default that of the model. */
  readonly poi?: string | number | undefined;
  /** Most evaluations of a fit (default 200). */
  readonly maxSteps?: number | undefined;
}

/** Options of fits whose starts, bounds and held values may be tensors. */
export type TracedFitOptions = FitOptions<number | Tensor, Vector | Tensor>;

export const fitOptions: Known<FitOptions> = {
  ...{ init: true, lower: true, upper: true, fixed: true, free: true, hold: true, poi: true },
  maxSteps: true,
};

/**
 * Data and options as inputs of a question; `mu` is the value that it is about. What is held is held by place: a question
 * is compiled for all models of one structure, and the next one may call its parameters otherwise.
 */
export type FitInputs<V, N> = Readonly<
  Record<"data", V> &
    Partial<
      Record<"init" | "lower" | "upper" | "fixed" | "free", V> &
        Record<"hold", Readonly<Record<string, N>>> &
        Record<"mu", N>
    >
>;
/** As they are outside a traced function, and as they reach one. */
export type FitNumbers = FitInputs<Vector, number>;
export type FitArgs = FitInputs<Tensor, Tensor>;

/** Options that become part of a compiled function. */
export interface FitStatics {
  readonly poi: number | null;
  readonly maxSteps: number;
}

/** The same of what is asked about the parameter of interest. */
export interface PoiStatics extends FitStatics {
  readonly poi: number;
}

/** A fit before it runs. */
export interface Setup {
  readonly x0: Tensor;
  readonly free: Tensor;
  readonly lower: Tensor;
  readonly upper: Tensor;
  readonly maxSteps: number;
}

const isFlags = (v: unknown): v is readonly boolean[] =>
  Array.isArray(v) && v.some((flag) => typeof flag === "boolean");
const flags = <V>(v: V | readonly boolean[]): V | Float64Array =>
  isFlags(v) ? Float64Array.from(v, Number) : v;

/** Options as inputs of a question. */
export function optionValues<V, N>(
  model: Likelihood,
  o: FitOptions<N, V>,
): Omit<FitInputs<V | Float64Array, N>, "data"> {
  const byPlace = ([name, value]: [string, N]): [number, N] => [parameterIndex(model, name), value];
  return {
    ...(o.init === undefined ? {} : { init: o.init }),
    ...(o.lower === undefined ? {} : { lower: o.lower }),
    ...(o.upper === undefined ? {} : { upper: o.upper }),
    ...(o.fixed === undefined ? {} : { fixed: flags(o.fixed) }),
    ...(o.free === undefined ? {} : { free: flags(o.free) }),
    ...(o.hold === undefined ? {} : { hold: Object.fromEntries(Object.entries(o.hold).map(byPlace)) }),
  };
}

/** The parts of options that are compiled in. */
export function fitStatics(model: Likelihood, o: FitOptions<unknown, unknown>): FitStatics {
  const poi = o.poi === undefined ? model.config.poiIndex : parameterIndex(model, o.poi);
  return { poi, maxSteps: o.maxSteps ?? 200 };
}

/** The same with the position of the parameter of interest; an InferenceError where the model has none. */
export function poiStatics(model: Likelihood, o: FitOptions<unknown, unknown>): PoiStatics {
  const { poi, maxSteps } = fitStatics(model, o);
  if (poi !== null) return { poi, maxSteps };
  throw new InferenceError(
    "infer.poi",
    "the model has no parameter of interest; name one in its measurement, or give the option poi",
  );
}

/** Position of a parameter given by name or position. */
export function parameterIndex(model: Likelihood, parameter: string | number): number {
  const { parNames, npars } = model.config;
  const i = typeof parameter === "number" ? parameter : parNames.indexOf(parameter);
  if (!(Number.isInteger(i) && i >= 0 && i < npars)) {
    const some = parNames.slice(0, 8).join(", ");
    throw new InferenceError(
      "infer.parameter",
      `the model has no parameter ${JSON.stringify(parameter)}; it has ${npars}: ${some}${npars > 8 ? ", …" : ""}`,
      { parameter, npars },
    );
  }
  return i;
}

/** The fit that options describe. */
export function prepare(model: Likelihood, args: Omit<FitArgs, "data">, statics: FitStatics): Setup {
  let x0 = args.init ?? model.init();
  let free = args.free ?? model.free();
  if (args.fixed) free = free.mul(args.fixed.eq(0));
  for (const [at, value] of Object.entries(args.hold ?? {})) {
    const i = Number(at);
    x0 = place(x0, i, value);
    free = place(free, i, constant(0));
  }
  return {
    x0,
    free,
    lower: args.lower ?? model.lower(),
    upper: args.upper ?? model.upper(),
    maxSteps: statics.maxSteps,
  };
}

/** The same fit with one parameter held at a value. */
export function hold(setup: Setup, i: number, value: Tensor): Setup {
  return { ...setup, x0: place(setup.x0, i, value), free: place(setup.free, i, constant(0)) };
}

/** The same fit begun near a known minimum, without a derivative by it; what is not free keeps its start, which has one. */
export function near(setup: Setup, x: Tensor): Setup {
  return { ...setup, x0: where(setup.free.eq(0), setup.x0, x.stopGradient()) };
}

/** A vector with element i replaced. */
export function place(x: Tensor, i: number, value: Tensor): Tensor {
  const n = x.size;
  const before = i > 0 ? [x.slice(0, i)] : [];
  const after = i + 1 < n ? [x.slice(i + 1, n)] : [];
  const [first, ...others] = [...before, value.reshape([1]), ...after];
  return concat([first!, ...others]);
}
