/** `gradcut scan`: the profile likelihood along one parameter, or over two. */

import { tuple } from "../../core/graph/tuple.js";
import type { Status } from "../../core/status.js";
import { type MinosInterval, minos } from "../../infer/answers/minos.js";
import { around, type ProfileScan, profileGrid, profileScan } from "../../infer/answers/profilescan.js";
import { fit as bestFit, type Fit } from "../../infer/fit.js";
import { InferenceError } from "../../infer/inferenceerror.js";
import { correlations, type Deviations, deviations } from "../../infer/undetermined.js";
import { contoursOf } from "../../plot/figures/contour.js";
import { profileOf } from "../../plot/figures/profile.js";
import type { scanOptions } from "../commands/scan.js";
import type { Io } from "../io.js";
import type { Values } from "../line/option.js";
import type { Span } from "../line/optionvalue.js";
import type { Given } from "../line/parseline.js";
import { UsageError } from "../line/usageerror.js";
import { type Question, readQuestion } from "./asked.js";
import { breathe, counter } from "./counter.js";
import { type Numbers, numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";
import { parameterPlace, spread } from "./spread.js";

/** Points of one call of a scan that takes long. */
const portion = 8;

/** Points along each of two parameters. */
const mostOfTwo = 500;

type ScanValues = Values<typeof scanOptions>;

export async function scan(given: Given<typeof scanOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const question = await readQuestion(given, io);
  const { names, spans } = parametersOf(options, question);
  const best = bestFit(question.data, question.model);
  requireFit(best);
  // A range needs no standard deviation.
  const spansOf = (sigmas: number) => names.map((name, i) => spans[i] ?? spanOf(name, question, sigmas));
  const found: Found = { ...best, ...unlessSingular(() => deviations(question.data, question.model)) };
  const [first, second] = tuple(names, 1);
  const [across, up] = spansOf(3);
  const answer =
    second === undefined
      ? await along(first, spansOf(2)[0]!, found, question, options, io)
      : over([first, second], [across!, up!], found, question, options);
  return give(answer, options, io);
}

function parametersOf(
  { parameter, range: spans }: ScanValues,
  { model }: Question,
): { names: readonly string[]; spans: readonly Span[] } {
  const { parNames, poiIndex } = model.config;
  const names = parameter;
  if (names.length > 2 || spans.length > Math.max(1, names.length)) {
    const [option, most] =
      names.length > 2 ? (["parameter", 2] as const) : (["range", names.length] as const);
    throw new UsageError(
      "repeated",
      option,
      undefined,
      `--${option} can be given at most ${most} times here`,
    );
  }
  for (const name of names) parameterPlace("parameter", name, parNames);
  if (names.length > 0) return { names, spans };
  if (poiIndex === null)
    throw new UsageError(
      "missing-option",
      "parameter",
      undefined,
      "the measurement names no parameter of interest: give --parameter NAME",
    );
  return { names: [parNames[poiIndex]!], spans };
}

/** A best fit, with the standard deviations that exist where the likelihood does not fall in some direction. */
type Found = Fit & Partial<Pick<Deviations, "stdev" | "undetermined">>;

/** What needs a Hessian that is positive definite; undefined where it is not. */
function unlessSingular<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof InferenceError && error.code === "infer.singular") return undefined;
    throw error;
  }
}

/** So many standard deviations around the best fit, inside the bounds. */
function spanOf(name: string, { data, model }: Question, sigmas: number): Span {
  const ends = around(name, data, model, {}, sigmas);
  if (!(ends[1] > ends[0]))
    throw new UsageError(
      "bad-value",
      "parameter",
      name,
      `--parameter ${name}: it is fixed; give --range A..B`,
    );
  return ends;
}

async function along(
  name: string,
  ends: Span,
  found: Found,
  { model, data, title, label }: Question,
  options: ScanValues,
  io: Io,
): Promise<Answer> {
  const count = options.points ?? 41;
  const numbers = numbersOf(options);
  const values = spread(ends, count);
  const rise: number[] = [];
  const status: Status[] = [];
  const progress = counter("fit", count, io);
  for (let from = 0; from < count; from += portion) {
    // Portions of one size, so that one function serves them all.
    const part = Array.from({ length: portion }, (_, i) => values[Math.min(count - 1, from + i)]!);
    const some: ProfileScan = profileScan(name, data, model, { values: part });
    rise.push(...some.rise.subarray(0, count - from));
    status.push(...some.statuses.slice(0, count - from));
    progress.update(Math.min(count, from + portion));
    await breathe();
  }
  progress.end();
  const i = model.config.parNames.indexOf(name);
  const [best, uncertainty] = [found.x[i]!, found.stdev?.[i] ?? Number.NaN];
  // A parameter that is fixed has neither.
  const ask = () => minos(data, model, { parameters: [name] });
  const minimum = uncertainty === 0 ? undefined : unlessSingular(ask);
  const interval = minimum?.intervals[0];
  const ended = interval ? [best + interval.down, best + interval.up] : null;
  const lost = minimum && !minimum.converged ? minimum.warnings.slice(found.warnings.length) : [];
  const failed = status.filter((s) => s !== "converged").length;
  const drawnRise = rise.map((r, at) => (status[at] === "converged" ? r : Number.NaN));
  return {
    title: title === "" ? `Scan of ${name}` : `Scan of ${name}: ${title}`,
    summary: ended
      ? `${name} = ${bestText(numbers, interval!, uncertainty)}, interval ${numbers.plain(ended[0]!, 5)} to ${numbers.plain(ended[1]!, 5)}`
      : `${name} = ${numbers.plain(best)}`,
    warnings: [
      ...found.warnings,
      ...lost,
      ...(failed > 0 ? [`${failed} of ${count} fits did not converge`] : []),
    ],
    failed: failed > 0 || lost.length > 0,
    json: {
      schema: "gradcut.scan",
      version: 1,
      parameter: name,
      best,
      uncertainty,
      interval: ended,
      values,
      rise: drawnRise,
      statuses: status,
    },
    tables: [
      {
        heading: "Scan",
        heads: [name, "-2Δ log L"],
        rows: values.map((value, at) => [numbers.plain(value), numbers.plain(drawnRise[at]!)]),
      },
    ],
    figures() {
      const [low = Number.NaN, high = Number.NaN] = ended ?? [];
      const inside = Number.isFinite(low) && Number.isFinite(high) ? { interval: [low, high] as const } : {};
      // At a bound the curvature alone does not say how the profile rises.
      const parabola = found.atBounds.includes(name) || !(uncertainty > 0) ? {} : { uncertainty };
      const scanned = { names: [name], axes: [values], rise: drawnRise, best: found };
      const data = profileOf({ ...scanned, ...parabola, ...inside });
      return [{ figure: "profile", name: "scan", data, labels: label }];
    },
  };
}

/** A best value with its standard deviation, or with the ends of its interval where there is none. */
const bestText = (numbers: Numbers, { best, down, up }: MinosInterval, stdev: number): string =>
  Number.isNaN(stdev) ? numbers.ends(best, down, up) : numbers.error(best, stdev);

function over(
  [x, y]: readonly [string, string],
  ranges: readonly [Span, Span],
  found: Found,
  { model, data, title, label }: Question,
  options: ScanValues,
): Answer {
  const count = options.points ?? 25;
  if (count < 3 || count > mostOfTwo)
    throw new UsageError(
      "bad-value",
      "points",
      String(count),
      `--points ${count}: of two parameters it must be a whole number from 3 to ${mostOfTwo}`,
    );
  // The last parameter varies fastest, and pictures are drawn line by line.
  const grid = profileGrid([y, x], data, model, { ranges: [ranges[1], ranges[0]], points: [count, count] });
  const rise = Array.from(grid.rise, (r, at) => (grid.statuses[at] === "converged" ? r : Number.NaN));
  const [ys, xs] = tuple(
    grid.axes.map((axis) => Array.from(axis)),
    2,
  );
  const place = (name: string) => model.config.parNames.indexOf(name);
  const places: [number, number] = [place(x), place(y)];
  const [bx, by] = [found.x[places[0]]!, found.x[places[1]]!];
  const numbers = numbersOf(options);
  const { undetermined } = found;
  const correlation = undetermined
    ? correlations(data, model, { x: found.x, undetermined }, Int32Array.from(places))[1]!
    : Number.NaN;
  const stdevs = places.map((i) => found.stdev?.[i] ?? Number.NaN);
  const inRows = <T>(all: readonly T[]) => ys.map((_, j) => all.slice(j * xs.length, (j + 1) * xs.length));
  const failed = grid.statuses.filter((s) => s !== "converged").length;
  return {
    title: title === "" ? `${y} against ${x}` : `${y} against ${x}: ${title}`,
    summary: `${x} = ${numbers.error(bx, stdevs[0]!)}, ${y} = ${numbers.error(by, stdevs[1]!)}, correlation ${numbers.plain(correlation, 3)}`,
    warnings: [
      ...found.warnings,
      ...(failed > 0 ? [`${failed} of ${rise.length} fits did not converge`] : []),
    ],
    failed: failed > 0,
    json: {
      schema: "gradcut.scan",
      version: 1,
      parameters: [x, y],
      best: [bx, by],
      uncertainty: stdevs,
      correlation,
      values: [xs, ys],
      rise: inRows(rise),
      statuses: inRows(grid.statuses),
    },
    tables: [],
    figures() {
      const data = contoursOf({ names: grid.names, axes: [ys, xs], rise, best: found });
      return [{ figure: "contour", data, labels: label }];
    },
  };
}
