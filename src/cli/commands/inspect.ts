import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { document, verbatim } from "../line/optionvalue.js";

const { last } = section("");

export const inspectOptions = {
  "output-file": last(document, { placeholder: "FILE", help: "also write all of it as JSON there" }),
  measurement: last(verbatim, { placeholder: "NAME", help: "accepted as by pyhf, without effect" }),
} as const;

export const inspect = command({
  name: "inspect",
  group: "workspaces",
  summary: "what is in a workspace",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Prints channels, samples, parameters with their constraints, and measurements; the first one, marked (*), is what other commands take by default.",
  ],
  arguments: oneWorkspace,
  options: () => inspectOptions,
  run: async (given, io) => (await import("../documents/inspecting.js")).inspect(given, io),
});
