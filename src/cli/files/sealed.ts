/** JSON files that are read back: with a checksum of their content, so that damage and changes are told. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checksum } from "../../text/checksum.js";
import { shown, UsageError } from "../line/usageerror.js";
import { toJson } from "../training/resultjson.js";

type Content = Readonly<Record<string, unknown>>;

/** What of a result says which run it is of. */
type Found = Partial<Pick<Content, "objective" | "cuts" | "yields" | "seed">>;

/** The text of an object of a schema and version, with the field `checksum` after these. */
export function sealed<T extends Pick<Content, "schema" | "version">>(content: T): string {
  const { schema, version, ...rest } = content;
  return toJson({ schema, version, checksum: sealOf({ schema, version, ...rest }), ...rest });
}

/** Of the content as it is read back: spaces between the parts do not count. Null of what nests deeper than the stack. */
function sealOf(content: Content): string | null {
  try {
    return checksum(toJson(JSON.parse(toJson(content))));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What a training found, as a checksum: the files of one run share it, whatever the clock said. Null where nothing tells. */
export function runSeal({ objective, cuts, yields, seed }: Found): string | null {
  return sealOf({ objective, cuts, yields, seed });
}

/** What is wrong with the version of a file that is read back, or null. */
export function versionProblem(version: unknown): string | null {
  if (version === 1) return null;
  const got = version === undefined ? "there is no version" : `this is version ${shown(String(version))}`;
  return `${got} of the format, but this gradcut reads version 1`;
}

/** Says of a file of ours what is wrong with it. Throws UsageError. */
export type Refuse = (reason: string, cause?: unknown) => UsageError;

/** What is wrong with a file, after its name and that of the option that named it. */
export const refusing =
  (path: string, option = ""): Refuse =>
  (reason, cause) =>
    new UsageError("bad-value", option, path, `${option && `--${option} `}${shown(path)}: ${reason}`, {
      cause,
    });

/**
 * The content of a file that `sealed` wrote, without its checksum; null where there is no file. `problem` says what keeps
 * it from being used, or null; `usual` is what the file is called where a training wrote it, for who named its folder.
 */
export async function readSealed(
  path: string,
  refuse: Refuse,
  problem: (content: unknown) => string | null,
  usual: string,
): Promise<Content | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    const folder = `this is a folder: name a file in it, as ${shown(join(path, usual))}`;
    throw refuse(error.code === "EISDIR" ? folder : error.message, error);
  });
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse("this is no JSON, or a damaged one", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse("this is no JSON object");
  const { checksum: seal, ...content } = value as Content;
  const reason = problem(content);
  if (reason !== null) throw refuse(reason);
  // A file of another program, or one that was changed on purpose, need not have one.
  if (seal !== undefined && seal !== sealOf(content)) throw refuse(changed);
  return content;
}

const changed =
  "its content is not what was written, so it is damaged or was changed: write it anew, or take out its field checksum if you meant the change";
