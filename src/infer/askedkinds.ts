import {
  aText,
  checkArgument,
  either,
  finite,
  flag,
  having,
  type Legal,
  type LegalOptions,
  numbers,
  numeric,
  operand,
  record,
  tensor,
  whole,
  wrongArgument,
} from "../core/graph/arguments.js";
import { InferenceError } from "./inferenceerror.js";
import type { FitOptions } from "./setup.js";

const vector: Legal = /*#__PURE__*/ either(numbers, tensor);
const perParameter: Legal = { ...vector, words: "an array with a number for each parameter" };
const zeroOrOne: Legal = /*#__PURE__*/ numeric("0 or 1", (x) => x === 0 || x === 1);
const someFlags = /*#__PURE__*/ either(flag, zeroOrOne);
const flags: Legal = {
  words: "an array with true or false for each parameter (hold: { name: value } holds parameters by name)",
  accepts: (value) =>
    tensor.accepts(value) ||
    (numbers.accepts(value) && Array.from(value as ArrayLike<unknown>).every(zeroOrOne.accepts)) ||
    (Array.isArray(value) && value.every(someFlags.accepts)),
};
const held: Legal = { ...record, words: "a plain object { name: value } of parameters and their values" };
const heldValue = /*#__PURE__*/ either(finite, tensor);

const aNumber = /*#__PURE__*/ numeric("a position", Number.isInteger);

/** What each option of a fit may be; a value of another kind must not be taken for none. */
const fitLegal: LegalOptions<FitOptions> = {
  init: perParameter,
  lower: perParameter,
  upper: perParameter,
  fixed: flags,
  free: flags,
  hold: held,
  poi: /*#__PURE__*/ either(aText, aNumber),
  maxSteps: /*#__PURE__*/ whole(0),
};

const aModel: Legal = /*#__PURE__*/ having("a model, as histfactory(…) makes it", "config", "values");

/** An InferenceError unless a question is asked of a model; `order` is what the function takes. */
export function requireModel(name: string, order: string, model: unknown): void {
  const sentence = wrongArgument(name, "model", model, aModel);
  if (!sentence) return;
  throw new InferenceError("infer.model", `${sentence}; the order is ${name}(${order})`, {
    function: name,
    got: model,
  });
}

/** An OptionError unless the options of a fit are of their kinds: what is none of these would not be seen. */
export function checkFitKinds(name: string, options: FitOptions<unknown, unknown>): void {
  const { init, lower, upper, fixed, free, hold, poi, maxSteps } = options;
  const given = { init, lower, upper, fixed, free, hold, poi, maxSteps };
  for (const [option, value] of Object.entries(given))
    if (value !== undefined) checkArgument(name, option, value, fitLegal[option as keyof FitOptions]);
  for (const [parameter, value] of Object.entries(hold ?? {}))
    checkArgument(name, `hold.${parameter}`, value, heldValue);
}

/** The same, and unless it is asked of data and a model. */
export function checkAsked(
  name: string,
  order: string | undefined,
  data: unknown,
  model: unknown,
  options: FitOptions<unknown, unknown>,
): void {
  requireModel(name, order ?? "data, model, options", model);
  checkVector(name, "data", data);
  checkFitKinds(name, options);
}

/** An OptionError unless an argument of the function is a number or a Tensor. */
export const checkOperand = (name: string, argument: string, value: unknown): void =>
  checkArgument(name, argument, value, operand);

/** An OptionError unless an argument is an array of numbers or a Tensor. */
export const checkVector = (name: string, argument: string, value: unknown): void =>
  checkArgument(name, argument, value, vector);

/** Two of a kind. */
export const pairOf = ({ words, accepts }: Legal): Legal => ({
  words: `an array of two, each of them ${words}`,
  accepts: (value) =>
    (Array.isArray(value) || ArrayBuffer.isView(value)) &&
    Array.from(value as ArrayLike<unknown>).length === 2 &&
    Array.from(value as ArrayLike<unknown>).every(accepts),
});
/** A parameter by name or position. */
export const aParameter = /*#__PURE__*/ either(aText, aNumber);
/** Several. */
export const someParameters: Legal = {
  words: "an array of parameters, each by name or position",
  accepts: (value) => Array.isArray(value) && value.every(aParameter.accepts),
};
