import type { Tensor } from "./tensor.js";

/**
 * The leading axis of event tensors: the rows of one table. Its length is never known to a graph. One with a parent is that
 * of a child table: each of its rows belongs to a row of the parent, as a jet to an event, and they lie one parent's after
 * the other's.
 */
export interface Axis {
  /** Unique in a trace, as `events` or `events.jets`. */
  readonly table: string;
  /** Float type of the table's tiles. */
  readonly dtype: "f32" | "f64";
  readonly parent: Axis | null;
  readonly rows: AxisRows;
}

/** What the rows of an axis are: those of columns, or combinations of rows of other axes that belong together. */
export type AxisRows =
  | "columns"
  | { readonly comb: 2 | 3; readonly of: Axis }
  | { readonly cross: readonly [Axis, Axis] };

export const isAxis = (axis: unknown): axis is Axis =>
  typeof axis === "object" && axis !== null && "table" in axis;

/** The axis and those above it, up to that of a table of its own. */
export function lineage(axis: Axis): readonly Axis[] {
  const line = [axis];
  for (let a = axis.parent; a; a = a.parent) line.push(a);
  return line;
}

/** The axes that the rows of an axis are made of. */
export const madeOf = ({ rows }: Axis): readonly Axis[] =>
  rows === "columns" ? [] : "comb" in rows ? [rows.of] : rows.cross;

/** The axis of the table of its own that an axis belongs to. */
export const rootOf = (axis: Axis): Axis => lineage(axis).at(-1)!;

/** The axes that a node is about: that of its rows, and those among its attributes. */
export const axesNamed = (t: Tensor): readonly Axis[] => [t.axis, ...Object.values(t.attrs)].filter(isAxis);
