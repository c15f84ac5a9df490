import { constant } from "../core/graph/op.js";
import { type Scalar, Tensor } from "../core/graph/tensor.js";
import { type CompiledFunction, compile } from "../core/run/compile.js";
import { constantArray } from "../core/run/trace.js";
import { map as mapTree } from "../core/tree.js";
import type { Likelihood } from "./likelihood.js";

/** Numbers of a vector, outside a traced function. */
export type Vector = readonly number[] | Float64Array;
/** What becomes a Tensor in a traced function. */
export type Value = number | Vector | Tensor;
/** Arguments of a question: values, and trees of them. */
export interface Values {
  readonly [name: string]: Value | Values;
}

/** A tree of Tensors as a compiled question answers it: scalars become numbers, other Tensors vectors. */
export type Numbers<T> = T extends Scalar
  ? number
  : T extends Tensor
    ? Float64Array
    : T extends object
      ? { [K in keyof T]: Numbers<T[K]> }
      : T;

type Compiled = CompiledFunction<[unknown, unknown], unknown>;

/**
 * Compiled questions that are remembered, by structure: models come and go, as those of a set of signal patches, and
 * share one. The oldest goes.
 */
const KEPT = 64;
const compiled = new Map<string, Compiled>();

/** The compiled functions of one model object, so that repeated calls need not look at its key. */
const near = new WeakMap<Likelihood, Map<string, Compiled>>();

/** What is neither, as text, is left to the functions that say so. */
const isTree = (a: Value | Values): a is Values =>
  typeof a === "object" && a !== null && !(Array.isArray(a) || ArrayBuffer.isView(a) || a instanceof Tensor);

/** Arguments that are numbers and vectors alone. */
type Concrete<A> = A extends Tensor
  ? never
  : A extends number | Vector
    ? A
    : { readonly [K in keyof A]: Concrete<A[K]> };

/** Whether a question is asked of numbers: neither its model nor one of its arguments is made of Tensors. */
export function ofNumbers<A extends Values>(model: Likelihood, args: A): args is A & Concrete<A> {
  return model.concrete && !hasTensor(args);
}

function hasTensor(args: Values): boolean {
  return Object.values(args).some((a) => a instanceof Tensor || (isTree(a) && hasTensor(a)));
}

/** A number or array as a Tensor of the function being traced. */
export function lift(a: Value): Tensor {
  if (a instanceof Tensor) return a;
  return typeof a === "number" ? constant(a) : constantArray(a);
}

/** The Tensors of arguments. */
function lifted(args: Values): object {
  return Object.fromEntries(Object.entries(args).map(([k, a]) => [k, isTree(a) ? lifted(a) : lift(a)]));
}

/** What is asked of a model: a function of it and of Tensors, and of constants that are compiled in. */
export interface Question<M extends Likelihood, A, S, R> {
  /** With the constants it tells this question from all others. */
  readonly name: string;
  trace(model: M, args: A, statics: S): R;
}

/** The same tree with the elements of matrices in a row: answers say their shape in words. */
const flat = (tree: unknown): unknown =>
  mapTree(
    tree,
    (x): x is Tensor => x instanceof Tensor,
    (t) => (t.shape.length > 1 ? t.reshape([t.size]) : t),
  );

/** Asks inside a traced function. */
export function askTraced<M extends Likelihood, A, S, R>(
  question: Question<M, A, S, R>,
  model: M,
  args: Values,
  statics: S,
): R {
  return question.trace(model, lifted(args) as A, statics);
}

/**
 * Asks a model made of numbers. The question is compiled once for all models of the same structure: the numbers of
 * the model and of `args` are inputs. The answer is the tree of the question with numbers and arrays for Tensors.
 */
export function askNumbers<M extends Likelihood, A, S, R>(
  question: Question<M, A, S, R>,
  model: M,
  args: Values,
  statics: S,
): Numbers<R> {
  let mine = near.get(model);
  if (!mine) {
    mine = new Map();
    near.set(model, mine);
  }
  const name = `${question.name} ${JSON.stringify(statics)}`;
  let f = mine.get(name);
  if (!f) {
    const key = `${name}\n${model.key}`;
    f =
      compiled.get(key) ??
      compile((values: unknown, a: unknown) =>
        flat(question.trace(model.with(values) as M, a as A, statics)),
      );
    compiled.delete(key);
    const [oldest] = compiled.keys();
    if (oldest !== undefined && compiled.size >= KEPT) compiled.delete(oldest);
    compiled.set(key, f);
    mine.set(name, f);
  }
  return f(model.values as never, args as never) as Numbers<R>;
}
