/**
 * Tables of events: reading, selecting, checking and writing them. What has a path is read and written in Node, Deno and Bun.
 *
 * @module gradcut/tables
 */

export {
  type AboutEvents,
  aboutEvents,
  type Column,
  type Columns,
  type Events,
  isJagged,
  isText,
  type Jagged,
  type Text,
  type Values,
} from "../core/events.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
export type { Nulls } from "./builder.js";
export type { ByteSource } from "./bytesource.js";
export { asFloat64, column, eventsOf, pick, select, withColumns } from "./columns.js";
export { concatenate } from "./concatenate.js";
export { DataError, type DataErrorCode, type DataPlace } from "./dataerror.js";
export { type CsvOptions, readCsv, type Separator } from "./formats/csv/readcsv.js";
export { type ParquetOptions, readParquet } from "./formats/parquet/readparquet.js";
export { type RootOptions, readRoot } from "./formats/root/readroot.js";
export { readTable } from "./opentable.js";
export { type Applied, applyPolicy, describe, inspect, type NotFinite, type Policy } from "./policy.js";
export type { ReadOptions } from "./readoptions.js";
export { type FileRows, type Piece, readPieces, readTables, type Tables } from "./readtables.js";
export type { Signal } from "./sources/signal.js";
export {
  type BlobLike,
  type NamedSource,
  named,
  type TableSource,
  type UrlLike,
} from "./sources/tablesource.js";
export {
  type ColumnsOf,
  type ColumnsOptions,
  type EventsOf,
  type Files,
  type TablesOptions,
  tables,
} from "./tables.js";
export { writePieces, writeTable } from "./writetable.js";
