import { modifierTypes } from "../../histfactory/modifiers/modifiernames.js";
import { oneWorkspace, outputFile } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { choice, verbatim } from "../line/optionvalue.js";

const { many } = section("");

export const pruneOptions = {
  channel: many(verbatim, { short: "c", placeholder: "NAME", help: "remove this channel; repeatable" }),
  sample: many(verbatim, {
    short: "s",
    placeholder: "NAME",
    help: "remove this sample from all channels; repeatable",
  }),
  modifier: many(verbatim, {
    short: "m",
    placeholder: "NAME",
    help: "remove this modifier from all samples; repeatable",
  }),
  "modifier-type": many(choice(modifierTypes), {
    short: "t",
    placeholder: "TYPE",
    help: "remove all modifiers of a type; repeatable",
  }),
  measurement: many(verbatim, { placeholder: "NAME", help: "remove this measurement; repeatable" }),
  ...outputFile,
} as const;

export const prune = command({
  name: "prune",
  group: "workspaces",
  summary: "a workspace without some of its parts",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Removes parts of a workspace. A channel goes with its observation, a modifier with what the measurements say of it.",
  ],
  arguments: oneWorkspace,
  options: () => pruneOptions,
  run: async (given, io) => (await import("../documents/pruning.js")).prune(given, io),
});
