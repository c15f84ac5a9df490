/** JSON documents of commands: files, standard input and standard output. */

import { readFile } from "node:fs/promises";
import { writeAtomically } from "../../events/atomic.js";
import { type PatchSet, readPatch, readPatchSet } from "../../histfactory/document/patchset.js";
import { SpecError, sentence } from "../../histfactory/document/specerror.js";
import { readWorkspace, type Workspace } from "../../histfactory/document/workspace.js";
import type { Io } from "../io.js";
import { shown, UsageError } from "../line/usageerror.js";

/** Reads the documents of one command. `-` is standard input, which can be read only once. */
export class Documents {
  readonly #io: Io;
  #used = false;

  constructor(io: Io) {
    this.#io = io;
  }

  workspace(path = "-"): Promise<Workspace> {
    return this.#read(path, readWorkspace);
  }

  patchSet(path = "-"): Promise<PatchSet> {
    return this.#read(path, readPatchSet);
  }

  patch(path: string): Promise<ReturnType<typeof readPatch>> {
    return this.#read(path, readPatch);
  }

  async #read<T>(path: string, parse: (text: string) => T): Promise<T> {
    const text = path === "-" ? await this.#input() : await fileText(path);
    return named(path, () => parse(text));
  }

  async #input(): Promise<string> {
    if (this.#used)
      throw new UsageError(
        "conflict",
        "",
        "-",
        "standard input (-) can be read only once: name a file for the other document",
      );
    this.#used = true;
    return (await this.#io.input?.()) ?? "";
  }
}

/** Errors of a document say which, and all of its problems. */
export function named<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const where = path === "-" ? "standard input" : shown(path);
    const lines = error.problems.map(sentence).join("\n  ");
    throw new UsageError("bad-value", "", path, `${where}: ${lines}`, { cause: error });
  }
}

async function fileText(path: string): Promise<string> {
  const reasons: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "this is a folder: name a JSON file in it",
  };
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const reason = reasons[error.code ?? ""] ?? error.message;
    throw new UsageError("bad-value", "", path, `${shown(path)}: ${reason}`, { cause: error });
  });
  // JSON starts with two characters of ASCII, one at least: a zero among their bytes is UTF-16 (or UTF-32).
  const wide =
    bytes.length > 1 && (bytes[0] === 0 || bytes[1] === 0 || /^(ÿþ|þÿ)/.test(bytes.toString("latin1", 0, 2)));
  if (wide) throw new UsageError("bad-value", "", path, `${shown(path)}: this is UTF-16; save it as UTF-8`);
  return bytes.toString("utf8");
}

/** Text as pyhf gives it out: with a line's end on the screen, without one in a file. */
export async function giveText(text: string, file: string | null, io: Io): Promise<void> {
  if (file === null || file === "-") io.out.write(`${text}\n`);
  else await writeFile(file, text);
}

/** The file has all of `content`, or what it had. */
export async function writeFile(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await writeAtomically(path, (append) => append(bytes));
}
