import { themes } from "../groups/answeroptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { choice, folder } from "../line/optionvalue.js";
import type { Given } from "../line/parseline.js";
import { UsageError } from "../line/usageerror.js";

const { flag, one, oneOr } = section("");

export const plotOptions = {
  out: one(folder, { placeholder: "DIR", help: "where the figures go" }),
  theme: oneOr(choice(themes), "light", {
    placeholder: "NAME",
    help: "light, dark, or auto, which follows the browser",
  }),
  png: flag({ help: "also PNG; needs npm i @resvg/resvg-js@2.6.2" }),
  pdf: flag({ help: "also PDF; needs the same" }),
} as const;

export type PlotArgs = ReturnType<typeof plotArgs>;

/** Throws UsageError where something is missing. */
export function plotArgs({ options, words: [result] }: Given<typeof plotOptions>) {
  const { out, theme, png, pdf } = options;
  const missing = (option: string, sentence: string) =>
    new UsageError("missing-option", option, undefined, sentence);
  if (result === undefined) throw missing("", "no result.json to draw: name one");
  if (out === null) throw missing("out", "--out DIR is missing: where the figures go");
  return { result, out, theme, png, pdf };
}

export const plot = command({
  name: "plot",
  group: "tables",
  summary: "draw the figures of a training as SVG, PNG and PDF",
  usage: ["DIR/result.json --out DIR [options]"],
  intro: [
    "Draws the figures of a training as files: the objective and thresholds against steps from result.json, events, score and ROC from plot.json beside it.",
  ],
  arguments: { most: 1, offers: "file", extra: (word) => `one result.json at a time, got also ${word}` },
  options: () => plotOptions,
  async run(given, io) {
    const args = plotArgs(given);
    return (await import("../saved/plotted.js")).plot(args, io);
  },
});
