import { gzipSync } from "node:zlib";
import { writeAtomically } from "./atomic.js";
import { isJagged, namesOf, type Table } from "./columns.js";
import { DataError } from "./errors.js";
import { OneKind } from "./onekind.js";
import { isWide } from "./values.js";

/**
 * Writes a table to `file.csv`, `file.csv.gz` or `file.parquet`, in pieces, all of it or nothing. Node only.
 *
 * Numbers read back to the same bits. Parquet keeps the kinds of columns, lists included; CSV holds one number per row
 * and keeps 64-bit integers, but whole numbers, f32 and f64 look alike in it. Text stays. See `select` and `withColumns`
 * for tables to write.
 *
 * @throws DataError
 */
export async function writeTable(path: string, table: Table): Promise<void> {
  await writePieces(path, async function* () {
    yield table;
  });
}

/**
 * Writes a table of which `pieces` begins to tell the rows; all have the columns of the first piece. Node only.
 *
 * Memory does not grow with the rows. In Parquet a column has one kind: where a late piece shows that it is not that of
 * the first (whole numbers beyond 2**53, or fractions), `pieces` is called again and writing begins anew.
 *
 * @throws DataError
 */
export async function writePieces(path: string, pieces: () => AsyncIterable<Table>): Promise<void> {
  if (/\.parquet$/i.test(path)) {
    const { parquetBytes } = await import("./parquetwrite.js");
    const kinds = new OneKind();
    let done = false;
    while (!done) {
      await writeAtomically(path, async (append) => {
        done = await parquetBytes(checked(pieces(), path), kinds, append);
        return done;
      });
    }
    return;
  }
  const packed = /\.csv\.gz$/i.test(path);
  if (!packed && !/\.csv$/i.test(path)) {
    const sentence = "Tables are written to file.csv, file.csv.gz and file.parquet.";
    throw new DataError("data.unsupported", sentence, { file: path });
  }
  await writeAtomically(path, async (append) => {
    for await (const text of csvText(checked(pieces(), path), path)) {
      const bytes = Buffer.from(text);
      // Gzip files may follow one another in one file.
      await append(packed ? gzipSync(bytes) : bytes);
    }
  });
}

/** The same pieces, after the first was seen to have columns. */
async function* checked(pieces: AsyncIterable<Table>, file: string): AsyncGenerator<Table> {
  for await (const piece of pieces) {
    if (namesOf(piece).length === 0)
      throw new DataError("data.empty", "There are no columns to write.", { file });
    yield piece;
  }
}

/** Text that is written at once, about. */
const chunkLength = 1 << 20;

/** The pieces as CSV, in longer ones. */
async function* csvText(pieces: AsyncIterable<Table>, file: string): AsyncGenerator<string> {
  let names: readonly string[] | undefined;
  let text = "";
  for await (const piece of pieces) {
    if (names === undefined) {
      names = namesOf(piece);
      text = `${names.map(quoted).join(",")}\n`;
    }
    const cells = names.map((name) => cellsOf(piece, name, file));
    for (let row = 0; row < piece.rows; row++) {
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

function cellsOf(table: Table, name: string, file: string): (row: number) => string {
  const text = table.text?.get(name);
  if (text !== undefined) return (row) => quoted(text[row] ?? "");
  const values = table.columns.get(name)!;
  if (isJagged(values)) {
    const sentence = `Column ${name} has any count of numbers per row, which CSV cannot hold; write a .parquet file.`;
    throw new DataError("data.unsupported", sentence, { file, column: name });
  }
  if (isWide(values)) return (row) => String(values[row]);
  return (row) => decimal(values[row]!);
}

/** The shortest decimal that reads back to the same bits. */
function decimal(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function quoted(text: string): string {
  return /[",;|\t\r\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
