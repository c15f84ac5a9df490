import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { whole } from "../line/optionvalue.js";

const { lastOr } = section("");

export const rankingOptions = {
  ...modelOptions,
  top: lastOr(whole(1, 1000), 20, {
    placeholder: "N",
    help: "print and draw the N strongest; JSON has all",
  }),
  ...answerOptions,
} as const;

export const ranking = command({
  name: "ranking",
  group: "statistics",
  summary: "impacts of parameters on the parameter of interest",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Holds each nuisance parameter one standard deviation above and below its best value, before and after the fit, fits again, and tells by how much the parameter of interest moves; the strongest first.",
  ],
  arguments: oneWorkspace,
  options: () => rankingOptions,
  run: async (given, io) => (await import("../answers/rankinganswer.js")).ranking(given, io),
});
