// The hard histogram of a training: its workspace, and what that workspace says.

import type { HardCounts } from "../hist/count.js";
import { readWorkspace } from "../histfactory/workspace.js";
import { writeJson } from "../histfactory/write.js";
import { compile, type Tensor } from "../index.js";
import { InferenceError } from "../infer/errors.js";
import { hypotest } from "../infer/hypotest.js";
import { discovery } from "../infer/significance.js";
import { uncertainties } from "../infer/uncertainty.js";
import { significance } from "../physics/significance.js";
import type { HistogramResult } from "../plot/data.js";
import { type Binned, type BinnedObjective, binnedWorkspace, binVariance } from "./binned.js";

/** A bin with fewer events of background than this says little about it. */
const fewEntries = 10;

export type Hard = {
  result: Omit<HistogramResult, "objective"> & { objective: { name: string; hard: number } };
  /** The text of workspace.json. */
  workspace: string;
  warnings: string[];
};

/** What the counted histograms say, through their workspace: what anybody reads from its file. */
export function hardResult(
  binned: Binned,
  objective: BinnedObjective,
  counts: Readonly<Record<string, HardCounts>>,
): Hard {
  const text = writeJson(binnedWorkspace(binned, counts), { indent: 4 });
  const workspace = readWorkspace(text);
  const model = workspace.model();
  const data = workspace.data(model);
  const warnings: string[] = [];
  // Where a model allows no answer, the training is worth telling all the same.
  const answer = (name: string, ask: () => number): number => {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof InferenceError)) throw error;
      warnings.push(`The hard histogram has no ${name}: ${error.message}.`);
      return Number.NaN;
    }
  };
  // The signal strength starts at 1, and all else where nothing is pulled.
  const asimovData = compile((x: Tensor) => model.expectedData(x))(
    model.config.suggestedInit,
  ) as Float64Array;
  const cls = answer("CLs", () => {
    const test = hypotest(1, data, model);
    warnings.push(...test.warnings);
    return test.cls;
  });
  const expected = answer("significance", () => discovery(asimovData, model).z);
  const uncertainty = answer(
    "uncertainty",
    () => uncertainties(asimovData, model).stdev[model.config.poiIndex!]!,
  );
  const asimov = asimovOf(binned, counts);
  const hard = { cls, discovery: expected, poiUncert: uncertainty, asimov }[objective];
  const { signal, background } = counts as Record<"signal" | "background", HardCounts>;
  const of = ({ values, variances, entries }: HardCounts) => ({
    sum: Array.from(values),
    error: Array.from(variances, Math.sqrt),
    entries: Array.from(entries),
  });
  return {
    workspace: text,
    result: {
      name: binned.what,
      edges: [...binned.edges],
      objective: { name: objective, hard },
      cls,
      significance: expected,
      uncertainty,
      asimov,
      signal: of(signal),
      background: of(background),
    },
    warnings: [...warnings, ...aboutBins(binned, counts)],
  };
}

/** The Asimov significance of the hard histogram, every uncertainty being one of each bin by itself. */
function asimovOf(binned: Binned, counts: Readonly<Record<string, HardCounts>>): number {
  const variance = binVariance<Float64Array>(binned, counts, {
    of: ({ variances }) => variances,
    shift: (x, y) => x.map((v, i) => (v - y[i]!) ** 2),
    scaled: (x, factor) => x.map((v) => (v * factor) ** 2),
    sum: (x, y) => x.map((v, i) => v + y[i]!),
  });
  const { signal, background } = counts as Record<"signal" | "background", HardCounts>;
  const each = Array.from(signal.values, (s, i) => {
    const [held, b] = [Math.max(0, s), Math.max(0, background.values[i]!)];
    return significance(held, b, Math.sqrt(variance?.[i] ?? 0)).asimov;
  });
  return Math.hypot(...each);
}

function aboutBins({ edges }: Binned, counts: Readonly<Record<string, HardCounts>>): string[] {
  const place = (i: number) => `${edges[i]}..${edges[i + 1]}`;
  const warnings: string[] = [];
  const background = counts.background!;
  const thin = Array.from(background.entries.keys()).filter((i) => background.entries[i]! < fewEntries);
  if (thin.length > 0)
    warnings.push(
      `The histogram has fewer than ${fewEntries} background events in ${thin.map(place).join(", ")}: what it says there is not known well.`,
    );
  for (const [name, { values, lost }] of Object.entries(counts)) {
    const negative = Array.from(values.keys()).filter((i) => values[i]! < 0);
    if (negative.length > 0)
      warnings.push(
        `The ${name} histogram is negative in ${negative.map(place).join(", ")}; the workspace has 0 there.`,
      );
    if (lost > 0)
      warnings.push(`${lost} ${name} events are NaN where the histogram looks, and are left out.`);
  }
  return warnings;
}
