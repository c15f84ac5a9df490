import { count } from "../core/elementary/fold.js";
import type { Columns, Numbers } from "../core/events.js";
import { checkArguments, object } from "../core/graph/arguments.js";
import type { Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import { type CompiledFunction, compile } from "../core/run/compile.js";
import type { In } from "../core/run/data.js";
import type { Cut } from "./cut.js";
import { aCut } from "./iscut.js";
import { toWeight } from "./steps.js";
import { usedColumns } from "./usedcolumns.js";

/** A sum of weights with the root of the sum of their squares, and the number of events; soft ones count in part. */
export interface Yield {
  readonly sum: number;
  readonly error: number;
  readonly entries: number;
}

/** One selection of one sample: all events, soft and hard. */
export interface CutYields {
  readonly all: Yield;
  readonly soft: Yield;
  readonly hard: Yield;
}

/** Weights of the events, and widths of the soft steps. */
export interface YieldOptions {
  /** Event weights; 1 where left out. */
  readonly weights?: Numbers;
  /** Widths of the soft steps; those of the cut where left out. */
  readonly width?: number | Readonly<Record<string, number>>;
}

/** What is left of a sample after a cut, soft and hard, from the same thresholds and in f64. */
export function cutYields<P extends Record<string, number>>(
  cut: Cut<P>,
  params: Readonly<P>,
  columns: Columns,
  options: YieldOptions = {},
): CutYields {
  checkArguments("cutYields", { cut: [cut, aCut], params: [params, object], columns: [columns, object] });
  checkOptions("cutYields", options, { weights: true, width: true });
  const { weights, width } = options;
  const soft = softSums(cut as unknown as Cut);
  const mask = cut.hard(params, columns);
  const used = weights ? { ...columns, [weightColumn]: weights } : columns;
  const names = weights ? [...cut.columns, weightColumn] : cut.columns;
  const events = usedColumns(used, names, { dtype: "f64" });
  const args = [params, events] as const;
  const { all, kept } = width === undefined ? soft(...args) : soft(...args, width as In<number>);
  return { all: toYield(all), soft: toYield(kept), hard: hardYield(mask, weights) };
}

/** Not a name that a cut can say. */
const weightColumn = "(weight)";

interface Sums {
  sum: Tensor;
  squares: Tensor;
  entries: Tensor;
}
type SoftSums = CompiledFunction<
  [Readonly<Record<string, Tensor>>, Readonly<Record<string, Tensor>>, Tensor?],
  { all: Sums; kept: Sums }
>;
const compiled = new WeakMap<object, SoftSums>();

function softSums(cut: Cut): SoftSums {
  let found = compiled.get(cut);
  if (!found) {
    found = compile((params, events, width) => {
      const s = toWeight(cut.soft(params, events, width), cut.step);
      const w = events[weightColumn];
      const sums = (x: Tensor, entries: Tensor) => ({ sum: x.sum(), squares: x.square().sum(), entries });
      const one = s.mul(0).add(1);
      return { all: sums(w ?? one, count(s)), kept: sums(w ? s.mul(w) : s, s.sum()) };
    });
    compiled.set(cut, found);
  }
  return found;
}

const toYield = ({ sum, squares, entries }: Record<keyof Sums, unknown>): Yield => ({
  sum: sum as number,
  error: Math.sqrt(squares as number),
  entries: entries as number,
});

function hardYield(mask: Uint8Array, weights: Numbers | undefined): Yield {
  let [sum, squares, entries] = [0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const w = weights ? weights[i]! : 1;
    sum += w;
    squares += w * w;
    entries++;
  }
  return { sum, error: Math.sqrt(squares), entries };
}
