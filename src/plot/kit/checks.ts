/** What data must be so that they can be drawn: checked where a file is read back. */

/** What is wrong with a value, as "history.steps[2] must be a number", or null. */
export type Check = (value: unknown, path: string) => string | null;

type Fields = Readonly<Record<string, Check>>;
export type Content = Readonly<Record<string, unknown>>;

export const must = (path: string, what: string): string => `${path} must be ${what}`;
export const isObject = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** More numbers than this in one list are none of ours. */
const longest = 1 << 20;

export const text: Check = (value, path) => (typeof value === "string" ? null : must(path, "a text"));
export const finite: Check = (value, path) => (Number.isFinite(value) ? null : must(path, "a number"));
/** JSON writes null for what is not finite. */
export const number: Check = (value, path) =>
  value === null || typeof value === "number" ? null : must(path, "a number");
export const count: Check = (value, path) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? null
    : must(path, "a whole number from 0");

export const oneOf =
  (...allowed: readonly (string | number | boolean | null)[]): Check =>
  (value, path) =>
    allowed.some((one) => one === value)
      ? null
      : must(path, allowed.map((a) => JSON.stringify(a)).join(" or "));

export const list =
  (item: Check, least = 0): Check =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > longest)
      return must(path, least > 0 ? `a list of at least ${least}` : "a list");
    return first(value, (x, i) => item(x, `${path}[${i}]`));
  };

/** Values of one kind by names of any kind. */
export const record =
  (item: Check): Check =>
  (value, path) =>
    isObject(value)
      ? first(Object.entries(value), ([key, x]) => item(x, `${path}.${key}`))
      : must(path, "an object");

/** An object with these fields; others may be there. */
export const object =
  (fields: Fields, optional: Fields = {}): Check =>
  (value, path) => {
    if (!isObject(value)) return must(path, "an object");
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    return (
      first(Object.entries(fields), ([name, check]) =>
        Object.hasOwn(value, name) ? check(value[name], at(name)) : `${at(name)} is missing`,
      ) ??
      first(Object.entries(optional), ([name, check]) =>
        Object.hasOwn(value, name) ? check(value[name], at(name)) : null,
      )
    );
  };

/** One check after the other, each for what the ones before let through: the type that it names. */
export const both =
  <T>(...checks: readonly ((value: T, path: string) => string | null)[]): Check =>
  (value, path) =>
    first(checks, (check) => check(value as T, path));

/** What any of the checks lets through. */
export const either =
  (...checks: readonly Check[]): Check =>
  (value, path) => {
    const problems = checks.map((check) => check(value, path));
    return problems.includes(null) ? null : problems.at(-1)!;
  };

type Lists = Readonly<Record<string, readonly unknown[]>>;

/** Lists of one object that must be equally long, for after their check; `known` says how long, where it is no length of their own. */
export const equallyLong =
  (names: readonly string[], known?: number): Check =>
  (value, path) => {
    const lists = value as Lists;
    const length = known ?? lists[names[0]!]!.length;
    return first(names, (name) =>
      lists[name]!.length === length ? null : must(`${path}.${name}`, `a list of ${length}`),
    );
  };

/** At least two finite numbers, each above the one before it. */
export const ascending: Check = (value, path) =>
  list(finite, 2)(value, path) ??
  ((value as readonly number[]).every((x, i, all) => i === 0 || x > all[i - 1]!)
    ? null
    : must(path, "ascending numbers"));

function first<T>(values: readonly T[], problem: (value: T, i: number) => string | null): string | null {
  for (const [i, value] of values.entries()) {
    const found = problem(value, i);
    if (found !== null) return found;
  }
  return null;
}

export const range: Check = (value, path) => {
  const ends: readonly unknown[] = Array.isArray(value) ? value : [];
  const known = ends.filter((end): end is number => Number.isFinite(end));
  return ends.length === 2 && known.length === 2 && known[0]! < known[1]!
    ? null
    : must(path, "two ascending numbers");
};
export const pair =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value) && value.length === 2 ? list(item)(value, path) : must(path, "a list of 2");

export const numbers = list(number);
export const flag = oneOf(true, false);
