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
  quote,
} from "./cell.js";
import { type Column, type Table, type Text, unknownColumn } from "./columns.js";
import { blockRows, CsvColumn, CsvText } from "./csvcolumn.js";
import { DecimalReader } from "./decimal.js";
import { DataError, type DataErrorCode } from "./errors.js";

export interface CsvOptions {
  /** Name of the file, for errors. */
  file?: string | undefined;
  /** The columns to read; all when left out. Cells of other columns may hold anything. */
  columns?: readonly string[] | undefined;
  /** A table with a header but no rows is a table, not an error. */
  allowEmpty?: boolean | undefined;
}

/** A record longer than this is taken for an unclosed quote. */
const maxRecord = 1 << 24;

/** Takes the bytes in pieces, cut anywhere. */
export class CsvReader {
  readonly #file: string | undefined;
  readonly #wanted: readonly string[] | undefined;
  readonly #allowEmpty: boolean;
  /** Bytes of the whole file, where that is known. */
  readonly #size: number | undefined;
  /** Bytes of complete records so far. */
  #used = 0;
  /** Where the numbers of each cell of a line go; undefined for cells that are skipped, and before the header. */
  #cells: (CsvColumn | undefined)[] | undefined;
  /** Columns of text, at the place of their cells. */
  readonly #texts: CsvText[] = [];
  readonly #decimal = new DecimalReader();
  /** Bytes of a record that is not complete. */
  #rest: Uint8Array = new Uint8Array(0);
  #line = 1;
  /** Rows so far, of which `#taken` were taken. */
  #rows = 0;
  #taken = 0;
  /** Row within the current blocks, and their length. */
  #row = 0;
  #capacity = 0;
  /** Line of an empty line that is a fault if rows follow. */
  #blank: number | undefined;

  constructor({ file, columns, allowEmpty = false }: CsvOptions, size: number | undefined) {
    this.#file = file;
    this.#wanted = columns;
    this.#allowEmpty = allowEmpty;
    this.#size = size;
  }

  push(bytes: Uint8Array): void {
    const all = joinBytes(this.#rest, bytes);
    const used = this.#consume(all, all.lastIndexOf(newline) + 1);
    this.#rest = all.subarray(used);
    this.#used += used;
    if (this.#rest.length > maxRecord) {
      const sentence = `A record is longer than ${maxRecord >> 20} MiB; look for a quote that is not closed.`;
      throw this.#error("data.format", sentence, this.#line);
    }
  }

  end(): Table {
    this.push(Uint8Array.of(newline));
    if (this.#rest.length > 0) throw this.#malformed("The last", this.#line);
    if (this.#cells === undefined) throw this.#error("data.empty", "The file is empty.");
    if (this.#rows === 0 && !this.#allowEmpty) {
      throw this.#error("data.empty", "The table has a header but no rows.");
    }
    return this.#take(this.#cells);
  }

  /** The rows since the last time, when they have at least so many cells; only these stay in memory. */
  take(cells: number): Table | undefined {
    const found = this.#cells;
    if (found === undefined || (this.#rows - this.#taken) * found.length < cells) return undefined;
    return this.#take(found);
  }

  #take(cells: readonly (CsvColumn | undefined)[]): Table {
    const rows = this.#rows - this.#taken;
    const columns = new Map<string, Column>();
    const text = new Map<string, Text>();
    const names: string[] = [];
    for (const [c, target] of cells.entries()) {
      const found = this.#texts[c];
      if (target) columns.set(target.name, target.finish(rows));
      if (found) text.set(found.name, found.take());
      const name = target?.name ?? found?.name;
      if (name !== undefined) names.push(name);
    }
    const words = this.#texts.find((texts) => texts !== undefined);
    if (columns.size === 0 && words !== undefined) {
      const sentence = `No column holds numbers; ${words.name} starts with ${JSON.stringify(clip(text.get(words.name)![0]!))}.`;
      throw this.#error("data.notNumber", sentence, words.line);
    }
    this.#taken = this.#rows;
    this.#row = 0;
    this.#capacity = 0;
    return { rows, columns, names, ...(text.size > 0 ? { text } : {}) };
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
    const begin = afterMark(bytes, start);
    for (let at = begin; ; at++) {
      const end = cellEnd(bytes, at, limit);
      if (end === needMore) return needMore;
      if (end === badQuotes) throw this.#malformed("A", this.#line);
      names.push(cellText(bytes, at, end));
      lines += newlinesIn(bytes, at, end);
      at = end;
      if (bytes[at] === comma) continue;
      // Empty lines may come before the header.
      if (names.length > 1 || names[0] !== "") this.#choose(names, bytes[begin] === quote);
      this.#line += lines;
      return end + 1;
    }
  }

  /** Decides what to do with the cells of each column. */
  #choose(names: readonly string[], isQuoted: boolean): void {
    const fail = (code: DataErrorCode, sentence: string) => this.#error(code, sentence, this.#line);
    const [first] = names as [string];
    if (names.every((name) => name === "")) throw fail("data.header", "The line does not name the columns.");
    if (/[\0\uFFFD]/.test(names.join(""))) throw fail("data.format", "This is not text in UTF-8.");
    const separator = names.length === 1 && !isQuoted ? /[;\t|]/.exec(first)?.[0] : undefined;
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
    this.#cells = names.map((name) => (wanted.has(name) ? new CsvColumn(name, this.#file) : undefined));
  }

  /** Reads one record; says where the next one starts. */
  #record(bytes: Uint8Array, start: number, limit: number): number {
    const cells = this.#cells!;
    const decimal = this.#decimal;
    let lines = 1;
    let at = start;
    for (let c = 0; ; c++, at++) {
      const target = cells[c];
      if (target !== undefined && (decimal.read(bytes, at) || decimal.long) && ends(bytes, decimal.end)) {
        if (c === 0) this.#startRow(start);
        if (decimal.long) target.putLong(this.#row, decimal.exact);
        else {
          target.block[this.#row] = decimal.value;
          if (!decimal.whole) target.whole = false;
        }
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
          this.#startRow(start);
        }
        if (target !== undefined) this.#slowCell(target, c, cellText(bytes, at, end), lines);
        else this.#texts[c]?.push(cellText(bytes, at, end));
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

  /** Makes room for the row of the record at `start`, which is about to be written. */
  #startRow(start: number): void {
    if (this.#blank !== undefined) {
      throw this.#error("data.ragged", "The line is empty, but rows follow.", this.#blank);
    }
    if (this.#row < this.#capacity) return;
    const targets = this.#cells!.filter((target) => target !== undefined);
    const block = this.#capacity;
    if (this.#rows > 0 && this.#rows === block && this.#size !== undefined) {
      // The mean record so far, and a margin, say how many there will be.
      const rows = Math.ceil(1.02 * (this.#size / ((this.#used + start) / block)));
      this.#capacity = Math.max(2 * block, rows);
      for (const target of targets) target.widen(this.#capacity);
      return;
    }
    this.#row = 0;
    this.#capacity = blockRows(targets.length);
    for (const target of targets) target.grow(this.#capacity);
  }

  /** Any cell: words, spaces, quotes, numbers that the fast reader leaves. */
  #slowCell(target: CsvColumn, c: number, text: string, lines: number): void {
    const value = parseNumber(text);
    if (value !== undefined) target.put(this.#row, value, text);
    else if (this.#rows === 0 && this.#wanted === undefined && text !== "") {
      this.#texts[c] = new CsvText(target.name, this.#line + lines - 1);
      this.#texts[c].push(text);
      this.#cells![c] = undefined;
    } else {
      const shown = text === "" ? "The cell is empty" : `${JSON.stringify(clip(text))} is not a number`;
      const hint = text === "" ? "; write nan for a missing number" : "";
      const line = this.#line + lines - 1;
      const sentence = `${shown} in column ${target.name}${hint}.`;
      throw new DataError("data.notNumber", sentence, { file: this.#file, line, column: target.name });
    }
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

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
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
