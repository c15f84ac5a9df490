import type { Place, Value } from "./optionvalue.js";

/** One use of an option on a command line. */
export interface Use {
  readonly places: readonly Place[];
  /** False for the spelling that switches a flag off. */
  readonly on: boolean;
}

/** Names with what each is, printed as a section of its own. */
export interface Listing {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, words: string])[];
}

/** What help, docs and shells say of an option. */
interface Words {
  readonly help: string;
  /** One letter: `c` for `-c`. */
  readonly short?: string;
  /** What its choices are. */
  readonly listing?: Listing;
}

interface ValueWords extends Words {
  /** What stands for the value: `FILE`. */
  readonly placeholder: string;
  /** What is taken without it, in words. */
  readonly otherwise?: string;
}

/** The spelling that switches a flag off. */
export interface Off {
  readonly name: string;
  readonly short?: string;
  readonly help: string;
}

/** An option of a command: what it is called, what it takes, what it gives. */
export interface Option<V> extends Words {
  readonly section: string;
  /** How many values one use takes. */
  readonly values: 0 | 1 | 2;
  readonly placeholder: string;
  readonly otherwise?: string;
  readonly value?: Value<unknown>;
  readonly off?: Off;
  /** What a second use does: it is refused, it counts instead, or both count. */
  readonly repeat: "refuse" | "last" | "all";
  read(uses: readonly Use[]): V;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** What options give, by their names. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer V> ? V : never;
};

const readOne = <V>({ read }: Value<V>, { places }: Use, i = 0): V => read(places[i]!.text, places[i]!);

/** What makes options of one section of the help. */
export function section(title: string) {
  /** An option of one value; null where it is not given. */
  const single = <V, D>(
    repeat: "refuse" | "last",
    value: Value<V>,
    words: ValueWords,
    otherwise: D,
  ): Option<V | D> => ({
    ...words,
    section: title,
    values: 1,
    value,
    repeat,
    read(uses) {
      const use = uses.at(-1);
      return use === undefined ? otherwise : readOne(value, use);
    },
  });
  return {
    flag: (words: Words & { readonly off?: Off }): Option<boolean> => ({
      ...words,
      section: title,
      values: 0,
      placeholder: "",
      repeat: "last",
      read: (uses) => uses.at(-1)?.on ?? false,
    }),
    /** Given once, else refused. */
    one: <V>(value: Value<V>, words: ValueWords): Option<V | null> => single("refuse", value, words, null),
    oneOr: <V>(value: Value<V>, otherwise: V, words: ValueWords): Option<V> =>
      single("refuse", value, { otherwise: String(otherwise), ...words }, otherwise),
    /** Of several the last counts, as pyhf has it. */
    last: <V>(value: Value<V>, words: ValueWords): Option<V | null> => single("last", value, words, null),
    lastOr: <V>(value: Value<V>, otherwise: V, words: ValueWords): Option<V> =>
      single("last", value, { otherwise: String(otherwise), ...words }, otherwise),
    /** As many as are given. */
    many: <V>(value: Value<V>, words: ValueWords): Option<readonly V[]> => ({
      ...words,
      section: title,
      values: 1,
      value,
      repeat: "all",
      read: (uses) => uses.map((use) => readOne(value, use)),
    }),
    /** As many as are given, taken together by `join`, which throws what their places make. */
    joined: <V, W>(
      value: Value<V>,
      words: ValueWords,
      join: (values: readonly V[], places: readonly Place[]) => W,
    ): Option<W> => ({
      ...words,
      section: title,
      values: 1,
      value,
      repeat: "all",
      read: (uses) =>
        join(
          uses.map((use) => readOne(value, use)),
          uses.map(({ places }) => places[0]!),
        ),
    }),
    /** Two values at each use. */
    pairs: (value: Value<string>, words: ValueWords): Option<readonly (readonly [string, string])[]> => ({
      ...words,
      section: title,
      values: 2,
      value,
      repeat: "all",
      read: (uses) => uses.map((use) => [readOne(value, use, 0), readOne(value, use, 1)] as const),
    }),
  };
}
