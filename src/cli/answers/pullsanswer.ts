/** `gradcut pulls`: best values and uncertainties of all parameters, and how far the data moved them. */

import { type MinosInterval, minos } from "../../infer/answers/minos.js";
import { pulls as fittedPulls } from "../../infer/answers/pulls.js";
import { correlations } from "../../infer/undetermined.js";
import type { Labels } from "../../plot/figures/figure.js";
import type { Shown } from "../../plot/figures/index.js";
import { pullsOf } from "../../plot/figures/pulls.js";
import type { pullsOptions } from "../commands/pulls.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion } from "./asked.js";
import { type Numbers, numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";

/** So many parameters have room in a matrix. */
const mostCorrelated = 25;

/** The correlations of more parameters are a file of hundreds of megabytes. */
const mostWritten = 2000;

export async function pulls(given: Given<typeof pullsOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { model, data, title, label } = await readQuestion(given, io);
  const numbers = numbersOf(options);
  const found = fittedPulls(data, model);
  requireFit(found);
  const { stdev, held } = found;
  const n = found.names.length;
  const correlation = n > mostWritten ? null : correlations(data, model, found);
  const unwritten = `the correlations of ${n} parameters are left out, which are ${n} x ${n} numbers; those of up to ${mostWritten} are given`;
  // At a bound that the likelihood rises beyond there is no standard deviation, but an interval to one side.
  const bounded = found.names.filter((_, i) => held[i] === 1);
  const ends = bounded.length > 0 ? minos(data, model, { parameters: bounded }).intervals : [];
  const endOf = new Map(ends.map((end) => [end.name, end]));
  const byName = new Map(found.pulls.map((p) => [p.name, p]));
  const parameters = found.names.map((name, i) => {
    const prior = byName.get(name);
    return {
      name,
      best: found.x[i]!,
      uncertainty: stdev[i]!,
      ...intervalOf(endOf.get(name)),
      prior: prior ? { centre: prior.centre, uncertainty: prior.prefitStdev } : null,
      pull: prior?.pull ?? null,
      constraint: prior?.constraint ?? null,
    };
  });
  const answer: Answer = {
    title: title === "" ? "Pulls" : `Pulls: ${title}`,
    summary: `best fit: ${n} parameters, twice the negative log-likelihood ${numbers.plain(found.value, 9)}`,
    warnings: [...found.warnings, ...(correlation ? [] : [unwritten])],
    failed: found.undetermined.length > 0,
    json: {
      schema: "gradcut.pulls",
      version: 1,
      twice_nll: found.value,
      parameters,
      correlation:
        correlation && found.names.map((_, i) => Array.from(correlation.subarray(i * n, (i + 1) * n))),
    },
    tables: [
      {
        heading: "Parameters",
        heads: ["", "best", "pull", "σ / prior σ"],
        rows: parameters.map((p) => [
          p.name,
          atEnd(numbers, endOf.get(p.name)) ?? numbers.error(p.best, p.uncertainty),
          p.pull === null ? "" : p.pull.toFixed(3),
          p.constraint === null || Number.isNaN(p.constraint) ? "" : p.constraint.toFixed(3),
        ]),
      },
    ],
    figures: () => picturesOf({ found, correlation, endOf, top: options.top, label }),
  };
  return give(answer, options, io);
}

/** What the pictures of an answer show. */
interface Pictured {
  readonly found: ReturnType<typeof fittedPulls>;
  readonly correlation: Float64Array | null;
  readonly endOf: ReadonlyMap<string, MinosInterval>;
  /** The most pulls that are drawn. */
  readonly top: number;
  readonly label: Labels;
}

/** The largest pulls, and the correlations of the parameters that are coupled the most. */
function picturesOf({ found, correlation, endOf, top, label }: Pictured): Shown[] {
  const n = found.names.length;
  const least = [...found.pulls].map((p) => Math.abs(p.pull)).sort((a, b) => b - a)[top - 1] ?? 0;
  const shown = found.pulls.filter((p) => Math.abs(p.pull) >= least).slice(0, top);
  const order = correlation
    ? mostCoupled(correlation, n)
        .slice(0, mostCorrelated)
        .sort((a, b) => a - b)
    : [];
  const pictures: Shown[] = [];
  const bars = shown.map((p) => {
    const interval = endOf.get(p.name);
    return { ...p, ...(interval && { interval }) };
  });
  const data = pullsOf({ pulls: bars, of: found.pulls.length });
  if (shown.length > 0) pictures.push({ figure: "pulls", data, labels: label });
  if (correlation && order.length > 1) {
    const values = order.flatMap((i) => order.map((j) => correlation[i * n + j]!));
    pictures.push({
      figure: "correlation",
      data: { names: order.map((i) => found.names[i]!), values, of: n },
    });
  }
  return pictures;
}

/** The two ends of an interval in JSON, where a parameter has one. */
const intervalOf = (end: MinosInterval | undefined) =>
  end ? { interval: [end.best + end.down, end.best + end.up] } : {};

/** A best value with the ends of its interval. */
const atEnd = (numbers: Numbers, end: MinosInterval | undefined): string | undefined =>
  end && numbers.ends(end.best, end.down, end.up);

/** Places of parameters by their greatest correlation with another one; those with none are left out. */
function mostCoupled(correlation: Float64Array, n: number): number[] {
  const coupling = (i: number) =>
    correlation
      .subarray(i * n, (i + 1) * n)
      .reduce((most, r, j) => (i === j || Number.isNaN(r) ? most : Math.max(most, Math.abs(r))), 0);
  const strength = Array.from({ length: n }, (_, i) => coupling(i));
  return Array.from({ length: n }, (_, i) => i)
    .filter((i) => strength[i]! > 0)
    .sort((a, b) => strength[b]! - strength[a]!);
}
