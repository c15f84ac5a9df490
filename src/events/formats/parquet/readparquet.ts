import { type Compressors, type FileMetaData, parquetMetadataAsync, parquetSchema } from "hyparquet";
import type { Events, Values } from "../../../core/events.js";
import { checkArguments, checkOptions } from "../../../text/checkoptions.js";
import type { Nulls } from "../../builder.js";
import type { ByteSource } from "../../bytesource.js";
import { aSource } from "../../checkdata.js";
import type { ChildPath } from "../../childnames.js";
import { loadCodecs } from "../../codecs.js";
import { Damage } from "../../damage.js";
import { DataError } from "../../dataerror.js";
import { askedFor, type Known, someOf, withChildren } from "../../withchildren.js";
import { type NestedColumn, withNested } from "../../withnested.js";
import { ParquetColumn } from "./parquetcolumn.js";
import { chunkOf, entriesOf, type Field, fieldsOf, withoutEncrypted } from "./parquetfields.js";

/** Which columns of a Parquet file are read, and what its nulls are. */
export interface ParquetOptions {
  /** Name of the file, for errors. */
  file?: string | undefined;
  /** The columns to read; all when left out. */
  columns?: readonly string[] | undefined;
  /** Null becomes NaN, which makes whole numbers f64, or is an error. */
  nulls?: Nulls | undefined;
  /** A table without rows is a table, not an error. */
  allowEmpty?: boolean | undefined;
}

/** What a reader of columns needs to know: where they are, and how long they will be. */
interface ParquetPlan {
  readonly rows: number;
  readonly fields: readonly Field[];
  /** Values of each field in the whole file, with nulls and empty lists. */
  readonly entries: readonly number[];
  readonly skipped: readonly string[];
  readonly metadata: FileMetaData;
  readonly file: string | undefined;
  readonly nulls: Nulls;
  /** The columns that were asked for; all where it is undefined. */
  readonly wanted: readonly string[] | undefined;
  readonly known: Known;
}

/**
 * Columns of a Parquet file, one row group at a time.
 *
 * Numbers keep their kinds; null is NaN and counted. Lists of numbers are jagged columns, null lists are empty.
 * Numbers in records are columns too, named `record_field`. Text is kept where all columns are read.
 *
 * @throws DataError
 */
export async function readParquet(source: ByteSource, options: ParquetOptions = {}): Promise<Events> {
  checkOptions("readParquet", options, { file: true, columns: true, nulls: true, allowEmpty: true });
  checkArguments("readParquet", { source: [source, aSource] });
  const plan = await planParquet(source, options);
  return damageIs(plan.file, async () => readGroups(source, plan, plan.metadata.row_groups, plan.entries));
}

/** The same rows, a row group at a time, of which one is in memory. */
export async function* parquetPieces(
  source: ByteSource,
  options: ParquetOptions = {},
): AsyncGenerator<Events> {
  const plan = await planParquet(source, options);
  const { fields, metadata, file } = plan;
  const groups = metadata.row_groups.map((group) => [group]);
  for (const part of groups.length > 0 ? groups : [[]])
    yield await damageIs(file, async () => {
      const rows = Number(part[0]?.num_rows ?? 0);
      const entries = fields.map((field) => entriesOf({ row_groups: part }, field));
      return readGroups(source, { ...plan, rows }, part, entries);
    });
}

/** The rows of some row groups, of which `plan.rows` says how many there are. */
async function readGroups(
  source: ByteSource,
  plan: ParquetPlan,
  groups: FileMetaData["row_groups"],
  entries: readonly number[],
): Promise<Events> {
  const { rows, fields, nulls, file } = plan;
  const columns = fields.map((field, i) => new ParquetColumn(field, rows, entries[i]!, nulls, { file }));
  const compressors = await loadCompressors(plan);
  for (const group of groups) {
    const chunks = columns.map((column) => {
      const meta = chunkOf(group, column.field);
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
      return { column, meta, start, end: start + Number(meta.total_compressed_size) };
    });
    source.expect?.(chunks.map(({ start, end }) => [start, end] as const));
    for (const { column, meta, start, end } of chunks) {
      if (!(start >= 0 && start <= end && end <= source.byteLength))
        throw new Damage("it points outside itself");
      column.add(await source.slice(start, end), meta, compressors);
    }
  }
  return toTable(plan, columns);
}

/**
 * Reads the schema and chooses the columns.
 *
 * @throws DataError
 */
async function planParquet(source: ByteSource, options: ParquetOptions): Promise<ParquetPlan> {
  const { file, columns: wanted, nulls = "nan" } = options;
  await checkEnds(source, file);
  return damageIs(file, async () => {
    const whole = {
      byteLength: source.byteLength,
      slice: (start: number, end = source.byteLength) => source.slice(start, end),
    };
    const metadata = await parquetMetadataAsync(whole, { geoparquet: false, initialFetchSize });
    const { fields, others } = withoutEncrypted(fieldsOf(parquetSchema(metadata)), metadata);
    const inGroups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    const rows = Number(metadata.num_rows) || inGroups;
    // Some writers leave the sum out.
    if (Number(metadata.num_rows) !== 0 && rows !== inGroups) throw new Damage("its rows do not add up");
    if (rows === 0 && !options.allowEmpty)
      throw new DataError("data.empty", "The table has no rows.", { file });
    const inChildren = [...fields.values()].filter((field) => field.jagged || field.nested);
    const paths = new Map(
      inChildren.flatMap(({ name, child, nested }): [string, ChildPath][] => {
        if (!nested) return child ? [[name, child]] : [];
        const [first, ...below] = [...nested.tables, nested.column];
        return [[name, [first!, below.join(".")]]];
      }),
    );
    const asked =
      wanted &&
      askedFor(
        wanted,
        [...fields.keys(), ...others.keys()],
        inChildren.map(({ name }) => name),
        { paths, file },
      );
    const chosen = (asked?.names ?? [...fields.keys()]).map((name) => {
      const field = fields.get(name);
      if (field !== undefined && (wanted === undefined || field.kind !== "text")) return field;
      const type = field === undefined ? others.get(name) : "text";
      const sentence = `Column ${name} cannot be read as numbers (${type}).`;
      throw new DataError("data.unsupported", sentence, { file, column: name });
    });
    const entries = chosen.map((field) => entriesOf(metadata, field));
    chosen.forEach((field, i) => {
      if (field.elements.length === 0 && entries[i] !== rows)
        throw new Damage("a column is not as long as the table");
    });
    const skipped = wanted === undefined ? [...others.keys()] : [];
    const known = { paths, required: asked?.required, file };
    return { rows, fields: chosen, entries, skipped, metadata, file, nulls, wanted, known };
  });
}

/** The table of the columns that a plan names, when all rows have come. */
function toTable({ rows, skipped, wanted, known }: ParquetPlan, read: readonly ParquetColumn[]): Events {
  const flat = read.filter(({ field }) => !field.nested);
  const columns = Object.fromEntries(flat.map((column) => [column.field.name, column.finish(rows)] as const));
  const counts = flat.map(({ field, nulls }) => [field.name, nulls] as const);
  const about = {
    rows,
    names: flat.map(({ field }) => field.name),
    ...(skipped.length > 0 && { skipped }),
    nulls: new Map(counts.filter(([, count]) => count > 0)),
  };
  const nested = read.flatMap((column): NestedColumn[] => {
    const { nested: place } = column.field;
    if (!place) return [];
    const offsets = column.begins;
    return [{ ...place, offsets, values: column.finish(rows) as Values, nulls: column.nulls }];
  });
  const table = withNested(withChildren(columns, about, known), nested, known.file);
  return wanted === undefined ? table : someOf(table, wanted, known.file);
}

/** Bytes at the end of a file in which its description is looked for; where it is longer, it is read a second time. */
const initialFetchSize = 1 << 16;

/** A Parquet file begins and ends with PAR1. */
async function checkEnds(source: ByteSource, file: string | undefined): Promise<void> {
  const text = async (start: number, end: number) =>
    new TextDecoder("latin1").decode(
      await source.slice(Math.max(0, start), Math.min(end, source.byteLength)),
    );
  const begin = await text(0, 4);
  const fail = (code: "data.format" | "data.corrupt" | "data.unsupported", sentence: string) =>
    new DataError(code, sentence, { file });
  if (begin === "PARE") throw fail("data.unsupported", "The file is encrypted.");
  if (begin !== "PAR1") throw fail("data.format", "This is not a Parquet file.");
  const end = await text(source.byteLength - 4, source.byteLength);
  if (source.byteLength < 12 || end !== "PAR1") {
    throw fail(
      "data.corrupt",
      "The file is truncated: it does not end as a Parquet file does. Get it again.",
    );
  }
}

/** hyparquet itself knows Snappy. */
async function loadCompressors({ metadata, fields, file }: ParquetPlan): Promise<Compressors | undefined> {
  const codecs = new Set(
    metadata.row_groups.flatMap((group) => fields.map((field) => chunkOf(group, field).codec)),
  );
  codecs.delete("UNCOMPRESSED");
  codecs.delete("SNAPPY");
  if (codecs.size === 0) return undefined;
  const compressors = await loadCodecs();
  for (const codec of codecs) {
    if (compressors[codec] !== undefined) continue;
    throw new DataError("data.unsupported", `Compression ${codec} is not known here.`, { file });
  }
  return compressors;
}

/** Turns what goes wrong inside a file into one line. */
async function damageIs<T>(file: string | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const unsupported = error instanceof Damage ? error.encoding : undefined;
    if (unsupported !== undefined) {
      throw new DataError(
        "data.unsupported",
        `Encoding ${unsupported} is not known here.`,
        { file },
        { cause: error },
      );
    }
    const sentence = "The file is damaged and cannot be read as a Parquet file; get it again.";
    throw new DataError("data.corrupt", sentence, { file }, { cause: error });
  }
}
