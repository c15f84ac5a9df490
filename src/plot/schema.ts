// What result.json and plot.json must be so that they can be drawn: checked where a file is read back.

/** What is wrong with a value, as "history.steps[2] must be a number", or null. */
export type Check = (value: unknown, path: string) => string | null;

type Fields = Readonly<Record<string, Check>>;
type Content = Readonly<Record<string, unknown>>;

const must = (path: string, what: string): string => `${path} must be ${what}`;
const isObject = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** More numbers than this in one list are none of ours. */
const longest = 1 << 20;

export const text: Check = (value, path) => (typeof value === "string" ? null : must(path, "a text"));
export const finite: Check = (value, path) => (Number.isFinite(value) ? null : must(path, "a number"));
/** JSON writes null for what is not finite. */
export const number: Check = (value, path) =>
  value === null || typeof value === "number" ? null : must(path, "a number");
const count: Check = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? null : must(path, "a whole number from 0");

export const oneOf =
  (...allowed: readonly (string | number)[]): Check =>
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

/** One check after the other, each for what the ones before let through. */
export const both =
  (...checks: readonly Check[]): Check =>
  (value, path) =>
    first(checks, (check) => check(value, path));

/** Lists of one object that must be equally long; `from` says how long, where it is no length of its own. */
const equallyLong =
  (names: readonly string[], from?: (value: Content) => number): Check =>
  (value, path) => {
    const lists = value as Readonly<Record<string, readonly unknown[]>>;
    const length = from?.(value as Content) ?? lists[names[0]!]!.length;
    return first(names, (name) =>
      lists[name]!.length === length ? null : must(`${path}.${name}`, `a list of ${length}`),
    );
  };

function first<T>(values: readonly T[], problem: (value: T, i: number) => string | null): string | null {
  for (const [i, value] of values.entries()) {
    const found = problem(value, i);
    if (found !== null) return found;
  }
  return null;
}

const range: Check = (value, path) => {
  const [low, high] = Array.isArray(value) ? (value as unknown[]) : [];
  const ok = Number.isFinite(low) && Number.isFinite(high) && (low as number) < (high as number);
  return ok && (value as unknown[]).length === 2 ? null : must(path, "two ascending numbers");
};
const pair =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value) && value.length === 2 ? list(item)(value, path) : must(path, "a list of 2");

const numbers = list(number);
const yieldOf = object({ sum: number, error: number, entries: count });
const sample = object({ all: yieldOf, softBefore: yieldOf, before: yieldOf, soft: yieldOf, hard: yieldOf });
const significance = both(object({ sOverSqrtB: number, asimov: number }), record(number));
const workingPoint = object({ bound: number, yields: record(yieldOf), significance });
const counted = {
  yields: record(sample),
  significance: object({
    softBefore: significance,
    before: significance,
    softAfter: significance,
    after: significance,
  }),
};
const cutChange = object(
  { start: number, end: number },
  {
    ...{ written: number, column: text, keeps: oneOf("above", "below"), bounds: pair(number) },
    width: object({ start: number, end: number }),
  },
);

const history = both(
  object(
    { steps: list(count, 1), loss: numbers, cuts: record(numbers) },
    {
      validation: both(object({ steps: list(count), loss: numbers }), equallyLong(["steps", "loss"])),
      floor: number,
    },
  ),
  equallyLong(["steps", "loss"]),
  (value, path) => {
    const { steps, cuts } = value as { steps: unknown[]; cuts: Content };
    return equallyLong(Object.keys(cuts), () => steps.length)(cuts, `${path}.cuts`);
  },
);

const expected = { cls: number, limit: number, significance: number, uncertainty: number, asimov: number };
const bins = object({ sum: numbers, error: numbers, entries: list(count) });
const histogram = both(
  object({
    ...{ name: text, edges: list(finite, 2), signal: bins, background: bins },
    ...{ ...expected, before: object(expected) },
    objective: object({ name: text, soft: number, hard: number }),
  }),
  (value, path) => {
    const { edges, signal, background } = value as { edges: number[]; signal: Content; background: Content };
    if (edges.some((x, i) => i > 0 && !(x > edges[i - 1]!)))
      return must(`${path}.edges`, "ascending numbers");
    const filled = equallyLong(["sum", "error", "entries"], () => edges.length - 1);
    return filled(signal, `${path}.signal`) ?? filled(background, `${path}.background`);
  },
);

/** The object of a result.json. */
export const checkRun: Check = object(
  {
    ...counted,
    ...{ expression: text, history, seed: count, warnings: list(text), cuts: record(cutChange) },
    objective: object({ name: text, start: number, end: number }),
    timing: object({ read: number, compile: number, train: number, total: number, eventsPerSecond: number }),
  },
  {
    ...{ network: workingPoint, histogram, soft: text },
    validation: object(counted, { network: (v, path) => (v === null ? null : workingPoint(v, path)) }),
    cutflow: list(object({ label: text, perSample: record(yieldOf) })),
    softAgainstHard: list(
      object({ threshold: text, perSample: record(object({ soft: yieldOf, hard: yieldOf })) }),
    ),
  },
);

const filled = object({ range, perSample: record(list(number, 1)) });
const selected = both(
  object({
    range,
    perSample: record(
      both(
        object({ soft: list(number, 1), hard: numbers, ratioError: numbers }),
        equallyLong(["soft", "hard", "ratioError"]),
      ),
    ),
  }),
);
const grid = both(
  object(
    { x: range, y: range, shape: pair(count), values: numbers, levels: numbers },
    { kept: numbers, note: text },
  ),
  (value, path) => {
    const { shape, values } = value as { shape: [number, number]; values: unknown[] };
    if (shape.some((n) => n < 2)) return must(`${path}.shape`, "two numbers from 2");
    return values.length === shape[0] * shape[1]
      ? null
      : must(`${path}.values`, `a list of ${shape[0]} × ${shape[1]}`);
  },
);
const points = both(object({ x: numbers, y: numbers }), equallyLong(["x", "y"]));

/** The object of a plot.json. */
export const checkPlot: Check = object(
  { samples: list(text), columns: list(object({ column: text, all: filled }, { selected })) },
  {
    plane: object(
      { x: text, y: text, frame: object({ x: range, y: range }), points: record(points) },
      { score: grid },
    ),
    softStep: object({ distance: range, weight: list(finite, 2) }),
    score: both(filled, object({ title: text })),
    roc: both(
      object({ background: list(number, 1), signal: numbers, area: number }),
      equallyLong(["background", "signal"]),
    ),
  },
);
