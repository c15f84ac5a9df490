/** `gradcut patchset`: sets of patches, mostly signals, for a background-only workspace. */

import type { extractOptions, oneOfSet } from "../commands/patchset.js";
import type { Io } from "../io.js";
import type { Options } from "../line/option.js";
import type { Given } from "../line/parseline.js";
import { UsageError } from "../line/usageerror.js";
import { Documents, giveText } from "./documentfiles.js";

export async function extract({ options, words }: Given<typeof extractOptions>, io: Io): Promise<number> {
  const set = await new Documents(io).patchSet(words[0]);
  const text = set.extract(patchName(options), { metadata: options["with-metadata"] });
  await giveText(text, options["output-file"], io);
  return 0;
}

export async function apply({ options, words }: Given<typeof oneOfSet>, io: Io): Promise<number> {
  const { workspace, set } = await both(words, io);
  const patched = set.apply(workspace, patchName(options));
  await giveText(patched.write(), options["output-file"], io);
  return 0;
}

export async function verify({ words }: Pick<Given<Options>, "words">, io: Io): Promise<number> {
  const { workspace, set } = await both(words, io);
  set.verify(workspace);
  io.out.write("All good.\n");
  return 0;
}

export async function inspect({ words }: Pick<Given<Options>, "words">, io: Io): Promise<number> {
  const set = await new Documents(io).patchSet(words[0]);
  io.out.write(set.inspect());
  return 0;
}

async function both(words: readonly string[], io: Io) {
  const documents = new Documents(io);
  const workspace = await documents.workspace(words[0]);
  return { workspace, set: await documents.patchSet(words[1]) };
}

function patchName({ name }: { readonly name: string | null }): string {
  if (name !== null) return name;
  throw new UsageError("missing-option", "name", undefined, "--name NAME is missing: which patch of the set");
}
