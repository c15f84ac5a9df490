import type { Tensor } from "../core/graph/tensor.js";
import { note } from "../core/run/notes.js";
import { askNumbers } from "./call.js";
import type { Likelihood } from "./likelihood.js";
import type { FitNumbers } from "./setup.js";

/** A bin in which the data cannot be: what a fit that has no answer fails on. */
export interface Impossible {
  readonly channel: string | null;
  /** From 0, within its channel; among all bins where the model tells no channels. */
  readonly bin: number;
  /** What is observed, and what is expected. */
  readonly observed: number;
  readonly expected: number;
  /** Samples to which this is due: those that expect nothing there, less than nothing, or no number. */
  readonly samples: readonly string[];
  /** Parameters that were held at a value there, as that of interest at 0. */
  readonly held: Readonly<Record<string, number>>;
}

/** What a model may tell besides: the expectation of each sample's bins. */
export interface CellLikelihood extends Likelihood {
  readonly config: Likelihood["config"] & {
    readonly places: readonly {
      readonly channel: { readonly name: string };
      readonly sample: { readonly name: string };
      readonly bins: number;
      readonly bin: number;
    }[];
  };
  expectedCells(pars: Tensor): Tensor;
}

export const tellsCells = (model: Likelihood): model is CellLikelihood =>
  "expectedCells" in model && "places" in model.config;

interface Expected<V> {
  readonly main: V;
  readonly cells: V;
}

const question = {
  name: "expectations",
  trace: (model: Likelihood, { pars }: { readonly pars: Tensor }) => expectations(model, pars),
};

/** Expected main data, and those of every sample where the model tells them. */
export function expectations(model: Likelihood, pars: Tensor): Expected<Tensor> {
  const main = model.expectedData(pars).slice(0, model.config.nmaindata);
  return { main, cells: tellsCells(model) ? model.expectedCells(pars) : main };
}

/** The bins whose data are impossible, from expectations at one point; `cells` are those of the samples. */
export function impossibleBins(
  model: Likelihood,
  main: ArrayLike<number>,
  cells: ArrayLike<number>,
  data: ArrayLike<number>,
  held: Readonly<Record<string, number>> = {},
): Impossible[] {
  const found: Impossible[] = [];
  const places = tellsCells(model) ? model.config.places : [];
  for (let b = 0; b < model.config.nmaindata; b++) {
    const [observed, expected] = [data[b]!, main[b]!];
    if (Number.isFinite(expected) && (expected > 0 || (expected === 0 && observed === 0))) continue;
    const here: { name: string; value: number }[] = [];
    let [channel, bin, at]: [string | null, number, number] = [null, b, 0];
    for (const place of places) {
      if (place.bin <= b && b < place.bin + place.bins) {
        [channel, bin] = [place.channel.name, b - place.bin];
        here.push({ name: place.sample.name, value: cells[at + bin]! });
      }
      at += place.bins;
    }
    const wrong = Number.isFinite(expected) ? (v: number) => v <= 0 : (v: number) => !Number.isFinite(v);
    const samples = here.filter(({ value }) => wrong(value)).map(({ name }) => name);
    found.push({ channel, bin, observed, expected, samples, held });
  }
  return found;
}

/** A point at which a fit begins, and the data that it is asked to describe. */
export interface Attempt {
  /** Parameters held there, by position. */
  readonly held?: readonly (readonly [i: number, value: number])[];
}

/** Bins that are impossible where the fits of an answer begin; empty where the failure has another reason. */
export function findImpossible(
  model: Likelihood,
  args: FitNumbers,
  attempts: readonly Attempt[] = [{}],
): Impossible[] {
  const { npars, parNames, suggestedInit } = model.config;
  const { data } = args;
  const start = Float64Array.from(args.init ?? suggestedInit);
  for (const [at, value] of Object.entries(args.hold ?? {})) start[Number(at)] = value;
  const ask = (pars: Float64Array) => askNumbers(question, model, { pars }, {});
  if (npars === 0) return [];
  const usual = ask(start);
  for (const { held = [] } of attempts) {
    const pars = start.slice();
    for (const [i, value] of held) pars[i] = value;
    const { main } = held.length > 0 ? ask(pars) : usual;
    const at = Object.fromEntries(held.map(([i, value]) => [parNames[i]!, value]));
    const found = impossibleBins(model, main, usual.cells, data, at);
    if (found.length > 0) return found;
  }
  return [];
}

const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);

/** What is impossible as a sentence: the first bin, and how many more. */
export function impossibleSentence(bins: readonly Impossible[]): string {
  const [first] = bins;
  if (!first) return "";
  const { channel, bin, observed, expected, samples, held } = first;
  const where = channel === null ? `bin ${bin} of the data` : `bin ${bin} of channel ${quoted(channel)}`;
  const what =
    expected === 0
      ? `holds ${observed}, but nothing is expected there`
      : `holds ${observed}, but ${Number.isNaN(expected) ? "no number" : expected} is expected there`;
  const at = Object.entries(held).map(([name, value]) => ` where ${name} is ${value}`);
  const list = samples.slice(0, 4).map(quoted).join(", ");
  const due =
    samples.length === 0
      ? ""
      : ` (sample${samples.length === 1 ? "" : "s"} ${list}${samples.length > 4 ? ", …" : ""})`;
  const more = bins.length > 1 ? `, and ${bins.length - 1} more such bins` : "";
  return `${where} ${what}${at.join(" and")}${due}${more}: correct the histograms, or merge or leave out the bin`;
}

/** Leaves a note that tells, if somebody asks, in which bins a fit that failed could not begin. */
export function noteFit(
  model: Likelihood,
  data: Tensor,
  x0: Tensor,
  status: Tensor,
  init: () => Tensor,
): void {
  interface Numbers {
    status: number;
    main: ArrayLike<number>;
    cells: ArrayLike<number>;
    data: ArrayLike<number>;
  }
  note<Numbers>(
    () => ({
      status,
      data,
      main: expectations(model, x0).main,
      cells: expectations(model, init()).cells,
    }),
    (told) => {
      if (told.status === 0) return null;
      const bins = impossibleBins(model, told.main, told.cells, told.data);
      return bins.length > 0 ? `a fit in it has no answer: ${impossibleSentence(bins)}` : null;
    },
  );
}

/** Leaves a note that tells, if somebody asks why there is no number, in which bins Asimov data are of no events. */
export function noteEmpty(model: Likelihood, pars: Tensor, name: string, value: Tensor): void {
  interface Numbers {
    value: number;
    main: ArrayLike<number>;
    cells: ArrayLike<number>;
  }
  note<Numbers>(
    () => ({ value, ...expectations(model, pars) }),
    (told) => {
      // One event would be impossible where nothing is expected.
      const one = new Array<number>(model.config.nmaindata).fill(1);
      const bins = impossibleBins(model, told.main, told.cells, one, { [name]: told.value });
      const [first] = bins;
      if (!first) return null;
      const { channel, bin, expected, samples } = first;
      const where = channel === null ? `bin ${bin} of the data` : `bin ${bin} of channel ${quoted(channel)}`;
      const of = samples.length > 0 ? ` (of ${samples.slice(0, 4).map(quoted).join(", ")})` : "";
      const more = bins.length > 1 ? `, and in ${bins.length - 1} more such bins` : "";
      return `Asimov data of a test in it have ${Number.isNaN(expected) ? "no number" : expected} events in ${where} where ${name} is ${told.value}${of}${more}, which has no derivative: merge or leave out the bin, or widen the bandwidth`;
    },
  );
}

/** Why fits failed as a sentence: what ended them, and what is impossible. */
export function failureSentence(message: string, bins: readonly Impossible[]): string {
  return bins.length > 0 ? `${message}; ${impossibleSentence(bins)}` : message;
}
