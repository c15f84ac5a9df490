import { alternatives } from "../../text/alternatives.js";
import { recordNames } from "../../text/recordnames.js";
import type { ReadOption } from "../readoptions.js";
import { csvFormat } from "./csv.js";
import { type Format, isBinary, isPacked } from "./format.js";
import { parquetFormat } from "./parquet.js";
import { rootFormat } from "./root.js";

/** Every format of files of tables. */
const records = {
  csv: csvFormat,
  parquet: parquetFormat,
  root: rootFormat,
} satisfies Record<string, Format>;

export type FormatName = keyof typeof records;
export const formats: Readonly<Record<FormatName, Format>> = records;
export const formatNames = /*#__PURE__*/ recordNames(records);

const all: readonly Format[] = Object.values(formats);

/** A name without the ending of what is compressed as a whole. */
const inside = (path: string): string => path.replace(/\.gz$/, "");

/** The format that the ending of a name says. */
export function formatByName(path: string): Format | undefined {
  const name = path.toLowerCase();
  return all.find(({ endings, packed }) =>
    endings.some((ending) => name.endsWith(ending) || (packed && inside(name).endsWith(ending))),
  );
}

/** The format that is never compressed as a whole, though the ending of this name says so. */
export function wronglyPacked(path: string): Format | undefined {
  const name = path.toLowerCase();
  if (inside(name) === name) return undefined;
  return all.find(
    ({ endings, packed }) => !packed && endings.some((ending) => inside(name).endsWith(ending)),
  );
}

/** The format of a file with these first bytes, which text does not tell; what is compressed is what may be. */
export const formatByHead = (head: Uint8Array): Format | undefined =>
  all.find((format) => (isPacked(head) ? format.packed : format.begins?.(head)));

/** The format of what begins so and has no name that could tell: also that of text. */
export const formatOfNameless = (head: Uint8Array): Format | undefined =>
  formatByHead(head) ?? (isBinary(head) ? undefined : all.find(({ begins }) => begins === undefined));

/** The format in which a file of that name is written. */
export const formatToWrite = (path: string): Format | undefined =>
  all.find(
    (format) => format.writer && usualEndings(format).some((each) => path.toLowerCase().endsWith(each)),
  );

/** `.csv` and `.csv.gz`. */
export const usualEndings = ({ endings: [usual], packed }: Format): readonly string[] =>
  packed ? [usual, `${usual}.gz`] : [usual];

/** How files are called in sentences: `file.csv`, `file.root:Tree`. */
export const usualNames = (format: Format): readonly string[] =>
  usualEndings(format).map((ending) => `file${ending}${format.part ? `:${format.part}` : ""}`);

/** The ends of names of files that can be written. */
export const writtenEndings: readonly string[] = all.filter(({ writer }) => writer).flatMap(usualEndings);

/** As in "it is of file.csv and file.csv.gz". */
export const optionIsOf = (option: ReadOption): string =>
  `it is of ${alternatives(all.filter(({ takes }) => takes.includes(option)).flatMap(usualNames), "and")}`;

const alike = all
  .filter(({ endings }) => endings.length > 1)
  .map(({ endings: [usual, ...others] }) => `${alternatives(others, "and")} are as ${usual}`);

export const whatIsRead = `Tables are read from ${alternatives(all.flatMap(usualNames), "and")} (${alike.join("; ")}).`;
export const whatIsWritten = `Tables are written to ${alternatives(
  writtenEndings.map((ending) => `file${ending}`),
  "and",
)}.`;
