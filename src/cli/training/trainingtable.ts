/** The tables that trainings read: columns and tables of cuts, inputs of networks, weights. */

import { aboutEvents, childrenOf, type Events, makeEvents, type Numbers } from "../../core/events.js";
import { table } from "../../index.js";
import type { Cut } from "../../select/cut.js";
import { neededColumns } from "../../select/neededcolumns.js";
import { usedColumns } from "../../select/usedcolumns.js";
import { numbersOf, type Sample } from "../tables/samples.js";
import type { Binned } from "./binned.js";

/** Inputs of a network, and what makes them numbers of order one: (x - mean) / deviation. */
export interface Inputs {
  /** Texts of the inputs. */
  inputs: string[];
  mean: number[];
  deviation: number[];
}

/** What reads the table. */
interface Reading {
  readonly cut: Cut | null;
  readonly net: Inputs | null;
  readonly binned?: Pick<Binned, "score" | "what"> | null;
}

/** Names of the columns that are made here; no column of a file can have them in an expression. */
export const networkInputs = "network inputs";
export const weightColumn = "event weight";
export const histogramColumn = "histogrammed";

/** How the table of a training is kept. */
export interface TableMemory {
  readonly dtype: "f32" | "f64";
  /** Whether threads read it without a copy. */
  readonly shared?: boolean;
  /** The events that are there; all when left out. Their weights are multiplied to stand for all. */
  readonly part?: Part | undefined;
}

/** Some events of a sample, and their values as they were taken already. */
export interface Part {
  readonly rows: Uint32Array;
  readonly values: Sample["values"];
}

/** Puts a column into an array of a type for 32 bits, if tiles are of that or it must be `exact`ly this type, else of f64. */
type Store = (column: Numbers, Kind: Stored, exact?: boolean) => Numbers;

interface Storing {
  readonly store: Store;
  /** Columns whose bits a cut asks for. */
  readonly integers: ReadonlySet<string>;
  /** Before the names of columns: `jets.`. */
  readonly path: string;
}

/** What a cut reads of a table and of those below, as tiles hold it; kinds are those of all rows. */
function storedColumns(
  own: Events,
  all: Events,
  { store, integers, path }: Storing,
): [name: string, Numbers | Events][] {
  const tables = new Map(childrenOf(all));
  return [
    ...Object.keys(aboutEvents(own).widths).map((name): [string, Numbers] => {
      const hasBits = integers.has(path + name);
      return [name, store(numbersOf(own, name), kindOfCut(numbersOf(all, name), hasBits), hasBits)];
    }),
    ...childrenOf(own).map(([name, child]): [string, Events] => {
      const { rows, offsets, widths } = aboutEvents(child);
      const inside = { store, integers, path: `${path}${name}.` };
      const columns = storedColumns(child, tables.get(name)!, inside);
      return [name, makeEvents(columns, { rows, offsets, widths })];
    }),
  ];
}

/**
 * The table that training reads: the columns of the cut, the inputs of the network, the weights. Columns that are in the
 * tile's own type are those of the sample, unless threads need them elsewhere; others are converted once, not at every step.
 */
export function trainingTable(
  { cut, net, binned }: Reading,
  { rows: all, values, weight }: Sample,
  { dtype, shared = false, part }: TableMemory,
) {
  const rows = part?.rows.length ?? all;
  const own = part?.values ?? values;
  const room = (Type: Stored, length: number): InstanceType<Stored> =>
    shared ? new Type(sharedBuffer(Type.BYTES_PER_ELEMENT * length)) : new Type(length);
  const float = dtype === "f64" ? Float64Array : Float32Array;
  const store: Store = (column, Kind, exact) => {
    const Type = dtype === "f64" && !exact ? Float64Array : Kind;
    if (column instanceof Type && !shared) return column;
    const stored = room(Type, column.length);
    stored.set(column);
    return stored;
  };
  const read = (of: Events) => usedColumns(of, cut?.columns ?? [], { rows: aboutEvents(of).rows });
  const needed = cut ? neededColumns(cut.ast) : [];
  const integers = new Set(needed.flatMap(({ name, bits }) => (bits ? [name] : [])));
  const columns: [string, Numbers | Events][] = cut
    ? storedColumns(read(own), read(values), { store, integers, path: "" })
    : [];
  if (net) {
    const inputs = net.inputs.map((input) => numbersOf(own, input));
    columns.push([networkInputs, standardised(net, inputs, room(float, rows * inputs.length))]);
  }
  if (binned && !binned.score) columns.push([histogramColumn, store(numbersOf(own, binned.what), float)]);
  if (weight) {
    const as = weight instanceof float && !shared && !part;
    const column = as ? weight : room(float, rows);
    if (part) for (let i = 0; i < rows; i++) column[i] = weight[part.rows[i]!]!;
    else if (!as) column.set(weight);
    if (part) for (let i = 0; i < rows; i++) column[i]! *= all / rows;
    columns.push([weightColumn, column]);
  }
  // Columns may have any name, __proto__ too.
  return table(Object.fromEntries(columns), { dtype, rows });
}

/** Memory that threads share; arrays over it are of the same types as others. */
const sharedBuffer = (bytes: number) => new SharedArrayBuffer(bytes) as unknown as ArrayBuffer;

type Stored = typeof Float64Array | typeof Float32Array | typeof Int32Array | typeof Uint32Array;

/** What holds the values of a cut in 32 bits: run and event numbers beyond 2^24 stay whole, where a float has gaps. */
function kindOfCut(x: Numbers, hasBits: boolean): Stored {
  let [least, most] = [0, 0];
  for (const value of x) {
    if (!Number.isInteger(value)) return Float32Array;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!hasBits && Math.max(-least, most) <= 2 ** 24) return Float32Array;
  if (least >= -(2 ** 31) && most < 2 ** 31) return Int32Array;
  return least >= 0 && most < 2 ** 32 ? Uint32Array : Float32Array;
}

/** The inputs of a network, row by row. */
export function standardised<V extends Numbers>(
  { mean, deviation }: Inputs,
  columns: readonly Numbers[],
  out: V,
): V {
  const k = columns.length;
  const rows = out.length / k;
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) out[i * k + j] = (column[i]! - mean[j]!) / deviation[j]!;
  });
  return out;
}
