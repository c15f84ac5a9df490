/** What a link keeps: the view, in the fragment of the address. */

import {
  printSource,
  type Recipe,
  recipeIn,
  recipeList,
  type Source,
  sourceIn,
} from "./documents/recipes.js";

/** How somebody looks at a document. */
export interface View {
  /** Digest of the bytes that were dropped, or the address that they came from. */
  readonly file: string | null;
  readonly url: string | null;
  readonly panel: string;
  readonly workspace: string | null;
  /** A signal by document and name of the patch in it. */
  readonly signal: { readonly document: string; readonly patch: string | null } | null;
  readonly measurement: string | null;
  readonly channel: string | null;
  readonly theme: "auto" | "light" | "dark";
  /** Values of parameters that differ from what the model suggests, by place. */
  readonly pars: Readonly<Record<number, number>>;
  /** Confidence level of limits. */
  readonly level: number;
  readonly log: boolean;
  /** Columns of a grid that are drawn, and the points that are: places of labels and a sentence as `2=60`. */
  readonly axes: readonly [x: number, y: number] | null;
  readonly plane: string | null;
  /** Workspaces that were made here, in their order, and the one that is being made. */
  readonly made: readonly Recipe[];
  readonly draft: Recipe | null;
  /** What a model is compared with. */
  readonly other: Source | null;
  /** Whether each signal is tested by the workspace that expects most of it, where several test it. */
  readonly best: boolean;
}

export const plain: View = {
  ...{ file: null, url: null, panel: "contents", workspace: null, signal: null, measurement: null },
  ...{ channel: null, theme: "auto", pars: {}, level: 0.95, log: false, axes: null, plane: null },
  ...{ made: [], draft: null, other: null, best: true },
};

/** How one part of a view is written, and read; what cannot be read is left as it is without a link. */
interface Field<V> {
  readonly key: string;
  print(value: V): string;
  parse(text: string): V | undefined;
}

const text = (key: string): Field<string | null> => ({
  key,
  print: (value) => value ?? "",
  parse: (written) => written,
});

export const themes = ["auto", "light", "dark"] as const;

const fields: { readonly [K in keyof View]: Field<View[K]> } = {
  file: text("d"),
  url: text("u"),
  panel: { key: "p", print: (value) => value, parse: (written) => written || undefined },
  workspace: text("w"),
  signal: {
    key: "s",
    print: (value) =>
      value ? JSON.stringify(value.patch === null ? [value.document] : [value.document, value.patch]) : "",
    parse(written) {
      const parts = listIn(written);
      if (!parts || parts.length < 1 || parts.length > 2) return undefined;
      if (!parts.every((part) => typeof part === "string")) return undefined;
      return { document: parts[0]!, patch: parts[1] ?? null };
    },
  },
  measurement: text("m"),
  channel: text("c"),
  theme: { key: "t", print: (value) => value, parse: (written) => themes.find((theme) => theme === written) },
  pars: {
    key: "x",
    print: (value) =>
      Object.entries(value)
        .map(([place, number]) => `${place}:${number}`)
        .join("_"),
    parse(written) {
      const pairs = written.split("_").map((pair) => /^(\d+):(-?[\d.]+(?:e[+-]?\d+)?)$/.exec(pair));
      if (pairs.some((pair) => pair === null)) return undefined;
      return Object.fromEntries(pairs.map((pair) => [Number(pair![1]), Number(pair![2])]));
    },
  },
  level: {
    key: "l",
    print: String,
    parse(written) {
      const level = Number(written);
      return level >= 0.5 && level < 1 ? level : undefined;
    },
  },
  log: { key: "y", print: (value) => (value ? "log" : ""), parse: (written) => written === "log" },
  axes: {
    key: "a",
    print: (value) => value?.join("_") ?? "",
    parse(written) {
      const places = /^(\d+)_(\d+)$/.exec(written);
      return places ? [Number(places[1]), Number(places[2])] : undefined;
    },
  },
  plane: text("g"),
  made: {
    key: "e",
    print: (value) => (value.length > 0 ? JSON.stringify(value.map(recipeList)) : ""),
    parse(written) {
      const recipes = listIn(written)?.map(recipeIn);
      return recipes?.every((one) => one !== undefined) ? recipes : undefined;
    },
  },
  draft: {
    key: "f",
    print: (value) => (value ? JSON.stringify(recipeList(value)) : ""),
    parse: (written) => recipeIn(listIn(written)),
  },
  other: {
    key: "o",
    print: (value) => (value ? printSource(value) : ""),
    parse: (written) => sourceIn(listIn(written)),
  },
  best: { key: "b", print: (value) => (value ? "" : "0"), parse: (written) => written !== "0" },
};

function listIn(written: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(written);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const keys = Object.keys(fields) as (keyof View)[];

function printed<K extends keyof View>(view: View, key: K): [string, string][] {
  const [own, usual] = [fields[key].print(view[key]), fields[key].print(plain[key])];
  return own === usual ? [] : [[fields[key].key, own]];
}

/** The fragment of a view, without `#`; what is as usual is left out. */
export function printLink(view: View): string {
  const pairs = keys.flatMap((key) => printed(view, key));
  // Legible where the rules of addresses allow it.
  return new URLSearchParams(pairs).toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
}

function read<K extends keyof View>(key: K, params: URLSearchParams): Partial<View> {
  const written = params.get(fields[key].key);
  if (written === null) return {};
  const value = fields[key].parse(written);
  return value === undefined ? {} : { [key]: value };
}

/** The view of a fragment; what it says that no view can be is left out. */
export function parseLink(fragment: string): View {
  const params = new URLSearchParams(fragment.replace(/^#/, ""));
  return Object.assign({}, plain, ...keys.map((key) => read(key, params)));
}
