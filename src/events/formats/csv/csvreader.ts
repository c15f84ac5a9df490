import { type Column, type Events, isText, makeEvents, type Text } from "../../../core/events.js";
import { unknownColumn } from "../../columns.js";
import { DataError, type DataErrorCode } from "../../dataerror.js";
import {
  badQuotes,
  carriageReturn,
  cellEnd,
  cellText,
  clip,
  comma,
  ends,
  isBlank,
  isMissing,
  needMore,
  newline,
  newlinesIn,
  parseNumber,
  withRest,
} from "./cell.js";
import { blockRows, CsvColumn, CsvText } from "./csvcolumn.js";
import { byteOf, checkNames, findLayout, isComment, isNothing, type Layout, Spaces } from "./csvlayout.js";
import type { CsvOptions } from "./csvoptions.js";
import { DecimalReader } from "./decimal.js";

const hash = 35;
const space = 32;

/** A record longer than this is taken for an unclosed quote. */
const maxRecord = 1 << 24;

/** Takes the bytes in pieces, cut anywhere. */
export class CsvReader {
  readonly #options: CsvOptions;
  readonly #file: string | undefined;
  readonly #missing: ReadonlySet<string>;
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
  #separator = comma;
  /** Whether the first cells of rows are words; undefined while they hold nothing. */
  #wordsFirst: boolean | undefined;
  /** Makes one separator of many, where these are spaces. */
  #spaces: Spaces | undefined;
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

  constructor(options: CsvOptions, size: number | undefined) {
    const { file, columns, allowEmpty = false, missing = [] } = options;
    this.#options = options;
    this.#missing = new Set(missing);
    this.#file = file;
    this.#wanted = columns;
    this.#allowEmpty = allowEmpty;
    this.#size = size;
  }

  push(bytes: Uint8Array): void {
    const rest = this.#cells === undefined ? this.#begin(withRest(this.#rest, bytes), false) : bytes;
    if (rest !== undefined) {
      const all = withRest(this.#rest, this.#spaces ? this.#spaces.push(rest) : rest);
      const used = this.#consume(all, all.lastIndexOf(newline) + 1);
      this.#rest = all.subarray(used);
      this.#used += used;
    }
    if (this.#rest.length > maxRecord) {
      const sentence = `A record is longer than ${maxRecord >> 20} MiB; look for a quote that is not closed.`;
      throw this.#error("data.format", sentence, this.#line);
    }
  }

  /** Finds out how the table is written; the bytes of its rows, or undefined where more are needed to tell. */
  #begin(bytes: Uint8Array, final: boolean): Uint8Array | undefined {
    const { file, names, separator, preferred } = this.#options;
    const layout = findLayout(bytes, bytes.lastIndexOf(newline) + 1, {
      ...{ file, names, separator, preferred, missing: this.#missing, final },
    });
    if (layout === needMore) {
      this.#rest = bytes;
      return undefined;
    }
    this.#choose(layout);
    this.#rest = new Uint8Array(0);
    this.#used = layout.start;
    this.#line = layout.startLine;
    this.#separator = byteOf(layout.separator);
    if (layout.separator === " ") this.#spaces = new Spaces();
    return bytes.subarray(layout.start);
  }

  end(): Events {
    this.push(Uint8Array.of(newline));
    // Nothing more will tell.
    if (this.#cells === undefined && this.#begin(this.#rest, true)) this.push(new Uint8Array(0));
    if (this.#cells === undefined && isNothing(this.#rest))
      throw this.#error("data.empty", "The file is empty.");
    if (this.#rest.length > 0 || this.#cells === undefined) throw this.#malformed("The last", this.#line);
    if (this.#rows === 0 && !this.#allowEmpty) {
      throw this.#error("data.empty", "The table has a header but no rows.");
    }
    return this.#take(this.#cells);
  }

  /** The rows since the last time, when they have at least so many cells; only these stay in memory. */
  take(cells: number): Events | undefined {
    const found = this.#cells;
    if (found === undefined || (this.#rows - this.#taken) * found.length < cells) return undefined;
    return this.#take(found);
  }

  #take(cells: readonly (CsvColumn | undefined)[]): Events {
    const rows = this.#rows - this.#taken;
    const columns = new Map<string, Column | Text>();
    const nulls = new Map<string, number>();
    for (const [c, target] of cells.entries()) {
      const found = this.#texts[c];
      if (target && target.nulls > 0) nulls.set(target.name, target.nulls);
      if (target) columns.set(target.name, target.finish(rows));
      if (found) columns.set(found.name, found.take());
    }
    const words = this.#texts.find((texts) => texts !== undefined);
    const text = words && columns.get(words.name);
    if (words && isText(text) && [...columns.values()].every(isText)) {
      const sentence = `No column holds numbers; ${words.name} starts with ${JSON.stringify(clip(text[0]!))}.`;
      throw this.#error("data.notNumber", sentence, words.line);
    }
    this.#taken = this.#rows;
    this.#row = 0;
    this.#capacity = 0;
    return makeEvents(columns, { rows, names: [...columns.keys()], ...(nulls.size > 0 && { nulls }) });
  }

  /** Reads the records before `limit`, which is after a newline; says where the first that is not complete starts. */
  #consume(bytes: Uint8Array, limit: number): number {
    let start = 0;
    while (start < limit) {
      const next = this.#record(bytes, start, limit);
      if (next === needMore) break;
      start = next;
    }
    return start;
  }

  /** Decides what to do with the cells of each column. */
  #choose(layout: Layout): void {
    checkNames(layout, this.#file);
    const { names } = layout;
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
    const separator = this.#separator;
    if (bytes[start] === hash || bytes[start] === space) {
      const end = this.#comment(bytes, start, limit);
      if (end !== undefined) return end;
    }
    this.#wordsFirst ??= this.#startsWithWord(bytes, start, limit);
    let lines = 1;
    let at = start;
    for (let c = 0; ; c++, at++) {
      const target = cells[c];
      if (
        target !== undefined &&
        (decimal.read(bytes, at) || decimal.long) &&
        ends(bytes, decimal.end, separator)
      ) {
        if (c === 0) this.#startRow(start);
        if (decimal.long) target.putLong(this.#row, decimal.exact, this.#line);
        else {
          target.block[this.#row] = decimal.value;
          if (!decimal.whole) target.whole = false;
        }
        at = bytes[decimal.end] === carriageReturn ? decimal.end + 1 : decimal.end;
      } else {
        const end = cellEnd(bytes, at, limit, separator);
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
      if (bytes[at] === separator) continue;
      if (c + 1 !== cells.length) throw this.#ragged(c + 1);
      this.#line += lines;
      this.#row++;
      this.#rows++;
      return at + 1;
    }
  }

  /**
   * Where the line after a comment begins; undefined for a row. What is asked does not depend on the columns that are read:
   * a line with # and a space is a comment, and one with # alone where it could be no row, or where first cells are numbers.
   */
  #comment(bytes: Uint8Array, start: number, limit: number): number | undefined {
    if (!isComment(bytes, start)) return undefined;
    const end = bytes.indexOf(newline, start);
    if (end < 0 || end >= limit) return undefined;
    const text = cellText(bytes, start, end);
    if (/^#[^\s#]/.test(text) && this.#wordsFirst !== false) {
      let cells = 0;
      let first = "";
      for (let at = start; at <= end; at++, cells++) {
        const to = cellEnd(bytes, at, end + 1, this.#separator);
        // A quote that is open at the end of the line.
        if (to < 0) break;
        if (cells === 0) first = cellText(bytes, at, to);
        at = to;
      }
      const isWord = this.#wordsFirst === true || parseNumber(first.slice(1)) === undefined;
      if (cells === this.#cells!.length && isWord) return undefined;
    }
    this.#line++;
    return end + 1;
  }

  /** Whether the first cell of a row is a word; undefined where it holds nothing. */
  #startsWithWord(bytes: Uint8Array, start: number, limit: number): boolean | undefined {
    const end = cellEnd(bytes, start, limit, this.#separator);
    if (end < 0) return undefined;
    const text = cellText(bytes, start, end);
    return isMissing(text) || this.#missing.has(text) ? undefined : parseNumber(text) === undefined;
  }

  /** Makes room for the row of the record at `start`, which is about to be written. */
  #startRow(start: number): void {
    if (this.#blank !== undefined) {
      throw this.#error("data.ragged", "The line is empty, but rows follow; take it out.", this.#blank);
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

  /** Any cell: words, spaces, quotes, numbers that the fast reader leaves, none. */
  #slowCell(target: CsvColumn, c: number, text: string, lines: number): void {
    const line = this.#line + lines - 1;
    const before = this.#rows - this.#taken;
    const value = this.#missing.has(text) ? undefined : parseNumber(text);
    if (value !== undefined) target.put(this.#row, value, text, line);
    else if (isMissing(text) || this.#missing.has(text))
      target.putMissing(this.#row, text, target.nulls === before);
    else if (target.nulls === before && this.#taken === 0 && this.#wanted === undefined) {
      const texts = new CsvText(target.name, line);
      texts.pushRuns(target.early);
      texts.push(text);
      this.#texts[c] = texts;
      this.#cells![c] = undefined;
    } else {
      const hint =
        this.#separator !== comma && /^[-+]?\d+,\d+$/.test(text)
          ? "; decimals need a point, not a comma"
          : "";
      const sentence = `${JSON.stringify(clip(text))} is not a number in column ${target.name}${hint}.`;
      throw new DataError("data.notNumber", sentence, { file: this.#file, line, column: target.name });
    }
  }

  #ragged(found: number): DataError {
    const sentence = `The line has ${found} cell${found === 1 ? "" : "s"}, but ${this.#options.names ? "there are names for" : "the header has"} ${this.#cells!.length}.`;
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
