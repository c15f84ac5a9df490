import type { ByteSource } from "../bytesource.js";
import type { CsvOptions } from "./csv/csvoptions.js";
import { type Format, headLength, isPacked, type ReadRequest } from "./format.js";

export const csvFormat = {
  noun: "text in UTF-8",
  words: "text in UTF-8, whose first line names the columns",
  endings: [".csv", ".tsv", ".txt", ".dat"],
  packed: true,
  takes: ["names", "separator", "missing", "allowEmpty"],
  async read(source, request) {
    const { readCsv } = await import("./csv/readcsv.js");
    return readCsv(await unpacked(source, request.file), optionsOf(request));
  },
  async *pieces(source, request) {
    const { csvPieces } = await import("./csv/readcsv.js");
    yield* csvPieces(await unpacked(source, request.file), optionsOf(request));
  },
  async writer(path) {
    const { csvWriter } = await import("./csv/csvwrite.js");
    return csvWriter(path);
  },
} satisfies Format;

function optionsOf({ part: _, allowTreeless: __, nulls: ___, ...options }: ReadRequest): CsvOptions {
  return { ...options, ...(/\.tsv(\.gz)?$/i.test(options.file ?? "") && { preferred: "\t" }) };
}

/** The text, which is compressed where the name says so, or where it says nothing: text itself has no first bytes. */
async function unpacked(
  source: ByteSource,
  file: string | undefined,
): Promise<ByteSource | AsyncIterable<Uint8Array>> {
  const plain =
    file === undefined
      ? !isPacked(new Uint8Array(await source.slice(0, Math.min(headLength, source.byteLength))))
      : csvFormat.endings.some((ending) => file.toLowerCase().endsWith(ending));
  return plain ? source : (await import("../gunzip.js")).gunzipped(source, file);
}
