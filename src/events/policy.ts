import {
  aboutEvents,
  type Column,
  type Columns,
  type Events,
  isJagged,
  type Values,
} from "../core/events.js";
import { checkArguments } from "../text/checkoptions.js";
import { list, optional } from "../text/legal.js";
import { aMap, someEvents } from "./checkdata.js";
import { column, numbersOf, select } from "./columns.js";
import { DataError } from "./dataerror.js";

/** What to do with rows that have a number that is not finite: stop, leave them out, or go on. */
export type Policy = "refuse" | "drop" | "keep";

/** How many numbers of a column are not finite. */
export interface NotFinite {
  readonly nan: number;
  /** +∞. */
  readonly positive: number;
  /** −∞. */
  readonly negative: number;
  /** The first row that has one, from 0. */
  readonly first: number;
  /** How many rows have one; for a column that is not jagged, the sum of the above. */
  readonly rows: number;
}

/** The columns that hold NaN or infinities, by name; of all columns, or of those named. */
export function inspect(table: Events, columns?: Iterable<string>): Map<string, NotFinite> {
  checkArguments("inspect", { table: [table, someEvents], columns: [columns, optional(list)] });
  const found = new Map<string, NotFinite>();
  for (const name of columns ?? numbersOf(table)) {
    const counts = count(column(table, name), () => undefined);
    if (counts !== undefined) found.set(name, counts);
  }
  return found;
}

/** One sentence for each column: `pt is NaN in 3 and infinite in 1 of 1000 rows, first in row 17`. */
export function describe(found: ReadonlyMap<string, NotFinite>, rows: number): string[] {
  checkArguments("describe", { found: [found, aMap] });
  return [...found].map(([name, { nan, positive, negative, first, rows: bad }]) => {
    const infinite = positive + negative;
    const parts = [nan > 0 ? `NaN in ${nan}` : "", infinite > 0 ? `infinite in ${infinite}` : ""].filter(
      Boolean,
    );
    const many = nan + infinite > bad;
    const where = many ? `elements, in ${bad} of ${rows} rows` : `of ${rows} rows`;
    return `${name} is ${parts.join(" and ")} ${where}, first in row ${first + 1}`;
  });
}

/** What {@link applyPolicy} did. */
export interface Applied<C extends Columns = Columns> {
  readonly table: Events<C>;
  /** Rows that were left out. */
  readonly dropped: number;
  readonly found: ReadonlyMap<string, NotFinite>;
}

/**
 * The rows of a table that can be used: `refuse` throws when one of the columns has NaN or an infinity, `drop` leaves
 * such rows out, `keep` keeps them. Elements that a jagged column does not have are not NaN here.
 *
 * @throws DataError that counts and names them; also when `drop` leaves nothing
 */
export function applyPolicy<C extends Columns>(
  table: Events<C>,
  columns: Iterable<string>,
  policy: Policy,
  file?: string | undefined,
): Applied<C> {
  checkArguments("applyPolicy", { table: [table, someEvents], columns: [columns, list] });
  const { rows } = aboutEvents(table);
  const bad = new Uint8Array(rows);
  const found = new Map<string, NotFinite>();
  for (const name of new Set(columns)) {
    const counts = count(column(table, name, file), (row) => {
      bad[row] = 1;
    });
    if (counts !== undefined) found.set(name, counts);
  }
  if (found.size === 0 || policy === "keep") return { table, dropped: 0, found };
  const what = describe(found, rows).join("; ");
  const [name] = [...found.keys()] as [string];
  if (policy === "refuse") {
    const sentence = `Column ${what}. Leave such rows out, or mend them.`;
    throw new DataError("data.notNumber", sentence, { file, column: name });
  }
  const dropped = bad.reduce((sum, flag) => sum + flag, 0);
  if (dropped === rows) {
    const sentence = `No row is left without those that are not finite: column ${what}.`;
    throw new DataError("data.empty", sentence, { file, column: name });
  }
  return {
    table: select(
      table,
      bad.map((flag) => 1 - flag),
    ),
    dropped,
    found,
  };
}

/** Counts, and says each row once that has a number which is not finite. */
function count(values: Column, see: (row: number) => void): NotFinite | undefined {
  const content: Values = isJagged(values) ? values.content : values;
  if (!(content instanceof Float64Array || content instanceof Float32Array)) return undefined;
  const offsets = isJagged(values) ? values.offsets : undefined;
  let nan = 0;
  let positive = 0;
  let negative = 0;
  let first = -1;
  let rows = 0;
  let row = 0;
  let last = -1;
  for (let i = 0; i < content.length; i++) {
    const value = content[i]!;
    // A number minus itself is 0 only when it is finite.
    if (value - value === 0) continue;
    if (Number.isNaN(value)) nan++;
    else if (value > 0) positive++;
    else negative++;
    if (offsets === undefined) row = i;
    else while (offsets[row + 1]! <= i) row++;
    if (row === last) continue;
    last = row;
    rows++;
    if (first < 0) first = row;
    see(row);
  }
  return rows === 0 ? undefined : { nan, positive, negative, first, rows };
}
