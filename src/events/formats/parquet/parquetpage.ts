import type { ColumnMetaData, Compressors, DecodedArray, PageHeader } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import type { ColumnDecoder } from "hyparquet/src/types.js";
import { matches } from "../../codecs.js";
import { Damage } from "../../damage.js";
import type { Field } from "./parquetfields.js";
import { readHybrid } from "./rle.js";

/** The values of one page and their levels. */
export interface Page {
  /** Values, nulls and empty lists. */
  readonly entries: number;
  readonly values: DecodedArray;
  /** Undefined where nothing is null. */
  readonly definition: Uint8Array | undefined;
  /** Undefined where the field is no list. */
  readonly repetition: Uint8Array | undefined;
}

/**
 * The pages of a column in one row group.
 *
 * Runs are decoded here rather than by hyparquet, into arrays of a length that is known before: damaged bytes must
 * not decide how much memory is taken.
 *
 * @throws Error about damage, without saying where
 */
export function* readPages(
  bytes: ArrayBuffer,
  meta: ColumnMetaData,
  field: Field,
  compressors: Compressors | undefined,
): Generator<Page> {
  const { codec, type } = meta;
  const { element } = field.path[field.path.length - 1]!;
  const { converted_type: _, logical_type: __, ...stored } = element;
  const decoder: ColumnDecoder = {
    pathInSchema: meta.path_in_schema,
    type,
    // As it is stored: hyparquet's decimals are not the nearest f64.
    element: field.scale === undefined ? element : stored,
    utf8: false,
    schemaPath: [...field.path],
    codec,
    parsers: DEFAULT_PARSERS,
  };
  const unpack = (packed: Uint8Array, size: number) => decompressPage(packed, size, codec, compressors);
  const reader = readerOf(new Uint8Array(bytes));
  let dictionary: DecodedArray | undefined;
  for (let left = Number(meta.num_values); left > 0; ) {
    const header = parquetHeader(reader);
    const size = header.compressed_page_size;
    if (!(size >= 0 && reader.offset + size <= bytes.byteLength)) throw new Damage("a page is cut off");
    const packed = new Uint8Array(bytes, reader.offset, size);
    reader.offset += size;
    if (header.crc !== undefined && !matches(packed, header.crc))
      throw new Damage("a checksum does not match");
    if (header.type === "DICTIONARY_PAGE") {
      const page = unpack(packed, header.uncompressed_page_size);
      const count = header.dictionary_page_header?.num_values ?? 0;
      if (!(count >= 0 && count <= 8 * page.length)) throw new Damage("a dictionary is cut off");
      dictionary = convert(readPlain(readerOf(page), type, count, element.type_length), decoder);
      continue;
    }
    const stated = header.data_page_header_v2 ?? header.data_page_header;
    if (stated === undefined) continue;
    const entries = stated.num_values;
    if (!(entries > 0 && entries <= left)) throw new Damage("a page has more values than its column");
    left -= entries;
    const { definition, repetition, body } = splitPage(packed, header, entries, field, unpack);
    let count = entries;
    if (definition) for (const level of definition) if (level !== field.defined) count--;
    const kept = readValues(body, stated.encoding, count, decoder, dictionary, field.kind === "u32");
    if (kept.length < count) throw new Damage("values are missing");
    const values = field.scale === undefined ? kept : decimals(kept, field.scale);
    yield { entries, values, definition: count === entries ? undefined : definition, repetition };
  }
}

function readerOf(bytes: Uint8Array) {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

/** The levels of a page and the bytes of its values. */
function splitPage(
  packed: Uint8Array,
  header: PageHeader,
  entries: number,
  field: Field,
  unpack: (packed: Uint8Array, size: number) => Uint8Array,
) {
  const v2 = header.data_page_header_v2;
  const page = v2 ? packed : unpack(packed, header.uncompressed_page_size);
  let at = 0;
  const levels = (highest: number, length: number | undefined): Uint8Array | undefined => {
    if (highest === 0) return undefined;
    let size = length;
    if (size === undefined) {
      size = readerOf(page).view.getUint32(at, true);
      at += 4;
    }
    const out = new Uint8Array(entries);
    readHybrid(page.subarray(at, at + size), 32 - Math.clz32(highest), out);
    at += size;
    return out;
  };
  // Of the two versions, the first has lengths before the levels, and all of it is compressed.
  const repetition = levels(field.elements.length, v2?.repetition_levels_byte_length);
  if (v2) at = v2.repetition_levels_byte_length;
  const definition = levels(field.defined, v2?.definition_levels_byte_length);
  if (!v2) return { repetition, definition, body: page.subarray(at) };
  at = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
  const rest = page.subarray(at);
  const body = v2.is_compressed === false ? rest : unpack(rest, header.uncompressed_page_size - at);
  return { repetition, definition, body };
}

function readValues(
  body: Uint8Array,
  encoding: string,
  count: number,
  decoder: ColumnDecoder,
  dictionary: DecodedArray | undefined,
  unsigned: boolean,
): DecodedArray {
  const { type, element } = decoder;
  if (count === 0) return [];
  const reader = readerOf(body);
  if (encoding === "RLE_DICTIONARY" || encoding === "PLAIN_DICTIONARY") {
    if (dictionary === undefined) throw new Damage("there is no dictionary");
    const indices = new Int32Array(count);
    readHybrid(body.subarray(1), body[0] ?? 0, indices);
    return lookUp(dictionary, indices);
  }
  if (encoding === "PLAIN") return convert(readPlain(reader, type, count, element.type_length), decoder);
  if (encoding === "RLE" && type === "BOOLEAN") {
    const out = new Uint8Array(count);
    readHybrid(body.subarray(4), 1, out);
    return out;
  }
  if (encoding === "BYTE_STREAM_SPLIT") {
    return convert(byteStreamSplit(reader, count, type, element.type_length), decoder);
  }
  if (encoding === "DELTA_BINARY_PACKED") {
    if (type === "INT32" && !unsigned) {
      const out = new Int32Array(count);
      deltaBinaryUnpack(reader, count, out);
      return convert(out, decoder);
    }
    const out = new BigInt64Array(count);
    deltaBinaryUnpack(reader, count, out);
    // DuckDB begins with an unsigned number of 33 bits, which the reader for 32 bits does not expect.
    return type === "INT32"
      ? Uint32Array.from(out, (value) => Number(BigInt.asUintN(32, value)))
      : convert(out, decoder);
  }
  const out: Uint8Array[] = [];
  if (encoding === "DELTA_LENGTH_BYTE_ARRAY") deltaLengthByteArray(reader, count, out);
  else if (encoding === "DELTA_BYTE_ARRAY") deltaByteArray(reader, count, out);
  else throw new Damage("an encoding is not known", encoding);
  return convert(out, decoder);
}

/** Whole numbers, some of them as big-endian bytes, divided by a power of ten: the nearest f64. */
export function decimals(stored: DecodedArray, scale: number): Float64Array {
  const power = scale <= exactPowers ? Number(`1e${scale}`) : undefined;
  return Float64Array.from(stored as ArrayLike<number | bigint | Uint8Array>, (given) => {
    const value = given instanceof Uint8Array ? bigEndian(given) : given;
    const rounded = Number(value);
    // One rounding of exact operands gives the nearest; else what reads text does.
    if (power !== undefined && Number.isSafeInteger(rounded)) return rounded / power;
    return Number(`${value}e-${scale}`);
  });
}

/** Powers of ten up to this one are exact in f64. */
const exactPowers = 22;

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

function lookUp(dictionary: DecodedArray, indices: Int32Array): DecodedArray {
  for (const index of indices) {
    if (!(index >= 0 && index < dictionary.length))
      throw new Damage("there is no such word in the dictionary");
  }
  if (Array.isArray(dictionary)) return Array.from(indices, (index) => dictionary[index]);
  const Type = dictionary.constructor as { new (length: number): Exclude<DecodedArray, unknown[]> };
  const out = new Type(indices.length);
  for (let i = 0; i < out.length; i++) out[i] = dictionary[indices[i]!]!;
  return out;
}
