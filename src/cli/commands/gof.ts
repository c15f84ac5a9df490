import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { seed, whole } from "../line/optionvalue.js";

const { lastOr } = section("");

export const gofOptions = {
  ...modelOptions,
  toys: lastOr(whole(1, 1e7), 0, {
    placeholder: "N",
    help: "the p-value also from N toys of the best fit",
    otherwise: "none",
  }),
  seed: lastOr(seed, 0, { placeholder: "N", help: "of the toys" }),
  ...answerOptions,
} as const;

export const gof = command({
  name: "gof",
  group: "statistics",
  summary: "goodness of fit",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Compares the best fit with the saturated model, which expects in every bin what was seen: twice the log of the likelihood ratio, degrees of freedom, p-value. The pictures are the distribution of the first, and the fitted channels.",
  ],
  arguments: oneWorkspace,
  options: () => gofOptions,
  run: async (given, io) => (await import("../answers/gofanswer.js")).gof(given, io),
});
