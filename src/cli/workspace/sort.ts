// gradcut sort: a workspace in order of names.

import type { Command } from "../command.js";
import { Documents, giveText } from "../document.js";
import { outputFile, outputHelp, workspaceHelp } from "./options.js";

export const sort: Command = {
  options: outputFile,
  words: 1,
  help: `usage: gradcut sort [WORKSPACE] [options]

Puts channels, samples, modifiers, measurements, parameters and observations in
order of their names, so that equal workspaces get equal digests.
${workspaceHelp}
${outputHelp}`,
  async run(words, io) {
    const workspace = await new Documents(io).workspace(words.free[0]);
    await giveText(workspace.sorted().write(), words.one("output-file"), io);
    return 0;
  },
};
