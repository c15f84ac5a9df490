import type { Tensor } from "../core/graph/tensor.js";
import { checkOptions, type Known } from "../core/options.js";
import { shownAs } from "../text/display.js";
import { checkAsked, checkOperand } from "./askedkinds.js";
import { askNumbers, askTraced, type Numbers, ofNumbers, type Question, type Vector } from "./call.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitInputs,
  type FitNumbers,
  type FitOptions,
  optionValues,
  type TracedFitOptions,
} from "./setup.js";

/** How a question begins: its options, what of them is compiled in, and what it refuses. */
export interface Beginning<M extends Likelihood, E, S> {
  readonly name: string;
  /** What the function takes (default "data, model, options"). */
  readonly order?: string;
  readonly options: Known<FitOptions & E>;
  readonly statics: (model: M, options: FitOptions<unknown, unknown> & Partial<E>) => S;
  /** Throws an InferenceError where numbers are none that can be asked about. */
  readonly check: (asked: Asked<NoInfer<M>, NoInfer<S>>) => void;
}

/** What is asked, outside traced functions. */
export interface Asked<M, S> {
  readonly model: M;
  readonly statics: S;
  /** Data and options; the value that is asked about, where there is one. */
  readonly args: FitNumbers;
}

/** Begins a question that is asked of numbers alone. */
export function begin<M extends Likelihood, E, S>(
  { name, order, options: known, statics: choose, check }: Beginning<M, E, S>,
  data: Vector,
  model: M,
  options: FitOptions & Partial<E>,
): Asked<M, S> {
  checkOptions<object>(name, options, known);
  checkAsked(name, order, data, model, options);
  const statics = choose(model, options);
  const asked = { model, statics, args: { data, ...optionValues(model, options) } };
  check(asked);
  return asked;
}

/** A question that is asked of numbers, and of Tensors in traced functions, where its answer can be differentiated. */
export interface Answering<M extends Likelihood, E, S, A, R, N>
  extends Beginning<M, E, S>,
    Question<M, A, S, R> {
  /** The value that is asked about instead of the given one. */
  tested?(value: number | Tensor, statics: S): number | Tensor;
  /** The answer in numbers, with what is said of it. */
  tell(asked: Telling<M, E, S, R>): N;
}

/** What an answer in numbers is told from. */
export interface Telling<M, E, S, R> extends Asked<M, S> {
  readonly options: Partial<E>;
  /** The value that is asked about, as it was given. */
  readonly value: number | Tensor | undefined;
  /** The answer that `trace` describes, in numbers. */
  ask(): Numbers<R>;
}

/** An answer that notebooks show under the name of its question; one number shows itself. */
const shownAnswer = <N>(name: string, answer: N): N =>
  typeof answer === "object" && answer !== null ? shownAs(name, answer) : answer;

/** Asks it, of whichever. */
function put<M extends Likelihood, E, S, A, R, N>(
  question: Answering<M, E, S, A, R, N>,
  data: Vector | Tensor,
  model: M,
  options: TracedFitOptions & Partial<E>,
  value?: number | Tensor,
): N | R {
  checkOptions<object>(question.name, options, question.options);
  checkAsked(question.name, question.order, data, model, options);
  if (question.order !== undefined) checkOperand(question.name, "value", value);
  const statics = question.statics(model, options);
  const given: FitInputs<Vector | Tensor, number | Tensor> = { data, ...optionValues(model, options) };
  const args = value === undefined ? given : { ...given, mu: question.tested?.(value, statics) ?? value };
  if (!ofNumbers(model, args)) return askTraced(question, model, args, statics);
  const ask = () => askNumbers(question, model, args, statics);
  const asked = { model, statics, args, options, value, ask };
  question.check(asked);
  return shownAnswer(question.name, question.tell(asked));
}

/**
 * A question as the function that asks it: in a traced function the answer is made of Tensors, differentiable in
 * everything that data and model are made of; outside it is numbers. It is about `value`, where there is one.
 */
export function question<M extends Likelihood, E, S, A, R, N>(
  asked: Answering<M, E, S, A, R, N>,
  value?: number,
) {
  function ask(data: Vector, model: M, options?: FitOptions & Partial<E>): N;
  function ask(data: Tensor, model: M, options?: TracedFitOptions & Partial<E>): R;
  function ask(data: Vector | Tensor, model: M, options: TracedFitOptions & Partial<E> = {}): N | R {
    return put(asked, data, model, options, value);
  }
  return ask;
}

/** The same for a question about a value of the parameter of interest, which comes first. */
export function questionAt<M extends Likelihood, E, S, A, R, N>(unordered: Answering<M, E, S, A, R, N>) {
  const asked = { ...unordered, order: "value, data, model, options" };
  function ask(value: number, data: Vector, model: M, options?: FitOptions & Partial<E>): N;
  function ask(value: number | Tensor, data: Tensor, model: M, options?: TracedFitOptions & Partial<E>): R;
  function ask(
    value: number | Tensor,
    data: Vector | Tensor,
    model: M,
    options: TracedFitOptions & Partial<E> = {},
  ): N | R {
    return put(asked, data, model, options, value);
  }
  return ask;
}
