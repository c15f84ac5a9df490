// The options of `gradcut train` for a histogram and its uncertainties.

import { type ObjectiveName, objectives, objectivesOf } from "../objectives/index.js";
import type { Norm, SampleName } from "./binned.js";
import { bad, positive, type RawOptions, shown, toNumber, UsageError } from "./options.js";

/** Bins of `--hist`; `what` is "score" or the text of an expression. */
export type HistSpec = { what: string; edges: number[] };

/** Tables of a shape uncertainty. */
export type ShapeFiles = { name: string; sample: SampleName; up: string[]; down: string[] };

export type BinnedArgs = HistSpec & {
  /** null: a third of a bin. */
  bandwidth: number | null;
  norms: Norm[];
  shapes: ShapeFiles[];
  stat: boolean;
};

export const binnedKinds = {
  hist: "one",
  bandwidth: "one",
  up: "many",
  down: "many",
  norm: "many",
  "no-stat": "flag",
} as const;

const listed = (names: readonly string[]) => `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

const mostBins = 1000;

/** The histogram of the command line; null without one. Throws UsageError. */
export function parseBinned(raw: RawOptions, objective: ObjectiveName): BinnedArgs | null {
  const hist = raw.get("hist")?.[0];
  const refuse = (option: string, sentence: string) => {
    throw new UsageError("conflict", option, raw.get(option)?.[0], sentence);
  };
  if (hist === undefined) {
    const example = 'give --hist "score:4,0..1"';
    for (const option of ["bandwidth", "up", "down", "norm", "no-stat"])
      if (raw.has(option)) refuse(option, `--${option} is of a histogram: ${example}`);
    const { events, yields } = objectives[objective];
    if (!events && !yields) refuse("objective", `--objective ${objective} is of a histogram: ${example}`);
    return null;
  }
  if (!objectives[objective].bins)
    refuse("hist", `--hist has the objectives ${listed(objectivesOf("bins"))}, not ${objective}`);
  for (const option of ["batch", "background-uncertainty"])
    if (raw.has(option)) {
      const why = option === "batch" ? "a histogram is of all events" : "a histogram has --norm name=±X%";
      refuse(option, `--${option} does not go with --hist: ${why}`);
    }
  const spec = parseHist("hist", hist);
  if (spec.what === "score" && !raw.has("net"))
    refuse("hist", '--hist "score" is of the output of a network, in 0 to 1: give --net');
  if (spec.what !== "score" && raw.has("net"))
    refuse("hist", `--hist ${shown(hist)} does not use the network: give --hist "score:..." or no --net`);
  const bandwidth = raw.get("bandwidth")?.[0];
  return {
    ...spec,
    bandwidth: bandwidth === undefined ? null : positive("bandwidth", bandwidth),
    norms: parseNorms(raw.get("norm") ?? []),
    shapes: parseShapes(raw.get("up") ?? [], raw.get("down") ?? []),
    stat: !raw.has("no-stat"),
  };
}

/** `EXPR:BINS,A..B`, or `EXPR:A,B,C,...` with the edges. */
export function parseHist(option: string, value: string): HistSpec {
  const wanted = 'EXPR:BINS,A..B like "score:4,0..1", or EXPR:EDGES like "mass:60,80,100,140"';
  const colon = value.lastIndexOf(":");
  const what = value.slice(0, Math.max(0, colon)).trim();
  if (what === "") throw bad(option, value, wanted);
  const equal = /^\s*(\d+)\s*,\s*(\S+?)\.\.(\S+)\s*$/.exec(value.slice(colon + 1));
  if (!equal) {
    const edges = value
      .slice(colon + 1)
      .split(",")
      .map(toNumber);
    if (edges.length < 2 || edges.length > mostBins + 1) throw bad(option, value, wanted);
    if (edges.some((e, i) => Number.isNaN(e) || (i > 0 && !(e > edges[i - 1]!))))
      throw bad(option, value, `${wanted}; edges ascend`);
    return { what, edges };
  }
  const bins = Number(equal[1]);
  const [low, high] = [toNumber(equal[2]!), toNumber(equal[3]!)];
  if (!(bins >= 1 && bins <= mostBins && low < high))
    throw bad(option, value, `${wanted}; with 1 to ${mostBins} bins and A below B`);
  return { what, edges: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins) };
}

/** `name=…` or `name@sample=…`. */
function named(
  option: string,
  text: string,
  wanted: string,
): { name: string; sample: string; value: string } {
  const match = /^([A-Za-z_]\w*)(?:@(signal|background|both))?=\s*(\S.*)$/s.exec(text.trim());
  if (!match) throw bad(option, text, wanted);
  return { name: match[1]!, sample: match[2] ?? "", value: match[3]!.trim() };
}

const both: readonly SampleName[] = ["signal", "background"];

function parseNorms(texts: readonly string[]): Norm[] {
  const wanted = "name=±X%, of the background, or name@signal=±X% or name@both=±X%";
  const norms = texts.map((text): Norm => {
    const { name, sample, value } = named("norm", text, wanted);
    const match = /^(?:±|\+-|\+\/-)?\s*(\S+?)\s*%$/.exec(value);
    const percent = match ? toNumber(match[1]!) : Number.NaN;
    if (!(percent > 0 && percent < 100)) throw bad("norm", text, `${wanted}, X above 0 and below 100`);
    const samples = sample === "both" ? both : ([sample === "signal" ? "signal" : "background"] as const);
    return { name, samples, size: percent / 100 };
  });
  refuseTwice(
    "norm",
    norms.map(({ name }) => name),
  );
  for (const { name } of norms) refuseOwn("norm", name);
  return norms;
}

function parseShapes(up: readonly string[], down: readonly string[]): ShapeFiles[] {
  const shapes = new Map<string, ShapeFiles>();
  for (const [option, texts] of [
    ["up", up],
    ["down", down],
  ] as const)
    for (const text of texts) {
      const { name, sample, value } = named(
        option,
        text,
        "name=FILE, of the background, or name@signal=FILE",
      );
      if (sample === "both")
        throw bad(option, text, "of one sample: name@signal=FILE or name@background=FILE");
      refuseOwn(option, name);
      const of: SampleName = sample === "signal" ? "signal" : "background";
      const key = `${of} ${name}`;
      const shape = shapes.get(key) ?? { name, sample: of, up: [], down: [] };
      shape[option].push(value);
      shapes.set(key, shape);
    }
  return [...shapes.values()];
}

function refuseTwice(option: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError("repeated", option, twice, `--${option} gives ${twice} twice`);
}

/** The model has parameters of its own. */
function refuseOwn(option: string, name: string): void {
  if (name === "mu" || name.startsWith("stat_") || name === "lumi")
    throw new UsageError(
      "bad-value",
      option,
      name,
      `--${option} ${shown(name)}: the model has such a parameter itself; take another name`,
    );
}
