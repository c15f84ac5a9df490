/** The figures of what the statistics answer. */

import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ShapeError } from "../../src/core/errors.js";
import { readWorkspace } from "../../src/histfactory/document/workspace.js";
import { channelStacks } from "../../src/histfactory/model/stacks.js";
import { init, uncorrelatedBackground } from "../../src/index.js";
import { goodnessOfFit } from "../../src/infer/answers/goodness.js";
import { limitScan } from "../../src/infer/answers/limitscan.js";
import { minos } from "../../src/infer/answers/minos.js";
import { fittedYields } from "../../src/infer/answers/prediction.js";
import { profileGrid, profileScan } from "../../src/infer/answers/profilescan.js";
import { pulls } from "../../src/infer/answers/pulls.js";
import { ranking } from "../../src/infer/answers/ranking.js";
import { uncertainties } from "../../src/infer/answers/uncertainties.js";
import { upperLimit } from "../../src/infer/answers/upperlimit.js";
import * as plot from "../../src/plot/index.js";
import { run } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

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

const document = {
  version: "1.0.0",
  channels: [
    {
      name: "SR",
      samples: [
        { name: "signal", data: [12, 11], modifiers: [{ name: "mu", type: "normfactor", data: null }] },
        {
          name: "background",
          data: [50, 52],
          modifiers: [
            { name: "scale", type: "normsys", data: { hi: 1.1, lo: 0.9 } },
            { name: "bins", type: "shapesys", data: [3, 7] },
            { name: "free", type: "normfactor", data: null },
          ],
        },
      ],
    },
    {
      name: "CR",
      samples: [
        {
          name: "background",
          data: [200],
          modifiers: [
            { name: "scale", type: "normsys", data: { hi: 1.2, lo: 0.8 } },
            { name: "free", type: "normfactor", data: null },
          ],
        },
      ],
    },
  ],
  observations: [
    { name: "SR", data: [57, 61] },
    { name: "CR", data: [215] },
  ],
  measurements: [{ name: "m", config: { poi: "mu", parameters: [] } }],
};

describe("the figures of the commands", () => {
  const { at } = scratch();
  const path = () => at("workspace.json");
  beforeAll(() => writeFileSync(path(), JSON.stringify(document)));
  const drawnBy = async (...args: string[]) => {
    const picture = at("picture.svg");
    const { status, err } = await run([
      args[0]!,
      path(),
      ...args.slice(1),
      "--label",
      "x",
      "--plot",
      picture,
    ]);
    expect(status, err).toBe(0);
    return readFileSync(picture, "utf8");
  };
  const asked = () => {
    const of = readWorkspace(document);
    const model = of.model();
    return { model, data: of.data(model) };
  };
  const labels = { text: "x" };
  const spaced = (low: number, high: number, n: number) =>
    Array.from({ length: n }, (_, i) => (i === n - 1 ? high : low + ((high - low) * i) / (n - 1)));

  it("are those of the answers: brazil", async () => {
    const { model, data } = asked();
    const limit = upperLimit(data, model);
    const scan = limitScan(spaced(0, 3, 5), data, model);
    const band = { ...scan, limit: limit.observed, expectedLimits: limit.expected };
    expect(plot.brazil(band, labels)).toBe(await drawnBy("upperlimit", "--range", "0..3", "--points", "5"));
  });

  it("are those of the answers: pulls and ranking", async () => {
    const { model, data } = asked();
    const pulled = pulls(data, model);
    const picture = await drawnBy("ranking");
    expect(plot.ranking({ ...ranking(data, model), pulls: pulled.pulls }, labels)).toBe(picture);
    // @ts-expect-error a ranking alone does not know which parameters are free
    expect(said(() => plot.ranking(ranking(data, model)))).toMatch(/data\.pulls is missing/);
    const bars = pulled.pulls.map(({ name, pull, constraint }) => ({
      ...{ name, pull },
      error: [constraint, constraint] as const,
    }));
    expect(plot.pulls(pulled)).toBe(plot.pulls({ pulls: bars }));
    const [interval] = minos(data, model, { parameters: ["scale"] }).intervals;
    const scale = pulled.pulls.find(({ name }) => name === "scale")!;
    const error = [-interval!.down / scale.prefitStdev, interval!.up / scale.prefitStdev] as const;
    const one = { name: "scale", pull: scale.pull, error };
    expect(plot.pulls({ pulls: [{ ...scale, interval: interval! }] })).toBe(plot.pulls({ pulls: [one] }));
    expect(plot.pulls(pulled, labels)).toBe(await drawnBy("pulls"));
  });

  it("are those of the answers: profile and contour", async () => {
    const { model, data } = asked();
    const scan = profileScan("mu", data, model, { values: spaced(0, 3, 9) });
    const { stdev, names } = uncertainties(data, model);
    const [found] = minos(data, model, { parameters: ["mu"] }).intervals;
    const { best, down, up } = found!;
    const known = { uncertainty: stdev[names.indexOf("mu")]!, interval: [best + down, best + up] as const };
    const picture = await drawnBy("scan", "--parameter", "mu", "--range", "0..3", "--points", "9");
    expect(plot.profile({ ...scan, ...known }, labels)).toBe(picture);
    const over = {
      ranges: [
        [0.8, 1.2],
        [0, 3],
      ] as const,
      points: [5, 5] as const,
    };
    const grid = profileGrid(["free", "mu"], data, model, over);
    const spans = ["--parameter", "mu", "--parameter", "free", "--range", "0..3", "--range", "0.8..1.2"];
    expect(plot.contour(grid, labels)).toBe(await drawnBy("scan", ...spans, "--points", "5"));
    expect(said(() => plot.contour(scan))).toMatch(/must be a scan over two parameters/);
    expect(said(() => plot.profile(grid))).toMatch(/must be a scan of one parameter/);
  });

  it("are those of the answers: yields", async () => {
    const { model, data } = asked();
    const { x, postfit } = fittedYields(data, model);
    const [, second] = channelStacks(x, postfit, data, model);
    const stack = { ...second!, when: "after the fit" };
    expect(plot.yields(stack, labels)).toBe(await drawnBy("yields", "--channel", "SR"));
    const short = () => channelStacks(x, postfit, data.slice(1), model);
    expect(short).toThrow(ShapeError);
  });

  it("are those of the answers: goodness", () => {
    const of = model();
    const found = goodnessOfFit(dataOf(of), of);
    const { chi2: observed, p: pValue, ndof: degrees } = found;
    const data = { name: "−2 log λ, saturated model", observed, pValue, degrees };
    expect(plot.goodness(found)).toBe(plot.goodness(data));
    expect(said(() => plot.goodness({ ...found, ndof: 0 }))).toMatch(/data\.ndof must be above 0/);
  });
});
