import { type Container, DocumentError, type Entry, inflate } from "./container.js";

const ends = { directory: 0x06054b50, file: 0x02014b50, local: 0x04034b50 } as const;
const wide = 0xffffffff;
const damaged = "it is damaged or cut off; download it again";

/** Where the directory of the files is told, which is near the end. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - 22 - 65_535);
  for (let at = view.byteLength - 22; at >= first; at--)
    if (view.getUint32(at, true) === ends.directory) return at;
  throw new DocumentError(damaged);
}

async function read(
  bytes: Uint8Array<ArrayBuffer>,
  budget: Parameters<Container["open"]>[1],
): Promise<Entry[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (at === wide || count === 0xffff)
    throw new DocumentError(
      "it is a ZIP of more than 65,535 files or 4 GiB; unpack it, and drop a part of it",
    );
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== ends.file) throw new DocumentError(damaged);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [name, extra, comment] = [28, 30, 32].map((k) => view.getUint16(at + k, true)) as [
      number,
      number,
      number,
    ];
    const local = view.getUint32(at + 42, true);
    const path = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
    if (path.endsWith("/")) continue;
    if (flags & 1) throw new DocumentError(`${path} in it is encrypted; unpack it, and drop what is in it`);
    if (packed === wide || size === wide) throw new DocumentError(`${path} in it is larger than 4 GiB`);
    if (view.getUint32(local, true) !== ends.local) throw new DocumentError(damaged);
    const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (from + packed > bytes.length) throw new DocumentError(damaged);
    budget.file();
    const content = bytes.slice(from, from + packed);
    entries.push({ path, bytes: await unpacked(content, method, path, budget) });
  }
  return entries;
}

async function unpacked(
  content: Uint8Array<ArrayBuffer>,
  method: number,
  path: string,
  budget: Parameters<Container["open"]>[1],
): Promise<Uint8Array<ArrayBuffer>> {
  if (method === 8) return inflate(content, "deflate-raw", budget);
  if (method !== 0)
    throw new DocumentError(
      `${path} in it is packed by method ${method}, which browsers do not know; unpack it yourself`,
    );
  budget.take(content.length);
  return content;
}

/** Files with a directory at the end. */
export const zip: Container = {
  name: "zip",
  is: (bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5),
  async open({ bytes }, budget) {
    try {
      return await read(bytes, budget);
    } catch (error) {
      // Places that lie outside of the file.
      if (error instanceof RangeError) throw new DocumentError(damaged);
      throw error;
    }
  },
};
