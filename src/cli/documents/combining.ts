/** `gradcut combine`: two workspaces in one. */

import type { combineOptions } from "../commands/combine.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { Documents, giveText } from "./documentfiles.js";

export async function combine(given: Given<typeof combineOptions>, io: Io): Promise<number> {
  const { options } = given;
  const documents = new Documents(io);
  const one = await documents.workspace(given.words[0]);
  const two = await documents.workspace(given.words[1]);
  const combined = one.combine(two, { join: options.join, mergeChannels: options["merge-channels"] });
  await giveText(combined.write(), options["output-file"], io);
  return 0;
}
