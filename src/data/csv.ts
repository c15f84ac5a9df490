import type { Table } from "./columns.js";
import { type CsvOptions, CsvReader } from "./csvreader.js";
import { type ByteSource, chunks } from "./source.js";

export type { CsvOptions } from "./csvreader.js";

type Bytes = ByteSource | AsyncIterable<Uint8Array>;

/**
 * A table of comma-separated values in UTF-8, whose first line names the columns.
 *
 * Cells are decimal numbers, `nan`, `inf` or `true`/`false` (1 and 0), rounded to the nearest f64; a column
 * of whole numbers of which some are beyond 2**53 is kept as 64-bit integers. Cells may be quoted. Where all
 * columns are read, those whose first cell is a word are text. Memory beyond the columns does not grow with the file.
 *
 * @throws DataError with the line (and column) of the first fault
 */
export async function readCsv(source: Bytes, options: CsvOptions = {}): Promise<Table> {
  const sized = "byteLength" in source;
  const reader = new CsvReader(options, sized ? source.byteLength : undefined);
  for await (const bytes of sized ? chunks(source) : source) reader.push(bytes);
  return reader.end();
}

/** Cells of a piece, about: 4 MB of numbers. */
const pieceCells = 1 << 19;

/** The same rows in pieces, of which one is in memory; each decides for itself whether its whole numbers need 64 bits. */
export async function* csvPieces(source: Bytes, options: CsvOptions = {}): AsyncGenerator<Table> {
  const reader = new CsvReader(options, undefined);
  for await (const bytes of "byteLength" in source ? chunks(source) : source) {
    reader.push(bytes);
    const piece = reader.take(pieceCells);
    if (piece) yield piece;
  }
  yield reader.end();
}
