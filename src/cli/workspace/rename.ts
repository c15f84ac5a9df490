// gradcut rename: a workspace with other names.

import type { Command } from "../command.js";
import { Documents, giveText } from "../document.js";
import { outputFile, outputHelp, workspaceHelp } from "./options.js";

export const rename: Command = {
  options: {
    ...outputFile,
    channel: { values: 2, short: "c" },
    sample: { values: 2, short: "s" },
    modifier: { values: 2, short: "m" },
    measurement: { values: 2 },
  },
  words: 1,
  help: `usage: gradcut rename [WORKSPACE] [options]

Gives parts of a workspace other names. A channel is renamed with its
observation, a modifier wherever measurements name it. Options are repeatable.
${workspaceHelp}
  -c, --channel OLD NEW     rename a channel
  -s, --sample OLD NEW      rename a sample in all channels
  -m, --modifier OLD NEW    rename a modifier in all samples
  --measurement OLD NEW     rename a measurement
${outputHelp}`,
  async run(words, io) {
    const workspace = await new Documents(io).workspace(words.free[0]);
    const names = (option: string) => Object.fromEntries(words.pairs(option));
    const renamed = workspace.rename({
      channels: names("channel"),
      samples: names("sample"),
      modifiers: names("modifier"),
      measurements: names("measurement"),
    });
    await giveText(renamed.write(), words.one("output-file"), io);
    return 0;
  },
};
