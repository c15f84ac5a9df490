import type { Compressors } from "hyparquet";
import { Damage } from "./damage.js";

/** The bytes that `packed` stands for, of which there are `size`. Throws an Error about damage. */
export type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

/** What is used of node:zlib; Zstandard came with Node 22.15. */
interface Zlib {
  gunzipSync(packed: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
  brotliDecompressSync(packed: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
  crc32?(bytes: Uint8Array): number;
  zstdDecompressSync?(packed: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

/**
 * What unpacks Parquet's pages, by the names of the codecs: Node's own where it has one, which is several times faster,
 * else JavaScript, which runs anywhere.
 */
export async function loadCodecs(): Promise<Compressors> {
  const { compressors } = await import("hyparquet-compressors");
  const zlib = nodeZlib();
  const all: Record<string, Unpack | undefined> = { ...compressors };
  if (zlib !== undefined) {
    const { GZIP } = compressors;
    // Some writers leave the header of gzip out, which Node does not guess.
    all.GZIP = (packed, size) =>
      packed[0] === 0x1f && packed[1] === 0x8b ? zlib.gunzipSync(packed, most(size)) : GZIP!(packed, size);
    all.BROTLI = (packed, size) => zlib.brotliDecompressSync(packed, most(size));
    const { zstdDecompressSync: zstd } = zlib;
    if (zstd !== undefined) all.ZSTD = (packed, size) => zstd(packed, most(size));
  }
  // A page of nulls is empty, and writers disagree about what nothing is when it is packed.
  for (const [codec, unpack] of Object.entries(all)) if (unpack) all[codec] = guarded(unpack);
  return all;
}

function guarded(unpack: Unpack): Unpack {
  return (packed, size) => {
    if (size === 0) return nothing;
    try {
      return unpack(packed, size);
    } catch (cause) {
      // Also where damaged bytes ask for more memory than there is.
      throw new Damage("it does not unpack", undefined, { cause });
    }
  };
}

/** Zstandard alone, for ROOT. */
export async function loadZstd(): Promise<Unpack> {
  return (await loadCodecs()).ZSTD!;
}

/** Whether bytes have this checksum (CRC-32), where that is quickly told; else they are taken to. */
export function matches(bytes: Uint8Array, checksum: number): boolean {
  const crc = nodeZlib()?.crc32?.(bytes);
  return crc === undefined || crc === checksum >>> 0;
}

const nothing = new Uint8Array(0);
const most = (maxOutputLength: number) => ({ maxOutputLength });

function nodeZlib(): Zlib | undefined {
  // Unlike an import, this is nothing that a bundler for browsers could stumble over.
  return globalThis.process?.getBuiltinModule?.("node:zlib");
}
