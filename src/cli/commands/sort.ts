import { oneWorkspace, outputFile } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";

export const sort = command({
  name: "sort",
  group: "workspaces",
  summary: "a workspace in order of names",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Puts channels, samples, modifiers, measurements, parameters and observations in order of their names, so that equal workspaces get equal digests.",
  ],
  arguments: oneWorkspace,
  options: () => outputFile,
  run: async (given, io) => (await import("../documents/sorting.js")).sort(given, io),
});
