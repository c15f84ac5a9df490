// gradcut sort: a workspace in order of names.

import { Documents, giveText } from "../document.js";
import type { outputFile } from "../groups/workspace.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parse.js";

export async function sort(given: Given<typeof outputFile>, io: Io): Promise<number> {
  const { options } = given;
  const workspace = await new Documents(io).workspace(given.words[0]);
  await giveText(workspace.sorted().write(), options["output-file"], io);
  return 0;
}
