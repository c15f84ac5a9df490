/**
 * What a training found, counted on the events: yields before and after, soft and hard, and what to warn of.
 */

import { compile } from "../../index.js";
import type { CutChange, Run, SampleYields, Significance, Timing } from "../../plot/rundata.js";
import type { Cut } from "../../select/cut.js";
import { cutYields } from "../../select/cutyields.js";
import { diagnose } from "../../select/diagnose.js";
import { parseExpr } from "../../select/grammar/parse.js";
import { lookUp, type Table } from "../../select/objects.js";
import { traceExpr } from "../../select/traceexpr.js";
import { usedColumns } from "../../select/usedcolumns.js";
import { InternalError } from "../../text/gradcuterror.js";
import type { Sample } from "../tables/samples.js";
import type { Network } from "./analysis.js";
import { cutflow, softAgainstHard, sumOf } from "./cutdetails.js";
import type { State, Study } from "./study.js";
import { heldOutPoint, type Selection, workingPoint } from "./workingpoint.js";
import { type BackgroundError, significanceOfYields } from "./yieldsignificance.js";

/** The run of a study, without what only the caller knows. */
export function countStudy(
  study: Study,
): Omit<Run, "timing" | "seed"> & { timing: Pick<Timing, "compile" | "train" | "eventsPerSecond"> } {
  const { analysis, events, after, history, timing } = study;
  const { cut, net, objective } = analysis;
  const { trained: samples, heldOut } = events;
  const { thresholds, widths } = after;
  const counted = count(study, samples);
  const network = net && workingPoint(samples, selectionOf(study, net));
  const expression = cut ? verifiedExpression(cut, thresholds, samples) : "";
  return {
    objective: { name: objective, ...study.objective },
    cuts: cut ? cutChanges(cut, study) : {},
    ...(cut ? { soft: cut.step } : {}),
    expression,
    ...counted,
    ...(network ? { network } : {}),
    ...(heldOut
      ? {
          validation: {
            ...count(study, heldOut),
            ...(network && net
              ? { network: heldOutPoint(heldOut, selectionOf(study, net), network.bound) }
              : {}),
          },
        }
      : {}),
    ...(cut
      ? {
          cutflow: cutflow(expression, cut.columns, samples),
          softAgainstHard: softAgainstHard(cut, thresholds, widths, samples),
        }
      : {}),
    history,
    timing,
    warnings: [...study.warnings, ...stuck(study)],
  };
}

function cutChanges(cut: Cut, { written, before, after }: Study) {
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

function count({ analysis, before, after }: Study, samples: readonly Sample[]) {
  const { cut, backgroundError: error = null } = analysis;
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
  const evaluate = compile((events: Table) =>
    traceExpr(expr, {
      column: (name) => lookUp(events, name),
      threshold: (name) => {
        throw new InternalError(
          "internal.selection",
          `the selection still has the threshold ${name}: ${text}`,
        );
      },
    }),
  );
  for (const { name, values } of samples) {
    const mask = cut.hard(thresholds, values);
    const read = evaluate(usedColumns(values, cut.columns, { dtype: "f64" })) as Float64Array;
    const differing = read.reduce((n, passes, row) => n + (passes === mask[row] ? 0 : 1), 0);
    if (differing > 0)
      throw new InternalError(
        "internal.selection",
        `the selection differs from the trained cut for ${differing} ${name} events: ${text}`,
      );
  }
  return text;
}

const selectionOf = ({ analysis, after }: Study, net: Network): Selection => ({
  cut: analysis.cut,
  thresholds: after.thresholds,
  net,
  layers: after.layers,
  backgroundError: analysis.backgroundError ?? null,
});

/** Why thresholds are not where a minimum is. */
function stuck({ analysis: { cut }, events, before, after, slopes: grads }: Study): string[] {
  if (!cut) return [];
  const columns = events.trained.map((sample) => sample.values);
  const { thresholds: end, widths: width } = after;
  return diagnose(cut, columns, { start: before.thresholds, end, grads, width }).map(
    ({ message }) => message,
  );
}
