import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { whole } from "../line/optionvalue.js";

const { lastOr } = section("");

export const pullsOptions = {
  ...modelOptions,
  top: lastOr(whole(1, 1000), 60, { placeholder: "N", help: "draw the N greatest pulls" }),
  ...answerOptions,
} as const;

export const pulls = command({
  name: "pulls",
  group: "statistics",
  summary: "parameters, their pulls and correlations",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Fits, and prints best value and uncertainty of every parameter. A constrained one has a pull, (fit - prior) / prior uncertainty; its uncertainty over the prior one is below 1 where the data constrain it further. The pictures are the pulls, and the correlations of the most correlated parameters.",
  ],
  arguments: oneWorkspace,
  options: () => pullsOptions,
  run: async (given, io) => (await import("../answers/pullsanswer.js")).pulls(given, io),
});
