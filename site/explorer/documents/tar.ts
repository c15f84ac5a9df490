import { type Container, DocumentError, type Entry } from "./container.js";

const block = 512;
const latin = new TextDecoder("latin1");
const utf8 = new TextDecoder();

/** A text that ends with its first zero. */
const textAt = (bytes: Uint8Array, from: number, length: number, decoder = utf8): string =>
  decoder.decode(bytes.subarray(from, from + length)).replace(/\0.*$/s, "");

/** Octal digits, or big-endian bytes where the first bit is set. */
function numberAt(bytes: Uint8Array, from: number, length: number): number {
  const field = bytes.subarray(from, from + length);
  if ((field[0] ?? 0) & 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  const text = textAt(field, 0, length, latin).trim();
  return text === "" ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** Whether a header's sum is the one that it says, its own field counted as spaces. */
function isHeader(bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + block) return false;
  let sum = 0;
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : bytes[at + i]!;
  return sum === numberAt(bytes, at + 148, 8);
}

/** `path` of the records of an extended header. */
function extendedPath(records: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1];
}

/** Files one after the other, each after its header. */
export const tar: Container = {
  name: "tar",
  is: (bytes) => isHeader(bytes, 0),
  async open({ bytes }, budget) {
    const entries: Entry[] = [];
    let name: string | undefined;
    for (let at = 0; at + block <= bytes.length; ) {
      if (bytes[at] === 0) break;
      if (!isHeader(bytes, at)) throw new DocumentError("it is damaged or cut off; download it again");
      const size = numberAt(bytes, at + 124, 12);
      const from = at + block;
      if (!(size <= bytes.length - from)) throw new DocumentError("it is cut off; download it again");
      const content = bytes.subarray(from, from + size);
      const type = String.fromCharCode(bytes[at + 156]!);
      if (type === "L") name = textAt(content, 0, size);
      else if (type === "x") name = extendedPath(utf8.decode(content)) ?? name;
      else if (type !== "g") {
        const prefix = textAt(bytes, at + 257, 5) === "ustar" ? textAt(bytes, at + 345, 155) : "";
        const own = textAt(bytes, at, 100);
        if (type === "0" || type === "\0") {
          budget.file();
          entries.push({ path: name ?? (prefix ? `${prefix}/${own}` : own), bytes: content.slice() });
        }
        name = undefined;
      }
      at = from + Math.ceil(size / block) * block;
    }
    return entries;
  },
};
