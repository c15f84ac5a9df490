// The hard histogram of a training: its workspace, and what that workspace says.

import type { HardCounts } from "../hist/count.js";
import type { Model } from "../histfactory/model.js";
import { readWorkspace } from "../histfactory/workspace.js";
import { writeJson } from "../histfactory/write.js";
import { compile, type Tensor } from "../index.js";
import { InferenceError } from "../infer/errors.js";
import { type ObjectiveName, objectiveOf } from "../objectives/index.js";
import type { HardBins } from "../objectives/objective.js";
import type { HistogramResult } from "../plot/data.js";
import { type Binned, binnedWorkspace, binVariance } from "./binned.js";

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
  objective: ObjectiveName,
  counts: Readonly<Record<string, HardCounts>>,
): Hard {
  const text = writeJson(binnedWorkspace(binned, counts), { indent: 4 });
  const workspace = readWorkspace(text);
  const model = workspace.model();
  const data = workspace.data(model);
  const bins = hardBins(binned, counts, model, data);
  const warnings: string[] = [];
  const numbers = new Map<ObjectiveName, number>();
  // Where a model allows no answer, the training is worth telling all the same.
  const answer = (name: ObjectiveName): number => {
    const { noun, number } = objectiveOf(name, "bins");
    if (!numbers.has(name))
      try {
        const found = number(bins);
        warnings.push(...found.warnings);
        numbers.set(name, found.value);
      } catch (error) {
        if (!(error instanceof InferenceError)) throw error;
        warnings.push(`The hard histogram has no ${noun}: ${error.message}.`);
        numbers.set(name, Number.NaN);
      }
    return numbers.get(name)!;
  };
  const facts = {
    cls: answer("cls"),
    significance: answer("discovery"),
    uncertainty: answer("poiUncert"),
    asimov: answer("asimov"),
  };
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
      objective: { name: objective, hard: answer(objective) },
      ...facts,
      signal: of(signal),
      background: of(background),
    },
    warnings: [...warnings, ...aboutBins(binned, counts)],
  };
}

/** What objectives look at. The signal strength starts at 1, and all else where nothing is pulled. */
function hardBins(
  binned: Binned,
  counts: Readonly<Record<string, HardCounts>>,
  model: Model,
  data: Float64Array,
): HardBins {
  const { signal, background } = counts as Record<"signal" | "background", HardCounts>;
  const held = ({ values }: HardCounts) => values.map((v) => Math.max(0, v));
  return {
    signal: held(signal),
    background: held(background),
    variance: () =>
      binVariance<Float64Array>(binned, counts, {
        of: ({ variances }) => variances,
        shift: (x, y) => x.map((v, i) => (v - y[i]!) ** 2),
        scaled: (x, factor) => x.map((v) => (v * factor) ** 2),
        sum: (x, y) => x.map((v, i) => v + y[i]!),
      }),
    model,
    data,
    signalData: compile((x: Tensor) => model.expectedData(x))(model.config.suggestedInit) as Float64Array,
  };
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
