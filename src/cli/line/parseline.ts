/**
 * Command lines in both manners, getopt's and click's: node:util splits the words, records say what they mean.
 */

import { parseArgs } from "node:util";
import { nearestName } from "../../text/nearest.js";
import type { Option, Options, Use, Values } from "./option.js";
import { Place } from "./optionvalue.js";
import { shown, UsageError } from "./usageerror.js";

/** Words besides options. */
export interface Arguments {
  readonly most: number;
  /** What they are, for the help. */
  readonly help?: string;
  readonly offers?: "file";
  /** Names that can be given, and what each is. */
  readonly rows?: readonly (readonly [name: string, words: string])[];
  /** What is said of one word too many. */
  extra?(word: string): string;
}

/** A command line that was read. */
export interface Given<O extends Options> {
  readonly options: Values<O>;
  /** Words that belong to no option, `-` among them. */
  readonly words: readonly string[];
  /** Whether an option is on the command line. */
  has(option: keyof O & string): boolean;
  /** The error of options that say nothing together; `option` is the one to blame. */
  conflict(option: keyof O & string, sentence: string): UsageError;
}

/** A spelling of an option, and what it stands for; "help" is of every command. */
interface Spelling {
  readonly name: string;
  readonly option: Option<unknown> | "help";
  readonly on: boolean;
}

/** All spellings without their dashes, the long ones by name and the short ones by letter. */
function spellings(options: Options) {
  const long = new Map<string, Spelling>([["help", { name: "help", option: "help", on: true }]]);
  const short = new Map<string, string>([["help", "h"]]);
  for (const [name, option] of Object.entries(options)) {
    long.set(name, { name, option, on: true });
    if (option.short) short.set(name, option.short);
    if (!option.off) continue;
    long.set(option.off.name, { name, option, on: false });
    if (option.off.short) short.set(option.off.name, option.off.short);
  }
  return { long, short };
}

/** What node:util is told of each spelling. */
const settings = ({ long, short }: ReturnType<typeof spellings>) =>
  Object.fromEntries(
    [...long].map(([spelling, { option }]) => {
      const letter = short.get(spelling);
      const type = option !== "help" && option.values > 0 ? ("string" as const) : ("boolean" as const);
      return [spelling, { type, ...(letter === undefined ? {} : { short: letter }) }];
    }),
  );

/** The command line, or "help" if that is asked for, whatever else is wrong. Throws UsageError. */
export function parse<O extends Options>(
  args: readonly string[],
  options: O,
  words: Arguments,
): Given<O> | "help" {
  try {
    return parseStrictly(args, options, words);
  } catch (error) {
    if (error instanceof UsageError && (args.includes("--help") || args.includes("-h"))) return "help";
    throw error;
  }
}

function parseStrictly<O extends Options>(
  args: readonly string[],
  options: O,
  { most, extra: sentenceOf }: Arguments,
): Given<O> | "help" {
  const { uses, words, help } = usesOf(args, options);
  if (help) return "help";
  const extra = words[most];
  if (extra !== undefined) {
    const sentence = sentenceOf?.(extra) ?? `unexpected argument ${shown(extra)}`;
    throw new UsageError("unexpected-argument", "", extra, sentence);
  }
  const values = Object.entries(options).map(([name, option]) => [name, option.read(uses.get(name) ?? [])]);
  return {
    // Each value is what the record of its name reads.
    options: Object.fromEntries(values) as Values<O>,
    words,
    has: (option) => uses.has(option),
    conflict: (option, sentence) =>
      new UsageError("conflict", option, uses.get(option)?.[0]?.places[0]?.text, sentence),
  };
}

function usesOf(args: readonly string[], options: Options) {
  const known = spellings(options);
  const { long } = known;
  const split = settings(known);
  const uses = new Map<string, Use[]>();
  const words: string[] = [];
  let help = false;
  for (let from = 0; from < args.length; ) {
    const rest = args.slice(from);
    const config = {
      args: rest,
      options: split,
      strict: false,
      allowPositionals: true,
      tokens: true,
    } as const;
    from = args.length;
    for (const token of parseArgs(config).tokens) {
      if (token.kind === "option-terminator") continue;
      if (token.kind === "positional") {
        words.push(token.value);
        continue;
      }
      const spelling = long.get(token.name);
      if (spelling === undefined) throw unknown(token.rawName, [...long.keys()]);
      const { name, option, on } = spelling;
      if (option === "help") {
        help = true;
        continue;
      }
      const before = uses.get(name) ?? [];
      const inline = token.inlineValue ?? false;
      const texts = token.value === undefined ? [] : [token.value];
      // What follows a second value is read anew: node:util knows options of one.
      const next = token.index + (inline ? 1 : 2);
      if (option.values === 2 && next < rest.length && texts.length > 0) texts.push(rest[next]!);
      check(texts, token.rawName, inline, name, option, long);
      const places = texts.map((text) => new Place(name, token.rawName, text, option.value?.wants));
      if (option.repeat === "refuse" && before[0] !== undefined)
        throw new UsageError(
          "repeated",
          name,
          texts[0],
          `--${name} is given twice: ${shown(before[0].places[0]!.text)} and ${shown(texts[0]!)}`,
        );
      uses.set(name, [...before, { places, on }]);
      if (option.values !== 2) continue;
      from = args.length - rest.length + next + 1;
      break;
    }
  }
  return { uses, words, help };
}

/** Throws UsageError where a use has values and takes none, or too few. */
function check(
  texts: readonly string[],
  spelling: string,
  inline: boolean,
  name: string,
  option: Option<unknown>,
  long: ReadonlyMap<string, unknown>,
): void {
  if (option.values === 0) {
    if (texts[0] === undefined) return;
    const sentence = `${spelling} takes no value, got ${shown(texts[0])}`;
    throw new UsageError("unexpected-value", name, texts[0], sentence);
  }
  const isOption = (text: string, i: number) =>
    !(inline && i === 0) && text.startsWith("--") && long.has(text.slice(2).split("=")[0]!);
  const isNothing = (text: string) => !option.value?.verbatim && text.trim() === "";
  if (texts.length < option.values || texts.some((text, i) => isOption(text, i) || isNothing(text))) {
    const wanted = option.values === 1 ? "a value" : "two values";
    throw new UsageError("missing-value", name, undefined, `${spelling} needs ${wanted}`);
  }
}

function unknown(spelling: string, names: readonly string[]): UsageError {
  const name = spelling.replace(/^-+/, "");
  const near = name.length > 1 ? nearestName(name, names) : undefined;
  const hint = near === undefined ? "see --help" : `did you mean --${near}?`;
  return new UsageError("unknown-option", name, undefined, `unknown option ${spelling}, ${hint}`);
}
