import type { Dirent } from "node:fs";
import type { PlatformPath } from "node:path";
import { builtin, hasFiles } from "./builtin.js";
import { DataError } from "./dataerror.js";
import { isAddress } from "./sources/address.js";
import { labelOf } from "./sources/locate.js";
import { isUrl, type TableSource } from "./sources/tablesource.js";
import { splitSpec } from "./splitspec.js";

/**
 * The specs that a spec with a pattern stands for, sorted: in names, `*` is any text, `?` any character and `[a-c]` one
 * of these (`[!a-c]` none); `**` is any directories. Names that begin with a dot are matched by such patterns only.
 * A spec without a pattern, an address of the web, or the name of a file stands for itself.
 *
 * @throws DataError when nothing matches
 */
export async function expandSpec(spec: string): Promise<string[]> {
  const { path, tree } = splitSpec(spec);
  if (!/[*?[]/.test(path) || isAddress(path) || !hasFiles()) return [spec];
  const tools = await folderTools();
  if (tools.exists(path)) return [spec];
  const found: string[] = [];
  const { root, parts } = partsOf(path, tools.paths);
  await walk(tools, root, parts, found);
  if (found.length === 0)
    throw new DataError("data.missingFile", "No file matches this pattern.", { file: path });
  return [...new Set(found)].sort().map((file) => (tree === undefined ? file : `${file}:${tree}`));
}

const thereTwice = (source: TableSource): Error => {
  const sentence = "The file is there twice, so its events would count twice.";
  return new DataError("data.mismatch", sentence, { file: labelOf(source) });
};

/**
 * The sources that paths with patterns and other sources stand for, and which of them came from patterns.
 * Throws as {@link expandSpec}, and for a source that is there twice the error of `refuse`.
 */
export async function expandSpecs<S extends TableSource>(
  sources: readonly S[],
  refuse: (source: S | string) => Error = thereTwice,
): Promise<{ files: (S | string)[]; ofPatterns: ReadonlySet<S | string> }> {
  // Two URLs are the same where they read the same.
  const given = sources.map((source): S | string => (isUrl(source) ? source.href : source));
  const found: (readonly (S | string)[])[] = await Promise.all(
    given.map((source) => (typeof source === "string" ? expandSpec(source) : [source])),
  );
  const files = found.flat();
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice !== undefined) throw refuse(twice);
  const ofPatterns = found.filter(([first], i) => first !== given[i]).flat();
  return { files, ofPatterns: new Set(ofPatterns) };
}

/** What looks into folders. */
interface FolderTools {
  readonly paths: PlatformPath;
  exists(path: string): boolean;
  /** What is in a folder; nothing when it cannot be read, as shells have it. */
  list(folder: string): Promise<readonly Dirent[]>;
}

async function folderTools(): Promise<FolderTools> {
  const { existsSync } = await builtin("node:fs");
  const { readdir } = await builtin("node:fs/promises");
  const paths = await builtin("node:path");
  return {
    paths,
    exists: existsSync,
    list: (folder) => readdir(folder || ".", { withFileTypes: true }).catch(() => []),
  };
}

/** Where a path begins, and its names from there. On Windows it begins with a drive, and both slashes part names. */
export function partsOf(path: string, { parse, sep }: Pick<PlatformPath, "parse" | "sep">) {
  const { root } = parse(path);
  const parts = path.slice(root.length).split(sep === "\\" ? /[\\/]/ : "/");
  return { root, parts: parts.filter((part) => part !== "" && part !== ".") };
}

/** Adds the files below `folder` whose paths match the patterns, one per name. */
async function walk(
  tools: FolderTools,
  folder: string,
  patterns: readonly string[],
  found: string[],
): Promise<void> {
  const { exists, list } = tools;
  const { join } = tools.paths;
  const [first, ...rest] = patterns;
  if (first === undefined) return;
  if (first === "**") {
    await walk(tools, folder, rest.length > 0 ? rest : ["*"], found);
    // Links are not followed, so there is no circle.
    for (const entry of await list(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith("."))
        await walk(tools, join(folder, entry.name), patterns, found);
    }
    return;
  }
  const plain = !/[*?[]/.test(first);
  const names = plain
    ? [first].filter((name) => exists(join(folder, name)))
    : (await list(folder)).map((entry) => entry.name).filter((name) => matches(name, first));
  for (const name of names) {
    if (rest.length > 0) await walk(tools, join(folder, name), rest, found);
    else found.push(join(folder, name));
  }
}

type Token = "*" | ((character: string) => boolean);

/** Whether a name matches a pattern; takes at most the product of their lengths. */
export function matches(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const tokens = tokensOf(pattern);
  const characters = [...name];
  let at = 0;
  let token = 0;
  // Where to go on when what follows the last star does not match.
  let star = -1;
  let resume = 0;
  while (at < characters.length) {
    const test = tokens[token];
    if (test === "*") {
      star = token++;
      resume = at;
    } else if (test?.(characters[at]!)) {
      at++;
      token++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++resume;
    } else return false;
  }
  while (tokens[token] === "*") token++;
  return token === tokens.length;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  const set = /\[(!?)(\]?[^\]]*)\]/y;
  for (let at = 0; at < pattern.length; ) {
    set.lastIndex = at;
    const [whole, not, inside] = set.exec(pattern) ?? [];
    if (whole !== undefined && inside) {
      const test = setOf(inside);
      tokens.push(not ? (character) => !test(character) : test);
      at += whole.length;
      continue;
    }
    const character = String.fromCodePoint(pattern.codePointAt(at)!);
    tokens.push(character === "*" ? "*" : character === "?" ? () => true : (other) => other === character);
    at += character.length;
  }
  return tokens;
}

/** The characters of `a-cx`. */
function setOf(text: string): (character: string) => boolean {
  const ranges = [...text.matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, one]) => [from ?? one!, to ?? one!] as const,
  );
  return (character) => ranges.some(([from, to]) => from <= character && character <= to);
}
