/** The options of a histogram that is trained for, and of its uncertainties. */

import { section } from "../line/option.js";
import { type Place, positive, toNumber, type Value } from "../line/optionvalue.js";
import { shown } from "../line/usageerror.js";
import type { Norm, SampleName } from "../training/binned.js";

/** Bins of `--hist`; `what` is "score" or the text of an expression. */
export interface HistSpec {
  what: string;
  edges: number[];
}

/** One table of a shape uncertainty. */
export interface ShapeFile {
  name: string;
  sample: SampleName;
  file: string;
}

const mostBins = 1000;

/** `EXPR:BINS,A..B`, or `EXPR:A,B,C,...` with the edges. */
export const histSpec: Value<HistSpec> = {
  wants: 'EXPR:BINS,A..B like "score:4,0..1", or EXPR:EDGES like "mass:60,80,100,140"',
  read(value, at) {
    const colon = value.lastIndexOf(":");
    const what = value.slice(0, Math.max(0, colon)).trim();
    if (what === "") throw at.wanted();
    const equal = /^\s*(\d+)\s*,\s*(\S+?)\.\.(\S+)\s*$/.exec(value.slice(colon + 1));
    if (!equal) {
      const edges = value
        .slice(colon + 1)
        .split(",")
        .map(toNumber);
      if (edges.length < 2 || edges.length > mostBins + 1) throw at.wanted();
      if (edges.some((e, i) => Number.isNaN(e) || (i > 0 && !(e > edges[i - 1]!))))
        throw at.wanted(`${histSpec.wants}; edges ascend`);
      return { what, edges };
    }
    const bins = Number(equal[1]);
    const [low, high] = [toNumber(equal[2]!), toNumber(equal[3]!)];
    if (!(bins >= 1 && bins <= mostBins && low < high))
      throw at.wanted(`${histSpec.wants}; with 1 to ${mostBins} bins and A below B`);
    return { what, edges: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins) };
  },
};

/** `name=…` or `name@sample=…`. */
function named(text: string, at: Place): { name: string; sample: string; value: string } {
  const match = /^([A-Za-z_]\w*)(?:@(signal|background|both))?=\s*(\S.*)$/s.exec(text.trim());
  if (!match) throw at.wanted();
  return { name: match[1]!, sample: match[2] ?? "", value: match[3]!.trim() };
}

/** Parameters that a model may have of itself. */
const reserved: readonly string[] = ["mu", "lumi"];

/** The model has parameters of its own. */
function refuseOwn(name: string, at: Place): void {
  if (reserved.includes(name) || name.startsWith("stat_"))
    throw at.because("bad-value", `${shown(name)}: the model has such a parameter itself; take another name`);
}

const both: readonly SampleName[] = ["signal", "background"];

const norm: Value<Norm> = {
  wants: "name=±X%, of the background, or name@signal=±X% or name@both=±X%",
  read(text, at) {
    const { name, sample, value } = named(text, at);
    const match = /^(?:±|\+-|\+\/-)?\s*(\S+?)\s*%$/.exec(value);
    const percent = match ? toNumber(match[1]!) : Number.NaN;
    if (!(percent > 0 && percent < 100)) throw at.wanted(`${norm.wants}, X above 0 and below 100`);
    refuseOwn(name, at);
    const samples = sample === "both" ? both : ([sample === "signal" ? "signal" : "background"] as const);
    return { name, samples, size: percent / 100 };
  },
};

function norms(all: readonly Norm[], places: readonly Place[]): Norm[] {
  for (const [i, { name }] of all.entries())
    if (all.findIndex((other) => other.name === name) < i)
      throw places[i]!.because("repeated", `gives ${name} twice`);
  return [...all];
}

const shapeFile: Value<ShapeFile> = {
  wants: "name=FILE, of the background, or name@signal=FILE",
  offers: "file",
  read(text, at) {
    const { name, sample, value } = named(text, at);
    if (sample === "both") throw at.wanted("of one sample: name@signal=FILE or name@background=FILE");
    refuseOwn(name, at);
    return { name, sample: sample === "signal" ? "signal" : "background", file: value };
  },
};

const { flag, joined, many, one } = section("a histogram and its model, whose workspace goes to --out");

export const histogramOptions = {
  hist: one(histSpec, {
    placeholder: "EXPR:BINS,A..B",
    help: 'bins of a column, an expression, or the network\'s "score", in 0 to 1; or EXPR:EDGES with commas',
  }),
  bandwidth: one(positive, {
    placeholder: "X",
    help: "width of the Gaussian that each event is spread with in training",
    otherwise: "a third of a bin",
  }),
  up: many(shapeFile, {
    placeholder: "name=FILE",
    help: "background with a systematic one sigma up; name@signal=FILE is of the signal; repeatable",
  }),
  down: many(shapeFile, { placeholder: "name=FILE", help: "the same down" }),
  norm: joined(
    norm,
    {
      placeholder: "name=±X%",
      help: "uncertainty of the background's yield; also name@signal, name@both; repeatable",
    },
    norms,
  ),
  "no-stat": flag({ help: "leave out the statistical errors of the samples" }),
} as const;
