// The options of `gradcut demo`, `apply` and `plot`, as typed objects.

import type { Definition } from "./args.js";
import { type DemoName, demoNames, demos } from "./demos/index.js";
import {
  choice,
  mostSeed,
  mostSteps,
  mostThreads,
  nearest,
  type OptionKinds,
  readOptions,
  shown,
  UsageError,
  whole,
} from "./options.js";
import { nonEmpty, parseDefinitions } from "./optionvalues.js";
import { parseTableArgs, type TableArgs, tableKinds } from "./tableargs.js";

export type DemoArgs = {
  name: DemoName;
  steps: number;
  seed: number;
  threads: number | null;
  out: string;
  json: boolean;
};

export type ApplyArgs = {
  /** A model, or without one a cut with its definitions. */
  model: string | null;
  cut: string | null;
  define: Definition[];
  /** At least one; patterns too. */
  files: string[];
  /** Whether the filters of the model apply. */
  filters: boolean;
  /** Whether the bound on the output of the network does. */
  bound: boolean;
  /** null: only counts are printed. */
  out: string | null;
  /** Columns to add; all rows stay where there is one. */
  mask: string | null;
  score: string | null;
  /** How the tables are written. */
  tables?: TableArgs;
};

export const themes = ["light", "dark", "auto"] as const;

export type PlotArgs = {
  result: string;
  out: string;
  theme: (typeof themes)[number];
  png: boolean;
  pdf: boolean;
};

export const demoKinds: OptionKinds = {
  steps: "one",
  seed: "one",
  threads: "one",
  out: "one",
  json: "flag",
  help: "flag",
};

export const applyKinds: OptionKinds = {
  model: "one",
  cut: "one",
  define: "many",
  out: "one",
  mask: "one",
  score: "one",
  "no-filters": "flag",
  "no-bound": "flag",
  ...tableKinds,
  help: "flag",
};

export const plotKinds: OptionKinds = { out: "one", theme: "one", png: "flag", pdf: "flag", help: "flag" };

/** The options after `gradcut demo`; "help" if --help is among them, whatever else is wrong. Throws UsageError. */
export function parseDemoArgs(args: string[]): DemoArgs | "help" {
  if (args.includes("--help")) return "help";
  const words: string[] = [];
  const raw = readOptions(args, demoKinds, words);
  if (words.length > 1)
    throw new UsageError("unexpected-argument", "", words[1], `unexpected argument ${shown(words[1]!)}`);
  const name = demoOf(words[0] ?? "search");
  const demo = demos[name];
  const value = (name: string) => raw.get(name)?.[0];
  const threads = value("threads");
  return {
    name,
    steps: whole("steps", value("steps") ?? String(demo.steps), 1, mostSteps),
    seed: whole("seed", value("seed") ?? String(demo.seed), 0, mostSeed),
    threads: threads === undefined ? null : whole("threads", threads, 1, mostThreads),
    out: nonEmpty("out", value("out") ?? "out"),
    json: raw.has("json"),
  };
}

function demoOf(word: string): DemoName {
  const found = demoNames.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearest(word, demoNames);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const sentence = `there is no demonstration ${shown(word)}, only ${demoNames.join(" and ")}${hint}`;
  throw new UsageError("bad-value", "", word, sentence);
}

/** The options after `gradcut apply`; "help" if --help is among them, whatever else is wrong. Throws UsageError. */
export function parseApplyArgs(args: string[]): ApplyArgs | "help" {
  if (args.includes("--help")) return "help";
  const files: string[] = [];
  const raw = readOptions(args, applyKinds, files);
  const one = (name: string) => {
    const value = raw.get(name)?.[0];
    return value === undefined ? null : nonEmpty(name, value);
  };
  const model = one("model");
  const cut = one("cut");
  if (model === null && cut === null)
    throw missing(
      "model",
      "--model FILE is missing: the model.json of a training (or --cut TEXT without one)",
    );
  if (model !== null)
    for (const name of ["cut", "define"])
      if (raw.has(name))
        throw new UsageError(
          "conflict",
          name,
          raw.get(name)![0],
          `--${name} is without --model, which has its own`,
        );
  if (model === null)
    for (const name of ["score", "no-filters", "no-bound"])
      if (raw.has(name))
        throw new UsageError(
          "conflict",
          name,
          raw.get(name)![0],
          `--${name} is of a model: give --model FILE`,
        );
  if (files.length === 0)
    throw missing("", `no table to apply the ${model === null ? "cut" : "model"} to: name one or more files`);
  const [out, mask, score] = [one("out"), one("mask"), one("score")];
  if (out !== null && !/\.(csv|csv\.gz|parquet)$/i.test(out))
    throw new UsageError("bad-value", "out", out, `--out ${out}: must end with .csv, .csv.gz or .parquet`);
  for (const [name, value] of Object.entries({ mask, score }))
    if (value !== null && out === null)
      throw new UsageError("conflict", name, value, `--${name} adds a column to a table: give --out FILE`);
  if (mask !== null && mask === score)
    throw new UsageError("conflict", "score", score, `--mask and --score are both called ${score}`);
  return {
    ...{ model, cut, define: parseDefinitions(raw.get("define") ?? []), files },
    ...{ filters: !raw.has("no-filters"), bound: !raw.has("no-bound"), out, mask, score },
    ...parseTableArgs(raw),
  };
}

/** The options after `gradcut plot`; "help" if --help is among them, whatever else is wrong. Throws UsageError. */
export function parsePlotArgs(args: string[]): PlotArgs | "help" {
  if (args.includes("--help")) return "help";
  const files: string[] = [];
  const raw = readOptions(args, plotKinds, files);
  const [result, ...more] = files;
  if (result === undefined) throw missing("", "no result.json to draw: name one");
  if (more.length > 0)
    throw new UsageError(
      "unexpected-argument",
      "",
      more[0],
      `one result.json at a time, got also ${more[0]}`,
    );
  const out = raw.get("out")?.[0];
  if (out === undefined) throw missing("out", "--out DIR is missing: where the figures go");
  const theme = choice("theme", raw.get("theme")?.[0] ?? "light", themes);
  return { result, out: nonEmpty("out", out), theme, png: raw.has("png"), pdf: raw.has("pdf") };
}

const missing = (option: string, message: string) =>
  new UsageError("missing-option", option, undefined, message);
