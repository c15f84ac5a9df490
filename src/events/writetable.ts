import { aboutEvents, childrenOf, type Events } from "../core/events.js";
import { checkArguments } from "../text/checkoptions.js";
import { aText, callable } from "../text/legal.js";
import { writeAtomically } from "./atomic.js";
import { someEvents } from "./checkdata.js";
import { DataError } from "./dataerror.js";
import { formatToWrite, whatIsWritten } from "./formats/index.js";

/**
 * Writes a table to `file.csv`, `file.csv.gz` or `file.parquet`, in pieces, all of it or nothing. Node only.
 *
 * Numbers read back to the same bits. Parquet keeps the kinds of columns, lists included; CSV holds one number per row
 * and keeps 64-bit integers, but whole numbers, f32 and f64 look alike in it. Text stays. See `select` and `withColumns`
 * for tables to write.
 *
 * @throws DataError
 */
export async function writeTable(path: string, table: Events): Promise<void> {
  checkArguments("writeTable", { path: [path, aText], table: [table, someEvents] });
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
export async function writePieces(path: string, pieces: () => AsyncIterable<Events>): Promise<void> {
  checkArguments("writePieces", { path: [path, aText], pieces: [pieces, callable] });
  const format = formatToWrite(path);
  if (!format?.writer) throw new DataError("data.unsupported", whatIsWritten, { file: path });
  const write = await format.writer(path);
  let done = false;
  while (!done)
    await writeAtomically(path, async (append) => {
      done = await write(checked(pieces(), path), append);
      return done;
    });
}

/** The same pieces, after the first was seen to have columns. */
async function* checked(pieces: AsyncIterable<Events>, file: string): AsyncGenerator<Events> {
  for await (const piece of pieces) {
    if (aboutEvents(piece).names.length === 0 && childrenOf(piece).length === 0)
      throw new DataError("data.empty", "There are no columns to write.", { file });
    yield piece;
  }
}
