// Values of options that are more than a word or a number.

import { type Course, courseNames } from "../cuts/anneal.js";
import type { Definition, NetSpec, TrainArgs, Width } from "./args.js";
import type { BackgroundError } from "./objectives.js";
import { bad, type RawOptions, shown, toNumber, UsageError } from "./options.js";

/** The largest layer. */
const mostUnits = 65536;

/** The value without blanks around it. Throws UsageError where nothing is left. */
export function nonEmpty(option: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new UsageError("missing-value", option, text, `--${option} needs a value`);
  return trimmed;
}

export function parseNet(option: string, value: string): NetSpec {
  const wanted = 'INPUTS:LAYERS like "pt,eta,mass:16,16"';
  const colon = value.lastIndexOf(":");
  if (colon < 0) throw bad(option, value, wanted);
  const inputs = splitOutsideBrackets(value.slice(0, colon)).map((text) => text.trim());
  if (inputs.includes("")) throw bad(option, value, `${wanted}; an input is empty`);
  const twice = inputs.find((input, i) => inputs.indexOf(input) !== i);
  if (twice !== undefined) throw bad(option, value, `${wanted}; input ${shown(twice)} is given twice`);
  const hidden = value
    .slice(colon + 1)
    .split(",")
    .map(toNumber);
  if (!hidden.every((n) => Number.isInteger(n) && n >= 1 && n <= mostUnits))
    throw bad(option, value, `${wanted}; layers are whole numbers from 1 to ${mostUnits}`);
  return { inputs, hidden };
}

/** `text` at its commas, those inside brackets and backquotes excepted: `hypot(px, py), eta` is two. */
function splitOutsideBrackets(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let quoted = false;
  for (const c of text) {
    if (c === "`") quoted = !quoted;
    if (quoted) {
      parts[parts.length - 1] += c;
      continue;
    }
    if ("([{".includes(c)) depth += 1;
    if (")]}".includes(c)) depth -= 1;
    if (c === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += c;
  }
  return parts;
}

export function parseDefinitions(texts: string[]): Definition[] {
  const definitions: Definition[] = [];
  for (const text of texts) {
    const match = /^(?:([A-Za-z_][\w.]*)|`((?:[^`]|``)+)`)\s*=(?!=)\s*(\S.*)$/s.exec(text);
    if (!match)
      throw bad("define", text, '"name = expr", the name of letters, digits, _ and dots, or in backquotes');
    const [, plain, quoted = "", expr = ""] = match;
    const name = plain ?? quoted.replaceAll("``", "`");
    if (definitions.some((known) => known.name === name))
      throw new UsageError("repeated", "define", text, `--define gives ${name} twice`);
    definitions.push({ name, expr: expr.trim() });
  }
  return definitions;
}

/** Names of thresholds or of columns: `ptMin`, `pt`, `Muon_pt[0]`. */
const thresholdName = /^[A-Za-z_]\w*(\[\d+\])?$/;

/** Values for all thresholds or for some by name, in several options or with commas between: `ptMin=5,eta=0.1`. */
function named<V>(
  option: string,
  texts: readonly string[],
  wanted: string,
  parse: (text: string) => V | null,
) {
  const byName = new Map<string, V>();
  let all: V | undefined;
  for (const text of texts.flatMap((given) => given.split(","))) {
    const at = text.indexOf("=");
    const name = at < 0 ? "" : text.slice(0, at).trim();
    if (at >= 0 && !thresholdName.test(name)) throw bad(option, text, wanted);
    const value = parse(text.slice(at + 1).trim());
    if (value === null) throw bad(option, text, wanted);
    if (at < 0 ? all !== undefined : byName.has(name)) {
      const sentence = `--${option} is given twice for ${name || "all thresholds"}`;
      throw new UsageError("repeated", option, text, sentence);
    }
    if (at < 0) all = value;
    else byName.set(name, value);
  }
  return { all, byName };
}

const parseWidth = (text: string): Width | null => {
  const width = text === "auto" ? "auto" : toNumber(text);
  return width === "auto" || width > 0 ? width : null;
};

export function parseWidths(texts: string[], raw: RawOptions): TrainArgs["width"] {
  const { all, byName } = named("width", texts, 'a number above 0, "auto", or either as name=X', parseWidth);
  const refuse = (anneal: string, sentence: string) => {
    throw new UsageError("conflict", "anneal", anneal, `${sentence}: give one of them`);
  };
  for (const anneal of (raw.get("anneal") ?? []).flatMap((text) => text.split(","))) {
    const name = anneal.includes("=") ? anneal.slice(0, anneal.indexOf("=")).trim() : "";
    if (name === "" && all !== undefined)
      refuse(anneal, `--width ${all} and --anneal both set the width of all thresholds`);
    if (byName.has(name)) refuse(anneal, `--width and --anneal both set the width of ${name}`);
  }
  return { all: all ?? "auto", byName };
}

/** A width at the first step and at the last, and how it goes from one to the other. */
export type Anneal = { from: Width; to: Width; course: Course };

export function parseAnneals(texts: string[]): TrainArgs["anneal"] {
  if (texts.length === 0) return null;
  const wanted = `A..B with numbers above 0 or auto, like 30..1, or name=A..B; also A..B:${courseNames.join(" or :")}`;
  const { all, byName } = named("anneal", texts, wanted, (text): Anneal | null => {
    const [range, course = "geometric", ...more] = text.split(":");
    const [from, to, ...rest] = range!.split("..").map((end) => parseWidth(end.trim()));
    const known = courseNames.find((name) => name === course);
    return from && to && known && rest.length + more.length === 0 ? { from, to, course: known } : null;
  });
  return { all: all ?? null, byName };
}

/** `10%`, `25ev`, or both with a comma between. */
export function parseBackgroundError(option: string, value: string): BackgroundError {
  const wanted = "a part of the background like 10%, events like 25ev, or both like 10%,25ev";
  const found: BackgroundError = { relative: 0, absolute: 0 };
  const seen = new Set<string>();
  for (const text of value.split(",")) {
    const match = /^\s*(\S+?)\s*(%|ev|events)\s*$/.exec(text);
    const x = match ? toNumber(match[1]!) : Number.NaN;
    const kind = match?.[2] === "%" ? "relative" : "absolute";
    if (!(x > 0) || seen.has(kind)) throw bad(option, value, wanted);
    seen.add(kind);
    found[kind] = kind === "relative" ? x / 100 : x;
  }
  return found;
}

/** `value` as a number between 0 and 1. */
export function fraction(option: string, value: string): number {
  const x = toNumber(value);
  if (!(x > 0 && x < 1)) throw bad(option, value, "a number between 0 and 1, like 0.2");
  return x;
}
