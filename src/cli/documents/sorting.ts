/** `gradcut sort`: a workspace in order of names. */

import type { outputFile } from "../groups/workspaceoptions.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { Documents, giveText } from "./documentfiles.js";

export async function sort(given: Given<typeof outputFile>, io: Io): Promise<number> {
  const { options } = given;
  const workspace = await new Documents(io).workspace(given.words[0]);
  await giveText(workspace.sorted().write(), options["output-file"], io);
  return 0;
}
