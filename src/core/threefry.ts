/**
 * Threefry2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, SC'11, doi:10.1145/2063384.2063405).
 *
 * A counter-based generator: the i-th number is a function of the key and i, so any part of a stream
 * can be made anywhere. Additions, rotations and exclusive or of 32-bit integers, hence the same bits
 * on every engine.
 */

/** Two unsigned 32-bit integers; plain data. */
export type Key = readonly [number, number];

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Encrypts the counter pairs in `words` (high, low, high, low, …) in place. */
export function threefry2x32([k0, k1]: Key, words: Uint32Array): Uint32Array {
  const schedule = [k0, k1, k0 ^ k1 ^ 0x1bd11bda] as const;
  for (let i = 0; i < words.length; i += 2) {
    let a = (words[i]! + k0) | 0;
    let b = (words[i + 1]! + k1) | 0;
    for (let group = 0; group < 5; group++) {
      for (const turn of rotations[group % 2]!) {
        a = (a + b) | 0;
        b = ((b << turn) | (b >>> (32 - turn))) ^ a;
      }
      a = (a + schedule[(group + 1) % 3]!) | 0;
      b = (b + schedule[(group + 2) % 3]! + group + 1) | 0;
    }
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
