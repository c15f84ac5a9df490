// The options that say how tables are written, of `gradcut train` and `gradcut apply`.

import type { Separator } from "../data/csv.js";
import { bad, type OptionKinds, type RawOptions } from "./options.js";

/** How tables are written. */
export type TableArgs = {
  /** What stands for no number, beside empty cells and NA. */
  missing?: string[];
  /** Names of the columns of text files without a header. */
  names?: string[];
  separator?: Separator;
};

export const tableKinds: OptionKinds = { missing: "many", columns: "one", separator: "one" };

const separators = new Map<string, Separator>([
  [",", ","],
  ["comma", ","],
  [";", ";"],
  ["semicolon", ";"],
  ["\t", "\t"],
  ["\\t", "\t"],
  ["tab", "\t"],
  ["|", "|"],
  [" ", " "],
  ["space", " "],
]);

/** Nothing where no such option is given. Throws UsageError. */
export function parseTableArgs(raw: RawOptions): { tables?: TableArgs } {
  if (!Object.keys(tableKinds).some((name) => raw.has(name))) return {};
  const lists = (name: string) =>
    (raw.get(name) ?? []).flatMap((text) => text.split(",").map((x) => x.trim()));
  const [missing, names] = [lists("missing"), lists("columns")];
  const empty = names.indexOf("");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (empty >= 0) throw bad("columns", raw.get("columns")![0]!, "names with commas between, as in a,b,c");
  if (twice !== undefined)
    throw bad("columns", raw.get("columns")![0]!, `names that differ; ${twice} is there twice`);
  const given = raw.get("separator")?.[0];
  const separator = given === undefined ? undefined : separators.get(given);
  if (given !== undefined && separator === undefined)
    throw bad("separator", given, "one of comma, semicolon, tab, space, |");
  const tables = {
    ...(missing.length > 0 && { missing }),
    ...(names.length > 0 && { names }),
    ...(separator && { separator }),
  };
  return { tables };
}
