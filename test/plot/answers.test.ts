/** The figures of what the statistics answer. */

import { beforeAll, describe, expect, it } from "vitest";
import { init, uncorrelatedBackground } from "../../src/index.js";
import { limitScan } from "../../src/infer/answers/limitscan.js";
import * as plot from "../../src/plot/index.js";

const model = () => uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
const dataOf = (of: ReturnType<typeof model>) => [51, 48, ...of.suggestedAuxdata()];
const said = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof plot.FigureError) return error.message;
    throw error;
  }
  return "drawn";
};

beforeAll(() => init());

describe.each([5, 8])("the band of a scan of %d values", (count) => {
  const asked = () => {
    const of = model();
    return limitScan(
      Float64Array.from({ length: count }, (_, i) => i / 2),
      dataOf(of),
      of,
      { level: 0.9 },
    );
  };

  it("is that of CLs value by value", () => {
    const scan = asked();
    const values = Array.from(scan.scan);
    const expected = values.map((_, i) => scan.expected.map((curve) => curve[i]!));
    const limit = { observed: scan.limit, expected: scan.expectedLimits };
    const band = { poi: "mu", level: 0.9, values, observed: scan.cls, expected, limit };
    expect(plot.brazil(scan)).toBe(plot.brazil(band));
    expect(plot.brazil({ ...scan, log: true })).toBe(plot.brazil({ ...band, log: true }));
  });

  it("is refused the other way round, with what to do", () => {
    const scan = asked();
    const values = Array.from(scan.scan);
    const curves = scan.expected.map((curve) => Array.from(curve));
    const band = { poi: "mu", level: 0.9, values, observed: scan.cls, expected: curves };
    expect(said(() => plot.brazil(band))).toMatch(/data\.expected must be 5 ascending numbers.*transpose it/);
    // @ts-expect-error curves of a scan are no fives of values
    expect(said(() => plot.brazil({ ...band, expected: scan.expected }))).toMatch(/transpose it/);
    const fives = values.map((_, i) => curves.map((curve) => curve[i]!));
    expect(said(() => plot.brazil({ ...scan, expected: fives }))).toMatch(/data\.expected .*transpose it/);
    expect(said(() => plot.brazil({ ...scan, scan: scan.scan.toReversed() }))).toMatch(
      /data\.values must be asc/,
    );
  });
});
