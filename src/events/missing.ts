import {
  aboutEvents,
  type Column,
  childrenOf,
  type Events,
  isJagged,
  isText,
  ownColumns,
  type Values,
} from "../core/events.js";
import { changed } from "./columns.js";
import { asFloat64, isWide } from "./columnvalues.js";
import { DataError } from "./dataerror.js";
import { parseNumber } from "./formats/csv/cell.js";

/**
 * The table with NaN for each number that stands for none, such as -999; they count as nulls. Words are for the reader of
 * CSV and mean nothing here. Columns of the table may be changed in place; whole numbers become f64 where one is missing.
 *
 * @throws DataError where f64 would change a whole number
 */
export function withoutSentinels(table: Events, missing: readonly string[] = [], file?: string): Events {
  const numbers = missing.map(parseNumber).filter((value) => value !== undefined && Number.isFinite(value));
  if (numbers.length === 0) return table;
  return without(table, numbers as number[], file, "");
}

/** The same of a table whose columns have `path` in front of their names in messages. */
function without(table: Events, numbers: readonly number[], file: string | undefined, path: string): Events {
  const columns = new Map<string, Column | Events>();
  const nulls = new Map(aboutEvents(table).nulls);
  for (const [name, column] of ownColumns(table)) {
    if (isText(column)) continue;
    const place = { file, column: path + name };
    const { values, count } = replaced(isJagged(column) ? column.content : column, numbers, place);
    columns.set(name, isJagged(column) ? { offsets: column.offsets, content: values } : values);
    if (count > 0) nulls.set(name, (nulls.get(name) ?? 0) + count);
  }
  for (const [name, child] of childrenOf(table)) {
    const whole = without(child, numbers, file, `${path}${name}.`);
    columns.set(name, whole);
    for (const [flat, [of, column]] of aboutEvents(table).views ?? []) {
      const count = of === name ? aboutEvents(whole).nulls?.get(column) : undefined;
      if (count !== undefined) nulls.set(flat, count);
    }
  }
  return changed(table, columns, undefined, nulls.size > 0 ? { nulls } : {});
}

function replaced(
  values: Values,
  numbers: readonly number[],
  place: { file: string | undefined; column: string },
) {
  // As the column holds them: -999.9 is another number in f32.
  const wanted = numbers.map((x) => (values instanceof Float32Array ? Math.fround(x) : x));
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    for (const x of wanted) if (value === x) found.push(i);
  }
  if (found.length === 0) return { values, count: 0 };
  let out: Float32Array | Float64Array;
  if (values instanceof Float32Array || values instanceof Float64Array) out = values;
  else {
    if (isWide(values) && values.some((x) => BigInt(Number(x)) !== x)) {
      const sentence = `Column ${place.column} has missing numbers and whole numbers beyond 2**53, which no one array holds.`;
      throw new DataError("data.unsupported", sentence, place);
    }
    out = asFloat64(values);
  }
  for (const i of found) out[i] = Number.NaN;
  return { values: out, count: found.length };
}
