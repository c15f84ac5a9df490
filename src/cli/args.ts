// The options of `gradcut train` and `gradcut demo`, as typed objects.

import { join } from "node:path";
import { isWeight, type Soft, softNames } from "../cuts/shape.js";
import { type ObjectiveName, objectiveNames, objectives, objectivesOf } from "../objectives/index.js";
import { type NegativePolicy, negativePolicies } from "../objectives/weights.js";
import { type RuleName, ruleNames, rules } from "../optim/rules.js";
import { type BinnedArgs, binnedKinds, parseBinned } from "./binnedargs.js";
import type { BackgroundError } from "./objectives.js";
import { part, refuseSettings } from "./optimizers.js";
import {
  choice,
  mostSeed,
  mostSteps,
  mostThreads,
  type OptionKinds,
  positive,
  type RawOptions,
  readOptions,
  UsageError,
  whole,
} from "./options.js";
import {
  type Anneal,
  fraction,
  nonEmpty,
  parseAnneals,
  parseBackgroundError,
  parseDefinitions,
  parseNet,
  parseWidths,
} from "./optionvalues.js";

import { parseTableArgs, type TableArgs, tableKinds } from "./tableargs.js";

export { UsageError } from "./options.js";

/** Shapes of steps that yields can be made of. */
export const softFunctions = softNames.filter(isWeight);
/** For numbers that are not finite: an error, their events left out, or NaN fails a cut. */
export const badPolicies = ["refuse", "drop", "keep"] as const;
export const dtypes = ["f32", "f64"] as const;

export type Bad = (typeof badPolicies)[number];
export type Width = number | "auto";

/** A network: the texts of its input columns or expressions, and the sizes of its hidden layers. */
export type NetSpec = { inputs: string[]; hidden: number[] };

/** `name = expr`, in the order given: later definitions may use earlier ones. */
export type Definition = { name: string; expr: string };

export type TrainArgs = {
  /** `file.csv` or `file.root:Tree`; at least one. */
  signal: string[];
  background: string[];
  weight: string | null;
  cut: string | null;
  net: NetSpec | null;
  objective: ObjectiveName;
  define: Definition[];
  filter: string[];
  signalFilter: string[];
  backgroundFilter: string[];
  bad: Bad;
  /** How the tables are written. */
  tables?: TableArgs;
  soft: Soft;
  /** Softness in the column's unit: `all` for thresholds that `byName` does not name. */
  width: { all: Width; byName: Map<string, Width> };
  /** Widths that change from the first step to the last; `all` is of thresholds that neither names. */
  anneal: { all: Anneal | null; byName: Map<string, Anneal> } | null;
  /** Whether the steps of the cut have long tails. */
  outside: boolean;
  scan: boolean;
  /** The uncertainty of the background in the Asimov significance. */
  backgroundError: BackgroundError | null;
  negativeWeights: NegativePolicy;
  optimizer: RuleName;
  /** null: the default of the optimizer. */
  lr: number | null;
  momentum: number | null;
  nesterov: boolean;
  weightDecay: number | null;
  steps: number;
  seed: number;
  dtype: (typeof dtypes)[number];
  /** null: as many as there are processors. */
  threads: number | null;
  /** Events per step; null: all of them. */
  batch: number | null;
  /** Fraction of each sample that is held out. */
  validation: number | null;
  /** Evaluations in a row without improvement that end the training. */
  patience: number | null;
  /** The file of checkpoints; null: none. */
  checkpoint: string | null;
  /** Seconds between two checkpoints. */
  checkpointEvery: number;
  resume: boolean;
  /** null: write no files. */
  out: string | null;
  json: boolean;
  /** The histogram that is trained for. */
  binned: BinnedArgs | null;
};

/** Every option of `gradcut train`. */
export const trainKinds: OptionKinds = {
  signal: "many",
  background: "many",
  weight: "one",
  define: "many",
  filter: "many",
  "signal-filter": "many",
  "background-filter": "many",
  bad: "one",
  ...tableKinds,
  cut: "one",
  net: "one",
  soft: "one",
  width: "many",
  anneal: "many",
  outside: "flag",
  scan: "flag",
  objective: "one",
  ...binnedKinds,
  "background-uncertainty": "one",
  "negative-weights": "one",
  optimizer: "one",
  lr: "one",
  momentum: "one",
  nesterov: "flag",
  "weight-decay": "one",
  steps: "one",
  seed: "one",
  dtype: "one",
  threads: "one",
  batch: "one",
  validation: "one",
  patience: "one",
  checkpoint: "one",
  "checkpoint-every": "one",
  resume: "flag",
  out: "one",
  json: "flag",
  help: "flag",
};

/** The options after `gradcut train`; "help" if --help is among them, whatever else is wrong. Throws UsageError. */
export function parseTrainArgs(args: string[]): TrainArgs | "help" {
  if (args.includes("--help")) return "help";
  const raw = readOptions(args, trainKinds);
  const many = (name: string) => (raw.get(name) ?? []).map((text) => nonEmpty(name, text));
  const one = (name: string) => many(name)[0] ?? null;
  const read = <T>(name: string, parse: (option: string, value: string) => T, otherwise: T): T => {
    const value = one(name);
    return value === null ? otherwise : parse(name, value);
  };
  for (const name of ["signal", "background"])
    if (!raw.has(name))
      throw new UsageError(
        "missing-option",
        name,
        undefined,
        `--${name} FILE is missing: the table of ${name} events`,
      );
  if (!raw.has("cut") && !raw.has("net"))
    throw new UsageError(
      "missing-option",
      "cut",
      undefined,
      "nothing to train: give --cut EXPR, --net SPEC or both",
    );
  for (const name of ["soft", "width", "anneal", "outside", "scan"])
    if (raw.has(name) && !raw.has("cut"))
      throw new UsageError(
        "conflict",
        name,
        raw.get(name)![0],
        `--${name} says how a cut trains: give --cut`,
      );
  const objective = read("objective", (o, v) => choice(o, v, objectiveNames), "asimov");
  const optimizer = read("optimizer", (o, v) => choice(o, v, ruleNames), "adam");
  refuseSettings(raw, optimizer);
  refuseConflicts(raw, optimizer);
  if (raw.has("background-uncertainty") && !objectives[objective].yields?.uncertain) {
    const known = objectivesOf("yields").filter((name) => objectives[name].yields!.uncertain);
    throw new UsageError(
      "conflict",
      "background-uncertainty",
      raw.get("background-uncertainty")![0],
      `--background-uncertainty is of --objective ${known.join(" or ")}, not ${objective}`,
    );
  }
  return {
    signal: many("signal"),
    background: many("background"),
    weight: one("weight"),
    cut: one("cut"),
    net: read<NetSpec | null>("net", parseNet, null),
    objective,
    backgroundError: read("background-uncertainty", parseBackgroundError, null),
    negativeWeights: read("negative-weights", (o, v) => choice(o, v, negativePolicies), "clip"),
    define: parseDefinitions(many("define")),
    filter: many("filter"),
    signalFilter: many("signal-filter"),
    backgroundFilter: many("background-filter"),
    bad: read("bad", (o, v) => choice(o, v, badPolicies), "keep"),
    ...parseTableArgs(raw),
    soft: read("soft", (o, v) => choice(o, v, softFunctions), "sigmoid"),
    width: parseWidths(many("width"), raw),
    anneal: parseAnneals(many("anneal")),
    outside: raw.has("outside"),
    scan: raw.has("scan"),
    optimizer,
    lr: read<number | null>("lr", positive, null),
    momentum: read<number | null>("momentum", part, null),
    nesterov: raw.has("nesterov"),
    weightDecay: read<number | null>("weight-decay", positive, null),
    steps: read("steps", (o, v) => whole(o, v, 1, mostSteps), 1000),
    seed: read("seed", (o, v) => whole(o, v, 0, mostSeed), 1),
    dtype: read("dtype", (o, v) => choice(o, v, dtypes), "f32"),
    threads: read<number | null>("threads", (o, v) => whole(o, v, 1, mostThreads), null),
    batch: read<number | null>("batch", (o, v) => whole(o, v, 1, mostSteps), null),
    validation: read<number | null>("validation", fraction, null),
    patience: read<number | null>("patience", (o, v) => whole(o, v, 1, mostSteps), null),
    checkpoint: one("checkpoint") ?? (raw.has("out") ? join(one("out")!, "checkpoint") : null),
    checkpointEvery: read("checkpoint-every", positive, 10),
    resume: raw.has("resume"),
    out: one("out"),
    json: raw.has("json"),
    binned: parseBinned(raw, objective),
  };
}

/** Throws UsageError for options that say nothing together. */
function refuseConflicts(raw: RawOptions, optimizer: RuleName): void {
  const refuse = (option: string, sentence: string) => {
    throw new UsageError("conflict", option, raw.get(option)![0], sentence);
  };
  if (raw.has("patience") && raw.has("anneal"))
    refuse(
      "patience",
      "--patience compares losses, but with --anneal those of two steps are of different widths",
    );
  if (raw.has("batch") && rules[optimizer].rate === null)
    refuse(
      "batch",
      `--batch gives another loss at every step, which --optimizer ${optimizer} cannot search along`,
    );
  for (const name of ["resume", "checkpoint-every"])
    if (raw.has(name) && !raw.has("out") && !raw.has("checkpoint"))
      refuse(name, `--${name}: there is no file for checkpoints; give --out DIR or --checkpoint FILE`);
}
