import type { Events } from "../../../core/events.js";
import { checkArguments, checkOptions } from "../../../text/checkoptions.js";
import { either, someBytes } from "../../../text/legal.js";
import { type ByteSource, chunks } from "../../bytesource.js";
import { aSource, pieces } from "../../checkdata.js";
import { withoutSentinels } from "../../missing.js";
import type { CsvOptions } from "./csvoptions.js";
import { csvOptions } from "./csvoptions.js";
import { CsvReader } from "./csvreader.js";

export type { Separator } from "./csvlayout.js";
export type { CsvOptions } from "./csvoptions.js";

type Bytes = ByteSource | AsyncIterable<Uint8Array>;

/**
 * A table of numbers in UTF-8, whose first line names the columns; commas, semicolons, tabs, bars or spaces separate the
 * cells. Lines that begin with # are comments.
 *
 * Cells are decimal numbers, `nan`, `inf` or `true`/`false` (1 and 0), rounded to the nearest f64; empty cells, NA, N/A,
 * null and None are NaN and counted. A column of whole numbers of which some are beyond 2**53 is kept as 64-bit integers.
 * Cells may be quoted. Where all columns are read, those whose first cell is a word are text. Memory beyond the columns
 * does not grow with the file.
 *
 * @throws DataError with the line (and column) of the first fault
 */
export async function readCsv(source: Bytes, options: CsvOptions = {}): Promise<Events> {
  checkOptions("readCsv", options, csvOptions);
  checkArguments("readCsv", { source: [source, either(aSource, pieces)] });
  const sized = "byteLength" in source;
  const reader = new CsvReader(options, sized ? source.byteLength : undefined);
  for await (const bytes of sized ? chunks(source) : source) {
    checkArguments("readCsv", { "a piece of the source": [bytes, someBytes] });
    reader.push(bytes);
  }
  return withoutSentinels(reader.end(), options.missing, options.file);
}

/** Cells of a piece, about: 4 MB of numbers. */
const pieceCells = 1 << 19;

/** The same rows in pieces, of which one is in memory; each decides for itself whether its whole numbers need 64 bits. */
export async function* csvPieces(source: Bytes, options: CsvOptions = {}): AsyncGenerator<Events> {
  const reader = new CsvReader(options, undefined);
  const whole = (table: Events) => withoutSentinels(table, options.missing, options.file);
  for await (const bytes of "byteLength" in source ? chunks(source) : source) {
    reader.push(bytes);
    const piece = reader.take(pieceCells);
    if (piece) yield whole(piece);
  }
  yield whole(reader.end());
}
