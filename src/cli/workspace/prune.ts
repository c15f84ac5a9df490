// gradcut prune: a workspace without some of its parts.

import { modifierTypes } from "../../histfactory/spec.js";
import type { Command } from "../command.js";
import { Documents, giveText } from "../document.js";
import { outputFile, outputHelp, workspaceHelp } from "./options.js";

export const prune: Command = {
  options: {
    ...outputFile,
    channel: { values: 1, short: "c" },
    sample: { values: 1, short: "s" },
    modifier: { values: 1, short: "m" },
    "modifier-type": { values: 1, short: "t", choices: modifierTypes },
    measurement: { values: 1 },
  },
  words: 1,
  help: `usage: gradcut prune [WORKSPACE] [options]

Removes parts of a workspace. A channel goes with its observation, a modifier
with what the measurements say of it. All options but the last are repeatable.
${workspaceHelp}
  -c, --channel NAME        remove this channel
  -s, --sample NAME         remove this sample from all channels
  -m, --modifier NAME       remove this modifier from all samples
  -t, --modifier-type TYPE  remove all modifiers of a type
  --measurement NAME        remove this measurement
${outputHelp}`,
  async run(words, io) {
    const workspace = await new Documents(io).workspace(words.free[0]);
    const pruned = workspace.prune({
      channels: words.many("channel"),
      samples: words.many("sample"),
      modifiers: words.many("modifier"),
      modifierTypes: words.many("modifier-type"),
      measurements: words.many("measurement"),
    });
    await giveText(pruned.write(), words.one("output-file"), io);
    return 0;
  },
};
