import { makeValues, type Values } from "./values.js";

/** Rows are collected in blocks, so that growing copies nothing; shorter ones for many columns. */
export const blockRows = (columns: number): number =>
  Math.max(1 << 10, Math.min(1 << 15, (1 << 21) / Math.max(1, columns))) & ~7;

const empty = new Float64Array(0);

/** A column of numbers that grows while a CSV file is read. */
export class CsvColumn {
  readonly name: string;
  readonly #file: string | undefined;
  /** Where numbers are written now. */
  block: Float64Array = empty;
  /** Whether every cell so far is a whole number in 64 bits. */
  whole = true;
  #blocks: Float64Array[] = [];
  /** Blocks of exact values, parallel to the others, present where some whole number is beyond 2**53. */
  #wide: BigInt64Array[] = [];

  constructor(name: string, file: string | undefined) {
    this.name = name;
    this.#file = file;
  }

  get #place() {
    return { file: this.#file, column: this.name };
  }

  /** Starts another block. */
  grow(rows: number): void {
    this.block = new Float64Array(rows);
    this.#blocks.push(this.block);
  }

  /** Makes the first block as long as the table will probably be, so that nothing need be copied at the end. */
  widen(rows: number): void {
    const [wide] = this.#wide;
    this.block = copied(this.block, makeValues("f64", rows, this.#place) as Float64Array);
    this.#blocks[0] = this.block;
    if (wide) this.#wide[0] = copied(wide, new BigInt64Array(rows));
  }

  /** Writes a number of which the text decides whether it is whole. */
  put(row: number, value: number, text: string): void {
    this.block[row] = value;
    if (!this.whole || Number.isSafeInteger(value)) {
      if (this.whole && !/^[-+]?\d+$/.test(text)) this.whole = false;
      return;
    }
    const exact = /^[-+]?\d{1,20}$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
    if (exact === undefined || exact !== BigInt.asIntN(64, exact)) this.whole = false;
    else this.putLong(row, exact);
  }

  /** Writes a whole number of 64 bits. */
  putLong(row: number, exact: bigint): void {
    const value = Number(exact);
    this.block[row] = value;
    if (!this.whole || Number.isSafeInteger(value)) return;
    const last = this.#blocks.length - 1;
    this.#wide[last] ??= new BigInt64Array(this.block.length);
    this.#wide[last]![row] = exact;
  }

  /** One array of the first `rows` numbers; the blocks are let go one by one, and the column is as new. */
  finish(rows: number): Values {
    const values = this.#joined(rows);
    this.block = empty;
    this.#blocks = [];
    this.#wide = [];
    this.whole = true;
    return values;
  }

  #joined(rows: number): Values {
    const exact = this.whole && this.#wide.length > 0;
    // A view of a block that is nearly full spares a copy.
    if (!exact && this.#blocks.length === 1 && rows > 0.8 * this.block.length)
      return this.block.subarray(0, rows);
    const out = makeValues(exact ? "i64" : "f64", rows, this.#place);
    let at = 0;
    for (const [b, { length }] of this.#blocks.entries()) {
      const block = this.#blocks[b]!.subarray(0, Math.min(length, rows - at));
      if (out instanceof Float64Array) out.set(block, at);
      else {
        for (const [i, value] of block.entries()) {
          out[at + i] = Number.isSafeInteger(value) ? BigInt(value) : this.#wide[b]![i]!;
        }
      }
      at += block.length;
      this.#blocks[b] = empty;
    }
    return out;
  }
}

function copied<T extends Float64Array | BigInt64Array>(from: T, to: T): T {
  (to as Float64Array).set(from as Float64Array);
  return to;
}

/** A column of words; those that come often share one string. */
export class CsvText {
  readonly name: string;
  #cells: string[] = [];
  /** The line of the first cell. */
  readonly line: number;
  readonly #known = new Map<string, string>();

  constructor(name: string, line: number) {
    this.name = name;
    this.line = line;
  }

  push(text: string): void {
    const known = this.#known.get(text);
    this.#cells.push(known ?? text);
    if (known === undefined && this.#known.size < 1024) this.#known.set(text, text);
  }

  /** The cells since the last time. */
  take(): string[] {
    const cells = this.#cells;
    this.#cells = [];
    return cells;
  }
}
