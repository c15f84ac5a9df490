import { readWorkspace } from "gradcut/stats";
import { DocumentError, type Entry } from "../../documents/container.js";
import { recognise } from "../../documents/recognise.js";
import { type Document, type Study, studiesOf } from "../../documents/studies.js";
import { unpack } from "../../documents/unpack.js";
import { task } from "../task.js";

/** What a drop holds. */
export interface Opened {
  readonly documents: readonly Document[];
  readonly studies: readonly Study[];
  /** The bytes of workspaces and patches, by path. */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** Texts beside documents that may say what numbers in names are. */
const isText = (path: string): boolean => /\.(md|txt)$|(^|\/)readme/i.test(path);

const mostDocument = 2 ** 27;

/** What was dropped: unpacked, recognised, and what belongs together found. */
export const open = task<{ readonly files: readonly Entry[] }, Opened>("open", async ({ files }, context) => {
  const entries: Entry[] = [];
  const taken = new Set<string>();
  for (const file of files) {
    const own = apart(await unpack(file), file.path, taken);
    for (const { path } of own) taken.add(path);
    entries.push(...own);
  }
  const bytes = new Map<string, Uint8Array>();
  const decoder = new TextDecoder();
  const texts: string[] = [];
  const found = [];
  for (const [i, entry] of entries.entries()) {
    if (i % 50 === 0) await context.progress(i, entries.length);
    if (entry.bytes.length > mostDocument) throw new DocumentError(`${entry.path} is larger than 128 MiB.`);
    const text = decoder.decode(entry.bytes);
    if (entries.length > 1 && isText(entry.path)) texts.push(text);
    const content = recognise(text);
    found.push({ path: entry.path, content, size: entry.bytes.length, text });
    if (content.kind !== "other") bytes.set(entry.path, entry.bytes);
  }
  // Digests are asked for by patch sets alone.
  const asked = found.some(({ content }) => content.kind === "patchset");
  const documents = found.map(({ text, ...one }): Document => {
    const named = asked && one.content.kind === "workspace";
    return { ...one, digests: named ? digestsOf(text) : [] };
  });
  return { documents, studies: studiesOf(documents, texts), bytes };
});

/** Entries under paths that no earlier file took: a second workspace.json is `workspace (2).json`. */
function apart(entries: readonly Entry[], file: string, taken: ReadonlySet<string>): readonly Entry[] {
  const named = (i: number) =>
    entries.map(({ path, bytes }) => ({
      path:
        i === 1
          ? path
          : entries.length === 1
            ? path.replace(/(\.[^./]*)?$/, ` (${i})$1`)
            : `${file} (${i})/${path}`,
      bytes,
    }));
  for (let i = 1; ; i++) {
    const all = named(i);
    if (!all.some(({ path }) => taken.has(path))) return all;
  }
}

/** None where the workspace breaks its schema, which is said when something is asked of it. */
function digestsOf(text: string): string[] {
  try {
    const workspace = readWorkspace(text);
    return [workspace.digest("sha256"), workspace.digest("md5")];
  } catch {
    return [];
  }
}
