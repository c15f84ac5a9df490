/**
 * MD5 (RFC 1321), SHA-1 and SHA-2 with 256 or 224 bits (FIPS 180-4). Browsers have them only asynchronously
 * or not at all; what is hashed here are texts of a few megabytes.
 */

/** The algorithms, under the names of Python's hashlib. */
export type HashName = "md5" | "sha1" | "sha224" | "sha256";

export const hashNames: readonly HashName[] = ["md5", "sha1", "sha224", "sha256"];

interface Algorithm {
  readonly start: readonly number[];
  /** Words of the result. */
  readonly words: number;
  readonly little: boolean;
  /** Stirs 16 words into the state; `w` has room for 80. */
  readonly block: (state: Uint32Array, w: Int32Array) => void;
}

/** The hash of bytes, as hexadecimal text. */
export function hash(name: HashName, bytes: Uint8Array): string {
  const { start, words, little, block } = algorithms[name];
  const state = Uint32Array.from(start);
  const w = new Int32Array(80);
  const run = (view: DataView, offset: number) => {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(offset + 4 * i, little);
    block(state, w);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const full = bytes.length - (bytes.length % 64);
  for (let offset = 0; offset < full; offset += 64) run(view, offset);

  const rest = bytes.length - full;
  const tail = new Uint8Array(rest < 56 ? 64 : 128);
  tail.set(bytes.subarray(full));
  tail[rest] = 0x80;
  const end = new DataView(tail.buffer);
  const low = (bytes.length * 8) >>> 0;
  const high = Math.floor(bytes.length / 2 ** 29);
  end.setUint32(tail.length - 8, little ? low : high, little);
  end.setUint32(tail.length - 4, little ? high : low, little);
  for (let offset = 0; offset < tail.length; offset += 64) run(end, offset);

  const out = new DataView(new ArrayBuffer(4 * words));
  for (let i = 0; i < words; i++) out.setUint32(4 * i, state[i]!, little);
  return Array.from(new Uint8Array(out.buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const left = (x: number, n: number) => (x << n) | (x >>> (32 - n));
const right = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** The first 32 bits of the fractions of the square or cube roots of the first primes. */
function primeRoots(count: number, power: 2 | 3): Int32Array {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return Int32Array.from(found, (p) => fraction(p, power));
}

/** The bits by exact integers: Math.cbrt may differ between engines. */
function fraction(p: number, power: 2 | 3): number {
  const target = BigInt(p) << BigInt(32 * power);
  let root = 0n;
  for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) {
    if ((root + bit) ** BigInt(power) <= target) root += bit;
  }
  return Number(root & 0xffffffffn) | 0;
}

const k256 = primeRoots(64, 3);

function sha256Block(state: Uint32Array, w: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = right(x, 7) ^ right(x, 18) ^ (x >>> 3);
    const s1 = right(y, 17) ^ right(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + k256[i]! + w[i]!) | 0;
    const s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  add(state, [a, b, c, d, e, f, g, h]);
}

function add(state: Uint32Array, values: readonly number[]): void {
  for (let i = 0; i < values.length; i++) state[i] = state[i]! + values[i]!;
}

function sha1Block(state: Uint32Array, w: Int32Array): void {
  for (let i = 16; i < 80; i++) w[i] = left(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1);
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const [f, k] =
      i < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : i < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : i < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6];
    const t = (left(a, 5) + f + e + k + w[i]!) | 0;
    e = d;
    d = c;
    c = left(b, 30);
    b = a;
    a = t;
  }
  add(state, [a, b, c, d, e]);
}

const md5Turns = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
// |sin(i + 1)|·2^32; engines agree on so few bits of a sine.
const md5Table = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

function md5Block(state: Uint32Array, w: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const [f, j] =
      round === 0
        ? [(b & c) | (~b & d), i]
        : round === 1
          ? [(d & b) | (~d & c), 5 * i + 1]
          : round === 2
            ? [b ^ c ^ d, 3 * i + 5]
            : [c ^ (b | ~d), 7 * i];
    const t = (a + f + md5Table[i]! + w[j & 15]!) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + left(t, md5Turns[4 * round + (i & 3)]!)) | 0;
  }
  add(state, [a, b, c, d]);
}

const start1 = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
// SHA-224 starts from the second 32 bits for the 9th to 16th primes.
const start224 = [
  0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
];

const algorithms: Readonly<Record<HashName, Algorithm>> = {
  md5: { start: start1.slice(0, 4), words: 4, little: true, block: md5Block },
  sha1: { start: start1, words: 5, little: false, block: sha1Block },
  sha224: { start: start224, words: 7, little: false, block: sha256Block },
  sha256: { start: [...primeRoots(8, 2)], words: 8, little: false, block: sha256Block },
};
