/**
 * Numbers as a JSON text has them. JSON.parse forgets what Python's reader keeps: that `1.0` is not `1`, and
 * all digits of a large integer. pyhf's digests depend on both.
 */

/** A number whose text does not follow from its value: a whole one written as a float, or a large integer. */
export class ExactNumber {
  readonly value: number;
  /** As Python writes it. */
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** A number of a document that was read from text. */
export type Exact = number | ExactNumber;

/**
 * Python's `repr` of a float: the shortest digits that read back, in fixed form from 1e-4 to below 1e16.
 */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = "", power = ""] = value.toExponential().split("e");
  const padded = power.length === 2 ? `${power[0]}0${power[1]}` : power;
  return `${digits}e${padded}`;
}

/** How Python writes a number that it has read from JSON.stringify of `value`. */
export function pythonNumber(value: Exact): string {
  if (typeof value !== "number") return value.text;
  // A whole number is an int there, unless JSON.stringify gives it an exponent.
  if (Number.isInteger(value) && Math.abs(value) < 1e21 && !Object.is(value, -0)) return String(value);
  return pythonFloat(value);
}

/** The number that a text of a JSON number stands for: plain if its value says it all. */
export function parseNumber(text: string, whole: boolean): Exact {
  const value = Number(text);
  if (!whole) return Number.isInteger(value) ? new ExactNumber(value, pythonFloat(value)) : value;
  // Python's integer -0 is 0.
  if (value === 0) return 0;
  return Number.isSafeInteger(value) ? value : new ExactNumber(value, text);
}

/** The value; the number itself if it is plain. */
export function numberValue(value: Exact): number {
  return typeof value === "number" ? value : value.value;
}

/** Order by code point, as Python sorts strings; JavaScript's own order is by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // A surrogate belongs to a code point above all other units.
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
