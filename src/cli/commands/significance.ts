import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";

export const significanceOptions = { ...modelOptions, ...answerOptions } as const;

export const significance = command({
  name: "significance",
  group: "statistics",
  summary: "discovery p-value and significance",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "The probability p0 that background alone looks as much like a signal as the data (test statistic q0, asymptotic formulae), in standard deviations Z, and what is expected of a signal at 1. The picture is the distribution of q0.",
  ],
  arguments: oneWorkspace,
  options: () => significanceOptions,
  run: async (given, io) => (await import("../answers/significanceanswer.js")).significance(given, io),
});
