// @duckdb/node-api is an optional peer, so it may be absent; duckdb.ts says what it uses of it.

declare module "@duckdb/node-api";
