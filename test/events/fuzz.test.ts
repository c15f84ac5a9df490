// GRADCUT_FUZZ=100000 runs that many cases of each property instead of a few hundred.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aboutEvents, type Events } from "../../src/core/events.js";
import { concatenate } from "../../src/events/concatenate.js";
import { DataError } from "../../src/events/dataerror.js";
import { readCsv } from "../../src/events/formats/csv/readcsv.js";
import { cut } from "../../src/index.js";
import { CutError } from "../../src/select/grammar/cuterror.js";
import { columns, starts, thresholds } from "../../src/select/grammar/names.js";
import { parseCut, parseDefinition, parseExpr } from "../../src/select/grammar/parse.js";
import { printExpr } from "../../src/select/grammar/printexpr.js";
import { allowed, stopwatch } from "../kit/clock.js";
import { bytesOf, plain, sourceOf } from "../kit/data-help.js";

const numRuns = Number(process.env.GRADCUT_FUZZ ?? 300);
const hours = 1e7;
/** Far more than any takes; what must not happen is a time that grows with a power of the length. */
const patience = 5000;

describe("cuts", () => {
  const words = fc.constantFrom(
    ...[
      "pt",
      "eta",
      "Muon_pt",
      "Jet.PT",
      "`a b`",
      "`",
      "x",
      "1",
      "2.5",
      "1e3",
      ".5",
      "1e400",
      "30",
      "e",
      "_",
      "{",
      "}",
      "{a = 3}",
      "{a}",
    ],
    ...[
      "{b=-1}",
      "<",
      "<=",
      ">",
      ">=",
      "==",
      "!=",
      "&&",
      "||",
      "!",
      "-",
      "+",
      "*",
      "/",
      "**",
      "(",
      ")",
      "[",
      "]",
    ],
    ...[
      "[0]",
      ",",
      "=",
      "abs(",
      "min(",
      "fixed(",
      "pow(",
      "sqrt(x)",
      "and",
      " ",
      "  ",
      "\n",
      "\t",
      "≤",
      "&",
      "π",
    ],
  );
  const text = fc.oneof(
    { weight: 5, arbitrary: fc.array(words, { maxLength: 25 }).map((parts) => parts.join(" ")) },
    { weight: 3, arbitrary: fc.array(words, { maxLength: 25 }).map((parts) => parts.join("")) },
    { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  );
  /** A cut that parses, from the grammar. */
  const { condition } = fc.letrec<{ value: string; condition: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthIdentifier: "cut" },
      fc.constantFrom("pt", "eta", "x", "j[0]", "j[12]", "Jet.PT[1]", "`a (b)`", "`a``b`[0]"),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x < 0 ? `(${x})` : String(x))),
      fc
        .tuple(tie("value"), fc.constantFrom("+", "-", "*", "/", "**"), tie("value"))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie("value").map((a) => `abs(${a})`),
      fc.array(tie("value"), { minLength: 2, maxLength: 4 }).map((list) => `max(${list.join(", ")})`),
      tie("value").map((a) => `-${a}`),
    ),
    condition: fc.oneof(
      { maxDepth: 4, depthIdentifier: "cut" },
      fc
        .tuple(tie("value"), fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("value"))
        .map((parts) => parts.join(" ")),
      fc.tuple(tie("value"), tie("value")).map(([a, b]) => `${a} < ${b} <= 7`),
      fc
        .tuple(tie("condition"), fc.constantFrom("&&", "||"), tie("condition"))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie("condition").map((a) => `!(${a})`),
    ),
  }));

  /** What a reader answers, which may be a CutError but nothing else. */
  function answer<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof CutError)) throw error;
      // Bounded for a terminal whatever the text; carets stand under the line.
      const lines = error.message.split("\n");
      expect(lines.length).toBeLessThanOrEqual(4);
      expect(error.message.length).toBeLessThan(800);
      expect(error.start).toBeLessThanOrEqual(error.end);
      expect(error.end).toBeLessThanOrEqual(error.text.length);
      return undefined;
    }
  }

  /** What is done with a tree, none of which may fail. */
  function use(tree: ReturnType<typeof parseCut>): void {
    const printed = printExpr(tree);
    expect(columns(tree).length).toBeGreaterThanOrEqual(0);
    const at = starts(tree);
    expect(thresholds(tree).every(({ name, fixed }) => fixed || name in at)).toBe(true);
    // What is printed is a cut that prints the same.
    expect(printExpr(parseCut(printed))).toBe(printed);
  }

  test(
    "any text parses or has a CutError",
    () => {
      fc.assert(
        fc.property(text, (input) => {
          const tree = answer(() => parseCut(input));
          if (tree !== undefined) use(tree);
          answer(() => parseExpr(input));
          answer(() => parseDefinition(input));
        }),
        { numRuns },
      );
    },
    hours,
  );

  test(
    "what the grammar makes prints and parses again",
    () => {
      fc.assert(
        fc.property(condition!, (input) => {
          const tree = answer(() => parseCut(input));
          if (tree !== undefined) use(tree);
        }),
        { numRuns },
      );
    },
    hours,
  );

  test(
    "one wrong character in a cut is found or harmless",
    () => {
      fc.assert(
        fc.property(condition!, fc.nat(), fc.string({ unit: "binary", maxLength: 2 }), (input, at, other) => {
          const where = at % (input.length + 1);
          const tree = answer(() => parseCut(input.slice(0, where) + other + input.slice(where + 1)));
          if (tree !== undefined) use(tree);
        }),
        { numRuns },
      );
    },
    hours,
  );

  const n = 20_000;
  test.each<[string, string]>([
    ["parentheses", `${"(".repeat(n)}x > 1${")".repeat(n)}`],
    ["only opening", "(".repeat(n)],
    ["only closing", ")".repeat(n)],
    ["not", `${"!".repeat(n)}(x > 1)`],
    ["minus", `${"-".repeat(n)}x > 1`],
    ["minus apart", `${"- ".repeat(n)}x > 1`],
    ["sum", `${"x + ".repeat(n)}x > 1`],
    ["powers", `${"x ** ".repeat(n)}x > 1`],
    ["and", `${"x > 1 && ".repeat(n)}x > 1`],
    ["or", `${"x > 1 || ".repeat(n)}x > 1`],
    ["or of and", `${"x > 1 && y < 1 || ".repeat(n)}x > 1`],
    ["chain", `0${" < x".repeat(n)}`],
    ["calls", `${"abs(".repeat(n)}x${")".repeat(n)} > 1`],
    ["arguments", `max(${"x, ".repeat(n)}x) > 1`],
    ["named thresholds", Array.from({ length: n / 10 }, (_, i) => `x > {a${i} = 1}`).join(" && ")],
    ["braces", `x > ${"{".repeat(n)}`],
    ["brackets", `x${"[".repeat(n)}`],
    ["digits", `x > ${"1".repeat(n)}`],
    ["decimals", `x > 0.${"1".repeat(n)}`],
    ["exponent", `x > 1e${"9".repeat(n)}`],
    ["index", `x[${"1".repeat(n)}] > 1`],
    ["name", `${"x".repeat(n)} > 1`],
    ["unknown function", `${"f".repeat(n)}(x) > 1`],
    ["space", `${" ".repeat(n)}x > 1${"\n".repeat(n)}`],
    ["foreign", "€".repeat(n)],
    ["lone surrogates", "\ud800".repeat(n)],
  ])("bounded time and stack: %s", (_, input) => {
    const took = stopwatch();
    const tree = answer(() => parseCut(input));
    if (tree !== undefined) use(tree);
    answer(() => parseExpr(input));
    answer(() => cut(input));
    expect(took()).toBeLessThan(allowed(patience));
  });
});

describe("CSV", () => {
  const number = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -0, 0.1, 5e-324, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
  );
  const wordOf = (x: number) =>
    Number.isNaN(x)
      ? "nan"
      : Number.isFinite(x)
        ? Object.is(x, -0)
          ? "-0"
          : String(x)
        : x > 0
          ? "inf"
          : "-inf";
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
    .filter(
      (text) =>
        /^[^\s\0\uFFFD]+$/u.test(text) &&
        !/[\uFEFF]/.test(text) &&
        Number.isNaN(Number(text)) &&
        !/^[-+]?(nan|inf|infinity|true|false)$/i.test(text),
    );
  const quoted = (text: string, always: boolean) =>
    always || /[",;|]|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  /** Numbers, and a text that holds them. */
  const file = fc
    .uniqueArray(name, { minLength: 1, maxLength: 4 })
    .chain((names) =>
      fc.record({
        names: fc.constant(names),
        rows: fc.array(fc.array(number, { minLength: names.length, maxLength: names.length }), {
          minLength: 1,
          maxLength: 8,
        }),
        style: fc.record({
          mark: fc.boolean(),
          quotes: fc.boolean(),
          end: fc.constantFrom("\n", "\r\n"),
          space: fc.constantFrom("", " ", "\t"),
          last: fc.boolean(),
        }),
      }),
    )
    .map(({ names, rows, style: { mark, quotes, end, space, last } }) => {
      const line = (cells: string[]) =>
        cells.map((cell) => (quotes ? quoted(cell, true) : space + cell)).join(",");
      const text = [
        names.map((each) => quoted(each, quotes)).join(","),
        ...rows.map((row) => line(row.map(wordOf))),
      ].join(end);
      return { names, rows, text: (mark ? "\uFEFF" : "") + text + (last ? end : "") };
    });

  /** A whole number beyond 2**53 makes a column of 64-bit integers; here they are the same numbers. */
  const asNumbers = (table: Events) =>
    Object.fromEntries(
      Object.entries(plain(table)).map(([key, values]) => [key, (values as unknown[]).map(Number)]),
    );

  test(
    "holds the numbers that were written",
    async () => {
      await fc.assert(
        fc.asyncProperty(file, async ({ names, rows, text }) => {
          const table = asNumbers(await readCsv(sourceOf(bytesOf(text))));
          for (const [c, each] of names.entries()) {
            const values = rows.map((row) => row[c]!);
            // 64-bit integers have no -0.
            for (const [r, value] of values.entries()) {
              if (
                !Object.is(table[each]![r], value) &&
                !(value === 0 && table[each]![r] === 0 && values.some((x) => Math.abs(x) > 2 ** 53))
              )
                throw new Error(`${value} read as ${table[each]![r]} in ${JSON.stringify(text)}`);
            }
          }
        }),
        { numRuns },
      );
    },
    hours,
  );

  const pieces = fc.array(
    fc.constantFrom(
      "1",
      "2.5",
      "x",
      "y",
      ",",
      ",",
      "\n",
      "\n",
      "\r\n",
      "\r",
      '"',
      '"',
      '""',
      " ",
      "-",
      "+",
      ".",
      "e5",
      "nan",
      "inf",
      "true",
      "9007199254740993",
      "-9223372036854775808",
      "99999999999999999999",
      "0x1",
      "\0",
      "\uFEFF",
      "\u{1f600}",
      "1".repeat(30),
    ),
    { maxLength: 40 },
  );
  const anything = fc.oneof(
    pieces.map((parts) => bytesOf(parts.join(""))),
    pieces.map((parts) => bytesOf(`x,y\n1,2\n${parts.join("")}`)),
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from([...bytesOf("x,y\n1,2\n"), ...bytes])),
  );

  async function answer(run: () => Promise<Events>): Promise<Events | string> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      expect(error.message).not.toMatch(/\p{Cc}/u);
      expect(error.message.length).toBeLessThan(400);
      return error.message;
    }
  }

  test(
    "any bytes make a table or a DataError, wherever they are cut",
    async () => {
      await fc.assert(
        fc.asyncProperty(anything, fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
          const whole = await answer(() => readCsv(sourceOf(bytes)));
          const parts = (async function* () {
            for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
          })();
          const again = await answer(() => readCsv(parts));
          if (typeof whole === "string" || typeof again === "string") expect(again).toEqual(whole);
          else {
            expect(plain(again)).toEqual(plain(whole));
            expect(aboutEvents(concatenate([whole, again])).rows).toBe(2 * aboutEvents(whole).rows);
          }
        }),
        { numRuns },
      );
    },
    hours,
  );
});
