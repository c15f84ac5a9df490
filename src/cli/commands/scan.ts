import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { span, verbatim, whole } from "../line/optionvalue.js";

const { last, many } = section("");

export const scanOptions = {
  ...modelOptions,
  parameter: many(verbatim, {
    placeholder: "NAME",
    help: 'which; given twice: over two; a component of several is "gamma[0]"',
    otherwise: "that of interest",
  }),
  range: many(span, {
    placeholder: "A..B",
    help: "of the parameter; given twice for two",
    otherwise: "2 standard deviations to both sides, 3 for two",
  }),
  points: last(whole(2, 100_000), {
    placeholder: "N",
    help: "values of it",
    otherwise: "41; 25 of each for two",
  }),
  ...answerOptions,
} as const;

export const scan = command({
  name: "scan",
  group: "statistics",
  summary: "the profile likelihood along one parameter, or over two",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Fits at values of one parameter, and prints by how much twice the negative log-likelihood rises above its minimum; the interval is where it rises by 1. Of two parameters, the regions of 68 and 95 % are drawn.",
  ],
  arguments: oneWorkspace,
  options: () => scanOptions,
  run: async (given, io) => (await import("../answers/scananswer.js")).scan(given, io),
});
