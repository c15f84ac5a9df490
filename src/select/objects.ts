/** What expressions of a cut are made of when their names have been found: numbers, and rows or single objects. */

import { fullLike } from "../core/elementary/align.js";
import { add, where } from "../core/elementary/arith.js";
import { isJagged } from "../core/events.js";
import { type Axis, lineage } from "../core/graph/axis.js";
import { Tensor } from "../core/graph/tensor.js";
import { fourVector, mass, momentum, type Particle } from "../physics/fourvectors.js";
import type { Weight } from "./reducers.js";

/** A column of events, or a table with columns and tables of its own. */
export type Named = Tensor | Table;
export interface Table {
  readonly [name: string]: Named;
}

/**
 * A number per event or per row of a table. `among` says which rows masks leave, null for all; `there`, how likely an event
 * or a row has such a number, null where a NaN says what has none.
 */
export interface Num {
  readonly kind: "number";
  readonly value: Tensor;
  readonly among: Weight | null;
  readonly there: Weight | null;
}

/** Rows of a table or of combinations, or one object of each event. */
export interface Objects {
  readonly kind: "objects";
  /** As a person calls them. */
  readonly name: string;
  readonly axis: Axis;
  readonly among: Weight | null;
  readonly there: Weight | null;
  /** The objects that are added up in each of them; null for rows of a table. */
  readonly parts: readonly Objects[] | null;
  /** A column, a table below or one of the parts; null where there is none. */
  member(name: string): Num | Objects | null;
}

export type Got = Num | Objects;

/** Of two weights of one axis or of an axis and one above it that both. */
export type Both = (a: Weight, b: Weight) => Weight;

export function bothOf(a: Weight | null, b: Weight | null, both: Both): Weight | null {
  if (!a || !b) return a ?? b;
  return a === b || a.pass === b.pass ? a : both(a, b);
}

export const num = (value: Tensor, among: Weight | null = null, there: Weight | null = null): Num => ({
  kind: "number",
  value,
  among,
  there,
});

/** Where a column or table is among events or Tensors of them: one of the whole name, else by its dots; null for none. */
export function pathOf(events: object, name: string): readonly string[] | null {
  const own = Object.hasOwn(events, name);
  // A file may have `Jet.pt` as it stands, too, and any count of numbers per event are those of rows.
  if (own && !isJagged(events[name as keyof typeof events])) return [name];
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const first = name.slice(0, dot);
    const table = Object.hasOwn(events, first) ? events[first as keyof typeof events] : undefined;
    if (!isTable(table)) continue;
    const rest = pathOf(table, name.slice(dot + 1));
    if (rest) return [first, ...rest];
  }
  // An element is one of its own, or one of rows.
  const bracket = name.lastIndexOf("[");
  if (bracket > 0 && name.includes(".")) return pathOf(events, name.slice(0, bracket));
  return own ? [name] : null;
}

const isTable = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof Tensor) && !ArrayBuffer.isView(value);

/** The column or table of a name: one of that whole name, else by its dots. */
export function lookUp(events: Table, name: string): Named | undefined {
  const path = name.endsWith("]") && !Object.hasOwn(events, name) ? null : pathOf(events, name);
  return path?.reduce((at: Named | undefined, step) => (at as Table)[step], events);
}

/** The axis of a table: that of a column, or the parent of that of a table in it. */
function axisOf(table: Table): Axis | null {
  for (const column of Object.values(table)) {
    const axis = column instanceof Tensor ? column.axis : axisOf(column)?.parent;
    if (axis) return axis;
  }
  return null;
}

/** The rows of a table; null where neither it nor a table in it has a column. */
export function objectsOf(name: string, table: Table): Objects | null {
  const axis = axisOf(table);
  if (!axis) return null;
  const own: Objects = {
    kind: "objects",
    name,
    axis,
    among: null,
    there: null,
    parts: null,
    member: (column) => {
      const found = lookUp(table, column);
      if (found === undefined) return null;
      return found instanceof Tensor ? num(found) : objectsOf(`${name}.${column}`, found);
    },
  };
  return own;
}

/** Objects whose members are those of others after some change. */
export const changed = (
  of: Objects,
  change: Partial<Omit<Objects, "member">>,
  f: (x: Num, name: string) => Num,
): Objects => ({
  ...of,
  ...change,
  parts: of.parts?.map((part) => changed(part, { axis: change.axis ?? of.axis }, f)) ?? null,
  member: (name) => {
    const found = of.member(name);
    if (found === null) return null;
    return found.kind === "number" ? f(found, name) : changed(found, change, f);
  },
});

/** What a sum of objects has. */
const sums: Readonly<Record<string, (parts: readonly Particle[]) => Tensor>> = {
  pt: (parts) => fourVector(...parts).pt,
  eta: (parts) => fourVector(...parts).eta,
  phi: (parts) => fourVector(...parts).phi,
  mass: (parts) => mass(...parts),
  energy: (parts) => momentum(...parts).energy,
};

/** Names of members that an object has by its four-vector. */
export const isSum = (name: string): boolean => Object.hasOwn(sums, name);

/** Objects that are added up, one of each per row: their four-vector, and the sum of their charges. */
export function together(
  name: string,
  parts: readonly Objects[],
  axis: Axis,
  among: Weight | null,
  there: Weight | null,
  lacking: (name: string, of: Objects) => never,
): Objects {
  const column = (part: Objects, member: string): Tensor => {
    const found = part.member(member);
    return found?.kind === "number" ? found.value : lacking(member, part);
  };
  const particles = (): Particle[] =>
    parts.map((part) => ({
      pt: column(part, "pt"),
      eta: column(part, "eta"),
      phi: column(part, "phi"),
      mass: column(part, "mass"),
    }));
  return {
    kind: "objects",
    name,
    axis,
    among,
    there,
    parts,
    member: (member) => {
      const part = ["a", "b", "c"].indexOf(member.split(".")[0]!);
      if (part >= 0) {
        const own = parts[part] ?? null;
        return member.includes(".") ? (own?.member(member.slice(2)) ?? null) : own;
      }
      if (isSum(member)) return num(sums[member]!(particles()), among, there);
      if (member !== "charge") return null;
      return num(parts.map((each) => column(each, "charge")).reduce(add), among, there);
    },
  };
}

/** The deeper one of two axes; undefined where neither is above the other. */
export function deeper(a: Axis | null, b: Axis | null): Axis | null | undefined {
  if (!a || !b || a === b) return a ?? b;
  if (lineage(a).includes(b)) return a;
  return lineage(b).includes(a) ? b : undefined;
}

/** 1 for each row. */
export const ones = (axis: Axis): Tensor => fullLike({ shape: [], dtype: axis.dtype, axis }, 1);

/** x where rows of a mask are, else NaN: for what must have no number there. */
export const onlyWhere = (mask: Tensor, x: Tensor): Tensor => where(mask, x, Number.NaN);
