import type { Columns } from "../core/events.js";
import { constant } from "../core/graph/op.js";
import { compile } from "../core/run/compile.js";
import { type Cut, columnNames, requireColumns } from "./cut.js";
import type { Value } from "./grammar/ast.js";
import { lookUp, type Table } from "./objects.js";
import type { CutThreshold } from "./thresholds.js";
import { traceExpr } from "./traceexpr.js";
import { usedColumns } from "./usedcolumns.js";

/** The finite values that a threshold is compared with in all tables, ascending. Thresholds inside are at their starts. */
export function comparedValues(
  cut: Cut,
  { expression }: CutThreshold,
  tables: readonly Columns[],
): Float64Array {
  const values = valueFunction(cut, expression);
  const parts = tables.map((columns) => finiteOnes(values(columns)));
  if (parts.length === 1) return parts[0]!.sort();
  const all = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
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

/** The numbers per event, or per row, of one side of a comparison; thresholds in it are at `params`, else at their starts. */
export function valueFunction(
  cut: Cut,
  expression: Value,
  params: Readonly<Record<string, number>> = {},
): (columns: Columns) => Float64Array {
  const names = columnNames(expression);
  // A comparison of nothing but thresholds and numbers on this side has no events of its own.
  if (names.length === 0) return () => new Float64Array(0);
  const starts = new Map(cut.thresholds.map((t) => [t.name, t.start]));
  const compiled = compile((events: Table) => {
    const threshold = (name: string) => constant(params[name] ?? starts.get(name)!);
    const y = traceExpr(expression, { column: (name) => lookUp(events, name), threshold });
    return y.dtype === "i32" ? y.cast("f64") : y;
  });
  return (columns) => {
    requireColumns(expression, cut.text, columns);
    return compiled(usedColumns(columns, names, { dtype: "f64" })) as Float64Array;
  };
}
