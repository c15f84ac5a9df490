/**
 * Bytes that can be read in pieces: an ArrayBuffer, an open file, a range of a URL.
 * `slice` answers with the bytes [start, end), fewer where the source ends.
 */
export interface ByteSource {
  readonly byteLength: number;
  slice(start: number, end: number): ArrayBuffer | Promise<ArrayBuffer>;
  /** Told of the bytes [start, end) that will be asked for next, in order; a source that is far away may begin to get them. */
  expect?(ranges: readonly (readonly [start: number, end: number])[]): void;
}

/** A source that was opened, and is let go. */
export interface OpenSource extends ByteSource {
  /** What the bytes are called, where that came to light when they were opened. */
  readonly name?: string | undefined;
  close(): Promise<void>;
}

/** How many pieces a source is told of before they are asked for. */
const ahead = 4;

/** The bytes of a source in order, in pieces of `size`. */
export async function* chunks(source: ByteSource, size = 1 << 20): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.byteLength; at += size) {
    source.expect?.(Array.from({ length: ahead }, (_, i) => [at + i * size, at + (i + 1) * size] as const));
    yield new Uint8Array(await source.slice(at, Math.min(at + size, source.byteLength)));
  }
}

/** One array of several. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
