import { mul } from "../core/elementary/arith.js";
import { aboutEvents, type Columns } from "../core/events.js";
import { constant } from "../core/graph/op.js";
import type { Tensor } from "../core/graph/tensor.js";
import { compile } from "../core/run/compile.js";
import { type Cut, columnNames, requireColumns } from "./cut.js";
import type { Value } from "./grammar/ast.js";
import type { Brackets } from "./grammar/brackets.js";
import { lookUp, ones, type Table } from "./objects.js";
import type { CutThreshold } from "./thresholds.js";
import { traceWithin } from "./traceexpr.js";
import { usedColumns } from "./usedcolumns.js";

/** The finite values that a threshold is compared with in all tables, ascending. Thresholds inside are at their starts. */
export function comparedValues(
  cut: Cut,
  { expression, brackets = [] }: CutThreshold,
  tables: readonly Columns[],
): Float64Array {
  const values = valueFunction(cut, expression, {}, brackets);
  return joined(tables.map((columns) => finiteOnes(values(columns)))).sort();
}

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The finite ones of values that nobody else has, moved to their front. */
function finiteOnes(values: Float64Array): Float64Array {
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) values[n++] = value;
  }
  return values.subarray(0, n);
}

/** The same for the thresholds of one cut: what several are compared with is worked out once. */
export function comparing(cut: Cut, tables: readonly Columns[]): (threshold: CutThreshold) => Float64Array {
  const known = new Map<string, Float64Array>();
  return (threshold) => {
    const found = known.get(threshold.column) ?? comparedValues(cut, threshold, tables);
    known.set(threshold.column, found);
    return found;
  };
}

/** Numbers of events, or of rows with the number of the event of each. */
export interface OfEach {
  readonly values: Float64Array;
  readonly events: Float64Array;
}

/** Not a name that a cut can say. */
const eventNumber = "(event)";

/** What a threshold is compared with in each event or row; null where no column is in it. Thresholds inside are at their starts. */
export function comparedOfEach(
  cut: Cut,
  { expression, brackets = [] }: CutThreshold,
): ((columns: Columns) => OfEach) | null {
  const names = columnNames(expression, brackets);
  if (names.length === 0) return null;
  const compiled = compile((events: Table) => {
    const values = tracedValues(cut, expression, {}, brackets, events);
    const number = lookUp(events, eventNumber) as Tensor;
    return { values, events: values.map(({ axis }) => (axis ? mul(ones(axis), number) : number)) };
  });
  return (columns) => {
    const { rows } = aboutEvents(usedColumns(columns, names, {}));
    const numbers = Float64Array.from({ length: rows }, (_, i) => i);
    const used = { ...columns, [eventNumber]: numbers };
    const { values, events } = compiled(usedColumns(used, [...names, eventNumber], { dtype: "f64" }));
    return { values: joined(values as Float64Array[]), events: joined(events as Float64Array[]) };
  };
}

function tracedValues(
  cut: Cut,
  expression: Value,
  params: Readonly<Record<string, number>>,
  brackets: Brackets,
  events: Table,
): Tensor[] {
  const starts = new Map(cut.thresholds.map((t) => [t.name, t.start]));
  const threshold = (name: string) => constant(params[name] ?? starts.get(name)!);
  const env = { column: (name: string) => lookUp(events, name), threshold };
  return traceWithin(expression, brackets, env).map((y) => (y.dtype === "i32" ? y.cast("f64") : y));
}

/**
 * The numbers per event, or per row, of one side of a comparison in some brackets; thresholds in it are at `params`, else at
 * their starts.
 */
export function valueFunction(
  cut: Cut,
  expression: Value,
  params: Readonly<Record<string, number>> = {},
  brackets: Brackets = [],
): (columns: Columns) => Float64Array {
  const names = columnNames(expression, brackets);
  // A comparison of nothing but thresholds and numbers on this side has no events of its own.
  if (names.length === 0) return () => new Float64Array(0);
  const compiled = compile((events: Table) => tracedValues(cut, expression, params, brackets, events));
  return (columns) => {
    requireColumns(expression, cut.text, columns, brackets);
    return joined(compiled(usedColumns(columns, names, { dtype: "f64" })) as Float64Array[]);
  };
}
