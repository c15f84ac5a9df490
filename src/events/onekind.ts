import {
  aboutEvents,
  type Column,
  type Events,
  flatColumns,
  isJagged,
  isText,
  type Values,
} from "../core/events.js";
import { changed } from "./columns.js";
import { asFloat64, isWide, type Kind, kindOf, makeValues } from "./columnvalues.js";
import { DataError } from "./dataerror.js";

/** What a column of a file to be written is. */
export interface Written {
  readonly name: string;
  readonly kind: Kind | "text";
  readonly jagged: boolean;
}

/**
 * One kind for each column of a table that comes in pieces. Of different kinds they become f64, but 64-bit integers
 * stay when all numbers are whole. What later pieces are is unknown, so that a kind may turn out wrong.
 */
export class OneKind {
  readonly #columns = new Map<string, KindOfColumn>();
  #first: Events | undefined;
  /** Whether a kind has changed since {@link start}, so that what was written does not fit what comes. */
  changed = false;

  /** The columns, of what is known so far; of the first piece when nothing is. */
  start(piece: Events): Written[] {
    this.#first ??= piece;
    this.changed = false;
    this.fit(piece);
    this.changed = false;
    const first = this.#first;
    return aboutEvents(first).names.map((name) => {
      if (isText(first[name])) return { name, kind: "text", jagged: false };
      return { name, kind: this.#columns.get(name)!.kind, jagged: isJagged(first[name]) };
    });
  }

  /**
   * The piece with columns of these kinds; only looked at when one has changed.
   *
   * @throws DataError when f64 would change a whole number
   */
  fit(piece: Events): Events {
    const columns = new Map<string, Column>();
    for (const [name, old] of flatColumns(piece)) {
      if (isText(old)) continue;
      let column = this.#columns.get(name);
      if (column === undefined) {
        column = new KindOfColumn(name);
        this.#columns.set(name, column);
      }
      const values = isJagged(old) ? old.content : old;
      const kept = column.fit(values);
      if (kept === undefined) this.changed = true;
      else columns.set(name, isJagged(old) ? { offsets: old.offsets, content: kept } : kept);
    }
    return changed(piece, columns);
  }
}

class KindOfColumn {
  readonly #name: string;
  readonly #seen = new Set<Kind>();
  /** What was found out about the numbers when they were to become 64-bit integers. */
  #fraction = false;
  #negative = false;
  #beyond = false;

  constructor(name: string) {
    this.#name = name;
  }

  get kind(): Kind {
    const seen = this.#seen;
    if (seen.size === 1) return [...seen][0]!;
    if ((seen.has("i64") || seen.has("u64")) && !this.#fraction) {
      if (seen.has("u64") && !this.#negative) return "u64";
      if (!this.#beyond) return "i64";
    }
    return "f64";
  }

  /** The numbers in the kind of the column; undefined when that has changed. */
  fit(values: Values): Values | undefined {
    const before = this.#seen.size > 0 ? this.kind : undefined;
    this.#seen.add(kindOf(values));
    const { kind } = this;
    const fitting =
      kindOf(values) === kind ? values : kind === "f64" ? this.#floats(values) : this.#wide(values, kind);
    return before === undefined || before === this.kind ? fitting : undefined;
  }

  #floats(values: Values): Float64Array {
    if (isWide(values) && values.some((x) => BigInt(Number(x)) !== x)) {
      const sentence = `Column ${this.#name} has whole numbers beyond 2**53 in one place and other numbers in another.`;
      throw new DataError("data.mismatch", sentence, { column: this.#name });
    }
    return asFloat64(values);
  }

  #wide(values: Values, kind: Kind): Values | undefined {
    const out = makeValues(kind, values.length) as BigInt64Array | BigUint64Array;
    for (let i = 0; i < out.length; i++) {
      const value = values[i]!;
      if (typeof value === "number" && !Number.isSafeInteger(value)) this.#fraction = true;
      else {
        out[i] = BigInt(value);
        if (value < 0) this.#negative = true;
        if (value >= 2n ** 63n) this.#beyond = true;
      }
    }
    return out;
  }
}
