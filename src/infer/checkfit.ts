import { InferenceError } from "./inferenceerror.js";
import type { ChannelLikelihood, Likelihood } from "./likelihood.js";
import type { Asked } from "./question.js";
import type { FitNumbers, FitStatics, PoiStatics } from "./setup.js";

type Bounds = { readonly [K in "lower" | "upper"]?: FitNumbers[K] | undefined };

/** What is of another kind is left to the compiled functions, which say so. */
const isArray = (v: unknown): v is ArrayLike<number> => Array.isArray(v) || ArrayBuffer.isView(v);
const pick = (v: unknown, otherwise: ArrayLike<number>) => (isArray(v) ? v : otherwise);

/** The bounds of the parameters [npars]: those of options, or what the model suggests. */
export function boundsOf({ config }: Likelihood, { lower, upper }: Bounds) {
  return { lower: pick(lower, config.suggestedLower), upper: pick(upper, config.suggestedUpper) };
}

/** Refuses data of another length than the model's, or that no experiment could see. */
function checkData(model: Likelihood, data: unknown): void {
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
    const value = data[i]!;
    if (Number.isFinite(value) && (value >= 0 || i >= nmaindata)) continue;
    const where = i < nmaindata ? `bin ${i}` : `auxiliary datum ${i - nmaindata}`;
    throw new InferenceError(
      "infer.data-value",
      `${where} of the data is ${value}${channelOf(model, i)}; data are finite${i < nmaindata ? " and not negative" : ""}`,
      { index: i, value },
    );
  }
}

const tellsChannels = (model: Likelihood): model is ChannelLikelihood => "channelSlice" in model.config;

/** In which channel a bin is, where the model tells channels. */
function channelOf(model: Likelihood, i: number): string {
  if (!tellsChannels(model) || i >= model.config.nmaindata) return "";
  const { config } = model;
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
export function checkFit({ model, args }: Pick<Asked<Likelihood, FitStatics>, "model" | "args">): void {
  checkData(model, args.data);
  const { npars, parNames, suggestedInit } = model.config;
  for (const name of ["init", "lower", "upper", "fixed", "free"] as const) {
    const v = args[name];
    if (isArray(v)) checkLength(name, v, npars);
  }
  const x0 = pick(args.init, suggestedInit);
  const { lower, upper } = boundsOf(model, args);
  for (let i = 0; i < npars; i++) {
    if (lower[i]! > upper[i]!) throw crossed(parNames[i]!, lower[i]!, upper[i]!);
    if (lower[i]! <= x0[i]! && x0[i]! <= upper[i]!) continue;
    throw outside(parNames[i]!, asStart, x0[i]!, lower[i]!, upper[i]!);
  }
}

/** How a parameter has a value, and what to do where its bounds exclude it. */
export interface As {
  readonly has: string;
  readonly remedy: string;
}
const asStart: As = { has: "starts at", remedy: "move the start or widen the bounds" };
const asTested: As = { has: "is tested at", remedy: "test a value inside or widen the bounds" };
/** The other hypothesis of a test, that nobody wrote. */
const asCompared: As = { has: "is held for comparison at", remedy: "widen the bounds" };
export const asHeld: As = { has: "is held at", remedy: "hold it inside or widen the bounds" };
export const asScanned: As = { has: "is scanned at", remedy: "scan values inside or widen the bounds" };

/** Refuses a value of a parameter that its bounds exclude; what is no number is left to the compiled functions. */
export function checkParameter(model: Likelihood, args: Bounds, i: number, value: unknown, as: As): void {
  if (typeof value !== "number") return;
  const bounds = boundsOf(model, args);
  const [lower, upper] = [bounds.lower[i]!, bounds.upper[i]!];
  if (!(lower <= value && value <= upper)) throw outside(model.config.parNames[i]!, as, value, lower, upper);
}

function outside(name: string, as: As, value: number, lower: number, upper: number): InferenceError {
  return new InferenceError(
    "infer.bounds",
    `parameter '${name}' ${as.has} ${value}, outside its bounds ${lower} to ${upper}; ${as.remedy}`,
    { parameter: name, value, lower, upper },
  );
}

function crossed(name: string, lower: number, upper: number): InferenceError {
  return new InferenceError(
    "infer.bounds",
    `the lower bound ${lower} of parameter '${name}' lies above its upper one, ${upper}; exchange them`,
    { parameter: name, lower, upper },
  );
}

/** Refuses what a test of the parameter of interest cannot use, and values of it that its bounds exclude. */
export function checkTest(asked: Asked<Likelihood, PoiStatics>, ...values: readonly unknown[]): void {
  checkFit(asked);
  const { model, args } = asked;
  const { poi } = asked.statics;
  const free = args.free?.[poi];
  const { fixed: suggested } = model.values as { readonly fixed?: ArrayLike<number> };
  if (args.fixed?.[poi] || free === 0 || (suggested?.[poi] && free === undefined)) {
    throw new InferenceError(
      "infer.poi-fixed",
      `the parameter of interest '${model.config.parNames[poi]}' is fixed, but a test compares fits in which it is free with fits in which it is not; let it float`,
      { parameter: model.config.parNames[poi] },
    );
  }
  for (const value of values) {
    checkParameter(model, args, poi, value, value === args.mu ? asTested : asCompared);
  }
}
