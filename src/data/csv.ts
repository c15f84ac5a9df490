import {
  badQuotes,
  carriageReturn,
  cellEnd,
  cellText,
  comma,
  needMore,
  newline,
  newlinesIn,
  parseNumber,
} from "./cell.js";
import { type Column, type Table, unknownColumn, type Values } from "./columns.js";
import { DecimalReader } from "./decimal.js";
import { DataError, type DataErrorCode } from "./errors.js";
import { type ByteSource, chunks } from "./source.js";

export interface CsvOptions {
  /** Name of the file, for errors. */
  file?: string | undefined;
  /** The columns to read; all when left out. Cells of other columns may hold anything. */
  columns?: readonly string[] | undefined;
}

/**
 * A table of comma-separated values in UTF-8, whose first line names the columns.
 *
 * Cells are decimal numbers, `nan`, `inf` or `true`/`false` (1 and 0), rounded to the nearest f64; a column
 * of whole numbers of which some are beyond 2**53 is kept as 64-bit integers. Cells may be quoted. Memory beyond
 * the columns does not grow with the file.
 *
 * @throws DataError with the line (and column) of the first fault
 */
export async function readCsv(
  source: ByteSource | AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<Table> {
  const reader = new CsvReader(options);
  for await (const bytes of "byteLength" in source ? chunks(source) : source) reader.push(bytes);
  return reader.end();
}

/** Rows are collected in blocks, so that growing copies nothing. */
const blockRows = 1 << 15;

/** A record longer than this is taken for an unclosed quote. */
const maxRecord = 1 << 24;

/** One column that is read. */
interface Target {
  name: string;
  blocks: Float64Array[];
  block: Float64Array;
  /** Blocks of exact values, parallel to `blocks`, present where some whole number is beyond 2**53. */
  wide: BigInt64Array[];
  /** Whether every cell so far is a whole number in 64 bits. */
  whole: boolean;
}

/** Takes the bytes in pieces, cut anywhere. */
class CsvReader {
  readonly #file: string | undefined;
  readonly #wanted: readonly string[] | undefined;
  readonly #targets: Target[] = [];
  /** Target of each cell of a line; undefined for cells that are skipped, and before the header. */
  #cells: (Target | undefined)[] | undefined;
  readonly #decimal = new DecimalReader();
  /** Bytes of a record that is not complete. */
  #rest: Uint8Array = new Uint8Array(0);
  #line = 1;
  #rows = 0;
  /** Row within the current blocks. */
  #row = blockRows;
  /** Line of an empty line that is a fault if rows follow. */
  #blank: number | undefined;

  constructor({ file, columns }: CsvOptions) {
    this.#file = file;
    this.#wanted = columns;
  }

  push(bytes: Uint8Array): void {
    const all = joinBytes(this.#rest, bytes);
    const used = this.#consume(all, all.lastIndexOf(newline) + 1);
    this.#rest = all.subarray(used);
    if (this.#rest.length > maxRecord) {
      const sentence = `A record is longer than ${maxRecord >> 20} MiB; look for a quote that is not closed.`;
      throw this.#error("data.format", sentence, this.#line);
    }
  }

  end(): Table {
    this.push(Uint8Array.of(newline));
    if (this.#rest.length > 0) throw this.#malformed("The last", this.#line);
    if (this.#cells === undefined) throw this.#error("data.empty", "The file is empty.");
    if (this.#rows === 0) throw this.#error("data.empty", "The table has a header but no rows.");
    const columns = new Map<string, Column>();
    for (const target of this.#targets) columns.set(target.name, finish(target, this.#rows));
    return { rows: this.#rows, columns };
  }

  /** Reads the records before `limit`, which is after a newline; says where the first that is not complete starts. */
  #consume(bytes: Uint8Array, limit: number): number {
    let start = 0;
    while (start < limit) {
      const next =
        this.#cells === undefined ? this.#header(bytes, start, limit) : this.#record(bytes, start, limit);
      if (next === needMore) break;
      start = next;
    }
    return start;
  }

  /** Reads the header; says where the next record starts. */
  #header(bytes: Uint8Array, start: number, limit: number): number {
    const names: string[] = [];
    let lines = 1;
    for (let at = afterMark(bytes, start); ; at++) {
      const end = cellEnd(bytes, at, limit);
      if (end === needMore) return needMore;
      if (end === badQuotes) throw this.#malformed("A", this.#line);
      names.push(cellText(bytes, at, end));
      lines += newlinesIn(bytes, at, end);
      at = end;
      if (bytes[at] === comma) continue;
      // Empty lines may come before the header.
      if (names.length > 1 || names[0] !== "") this.#choose(names);
      this.#line += lines;
      return end + 1;
    }
  }

  /** Decides what to do with the cells of each column. */
  #choose(names: readonly string[]): void {
    const fail = (code: DataErrorCode, sentence: string) => this.#error(code, sentence, this.#line);
    const [first] = names as [string];
    if (names.every((name) => name === "")) throw fail("data.header", "The line does not name the columns.");
    if (/[\0\uFFFD]/.test(names.join(""))) throw fail("data.format", "This is not text in UTF-8.");
    const separator = names.length === 1 ? /[;\t|]/.exec(first)?.[0] : undefined;
    if (separator !== undefined) {
      throw fail("data.format", `The cells are separated by ${JSON.stringify(separator)}; use commas.`);
    }
    if (names.every((name) => Number.isFinite(parseNumber(name)))) {
      throw fail("data.header", `The line holds numbers (${first}, …); it must name the columns.`);
    }
    const seen = new Set<string>();
    for (const name of names) {
      // pandas leaves the name of its index empty; such a column cannot be asked for.
      if (name !== "" && seen.has(name)) throw fail("data.header", `Two columns are named ${name}.`);
      seen.add(name);
    }
    const known = names.filter((name) => name !== "");
    for (const name of this.#wanted ?? []) {
      if (!known.includes(name)) throw unknownColumn(name, known, this.#file);
    }
    const wanted = new Set(this.#wanted ?? known);
    this.#cells = names.map((name) => {
      if (!wanted.has(name)) return undefined;
      const target = { name, blocks: [], block: new Float64Array(0), wide: [], whole: true };
      this.#targets.push(target);
      return target;
    });
  }

  /** Reads one record; says where the next one starts. */
  #record(bytes: Uint8Array, start: number, limit: number): number {
    const cells = this.#cells!;
    const decimal = this.#decimal;
    let lines = 1;
    let at = start;
    for (let c = 0; ; c++, at++) {
      const target = cells[c];
      if (target !== undefined && decimal.read(bytes, at) && ends(bytes, decimal.end)) {
        if (c === 0) this.#startRow();
        target.block[this.#row] = decimal.value;
        if (!decimal.whole) target.whole = false;
        at = bytes[decimal.end] === carriageReturn ? decimal.end + 1 : decimal.end;
      } else {
        const end = cellEnd(bytes, at, limit);
        if (end === needMore) return needMore;
        if (end === badQuotes) throw this.#malformed("A", this.#line + lines - 1);
        if (c === 0) {
          if (bytes[end] === newline && isBlank(bytes, at, end)) {
            this.#blank ??= this.#line;
            this.#line++;
            return end + 1;
          }
          this.#startRow();
        }
        if (target !== undefined) this.#slowCell(target, cellText(bytes, at, end), lines);
        lines += newlinesIn(bytes, at, end);
        at = end;
      }
      if (bytes[at] === comma) continue;
      if (c + 1 !== cells.length) throw this.#ragged(c + 1);
      this.#line += lines;
      this.#row++;
      this.#rows++;
      return at + 1;
    }
  }

  /** Makes room for a row that is about to be written. */
  #startRow(): void {
    if (this.#blank !== undefined) {
      throw this.#error("data.ragged", "The line is empty, but rows follow.", this.#blank);
    }
    if (this.#row < blockRows) return;
    this.#row = 0;
    for (const target of this.#targets) {
      target.block = new Float64Array(blockRows);
      target.blocks.push(target.block);
    }
  }

  /** Any cell: words, spaces, quotes, numbers that the fast reader leaves. */
  #slowCell(target: Target, text: string, lines: number): void {
    const value = parseNumber(text);
    if (value === undefined) {
      const clipped = text.length > 40 ? `${text.slice(0, 40)}…` : text;
      const shown = text === "" ? "The cell is empty" : `${JSON.stringify(clipped)} is not a number`;
      const hint = text === "" ? "; write nan for a missing number" : "";
      const line = this.#line + lines - 1;
      const sentence = `${shown} in column ${target.name}${hint}.`;
      throw new DataError("data.notNumber", sentence, { file: this.#file, line, column: target.name });
    }
    target.block[this.#row] = value;
    if (!target.whole || Number.isSafeInteger(value)) {
      if (target.whole && !/^[-+]?\d+$/.test(text)) target.whole = false;
      return;
    }
    const exact = /^[-+]?\d{1,20}$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
    if (exact === undefined || exact !== BigInt.asIntN(64, exact)) {
      target.whole = false;
      return;
    }
    target.wide[target.blocks.length - 1] ??= new BigInt64Array(blockRows);
    target.wide[target.blocks.length - 1]![this.#row] = exact;
  }

  #ragged(found: number): DataError {
    const sentence = `The line has ${found} cell${found === 1 ? "" : "s"}, but the header has ${this.#cells!.length}.`;
    return this.#error("data.ragged", sentence, this.#line);
  }

  #malformed(which: string, line: number): DataError {
    const sentence = `${which} quoted cell goes on after its closing quote, or has none.`;
    return this.#error("data.format", sentence, line);
  }

  #error(code: DataErrorCode, sentence: string, line?: number): DataError {
    return new DataError(code, sentence, { file: this.#file, line });
  }
}

/** Whether a cell ends here. */
function ends(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  return byte === comma || byte === newline || (byte === carriageReturn && bytes[at + 1] === newline);
}

/** Whether there is nothing but space, and no quotes. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes.subarray(start, end).every((byte) => byte === 32 || byte === 9 || byte === carriageReturn);
}

/** Where the text begins: after a byte order mark. */
function afterMark(bytes: Uint8Array, start: number): number {
  return bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? start + 3 : start;
}

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** One array from the blocks, which are let go one by one. */
function finish(target: Target, rows: number): Values {
  const { blocks, wide, whole } = target;
  const exact = whole && wide.length > 0;
  const out = exact ? new BigInt64Array(rows) : new Float64Array(rows);
  for (let b = 0; b < blocks.length; b++) {
    const at = b * blockRows;
    const block = blocks[b]!.subarray(0, Math.min(blockRows, rows - at));
    if (out instanceof Float64Array) out.set(block, at);
    else {
      for (const [i, value] of block.entries()) {
        out[at + i] = Number.isSafeInteger(value) ? BigInt(value) : wide[b]![i]!;
      }
    }
    blocks[b] = emptyBlock;
  }
  return out;
}

const emptyBlock = new Float64Array(0);
