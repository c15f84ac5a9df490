/**
 * Tables of events: reading, selecting, checking and writing them. What reads and writes files is Node only.
 *
 * @module gradcut/tables
 */

export type { Nulls } from "./builder.js";
export {
  asFloat64,
  type Column,
  column,
  concatenate,
  isJagged,
  type Jagged,
  pick,
  select,
  type Table,
  type Text,
  type Values,
  withColumns,
} from "./columns.js";
export { type CsvOptions, readCsv, type Separator } from "./csv.js";
export { DataError, type DataErrorCode, type DataPlace } from "./errors.js";
export { readTable } from "./open.js";
export { type ParquetOptions, readParquet } from "./parquet.js";
export { type Applied, applyPolicy, describe, inspect, type NotFinite, type Policy } from "./policy.js";
export type { ReadOptions } from "./readoptions.js";
export { type RootOptions, readRoot } from "./root.js";
export type { ByteSource } from "./source.js";
export { type FileRows, type Piece, readPieces, readTables, type Tables } from "./tables.js";
export { writePieces, writeTable } from "./write.js";
