/**
 * Params and states of optimisers as text or bytes, and back to the same bits: -0, NaN and infinities,
 * and typed arrays with the bits of every element.
 *
 * A tree is plain objects and arrays; leaves are numbers, strings, booleans, null, typed arrays and NdArrays.
 */

import { InputError } from "../../core/errors.js";
import { checkArguments, someBytes } from "../../core/graph/arguments.js";
import { type ArrayData, NdArray } from "../../core/run/ndarray.js";
import { describe, joinPath, maxDepth, TreeError } from "../../core/tree.js";
import { checksum, checksumWords } from "../../text/checksum.js";

const arrays = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
} as const;

type TypedArray = InstanceType<(typeof arrays)[keyof typeof arrays]>;

/** In objects this key marks what JSON has no word for; an object that has it itself is marked `object`. */
const MARK = "$";

const words: readonly (readonly [string, number])[] = [
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
];

type Pack = (bytes: Uint8Array) => Record<string, unknown>;
type Unpack = (marked: Readonly<Record<string, unknown>>, bytes: number) => Uint8Array;

function encode(value: unknown, pack: Pack, path: string, depth: number): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    const word = words.find(([, number]) => Object.is(number, value));
    return word ? { [MARK]: word[0] } : value;
  }
  if (depth > maxDepth) {
    const sentence = `${path} is nested deeper than ${maxDepth} levels: does it contain itself?`;
    throw new TreeError("too-deep", path, `at most ${maxDepth} levels`, "more", sentence);
  }
  if (Array.isArray(value)) {
    return Array.from(value, (child: unknown, i) => encode(child, pack, `${path}[${i}]`, depth + 1));
  }
  for (const [name, type] of Object.entries(arrays)) {
    if (!(value instanceof type)) continue;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { [MARK]: name, length: value.length, ...pack(bytes) };
  }
  if (value instanceof NdArray) {
    return {
      [MARK]: "NdArray",
      shape: value.shape,
      data: encode(value.data, pack, `${path}.data`, depth + 1),
    };
  }
  if (!isPlain(value)) {
    const got = describe(value);
    const leaves = "numbers, strings, booleans, null and typed arrays";
    const sentence = `${path} is ${got}, which cannot be saved: a tree is plain objects and arrays of ${leaves}.`;
    throw new TreeError("bad-leaf", path, leaves, got, sentence);
  }
  const entries = Object.entries(value).map(
    ([key, child]) => [key, encode(child, pack, joinPath(path, key), depth + 1)] as const,
  );
  // Own properties whatever the key is, `__proto__` too.
  return entries.some(([key]) => key === MARK) ? { [MARK]: "object", entries } : Object.fromEntries(entries);
}

/** True for `{}` and `Object.create(null)` of any realm, false for instances of classes. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function decode(value: unknown, unpack: Unpack): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((child) => decode(child, unpack));
  const given = value as Readonly<Record<string, unknown>>;
  const mark = Object.hasOwn(given, MARK) ? given[MARK] : undefined;
  if (mark === undefined) {
    return Object.fromEntries(Object.entries(given).map(([key, child]) => [key, decode(child, unpack)]));
  }
  const word = words.find(([name]) => name === mark);
  if (word) return word[1];
  if (mark === "object" && Array.isArray(given.entries)) {
    const entries = given.entries as readonly (readonly [string, unknown])[];
    return Object.fromEntries(entries.map(([key, child]) => [key, decode(child, unpack)]));
  }
  if (mark === "NdArray") return decodeArray(decode(given.data, unpack), given.shape);
  if (typeof mark === "string" && Object.hasOwn(arrays, mark)) {
    const type = arrays[mark as keyof typeof arrays];
    const { length } = given;
    if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) throw foreign("a length");
    const bytes = unpack(given, length * type.BYTES_PER_ELEMENT);
    const array: TypedArray = new type(length);
    new Uint8Array(array.buffer).set(bytes);
    return array;
  }
  throw foreign(`the mark ${JSON.stringify(mark)}`);
}

function decodeArray(data: unknown, shape: unknown): NdArray<readonly number[], ArrayData> {
  const isData = data instanceof Float64Array || data instanceof Int32Array;
  const isShape = Array.isArray(shape) && shape.length > 1 && shape.every((n) => Number.isSafeInteger(n));
  const size = isShape ? shape.reduce((n: number, d: number) => n * d, 1) : -1;
  if (!isData || data.length !== size) throw foreign("a shape");
  return new NdArray(data, shape as readonly number[]);
}

function foreign(what: string): InputError {
  const sentence = `This is no saved tree, or a damaged one: ${what} is wrong. Use what serialize wrote, whole.`;
  return new InputError("serialize.format", sentence, { what });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw foreign(`its JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

/** A tree as JSON, with a checksum. Throws a `TreeError` at what is no part of a tree. */
export function serialize(tree: unknown): string {
  const text = JSON.stringify(encode(tree, (bytes) => ({ base64: toBase64(bytes) }), "tree", 0));
  return `{"${MARK}":"tree","checksum":"${checksum(text)}","tree":${text}}`;
}

/** The tree that {@link serialize} wrote. Throws an `InputError` for anything else, with any change of it. */
export function deserialize<T = unknown>(text: string): T {
  const sealed = parse(text) as { [MARK]?: unknown; checksum?: unknown; tree?: unknown } | null;
  if (sealed?.[MARK] !== "tree") throw foreign("its beginning");
  // Spaces between the parts may have changed on the way, so what counts is what was read.
  if (sealed.checksum !== checksum(JSON.stringify(sealed.tree) ?? "")) throw foreign("its checksum");
  return decode(sealed.tree, ({ base64 }, size) => {
    if (typeof base64 !== "string") throw foreign("an array");
    const bytes = fromBase64(base64);
    if (bytes?.length !== size) throw foreign("the length of an array");
    return bytes;
  }) as T;
}

const magic = "gradcut tree 2\n\0";
/** After the first line: the size of the head and of the arrays, each in 4 bytes, and 8 bytes of checksum. */
const preamble = magic.length + 16;

/**
 * A tree as bytes: a line that names the format, sizes, a checksum, a JSON head, and the arrays as they lie in memory.
 */
export function serializeBytes(tree: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const head = encode(
    tree,
    (bytes) => {
      const at = size;
      parts.push(bytes);
      size += bytes.length;
      return { at };
    },
    "tree",
    0,
  );
  const text = new TextEncoder().encode(JSON.stringify(head));
  const body = preamble + text.length;
  const out = new Uint8Array(body + size);
  out.set(new TextEncoder().encode(magic));
  const view = new DataView(out.buffer);
  view.setUint32(magic.length, text.length, true);
  view.setUint32(magic.length + 4, size % 2 ** 32, true);
  out.set(text, preamble);
  let at = body;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  checksumWords(out.subarray(preamble)).forEach((word, i) => {
    view.setUint32(magic.length + 8 + 4 * i, word, true);
  });
  return out;
}

/** The tree that {@link serializeBytes} wrote. Throws an `InputError` for anything else: truncated, or with any other byte. */
export function deserializeBytes<T = unknown>(bytes: Uint8Array): T {
  checkArguments("deserializeBytes", { bytes: [bytes, someBytes] });
  const decoder = new TextDecoder();
  if (bytes.length < preamble || decoder.decode(bytes.subarray(0, magic.length)) !== magic)
    throw foreign("the first line");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = preamble + view.getUint32(magic.length, true);
  if (body > bytes.length || (bytes.length - body) % 2 ** 32 !== view.getUint32(magic.length + 4, true))
    throw foreign("the size");
  const words = checksumWords(bytes.subarray(preamble));
  if (words.some((word, i) => word !== view.getUint32(magic.length + 8 + 4 * i, true)))
    throw foreign("the checksum");
  const head = parse(decoder.decode(bytes.subarray(preamble, body)));
  return decode(head, ({ at }, size) => {
    if (typeof at !== "number" || !Number.isSafeInteger(at) || at < 0 || body + at + size > bytes.length)
      throw foreign("the place of an array");
    return bytes.subarray(body + at, body + at + size);
  }) as T;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In parts: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

function fromBase64(base64: string): Uint8Array | null {
  try {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  } catch {
    return null;
  }
}
