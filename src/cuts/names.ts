/** What a hole of a cut contains, without its start: `{ptMin = 30}` gives "ptMin". */
type HoleName<Text extends string> = Text extends `${infer Name}=${string}` ? Trim<Name> : Trim<Text>;

type Trim<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trim<Rest> : Text;

/** The names in the holes of a cut that is written out in the code. */
export type Holes<Text extends string> = Text extends `${string}{${infer Hole}}${infer Rest}`
  ? HoleName<Hole> | Holes<Rest>
  : never;

/**
 * The trained thresholds of a cut. Names in holes are known to the compiler; those that bare numbers get
 * (`etaMax`) are known only when the text has been parsed.
 */
export type CutParams<Text extends string = string> = string extends Text
  ? Record<string, number>
  : { [Name in Holes<Text>]: number } & Record<string, number>;
