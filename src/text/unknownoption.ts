import { didYouMean } from "./nearest.js";

/** The names of all options of an interface: its type notices when one is missing or is none. */
export type Known<O> = Readonly<Record<keyof O & string, true>>;

/** What is wrong with options, as a sentence and the name of the one that there is not; null where they are known. */
export function unknownOption(
  name: string,
  options: unknown,
  known: Readonly<Record<string, unknown>>,
): { readonly option: string | null; readonly sentence: string } | null {
  if (options === undefined) return null;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const got = options === null ? "null" : Array.isArray(options) ? "an array" : `a ${typeof options}`;
    return { option: null, sentence: `options of '${name}' are an object { name: value }, not ${got}` };
  }
  for (const option in options) {
    if (Object.hasOwn(known, option)) continue;
    const remedy = didYouMean(option, Object.keys(known), "options");
    return { option, sentence: `'${name}' has no option '${option}'. ${remedy}` };
  }
  return null;
}
