import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { verbatim } from "../line/optionvalue.js";

const { flag, many } = section("");

export const yieldsOptions = {
  ...modelOptions,
  channel: many(verbatim, { short: "c", placeholder: "NAME", help: "only this channel; repeatable" }),
  prefit: flag({ help: "before the fit" }),
  log: flag({ help: "a logarithmic scale" }),
  ...answerOptions,
} as const;

export const yields = command({
  name: "yields",
  group: "statistics",
  summary: "expected and observed events, before and after the fit",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Prints expected events of each bin with their uncertainty beside what was seen, after a fit to the data. The pictures are one stack for each channel.",
  ],
  arguments: oneWorkspace,
  options: () => yieldsOptions,
  run: async (given, io) => (await import("../answers/yieldsanswer.js")).yields(given, io),
});
