import type { DecodedArray, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import {
  aboutEvents,
  type Columns,
  childrenOf,
  type Events,
  flatColumn,
  isChild,
  isJagged,
  isText,
  type Values,
} from "../../../core/events.js";
import type { Append } from "../../atomic.js";
import { isWide, type Kind } from "../../columnvalues.js";
import { concatenate } from "../../concatenate.js";
import { DataError } from "../../dataerror.js";
import { OneKind, type Written, type WrittenChild } from "../../onekind.js";
import type { Writer } from "../format.js";

/** Rows of a group, at least, but for the last one; readers hold about one group per column. */
const groupRows = 100_000;

/** Writes a Parquet file, again with what was found out about its columns where the first time is no good. */
export function parquetWriter(): Writer {
  const kinds = new OneKind();
  return (pieces, append) => parquetBytes(pieces, kinds, append);
}

/**
 * The pieces as a Parquet file, one row group after the other. Answers false, with all pieces seen, when a column is not
 * of the kind that it seemed: what was written is then no good, but the next time goes well.
 */
async function parquetBytes(pieces: AsyncIterable<Events>, kinds: OneKind, append: Append): Promise<boolean> {
  let parquet: ParquetWriter | undefined;
  let columns: Written[] = [];
  /** Pieces that wait to be a row group, and their rows. */
  let waiting: Events[] = [];
  let rows = 0;
  const flush = async (least: number) => {
    if (rows < least || parquet === undefined) return;
    const table = concatenate(waiting, { consume: true });
    waiting = [];
    const size = Math.ceil(rows / Math.max(1, Math.floor(rows / groupRows)));
    for (let from = 0; from < rows; from += size) {
      const to = Math.min(from + size, rows);
      const columnData = columns.map((column) => ({
        ...{ name: column.name, data: rowsOf(table, column, from, to) },
        // The writer's dictionaries do not tell -0 from 0.
        ...(hasNegativeZero(table, column.name, from, to) && { encoding: "PLAIN" as const }),
      }));
      await parquet.write({ columnData, rowGroupSize: to - from });
    }
    rows = 0;
  };
  for await (const piece of pieces) {
    if (parquet === undefined) {
      columns = kinds.start(piece);
      const root: SchemaElement = { name: "schema", num_children: columns.length };
      const schema = [root, ...columns.flatMap(schemaOf)];
      parquet = new ParquetWriter({ writer: new Appender(append), schema, createdBy: "gradcut" });
    }
    const fitting = kinds.fit(piece);
    if (kinds.changed) waiting = [];
    else {
      waiting.push(fitting);
      rows += aboutEvents(fitting).rows;
      await flush(groupRows);
    }
  }
  if (kinds.changed) return false;
  await flush(1);
  await parquet?.finish();
  return true;
}

function hasNegativeZero(table: Events, name: string, from: number, to: number): boolean {
  const column = (table as Columns)[name]!;
  if (isChild(column)) {
    const { offsets, names } = aboutEvents(column);
    const [first, last] = [offsets![from]!, offsets![to]!];
    const below = childrenOf(column).map(([child]) => child);
    return [...names, ...below].some((each) => hasNegativeZero(column, each, first, last));
  }
  if (isText(column)) return false;
  const values = isJagged(column)
    ? column.content.subarray(column.offsets[from], column.offsets[to])
    : column.subarray(from, to);
  if (!(values instanceof Float64Array || values instanceof Float32Array)) return false;
  return values.some((x) => Object.is(x, -0));
}

/** Passes on what was written after each row group. */
class Appender extends ByteWriter {
  readonly #append: Append;

  constructor(append: Append) {
    super(1 << 20);
    this.#append = append;
  }

  async flush(): Promise<void> {
    await this.#append(this.getBytes());
    this.index = 0;
  }

  override finish(): Promise<void> {
    return this.flush();
  }
}

const types: Record<Kind, Pick<SchemaElement, "type" | "converted_type">> = {
  f64: { type: "DOUBLE" },
  f32: { type: "FLOAT" },
  i32: { type: "INT32" },
  u32: { type: "INT32", converted_type: "UINT_32" },
  bool: { type: "BOOLEAN" },
  i64: { type: "INT64" },
  u64: { type: "INT64", converted_type: "UINT_64" },
};

function schemaOf(column: Written): SchemaElement[] {
  const { name } = column;
  if ("columns" in column) {
    const { columns } = column;
    if (columns.length === 0) {
      const sentence = `Child table ${name} has no columns, and a file cannot hold the number of its rows alone.`;
      throw new DataError("data.unsupported", sentence, { column: name });
    }
    return list(name, [
      { name: "element", repetition_type: "REQUIRED", num_children: columns.length },
      ...columns.flatMap(schemaOf),
    ]);
  }
  const { kind, jagged } = column;
  if (kind === "text") {
    return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }];
  }
  if (!jagged) return [{ name, ...types[kind], repetition_type: "REQUIRED" }];
  return list(name, [{ name: "element", ...types[kind], repetition_type: "REQUIRED" }]);
}

const list = (name: string, element: readonly SchemaElement[]): SchemaElement[] => [
  { name, converted_type: "LIST", repetition_type: "REQUIRED", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...element,
];

/** Rows [from, to) as the writer takes them. */
function rowsOf(table: Events, written: Written, from: number, to: number): DecodedArray {
  const { name } = written;
  if ("columns" in written) return recordsOf(table[name] as Events, written, from, to);
  const column = flatColumn(table, name);
  if (isText(column)) return column.slice(from, to);
  const several = aboutEvents(table).widths[name] ?? 1;
  if (several > 1) {
    const sentence = `Column ${name} has ${several} numbers per row; write them as columns of their own.`;
    throw new DataError("data.unsupported", sentence, { column: name });
  }
  if (!isJagged(column)) return plain(column.subarray(from, to));
  const { offsets, content } = column;
  return Array.from({ length: to - from }, (_, i) =>
    Array.from(plain(content.subarray(offsets[from + i]!, offsets[from + i + 1]!)) as ArrayLike<unknown>),
  );
}

/** Rows [from, to) of a child table's parent, each a list of records. */
function recordsOf(child: Events, { columns }: WrittenChild, from: number, to: number): DecodedArray {
  const offsets = aboutEvents(child).offsets!;
  const [first, last] = [offsets[from]!, offsets[to]!];
  const values = columns.map((column) => [column.name, rowsOf(child, column, first, last)] as const);
  return Array.from({ length: to - from }, (_, i) =>
    Array.from({ length: offsets[from + i + 1]! - offsets[from + i]! }, (_, k) =>
      Object.fromEntries(values.map(([name, all]) => [name, all[offsets[from + i]! + k - first]])),
    ),
  );
}

function plain(values: Values): DecodedArray {
  if (values instanceof Uint8Array) return Array.from(values, (flag) => flag !== 0);
  if (isWide(values)) return values;
  // The writer takes a Uint32Array for signed, and knows no integers of fewer bits.
  const known =
    values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array;
  return known ? values : Array.from(values);
}
