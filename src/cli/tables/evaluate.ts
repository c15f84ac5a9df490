/**
 * Values of expressions for every row of a table: definitions, filters, weights, what cuts and networks read.
 */

import {
  aboutEvents,
  type Column,
  type Events,
  isChild,
  isJagged,
  type Numbers,
  requireColumn,
} from "../../core/events.js";
import { asFloat64, pick } from "../../events/columns.js";
import { held, isWide, sameKind } from "../../events/columnvalues.js";
import { copyRows, type RowNumbers, takeTable } from "../../events/takerows.js";
import { compile, type Tensor, table } from "../../index.js";
import { elementName } from "../../select/exprvalues.js";
import type { ElementNode, Expr } from "../../select/grammar/ast.js";
import { nameText } from "../../select/grammar/lex.js";
import { visit } from "../../select/grammar/names.js";
import { printExpr } from "../../select/grammar/printexpr.js";
import { neededColumns } from "../../select/neededcolumns.js";
import { lookUp, pathOf, type Table } from "../../select/objects.js";
import { traceExpr } from "../../select/traceexpr.js";
import { usedColumns } from "../../select/usedcolumns.js";
import { InternalError } from "../../text/gradcuterror.js";
import { type Given, naming, wrong } from "./givenexpr.js";

/** New columns in order: each may use columns and the definitions before it, and hides a column of its name after it. */
export type Definitions = readonly { name: string; given: Given }[];

/** The columns that must come from the files, each with its first use. */
export function fileColumns(define: Definitions, uses: readonly Given[]): Map<string, Given> {
  const needed = new Map<string, Given>();
  const defined = new Set<string>();
  const see = (use: Given) => {
    for (const { name: full, node } of neededColumns(use.expr)) {
      const name = node.kind === "element" ? node.name : full;
      if (!defined.has(name)) {
        if (!needed.has(name)) needed.set(name, use);
      } else if (node.kind === "element")
        throw wrong(use, node, `${name} is a definition: one number per event.`, `Write ${nameText(name)}.`);
    }
  };
  for (const { name, given } of define) {
    see(given);
    defined.add(name);
  }
  for (const use of uses) see(use);
  return needed;
}

/** The definitions that the uses need, themselves or through others. */
export function withoutUnused(define: Definitions, uses: readonly Given[]): Definitions {
  const needed = new Set<string>();
  const see = ({ expr }: Given) =>
    visit(expr, (node) => {
      if (node.kind === "column" || node.kind === "element") needed.add(node.name);
    });
  for (const use of uses) see(use);
  const kept = define.toReversed().filter(({ name, given }) => {
    // What stands before a definition means the column of that name.
    const used = needed.delete(name);
    if (used) see(given);
    return used;
  });
  return kept.reverse();
}

/** The numbers of these rows, in order and in the kind of array that they are in. */
export function taken<V extends Numbers>(values: V, rows: RowNumbers): V {
  const out = sameKind(values, rows.length) as V;
  copyRows(values, out, 1, rows, 0, rows.length);
  return out;
}

/** The same of every column, and of the tables among them. */
export const takenOf = (events: Events, rows: RowNumbers): Events => takeTable(events, rows, sameKind);

/** The numbers of a column as they are in the file, or of an element of a jagged one; 64-bit integers as f64. */
function leafValues(all: Events, node: Expr, use: Given): Numbers {
  if (node.kind !== "column" && node.kind !== "element")
    throw new InternalError("internal.leaf", `no leaf: ${node.kind}`);
  const { name } = node;
  const found = all[name] as Column;
  if (node.kind === "element") {
    if (isJagged(found)) return pick(found, node.index, name);
    throw wrong(use, node, `${name} has one number per event.`, `Write ${nameText(name)}.`);
  }
  if (!isJagged(found)) return isWide(found) ? asFloat64(found, name) : found;
  const sentence = `${name} has any count of numbers per event.`;
  throw wrong(use, node, sentence, `Choose one, as in ${nameText(name)}[0].`);
}

/** The text under which the values of an expression are kept: the name of a column, or what a person would write. */
export const keyOf = (node: Expr): string =>
  node.kind === "column" ? node.name : node.kind === "element" ? elementName(node) : printExpr(node);

type Leaves = Record<string, Numbers | Events>;

/** The numbers of a column of rows; 64-bit integers in what holds them. */
export function heldColumn(column: unknown, name: string): Numbers {
  if (column instanceof BigInt64Array || column instanceof BigUint64Array) return held(column, name);
  requireColumn(name, column);
  return column;
}

/** Where a table of events or a column of one is; null for what is of the events themselves. */
function pathOfRows(all: Events, name: string): readonly string[] | null {
  const path = pathOf(all, name);
  return path && (path.length > 1 || isChild(all[path[0]!])) ? path : null;
}

/** Whether a name is that of a table of events, as in `count(jets)`. */
export const namesTable = (all: Events, name: string): boolean =>
  isChild(pathOf(all, name)?.reduce((at: unknown, step) => (at as Leaves)[step], all));

/** Whether an element of a column of rows is asked for: a number per event. */
const isElementOf = (path: readonly string[], node: Expr): node is ElementNode =>
  node.kind === "element" && path.length === 2;

/** What expressions read: numbers of events, and columns of their tables, by name and with the first use. */
export interface Reads {
  readonly ofEvents: readonly Given[];
  readonly ofRows: ReadonlyMap<string, Given>;
}

/** The columns of events and of their tables that expressions read. */
export function readsOf(uses: readonly Given[], define: Definitions, all: Events): Reads {
  const defined = new Set(define.map((d) => d.name));
  const ofEvents: Given[] = [];
  const ofRows = new Map<string, Given>();
  for (const use of uses)
    for (const { name, node } of neededColumns(use.expr)) {
      const path = defined.has(name) ? null : pathOfRows(all, name);
      if (!path || isElementOf(path, node)) ofEvents.push({ ...use, expr: node });
      else if (!ofRows.has(name)) ofRows.set(name, use);
    }
  return { ofEvents, ofRows };
}

/** Every column and element that is used, under its text, and tables with those of their columns that are. */
function loadLeaves(uses: readonly Given[], all: Events): Leaves {
  // Columns may have any name, __proto__ too.
  const leaves: Leaves = Object.create(null);
  const ofRows: string[] = [];
  for (const use of uses)
    for (const { name, node } of neededColumns(use.expr)) {
      const path = pathOfRows(all, name);
      if (path && isElementOf(path, node)) {
        const child = all[path[0]!] as unknown as Events;
        const content = child[path[1]!] as Numbers;
        leaves[name] = pick({ offsets: aboutEvents(child).offsets!, content }, node.index, name);
      } else if (path) ofRows.push(name);
      else if ((node.kind === "column" || node.kind === "element") && Object.hasOwn(all, node.name)) {
        const key = keyOf(node);
        if (!Object.hasOwn(leaves, key)) leaves[key] = leafValues(all, node, use);
      }
    }
  return Object.assign(leaves, usedColumns(all, ofRows, { rows: aboutEvents(all).rows }, heldColumn));
}

/** Numbers of events, not rows of a table of theirs. */
const isOneEach = (found: Numbers | Events | undefined): found is Numbers => ArrayBuffer.isView(found);

function ofRow(use: Given): Error {
  const remedy = "Make one of each event, as sum(…), max(…), any(…) or count(…).";
  return wrong(use, use.expr, "This is a number of each row of a table, not of events.", remedy);
}

interface Scope {
  define: Definitions;
  thresholds?: Record<string, number> | undefined;
}

/** Values of expressions for every row, in f64: one compiled function, one pass. */
export function evaluate(uses: readonly Given[], scope: Scope, table: Events): Map<Given, Numbers> {
  return evaluator(uses, scope)(table);
}

/** The same for tables with the same columns, compiled once. */
export function evaluator(
  uses: readonly Given[],
  { define, thresholds = {} }: Scope,
): (table: Events) => Map<Given, Numbers> {
  const defined = new Set(define.map((d) => d.name));
  // A column of the files as it is needs no computation.
  const isPlain = ({ expr }: Given) =>
    expr.kind === "element" || (expr.kind === "column" && !defined.has(expr.name));
  const tasks = uses.filter((use) => !isPlain(use));
  const run = compile((at: Record<string, Tensor>, events: Table) => {
    const scope = new Map(Object.entries(events));
    const traced = (use: Given): Tensor => {
      const x = naming(use.option, use.text, () =>
        traceExpr(use.expr, {
          text: use.text,
          column: (leaf) => scope.get(leaf) ?? lookUp(events, leaf),
          threshold: (name) => at[name]!,
        }),
      );
      if (x.axis?.parent) throw ofRow(use);
      return x;
    };
    for (const { name, given } of define) scope.set(name, traced(given));
    return tasks.map(traced);
  });
  return (all) => {
    const leaves = loadLeaves([...define.map((d) => d.given), ...uses], all);
    const results = new Map<Given, Numbers>();
    for (const use of uses) {
      if (!isPlain(use)) continue;
      const found = leaves[keyOf(use.expr)];
      if (!isOneEach(found)) throw ofRow(use);
      results.set(use, found);
    }
    if (tasks.length === 0) return results;
    const events = Object.keys(leaves).length > 0 ? table(leaves, { dtype: "f64" }) : {};
    const values = run(thresholds, events) as (Numbers | number)[];
    tasks.forEach((task, i) => {
      const value = values[i]!;
      // What no column is in is one number for all events.
      results.set(
        task,
        typeof value === "number" ? new Float64Array(aboutEvents(all).rows).fill(value) : value,
      );
    });
    return results;
  };
}
