import { aboutEvents, childrenOf, type Events, flatColumn, isJagged, isText } from "../../../core/events.js";
import { builtin } from "../../builtin.js";
import { isWide } from "../../columnvalues.js";
import { DataError } from "../../dataerror.js";
import type { Writer } from "../format.js";

/** Writes a file of text, compressed where its name says so. */
export function csvWriter(path: string): Writer {
  const packed = /\.gz$/i.test(path);
  const encoder = new TextEncoder();
  return async (pieces, append) => {
    for await (const text of csvText(pieces, path)) {
      const bytes = encoder.encode(text);
      // Gzip files may follow one another in one file.
      await append(packed ? (await builtin("node:zlib")).gzipSync(bytes) : bytes);
    }
    return true;
  };
}

/** Text that is written at once, about. */
const chunkLength = 1 << 20;

/** The pieces as CSV, in longer ones. */
async function* csvText(pieces: AsyncIterable<Events>, file: string): AsyncGenerator<string> {
  let names: readonly string[] | undefined;
  let text = "";
  for await (const piece of pieces) {
    if (names === undefined) {
      names = aboutEvents(piece).names;
      refuseChildren(piece, file);
      text = `${names.map(quoted).join(",")}\n`;
    }
    const cells = names.map((name) => cellsOf(piece, name, file));
    const { rows } = aboutEvents(piece);
    for (let row = 0; row < rows; row++) {
      // A row of one empty cell would look like an empty line.
      let line = cells[0]!(row);
      if (cells.length === 1 && line === "") line = '""';
      for (let c = 1; c < cells.length; c++) line += `,${cells[c]!(row)}`;
      text += `${line}\n`;
      if (text.length < chunkLength) continue;
      yield text;
      text = "";
    }
  }
  yield text;
}

/** Throws for a child table; those that are jagged columns, too, are refused as such. */
function refuseChildren(table: Events, file: string): void {
  const { views } = aboutEvents(table);
  const flat = new Set(Array.from(views?.values() ?? [], ([child]) => child));
  const name = childrenOf(table).find(([child]) => !flat.has(child))?.[0];
  if (name === undefined) return;
  const sentence = `Child table ${name} has any count of rows for each row, which CSV cannot hold; write a .parquet file.`;
  throw new DataError("data.unsupported", sentence, { file, column: name });
}

function cellsOf(table: Events, name: string, file: string): (row: number) => string {
  const values = flatColumn(table, name);
  if (isText(values)) return (row) => quoted(values[row] ?? "");
  const several = aboutEvents(table).widths[name] ?? 1;
  if (several > 1) {
    const sentence = `Column ${name} has ${several} numbers per row, which CSV cannot hold; write them as columns of their own.`;
    throw new DataError("data.unsupported", sentence, { file, column: name });
  }
  if (isJagged(values)) {
    const sentence = `Column ${name} has any count of numbers per row, which CSV cannot hold; write a .parquet file.`;
    throw new DataError("data.unsupported", sentence, { file, column: name });
  }
  if (isWide(values)) return (row) => String(values[row]);
  return (row) => decimal(values[row]!);
}

/** The shortest decimal that reads back to the same bits; of a long whole number all digits, as it is read as one. */
function decimal(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (Number.isInteger(value) && Math.abs(value) > 2 ** 53 && Math.abs(value) < 2 ** 64)
    return String(BigInt(value));
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function quoted(text: string): string {
  return /[",;|\t\r\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
