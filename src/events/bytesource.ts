/**
 * Bytes that can be read in pieces: an ArrayBuffer, an open file, a range of a URL.
 * `slice` answers with the bytes [start, end), fewer where the source ends.
 */
export interface ByteSource {
  readonly byteLength: number;
  slice(start: number, end: number): ArrayBuffer | Promise<ArrayBuffer>;
}

/** The bytes of a source in order, in pieces of `size`. */
export async function* chunks(source: ByteSource, size = 1 << 20): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.byteLength; at += size) {
    yield new Uint8Array(await source.slice(at, Math.min(at + size, source.byteLength)));
  }
}
