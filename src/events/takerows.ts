import {
  aboutEvents,
  type Column,
  childrenOf,
  type Events,
  isJagged,
  isText,
  type Jagged,
  type Marked,
  makeEvents,
  ownColumns,
  type Text,
  type Values,
} from "../core/events.js";

/** Numbers of rows, in any order. */
export type RowNumbers = Int32Array | Uint32Array;

/** Room for so many numbers of the same kind as others. */
export type Make = <V extends Values>(like: V, length: number) => V;

/** Those rows of a table, of columns of all kinds and with their children, in order. */
export function takeTable(events: Events, rows: RowNumbers, make: Make): Events {
  const about = aboutEvents(events);
  const taken = new Map<string, Column | Text | Marked>();
  const known = new Map<Column | Text, Column | Text>();
  for (const [name, column] of ownColumns(events)) {
    // What has several names is taken once.
    const those = known.get(column) ?? takeRows(column, rows, make, about.widths[name]);
    known.set(column, those);
    taken.set(name, those);
  }
  for (const [name, child] of childrenOf(events)) {
    const { offsets } = aboutEvents(child);
    const begins = beginsOf(offsets!, rows, 0, rows.length, make(offsets!, rows.length + 1));
    const elements = new Int32Array(begins[rows.length]!);
    elementsOf(offsets!, rows, 0, rows.length, elements);
    const rowsOfChild = takeTable(child, elements, make);
    taken.set(
      name,
      makeEvents(Object.entries(rowsOfChild), { ...aboutEvents(rowsOfChild), offsets: begins }),
    );
  }
  return makeEvents(taken, { ...about, rows: rows.length });
}

/** Where the children of the rows `order[from]` … `order[to - 1]` begin when these follow each other, into `begins`. */
export function beginsOf(
  offsets: Int32Array,
  order: RowNumbers,
  from: number,
  to: number,
  begins: Int32Array,
): Int32Array {
  begins[0] = 0;
  for (let i = from; i < to; i++) {
    const row = order[i]!;
    begins[i - from + 1] = begins[i - from]! + offsets[row + 1]! - offsets[row]!;
  }
  return begins;
}

/** The numbers of those children among all, into `elements`. */
export function elementsOf(
  offsets: Int32Array,
  order: RowNumbers,
  from: number,
  to: number,
  elements: Int32Array,
): void {
  for (let i = from, at = 0; i < to; i++) {
    const row = order[i]!;
    for (let element = offsets[row]!; element < offsets[row + 1]!; element++) elements[at++] = element;
  }
}

/** Those rows of a column of any kind, in order; `width` values make a row of one that can be computed with. */
export function takeRows(column: Column | Text, rows: RowNumbers, make: Make, width = 1): Column | Text {
  if (isText(column)) return Array.from(rows, (row) => column[row]!);
  if (isJagged(column)) return takeJagged(column, rows, make);
  const out = make(column, rows.length * width);
  copyRows(column, out, width, rows, 0, rows.length);
  return out;
}

function takeJagged({ offsets, content }: Jagged, rows: RowNumbers, make: Make): Jagged {
  const begins = beginsOf(offsets, rows, 0, rows.length, new Int32Array(rows.length + 1));
  const out = make(content, begins[rows.length]!);
  for (let i = 0; i < rows.length; i++) {
    const from = offsets[rows[i]!]!;
    for (let at = begins[i]!; at < begins[i + 1]!; at++) out[at] = content[from + at - begins[i]!]!;
  }
  return { offsets: begins, content: out };
}

/** Writes the rows `order[from]` … `order[to - 1]` of a column to the front of `memory`, an array of the same kind. */
export function copyRows(
  column: Values,
  memory: Values,
  width: number,
  order: RowNumbers,
  from: number,
  to: number,
): void {
  if (width > 1) copyWide(column, memory, width, order, from, to);
  // One loop for each kind of array: a loop that meets several kinds runs several times slower.
  else if (column instanceof Float32Array && memory instanceof Float32Array)
    for (let i = from; i < to; i++) memory[i - from] = column[order[i]!]!;
  else if (column instanceof Float64Array && memory instanceof Float64Array)
    for (let i = from; i < to; i++) memory[i - from] = column[order[i]!]!;
  else for (let i = from; i < to; i++) memory[i - from] = column[order[i]!]!;
}

/** The same of several values per row, which are few columns of one kind: the inputs of a network. */
function copyWide(
  column: Values,
  memory: Values,
  width: number,
  order: RowNumbers,
  from: number,
  to: number,
): void {
  let at = 0;
  for (let i = from; i < to; i++) {
    const row = order[i]! * width;
    for (let k = 0; k < width; k++) memory[at++] = column[row + k]!;
  }
}
