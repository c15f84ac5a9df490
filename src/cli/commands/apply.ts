import { writtenEndings } from "../../events/formats/index.js";
import { alternatives } from "../../text/alternatives.js";
import { tableArgs, tableOptions } from "../groups/tableoptions.js";
import { definition, definitions } from "../groups/trainingvalues.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { file, fileWith, someText } from "../line/optionvalue.js";
import type { Given } from "../line/parseline.js";
import { UsageError } from "../line/usageerror.js";

const { flag, joined, one } = section("");

export const applyOptions = {
  model: one(file, { placeholder: "FILE", help: "the model.json of a training" }),
  cut: one(someText, {
    placeholder: "TEXT",
    help: "without a model: the events that pass this cut, thresholds where it has them",
  }),
  define: joined(
    definition,
    { placeholder: "TEXT", help: 'with --cut: a column, "name = expr"; repeatable' },
    definitions,
  ),
  out: one(fileWith(...writtenEndings), {
    placeholder: "FILE",
    help: `write the selected rows, with all columns, to a ${alternatives(writtenEndings)} file`,
  }),
  mask: one(someText, {
    placeholder: "NAME",
    help: "write all rows, with a column NAME: 1 if selected, else 0",
  }),
  score: one(someText, {
    placeholder: "NAME",
    help: "write all rows, with a column NAME: the network's output, in 0 to 1 (the sigmoid of its last layer)",
  }),
  "no-filters": flag({ help: "leave out the filters of the model (its --filter)" }),
  "no-bound": flag({ help: "leave out the bound on the output of its network" }),
  ...tableOptions(""),
} as const;

export type ApplyArgs = ReturnType<typeof applyArgs>;

/** Throws UsageError where something is missing or does not go together. */
export function applyArgs(given: Given<typeof applyOptions>) {
  const { options, words: files } = given;
  const { model, cut, define, out, mask, score } = options;
  if (model === null && cut === null)
    throw new UsageError(
      "missing-option",
      "model",
      undefined,
      "--model FILE is missing: the model.json of a training (or --cut TEXT without one)",
    );
  if (model !== null)
    for (const name of ["cut", "define"] as const)
      if (given.has(name)) throw given.conflict(name, `--${name} is without --model, which has its own`);
  if (model === null)
    for (const name of ["score", "no-filters", "no-bound"] as const)
      if (given.has(name)) throw given.conflict(name, `--${name} is of a model: give --model FILE`);
  if (files.length === 0) {
    const sentence = `no table to apply the ${model === null ? "cut" : "model"} to: name one or more files`;
    throw new UsageError("missing-option", "", undefined, sentence);
  }
  for (const name of ["mask", "score"] as const)
    if (given.has(name) && out === null)
      throw given.conflict(name, `--${name} adds a column to a table: give --out FILE`);
  if (mask !== null && mask === score)
    throw given.conflict("score", `--mask and --score are both called ${score}`);
  return {
    ...{ model, cut, define, files, out, mask, score },
    ...{ filters: !options["no-filters"], bound: !options["no-bound"] },
    ...tableArgs(options),
  };
}

export const apply = command({
  name: "apply",
  group: "tables",
  summary: "select the events of a trained model in any table, or mark them",
  usage: ["--model DIR/model.json FILE... [options]", "--cut TEXT [--define TEXT] FILE... [options]"],
  intro: [
    "Computes the definitions of a model of gradcut train, and selects the events that pass its filters, its trained cut and the bound on its network's output. Prints how many of how many, for each file.",
  ],
  arguments: {
    most: Number.POSITIVE_INFINITY,
    offers: "file",
    help: "FILE is a table, as of gradcut train; several are joined.",
  },
  options: () => applyOptions,
  examples: ['gradcut apply --model out/model.json "data/*.root:Events" --out sel.parquet'],
  async run(given, io) {
    const args = applyArgs(given);
    return (await import("../saved/applied.js")).apply(args, io);
  },
});
