/** Samples of events: files read, definitions computed, filters applied, and only what is wanted kept. */

import {
  aboutEvents,
  type Columns,
  childColumn,
  childrenOf,
  type Events,
  makeEvents,
  type Numbers,
  requireColumn,
} from "../../core/events.js";
import { asFloat64 } from "../../events/columns.js";
import { isWide } from "../../events/columnvalues.js";
import { DataError } from "../../events/dataerror.js";
import { expandSpecs } from "../../events/glob.js";
import { type FileRows, type Group, readGroups } from "../../events/readtables.js";
import { printExpr } from "../../select/grammar/printexpr.js";
import { pathOf } from "../../select/objects.js";
import { type Sentinel, sentinelCut, sentinels, sentinelWords } from "../../select/sentinels.js";
import { usedColumns } from "../../select/usedcolumns.js";
import { asked, type TableArgs } from "../groups/tableoptions.js";
import { shown, UsageError } from "../line/usageerror.js";
import type { Bad } from "../training/trainoptions.js";
import { requireWeights } from "../training/yieldsignificance.js";
import { type Chosen, finiteRows, marksOf, notFinite, requireFinite } from "./badnumbers.js";
import {
  type Definitions,
  evaluate,
  fileColumns,
  heldColumn,
  keyOf,
  readsOf,
  taken,
  takenOf,
} from "./evaluate.js";
import type { Given } from "./givenexpr.js";

/** One number per event out of the values of a sample. */
export function numbersOf(values: Events, name: string): Numbers {
  const column = values[name];
  requireColumn(name, column);
  return column;
}

/** The events of one sample that pass the filters. */
export interface Sample {
  name: string;
  /** Events in the files. */
  read: number;
  /** Events that pass the filters; the length of all arrays here. */
  rows: number;
  /** What was wanted, by the text of the expression: `pt`, `Muon_pt[0]`, `abs(eta)`; and the tables that are read. */
  values: Events;
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
  /** Expressions whose columns are wanted, those of tables of the events among them. */
  reads?: readonly Given[];
  /** Values wanted of the events that pass; NaN is a value. */
  wanted: readonly Given[];
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
    const read = [...(request.reads ?? []), ...wanted, ...inputs];
    const needed = fileColumns(define, [...filters, ...(weight ? [weight] : []), ...read]);
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
const expandFiles = (name: string, given: readonly string[]): Promise<Omit<Group, "columns">> =>
  expandSpecs(given, (twice) => {
    const sentence = `--${name}: ${shown(twice)} is there twice, so its events would count twice`;
    return new UsageError("repeated", name, twice, sentence);
  });

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
  const { reads = [], define, inputs, weight, bad } = request;
  const { filters, name } = sample;
  const { ofEvents, ofRows } = readsOf(reads, define, all);
  const wanted = [...new Map([...ofEvents, ...request.wanted].map((use) => [keyOf(use.expr), use])).values()];
  const ofEach = [...wanted, ...inputs, ...(weight ? [weight] : [])];
  const results = evaluate([...filters, ...ofEach], request, all);
  const marked = marksOf(ofRows, all);
  for (const [use, marks] of marked) results.set(use, marks);
  const trained = [...ofEach, ...marked.keys()];
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
  for (const use of must) requireFinite(name, use, results.get(use)!, passing, marked.has(use));
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
  const tables = tablesOf(ofRows, all, rows);
  return {
    name,
    read,
    rows: after,
    values: makeEvents<Numbers | Events>([...byText([...wanted, ...inputs], kept, tables), ...tables], {
      rows: after,
    }),
    weight: weights,
    notes: [
      ...found,
      ...marks(name, ofEach, kept),
      ...marksOfRows(name, ofRows.keys(), Object.fromEntries(tables)),
      ...(before > after ? [`${before - after} of ${before} ${name} events are dropped`] : []),
    ],
  };
}

/** Values that many events share and that are far from all others, in what columns hold; each with what to do. */
function marks(sample: string, uses: readonly Given[], kept: (use: Given) => Numbers): string[] {
  const leaves = new Map(uses.map((use) => [printExpr(use.expr), use]));
  return [...leaves].flatMap(([text, use]) => {
    if (use.expr.kind !== "column" && use.expr.kind !== "element") return [];
    return sentinels(kept(use)).map((found) =>
      missing(text, sentinelWords(text, `${sample} events`, found), found),
    );
  });
}

/** The same of columns of tables. */
function marksOfRows(sample: string, names: Iterable<string>, tables: Columns): string[] {
  return [...names].flatMap((name) => {
    const content = childColumn(tables, pathOf(tables, name)!)?.content;
    if (content === undefined || isWide(content)) return [];
    return sentinels(content).map((found) =>
      missing(name, sentinelWords(name, `rows of ${sample}`, found), found),
    );
  });
}

const missing = (name: string, words: string, found: Sentinel): string =>
  `${words}; read it as missing (--missing ${found.value}), or cut it off with ${sentinelCut(name, found)}`;

/** The tables with the columns that are read of them, of chosen events. */
function tablesOf(
  ofRows: ReadonlyMap<string, Given>,
  all: Events,
  rows: Chosen,
): (readonly [string, Events])[] {
  if (ofRows.size === 0) return [];
  const used = usedColumns(all, [...ofRows.keys()], { rows: aboutEvents(all).rows }, heldColumn);
  return [...childrenOf(rows ? takenOf(used, rows) : used)];
}

/** Values under the names of columns, which cuts know them by, and under their texts, as networks do. */
function byText(
  uses: readonly Given[],
  kept: (use: Given) => Numbers,
  tables: readonly (readonly [string, Events])[],
): [string, Numbers][] {
  const found = new Map<string, { text: string; values: Numbers }>();
  const names = new Set(tables.map(([name]) => name));
  for (const use of uses) {
    const text = printExpr(use.expr);
    const values = found.get(text)?.values ?? kept(use);
    for (const key of [text, keyOf(use.expr)]) {
      if (names.has(key)) {
        const sentence = `--${use.option} ${shown(use.text)}: ${key} would be a number of events here, and is a table that the cut reads; define it under another name`;
        throw new UsageError("conflict", use.option, use.text, sentence);
      }
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

function passingRows(rows: number, masks: readonly Numbers[]): Chosen {
  if (masks.length === 0) return null;
  const passing = new Int32Array(rows);
  let n = 0;
  for (let row = 0; row < rows; row++) if (masks.every((mask) => mask[row] !== 0)) passing[n++] = row;
  return n === rows ? null : passing.slice(0, n);
}
