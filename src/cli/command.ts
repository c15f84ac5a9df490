// Commands on workspaces: what each is made of.

import type { Io } from "./io.js";
import { readWords, type WordKinds, type Words } from "./words.js";

/** A command with pyhf's manner of options. */
export type Command = {
  help: string;
  options: WordKinds;
  /** Most words besides options. */
  words: number;
  /** The status of the program; throws UsageError, SpecError, WorkspaceError, PatchError. */
  run(words: Words, io: Io): Promise<number>;
};

/** Reads the options and runs, or prints the help. */
export async function runCommand(
  { help, options, words, run }: Command,
  args: string[],
  io: Io,
): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    io.out.write(help);
    return 0;
  }
  return run(readWords(args, options, words), io);
}
