import { alternatives } from "../../text/alternatives.js";
import { nearestName } from "../../text/nearest.js";
import { type DemoName, demoNames, demos } from "../demos/index.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { folder, seed, steps, threads } from "../line/optionvalue.js";
import type { Given } from "../line/parseline.js";
import { shown, UsageError } from "../line/usageerror.js";

const { flag, one, oneOr } = section("");

/** The default of each demonstration. */
const each = (number: "steps" | "seed") =>
  demoNames.map((name) => `${demos[name][number]} of ${name}`).join(", ");

export const demoOptions = {
  steps: one(steps, { placeholder: "N", help: "full-batch steps", otherwise: each("steps") }),
  seed: one(seed, {
    placeholder: "N",
    help: "seed of the events and of the network's start",
    otherwise: each("seed"),
  }),
  threads: one(threads, { placeholder: "N", help: "processors to use", otherwise: "all" }),
  out: oneOr(folder, "out", {
    placeholder: "DIR",
    help: "where result.json, model.json, plot.json and report.html go",
  }),
  json: flag({ help: "print only the result object" }),
} as const;

/** Throws UsageError for a demonstration that there is not. */
export function demoArgs({ options, words: [word = "search"] }: Given<typeof demoOptions>) {
  const name = demoOf(word);
  const { steps, seed } = demos[name];
  return { ...options, name, steps: options.steps ?? steps, seed: options.seed ?? seed };
}

function demoOf(word: string): DemoName {
  const found = demoNames.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearestName(word, demoNames);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const sentence = `there is no demonstration ${shown(word)}, only ${alternatives(demoNames, "and")}${hint}`;
  throw new UsageError("bad-value", "", word, sentence);
}

export const demo = command({
  name: "demo",
  group: "tables",
  summary: "a search on toy events, trained up to its limit, with a report",
  usage: ["[NAME] [options]"],
  intro: ["Trains on toy events from our own seeded generator, and writes a report."],
  arguments: { most: 1, rows: demoNames.map((name) => [name, demos[name].words] as const) },
  options: () => demoOptions,
  async run(given, io) {
    const args = demoArgs(given);
    return (await import("../demos/demonstrate.js")).demo(args, io);
  },
});
