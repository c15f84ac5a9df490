// Samples of events: files read, definitions computed, filters applied, and only what is wanted kept.

import { sentinelCut, sentinels, sentinelWords } from "../cuts/sentinel.js";
import { column, concatenate, type Table } from "../data/columns.js";
import { DataError } from "../data/errors.js";
import { expandSpecs } from "../data/glob.js";
import { optionsOfEach, readTable } from "../data/open.js";
import type { ReadOptions } from "../data/readoptions.js";
import { type FileRows, fileRows, forgiving, noTrees } from "../data/tables.js";
import { print } from "../expr/print.js";
import { type Definitions, evaluate, fileColumns, keyOf } from "./evaluate.js";
import type { Given } from "./expressions.js";
import { asked, type TableArgs } from "./groups/tables.js";
import { shown, UsageError } from "./line/usage.js";
import { requireWeights } from "./objectives.js";
import type { Bad } from "./trainoptions.js";

/** The events of one sample that pass the filters. */
export type Sample = {
  name: string;
  /** Events in the files. */
  read: number;
  /** Events that pass the filters; the length of all arrays here. */
  rows: number;
  /** What was wanted, by the text of the expression: `pt`, `Muon_pt[0]`, `abs(eta)`. */
  values: Record<string, Float64Array>;
  /** null: every event counts 1. */
  weight: Float64Array | null;
  /** Events of each file, in order. */
  files: FileRows[];
  /** What a person should know about the numbers, in sentences. */
  notes: string[];
};

export type Request = {
  /** Files may be patterns. */
  samples: { name: string; files: readonly string[]; filters: Given[]; option?: string }[];
  define: Definitions;
  /** Values wanted of the events that pass; NaN is a value. */
  wanted: Given[];
  /** Values that must be finite. */
  inputs: Given[];
  weight: Given | null;
  /** What is done with events that have a value which is not finite. */
  bad: Bad;
  /** How the tables are written. */
  tables?: TableArgs;
  /** Values for the thresholds in what is wanted. */
  thresholds?: Record<string, number>;
};

/** Reads the samples. Throws DataError and UsageError. */
export async function readSamples(request: Request): Promise<Sample[]> {
  const { define, wanted, inputs, weight } = request;
  const samples: { files: string[]; uses: Map<string, Given> }[] = [];
  /** Files that were named themselves, not by a pattern, and so must have the tree. */
  const named = new Set<string>();
  for (const { name, files: given, filters, option = name } of request.samples) {
    const uses = fileColumns(define, [...filters, ...(weight ? [weight] : []), ...wanted, ...inputs]);
    const { files, ofPatterns } = await expandFiles(option, given);
    for (const file of files) if (!ofPatterns.has(file)) named.add(file);
    samples.push({ files, uses });
  }
  // One file may serve both samples; it is read once.
  const all = new Map<string, Map<string, Given>>();
  for (const { files, uses } of samples)
    for (const file of files) all.set(file, new Map([...(all.get(file) ?? []), ...uses]));
  const tables = new Map<string, Table>();
  const own = (file: string) => forgiving(!named.has(file));
  const options = await asked(() => optionsOfEach([...all.keys()], request.tables ?? {}, own));
  let i = 0;
  for (const [file, uses] of all) tables.set(file, await readFile(file, uses, define, options[i++]!));
  return request.samples.map((sample, i) => {
    const { files, uses } = samples[i]!;
    const counted = files.map((spec) => fileRows(spec, tables.get(spec)!));
    if (counted.every(({ treeless }) => treeless)) throw noTrees(files);
    // Tables without rows do not know what kind their columns are.
    const full = counted.filter(({ rows }) => rows > 0).map(({ spec }) => spec);
    if (full.length === 0) {
      const sentence = files.length === 1 ? "The table has no rows." : "None of the tables has rows.";
      throw new DataError("data.empty", sentence, { file: files.join(", ") });
    }
    const parts = full.map((file) => only(tables.get(file)!, [...uses.keys()], file));
    const { notes, ...rest } = compute(request, sample, concatenate(parts, { files: full }));
    return { ...rest, notes: [...treeless(sample.name, counted), ...notes], files: counted };
  });
}

/** A note about files of patterns that have no such tree, which jobs without passing events leave. */
function treeless(sample: string, files: readonly FileRows[]): string[] {
  const without = files.filter((file) => file.treeless).map(({ spec }) => spec);
  if (without.length === 0) return [];
  const shown = `${without.slice(0, 3).join(", ")}${without.length > 3 ? ", …" : ""}`;
  return [
    `${without.length} of ${files.length} ${sample} files have no such tree and count no events: ${shown}`,
  ];
}

/** The files that names and patterns stand for. Throws UsageError for a file that is there twice. */
async function expandFiles(name: string, given: readonly string[]): ReturnType<typeof expandSpecs> {
  const found = await expandSpecs(given);
  const { files } = found;
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice === undefined) return found;
  const sentence = `--${name}: ${shown(twice)} is there twice, so its events would count twice`;
  throw new UsageError("repeated", name, twice, sentence);
}

async function readFile(
  file: string,
  uses: Map<string, Given>,
  define: Definitions,
  options: ReadOptions,
): Promise<Table> {
  try {
    return await readTable(file, [...uses.keys()], options);
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "data.unknownColumn") throw error;
    const name = error.column!;
    const use = uses.get(name);
    const later = define.some((d) => d.name === name) ? ` It is defined only after this use.` : "";
    const where = use ? ` It stands in --${use.option} ${JSON.stringify(use.text)}.` : "";
    const { code, line } = error;
    // The place is in the message already.
    throw new DataError(code, error.message + where + later, { line, column: name }, { cause: error });
  }
}

function only(all: Table, names: string[], file: string): Table {
  return { rows: all.rows, columns: new Map(names.map((name) => [name, column(all, name, file)])) };
}

function compute(request: Request, sample: Request["samples"][number], all: Table): Omit<Sample, "files"> {
  const { inputs, weight, bad } = request;
  const { filters, name } = sample;
  const wanted = [...new Map(request.wanted.map((use) => [keyOf(use.expr), use])).values()];
  const trained = [...wanted, ...inputs, ...(weight ? [weight] : [])];
  const results = evaluate([...filters, ...trained], request, all);
  const passing = passingRows(
    all.rows,
    filters.map((filter) => results.get(filter)!),
  );
  if (passing.length === 0) {
    const texts = filters.map(({ option, text }) => `--${option} ${JSON.stringify(text)}`).join(" ");
    throw new DataError("data.empty", `None of the ${all.rows} ${name} events passes ${texts}.`);
  }
  const must = bad === "refuse" ? trained : bad === "drop" ? [] : [...inputs, ...(weight ? [weight] : [])];
  for (const use of must) requireFinite(name, use, results.get(use)!, passing);
  const found = notFinite(name, trained, results, passing);
  const rows = bad === "drop" ? finiteRows(trained, results, passing) : passing;
  if (rows.length === 0)
    throw new DataError("data.empty", `No ${name} event is left without bad numbers: ${found.join("; ")}.`);
  const dropped = passing.length - rows.length;
  const kept = (use: Given): Float64Array => {
    const values = results.get(use)!;
    return Float64Array.from(rows, (row) => values[row]!);
  };
  const weights = weight && kept(weight);
  if (weights) requireWeights(name, weights);
  return {
    name,
    read: all.rows,
    rows: rows.length,
    values: byText([...wanted, ...inputs], kept),
    weight: weights,
    notes: [
      ...found,
      ...marks(name, trained, kept),
      ...(dropped > 0 ? [`${dropped} of ${passing.length} ${name} events are dropped`] : []),
    ],
  };
}

/** Values that many events share and that are far from all others, in what columns hold; each with what to do. */
function marks(sample: string, uses: readonly Given[], kept: (use: Given) => Float64Array): string[] {
  const leaves = new Map(uses.map((use) => [print(use.expr), use]));
  return [...leaves].flatMap(([text, use]) => {
    if (use.expr.kind !== "column" && use.expr.kind !== "element") return [];
    return sentinels(kept(use)).map((found) => {
      const words = sentinelWords(text, `${sample} events`, found);
      return `${words}; read it as missing (--missing ${found.value}), or cut it off with ${sentinelCut(text, found)}`;
    });
  });
}

/** Values under the names of columns, which cuts know them by, and under their texts, as networks do. */
function byText(uses: readonly Given[], kept: (use: Given) => Float64Array): Record<string, Float64Array> {
  const found = new Map<string, { text: string; values: Float64Array }>();
  for (const use of uses) {
    const text = print(use.expr);
    const values = found.get(text)?.values ?? kept(use);
    for (const key of [text, keyOf(use.expr)]) {
      const other = found.get(key);
      if (other !== undefined && other.text !== text) {
        const sentence = `--${use.option} ${shown(use.text)}: ${other.text} and ${text} would have one name here; define one of them under another`;
        throw new UsageError("conflict", use.option, use.text, sentence);
      }
      found.set(key, { text, values });
    }
  }
  return Object.fromEntries([...found].map(([key, { values }]) => [key, values]));
}

function passingRows(rows: number, masks: Float64Array[]): Int32Array {
  const passing = new Int32Array(rows);
  let n = 0;
  for (let row = 0; row < rows; row++) if (masks.every((mask) => mask[row] !== 0)) passing[n++] = row;
  return passing.slice(0, n);
}

type Values = ReadonlyMap<Given, Float64Array>;

/** The rows in which all values are finite. */
function finiteRows(uses: readonly Given[], results: Values, rows: Int32Array): Int32Array {
  const columns = uses.map((use) => results.get(use)!);
  return rows.filter((row) => columns.every((values) => Number.isFinite(values[row])));
}

/** Which values are not finite, and in how many events. */
function notFinite(sample: string, uses: readonly Given[], results: Values, rows: Int32Array): string[] {
  return uses.flatMap((use) => {
    const values = results.get(use)!;
    const bad = rows.reduce((n, row) => n + (Number.isFinite(values[row]) ? 0 : 1), 0);
    const text = keyOf(use.expr);
    return bad > 0
      ? [`${text} (--${use.option}) is not finite in ${bad} of ${rows.length} ${sample} events`]
      : [];
  });
}

/** Where a network or a weight is no number, no event can train. */
function requireFinite(
  sample: string,
  { option, text, expr }: Given,
  values: Float64Array,
  rows: Int32Array,
) {
  const bad = rows.filter((row) => !Number.isFinite(values[row]));
  if (bad.length === 0) return;
  const name = option === "cut" ? keyOf(expr) : text;
  const what = `${name} (--${option}) is not a finite number in ${bad.length} of ${rows.length} ${sample} events`;
  const remedy = `Drop them, e.g. with --filter "abs(${name}) < 1e30" or --bad drop.`;
  throw new DataError("data.notNumber", `${what}, first in row ${bad[0]! + 1}. ${remedy}`);
}
