import { Builder } from "./builder.js";
import type { Column, Table, Text } from "./columns.js";
import { type ParquetPlan, toTable } from "./parquet.js";
import type { Field } from "./parquetfields.js";
import type { Kind } from "./values.js";

/** The little of @duckdb/node-api 1.5 that is used here. */
interface Api {
  DuckDBInstance: { create(path: string, options: Record<string, string>): Promise<Database> };
}

interface Database {
  connect(): Promise<Connection>;
  closeSync(): void;
}

interface Connection {
  stream(sql: string): Promise<{ fetchChunk(): Promise<Chunk | null> }>;
  closeSync(): void;
}

interface Chunk {
  readonly rowCount: number;
  getColumnVector(index: number): Vector;
}

interface Vector {
  /** Vectors of numbers have their values here, valid or not. */
  readonly items: ArrayLike<number | bigint>;
  getItem(index: number): unknown;
}

interface ListVector extends Vector {
  getEntryOffset(index: number): number;
  getEntryLength(index: number): number;
  readonly childVector: Vector;
}

/** The optional package, or undefined where it is not installed or does not load. */
export async function loadDuckdb(): Promise<Api | undefined> {
  try {
    return (await import("@duckdb/node-api")) as unknown as Api;
  } catch {
    return undefined;
  }
}

/**
 * The columns of a plan, read by DuckDB: the same table as `readParquet` makes, sooner. Node only.
 *
 * @throws Error of DuckDB, or DataError about nulls
 */
export async function readDuckdb(api: Api, path: string, plan: ParquetPlan): Promise<Table> {
  // Nothing is fetched from elsewhere: Parquet is built in.
  const options = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" };
  const database = await api.DuckDBInstance.create(":memory:", options);
  try {
    const connection = await database.connect();
    try {
      return await query(connection, path, plan);
    } finally {
      connection.closeSync();
    }
  } finally {
    database.closeSync();
  }
}

async function query(connection: Connection, path: string, plan: ParquetPlan): Promise<Table> {
  const { fields, rows, entries } = plan;
  const columns = fields.map((field, i) => new DuckColumn(field, rows, entries[i]!, plan));
  const from = `read_parquet('${path.replaceAll("'", "''")}')`;
  const result = await connection.stream(`select ${fields.map(expression).join(", ")} from ${from}`);
  let row = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    columns.forEach((column, i) => {
      column.add(chunk.getColumnVector(i), chunk.rowCount, row);
    });
    row += chunk.rowCount;
  }
  if (row !== rows) throw new Error(`${row} rows came, not ${rows}`);
  return toTable(
    plan,
    columns.map((column) => column.finish()),
    columns.map((column) => column.nulls),
  );
}

class DuckColumn {
  readonly #field: Field;
  readonly #numbers: Builder;
  readonly #words: (string | null)[] = [];
  readonly #offsets: Int32Array | undefined;

  constructor(field: Field, rows: number, entries: number, { nulls, file }: ParquetPlan) {
    this.#field = field;
    const kind = field.kind === "text" ? "bool" : field.kind;
    const capacity = field.kind === "text" ? 0 : field.jagged ? entries : rows;
    this.#numbers = new Builder(kind, capacity, nulls, { file, column: field.name });
    if (field.jagged) this.#offsets = new Int32Array(rows + 1);
  }

  get nulls(): number {
    return this.#numbers.nulls;
  }

  add(vector: Vector, count: number, row: number): void {
    if (this.#field.kind === "text") {
      for (let i = 0; i < count; i++) this.#words.push(vector.getItem(i) as string | null);
    } else if (this.#offsets === undefined) this.#append(vector, 0, count, row, false);
    else {
      const { childVector } = vector as ListVector;
      for (let i = 0; i < count; i++) {
        const from = (vector as ListVector).getEntryOffset(i);
        const length = (vector as ListVector).getEntryLength(i);
        if (length > 0) this.#append(childVector, from, from + length, row + i, true);
        this.#offsets[row + i + 1] = this.#numbers.length;
      }
    }
  }

  #append(vector: Vector, from: number, to: number, row: number, oneRow: boolean): void {
    const items = vector.items;
    for (let at = from; at < to; ) {
      let end = at;
      while (end < to && vector.getItem(end) !== null) end++;
      if (end > at) this.#numbers.append(items, at, end);
      for (at = end; at < to && vector.getItem(at) === null; at++) {
        this.#numbers.appendNull(oneRow ? row : row + at - from);
      }
    }
  }

  finish(): Column | Text {
    if (this.#field.kind === "text") return this.#words;
    const values = this.#numbers.finish();
    return this.#offsets === undefined ? values : { offsets: this.#offsets, content: values };
  }
}

const types: Record<Kind | "text", string> = {
  f64: "double",
  f32: "float",
  i32: "integer",
  u32: "uinteger",
  i64: "bigint",
  u64: "ubigint",
  bool: "utinyint",
  text: "varchar",
};

/** SQL for a field: its name, the fields of records on its path, and for lists a loop over the elements. */
function expression({ path, kind, jagged }: Field): string {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const [, top, ...below] = path;
  let sql = quoted(top!.element.name);
  let inner = "x";
  let inList = top!.element.repetition_type === "REPEATED";
  for (const [i, { element }] of below.entries()) {
    const parent = path[i + 1]!;
    if (element.repetition_type === "REPEATED") {
      inList = true;
      continue;
    }
    // The single child of a list's repeated group is the element itself.
    if (parent.element.repetition_type === "REPEATED" && i > 0 && parent.children.length === 1) continue;
    if (inList) inner += `.${quoted(element.name)}`;
    else sql += `.${quoted(element.name)}`;
  }
  if (inList && inner !== "x") sql = `list_transform(${sql}, lambda x: ${inner})`;
  return `cast(${sql} as ${types[kind]}${jagged ? "[]" : ""})`;
}
