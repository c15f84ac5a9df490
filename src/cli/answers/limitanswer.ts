/** `gradcut upperlimit`: where CLs falls to a level, observed and expected, and the Brazil band. */

import { hypotest } from "../../infer/answers/hypotest.js";
import { type LimitScan, limitScan } from "../../infer/answers/limitscan.js";
import { upperLimit } from "../../infer/answers/upperlimit.js";
import { bandOf, type ScannedCls } from "../../plot/figures/brazil.js";
import { significant } from "../../text/numbertext.js";
import type { upperlimitOptions } from "../commands/upperlimit.js";
import type { Io } from "../io.js";
import type { Span } from "../line/optionvalue.js";
import type { Given } from "../line/parseline.js";
import { readQuestion } from "./asked.js";
import { announce, breathe, counter } from "./counter.js";
import { numbersOf } from "./digits.js";
import { type Answer, checkOutputs, give } from "./output.js";
import { spread } from "./spread.js";

/** The fluctuations of the expected band, in standard deviations. */
export const sigmas = [-2, -1, 0, 1, 2] as const;
export const sigmaName = (n: number): string => (n === 0 ? "median" : `${n > 0 ? "+" : "−"}${Math.abs(n)}σ`);

export async function upperlimit(given: Given<typeof upperlimitOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { level, points, range, "test-stat": testStat } = options;
  const { model, data, title, label } = await readQuestion(given, io);
  const numbers = numbersOf(options);
  const text = (x: number) => numbers.plain(x);
  const told = (x: number) => (Number.isNaN(x) ? "none" : text(x));
  const asked = { level, testStat };
  announce(searchFits, { model, data }, io);
  const limit = upperLimit(data, model, asked);
  const poi = model.config.poiIndex!;
  const name = model.config.parNames[poi]!;
  const drawn = range ?? drawnRange([limit.observed, ...limit.expected], model.config.suggestedUpper[poi]!);
  const values = spread(drawn, points);
  const scan = await scanned(values, (part) => limitScan(part, data, model, asked), io);
  const components = () => {
    const tails = values.map((mu) => hypotest(mu, data, model, { testStat }).tail);
    return { clsb: tails.map(([clsb]) => clsb!), clb: tails.map(([, clb]) => clb!) };
  };
  const percent = significant(100 * level, 5);
  const answer: Answer = {
    title: title === "" ? "Upper limit" : `Upper limit: ${title}`,
    summary: Number.isNaN(limit.observed)
      ? `no ${percent} % upper limit of ${name} (expected ${told(limit.expected[2]!)})`
      : `${percent} % upper limit of ${name}: ${text(limit.observed)} (expected ${told(limit.expected[2]!)})`,
    warnings: limit.warnings,
    failed: !limit.converged,
    json: {
      schema: "gradcut.upperlimit",
      version: 1,
      poi: name,
      level,
      observed: limit.observed,
      expected: limit.expected,
      status: limit.status,
      statuses: limit.statuses,
      scan: {
        values,
        CLs_obs: scan.cls,
        CLs_exp: values.map((_, i) => scan.expected.map((curve) => curve[i]!)),
      },
    },
    tables: [
      {
        heading: "Limits",
        heads: ["", name],
        rows: [
          ["observed", told(limit.observed)],
          ...sigmas.map((n, i) => [`expected ${sigmaName(n)}`, told(limit.expected[i]!)]),
        ],
      },
    ],
    facts: [
      ["confidence level", String(level)],
      ["test statistic", testStat],
    ],
    figures() {
      const data = bandOf({
        ...scan,
        limit: limit.observed,
        expectedLimits: limit.expected,
        log: options.log,
        ...(options.components ? { components: components() } : {}),
      });
      return [{ figure: "brazil", name: "cls", data, labels: label }];
    },
  };
  return give(answer, options, io);
}

/** Values of one call, so that a long scan can tell where it is. */
const portion = 16;

/** The scans of all portions as one. */
async function scanned(
  values: readonly number[],
  ask: (part: number[]) => LimitScan,
  io: Io,
): Promise<Omit<ScannedCls, "limit" | "expectedLimits">> {
  const scans: LimitScan[] = [];
  const progress = counter("value", values.length, io);
  for (let from = 0; from < values.length; from += portion) {
    // Portions of one size, so that one function serves them all.
    const part = Array.from(
      { length: Math.min(portion, values.length) },
      (_, i) => values[from + i] ?? values.at(-1)!,
    );
    scans.push(ask(part));
    progress.update(Math.min(from + portion, values.length));
    await breathe();
  }
  progress.end();
  const { poi, level } = scans[0]!;
  const all = (curveOf: (scan: LimitScan) => Float64Array) =>
    scans.flatMap((scan) => Array.from(curveOf(scan))).slice(0, values.length);
  const expected = sigmas.map((_, i) => all((scan) => scan.expected[i]!));
  return { poi, level, scan: values, cls: all((scan) => scan.cls), expected };
}

/** About as many fits find the six limits. */
const searchFits = 80;

/** From 0 to somewhat beyond the highest limit, or to the bound of the parameter where there is none. */
function drawnRange(limits: readonly number[], bound: number): Span {
  const highest = Math.max(...limits.filter(Number.isFinite));
  if (highest > 0) return [0, highest * 1.15];
  return [0, Number.isFinite(bound) && bound > 0 ? bound : 10];
}
