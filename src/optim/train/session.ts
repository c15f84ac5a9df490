/** What a training works with, made once: its parts of the data and its compiled functions. */

import { valueAndGrad } from "../../core/derive/transform.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { type CompileOptions, compile } from "../../core/run/compile.js";
import { findNaN } from "../../core/run/nan.js";
import { explainedBy } from "../../core/run/notes.js";
import type { GpuReport } from "../../core/run/ongpu.js";
import { flatten } from "../../core/tree.js";
import type { Evaluation } from "../minimizer.js";
import { asArray, isNumeric } from "../transformation.js";
import { batches, type Split, splitTables } from "./batches.js";
import { originalRow, type RowOf, type Rows, requireWeights, shareTables, tablesOf } from "./eventtables.js";
import { standardError } from "./validation.js";

type Threads = CompileOptions["threads"];
type Gpu = CompileOptions["gpu"];
type Later<T> = T | Promise<T>;

/** The events that train and those that were held out, with their rows in the tables that were given. */
export interface Parts<D> {
  readonly training: D;
  readonly validation: D | null;
  /** Null where nothing was split: then `training` are all rows. */
  readonly rows: { readonly training: Rows; readonly validation: Rows } | null;
}

export interface SessionOptions<D> {
  readonly data: D;
  readonly threads: Threads;
  readonly gpu: Gpu;
  readonly batch: number | undefined;
  readonly seed: number;
  readonly validation: number | { readonly data: D; readonly rows?: Split<D>["rows"] } | undefined;
  readonly weights: string | undefined;
  readonly extras: ((step: number) => unknown) | undefined;
}

export interface Session<P, D> {
  readonly parts: Parts<D>;
  /** Steps in which every event is used once; 1 for full batches. */
  readonly perEpoch: number;
  /** Whether the loss is another one at every step. */
  readonly changes: boolean;
  gradient(at: P, step: number): Later<Evaluation<P>>;
  value(at: P, data: D, step: number): Later<number>;
  /** The loss of all events that train, by the function of the steps: it needs no other one. */
  ofAll(at: P, step: number): Promise<number>;
  /** The standard error of the loss of some data. */
  floor(at: P, data: D, step: number): Promise<number>;
  /** Where the first NaN or infinity of a step comes from, as a sentence. */
  explain(at: P, here: Evaluation<P>, step: number): string;
  /** The graph of loss and gradient as text. */
  graph(at: P): string;
  /** Where the dense layers of the latest step were computed; null without a GPU. */
  readonly gpu: GpuReport | null;
}

export function session<P, D>(
  loss: (...args: never[]) => Tensor,
  { data: given, threads, gpu, batch, seed, validation, weights, extras }: SessionOptions<D>,
): Session<P, D> {
  const shared = threads !== undefined && threads.count > 1;
  if (weights !== undefined) requireWeights(given, weights);
  const split: Split<D> | null =
    typeof validation === "number" ? splitTables(given, validation, { seed, shared, weights }) : null;
  const share = (data: D): D => (shared ? shareTables(data) : data);
  const rows = split?.rows ?? (typeof validation === "object" ? validation.rows : null) ?? null;
  const training = split?.training ?? share(given);
  const held = split?.validation ?? (typeof validation === "object" ? share(validation.data) : null);
  const mini = batch === undefined ? null : batches(training, { size: batch, seed, shared, weights });

  type Call<R> = ((...args: unknown[]) => R) & {
    async: (...args: unknown[]) => Promise<R>;
    print: (...args: unknown[]) => string;
    readonly gpu: GpuReport | null;
  };
  const traced = loss as unknown as (p: Symbols, e: Symbols, x: Symbols) => Tensor;
  const both = compile(valueAndGrad(traced), { threads, gpu }) as unknown as Call<Evaluation<P>>;
  // What is computed is the same, wherever it is.
  const printed = gpu ? compile(valueAndGrad(traced)) : both;
  const only = compile(traced, { threads, gpu }) as unknown as Call<number>;
  const search = findNaN(valueAndGrad(traced)) as unknown as Search;
  const told = explainedBy(traced) as unknown as (...args: unknown[]) => string | null;
  const waits = gpu !== undefined || (shared && !mayBlock());
  const run = <R>(f: Call<R>, at: P, data: D, step: number): Later<R> => {
    const args = extras ? [at, data, extras(step)] : [at, data];
    return waits ? f.async(...args) : f(...args);
  };
  const dataOf = (step: number): D => mini?.at(step) ?? training;

  /** The row of the tables that were given, of what the latest step saw. */
  const rowOf = (at: RowOf, step: number): number => {
    const before = tablesOf(given);
    for (const [i, table] of tablesOf(dataOf(step)).entries()) {
      const found = originalRow(at, table, before[i]!.events, (row) => {
        const inTraining = mini ? mini.row(table.name, row) : row;
        return rows?.training[table.name]?.[inTraining] ?? inTraining;
      });
      if (found !== null) return found;
    }
    return at.row;
  };
  return {
    parts: { training, validation: held, rows },
    perEpoch: mini?.perEpoch ?? 1,
    changes: extras !== undefined || mini !== null,
    gradient: (at, step) => run(both, at, dataOf(step), step),
    value: (at, data, step) => run(only, at, data, step),
    ofAll: async (at, step) => (await run(both, at, training, step)).value,
    floor: (at, data, step) =>
      standardError(data, (part) => run(only, at, part, step), { seed, shared, weights }),
    explain(at, here, step) {
      const args = [at, dataOf(step), ...(extras ? [extras(step)] : [])];
      // A fit that has no answer can say why; the first NaN is only where that became a number.
      const why = told(...args);
      if (why !== null) return why;
      const origin = search(...args);
      if (!origin) return infinite(here);
      const { table, row, message } = origin;
      if (table === null || row === null) return message;
      return message.replace(`in row ${row} of`, () => `in row ${rowOf({ table, row }, step)} of`);
    },
    graph: (at) => (printed as Call<unknown>).print(at, training, ...(extras ? [extras(0)] : [])),
    get gpu() {
      return both.gpu;
    },
  };
}

/** Arguments of a loss of any type. */
type Symbols = Tensor & Record<string, Tensor>;
type Search = (
  ...args: unknown[]
) => { readonly table: string | null; readonly row: number | null; readonly message: string } | null;

/** What is infinite, where nothing is NaN. */
function infinite<P>({ value, grads }: Evaluation<P>): string {
  if (!Number.isFinite(value)) return `the loss is ${value}`;
  const { leaves, paths } = flatten(grads, isNumeric, "params");
  const at = leaves.findIndex((leaf) => !asArray(leaf).every(Number.isFinite));
  const wrong = asArray(leaves[at] ?? Number.NaN).find((g) => !Number.isFinite(g));
  return `the gradient of ${paths[at] ?? "params"} is ${wrong}`;
}

/** The main thread of a page may not wait for others; it must be told by them. */
function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
