/** Values of options that are more than a word or a number. */

import { type Course, courseNames } from "../../select/anneal.js";
import { type Place, toNumber, type Value } from "../line/optionvalue.js";
import { shown } from "../line/usageerror.js";
import type { BackgroundError } from "../training/yieldsignificance.js";

/** A network: the texts of its input columns or expressions, and the sizes of its hidden layers. */
export interface NetSpec {
  inputs: string[];
  hidden: number[];
}

/** `name = expr`, in the order given: later definitions may use earlier ones. */
export interface Definition {
  name: string;
  expr: string;
}

export type Width = number | "auto";

/** A width at the first step and at the last, and how it goes from one to the other. */
export interface Anneal {
  from: Width;
  to: Width;
  course: Course;
}

/** What all thresholds have, undefined where nothing was said of them, and some by name. */
export interface ByThreshold<V> {
  all: V | undefined;
  byName: Map<string, V>;
}

/** The largest layer. */
const mostUnits = 65536;

export const netSpec: Value<NetSpec> = {
  wants: 'INPUTS:LAYERS like "pt,eta,mass:16,16"',
  read(value, at) {
    const text = value.trim();
    const colon = text.lastIndexOf(":");
    if (colon < 0) throw at.wanted();
    const inputs = splitOutsideBrackets(text.slice(0, colon)).map((input) => input.trim());
    if (inputs.includes("")) throw at.wanted(`${netSpec.wants}; an input is empty`);
    const twice = inputs.find((input, i) => inputs.indexOf(input) !== i);
    if (twice !== undefined) throw at.wanted(`${netSpec.wants}; input ${shown(twice)} is given twice`);
    const hidden = text
      .slice(colon + 1)
      .split(",")
      .map(toNumber);
    if (!hidden.every((n) => Number.isInteger(n) && n >= 1 && n <= mostUnits))
      throw at.wanted(`${netSpec.wants}; layers are whole numbers from 1 to ${mostUnits}`);
    return { inputs, hidden };
  },
};

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

export const definition: Value<Definition> = {
  wants: '"name = expr", the name of letters, digits, _ and dots, or in backquotes',
  read(text, at) {
    const match = /^(?:([A-Za-z_][\w.]*)|`((?:[^`]|``)+)`)\s*=(?!=)\s*(\S.*)$/s.exec(text.trim());
    if (!match) throw at.wanted();
    const [, plain, quoted = "", expr = ""] = match;
    return { name: plain ?? quoted.replaceAll("``", "`"), expr: expr.trim() };
  },
};

/** The same; throws where two have one name. */
export function definitions(all: readonly Definition[], places: readonly Place[]): Definition[] {
  for (const [i, { name }] of all.entries())
    if (all.findIndex((other) => other.name === name) < i)
      throw places[i]!.because("repeated", `gives ${name} twice`);
  return [...all];
}

/** Names of thresholds or of columns: `ptMin`, `pt`, `Muon_pt[0]`. */
const thresholdName = /^[A-Za-z_][\w.]*(\[\d+\])?$/;

/** Values for all thresholds (of no name) or for some by name, with commas between: `ptMin=5,eta=0.1`. */
const named = <V>(wants: string, read: (text: string) => V | null): Value<[name: string, value: V][]> => ({
  wants,
  read: (given, at) =>
    given.split(",").map((text) => {
      const equals = text.indexOf("=");
      const name = equals < 0 ? "" : text.slice(0, equals).trim();
      const value = read(text.slice(equals + 1).trim());
      if ((equals >= 0 && !thresholdName.test(name)) || value === null) throw at.wanted();
      return [name, value];
    }),
});

/** Those of several options together; throws where one threshold has two. */
export function byThreshold<V>(
  lists: readonly (readonly [name: string, value: V][])[],
  places: readonly Place[],
): ByThreshold<V> {
  const byName = new Map<string, V>();
  for (const [i, list] of lists.entries())
    for (const [name, value] of list) {
      if (byName.has(name))
        throw places[i]!.because("repeated", `is given twice for ${name || "all thresholds"}`);
      byName.set(name, value);
    }
  const all = byName.get("");
  byName.delete("");
  return { all, byName };
}

const widthOf = (text: string): Width | null => {
  const width = text === "auto" ? "auto" : toNumber(text);
  return width === "auto" || width > 0 ? width : null;
};

export const widths = named('a number above 0, "auto", or either as name=X', widthOf);

export const anneals = named(
  `A..B with numbers above 0 or auto, like 30..1, or name=A..B; also A..B:${courseNames.join(" or :")}`,
  (text): Anneal | null => {
    const [range, course = "geometric", ...more] = text.split(":");
    const [from, to, ...rest] = range!.split("..").map((end) => widthOf(end.trim()));
    const known = courseNames.find((name) => name === course);
    return from && to && known && rest.length + more.length === 0 ? { from, to, course: known } : null;
  },
);

/** `10%`, `25ev`, or both with a comma between. */
export const backgroundError: Value<BackgroundError> = {
  wants: "a part of the background like 10%, events like 25ev, or both like 10%,25ev",
  read(value, at) {
    const found: BackgroundError = { relative: 0, absolute: 0 };
    const seen = new Set<string>();
    for (const text of value.split(",")) {
      const match = /^\s*(\S+?)\s*(%|ev|events)\s*$/.exec(text);
      const x = match ? toNumber(match[1]!) : Number.NaN;
      const kind = match?.[2] === "%" ? "relative" : "absolute";
      if (!(x > 0) || seen.has(kind)) throw at.wanted();
      seen.add(kind);
      found[kind] = kind === "relative" ? x / 100 : x;
    }
    return found;
  },
};
