import { oneWorkspace, outputFile } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { verbatim } from "../line/optionvalue.js";

const { pairs } = section("");
const placeholder = "OLD NEW";

export const renameOptions = {
  channel: pairs(verbatim, { short: "c", placeholder, help: "rename a channel; repeatable" }),
  sample: pairs(verbatim, { short: "s", placeholder, help: "rename a sample in all channels; repeatable" }),
  modifier: pairs(verbatim, {
    short: "m",
    placeholder,
    help: "rename a modifier in all samples; repeatable",
  }),
  measurement: pairs(verbatim, { placeholder, help: "rename a measurement; repeatable" }),
  ...outputFile,
} as const;

export const rename = command({
  name: "rename",
  group: "workspaces",
  summary: "a workspace with other names",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Gives parts of a workspace other names. A channel is renamed with its observation, a modifier wherever measurements name it.",
  ],
  arguments: oneWorkspace,
  options: () => renameOptions,
  run: async (given, io) => (await import("../documents/renaming.js")).rename(given, io),
});
