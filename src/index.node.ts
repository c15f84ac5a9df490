import type { Files, tables as read, TablesOptions } from "./events/tables.js";

export * from "./index.js";

/** Readers are loaded when the first file is. */
export const tables = (async (files: Files, options?: TablesOptions) =>
  (await import("./events/tables.js")).tables(files, options)) as typeof read;
