// Walks the records of objectives: what is written once must appear everywhere, and be right.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, init, type Tensor, table, valueAndGrad } from "../../src/index.js";
import {
  objectiveNames,
  objectiveOf,
  objectives,
  objectivesOf,
  objectiveValue,
} from "../../src/objectives/index.js";
import type { Run } from "../../src/plot/rundata.js";
import { run, writeRows } from "../kit/clirun.js";
import { scratch } from "../kit/data-help.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const trainHelp = (await run(["train", "--help"])).out;
const { folder } = scratch();
const docs = ["docs/train.md", "docs/objectives.md"].map((file) => readFileSync(file, "utf8")).join("\n");

describe.each([...objectiveNames])("%s", (name) => {
  const { words, scale, better, ...domains } = objectives[name];

  it("is of something, and says what it is in one line of help and in the docs", () => {
    expect(Object.values(domains).length).toBeGreaterThan(0);
    expect(words.length).toBeGreaterThan(2);
    expect(trainHelp.replace(/\s+/g, " ")).toContain(words);
    expect(trainHelp).toMatch(new RegExp(`^ {2}${name} `, "m"));
    expect(docs).toContain(`\`${name}\``);
    expect(objectiveValue(name, Math.log(3))).toBeCloseTo(
      scale === "linear" ? Math.log(3) : better === "higher" ? 1 / 3 : 3,
      14,
    );
  });

  it("gets better by training, and is what the result is about", async () => {
    const rows = (n: number, mean: number) =>
      Array.from({ length: n }, (_, i) => ({
        x: mean + 3 * Math.sin(i * i),
        y: mean / 2 + Math.cos(7 * i),
        w: 0.5,
      }));
    const files = (["signal", "background"] as const).flatMap((sample) => [
      `--${sample}`,
      writeRows(join(folder, `${name}-${sample}.csv`), rows(400, sample === "signal" ? 2 : 0)),
    ]);
    const of = objectives[name].yields || objectives[name].events ? [] : ["--hist", "x:2,-2..6"];
    const { out, err, status } = await run([
      ...["train", ...files, "--weight", "w", "--cut", "y > 0.2", "--objective", name, ...of],
      ...["--steps", "40", "--lr", "0.02", "--dtype", "f64", "--json"],
    ]);
    expect(status, err).toBe(0);
    const { objective, histogram, significance } = JSON.parse(out) as Run;
    expect(objective.name).toBe(name);
    const gain = objective.end - objective.start;
    expect(better === "higher" ? gain : -gain).toBeGreaterThan(0);
    if (of.length > 0) expect(histogram!.objective).toMatchObject({ name, hard: expect.any(Number) });
    else if (objectives[name].yields) expect(significance.after[name]).toBeGreaterThan(0);
  });
});

const yieldPair = fc.tuple(
  fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
  fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
);

describe.each([...objectivesOf("yields")])("%s of yields", (name) => {
  const { loss, number, uncertain } = objectiveOf(name, "yields");
  const traced = (relative: number) =>
    compile(
      valueAndGrad((p: { s: Tensor; b: Tensor }) => loss(p.s.log(), p.b.log(), relative ? { relative } : {})),
    );
  const parts = uncertain ? [0, 0.2] : [0];
  const compiled = new Map(parts.map((part) => [part, traced(part)]));

  it("is the number of plain yields, with the slopes of differences", () => {
    fc.assert(
      fc.property(yieldPair, fc.constantFrom(...parts), ([s, b], relative) => {
        const { value, grads } = compiled.get(relative)!({ s, b }) as {
          value: number;
          grads: { s: number; b: number };
        };
        const at = (signal: number, background: number) => number(signal, background, relative * background);
        expect(objectiveValue(name, value) / at(s, b)).toBeCloseTo(1, 10);
        const h = 1e-4;
        const slope = (f: (x: number) => number, x: number) =>
          (f(x * (1 + h)) - f(x * (1 - h))) / (2 * h * x);
        const wanted = {
          s: slope((x) => -Math.log(at(x, b)), s),
          b: slope((x) => -Math.log(at(s, x)), b),
        };
        for (const key of ["s", "b"] as const) {
          const scale = Math.abs(wanted[key]) + 1e-3 / { s, b }[key];
          expect(Math.abs(grads[key] - wanted[key]) / scale).toBeLessThan(1e-5);
        }
      }),
      { numRuns: runs(100) },
    );
  });
});

describe.each([...objectivesOf("events")])("%s of events", (name) => {
  const { loss, score } = objectiveOf(name, "events");
  // What scores may be: of p they are in (0, 1).
  const scored = (x: Tensor) => (score === "probability" ? x.sigmoid() : x);
  const step = compile(
    valueAndGrad((p: { k: Tensor }, e: Record<"signal" | "background", { x: Tensor; w: Tensor }>) =>
      loss(scored(e.signal.x.mul(p.k)), scored(e.background.x.mul(p.k)), {
        signal: e.signal.w,
        background: e.background.w,
      }),
    ),
  );

  it("has the slope of differences, and counts an event of weight 2 twice", () => {
    const sample = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(sample, sample, fc.double({ min: -1, max: 1, noNaN: true }), (s, b, k) => {
        const columns = (x: readonly number[], weight: number) =>
          table({ x: Float64Array.from(x), w: new Float64Array(x.length).fill(weight) }, { dtype: "f64" });
        const data = { signal: columns(s, 1), background: columns([...b, ...b], 1) };
        const { value, grads } = step({ k }, data) as { value: number; grads: { k: number } };
        const h = 1e-5;
        const slope = (step({ k: k + h }, data).value - step({ k: k - h }, data).value) / (2 * h);
        expect(Math.abs(grads.k - slope)).toBeLessThan(1e-6 * (1 + Math.abs(value) + Math.abs(slope)));
        expect(step({ k }, { ...data, background: columns(b, 2) }).value).toBeCloseTo(value, 10);
      }),
      { numRuns: runs(50) },
    );
  });
});

it("what is no objective of a domain is refused by name", () => {
  expect(() => objectiveOf("bce", "bins")).toThrow(
    "bce is no objective of bins: asimov, discovery, cls, poiUncert are.",
  );
});
