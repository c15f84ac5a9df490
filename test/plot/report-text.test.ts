import { describe, expect, it } from "vitest";
import { progress } from "../../src/cli/training/progress.js";
import { type Result, toJson, toResult } from "../../src/cli/training/resultjson.js";
import { align, resultTable } from "../../src/cli/training/resulttable.js";
import { binned, columnRange, decades, decimate, thin, ticks, tickText } from "../../src/plot/kit/ranges.js";
import { duration, fixedDigits, rate, significant, withError } from "../../src/text/numbertext.js";
import { toyReport } from "../kit/toyreport.js";

describe("numbers as text", () => {
  it("two digits of the error, and the value to the same place", () => {
    expect(withError(25114.3, 158.4)).toBe("25114 ± 158");
    expect(withError(12.34567, 0.0345)).toBe("12.346 ± 0.035");
    expect(withError(1.8e-121, 4.8e-122)).toBe("1.8e-121 ± 4.8e-122");
    expect(withError(0, 0)).toBe("0 ± 0");
    expect(withError(Number.NaN, 1)).toBe("n/a ± 1");
  });

  it("significances, rates and times", () => {
    expect([216.6123, 3.13579, 0.012345, 0, 1.2e-5].map((x) => fixedDigits(x))).toEqual([
      "216.61",
      "3.1358",
      "0.0123",
      "0.0000",
      "1.2e-5",
    ]);
    expect([significant(24.37128381), significant(Number.POSITIVE_INFINITY), significant(-0.5)]).toEqual([
      "24.3713",
      "inf",
      "-0.5",
    ]);
    expect([rate(3.42e6), rate(512), rate(Number.NaN)]).toEqual(["3.42 M", "512", "-"]);
    expect([0.84, 42.3, 185, 7800].map(duration)).toEqual(["0.8 s", "42 s", "3 min 05 s", "2 h 10 min"]);
  });
});

describe("axes and bins", () => {
  it("axes: round ticks, robust ranges, points that keep spikes", () => {
    expect(ticks([-0.11, 0.52], 5)).toEqual({
      major: [-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5],
      minor: expect.arrayContaining([0.32, -0.02]) as number[],
      step: 0.1,
    });
    expect(ticks([0, 2000], 5).major).toEqual([0, 500, 1000, 1500, 2000]);
    expect([tickText(-0.5, 0.5), tickText(3, 1), tickText(450500, 500), tickText(1e-20, 0.1)]).toEqual([
      "−0.5",
      "3",
      "450500",
      "0.0",
    ]);
    const column = Float64Array.from({ length: 1001 }, (_, i) => i / 10);
    column[0] = -1e9;
    const [low, high] = columnRange([column], [60, 5000]);
    expect(low).toBeGreaterThan(-5);
    expect(high).toBeLessThan(110);
    const steps = Array.from({ length: 10000 }, (_, i) => i);
    const spiked = decimate(
      steps,
      steps.map((i) => (i === 7777 ? 99 : 0)),
    );
    expect(spiked.length).toBeLessThan(700);
    expect(spiked).toContainEqual([7777, 99]);
    expect(spiked[0]).toEqual([0, 0]);
    expect(spiked[spiked.length - 1]).toEqual([9999, 0]);
    const frame = { x: [0, 50] as [number, number], y: [0, 50] as [number, number] };
    expect(thin(column, column, frame, 100)).toHaveLength(100);
    expect([
      ...binned(Float64Array.of(0, 0.9, 1, 2, Number.NaN), Float64Array.of(1, 2, 4, 8, 16), [0, 2], 2),
    ]).toEqual([3, 4]);
  });

  it("logarithmic axes: powers of ten, fewer of many, 1 2 5 within one", () => {
    expect(decades([0.5, 2000], 5)).toMatchObject({ major: [1, 10, 100, 1000] });
    expect(decades([1e-9, 1], 4).major).toEqual([1e-9, 1e-7, 1e-5, 1e-3, 1e-1]);
    expect(decades([1.5, 9], 4).major).toEqual([2, 5]);
    const { text } = decades([1e-5, 1], 6);
    expect([1e-5, 1e-2, 1].map(text)).toEqual(["10^−5", "10^−2", "1"]);
  });
});

describe("result table", () => {
  it("fits 80 columns and shows soft beside hard, before and after", () => {
    const text = resultTable(toyReport(4000).run);
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(text).toMatch(/^softmax loss {2}450602\.62 -> 448089\.3 {2}\(2000 steps\)\n/);
    expect(text).toMatch(/\nx +x > +1 +-1\.8545 +-2\.854\n/);
    expect(text).toMatch(/\nbefore +soft +\d+ ± \d+ +\d+ ± \d+ +[\d.]+ +[\d.]+\n +hard +\d+ ± \d+/);
    expect(text).toContain("\nselection\n  x > -1.8545 && y > -1.8163\n");
  });

  it("breaks a long selection at &&, and adds warnings", () => {
    const run = {
      ...toyReport(50).run,
      expression: Array(9).fill("abs(eta) < 2.4").join(" && "),
      warnings: ["stuck"],
    };
    const text = resultTable(run);
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(text.replace(/\n {2}&&/g, " &&")).toContain(run.expression);
    expect(text).toMatch(/\nwarning: stuck\n$/);
  });

  it("aligns texts left and numbers right", () => {
    expect(
      align([
        ["a", "1.5 ± 1"],
        ["long", "2"],
      ]),
    ).toEqual(["a     1.5 ± 1", "long        2"]);
  });
});

describe("result.json", () => {
  it("reads back to the same bits", () => {
    const run = toyReport(50).run;
    run.cuts.x!.end = -0;
    run.cuts.y!.end = 0.1 + 0.2;
    const result: Result = toResult(run, "maxSteps", "0.1.0");
    const text = toJson(result);
    const back = JSON.parse(text) as Result;
    expect(back).toEqual(result);
    expect(back.cuts.y!.end).toBe(0.1 + 0.2);
    expect(Object.is(back.cuts.x!.end, -0)).toBe(true);
    expect([back.schema, back.version, Object.keys(back.yields)[0]]).toEqual(["gradcut.result", 1, "signal"]);
    expect(text.split("\n").length).toBeLessThan(140);
  });

  it("is JSON for whatever it gets", () => {
    const value = {
      a: [],
      b: {},
      c: [[1, 2], [3]],
      d: Float64Array.of(0.5, Number.NaN),
      e: Number.NaN,
      f: undefined,
      g: "\n",
    };
    expect(JSON.parse(toJson(value))).toEqual({
      a: [],
      b: {},
      c: [[1, 2], [3]],
      d: [0.5, null],
      e: null,
      g: "\n",
    });
  });
});

describe("progress", () => {
  function run(isTTY: boolean, seconds: number, steps = 1000, last = steps) {
    const lines: string[] = [];
    let time = 5;
    const stream = { isTTY, columns: 80, write: (text: string) => lines.push(text) };
    const shown = progress({ steps, events: 1e6, stream, now: () => time });
    for (let step = 1; step <= last; step++) {
      time = 5 + (seconds * step) / steps;
      shown.update(step, 1234.5 - step);
    }
    shown.end();
    shown.end();
    return lines;
  }

  it("rewrites one line on a terminal and ends it", () => {
    const lines = run(true, 10);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.length).toBeLessThan(110);
    expect(lines.slice(0, -1).every((line) => line.startsWith("\r") && line.length < 85)).toBe(true);
    expect(lines[lines.length - 1]).toBe("\n");
    expect(lines[lines.length - 2]).toContain("step 1000/1000   loss 234.50000   100 M events/s   10 s");
  });

  it("writes few plain lines elsewhere, the last state always", () => {
    const lines = run(false, 60);
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe("step  500/1000   loss 734.50000   16.7 M events/s   30 s left\n");
    expect(run(false, 0.5)).toEqual(["step 1000/1000   loss 234.50000   2.00 G events/s   0.5 s\n"]);
    expect(run(false, 3600).length).toBeLessThanOrEqual(121);
    expect(run(false, 3600).length).toBeGreaterThan(100);
    expect(run(false, 10, 1000, 0)).toEqual([]);
  });
});
