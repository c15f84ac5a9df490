// Values of options that are more than a word or a number.

import type { Definition, NetSpec, TrainArgs, Width } from "./args.js";
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

/** `text` at its commas, those inside brackets excepted: `hypot(px, py), eta` is two. */
function splitOutsideBrackets(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const c of text) {
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
    const match = /^([A-Za-z_]\w*)\s*=(?!=)\s*(\S.*)$/s.exec(text);
    if (!match) throw bad("define", text, '"name = expr", the name of letters, digits and _');
    const [, name, expr] = match as unknown as [string, string, string];
    if (definitions.some((known) => known.name === name))
      throw new UsageError("repeated", "define", text, `--define gives ${name} twice`);
    definitions.push({ name, expr: expr.trim() });
  }
  return definitions;
}

export function parseWidths(texts: string[], raw: RawOptions): TrainArgs["width"] {
  const wanted = 'a number above 0, "auto", or either as name=X';
  let all: Width | undefined;
  const byName = new Map<string, Width>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = at < 0 ? "" : text.slice(0, at).trim();
    const value = text.slice(at + 1).trim();
    if (at >= 0 && !/^[A-Za-z_]\w*$/.test(name)) throw bad("width", text, wanted);
    const width: Width = value === "auto" ? "auto" : toNumber(value);
    if (width !== "auto" && !(width > 0)) throw bad("width", text, wanted);
    if (at < 0 ? all !== undefined : byName.has(name))
      throw new UsageError(
        "repeated",
        "width",
        text,
        `--width is given twice for ${name || "all thresholds"}`,
      );
    if (at < 0) all = width;
    else byName.set(name, width);
  }
  if (all !== undefined && raw.has("anneal"))
    throw new UsageError(
      "conflict",
      "anneal",
      raw.get("anneal")![0],
      `--width ${all} and --anneal both set the width of all thresholds: give one of them`,
    );
  return { all: all ?? "auto", byName };
}

export function parseAnneal(option: string, value: string): { from: number; to: number } {
  const [from, to, ...rest] = value.split("..").map(toNumber);
  if (!(from! > 0) || !(to! > 0) || rest.length > 0)
    throw bad(option, value, "A..B with numbers above 0, like 30..1");
  return { from: from!, to: to! };
}

/** `value` as a number between 0 and 1. */
export function fraction(option: string, value: string): number {
  const x = toNumber(value);
  if (!(x > 0 && x < 1)) throw bad(option, value, "a number between 0 and 1, like 0.2");
  return x;
}
