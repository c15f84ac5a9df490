import type { Values } from "../../../core/events.js";
import { makeValues } from "../../columnvalues.js";
import { DataError } from "../../dataerror.js";

/** Rows are collected in blocks, so that growing copies nothing; shorter ones for many columns. */
export const blockRows = (columns: number): number =>
  Math.max(1 << 10, Math.min(1 << 15, (1 << 21) / Math.max(1, columns))) & ~7;

const empty = new Float64Array(0);

/** Longer whole numbers are taken for floats; zeros in front make them as long as anyone wants. */
const mostDigits = 320;

/** A column of numbers that grows while a CSV file is read. */
export class CsvColumn {
  readonly name: string;
  readonly #file: string | undefined;
  /** Where numbers are written now. */
  block: Float64Array = empty;
  /** Whether every cell so far is a whole number in 64 bits, signed or not. */
  whole = true;
  /** Cells without a number so far. */
  nulls = 0;
  /** These cells, while there are no others: the column may turn out to hold words. */
  early: Run[] = [];
  #blocks: Float64Array[] = [];
  /** Blocks of exact values, parallel to the others, present where some whole number is beyond 2**53. */
  #wide: BigInt64Array[] = [];
  /** Whether some whole number needs the 64th bit of an unsigned one. */
  #beyond = false;
  /** The first whole number that f64 does not hold. */
  #inexact: { text: string; line: number } | undefined;

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

  /** Writes that there is no number. */
  putMissing(row: number, text: string, onlyMissing: boolean): void {
    this.block[row] = Number.NaN;
    this.nulls++;
    const last = this.early[this.early.length - 1];
    if (!onlyMissing) this.early = [];
    else if (last?.text === text) last.count++;
    else this.early.push({ text, count: 1 });
  }

  /** Writes a number of which the text decides whether it is whole. */
  put(row: number, value: number, text: string, line: number): void {
    this.block[row] = value;
    if (!/^[-+]?\d+$/.test(text)) this.whole = false;
    else if (!Number.isFinite(value) || text.length > mostDigits) this.whole = false;
    else if (!Number.isSafeInteger(value)) this.putLong(row, BigInt(text.replace("+", "")), line);
  }

  /** Writes a whole number of any length. */
  putLong(row: number, exact: bigint, line: number): void {
    const value = Number(exact);
    this.block[row] = value;
    if (Number.isSafeInteger(value)) return;
    // A float that is written in full, as JavaScript does it, is not the exact decimal of its bits.
    if (this.#inexact === undefined && BigInt(value) !== exact && String(value) !== String(exact))
      this.#inexact = { text: String(exact), line };
    if (!this.whole) return;
    if (exact !== BigInt.asIntN(64, exact)) {
      if (exact !== BigInt.asUintN(64, exact)) {
        this.whole = false;
        return;
      }
      this.#beyond = true;
    }
    const last = this.#blocks.length - 1;
    this.#wide[last] ??= new BigInt64Array(this.block.length);
    this.#wide[last]![row] = BigInt.asIntN(64, exact);
  }

  /**
   * One array of the first `rows` numbers; the blocks are let go one by one, and the column is as new.
   *
   * @throws DataError where no one kind of number holds all of them
   */
  finish(rows: number): Values {
    const values = this.#joined(rows);
    this.block = empty;
    this.#blocks = [];
    this.#wide = [];
    this.whole = true;
    this.nulls = 0;
    this.early = [];
    this.#beyond = false;
    this.#inexact = undefined;
    return values;
  }

  #kind(rows: number): "f64" | "i64" | "u64" {
    const wide = this.whole && this.#wide.length > 0;
    if (wide && this.nulls === 0) {
      if (!this.#beyond) return "i64";
      if (!this.#hasNegative(rows)) return "u64";
    }
    if (this.#inexact === undefined) return "f64";
    const { text, line } = this.#inexact;
    const others =
      this.nulls > 0 && wide
        ? "cells without a number"
        : this.whole
          ? "negative numbers"
          : "fractions or numbers beyond 64 bits";
    const sentence = `Column ${this.name} holds ${text}, which needs 64 bits, and ${others}: no one array holds both exactly.`;
    throw new DataError("data.unsupported", sentence, { ...this.#place, line });
  }

  #hasNegative(rows: number): boolean {
    let left = rows;
    return this.#blocks.some((block) => {
      const filled = block.subarray(0, Math.max(0, left));
      left -= block.length;
      return filled.some((value) => value < 0);
    });
  }

  #joined(rows: number): Values {
    const kind = this.#kind(rows);
    // A view of a block that is nearly full spares a copy.
    if (kind === "f64" && this.#blocks.length === 1 && rows > 0.8 * this.block.length)
      return this.block.subarray(0, rows);
    const out = makeValues(kind, rows, this.#place);
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

/** Equal cells that follow one another. */
export interface Run {
  readonly text: string;
  count: number;
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

  /** Adds cells of the rows before the first word. */
  pushRuns(runs: readonly Run[]): void {
    for (const { text, count } of runs) for (let i = 0; i < count; i++) this.#cells.push(text);
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
