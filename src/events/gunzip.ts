import { hasFiles } from "./builtin.js";
import { type ByteSource, chunks, joinBytes } from "./bytesource.js";
import { DataError } from "./dataerror.js";
import { gunzippedByNode } from "./filesource.js";

/** What gzip compressed in a source. Throws DataError about the file of that name and the compression alike. */
export function gunzipped(source: ByteSource, file: string | undefined): AsyncGenerator<Uint8Array> {
  return hasFiles() ? gunzippedByNode(source, file) : gunzippedByStream(source, file);
}

/**
 * The same by what browsers have, which unpacks one member and cannot say where it ended. Members may follow one another;
 * where bytes look like the head of one, what came before is unpacked by itself if it can be.
 */
export async function* gunzippedByStream(
  source: ByteSource,
  file: string | undefined,
): AsyncGenerator<Uint8Array> {
  let member: Uint8Array[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  for await (const bytes of chunks(source)) {
    const all = joinBytes([rest, bytes]);
    let from = 0;
    for (let at = nextHead(all, 1); at > 0; at = nextHead(all, at + 1)) {
      const whole = await unpacked([...member, all.subarray(from, at)]).catch(() => null);
      if (whole === null) continue;
      yield* whole;
      member = [];
      from = at;
    }
    // A head may begin in these bytes and end in the next.
    const kept = Math.max(from, all.length - headLength + 1);
    member.push(all.subarray(from, kept));
    rest = all.subarray(kept);
  }
  try {
    yield* unpacking([...member, rest]);
  } catch (cause) {
    const sentence = "The compressed file is truncated, or it is not valid gzip.";
    throw new DataError("data.corrupt", sentence, { file }, { cause });
  }
}

const headLength = 4;

/** Where the head of a member is from a place on; -1 where there is none. */
function nextHead(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x1f, from); at >= 0; at = bytes.indexOf(0x1f, at + 1))
    if (bytes[at + 1] === 0x8b && bytes[at + 2] === 8 && at + 3 < bytes.length && bytes[at + 3]! < 32)
      return at;
  return -1;
}

async function unpacked(packed: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of unpacking(packed)) pieces.push(piece);
  return pieces;
}

async function* unpacking(packed: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const writing = (async () => {
    for (const bytes of packed) await writer.write(new Uint8Array(bytes));
    await writer.close();
  })();
  // The reader sees the same error.
  writing.catch(() => undefined);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    await writing;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
