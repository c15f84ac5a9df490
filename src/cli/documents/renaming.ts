/** `gradcut rename`: a workspace with other names. */

import type { renameOptions } from "../commands/rename.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { Documents, giveText } from "./documentfiles.js";

export async function rename(given: Given<typeof renameOptions>, io: Io): Promise<number> {
  const { options } = given;
  const workspace = await new Documents(io).workspace(given.words[0]);
  const names = (option: keyof typeof options & ("channel" | "sample" | "modifier" | "measurement")) =>
    Object.fromEntries(options[option]);
  const renamed = workspace.rename({
    channels: names("channel"),
    samples: names("sample"),
    modifiers: names("modifier"),
    measurements: names("measurement"),
  });
  await giveText(renamed.write(), options["output-file"], io);
  return 0;
}
