/**
 * Threefry2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, SC'11, doi:10.1145/2063384.2063405).
 *
 * A counter-based generator: the i-th number is a function of the key and i, so any part of a stream
 * can be made anywhere. Additions, rotations and exclusive or of 32-bit integers, hence the same bits
 * on every engine.
 */

/** Two unsigned 32-bit integers; plain data. */
export type Key = readonly [number, number];

/** Encrypts the counter pairs in `words` (high, low, high, low, …) in place. */
export function threefry2x32([k0, k1]: Key, words: Uint32Array): Uint32Array {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  for (let i = 0; i < words.length; i += 2) {
    let a = (words[i]! + k0) | 0;
    let b = (words[i + 1]! + k1) | 0;
    // Five groups of four rounds, written out: a loop over them takes twice the time.
    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k1) | 0;
    b = (b + k2 + 1) | 0;
    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k2) | 0;
    b = (b + k0 + 2) | 0;
    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k0) | 0;
    b = (b + k1 + 3) | 0;
    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k1) | 0;
    b = (b + k2 + 4) | 0;
    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k2) | 0;
    b = (b + k0 + 5) | 0;
    words[i] = a;
    words[i + 1] = b;
  }
  return words;
}

/** The blocks of the counters 0 … n-1, two words each. */
export function blocks(key: Key, n: number): Uint32Array {
  const words = new Uint32Array(2 * n);
  for (let i = 0; i < n; i++) words[2 * i + 1] = i;
  return threefry2x32(key, words);
}
