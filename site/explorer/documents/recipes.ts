/** Workspaces that are made of others: what is removed, renamed and joined, as links keep it. */

/** A workspace of the drop, or one made before, with a signal's patch or without. */
export interface Source {
  readonly workspace: string;
  readonly signal: { readonly document: string; readonly patch: string | null } | null;
}

export const kinds = ["channels", "samples", "modifiers", "measurements"] as const;
export type Kind = (typeof kinds)[number];

/** Names that go, by kind; a type takes all modifiers of it. */
export type Removed = Readonly<Partial<Record<Kind | "modifierTypes", readonly string[]>>>;
/** New names by old ones, by kind. */
export type Renamed = Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>>;

export const joins = ["none", "outer", "left outer", "right outer"] as const;
export type Join = (typeof joins)[number];

/** A second workspace, renamed before it is joined. */
export interface Joined {
  readonly of: Source;
  readonly rename: Renamed;
  readonly join: Join;
  readonly mergeChannels: boolean;
}

/** How a workspace is made: pruned, renamed, then joined. */
export interface Recipe {
  readonly name: string;
  readonly of: Source;
  readonly prune: Removed;
  readonly rename: Renamed;
  readonly with: Joined | null;
}

export const sourceKey = ({ workspace, signal }: Source): string => JSON.stringify([workspace, signal]);

export const isSame = (a: Source, b: Source): boolean => sourceKey(a) === sourceKey(b);

/** Paths of the documents that a recipe reads. */
export function documentsIn({ of, with: joined }: Recipe): string[] {
  const paths = [of, ...(joined ? [joined.of] : [])].flatMap(({ workspace, signal }) =>
    signal ? [workspace, signal.document] : [workspace],
  );
  return [...new Set(paths)];
}

/** Whether it changes nothing. */
export const isEmpty = ({ prune, rename, with: joined }: Recipe): boolean =>
  joined === null &&
  Object.values(prune).every((names) => names.length === 0) &&
  Object.values(rename).every((names) => Object.keys(names).length === 0);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";

/** An object of known keys only, each as `check` has it. */
const hasOnly = (value: unknown, keys: readonly string[], check: (part: unknown) => boolean): boolean =>
  isObject(value) && Object.entries(value).every(([key, part]) => keys.includes(key) && check(part));

const isRemoved = (value: unknown): value is Removed =>
  hasOnly(value, [...kinds, "modifierTypes"], (names) => Array.isArray(names) && names.every(isText));
const isRenamed = (value: unknown): value is Renamed =>
  hasOnly(value, kinds, (names) => isObject(names) && Object.values(names).every(isText));

/** A source as a list: workspace, then the document of a signal, then the patch in it. */
type Short = readonly [workspace: string, document?: string, patch?: string];

const shortOf = ({ workspace, signal }: Source): Short =>
  signal === null
    ? [workspace]
    : signal.patch === null
      ? [workspace, signal.document]
      : [workspace, signal.document, signal.patch];

/** The source of such a list, or undefined. */
export function sourceIn(value: unknown): Source | undefined {
  if (!Array.isArray(value) || value.length < 1 || value.length > 3 || !value.every(isText)) return undefined;
  const [workspace, document, patch] = value as [string, string?, string?];
  return { workspace, signal: document === undefined ? null : { document, patch: patch ?? null } };
}

/** A source as links have it. */
export const printSource = (source: Source): string => JSON.stringify(shortOf(source));

/** A recipe as a list, short enough for a link. */
export const recipeList = ({ name, of, prune, rename, with: joined }: Recipe): readonly unknown[] => [
  name,
  shortOf(of),
  prune,
  rename,
  ...(joined ? [shortOf(joined.of), joined.rename, joined.join, joined.mergeChannels ? 1 : 0] : []),
];

/** The recipe of such a list, or undefined. */
export function recipeIn(value: unknown): Recipe | undefined {
  if (!Array.isArray(value) || (value.length !== 4 && value.length !== 8)) return undefined;
  const [name, first, prune, rename, second, theirs, how, merge] = value as unknown[];
  const of = sourceIn(first);
  if (!isText(name) || !of || !isRemoved(prune) || !isRenamed(rename)) return undefined;
  if (value.length === 4) return { name, of, prune, rename, with: null };
  const [right, join] = [sourceIn(second), joins.find((one) => one === how)];
  if (!right || !join || !isRenamed(theirs) || (merge !== 0 && merge !== 1)) return undefined;
  return { name, of, prune, rename, with: { of: right, rename: theirs, join, mergeChannels: merge === 1 } };
}
