/** Every option of `gradcut train`. */

import { objectiveNames, objectives } from "../../objectives/index.js";
import { negativePolicies } from "../../objectives/sampleweights.js";
import { type RuleName, ruleNames, rules } from "../../optim/rules.js";
import { isWeight, shapes, softNames } from "../../select/steps.js";
import { alternatives } from "../../text/alternatives.js";
import { histogramOptions } from "../groups/histogramoptions.js";
import { formatRows, tableNames, tableOptions } from "../groups/tableoptions.js";
import {
  anneals,
  backgroundError,
  byThreshold,
  definition,
  definitions,
  netSpec,
  widths,
} from "../groups/trainingvalues.js";
import { section } from "../line/option.js";
import {
  choice,
  file,
  folder,
  fraction,
  part,
  positive,
  seed,
  someText,
  steps,
  threads,
} from "../line/optionvalue.js";

/** Shapes of steps that yields can be made of. */
export const softFunctions = softNames.filter(isWeight);
/** For numbers that are not finite: an error, their events left out, or NaN fails a cut. */
export const badPolicies = ["refuse", "drop", "keep"] as const;
export const dtypes = ["f32", "f64"] as const;

export type Bad = (typeof badPolicies)[number];

const ofTables = section("tables");

const tables = {
  signal: ofTables.many(file, {
    placeholder: "FILE",
    help: `${tableNames}; repeatable; or a pattern in quotes, like "data/sig_*.root:Events"`,
    listing: { title: "files of tables", rows: formatRows },
  }),
  background: ofTables.many(file, { placeholder: "FILE", help: "the same for background" }),
  weight: ofTables.one(someText, {
    placeholder: "EXPR",
    help: "event weight: a column or an expression",
    otherwise: "1",
  }),
  define: ofTables.joined(
    definition,
    {
      placeholder: '"name = expr"',
      help: 'a new column, computed once; repeatable, in order, may index jagged branches: "pt0 = Muon_pt[0]"',
    },
    definitions,
  ),
  filter: ofTables.many(someText, {
    placeholder: "EXPR",
    help: "keep events of both samples that pass; repeatable",
  }),
  "signal-filter": ofTables.many(someText, { placeholder: "EXPR", help: "the same for signal only" }),
  "background-filter": ofTables.many(someText, { placeholder: "EXPR", help: "the same for background only" }),
  bad: ofTables.oneOr(choice(badPolicies), "keep", {
    placeholder: "NAME",
    help: "for NaN and infinities in what the cut reads: keep (NaN fails the cut), drop the event, or refuse; in weights and network inputs keep refuses",
  }),
  ...tableOptions("tables"),
} as const;

/** What an objective can be of, and what it is. */
function objectiveWords(name: (typeof objectiveNames)[number]): string {
  const { words, yields, events, bins } = objectives[name];
  const of = [yields && "yields", events && "events", bins && "--hist"].filter(Boolean).join(", ");
  return `of ${of}: ${words}${bins?.words === undefined ? "" : `; of bins ${bins.words}`}`;
}

const trained = section("what is trained");

const what = {
  cut: trained.one(someText, {
    placeholder: "EXPR",
    help: 'the selection; {name = start} is a threshold that trains: "pt > {ptMin = 30} && abs(eta) < 2.4", and {ptMin = 30 in [20, 50]} one within bounds',
  }),
  net: trained.one(netSpec, {
    placeholder: "INPUTS:LAYERS",
    help: 'a network on columns, with its hidden layers: "pt,eta,mass:16,16"',
  }),
  objective: trained.oneOr(choice(objectiveNames), "asimov", {
    placeholder: "NAME",
    help: "of yields, of events or of --hist, as listed below",
    listing: {
      title: "objectives",
      rows: objectiveNames.map((name) => [name, objectiveWords(name)] as const),
    },
  }),
  "background-uncertainty": trained.one(backgroundError, {
    placeholder: "X",
    help: "of the background in asimov: a part like 10%, events like 25ev, or both: 10%,25ev",
  }),
  "negative-weights": trained.oneOr(choice(negativePolicies), "clip", {
    placeholder: "NAME",
    help: "in losses of events: clip them to 0 and keep their sum, keep, or refuse; yields keep them",
  }),
} as const;

const softened = section("how the cut is softened");

const softness = {
  soft: softened.oneOr(choice(softFunctions), "sigmoid", {
    placeholder: "NAME",
    help: "shape of its steps, as listed below",
    listing: {
      title: "shapes of steps",
      rows: softFunctions.map((name) => [name, shapes[name].words] as const),
    },
  }),
  width: softened.joined(
    widths,
    {
      placeholder: "X",
      help: "softness in the column's unit, of all thresholds, or as name=X of those of a name or column: pt=5,eta=0.1; or auto; repeatable",
      otherwise: "auto",
    },
    byThreshold,
  ),
  anneal: softened.joined(
    anneals,
    {
      placeholder: "A..B",
      help: "width from A at the first step to B at the last, of all thresholds, or as name=A..B, by equal factors; with :linear by equal steps, with :cosine slowly at both ends; repeatable",
    },
    byThreshold,
  ),
  outside: softened.flag({
    help: "long tails of the steps, so that thresholds far outside the data find back",
  }),
  scan: softened.flag({ help: "start the thresholds from a coarse scan of the data" }),
} as const;

const taking = (setting: "momentum" | "weightDecay"): RuleName[] =>
  ruleNames.filter((name) => rules[name][setting] !== undefined);

/** "0.01, adagrad 0.1": the rate of most, and the others by name. */
function rates(): string {
  const common = rules.adam.rate;
  const others = ruleNames.filter((name) => rules[name].rate !== null && rules[name].rate !== common);
  return [common, ...others.map((name) => `${name} ${rules[name].rate}`)].join(", ");
}

const training = section("how it is trained");

const how = {
  optimizer: training.oneOr(choice(ruleNames), "adam", {
    placeholder: "NAME",
    help: "as listed below",
    listing: { title: "optimizers", rows: ruleNames.map((name) => [name, rules[name].words] as const) },
  }),
  lr: training.one(positive, {
    placeholder: "X",
    help: "learning rate, for thresholds in their column's unit",
    otherwise: `${rates()}, of the column's interquartile range`,
  }),
  momentum: training.one(part, {
    placeholder: "X",
    help: `of ${alternatives(taking("momentum"), "and")}`,
    otherwise: "none",
  }),
  nesterov: training.flag({ help: "look ahead along the momentum" }),
  "weight-decay": training.one(positive, {
    placeholder: "X",
    help: `of ${alternatives(taking("weightDecay"), "and")}, for the weights of a network`,
    otherwise: alternatives(
      taking("weightDecay").map((name) => String(rules[name].weightDecay)),
      "and",
    ),
  }),
  steps: training.oneOr(steps, 1000, { placeholder: "N", help: "steps" }),
  batch: training.one(steps, {
    placeholder: "N",
    help: "events per step, of both samples in proportion, shuffled for each epoch",
    otherwise: "all",
  }),
  validation: training.one(fraction, {
    placeholder: "F",
    help: "hold out the fraction F of each sample; yields and losses of these events stand beside the others",
  }),
  patience: training.one(steps, {
    placeholder: "N",
    help: "stop after N evaluations, one each 10 steps or each epoch, without improvement of the objective (that of held-out events, with --validation); keep the best",
  }),
  seed: training.oneOr(seed, 1, { placeholder: "N", help: "seed of the network's start" }),
  dtype: training.oneOr(choice(dtypes), "f32", {
    placeholder: "NAME",
    help: "f32 or f64, numbers per event",
  }),
  threads: training.one(threads, {
    placeholder: "N",
    help: "processors to use; the result is the same to the last bit for any number",
    otherwise: "all",
  }),
} as const;

const interrupted = section("when it is interrupted");

const checkpoints = {
  checkpoint: interrupted.one(file, {
    placeholder: "FILE",
    help: "where the state of the training is kept",
    otherwise: "checkpoint in --out DIR, else nowhere",
  }),
  "checkpoint-every": interrupted.oneOr(positive, 10, {
    placeholder: "S",
    help: "seconds between two checkpoints",
  }),
  resume: interrupted.flag({
    help: "go on from there: with the same command line, the same bits as without the interruption",
  }),
} as const;

const written = section("output");

const output = {
  out: written.one(folder, {
    placeholder: "DIR",
    help: "write result.json, model.json, plot.json and report.html there",
    otherwise: "no files",
  }),
  json: written.flag({ help: "print only the result object" }),
} as const;

export const trainOptions = {
  ...tables,
  ...what,
  ...histogramOptions,
  ...softness,
  ...how,
  ...checkpoints,
  ...output,
} as const;

export type TrainOptions = typeof trainOptions;
