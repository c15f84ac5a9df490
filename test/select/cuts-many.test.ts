import { beforeAll, describe, expect, it } from "vitest";
import { cutflow } from "../../src/cli/training/cutdetails.js";
import { widthSchedule } from "../../src/cli/training/widthschedule.js";
import { scanThresholds } from "../../src/entry/select.js";
import { type Cut, init, cut as makeCut } from "../../src/index.js";
import { cutLines } from "../../src/plot/kit/cutlines.js";
import { turnOns } from "../../src/plot/kit/turnon.js";
import { canMove, movingMask } from "../../src/select/movingmask.js";
import { stopwatch } from "../kit/clock.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";
import { toyStep } from "../kit/toyreport.js";

beforeAll(() => init());

const draw = random(11);
const column = (n: number) => Float64Array.from({ length: n }, () => Math.round(40 * draw()) / 4 - 5);
const columns = { a: column(500), b: column(500), n: Int32Array.from(column(500)) };
columns.a[7] = Number.NaN;
columns.b[9] = Number.POSITIVE_INFINITY;

const many = (terms: number) =>
  makeCut(
    Array.from({ length: terms }, (_, i) => `${i % 2 ? "a" : "b"} > {t${i} = ${-5 - i / terms}}`).join(
      " && ",
    ),
  ) as unknown as Cut;
const sample = (name: string) => ({
  name,
  rows: 500,
  read: 500,
  values: columns,
  weight: null,
  files: [],
  notes: [],
});

/** How much more processor four times as many thresholds cost: 4 where it is in line with them, 16 of its square. */
function growth(work: (terms: number) => () => void): number {
  const times = [300, 1200].map((terms) => {
    const run = work(terms);
    return Math.min(
      ...[1, 2, 3].map(() => {
        const elapsed = stopwatch();
        run();
        return elapsed();
      }),
    );
  });
  return times[1]! / times[0]!;
}

describe("cuts of many thresholds cost in line with their number", () => {
  it("for widths at every step", () => {
    const options = { width: { all: "auto", byName: new Map() }, anneal: null, steps: 100 } as const;
    const work = (terms: number) => {
      const cut = many(terms);
      return () => {
        const { at } = widthSchedule(cut, options as never, [sample("s")] as never);
        for (let step = 0; step < 10; step++) at(step);
      };
    };
    expect(growth(work)).toBeLessThan(10);
  });

  it("for a scan of hard yields", () => {
    const few = { a: columns.a.slice(0, 60), b: columns.b.slice(0, 60) };
    const work = (terms: number) => {
      const cut = many(terms / 10);
      const samples = { signal: { columns: few }, background: { columns: few } };
      return () => scanThresholds(cut, samples, { points: 4 });
    };
    expect(growth(work)).toBeLessThan(10);
  });

  it("for figures, which show no more than lines", () => {
    const cuts = Object.fromEntries(
      Array.from({ length: 65 }, (_, i) => {
        const change = {
          start: i,
          end: i + 1,
          column: "a",
          keeps: "above" as const,
          width: { start: 1, end: 1 },
        };
        return [`t${i}`, change];
      }),
    );
    const frame = { x: [0, 100], y: [0, 1] } as never;
    const { t0, ...fewer } = cuts;
    expect(t0).toBeDefined();
    expect(cutLines(cuts, "a", "x", frame, 500)).toHaveLength(2);
    expect(cutLines(fewer, "a", "x", frame, 500)).toHaveLength(4 * 64);
    expect(turnOns(cuts, "a", toyStep)).toHaveLength(0);
    expect(turnOns(fewer, "a", toyStep)).toHaveLength(64);
  });
});

it("a cutflow counts beyond the comparisons that are looked at together", () => {
  const cut = many(150);
  const bounds = Object.fromEntries(cut.thresholds.map(({ name }, i) => [name, -5 + i / 50]));
  const steps = cutflow(cut.print(bounds), cut.columns, [sample("s")] as never);
  expect(steps).toHaveLength(151);
  const kept = (i: number) =>
    columns.a.filter((a, row) => {
      const b = columns.b[row]!;
      return Array.from({ length: i }, (_, t) => (t % 2 ? a : b) > -5 + t / 50).every(Boolean);
    }).length;
  for (const i of [0, 1, 63, 64, 65, 128, 129, 150])
    expect(steps[i]!.perSample.s!.entries, String(i)).toBe(kept(i));
});

describe("a mask whose thresholds move", () => {
  const value = () => ["a", "b", "n", "abs(a)", "a + b", "n * 2"][Math.floor(6 * draw())]!;
  let next = 0;
  const threshold = () => {
    const known = next > 0 && draw() < 0.2;
    return known ? `{t${Math.floor(next * draw())}}` : `{t${next++} = ${Math.round(20 * draw()) / 4 - 2.5}}`;
  };
  const term = (depth: number): string => {
    const u = draw();
    if (depth > 0 && u < 0.25) return `(${term(depth - 1)} && ${term(depth - 1)} && ${term(depth - 1)})`;
    if (depth > 0 && u < 0.5) return `(${term(depth - 1)} || ${term(depth - 1)})`;
    if (depth > 0 && u < 0.65) return `!(${term(depth - 1)})`;
    const sign = ["<", "<=", ">", ">="][Math.floor(4 * draw())]!;
    if (u > 0.95) return `${value()} == 1`;
    if (u > 0.9) return `${value()} ${sign} fixed(1.5)`;
    return u < 0.8 ? `${value()} ${sign} ${threshold()}` : `${threshold()} ${sign} ${value()}`;
  };

  it("is that of the hard cut after every move", () => {
    for (let i = 0; i < runs(12); i++) {
      next = 0;
      const cut = makeCut(`${term(4)} && a > {t0${next ? "" : " = 0"}}`) as unknown as Cut;
      const names = Object.keys(cut.init());
      expect(canMove(cut, names), cut.text).toBe(true);
      const params = cut.init();
      const moving = movingMask(cut, names, columns, params);
      for (let step = 0; step < 6; step++) {
        expect(moving.mask, cut.text).toEqual(cut.hard(params, columns));
        const name = names[Math.floor(names.length * draw())]!;
        params[name] = Math.round(20 * draw()) / 4 - 2.5;
        moving.move(name, params[name]!);
      }
    }
  });

  it("is not made of thresholds inside arithmetic", () => {
    const inside = makeCut("a > {t = 1} + {u = 1} * b && b < {v = 3}") as unknown as Cut;
    expect([canMove(inside, ["t"]), canMove(inside, ["v"])]).toEqual([false, true]);
    const moving = movingMask(inside, ["v"], columns, { t: 2, u: 0, v: 3 });
    moving.move("v", 1);
    expect(moving.mask).toEqual(inside.hard({ t: 2, u: 0, v: 1 }, columns));
  });
});
