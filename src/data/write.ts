import { gzipSync } from "node:zlib";
import { writeAtomically } from "./atomic.js";
import { isJagged, namesOf, type Table } from "./columns.js";
import { DataError } from "./errors.js";
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
  if (namesOf(table).length === 0) {
    throw new DataError("data.empty", "There are no columns to write.", { file: path });
  }
  if (/\.parquet$/i.test(path)) {
    const { parquetBytes } = await import("./parquetwrite.js");
    return writeAtomically(path, (append) => parquetBytes(table, append));
  }
  const packed = /\.csv\.gz$/i.test(path);
  if (!packed && !/\.csv$/i.test(path)) {
    const sentence = "Tables are written to file.csv, file.csv.gz and file.parquet.";
    throw new DataError("data.unsupported", sentence, { file: path });
  }
  const pieces = csvText(table, path);
  return writeAtomically(path, async (append) => {
    for (const text of pieces) {
      const bytes = Buffer.from(text);
      // Gzip files may follow one another in one file.
      await append(packed ? gzipSync(bytes) : bytes);
    }
  });
}

const chunkRows = 1 << 14;

/** The table as CSV, in pieces of many rows. Throws before the first piece when a column does not fit. */
function csvText(table: Table, file: string): Iterable<string> {
  const names = namesOf(table);
  const cells = names.map((name) => cellsOf(table, name, file));
  return (function* () {
    yield `${names.map(quoted).join(",")}\n`;
    for (let row = 0; row < table.rows; row += chunkRows) {
      const end = Math.min(row + chunkRows, table.rows);
      let text = "";
      for (let r = row; r < end; r++) {
        // A row of one empty cell would look like an empty line.
        let line = cells[0]!(r);
        if (cells.length === 1 && line === "") line = '""';
        for (let c = 1; c < cells.length; c++) line += `,${cells[c]!(r)}`;
        text += `${line}\n`;
      }
      yield text;
    }
  })();
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
  return /[",;|\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
