import type { Value, Values } from "./call.js";
import { InferenceError } from "./errors.js";
import type { ChannelLikelihood, Likelihood } from "./likelihood.js";

const isArray = (v: unknown): v is ArrayLike<number> => Array.isArray(v) || ArrayBuffer.isView(v);

/** Refuses data of another length than the model's, or that no experiment could see. */
export function checkData(model: Likelihood, data: Value): void {
  if (!isArray(data)) return;
  const { nmaindata, nauxdata } = model.config;
  if (data.length !== nmaindata + nauxdata) {
    const hint = data.length === nmaindata ? "; append the model's auxiliary data" : "";
    throw new InferenceError(
      "infer.data",
      `the model needs ${nmaindata} bins and ${nauxdata} auxiliary data, ${nmaindata + nauxdata} numbers, but got ${data.length}${hint}`,
      { expected: nmaindata + nauxdata, got: data.length },
    );
  }
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (Number.isFinite(value) && (value >= 0 || i >= nmaindata)) continue;
    const where = i < nmaindata ? `bin ${i}` : `auxiliary datum ${i - nmaindata}`;
    throw new InferenceError(
      "infer.data-value",
      `${where} of the data is ${value}${channelOf(model, i)}; data are finite${i < nmaindata ? " and not negative" : ""}`,
      { index: i, value },
    );
  }
}

/** In which channel a bin is, where the model tells channels. */
function channelOf(model: Likelihood, i: number): string {
  if (!("channelSlice" in model.config) || i >= model.config.nmaindata) return "";
  const { config } = model as ChannelLikelihood;
  for (const channel of config.channels) {
    const [from, to] = config.channelSlice(channel);
    if (from <= i && i < to) return ` (bin ${i - from} of channel ${JSON.stringify(channel)})`;
  }
  return "";
}

/** Refuses a vector of another length. */
export function checkLength(name: string, v: ArrayLike<number>, expected: number): void {
  if (v.length === expected) return;
  throw new InferenceError("infer.length", `'${name}' has ${v.length} numbers, but needs ${expected}`, {
    name,
    got: v.length,
    expected,
  });
}

/** Refuses vectors that are not as long as the parameters, and a start outside its bounds. */
export function checkFit(model: Likelihood, args: Values): void {
  checkData(model, args.data as Value);
  const { npars, parNames, suggestedInit, suggestedLower, suggestedUpper } = model.config;
  for (const name of ["init", "lower", "upper", "fixed", "free"] as const) {
    const v = args[name];
    if (isArray(v)) checkLength(name, v, npars);
  }
  const pick = (v: unknown, otherwise: ArrayLike<number>) => (isArray(v) ? v : otherwise);
  const [x0, lower, upper] = [
    pick(args.init, suggestedInit),
    pick(args.lower, suggestedLower),
    pick(args.upper, suggestedUpper),
  ];
  for (let i = 0; i < npars; i++) {
    if (lower[i]! <= x0[i]! && x0[i]! <= upper[i]!) continue;
    throw outside(parNames[i]!, x0[i]!, lower[i]!, upper[i]!);
  }
}

/** Refuses a value of a parameter that its bounds exclude. */
export function checkParameter(model: Likelihood, args: Values, i: number, value: Value): void {
  if (typeof value !== "number") return;
  const { parNames, suggestedLower, suggestedUpper } = model.config;
  const lower = (isArray(args.lower) ? args.lower : suggestedLower)[i]!;
  const upper = (isArray(args.upper) ? args.upper : suggestedUpper)[i]!;
  if (!(lower <= value && value <= upper)) throw outside(parNames[i]!, value, lower, upper);
}

function outside(name: string, value: number, lower: number, upper: number): InferenceError {
  return new InferenceError(
    "infer.bounds",
    `parameter '${name}' starts at ${value}, outside its bounds ${lower} to ${upper}; move the start or widen the bounds`,
    { parameter: name, value, lower, upper },
  );
}

/** Refuses what a test of the parameter of interest cannot use; outside traces. */
export function checkTest(model: Likelihood, args: Values, poi: number): void {
  checkFit(model, args);
  const fixed = (args.fixed as ArrayLike<number> | undefined)?.[poi];
  const free = (args.free as ArrayLike<number> | undefined)?.[poi];
  const { fixed: suggested } = model.values as { readonly fixed?: ArrayLike<number> };
  if (fixed || free === 0 || (suggested?.[poi] && free === undefined)) {
    throw new InferenceError(
      "infer.poi-fixed",
      `the parameter of interest '${model.config.parNames[poi]}' is fixed, but a test compares fits in which it is free with fits in which it is not; let it float`,
      { parameter: model.config.parNames[poi] },
    );
  }
}
