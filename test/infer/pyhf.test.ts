// Every entry of test/fixtures/pyhf-numbers.json: within its tolerance, or with the optimum of docs/conformance.md.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { hypotest, InferenceError, init } from "../../src/index.js";
import { type Answer, absent, answers, needs, sbottom } from "../kit/pyhfanswers.js";
import { type Entry, entries, has, modelOf } from "../kit/pyhfhelp.js";
import { optima, prove } from "../kit/pyhfoptima.js";

// Seconds where the machine has other work.
vi.setConfig({ testTimeout: 30_000 });
beforeAll(() => init());

const numbers = (x: Answer): number[] =>
  typeof x === "number"
    ? [x]
    : (Array.from(x as ArrayLike<number>).flat() as (number | number[])[]).flatMap((v) =>
        typeof v === "number" ? [v] : Array.from(v),
      );

/** A number as the page has it: 10 digits, with an exponent where it is small. */
const digits = (v: number) => v.toExponential(9);

/** How many times the tolerance the worst number is away. */
function excess(
  got: readonly number[],
  expected: readonly number[],
  { rel = 0, abs = 0 }: Entry["tolerance"],
): number {
  expect(got.length).toBe(expected.length);
  return Math.max(
    ...expected.map((v, i) => (Object.is(got[i], v) ? 0 : Math.abs(got[i]! - v) / (abs + rel * Math.abs(v)))),
  );
}

for (const [i, reason] of Object.entries(absent))
  console.log(`skipped: entry ${i} of pyhf-numbers.json: ${reason}`);
for (const [i] of entries.entries()) {
  const file = needs(i);
  if (file && !has(file)) console.log(`skipped: entry ${i} of pyhf-numbers.json: ${file} is absent`);
}

describe("conformance", () => {
  entries.forEach((entry, i) => {
    const { description, quantity, origin, expected, tolerance } = entry;
    const title = `${i} ${origin}: ${quantity} (${description.slice(0, 60)})`;
    const file = needs(i);
    const reason = absent[i] ?? (file && !has(file) ? "../shared is absent" : undefined);
    if (reason) {
      test.skip(`${title}: skipped, ${reason}`, () => {});
      return;
    }
    if (i === 26) {
      test(title, () => {
        const { model, data } = modelOf(entry);
        for (const mu of [-1, 10.1]) {
          expect(() => hypotest(mu, data, model)).toThrow(InferenceError);
          expect(() => hypotest(mu, data, model)).toThrow(/'mu'.*outside its bounds 0 to 10/);
        }
      });
      return;
    }
    test(title, async () => {
      const got = await answers[i]!(entry);
      if (typeof expected === "string") {
        expect(got).toBe(expected);
        return;
      }
      const pinned = numbers(expected as Answer);
      const optimum = optima[i];
      const ours = numbers(got);
      if (optimum) {
        // The pinned numbers carry an optimiser's error: they are refuted, and ours is the optimum.
        expect(excess(ours, optimum.exact, { rel: 1e-8, abs: 1e-13 })).toBeLessThanOrEqual(1);
        expect(excess(optimum.exact, pinned, tolerance)).toBeGreaterThan(1);
        if (optimum.of) prove(file ? sbottom(entry) : modelOf(entry), optimum);
      } else {
        expect(excess(ours, pinned, tolerance), `${ours} against ${pinned}`).toBeLessThanOrEqual(1);
      }
    });
  });

  test("docs/conformance.md lists what is refuted, with the optimum, and what is absent", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/conformance.md"), "utf8");
    for (const [i, { exact }] of Object.entries(optima)) {
      const row = page.split("\n").find((line) => line.startsWith(`| ${i} |`));
      const listed = exact.some((v) => row?.includes(digits(v)) || row?.includes(v.toPrecision(10)));
      expect(listed, `${i} ${row}`).toBe(true);
    }
    const without = /## What has no test([\s\S]*?)## /.exec(page)![1]!;
    for (const i of Object.keys(absent)) expect(without).toMatch(new RegExp(`^\\| (\\d+, )*${i}[, ]`, "m"));
  });

  test("every entry is answered, or said to be absent", () => {
    expect(entries.length).toBe(114);
    entries.forEach((_, i) => {
      expect(i in answers || i in absent || i === 26, String(i)).toBe(true);
    });
  });
});
