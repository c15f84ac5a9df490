/** The command line of `gradcut train` as one object, and which options say nothing together. */

import { join } from "node:path";
import { objectives, objectivesOf } from "../../objectives/index.js";
import { type RuleName, rules } from "../../optim/rules.js";
import { alternatives } from "../../text/alternatives.js";
import { tableArgs } from "../groups/tableoptions.js";
import type { Anneal, ByThreshold, Width } from "../groups/trainingvalues.js";
import type { Given } from "../line/parseline.js";
import { UsageError } from "../line/usageerror.js";
import { binnedArgs } from "./binnedargs.js";
import { refuseSettings } from "./optimizers.js";
import type { TrainOptions } from "./trainoptions.js";

export type TrainArgs = ReturnType<typeof trainArgs>;

/** Throws UsageError where something is missing or does not go together. */
export function trainArgs(given: Given<TrainOptions>) {
  const { options } = given;
  requireTask(given);
  const { objective, optimizer, cut, net, out, resume, scan, outside, soft, dtype } = options;
  refuseSettings(given, optimizer);
  refuseConflicts(given, optimizer);
  return {
    signal: options.signal,
    background: options.background,
    ...{ weight: options.weight, define: options.define, filter: options.filter, bad: options.bad },
    signalFilter: options["signal-filter"],
    backgroundFilter: options["background-filter"],
    ...tableArgs(options),
    ...{ cut, net, objective, soft, outside, scan },
    backgroundError: options["background-uncertainty"],
    negativeWeights: options["negative-weights"],
    ...softnessOf(given),
    ...{ optimizer, lr: options.lr, momentum: options.momentum, nesterov: options.nesterov },
    weightDecay: options["weight-decay"],
    ...{ steps: options.steps, seed: options.seed, dtype, threads: options.threads, batch: options.batch },
    ...{ validation: options.validation, patience: options.patience },
    checkpoint: options.checkpoint ?? (out === null ? null : join(out, "checkpoint")),
    checkpointEvery: options["checkpoint-every"],
    ...{ resume, out, json: options.json },
    binned: binnedArgs(given, objective),
  };
}

/** Throws UsageError where there are no tables, or nothing to train. */
function requireTask(given: Given<TrainOptions>): void {
  for (const name of ["signal", "background"] as const)
    if (!given.has(name)) {
      const sentence = `--${name} FILE is missing: the table of ${name} events`;
      throw new UsageError("missing-option", name, undefined, sentence);
    }
  if (given.has("cut")) return;
  if (!given.has("net")) {
    const sentence = "nothing to train: give --cut EXPR, --net SPEC or both";
    throw new UsageError("missing-option", "cut", undefined, sentence);
  }
  for (const name of ["soft", "width", "anneal", "outside", "scan"] as const)
    if (given.has(name)) throw given.conflict(name, `--${name} says how a cut trains: give --cut`);
}

/** Throws UsageError for options that say nothing together. */
function refuseConflicts(given: Given<TrainOptions>, optimizer: RuleName): void {
  const { objective } = given.options;
  const uncertain = "background-uncertainty";
  if (given.has(uncertain) && !objectives[objective].yields?.uncertain) {
    const known = objectivesOf("yields").filter((name) => objectives[name].yields!.uncertain);
    throw given.conflict(
      uncertain,
      `--${uncertain} is of --objective ${alternatives(known)}, not ${objective}`,
    );
  }
  if (given.has("patience") && given.has("anneal"))
    throw given.conflict(
      "patience",
      "--patience compares losses, but with --anneal those of two steps are of different widths",
    );
  if (given.has("batch") && rules[optimizer].rate === null)
    throw given.conflict(
      "batch",
      `--batch gives another loss at every step, which --optimizer ${optimizer} cannot search along`,
    );
  for (const name of ["resume", "checkpoint-every"] as const)
    if (given.has(name) && !given.has("out") && !given.has("checkpoint"))
      throw given.conflict(
        name,
        `--${name}: there is no file for checkpoints; give --out DIR or --checkpoint FILE`,
      );
}

/** Widths that stay, and widths that change from the first step to the last. Throws UsageError where one threshold has both. */
function softnessOf(given: Given<TrainOptions>): {
  width: { all: Width; byName: Map<string, Width> };
  anneal: { all: Anneal | null; byName: Map<string, Anneal> } | null;
} {
  const { width, anneal }: { width: ByThreshold<Width>; anneal: ByThreshold<Anneal> } = given.options;
  const refuse = (sentence: string) => given.conflict("anneal", `${sentence}: give one of them`);
  if (anneal.all !== undefined && width.all !== undefined)
    throw refuse(`--width ${width.all} and --anneal both set the width of all thresholds`);
  for (const name of anneal.byName.keys())
    if (width.byName.has(name)) throw refuse(`--width and --anneal both set the width of ${name}`);
  return {
    width: { all: width.all ?? "auto", byName: width.byName },
    anneal: given.has("anneal") ? { all: anneal.all ?? null, byName: anneal.byName } : null,
  };
}
