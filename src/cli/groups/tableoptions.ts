import { DataError } from "../../events/dataerror.js";
import type { Separator } from "../../events/formats/csv/readcsv.js";
import { formatNames, formats, optionIsOf, usualNames } from "../../events/formats/index.js";
import type { ReadOption } from "../../events/readoptions.js";
import { alternatives } from "../../text/alternatives.js";
import { section, type Values } from "../line/option.js";
import { someText, type Value } from "../line/optionvalue.js";
import { UsageError } from "../line/usageerror.js";

/** "file.csv, file.csv.gz, …": all that tables can be. */
export const tableNames = alternatives(formatNames.flatMap((name) => usualNames(formats[name])));

/** Each format of tables, with what is in such a file. */
export const formatRows = formatNames.map((name) => {
  const {
    endings: [usual, ...others],
    packed,
    part,
    words,
  } = formats[name];
  const also = others.length > 0 ? `; also ${alternatives(others, "and")}` : "";
  return [
    `file${usual}${part ? `:${part}` : ""}`,
    `${words}${also}${packed ? "; each also .gz" : ""}`,
  ] as const;
});

/** How tables are written. */
export interface TableArgs {
  /** What stands for no number, beside empty cells and NA. */
  missing?: string[];
  /** Names of the columns of text files without a header. */
  names?: string[];
  separator?: Separator;
}

const separators: ReadonlyMap<string, Separator> = new Map([
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

const separatorNames = ["comma", "semicolon", "tab", "space", "|"] as const;

const separator: Value<Separator> = {
  wants: `one of ${separatorNames.join(", ")}`,
  choices: separatorNames,
  verbatim: true,
  read(text, at) {
    const found = separators.get(text);
    if (found === undefined) throw at.wanted();
    return found;
  },
};

const list = (text: string): string[] => text.split(",").map((name) => name.trim());

const columnNames: Value<string[]> = {
  wants: "names with commas between, as in a,b,c",
  read(text, at) {
    const names = list(text);
    if (names.includes("")) throw at.wanted();
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw at.wanted(`names that differ; ${twice} is there twice`);
    return names;
  },
};

/** How tables are written, as options of a section. */
export function tableOptions(title: string) {
  const { joined, one } = section(title);
  return {
    missing: joined(
      someText,
      {
        placeholder: "LIST",
        help: 'what stands for no number: "NA,-999"; repeatable; empty cells, NA, N/A, null and None do anyway',
      },
      (texts) => texts.flatMap(list),
    ),
    columns: one(columnNames, {
      placeholder: "LIST",
      help: "names of the columns of text files that have no header: a,b,c",
    }),
    separator: one(separator, {
      placeholder: "NAME",
      help: "comma, semicolon, tab, space or |, where the first line does not tell",
    }),
  } as const;
}

/** What the options are called in code. */
const called = { missing: "missing", columns: "names", separator: "separator" } as const satisfies Record<
  keyof ReturnType<typeof tableOptions>,
  ReadOption
>;

/** What `run` answers; that no table takes an option is said with the name that the option has here. */
export async function asked<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    for (const [name, option] of Object.entries(called))
      if (error.option === option) {
        const sentence = `--${name} means nothing for the tables that are read: ${optionIsOf(option)}`;
        throw new UsageError("conflict", name, undefined, sentence, { cause: error });
      }
    throw error;
  }
}

/** Nothing where no such option is given. */
export function tableArgs({ missing, columns, separator: sign }: Values<ReturnType<typeof tableOptions>>): {
  tables?: TableArgs;
} {
  if (missing.length === 0 && columns === null && sign === null) return {};
  const tables = {
    ...(missing.length > 0 && { missing }),
    ...(columns && { names: columns }),
    ...(sign && { separator: sign }),
  };
  return { tables };
}
