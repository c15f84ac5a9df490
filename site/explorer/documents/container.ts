/** What is dropped: files of documents, alone or packed in containers. */

/** A file with its name, as it stands in what it was packed in. */
export interface Entry {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One way to pack files. */
export interface Container {
  readonly name: string;
  /** Whether these bytes are packed in this way. */
  is(bytes: Uint8Array): boolean;
  /** The files in it. Throws a DocumentError where they are damaged or more than the budget allows. */
  open(entry: Entry, budget: Budget): Promise<readonly Entry[]>;
}

/** What cannot be opened, in a sentence that names the remedy. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}

/** Bytes of all unpacked files, files, containers within containers, and bytes out for each byte in. */
const limits = { bytes: 2 ** 29, files: 20_000, depth: 4, ratio: 250 } as const;
/** Small files may be packed as tightly as they like. */
const free = 2 ** 24;

/** What may still be unpacked of one drop. */
export class Budget {
  #bytes = 0;
  #files = 0;
  readonly #packed: number;

  constructor(packed: number) {
    this.#packed = packed;
  }

  /** Counts unpacked bytes. */
  take(bytes: number): void {
    this.#bytes += bytes;
    const most = Math.min(limits.bytes, Math.max(free, limits.ratio * this.#packed));
    if (this.#bytes > most) {
      throw new DocumentError(
        `it unpacks to more than ${Math.round(most / 2 ** 20)} MiB, which no likelihood needs; unpack it yourself, and drop the documents in it`,
      );
    }
  }

  file(): void {
    if (++this.#files > limits.files)
      throw new DocumentError(`it has more than ${limits.files} files; drop a part of them`);
  }

  depth(depth: number): void {
    if (depth > limits.depth)
      throw new DocumentError(
        `it has containers in containers, more than ${limits.depth} deep; unpack it, and drop the documents in it`,
      );
  }
}

/** Bytes through one of the runtime's decompressors, counted as they come. */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: "gzip" | "deflate-raw",
  budget: Budget,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      budget.take(value.length);
      parts.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    if (error instanceof DocumentError) throw error;
    throw new DocumentError("it is damaged or cut off; download it again");
  }
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
