/** Samples of events: files read, definitions computed, filters applied, and only what is wanted kept. */

import { aboutEvents, type Events, makeEvents, type Numbers } from "../../core/events.js";
import { asFloat64 } from "../../events/columns.js";
import { DataError } from "../../events/dataerror.js";
import { expandSpecs } from "../../events/glob.js";
import { type FileRows, type Group, readGroups } from "../../events/readtables.js";
import { printExpr } from "../../select/grammar/printexpr.js";
import { sentinelCut, sentinels, sentinelWords } from "../../select/sentinels.js";
import { asked, type TableArgs } from "../groups/tableoptions.js";
import { shown, UsageError } from "../line/usageerror.js";
import type { Bad } from "../training/trainoptions.js";
import { requireWeights } from "../training/yieldsignificance.js";
import { type Definitions, evaluate, fileColumns, keyOf, taken } from "./evaluate.js";
import type { Given } from "./givenexpr.js";

/** The events of one sample that pass the filters. */
export interface Sample {
  name: string;
  /** Events in the files. */
  read: number;
  /** Events that pass the filters; the length of all arrays here. */
  rows: number;
  /** What was wanted, by the text of the expression: `pt`, `Muon_pt[0]`, `abs(eta)`. */
  values: Events<Readonly<Record<string, Numbers>>>;
  /** null: every event counts 1. */
  weight: Float64Array | null;
  /** Events of each file, in order. */
  files: readonly FileRows[];
  /** What a person should know about the numbers, in sentences. */
  notes: string[];
}

export interface Request {
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
}

/** Reads the samples. Throws DataError and UsageError. */
export async function readSamples(request: Request): Promise<Sample[]> {
  const { define, wanted, inputs, weight } = request;
  const groups: Group[] = [];
  const uses: Map<string, Given>[] = [];
  for (const { name, files, filters, option = name } of request.samples) {
    const needed = fileColumns(define, [...filters, ...(weight ? [weight] : []), ...wanted, ...inputs]);
    uses.push(needed);
    groups.push({ ...(await expandFiles(option, files)), columns: [...needed.keys()] });
  }
  const about = (error: unknown, sample: number) =>
    inUse(error, new Map([...uses, uses[sample]!].flatMap((each) => [...each])), define);
  const samples: Sample[] = [];
  await asked(async () => {
    for await (const { table, files } of readGroups(groups, request.tables ?? {}, about)) {
      const sample = request.samples[samples.length]!;
      const { notes, ...rest } = compute(request, sample, table);
      samples.push({ ...rest, notes: [...treeless(sample.name, files), ...notes], files });
    }
  });
  return samples;
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
async function expandFiles(name: string, given: readonly string[]): Promise<Omit<Group, "columns">> {
  const found = await expandSpecs(given);
  const { files } = found;
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice === undefined) return found;
  const sentence = `--${name}: ${shown(twice)} is there twice, so its events would count twice`;
  throw new UsageError("repeated", name, twice, sentence);
}

/** An error about a column says which expression needs it. */
function inUse(error: unknown, uses: ReadonlyMap<string, Given> | undefined, define: Definitions): unknown {
  if (!(error instanceof DataError) || error.code !== "data.unknownColumn") return error;
  const name = error.column!;
  const use = uses?.get(name);
  const later = define.some((d) => d.name === name) ? ` It is defined only after this use.` : "";
  const where = use ? ` It stands in --${use.option} ${JSON.stringify(use.text)}.` : "";
  const { code, line } = error;
  // The place is in the message already.
  return new DataError(code, error.message + where + later, { line, column: name }, { cause: error });
}

function compute(request: Request, sample: Request["samples"][number], all: Events): Omit<Sample, "files"> {
  const { inputs, weight, bad } = request;
  const { filters, name } = sample;
  const wanted = [...new Map(request.wanted.map((use) => [keyOf(use.expr), use])).values()];
  const trained = [...wanted, ...inputs, ...(weight ? [weight] : [])];
  const results = evaluate([...filters, ...trained], request, all);
  const read = aboutEvents(all).rows;
  const passing = passingRows(
    read,
    filters.map((filter) => results.get(filter)!),
  );
  if (passing?.length === 0) {
    const texts = filters.map(({ option, text }) => `--${option} ${JSON.stringify(text)}`).join(" ");
    throw new DataError("data.empty", `None of the ${read} ${name} events passes ${texts}.`);
  }
  const must = bad === "refuse" ? trained : bad === "drop" ? [] : [...inputs, ...(weight ? [weight] : [])];
  for (const use of must) requireFinite(name, use, results.get(use)!, passing);
  const found = notFinite(name, trained, results, read, passing);
  const rows = bad === "drop" && found.length > 0 ? finiteRows(trained, results, read, passing) : passing;
  if (rows?.length === 0)
    throw new DataError("data.empty", `No ${name} event is left without bad numbers: ${found.join("; ")}.`);
  const [before, after] = [passing?.length ?? read, rows?.length ?? read];
  // What has several names is taken once, and as it is where all rows stay.
  const known = new Map<Numbers, Numbers>();
  const kept = (use: Given): Numbers => {
    const values = results.get(use)!;
    const those = rows ? (known.get(values) ?? taken(values, rows)) : values;
    known.set(values, those);
    return those;
  };
  const weights = weight && asFloat64(kept(weight));
  if (weights) requireWeights(name, weights);
  return {
    name,
    read,
    rows: after,
    values: makeEvents(byText([...wanted, ...inputs], kept), { rows: after }),
    weight: weights,
    notes: [
      ...found,
      ...marks(name, trained, kept),
      ...(before > after ? [`${before - after} of ${before} ${name} events are dropped`] : []),
    ],
  };
}

/** Values that many events share and that are far from all others, in what columns hold; each with what to do. */
function marks(sample: string, uses: readonly Given[], kept: (use: Given) => Numbers): string[] {
  const leaves = new Map(uses.map((use) => [printExpr(use.expr), use]));
  return [...leaves].flatMap(([text, use]) => {
    if (use.expr.kind !== "column" && use.expr.kind !== "element") return [];
    return sentinels(kept(use)).map((found) => {
      const words = sentinelWords(text, `${sample} events`, found);
      return `${words}; read it as missing (--missing ${found.value}), or cut it off with ${sentinelCut(text, found)}`;
    });
  });
}

/** Values under the names of columns, which cuts know them by, and under their texts, as networks do. */
function byText(uses: readonly Given[], kept: (use: Given) => Numbers): [string, Numbers][] {
  const found = new Map<string, { text: string; values: Numbers }>();
  for (const use of uses) {
    const text = printExpr(use.expr);
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
  return [...found].map(([key, { values }]) => [key, values]);
}

/** Numbers of rows; null stands for all of them. */
type Chosen = Int32Array | null;

function passingRows(rows: number, masks: readonly Numbers[]): Chosen {
  if (masks.length === 0) return null;
  const passing = new Int32Array(rows);
  let n = 0;
  for (let row = 0; row < rows; row++) if (masks.every((mask) => mask[row] !== 0)) passing[n++] = row;
  return n === rows ? null : passing.slice(0, n);
}

type Values = ReadonlyMap<Given, Numbers>;

/** The rows in which all values are finite. */
function finiteRows(uses: readonly Given[], results: Values, read: number, rows: Chosen): Int32Array {
  const columns = uses.map((use) => results.get(use)!);
  const all = rows ?? Int32Array.from({ length: read }, (_, row) => row);
  return all.filter((row) => columns.every((values) => Number.isFinite(values[row])));
}

/** How many of the rows have a value that is not finite, and the first of them. */
function notFiniteRows(values: Numbers, rows: Chosen): { count: number; first: number } {
  let [count, first] = [0, -1];
  // Integers are finite.
  if (!(values instanceof Float64Array || values instanceof Float32Array)) return { count, first };
  const n = rows?.length ?? values.length;
  for (let i = 0; i < n; i++) {
    const row = rows ? rows[i]! : i;
    if (Number.isFinite(values[row])) continue;
    if (count++ === 0) first = row;
  }
  return { count, first };
}

/** Which values are not finite, and in how many events. */
function notFinite(
  sample: string,
  uses: readonly Given[],
  results: Values,
  read: number,
  rows: Chosen,
): string[] {
  return uses.flatMap((use) => {
    const { count } = notFiniteRows(results.get(use)!, rows);
    const text = keyOf(use.expr);
    return count > 0
      ? [`${text} (--${use.option}) is not finite in ${count} of ${rows?.length ?? read} ${sample} events`]
      : [];
  });
}

/** Where a network or a weight is no number, no event can train. */
function requireFinite(sample: string, { option, text, expr }: Given, values: Numbers, rows: Chosen) {
  const { count, first } = notFiniteRows(values, rows);
  if (count === 0) return;
  const name = option === "cut" ? keyOf(expr) : text;
  const what = `${name} (--${option}) is not a finite number in ${count} of ${rows?.length ?? values.length} ${sample} events`;
  const remedy = `Drop them, e.g. with --filter "abs(${name}) < 1e30" or --bad drop.`;
  throw new DataError("data.notNumber", `${what}, first in row ${first + 1}. ${remedy}`);
}
