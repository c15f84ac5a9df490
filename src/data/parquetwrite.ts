import type { DecodedArray, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { isJagged, namesOf, type Table } from "./columns.js";
import { type Kind, kindOf, type Values } from "./values.js";

/** Rows of a group; readers hold about one group per column. */
const groupRows = 100_000;

/** The table as a Parquet file, one row group after the other. */
export async function parquetBytes(
  table: Table,
  append: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const names = namesOf(table);
  const root: SchemaElement = { name: "schema", num_children: names.length };
  const schema = [root, ...names.flatMap((name) => schemaOf(table, name))];
  const writer = new Appender(append);
  const parquet = new ParquetWriter({ writer, schema, createdBy: "gradcut" });
  for (let row = 0; row < table.rows; row += groupRows) {
    const end = Math.min(row + groupRows, table.rows);
    const columnData = names.map((name) => ({
      name,
      data: rowsOf(table, name, row, end),
    }));
    await parquet.write({ columnData, rowGroupSize: end - row });
  }
  await parquet.finish();
}

/** Passes on what was written after each row group. */
class Appender extends ByteWriter {
  readonly #append: (bytes: Uint8Array) => Promise<void>;

  constructor(append: (bytes: Uint8Array) => Promise<void>) {
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

function schemaOf(table: Table, name: string): SchemaElement[] {
  if (table.text?.has(name)) {
    return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }];
  }
  const column = table.columns.get(name)!;
  if (!isJagged(column)) return [{ name, ...types[kindOf(column)], repetition_type: "REQUIRED" }];
  return [
    { name, converted_type: "LIST", repetition_type: "REQUIRED", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", ...types[kindOf(column.content)], repetition_type: "REQUIRED" },
  ];
}

/** Rows [from, to) as the writer takes them. */
function rowsOf(table: Table, name: string, from: number, to: number): DecodedArray {
  const text = table.text?.get(name);
  if (text !== undefined) return text.slice(from, to);
  const column = table.columns.get(name)!;
  if (!isJagged(column)) return plain(column.subarray(from, to));
  const { offsets, content } = column;
  return Array.from({ length: to - from }, (_, i) =>
    Array.from(plain(content.subarray(offsets[from + i]!, offsets[from + i + 1]!)) as ArrayLike<unknown>),
  );
}

function plain(values: Values): DecodedArray {
  if (values instanceof Uint8Array) return Array.from(values, (flag) => flag !== 0);
  // The writer takes a Uint32Array for signed.
  return values instanceof Uint32Array ? Array.from(values) : values;
}
