// gradcut combine: two workspaces in one.

import { type Join, joins } from "../../histfactory/combine.js";
import type { Command } from "../command.js";
import { Documents, giveText } from "../document.js";
import { outputFile, outputHelp } from "./options.js";

export const combine: Command = {
  options: {
    ...outputFile,
    join: { values: 1, short: "j", choices: joins },
    "merge-channels": { values: 0, off: "no-merge-channels" },
  },
  words: 2,
  help: `usage: gradcut combine ONE TWO [options]

Puts two workspaces together. Modifiers of one name are then one parameter. One
of the two may be -, standard input.

  -j, --join NAME           for names that both have: none (default) refuses,
                            outer wants both to say the same, "left outer" and
                            "right outer" keep that side's
  --merge-channels          merge channels of one name sample by sample;
                            --no-merge-channels is the default
${outputHelp}`,
  async run(words, io) {
    const documents = new Documents(io);
    const one = await documents.workspace(words.free[0]);
    const two = await documents.workspace(words.free[1]);
    const join = words.one("join") as Join | undefined;
    const combined = one.combine(two, { join, mergeChannels: words.flag("merge-channels") });
    await giveText(combined.write(), words.one("output-file"), io);
    return 0;
  },
};
