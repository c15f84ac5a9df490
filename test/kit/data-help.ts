// What the tests of tables share.

import { expect } from "vitest";
import {
  aboutEvents,
  type Column,
  type Events,
  flatColumn,
  isJagged,
  isText,
  type Text,
} from "../../src/core/events.js";
import { column, numbersOf } from "../../src/events/columns.js";
import { DataError } from "../../src/events/dataerror.js";

export { random as generator } from "./random.js";
export { scratch } from "./scratch.js";

export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A copy that is an ArrayBuffer of its own, which readers take. */
export const sourceOf = (bytes: Uint8Array) => bytes.slice().buffer as ArrayBuffer;

/** A table as plain arrays, in its order. */
export function plain(table: Events): Record<string, unknown> {
  const show = (values: Column): unknown =>
    isJagged(values) ? { offsets: [...values.offsets], content: [...values.content] } : [...values];
  return Object.fromEntries(
    aboutEvents(table).names.map((name) => {
      const values = flatColumn(table, name);
      return [name, isText(values) ? [...values] : show(values)];
    }),
  );
}

/** Whether two columns are of one kind and have the same bits; sooner than toEqual. */
export function sameBits(a: Column | Text | undefined, b: Column | Text | undefined): boolean {
  if (a === undefined || b === undefined || isText(a) || isText(b)) return false;
  if (isJagged(a)) return isJagged(b) && sameBits(a.offsets, b.offsets) && sameBits(a.content, b.content);
  if (isJagged(b) || a.constructor !== b.constructor) return false;
  const bytes = (x: typeof a) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  return bytes(a).equals(bytes(b));
}

/** The kinds of the arrays of a table. */
export function kindsOf(table: Events): Record<string, string> {
  return Object.fromEntries(
    numbersOf(table).map((name) => {
      const values = column(table, name);
      return [name, (isJagged(values) ? values.content : values).constructor.name];
    }),
  );
}

/** How many events there are. */
export const rowsOf = (table: Events): number => aboutEvents(table).rows;

/** The error of a promise or a function, which must be a DataError of one line. */
export async function errorOf(result: Promise<unknown> | (() => unknown)): Promise<DataError> {
  let error: unknown;
  try {
    await (typeof result === "function" ? result() : result);
  } catch (reason) {
    error = reason;
  }
  if (!(error instanceof DataError)) throw new Error(`no DataError but ${String(error)}`);
  expect(error.message).not.toContain("\n");
  expect(error.message.length - (error.file?.length ?? 0)).toBeLessThan(400);
  return error;
}
