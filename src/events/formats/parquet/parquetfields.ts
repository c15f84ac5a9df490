import type { FileMetaData, SchemaElement, SchemaTree } from "hyparquet";
import type { ChildPath } from "../../childnames.js";
import type { Kind } from "../../columnvalues.js";
import { Damage } from "../../damage.js";

/** A leaf of a Parquet schema that is a column here: one number or text per row, or a list of numbers. */
export interface Field {
  /**
   * The names on its path joined by _, without those of list wrappers: `Muon_pt` for a list of records. Of lists in lists
   * the path of child tables, `jets.tracks.z`.
   */
  readonly name: string;
  readonly kind: Kind | "text";
  readonly jagged: boolean;
  /** Of lists in lists: the child tables, each in the one before. */
  readonly nested?: Nested | undefined;
  /** The child table of a list of records, or of lists in a record, and what the numbers are called there. */
  readonly child?: ChildPath | undefined;
  /** Digits after the point of a decimal, which is stored as a whole number and read as f64. */
  readonly scale?: number | undefined;
  /** From the root to the leaf. */
  readonly path: readonly SchemaTree[];
  /** Definition level of a value that is not null. */
  readonly defined: number;
  /** Definition level of an element, null or not, of each list on the path, from the outer one on. */
  readonly elements: readonly number[];
}

/** Where a leaf in lists of lists belongs. */
export interface Nested {
  readonly tables: readonly string[];
  readonly column: string;
}

/** The columns of a file, and the names and types of leaves that cannot be one. */
export interface Fields {
  readonly fields: ReadonlyMap<string, Field>;
  readonly others: ReadonlyMap<string, string>;
}

export function fieldsOf(root: SchemaTree): Fields {
  const fields = new Map<string, Field>();
  const others = new Map<string, string>();
  /** `lists` says how many names stand before each list that a node is in. */
  const walk = (
    node: SchemaTree,
    path: readonly SchemaTree[],
    name: readonly string[],
    before: readonly number[],
  ) => {
    const here = [...path, node];
    const lists = node.element.repetition_type === "REPEATED" ? [...before, name.length] : before;
    if (node.children.length > 0) {
      for (const child of node.children)
        walk(child, here, isWrapper(child, here) ? name : [...name, child.element.name], lists);
      return;
    }
    const field = fieldOf(here, name, lists);
    if (typeof field === "string" || fields.has(field.name))
      others.set(name.join("_"), typeof field === "string" ? field : "a second column of this name");
    else fields.set(field.name, field);
  };
  walk(root, [], [], []);
  return { fields, others };
}

/** The child table that a list of records, or a record of lists, is; undefined where only the name can say it. */
function childOf(name: readonly string[], listed: number): ChildPath | undefined {
  const at = Math.min(listed, name.length - 1);
  return at > 0 ? [name.slice(0, at).join("_"), name.slice(at).join("_")] : undefined;
}

/** The child tables of lists in lists; undefined where one of these has no name. */
function nestedIn(name: readonly string[], lists: readonly number[]): Nested | undefined {
  const parts = [...lists, name.length].map((to, i) => name.slice(lists[i - 1] ?? 0, to).join("_"));
  // Lists of numbers are jagged columns of the table that they stand in.
  if (parts.at(-1) === "") parts.pop();
  return parts.includes("") ? undefined : { tables: parts.slice(0, -1), column: parts.at(-1)! };
}

/** Whether a node is the repeated group of a list, or its single element; their names mean nothing. */
function isWrapper(child: SchemaTree, path: readonly SchemaTree[]): boolean {
  const [parent, above] = path.slice(-2).reverse();
  if (parent === undefined) return false;
  if (isList(parent)) return true;
  return (
    above !== undefined &&
    isList(above) &&
    parent.children.length === 1 &&
    child.element.repetition_type !== "REPEATED"
  );
}

function isList({ element, children }: SchemaTree): boolean {
  const annotated = element.converted_type === "LIST" || element.logical_type?.type === "LIST";
  return annotated && children.length === 1 && children[0]!.element.repetition_type === "REPEATED";
}

/** The field of a leaf, or what it holds instead. */
function fieldOf(
  path: readonly SchemaTree[],
  name: readonly string[],
  lists: readonly number[],
): Field | string {
  const { element } = path[path.length - 1]!;
  const inner = path.slice(1);
  if (inner.some((node) => /^MAP/.test(node.element.converted_type ?? ""))) return "a map";
  const repeated = inner.filter((node) => node.element.repetition_type === "REPEATED");
  const nested = repeated.length > 1 ? nestedIn(name, lists) : undefined;
  if (repeated.length > 1 && nested === undefined) return "lists of lists";
  const decimal = element.converted_type === "DECIMAL" || element.logical_type?.type === "DECIMAL";
  const digits = element.scale ?? 0;
  const scale = decimal && element.type !== undefined && digits >= 0 && digits <= 76 ? digits : undefined;
  const kind = scale === undefined ? kindOf(element) : "f64";
  if (kind === undefined)
    return element.logical_type?.type ?? element.converted_type ?? element.type ?? "nothing";
  if (kind === "text" && repeated.length > 0) return "lists of text";
  const level = (nodes: readonly SchemaTree[]) =>
    nodes.filter((node) => node.element.repetition_type !== "REQUIRED").length;
  const elements = repeated.map((node) => level(inner.slice(0, inner.indexOf(node) + 1)));
  return {
    name: nested ? [...nested.tables, nested.column].join(".") : name.join("_"),
    ...{ kind, nested, scale, path, elements },
    jagged: elements.length === 1,
    child: elements.length === 1 ? childOf(name, lists[0]!) : undefined,
    defined: level(inner),
  };
}

function kindOf({ type, converted_type, logical_type }: SchemaElement): Kind | "text" | undefined {
  const logical = logical_type?.type === "INTEGER" ? undefined : logical_type?.type;
  const unsigned = logical_type?.type === "INTEGER" && !logical_type.isSigned && logical_type.bitWidth >= 32;
  if (type === "FIXED_LEN_BYTE_ARRAY" && logical === "FLOAT16") return "f32";
  if (type === "BYTE_ARRAY" && (converted_type === "UTF8" || logical === "STRING")) return "text";
  if (logical !== undefined) return undefined;
  if (converted_type !== undefined && !/^U?INT_/.test(converted_type)) return undefined;
  if (type === "BOOLEAN") return "bool";
  if (type === "FLOAT") return "f32";
  if (type === "DOUBLE") return "f64";
  if (type === "INT32") return unsigned || converted_type === "UINT_32" ? "u32" : "i32";
  if (type === "INT64") return unsigned || converted_type === "UINT_64" ? "u64" : "i64";
  return undefined;
}

/** The same without columns that are encrypted, in a file of which the footer is not. */
export function withoutEncrypted({ fields, others }: Fields, { row_groups }: FileMetaData): Fields {
  const encrypted = new Set(
    row_groups.flatMap((group) =>
      group.columns.flatMap(({ crypto_metadata, meta_data }) =>
        crypto_metadata === undefined ? [] : [JSON.stringify(meta_data?.path_in_schema)],
      ),
    ),
  );
  if (encrypted.size === 0) return { fields, others };
  const isEncrypted = ({ path }: Field) =>
    encrypted.has(JSON.stringify(path.slice(1).map((node) => node.element.name)));
  const [kept, left] = [new Map<string, Field>(), new Map(others)];
  for (const [name, field] of fields) {
    if (isEncrypted(field)) left.set(name, "encrypted");
    else kept.set(name, field);
  }
  return { fields: kept, others: left };
}

/** How many values and nulls a leaf has in the whole file; for a list, empty lists count one each. */
export function entriesOf({ row_groups }: Pick<FileMetaData, "row_groups">, field: Field): number {
  return row_groups.reduce((sum, group) => sum + Number(chunkOf(group, field).num_values), 0);
}

type RowGroup = FileMetaData["row_groups"][number];

/** Where the values of a leaf are in a row group. */
export function chunkOf(group: RowGroup, { path }: Field) {
  const wanted = path.slice(1).map((node) => node.element.name);
  for (const { meta_data, file_path } of group.columns) {
    const found = meta_data?.path_in_schema;
    if (found?.length !== wanted.length || !found.every((name, i) => name === wanted[i])) continue;
    if (file_path === undefined || file_path === "") return meta_data!;
  }
  throw new Damage("a column is missing");
}
