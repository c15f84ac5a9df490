/** A step of the hash: a bijection of the state for each byte, so any change of one byte changes what comes out. */
const [FIRST, SECOND] = [0x01000193, 0x85ebca6b];

/** 64 bits of two multiplicative hashes as two words; against mistakes and damage, not against enemies. */
export function checksumWords(bytes: Uint8Array): [number, number] {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    a = Math.imul(a ^ byte, FIRST);
    b = Math.imul(b ^ byte, SECOND);
    b ^= b >>> 13;
  }
  return [a >>> 0, b >>> 0];
}

/** The same as 16 hexadecimal digits; text counts as UTF-8. */
export function checksum(what: string | Uint8Array): string {
  const bytes = typeof what === "string" ? new TextEncoder().encode(what) : what;
  return checksumWords(bytes)
    .map((word) => word.toString(16).padStart(8, "0"))
    .join("");
}
