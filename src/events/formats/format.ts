import type { Events } from "../../core/events.js";
import type { Append } from "../atomic.js";
import type { ByteSource } from "../bytesource.js";
import type { FormatOptions, ReadOption } from "../readoptions.js";

/** What is wanted of a file; of the options, only those that the format takes are there. */
export interface ReadRequest extends FormatOptions {
  /** Name of the file, for errors and for what its ending says; undefined where it has none. */
  readonly file: string | undefined;
  /** The columns to read; all when left out. */
  readonly columns?: readonly string[] | undefined;
  /** What stood after the colon, of a format that has parts. */
  readonly part?: string | undefined;
}

/**
 * Appends the pieces to a file. Answers false, with all pieces seen, when what was appended is no good but goes well the
 * next time.
 */
export type Writer = (pieces: AsyncIterable<Events>, append: Append) => Promise<boolean>;

/**
 * One way in which tables are kept in files. A record is light: what reads and writes is loaded when it is asked for.
 * What is wrong with a file is a DataError.
 */
export interface Format {
  /** As in "This is not a Parquet file". */
  readonly noun: string;
  /** What such a file holds, in one line of help and docs. */
  readonly words: string;
  /** How names of such files end, in lower case, the usual one first. */
  readonly endings: readonly [string, ...string[]];
  /** Whether a file may also be compressed as a whole, and be called `.gz` behind its ending. */
  readonly packed: boolean;
  /** What one of several tables in a file is called; its name stands behind a colon: `file.root:Tree`. */
  readonly part?: string;
  readonly takes: readonly ReadOption[];
  /** Whether these first bytes are of such a file, as those of no text are; absent where nothing tells: it is text. */
  readonly begins?: (head: Uint8Array) => boolean;
  /** All rows that are wanted as one table. */
  read(source: ByteSource, request: ReadRequest): Promise<Events>;
  /** The same rows in pieces, at least one, of which one is in memory. */
  pieces(source: ByteSource, request: ReadRequest): AsyncGenerator<Events>;
  /** What writes the file of that name, which has the first ending; absent where such files are only read. */
  readonly writer?: (path: string) => Promise<Writer>;
}

/** Bytes that are wanted to recognise a file. */
export const headLength = 32;

/** Whether bytes are none that a text has: a control character is among the first of them. */
export const isBinary = (bytes: Uint8Array): boolean =>
  bytes.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13);

/** Whether bytes begin with these characters, of one byte each. */
export const startsWith = (bytes: Uint8Array, characters: string): boolean =>
  bytes.length >= characters.length &&
  Array.from(characters, (c) => c.charCodeAt(0)).every((code, i) => bytes[i] === code);

/** Whether gzip has compressed what begins so. */
export const isPacked = (head: Uint8Array): boolean => startsWith(head, "\x1f\x8b\x08");
