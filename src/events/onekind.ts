import {
  aboutEvents,
  type Column,
  childrenOf,
  type Events,
  isJagged,
  isText,
  ownColumns,
  type Values,
} from "../core/events.js";
import { childPath } from "./childnames.js";
import { changed } from "./columns.js";
import { asFloat64, isWide, type Kind, kindOf, makeValues } from "./columnvalues.js";
import { DataError } from "./dataerror.js";

/** What a column of a file to be written is. */
export interface WrittenColumn {
  readonly name: string;
  readonly kind: Kind | "text";
  readonly jagged: boolean;
}

/** A child table that is written as lists of records. */
export interface WrittenChild {
  readonly name: string;
  readonly columns: readonly Written[];
}

export type Written = WrittenColumn | WrittenChild;

/**
 * One kind for each column of a table that comes in pieces, and of its child tables. Of different kinds they become f64, but
 * 64-bit integers stay when all numbers are whole. What later pieces are is unknown, so that a kind may turn out wrong.
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
    return this.#written(this.#first, []);
  }

  #written(table: Events, path: readonly string[]): Written[] {
    const { names, views } = aboutEvents(table);
    const children = childrenOf(table).filter(([name, child]) => !isFlat(table, name, child));
    const records = new Set(children.map(([name]) => name));
    const flat = names.filter((name) => !records.has(views?.get(name)?.[0] ?? ""));
    return [
      ...flat.map((name): WrittenColumn => {
        if (isText(table[name])) return { name, kind: "text", jagged: false };
        const { kind } = this.#columns.get(keyOf([...path, name]))!;
        return { name, kind, jagged: isJagged(table[name]) };
      }),
      ...children.map(([name, child]) => ({ name, columns: this.#written(child, [...path, name]) })),
    ];
  }

  /**
   * The piece with columns of these kinds; only looked at when one has changed.
   *
   * @throws DataError when f64 would change a whole number
   */
  fit(piece: Events): Events {
    return this.#fit(piece, [], (name) => [name]);
  }

  /** `named` says by which path a column is known: that of a child table by its flat name where it has one. */
  #fit(table: Events, path: readonly string[], named: (name: string) => readonly string[]): Events {
    const columns = new Map<string, Column | Events>();
    for (const [name, old] of ownColumns(table)) {
      if (isText(old)) continue;
      const values = isJagged(old) ? old.content : old;
      const kept = this.#kindOf(named(name)).fit(values);
      if (kept === undefined) this.changed = true;
      else columns.set(name, isJagged(old) ? { offsets: old.offsets, content: kept } : kept);
    }
    const views = [...(aboutEvents(table).views ?? [])];
    for (const [name, child] of childrenOf(table)) {
      const records = !isFlat(table, name, child);
      const below = [...path, name];
      const flatName = (column: string) =>
        records ? undefined : views.find(([, [of, within]]) => of === name && within === column)?.[0];
      const namedBelow = (column: string) => {
        const flat = flatName(column);
        return flat === undefined ? [...below, column] : [...path, flat];
      };
      columns.set(name, this.#fit(child, below, namedBelow));
    }
    return changed(table, columns);
  }

  #kindOf(path: readonly string[]): KindOfColumn {
    const key = keyOf(path);
    const found = this.#columns.get(key) ?? new KindOfColumn(path.join("."));
    this.#columns.set(key, found);
    return found;
  }
}

/** Names may have dots in them. */
const keyOf = (path: readonly string[]): string => JSON.stringify(path);

/** Whether a child table is written as jagged columns with flat names, from which it is made again where they are read. */
function isFlat(table: Events, name: string, child: Events): boolean {
  const names = Object.keys(child);
  const views = [...(aboutEvents(table).views ?? [])].filter(([, [of]]) => of === name);
  const isMadeAgain = ([flat, [of, column]]: (typeof views)[number]) => {
    const path = childPath(flat);
    return path?.[0] === of && path[1] === column;
  };
  return names.length > 0 && views.length === names.length && views.every(isMadeAgain);
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
