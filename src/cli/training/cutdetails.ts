/** The trained cut looked at closely: comparison by comparison, and threshold by threshold. */

import { compile } from "../../index.js";
import type { CutflowStep, SoftAgainstHard, Yield } from "../../plot/rundata.js";
import type { Cut } from "../../select/cut.js";
import { cutYields } from "../../select/cutyields.js";
import type { Expr } from "../../select/grammar/ast.js";
import { parseExpr } from "../../select/grammar/parse.js";
import { printExpr } from "../../select/grammar/printexpr.js";
import { lookUp, type Table } from "../../select/objects.js";
import { traceExpr } from "../../select/traceexpr.js";
import { usedColumns } from "../../select/usedcolumns.js";
import { InternalError } from "../../text/gradcuterror.js";
import type { Sample } from "../tables/samples.js";
import type { Widths } from "./analysis.js";

/** The sum of the weights of the rows that a mask keeps; of all rows without one. */
export function sumOf({ rows, weight }: Sample, mask?: ArrayLike<number>): Yield {
  let [sum, squares, entries] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    if (mask && !mask[row]) continue;
    const w = weight ? weight[row]! : 1;
    sum += w;
    squares += w * w;
    entries++;
  }
  return { sum, error: Math.sqrt(squares), entries };
}

/** Comparisons that are looked at together, at most, and numbers of theirs that are in memory, about: one per event each. */
const [most, cells] = [64, 2 ** 23];

/** What is left after each comparison of a hard cut, in its order. */
export function cutflow(expression: string, columns: readonly string[], samples: readonly Sample[]) {
  const condition = parseExpr(expression);
  const terms: readonly Expr[] = condition.kind === "and" ? condition.terms : [condition];
  const steps: CutflowStep[] = [
    { label: "all events", perSample: {} },
    ...terms.map((term) => ({ label: printExpr(term), perSample: {} })),
  ];
  const env = (events: Table) => ({
    column: (name: string) => lookUp(events, name),
    threshold: (name: string) => {
      throw new InternalError(
        "internal.selection",
        `the selection still has the threshold ${name}: ${expression}`,
      );
    },
  });
  const tables = samples.map(({ values, rows }) => usedColumns(values, columns, { dtype: "f64", rows }));
  const masks = samples.map(({ rows }) => new Uint8Array(rows).fill(1));
  for (const sample of samples) steps[0]!.perSample[sample.name] = sumOf(sample);
  const events = Math.max(1, ...samples.map(({ rows }) => rows));
  const together = Math.max(1, Math.min(most, Math.floor(cells / events)));
  for (let first = 0; first < terms.length; first += together) {
    const some = terms.slice(first, first + together);
    const evaluate = compile((events: Table) => some.map((term) => traceExpr(term, env(events))));
    for (const [s, sample] of samples.entries()) {
      const mask = masks[s]!;
      const passes = evaluate(tables[s]!) as (Float64Array | number)[];
      passes.forEach((pass, i) => {
        for (let row = 0; row < mask.length; row++)
          if ((typeof pass === "number" ? pass : pass[row]) === 0) mask[row] = 0;
        steps[first + i + 1]!.perSample[sample.name] = sumOf(sample, mask);
      });
    }
  }
  return steps;
}

/** A step of this width is hard, except for events exactly on the threshold. */
const hardWidth = 1e-300;

/** Each line looks at all events through the whole cut, so long lists of thresholds would take the square of their time. */
const mostThresholds = 64;

/** How much the softness of each threshold alone changes the yields; nothing of cuts with very many thresholds. */
export function softAgainstHard(
  cut: Cut,
  thresholds: Record<string, number>,
  widths: Widths,
  samples: readonly Sample[],
): SoftAgainstHard[] {
  if (cut.thresholds.length > mostThresholds) return [];
  const hard = Object.fromEntries(cut.thresholds.map(({ name }) => [name, hardWidth]));
  return cut.thresholds.map(({ name }) => {
    const width = { ...hard, [name]: widths[name]! };
    const perSample = samples.map(({ name, rows, values, weight }) => {
      const found = cutYields(cut, thresholds, values, { width, ...(weight ? { weights: weight } : {}) });
      return [name, { soft: { ...found.soft, entries: rows }, hard: found.hard }] as const;
    });
    return { threshold: name, perSample: Object.fromEntries(perSample) };
  });
}
