import { checkArguments } from "../../text/checkoptions.js";
import { aText, type Legal } from "../../text/legal.js";
import type { ByteSource } from "../bytesource.js";

/** A File or a Blob of a browser, of Node, Deno or Bun. */
export interface BlobLike {
  /** Bytes. */
  readonly size: number;
  /** MIME type. */
  readonly type: string;
  readonly name?: string;
  slice(start?: number, end?: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A URL. */
export interface UrlLike {
  readonly href: string;
  readonly origin: string;
  readonly searchParams: object;
}

/**
 * Where a table is: a path (`file.csv`, `file.root:Tree`) or an address (`https://…`), a URL, a File or Blob, the bytes,
 * anything that gives bytes in pieces, or any of these under a name, see {@link named}.
 */
export type TableSource = string | UrlLike | BlobLike | ByteSource | Uint8Array | NamedSource;

/** A source under a name. */
export class NamedSource {
  readonly source: Exclude<TableSource, NamedSource>;
  readonly name: string;

  constructor(source: Exclude<TableSource, NamedSource>, name: string) {
    this.source = source;
    this.name = name;
  }
}

/**
 * A source under a name that tells its format and its part, as that of a file does: `named(blob, "sig.root:Events")`.
 * Needed for text whose own name has no known ending, and for one of several trees.
 */
export function named(source: Exclude<TableSource, NamedSource>, name: string): NamedSource {
  checkArguments("named", { source: [source, aTableSource], name: [name, aText] });
  return new NamedSource(source, name);
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

export const isUrl = (value: unknown): value is UrlLike => tagOf(value) === "URL";
export const isBlob = (value: unknown): value is BlobLike => ["Blob", "File"].includes(tagOf(value));
export const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
/** Whether it gives bytes in pieces, as an ArrayBuffer does. */
export const isByteSource = (value: unknown): value is ByteSource =>
  typeof value === "object" &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  "byteLength" in value &&
  typeof value.byteLength === "number" &&
  "slice" in value &&
  typeof value.slice === "function";

export const isTableSource = (value: unknown): value is TableSource =>
  typeof value === "string" ||
  value instanceof NamedSource ||
  [isUrl, isBlob, isBytes, isByteSource].some((is) => is(value));

export const aTableSource: Legal = {
  words: "a path, a URL, a File, a Blob, or bytes",
  accepts: isTableSource,
};
export const tableSources: Legal = {
  words: "an array of paths, URLs, Files, Blobs or bytes",
  accepts: (value) => Array.isArray(value) && value.every(isTableSource),
};
