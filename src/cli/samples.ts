// Samples of events: files read, definitions computed, filters applied, and only what is wanted kept.

import { asFloat64, type Column, column, concatenate, isJagged, pick, type Table } from "../data/columns.js";
import { DataError } from "../data/errors.js";
import { readTable } from "../data/open.js";
import type { Expr } from "../expr/ast.js";
import { visit } from "../expr/names.js";
import { print } from "../expr/print.js";
import { lower } from "../expr/trace.js";
import { compile, type Tensor, table } from "../index.js";
import { type Given, wrong } from "./expressions.js";

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
};

export type Definitions = readonly { name: string; given: Given }[];

export type Request = {
  samples: { name: string; files: string[]; filters: Given[] }[];
  /** In order: each may use columns and the definitions before it, and hides a column of its name after it. */
  define: Definitions;
  /** Values wanted of the events that pass; NaN is a value. */
  wanted: Given[];
  /** Values that must be finite. */
  inputs: Given[];
  weight: Given | null;
  /** Values for the thresholds in what is wanted. */
  thresholds?: Record<string, number>;
};

/** Reads the samples. Throws DataError and UsageError. */
export async function readSamples(request: Request): Promise<Sample[]> {
  const needed = request.samples.map((sample) => fileColumns(request, sample.filters));
  // One file may serve both samples; it is read once.
  const files = new Map<string, Map<string, Given>>();
  request.samples.forEach((sample, i) => {
    for (const file of sample.files) files.set(file, new Map([...(files.get(file) ?? []), ...needed[i]!]));
  });
  const tables = new Map<string, Table>();
  for (const [file, uses] of files) tables.set(file, await readFile(file, uses, request.define));
  return request.samples.map((sample, i) => {
    const parts = sample.files.map((file) => only(tables.get(file)!, [...needed[i]!.keys()], file));
    return compute(request, sample, concatenate(parts));
  });
}

/** The columns that must come from the files, each with its first use. */
function fileColumns({ define, wanted, inputs, weight }: Request, filters: Given[]): Map<string, Given> {
  const needed = new Map<string, Given>();
  const defined = new Set<string>();
  const see = (use: Given) =>
    visit(use.expr, (node) => {
      if (node.kind !== "column" && node.kind !== "element") return;
      if (!defined.has(node.name)) {
        if (!needed.has(node.name)) needed.set(node.name, use);
      } else if (node.kind === "element")
        throw wrong(use, node, `${node.name} is a definition: one number per event.`, `Write ${node.name}.`);
    });
  for (const { name, given } of define) {
    see(given);
    defined.add(name);
  }
  for (const use of [...filters, ...(weight ? [weight] : []), ...wanted, ...inputs]) see(use);
  return needed;
}

async function readFile(file: string, uses: Map<string, Given>, define: Definitions): Promise<Table> {
  try {
    return await readTable(file, [...uses.keys()]);
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

/** The numbers of a column or of an element of a jagged one. */
function leafValues(all: ReadonlyMap<string, Column>, node: Expr, use: Given): Float64Array {
  if (node.kind !== "column" && node.kind !== "element") throw new TypeError(`no leaf: ${node.kind}`);
  const { name } = node;
  const found = all.get(name)!;
  if (node.kind === "element") {
    if (isJagged(found)) return pick(found, node.index);
    throw wrong(use, node, `${name} has one number per event.`, `Write ${name}.`);
  }
  if (!isJagged(found)) return asFloat64(found);
  const sentence = `${name} has any count of numbers per event.`;
  throw wrong(use, node, sentence, `Choose one, as in ${name}[0].`);
}

const keyOf = (node: Expr): string => print(node);

type Leaves = Record<string, Float64Array>;

/** Every column and element that is used, under its text. */
function loadLeaves(uses: readonly Given[], all: ReadonlyMap<string, Column>): Leaves {
  const leaves: Leaves = {};
  for (const use of uses)
    visit(use.expr, (node) => {
      if ((node.kind !== "column" && node.kind !== "element") || !all.has(node.name)) return;
      const key = keyOf(node);
      if (!Object.hasOwn(leaves, key)) leaves[key] = leafValues(all, node, use);
    });
  return leaves;
}

/** Values of expressions for every row, in f64: one compiled function, one pass. */
function evaluate(
  uses: readonly Given[],
  { define, thresholds = {} }: Request,
  leaves: Leaves,
  rows: number,
): Map<Given, Float64Array> {
  const defined = new Set(define.map((d) => d.name));
  const results = new Map<Given, Float64Array>();
  const tasks: Given[] = [];
  for (const use of uses) {
    const { expr } = use;
    // A column of the files as it is needs no computation.
    const plain = expr.kind === "element" || (expr.kind === "column" && !defined.has(expr.name));
    if (plain) results.set(use, leaves[keyOf(expr)]!);
    else tasks.push(use);
  }
  if (tasks.length === 0) return results;
  const run = compile((at: Record<string, Tensor>, events: Record<string, Tensor>) => {
    const scope = new Map(Object.entries(events));
    const env = {
      column: (leaf: string) => scope.get(leaf)!,
      threshold: (name: string) => at[name]!,
    };
    for (const { name, given } of define) scope.set(name, lower(given.expr, env));
    return tasks.map((use) => lower(use.expr, env));
  });
  const events = Object.keys(leaves).length > 0 ? table(leaves, { dtype: "f64" }) : {};
  const values = run(thresholds, events) as (Float64Array | number)[];
  tasks.forEach((task, i) => {
    const value = values[i]!;
    // What no column is in is one number for all events.
    results.set(task, typeof value === "number" ? new Float64Array(rows).fill(value) : value);
  });
  return results;
}

function compute(request: Request, sample: Request["samples"][number], all: Table): Sample {
  const { define, wanted, inputs, weight } = request;
  const { filters, name } = sample;
  const uses = [...filters, ...wanted, ...inputs, ...(weight ? [weight] : [])];
  const leaves = loadLeaves([...define.map((d) => d.given), ...uses], all.columns);
  const results = evaluate(uses, request, leaves, all.rows);
  const passing = passingRows(
    all.rows,
    filters.map((filter) => results.get(filter)!),
  );
  if (passing.length === 0) {
    const texts = filters.map(({ option, text }) => `--${option} ${JSON.stringify(text)}`).join(" ");
    throw new DataError("data.empty", `None of the ${all.rows} ${name} events passes ${texts}.`);
  }
  const kept = (use: Given): Float64Array => {
    const values = results.get(use)!;
    return Float64Array.from(passing, (row) => values[row]!);
  };
  const keptFinite = (use: Given): Float64Array => {
    const values = kept(use);
    requireFinite(name, use, values, passing);
    return values;
  };
  return {
    name,
    read: all.rows,
    rows: passing.length,
    values: Object.fromEntries([
      ...wanted.map((use) => [keyOf(use.expr), kept(use)] as const),
      ...inputs.map((use) => [keyOf(use.expr), keptFinite(use)] as const),
    ]),
    weight: weight ? keptFinite(weight) : null,
  };
}

function passingRows(rows: number, masks: Float64Array[]): Int32Array {
  const passing = new Int32Array(rows);
  let n = 0;
  for (let row = 0; row < rows; row++) if (masks.every((mask) => mask[row] !== 0)) passing[n++] = row;
  return passing.slice(0, n);
}

/** Where a network or a weight is no number, no event can train. */
function requireFinite(sample: string, { option, text }: Given, values: Float64Array, rows: Int32Array) {
  const bad = values.reduce((n, x) => n + (Number.isFinite(x) ? 0 : 1), 0);
  if (bad === 0) return;
  const first = rows[values.findIndex((x) => !Number.isFinite(x))]! + 1;
  const what = `${text} (--${option}) is not a finite number in ${bad} of ${values.length} ${sample} events`;
  const remedy = `Drop them, e.g. with --filter "abs(${text}) < 1e30".`;
  throw new DataError("data.notNumber", `${what}, first in row ${first}. ${remedy}`);
}
