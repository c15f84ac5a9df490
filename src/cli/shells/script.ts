/** `gradcut completion`: the script that completes command lines in a shell. */

import { alternatives } from "../../text/alternatives.js";
import type { Io } from "../io.js";
import type { Command, Family } from "../line/command.js";
import { shown, UsageError } from "../line/usageerror.js";
import { shellNames, shells } from "./index.js";
import { nodesOf } from "./shell.js";

/** The status of the program. Throws UsageError. */
export async function completion(
  word: string | undefined,
  commands: readonly (Command | Family)[],
  io: Io,
): Promise<number> {
  const name = shellNames.find((shell) => shell === word);
  if (name === undefined) {
    const sentence = word === undefined ? "no shell: name" : `there is no completion for ${shown(word)}:`;
    const names = alternatives(shellNames);
    const code = word === undefined ? "missing-option" : "bad-value";
    throw new UsageError(code, "", word, `${sentence} ${names}`);
  }
  io.out.write(shells[name].script(await nodesOf(commands)));
  return 0;
}
