// Command lines in pyhf's manner (click): short options, options of two values, --yes/--no flags, words between.

import { nearest, shown, UsageError } from "./options.js";

/** An option: how many values each use of it takes, and its other spellings. */
export type WordKind = {
  values: 0 | 1 | 2;
  /** One letter: `c` for `-c`. */
  short?: string;
  /** The long name that switches a flag off, and its letter. */
  off?: string;
  offShort?: string;
  choices?: readonly string[];
};

export type WordKinds = Record<string, WordKind>;

/** A command line that was read. Of an option given several times, the last counts, but for `many` and `pairs`. */
export class Words {
  /** Words that belong to no option, `-` among them. */
  readonly free: readonly string[];
  private readonly given: ReadonlyMap<string, readonly string[]>;

  constructor(free: readonly string[], given: ReadonlyMap<string, readonly string[]>) {
    this.free = free;
    this.given = given;
  }

  has(name: string): boolean {
    return this.given.has(name);
  }

  /** Whether a flag is on. */
  flag(name: string): boolean {
    return this.given.get(name)?.at(-1) === "on";
  }

  one(name: string): string | undefined {
    return this.given.get(name)?.at(-1);
  }

  many(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }

  pairs(name: string): [string, string][] {
    const values = this.many(name);
    return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
  }
}

/** A spelling of an option on the command line, and what it stands for. */
type Spelling = { name: string; kind: WordKind; value: "on" | "off" };

/** Reads `args`, of at most `most` words besides options. Throws UsageError. */
export function readWords(args: readonly string[], kinds: WordKinds, most: number): Words {
  const long = new Map<string, Spelling>();
  const short = new Map<string, Spelling>();
  for (const [name, kind] of Object.entries(kinds)) {
    long.set(name, { name, kind, value: "on" });
    if (kind.short) short.set(kind.short, { name, kind, value: "on" });
    if (kind.off) long.set(kind.off, { name, kind, value: "off" });
    if (kind.offShort) short.set(kind.offShort, { name, kind, value: "off" });
  }
  const free: string[] = [];
  const given = new Map<string, string[]>();
  const add = (name: string, ...values: string[]) => given.set(name, [...(given.get(name) ?? []), ...values]);

  let at = 0;
  const isLong = (word: string) => word.startsWith("--") && long.has(word.slice(2).split("=")[0]!);
  const take = (spelling: string, { name, kind, value }: Spelling, inline: string | undefined) => {
    if (kind.values === 0) {
      if (inline !== undefined)
        throw new UsageError(
          "unexpected-value",
          name,
          inline,
          `${spelling} takes no value, got ${shown(inline)}`,
        );
      add(name, value);
      return;
    }
    const values = inline === undefined ? [] : [inline];
    while (values.length < kind.values) {
      const word = args[at];
      if (word === undefined || isLong(word)) {
        const wanted = kind.values === 1 ? "a value" : "two values";
        throw new UsageError("missing-value", name, undefined, `${spelling} needs ${wanted}`);
      }
      values.push(word);
      at++;
    }
    for (const word of values) checkChoice(spelling, name, word, kind.choices);
    add(name, ...values);
  };

  while (at < args.length) {
    const word = args[at++]!;
    if (word === "--") {
      free.push(...args.slice(at));
      break;
    }
    if (word === "-" || !word.startsWith("-")) free.push(word);
    else if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const spelling = equals < 0 ? word : word.slice(0, equals);
      const found = long.get(spelling.slice(2));
      if (found === undefined) throw unknown(spelling, [...long.keys()]);
      take(spelling, found, equals < 0 ? undefined : word.slice(equals + 1));
    } else {
      // -jp is -j -p; -cSR is -c SR.
      for (let i = 1; i < word.length; i++) {
        const found = short.get(word[i]!);
        if (found === undefined) throw unknown(`-${word[i]!}`, [...long.keys()]);
        const rest = word.slice(i + 1);
        const takesRest = found.kind.values > 0 && rest !== "";
        take(`-${word[i]!}`, found, takesRest ? rest : undefined);
        if (takesRest) break;
      }
    }
  }
  const extra = free[most];
  if (extra !== undefined)
    throw new UsageError("unexpected-argument", "", extra, `unexpected argument ${shown(extra)}`);
  return new Words(free, given);
}

function checkChoice(spelling: string, name: string, value: string, choices?: readonly string[]): void {
  if (choices === undefined || choices.includes(value)) return;
  const near = nearest(value, choices);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(
    "bad-value",
    name,
    value,
    `${spelling} ${shown(value)}: must be one of ${choices.join(", ")}${hint}`,
  );
}

function unknown(spelling: string, names: readonly string[]): UsageError {
  const name = spelling.replace(/^-+/, "");
  const near = name.length > 1 ? nearest(name, names) : undefined;
  const hint = near === undefined ? "see --help" : `did you mean --${near}?`;
  return new UsageError("unknown-option", name, undefined, `unknown option ${spelling}, ${hint}`);
}
