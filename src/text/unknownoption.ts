import { didYouMean } from "./nearest.js";
import { shown } from "./shown.js";

/** The names of all options of an interface: its type notices when one is missing or is none. */
export type Known<O> = Readonly<Record<keyof O & string, true>>;

/** What is wrong with options, as a sentence and the name of the one that there is not; null where they are known. */
export function unknownOption(
  name: string,
  options: unknown,
  known: Readonly<Record<string, unknown>>,
): { readonly option: string | null; readonly sentence: string } | null {
  if (options === undefined) return null;
  // What a Map or a list holds are no properties, so none of it would be seen.
  if (typeof options !== "object" || options === null || Symbol.iterator in options) {
    const sentence = `options of '${name}' are an object { name: value }, not ${shown(options)}`;
    return { option: null, sentence };
  }
  for (const option in options) {
    if (Object.hasOwn(known, option)) continue;
    const remedy = didYouMean(option, Object.keys(known), "options");
    return { option, sentence: `'${name}' has no option '${option}'. ${remedy}` };
  }
  return null;
}
