import { type Format, isBinary, type ReadRequest, startsWith } from "./format.js";
import type { ParquetOptions } from "./parquet/readparquet.js";

export const parquetFormat = {
  noun: "a Parquet file",
  words: "Parquet with any usual compression; lists are jagged columns",
  endings: [".parquet"],
  packed: false,
  takes: ["nulls", "missing", "allowEmpty"],
  begins: (head) => (startsWith(head, "PAR1") || startsWith(head, "PARE")) && isBinary(head.subarray(4)),
  async read(source, request) {
    const [{ readParquet }, { withoutSentinels }] = await load();
    return withoutSentinels(await readParquet(source, optionsOf(request)), request.missing, request.file);
  },
  async *pieces(source, request) {
    const [{ parquetPieces }, { withoutSentinels }] = await load();
    for await (const piece of parquetPieces(source, optionsOf(request)))
      yield withoutSentinels(piece, request.missing, request.file);
  },
  async writer() {
    const { parquetWriter } = await import("./parquet/parquetwrite.js");
    return parquetWriter();
  },
} satisfies Format;

const load = () => Promise.all([import("./parquet/readparquet.js"), import("../missing.js")]);

const optionsOf = ({ file, columns, nulls, allowEmpty }: ReadRequest): ParquetOptions => ({
  ...{ file, columns, nulls, allowEmpty },
});
