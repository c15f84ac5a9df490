/** Numbers that are not finite, in what samples read. */

import { childColumn, type Events, type Jagged, type Numbers } from "../../core/events.js";
import { DataError } from "../../events/dataerror.js";
import { pathOf } from "../../select/objects.js";
import { keyOf } from "./evaluate.js";
import type { Given } from "./givenexpr.js";

/** Numbers of rows; null stands for all of them. */
export type Chosen = Int32Array | null;

type Values = ReadonlyMap<Given, Numbers>;

/** Columns of tables of the events as something to look at: NaN for events with a row that is not finite, else 0. */
export function marksOf(ofRows: ReadonlyMap<string, Given>, all: Events): Map<Given, Numbers> {
  const marks = new Map<Given, Numbers>();
  for (const [name, use] of ofRows) {
    const column = childColumn(all, pathOf(all, name)!);
    if (!column) continue;
    const { span } = use.expr;
    marks.set({ ...use, expr: { kind: "column", name, span } }, marksIn(column));
  }
  return marks;
}

function marksIn({ offsets, content }: Jagged): Numbers {
  const events = offsets.length - 1;
  // Integers are finite.
  if (!(content instanceof Float64Array || content instanceof Float32Array)) return new Uint8Array(events);
  const marks = new Float32Array(events);
  for (let event = 0; event < events; event++)
    for (let row = offsets[event]!; row < offsets[event + 1]!; row++)
      if (!Number.isFinite(content[row])) marks[event] = Number.NaN;
  return marks;
}

/** The rows in which all values are finite. */
export function finiteRows(uses: readonly Given[], results: Values, read: number, rows: Chosen): Int32Array {
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
export function notFinite(
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
export function requireFinite(
  sample: string,
  { option, text, expr }: Given,
  values: Numbers,
  rows: Chosen,
  ofRows: boolean,
) {
  const { count, first } = notFiniteRows(values, rows);
  if (count === 0) return;
  const name = option === "cut" ? keyOf(expr) : text;
  const what = `${name} (--${option}) is not a finite number in ${count} of ${rows?.length ?? values.length} ${sample} events`;
  const remedy = `Drop them, e.g. with --filter "${ofRows ? `all(abs(${name}) < 1e30)` : `abs(${name}) < 1e30`}" or --bad drop.`;
  throw new DataError("data.notNumber", `${what}, first in row ${first + 1}. ${remedy}`);
}
