import type { Values } from "../core/events.js";
import { asFloat64, isWide, type Kind, makeValues } from "./columnvalues.js";
import { Damage } from "./damage.js";
import { DataError, type DataPlace } from "./dataerror.js";

/** What becomes of null: NaN, or an error. */
export type Nulls = "nan" | "refuse";

/** An array of numbers that is filled from the front; whole numbers become f64 at the first null. */
export class Builder {
  length = 0;
  /** How many of the numbers were null and are NaN. */
  nulls = 0;
  #values: Values;
  readonly #policy: Nulls;
  readonly #place: DataPlace;

  /** There will be at most `capacity` numbers. */
  constructor(kind: Kind, capacity: number, policy: Nulls, place: DataPlace) {
    this.#values = makeValues(kind, capacity, place);
    this.#policy = policy;
    this.#place = place;
  }

  /** Appends values [from, to). */
  append(values: ArrayLike<number | bigint | boolean>, from: number, to: number): void {
    const out = this.#values;
    if (this.length + to - from > out.length || to > values.length)
      throw new Damage("more numbers than said");
    if (values.constructor === out.constructor) {
      // One kind on both sides, which the type of `set` cannot say.
      (out as Float64Array).set((values as Float64Array).subarray(from, to), this.length);
    } else if (isWide(out)) {
      for (let i = from; i < to; i++) out[this.length + i - from] = values[i] as bigint;
    } else {
      for (let i = from; i < to; i++) {
        const value = values[i];
        if (value === undefined) throw new Damage("there is no such value");
        out[this.length + i - from] = Number(value);
        if (typeof value === "bigint" && BigInt(Number(value)) !== value) throw this.#inexact();
      }
    }
    this.length += to - from;
  }

  /** Appends a NaN for a null in a row of the table. */
  appendNull(row: number): void {
    const { column } = this.#place;
    if (this.#policy === "refuse") {
      const sentence = `Column ${column} is null in row ${row + 1}; nulls are refused here.`;
      throw new DataError("data.notNumber", sentence, this.#place);
    }
    if (this.length === this.#values.length) throw new Damage("more numbers than said");
    if (!(this.#values instanceof Float32Array)) this.#values = this.#asFloat64();
    this.#values[this.length++] = Number.NaN;
    this.nulls++;
  }

  /** The numbers; no copy when the array is full. */
  finish(): Values {
    return this.length === this.#values.length ? this.#values : this.#values.slice(0, this.length);
  }

  #asFloat64(): Float64Array {
    const values = this.#values;
    if (isWide(values)) {
      for (let i = 0; i < this.length; i++) {
        if (BigInt(Number(values[i])) !== values[i]) throw this.#inexact();
      }
    }
    return asFloat64(values);
  }

  #inexact(): DataError {
    const { column } = this.#place;
    const sentence = `Column ${column} has nulls and whole numbers beyond 2**53, which no one array holds; fill the nulls.`;
    return new DataError("data.unsupported", sentence, this.#place);
  }
}
