// gradcut upperlimit: where CLs falls to a level, observed and expected, and the Brazil band.

import { hypotest } from "../../infer/hypotest.js";
import { upperLimit } from "../../infer/limits.js";
import { type LimitScan, limitScan } from "../../infer/limitscan.js";
import { significant } from "../../plot/format.js";
import type { Command } from "../command.js";
import type { Io } from "../io.js";
import { whole } from "../options.js";
import { testStats } from "./cls.js";
import { numbersOf } from "./numbers.js";
import { type Answer, answerHelp, checkOutputs, give, outputKinds } from "./output.js";
import { announce, breathe, counter } from "./progress.js";
import { modelHelp, modelKinds, readQuestion } from "./question.js";
import { optionOf, type Span, smallProbability, span, spread } from "./values.js";

/** The fluctuations of the expected band, in standard deviations. */
export const sigmas = [-2, -1, 0, 1, 2] as const;
export const sigmaName = (n: number): string => (n === 0 ? "median" : `${n > 0 ? "+" : "−"}${Math.abs(n)}σ`);

export const upperlimit: Command = {
  options: {
    ...modelKinds,
    ...outputKinds,
    level: { values: 1 },
    "test-stat": { values: 1, choices: testStats },
    range: { values: 1 },
    points: { values: 1 },
    components: { values: 0 },
    log: { values: 0 },
  },
  words: 1,
  help: `usage: gradcut upperlimit [WORKSPACE] [options]

Finds the upper limits of the parameter of interest by root finding: where CLs
of the data falls to a level, and where it is expected to without signal. The
picture is the Brazil band, CLs against the parameter.
${modelHelp}
  --level X                 1 - confidence (default 0.05, for 95 % limits)
  --test-stat NAME          qtilde (default) or q
  --range A..B              of the picture (default 0 to beyond the limits)
  --points N                of the picture (default 61)
  --components              draw CLs+b and CLb too
  --log                     a logarithmic scale of CLs
${answerHelp}`,
  async run(words, io) {
    await checkOutputs(words);
    const level = optionOf(words, "level", smallProbability, 0.05);
    const points = optionOf(words, "points", (o, v) => whole(o, v, 2, 10_000), 61);
    const given = optionOf<Span | null>(words, "range", span, null);
    const testStat = words.one("test-stat") === "q" ? "q" : "qtilde";
    const { model, data, title, label } = await readQuestion(words, io);
    const numbers = numbersOf(words);
    const text = (x: number) => numbers.plain(x);
    const told = (x: number) => (Number.isNaN(x) ? "none" : text(x));
    const options = { level, testStat } as const;
    announce(searchFits, { model, data }, io);
    const limit = upperLimit(data, model, options);
    const poi = model.config.poiIndex!;
    const name = model.config.parNames[poi]!;
    const drawn = given ?? drawnRange([limit.observed, ...limit.expected], model.config.suggestedUpper[poi]!);
    const values = spread(drawn, points);
    const scan = await scanned(values, (part) => limitScan(part, data, model, options), io);
    const components = () => {
      const tails = values.map((mu) => hypotest(mu, data, model, { testStat }).tail);
      return { clsb: tails.map(([clsb]) => clsb!), clb: tails.map(([, clb]) => clb!) };
    };
    const percent = significant(100 * (1 - level), 5);
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
        scan: {
          values,
          CLs_obs: scan.cls,
          CLs_exp: scan.expected,
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
        ["level of CLs", String(level)],
        ["test statistic", testStat],
      ],
      figures() {
        const data = {
          poi: name,
          values,
          observed: scan.cls,
          expected: scan.expected,
          level,
          limit,
          log: words.flag("log"),
          ...(words.flag("components") ? { components: components() } : {}),
        };
        return [{ figure: "brazil", name: "cls", data, labels: label }];
      },
    };
    return give(answer, words, io);
  },
};

/** Values of one call, so that a long scan can tell where it is. */
const portion = 16;

/** CLs at the values: observed, and the five expected of each. */
async function scanned(
  values: readonly number[],
  ask: (part: number[]) => LimitScan,
  io: Io,
): Promise<{ cls: number[]; expected: number[][] }> {
  const [cls, expected]: [number[], number[][]] = [[], []];
  const progress = counter("value", values.length, io);
  for (let from = 0; from < values.length; from += portion) {
    // Portions of one size, so that one function serves them all.
    const part = Array.from(
      { length: Math.min(portion, values.length) },
      (_, i) => values[from + i] ?? values.at(-1)!,
    );
    const some = ask(part);
    const count = Math.min(portion, values.length - from);
    for (let i = 0; i < count; i++) {
      cls.push(some.cls[i]!);
      expected.push(some.expected.map((five) => five[i]!));
    }
    progress.update(from + count);
    await breathe();
  }
  progress.end();
  return { cls, expected };
}

/** About as many fits find the six limits. */
const searchFits = 80;

/** From 0 to somewhat beyond the highest limit, or to the bound of the parameter where there is none. */
function drawnRange(limits: readonly number[], bound: number): Span {
  const highest = Math.max(...limits.filter(Number.isFinite));
  if (highest > 0) return [0, highest * 1.15];
  return [0, Number.isFinite(bound) && bound > 0 ? bound : 10];
}
