import { type Column, isJagged, isText, type Jagged, type Text, type Values } from "../core/events.js";

/** Numbers of rows, in any order. */
export type RowNumbers = Int32Array | Uint32Array;

/** Room for so many numbers of the same kind as others. */
export type Make = (like: Values, length: number) => Values;

/** Those rows of a column of any kind, in order; `width` values make a row of one that can be computed with. */
export function takeRows(column: Column | Text, rows: RowNumbers, make: Make, width = 1): Column | Text {
  if (isText(column)) return Array.from(rows, (row) => column[row]!);
  if (isJagged(column)) return takeJagged(column, rows, make);
  const out = make(column, rows.length * width);
  copyRows(column, out, width, rows, 0, rows.length);
  return out;
}

function takeJagged({ offsets, content }: Jagged, rows: RowNumbers, make: Make): Jagged {
  const newOffsets = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    newOffsets[i + 1] = newOffsets[i]! + offsets[rows[i]! + 1]! - offsets[rows[i]!]!;
  }
  const out = make(content, newOffsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) {
    const from = offsets[rows[i]!]!;
    for (let at = newOffsets[i]!; at < newOffsets[i + 1]!; at++)
      out[at] = content[from + at - newOffsets[i]!]!;
  }
  return { offsets: newOffsets, content: out };
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
