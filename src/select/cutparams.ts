/** What a hole of a cut contains, without its start: `{ptMin = 30}` gives "ptMin". */
type HoleName<Text extends string> = Text extends `${infer Name}=${string}` ? Trim<Name> : Trim<Text>;

type Trim<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trim<Rest> : Text;

/** The names in the holes of a cut that is written out in the code. */
export type Holes<Text extends string> = Text extends `${string}{${infer Hole}}${infer Rest}`
  ? HoleName<Hole> | Holes<Rest>
  : never;

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

/** What stands before a number that is no part of a name, and no place in a list. */
type Before = " " | "\n" | "(" | "<" | ">" | "=" | "-" | "+" | "*" | "/" | "." | "," | "&" | "|" | "!";

/** A text without what its holes and `fixed(…)` contain. */
type Outside<Text extends string> = Text extends `${infer Start}{${string}}${infer Rest}`
  ? Outside<`${Start}${Rest}`>
  : Text extends `${infer Start}fixed(${string})${infer Rest}`
    ? Outside<`${Start}${Rest}`>
    : Text;

/** Whether a cut may have thresholds whose names are made from their columns: it has bare numbers. */
type Unnamed<Text extends string> =
  Outside<Text> extends `${Digit}${string}` | `${string}${Before}${Digit}${string}` ? true : false;

/**
 * The trained thresholds of a cut. Names in holes are known to the compiler; those that bare numbers get
 * (`etaMax`) are known only when the text has been parsed, so a misspelt name is found where there are none.
 */
export type CutParams<Text extends string = string> = string extends Text
  ? Record<string, number>
  : Unnamed<Text> extends true
    ? { [Name in Holes<Text>]: number } & Record<string, number>
    : { [Name in Holes<Text>]: number };
