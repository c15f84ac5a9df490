import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace, outputFile } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";

const { flag } = section("");

export const fitOptions = {
  ...modelOptions,
  value: flag({ help: "also twice the negative log-likelihood there" }),
  ...outputFile,
} as const;

export const fit = command({
  name: "fit",
  group: "workspaces",
  summary: "the best fit",
  usage: ["[WORKSPACE] [options]"],
  intro: ["Prints the parameters of greatest likelihood as JSON."],
  arguments: oneWorkspace,
  options: () => fitOptions,
  run: async (given, io) => (await import("../answers/fitanswer.js")).fit(given, io),
});
