/** `gradcut prune`: a workspace without some of its parts. */

import type { pruneOptions } from "../commands/prune.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { Documents, giveText } from "./documentfiles.js";

export async function prune(given: Given<typeof pruneOptions>, io: Io): Promise<number> {
  const { options } = given;
  const workspace = await new Documents(io).workspace(given.words[0]);
  const pruned = workspace.prune({
    channels: options.channel,
    samples: options.sample,
    modifiers: options.modifier,
    modifierTypes: options["modifier-type"],
    measurements: options.measurement,
  });
  await giveText(pruned.write(), options["output-file"], io);
  return 0;
}
