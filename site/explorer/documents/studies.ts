/** Which workspaces and patches belong together. */

import type { Content } from "./recognise.js";

/** A document of a drop. */
export interface Document {
  /** Its place in what was dropped, which is its name. */
  readonly path: string;
  readonly content: Content;
  readonly size: number;
  /** Digests of a workspace, as patch sets name it. */
  readonly digests: readonly string[];
}

/** One signal: a patch of a set, or a document that is one. */
export interface Point {
  readonly name: string;
  readonly values: readonly (number | string)[];
  readonly document: string;
  /** Its name in a set; null where the document is the patch. */
  readonly patch: string | null;
}

/** A workspace with the signals that are for it. */
export interface Study {
  readonly workspace: string;
  /** A short name: what tells it from others. */
  readonly name: string;
  readonly labels: readonly string[];
  readonly points: readonly Point[];
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
const fileOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const stem = (path: string): string => fileOf(path).replace(/\.json$/i, "");

/** Numbers in a name, which are the point of a patch that says no values: patch.sbottom_1000_131_1 is 1000, 131, 1. */
const numbersIn = (name: string): number[] =>
  [...name.matchAll(/(?<![A-Za-z\d.])-?\d+(?:[.p]\d+)?(?![A-Za-z\d])/g)].map(([digits]) =>
    Number(digits.replace("p", ".")),
  );

/** A name with its numbers left open: patches of one pattern are of one grid. */
const pattern = (name: string): string =>
  name.replace(/(?<![A-Za-z\d.])-?\d+(?:[.p]\d+)?(?![A-Za-z\d])/g, "\0");

/** What a text beside the patches calls the numbers in their names: `patch.sbottom_msb_mn2_mn1` for those above. */
function labelsOf(form: string, count: number, texts: readonly string[]): string[] {
  const parts = form.split("\0").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const written = new RegExp(parts.join("([A-Za-z][A-Za-z0-9]*)"));
  for (const text of texts) {
    const found = written.exec(text);
    if (found) return found.slice(1);
  }
  return Array.from({ length: count }, (_, i) => `number ${i + 1}`);
}

/** Patches that are documents, as grids: those of one folder and one pattern of names. */
function loose(
  documents: readonly Document[],
  folder: string,
  texts: readonly string[],
): Omit<Study, "workspace" | "name"> {
  const groups = new Map<string, Document[]>();
  for (const one of documents) {
    if (one.content.kind !== "patch" || folderOf(one.path) !== folder) continue;
    const form = pattern(stem(one.path));
    groups.set(form, [...(groups.get(form) ?? []), one]);
  }
  const all = [...groups];
  const [form, most] = all.sort((a, b) => b[1].length - a[1].length)[0] ?? ["", []];
  const points = [...groups.values()].flat().map((one): Point => {
    const name = stem(one.path);
    return {
      name: name.replace(/^patch[._-]/, ""),
      values: most.includes(one) ? numbersIn(name) : [],
      document: one.path,
      patch: null,
    };
  });
  return { labels: labelsOf(form, form.split("\0").length - 1, texts), points };
}

/** The studies of all workspaces; `texts` are what stands beside them, such as a README. */
export function studiesOf(documents: readonly Document[], texts: readonly string[]): Study[] {
  const workspaces = documents.filter(({ content }) => content.kind === "workspace");
  const names = shortNames(workspaces.map(({ path }) => path));
  return workspaces.map((one, i) => {
    const folder = folderOf(one.path);
    const alone = workspaces.length === 1;
    const sets = documents.filter(({ path, content }) => {
      if (content.kind !== "patchset") return false;
      if (content.digests.some((digest) => one.digests.includes(digest))) return true;
      const known = workspaces.some((other) =>
        content.digests.some((digest) => other.digests.includes(digest)),
      );
      return !known && (alone || folderOf(path) === folder);
    });
    const [first] = sets;
    const ofSets = sets.flatMap(({ path, content }) =>
      content.kind === "patchset"
        ? content.patches.map(({ name, values }): Point => ({ name, values, document: path, patch: name }))
        : [],
    );
    const found =
      first?.content.kind === "patchset"
        ? { labels: first.content.labels, points: ofSets }
        : loose(documents, folder, texts);
    return { workspace: one.path, name: names[i]!, ...found };
  });
}

/** Names without what all of them share. */
export function shortNames(paths: readonly string[]): string[] {
  if (paths.length < 2) return paths.map(stem);
  const parts = paths.map((path) => path.replace(/\.json$/i, "").split("/"));
  const shared = (i: number, from: "start" | "end") =>
    parts.every(
      (p) =>
        p.length > i + 1 &&
        p.at(from === "start" ? i : -1 - i) === parts[0]!.at(from === "start" ? i : -1 - i),
    );
  let start = 0;
  while (shared(start, "start")) start++;
  let end = 0;
  while (parts.every((p) => p.length > start + end + 1) && shared(end, "end")) end++;
  return parts.map((p) => p.slice(start, p.length - end).join("/"));
}
