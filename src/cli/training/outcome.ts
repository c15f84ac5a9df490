/**
 * What a training found, counted on the events: yields before and after, soft and hard, and what to warn of.
 */

import { compile, type Tensor, table } from "../../index.js";
import { objectiveValue } from "../../objectives/index.js";
import type { CutChange, Run, SampleYields, Significance, Timing } from "../../plot/rundata.js";
import type { Cut } from "../../select/cut.js";
import { cutYields } from "../../select/cutyields.js";
import { diagnose } from "../../select/diagnose.js";
import { parseExpr } from "../../select/grammar/parse.js";
import { traceExpr } from "../../select/traceexpr.js";
import type { Sample } from "../tables/samples.js";
import { thresholdsOf, type Widths } from "./analysis.js";
import { cutflow, softAgainstHard, sumOf } from "./details.js";
import type { Fitted } from "./fitsamples.js";
import type { Pair } from "./splitsamples.js";
import { heldOutPoint, type Selection, workingPoint } from "./workingpoint.js";
import { type BackgroundError, significanceOfYields } from "./yieldsignificance.js";

/** The run of a fit, without what only the caller knows. */
export function outcome(
  fitted: Fitted,
): Omit<Run, "timing" | "seed"> & { timing: Pick<Timing, "compile" | "train" | "eventsPerSecond"> } {
  const { analysis, samples, heldOut, params, widths, loss, steps, history } = fitted;
  const { cut, objective, coordinates } = analysis;
  const end = thresholdsOf(analysis, params.cuts);
  const before = { thresholds: coordinates.start, widths: widths.at(0) };
  const after = { thresholds: end, widths: widths.at(steps) };
  const error = analysis.backgroundError ?? null;
  const counted = count(cut, samples, before, after, error);
  const network = networkOutcome(samples, fitted, end);
  const expression = cut ? verifiedExpression(cut, end, samples) : "";
  return {
    objective: {
      name: objective,
      start: objectiveValue(objective, loss.start),
      end: objectiveValue(objective, loss.end),
    },
    cuts: cut ? cutChanges(cut, fitted, before, after) : {},
    ...(cut ? { soft: cut.step } : {}),
    expression,
    ...counted,
    ...(network ? { network } : {}),
    ...(heldOut
      ? {
          validation: {
            ...count(cut, heldOut, before, after, error),
            ...(network ? { network: heldOutPoint(heldOut, selectionOf(fitted, end), network.bound) } : {}),
          },
        }
      : {}),
    ...(cut
      ? {
          cutflow: cutflow(expression, cut.columns, samples),
          softAgainstHard: softAgainstHard(cut, end, after.widths, samples),
        }
      : {}),
    history,
    timing: {
      compile: fitted.compile,
      train: fitted.train,
      eventsPerSecond: (fitted.events * steps) / fitted.train,
    },
    warnings: [...fitted.warnings, ...stuck(samples, fitted, end, after.widths)],
  };
}

function cutChanges(cut: Cut, { written }: Fitted, before: State, after: State) {
  const changes: Record<string, CutChange> = {};
  for (const { name, fixed, bounds, column, keeps } of cut.thresholds) {
    if (fixed) continue;
    const start = before.thresholds[name]!;
    changes[name] = {
      start,
      end: after.thresholds[name]!,
      width: { start: before.widths[name]!, end: after.widths[name]! },
      ...(bounds ? { bounds } : {}),
      ...(keeps ? { column, keeps } : {}),
      ...(written[name] === start ? {} : { written: written[name]! }),
    };
  }
  return changes;
}

interface State {
  thresholds: Record<string, number>;
  widths: Widths;
}

/** Without a cut every event passes, softly too. */
function sampleYields(cut: Cut | null, sample: Sample, before: State, after: State): SampleYields {
  const { weight, rows } = sample;
  if (!cut) {
    const all = sumOf(sample);
    return { all, softBefore: all, before: all, soft: all, hard: all };
  }
  const count = ({ thresholds, widths }: State) =>
    cutYields(cut, thresholds, sample.values, { width: widths, ...(weight ? { weights: weight } : {}) });
  const [start, end] = [count(before), count(after)];
  // Every event is in the sum of soft weights.
  const soft = (y: typeof start) => ({ ...y.soft, entries: rows });
  return { all: start.all, softBefore: soft(start), before: start.hard, soft: soft(end), hard: end.hard };
}

function count(
  cut: Cut | null,
  samples: readonly Sample[],
  before: State,
  after: State,
  error: BackgroundError | null,
) {
  const yields = Object.fromEntries(
    samples.map((sample) => [sample.name, sampleYields(cut, sample, before, after)]),
  );
  return {
    yields,
    significance: {
      softBefore: significanceOf(yields, "softBefore", error),
      before: significanceOf(yields, "before", error),
      softAfter: significanceOf(yields, "soft", error),
      after: significanceOf(yields, "hard", error),
    },
  };
}

/** The first sample is the signal, the others are background. */
function significanceOf(
  counted: Record<string, SampleYields>,
  kind: keyof SampleYields,
  error: BackgroundError | null,
): Significance {
  const [signal, ...others] = Object.values(counted).map((y) => y[kind].sum);
  return significanceOfYields(
    signal!,
    others.reduce((sum, b) => sum + b, 0),
    error,
  );
}

/**
 * The hard cut as text, read back by our own parser and compared with the cut event by event. Throws where they
 * differ, because then a result would say something false.
 */
function verifiedExpression(
  cut: Cut,
  thresholds: Record<string, number>,
  samples: readonly Sample[],
): string {
  const text = cut.print(thresholds);
  const expr = parseExpr(text);
  const evaluate = compile((events: Record<string, Tensor>) =>
    traceExpr(expr, {
      column: (name) => events[name]!,
      threshold: (name) => {
        throw new Error(`the selection still has the threshold ${name}: ${text}`);
      },
    }),
  );
  for (const { name, values } of samples) {
    const columns = Object.fromEntries(cut.columns.map((column) => [column, values[column]!]));
    const mask = cut.hard(thresholds, columns);
    const read = evaluate(table(columns, { dtype: "f64" })) as Float64Array;
    const differing = read.reduce((n, passes, row) => n + (passes === mask[row] ? 0 : 1), 0);
    if (differing > 0)
      throw new Error(`the selection differs from the trained cut for ${differing} ${name} events: ${text}`);
  }
  return text;
}

function networkOutcome(samples: Pair, fitted: Fitted, thresholds: Record<string, number>) {
  return fitted.analysis.net ? workingPoint(samples, selectionOf(fitted, thresholds)) : null;
}

const selectionOf = (
  { analysis: { cut, net, backgroundError }, params }: Fitted,
  thresholds: Record<string, number>,
): Selection => ({
  cut,
  thresholds,
  net: net!,
  layers: params.net,
  backgroundError: backgroundError ?? null,
});

/** Why thresholds are not where a minimum is. */
function stuck(
  samples: readonly Sample[],
  { analysis, grads }: Fitted,
  end: Record<string, number>,
  width: Widths,
) {
  const { cut, coordinates } = analysis;
  if (!cut) return [];
  return diagnose(
    cut,
    samples.map((sample) => sample.values),
    { start: coordinates.start, end, grads: coordinates.slopes(grads.cuts), width },
  ).map(({ message }) => message);
}
