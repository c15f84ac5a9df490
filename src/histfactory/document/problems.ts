import { nearestName } from "../../text/nearest.js";
import { ExactNumber } from "./exactnumber.js";
import { jsonPath, quote, type SpecCode, SpecError, type SpecProblem } from "./specerror.js";
import { isList, isObject } from "./writejson.js";

/** How a specification may hold numbers that are neither plain nor {@link ExactNumber}: tensors. */
export interface NumberKinds {
  /** Whether this stands for one number. */
  readonly scalar?: ((value: unknown) => boolean) | undefined;
  /** The number of bins, if this stands for a vector. */
  readonly vector?: ((value: unknown) => number | undefined) | undefined;
}

/** More problems than this are not collected. */
export const mostProblems = 20;

/** Collects problems, and knows where in the document it is. */
export class Report {
  readonly problems: SpecProblem[] = [];
  readonly #kinds: NumberKinds;
  readonly #path: (string | number)[] = [];

  constructor(kinds: NumberKinds = {}) {
    this.#kinds = kinds;
  }

  get full(): boolean {
    return this.problems.length >= mostProblems;
  }

  /** Runs a check at a place below this one. */
  within(key: string | number | readonly (string | number)[], check: () => void): void {
    const keys = typeof key === "object" ? key : [key];
    this.#path.push(...keys);
    check();
    this.#path.length -= keys.length;
  }

  fail(
    code: SpecCode,
    expected: string,
    got: string,
    remedy: string,
    ...keys: readonly (string | number)[]
  ): void {
    if (this.full) return;
    this.problems.push({ code, path: this.here(...keys), expected, got, remedy });
  }

  here(...keys: readonly (string | number)[]): string {
    return jsonPath([...this.#path, ...keys]);
  }

  isNumber(value: unknown): boolean {
    return typeof value === "number" || value instanceof ExactNumber || this.#kinds.scalar?.(value) === true;
  }

  /** The value of a number that is known here; undefined for tensors. */
  known(value: unknown): number | undefined {
    if (typeof value === "number") return value;
    return value instanceof ExactNumber ? value.value : undefined;
  }

  /** The number of bins of a vector, or undefined if it is none. */
  length(value: unknown): number | undefined {
    return isList(value) ? value.length : this.#kinds.vector?.(value);
  }

  /** Throws if there is a problem. */
  settle(): void {
    const [first, ...others] = this.problems;
    if (first !== undefined) throw new SpecError([first, ...others]);
  }
}

/** A check of one value at the report's place. */
export type Rule = (value: unknown, report: Report) => void;

/** "1 number", "2 numbers". */
export function count(n: number, what = "number"): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** A value in a few words. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${quote(value)}`;
  if (value instanceof ExactNumber) return value.text.slice(0, 40);
  if (isList(value)) return value.length === 0 ? "an empty array" : `an array of ${value.length}`;
  if (isObject(value)) {
    const keys = Object.keys(value);
    const shown = keys.slice(0, 4).map((key) => quote(key));
    return keys.length === 0
      ? "an empty object"
      : `an object with ${shown.join(", ")}${keys.length > 4 ? ", …" : ""}`;
  }
  if (typeof value === "object" && value !== null) return "an object of another class";
  return typeof value === "function" ? "a function" : String(value);
}

/** Did someone mean the key? Else `otherwise`. */
export function meant(name: string, names: readonly string[], otherwise: string): string {
  const near = nearestName(name, names);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

/** An object with these keys; `what` names it: "a sample". Other keys are refused unless it is open. */
export function record(
  what: string,
  fields: Readonly<Record<string, Rule>>,
  required: readonly string[],
  open = false,
): Rule {
  const names = Object.keys(fields);
  /** The keys that were not given. */
  const left = (value: object) => names.filter((name) => !Object.hasOwn(value, name));
  return (value, report) => {
    if (!isObject(value)) {
      report.fail(
        "spec.type",
        `${what}, an object`,
        describe(value),
        `give an object with ${names.join(", ")}`,
      );
      return;
    }
    for (const key of required) {
      if (!Object.hasOwn(value, key) || value[key] === undefined) {
        const wrong = open ? [] : Object.keys(value).filter((name) => !names.includes(name));
        const misspelt = wrong.find((name) => nearestName(name, left(value)) === key);
        const add = `add "${key}", which ${what} needs`;
        const remedy = misspelt === undefined ? add : `rename ${quote(misspelt)} to "${key}"`;
        report.fail("spec.missing", `the key "${key}"`, describe(value), remedy);
      }
    }
    for (const key in value) {
      if (report.full) return;
      const rule = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (value[key] === undefined) continue;
      if (rule !== undefined) report.within(key, () => rule(value[key], report));
      else if (!open) {
        report.fail(
          "spec.unknownKey",
          `only the keys ${names.join(", ")}`,
          quote(key),
          meant(key, left(value), "remove the key or correct its name"),
          key,
        );
      }
    }
  };
}

/** An array of at least `least` such things. */
export function list(what: string, item: Rule, least: 0 | 1 = 1): Rule {
  return (value, report) => {
    if (!Array.isArray(value)) {
      report.fail("spec.type", `an array of ${what}`, describe(value), "put it in an array");
      return;
    }
    if (value.length < least)
      report.fail("spec.empty", `an array of ${what}`, "an empty array", "give at least one");
    for (let i = 0; i < value.length && !report.full; i++) report.within(i, () => item(value[i], report));
  };
}

/** A vector of at least one number. */
export const numbers: Rule = (value, report) => {
  const length = report.length(value);
  if (length === undefined) {
    report.fail("spec.type", "an array of numbers", describe(value), "give at least one number");
  } else if (length === 0) {
    report.fail("spec.empty", "an array of numbers", "an empty array", "give at least one number");
  } else if (Array.isArray(value)) {
    for (let i = 0; i < length && !report.full; i++) {
      if (!report.isNumber(value[i]))
        report.fail("spec.type", "a number", describe(value[i]), "give a number", i);
    }
  }
};

export const number: Rule = (value, report) => {
  if (!report.isNumber(value)) report.fail("spec.type", "a number", describe(value), "give a number");
};

export const text: Rule = (value, report) => {
  if (typeof value !== "string") report.fail("spec.type", "a text", describe(value), "give a text in quotes");
};

export const truth: Rule = (value, report) => {
  if (typeof value !== "boolean") {
    report.fail("spec.type", "true or false", describe(value), "write true or false without quotes");
  }
};

export const nothing: Rule = (value, report) => {
  if (value !== null) {
    report.fail("spec.type", "null", describe(value), "write null; this modifier has no data");
  }
};

/** Exactly this text. */
export function constant(wanted: string, remedy: string): Rule {
  return (value, report) => {
    if (value !== wanted) report.fail("spec.value", `the text "${wanted}"`, describe(value), remedy);
  };
}

/** A text that matches; `words` say what the pattern wants. */
export function pattern(regex: RegExp, words: string): Rule {
  return (value, report) => {
    if (typeof value !== "string" || !regex.test(value)) {
      report.fail("spec.value", words, describe(value), "correct it");
    }
  };
}
