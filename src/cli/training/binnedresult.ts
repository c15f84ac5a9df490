/** The hard histogram of a training: its workspace, and what that workspace says. */

import type { HardCounts } from "../../hist/hardcounts.js";
import { readWorkspace } from "../../histfactory/document/workspace.js";
import { writeJson } from "../../histfactory/document/writejson.js";
import type { Model } from "../../histfactory/model/model.js";
import { compile, type Tensor } from "../../index.js";
import { upperLimit } from "../../infer/answers/upperlimit.js";
import { InferenceError } from "../../infer/inferenceerror.js";
import { type ObjectiveName, objectiveOf } from "../../objectives/index.js";
import type { HardBins } from "../../objectives/objective.js";
import type { Expected, HistogramResult, Significance } from "../../plot/rundata.js";
import { type Binned, binnedWorkspace, binVariance } from "./binned.js";
import { ofYields } from "./yieldsignificance.js";

/** A bin with fewer events of background than this says little about it. */
const fewEntries = 10;

export interface Hard {
  result: Omit<HistogramResult, "objective"> & { objective: { name: string; hard: number } };
  /** Of the bins in quadrature, and of the model. */
  significance: { before: Significance; after: Significance };
  /** The text of workspace.json. */
  workspace: string;
  warnings: string[];
}

type Counts = Readonly<Record<string, HardCounts>>;

/** What the counted histograms say, through their workspace: what anybody reads from its file. */
export function hardResult(
  binned: Binned,
  objective: ObjectiveName,
  counts: { readonly before: Counts; readonly after: Counts },
): Hard {
  const [before, after] = [answersOf(binned, counts.before), answersOf(binned, counts.after)];
  const { signal, background } = counts.after as Record<"signal" | "background", HardCounts>;
  const of = ({ values, variances, entries }: HardCounts) => ({
    sum: Array.from(values),
    error: Array.from(variances, Math.sqrt),
    entries: Array.from(entries),
  });
  const hard = after.objective(objective);
  return {
    workspace: after.workspace,
    result: {
      name: binned.what,
      edges: [...binned.edges],
      objective: { name: objective, hard },
      ...after.expected,
      before: before.expected,
      signal: of(signal),
      background: of(background),
    },
    significance: { before: before.significance, after: after.significance },
    // Before a training anything may be impossible.
    warnings: [...after.warnings, ...aboutBins(binned, counts.after)],
  };
}

interface Answers {
  readonly workspace: string;
  readonly expected: Expected;
  readonly significance: Significance;
  objective(name: ObjectiveName): number;
  readonly warnings: readonly string[];
}

function answersOf(binned: Binned, counts: Counts): Answers {
  const workspace = writeJson(binnedWorkspace(binned, counts), { indent: 4 });
  const read = readWorkspace(workspace);
  const model = read.model();
  const data = read.data(model);
  const bins = hardBins(binned, counts, model, data);
  const warnings: string[] = [];
  // Where a model allows no answer, the training is worth telling all the same.
  const answer = (noun: string, ask: () => { value: number; warnings: readonly string[] }): number => {
    try {
      const found = ask();
      warnings.push(...found.warnings);
      return found.value;
    } catch (error) {
      if (!(error instanceof InferenceError)) throw error;
      warnings.push(`The hard histogram has no ${noun}: ${error.message}.`);
      return Number.NaN;
    }
  };
  const numbers = new Map<ObjectiveName, number>();
  const objective = (name: ObjectiveName): number => {
    const { noun, number } = objectiveOf(name, "bins");
    const known = numbers.get(name) ?? answer(noun, () => number(bins));
    numbers.set(name, known);
    return known;
  };
  const expected: Expected = {
    cls: objective("cls"),
    limit: answer("limit", () => {
      const { expected: band, statuses, warnings: said } = upperLimit(data, model);
      return { value: band[2]!, warnings: statuses[3] === "converged" ? [] : said };
    }),
    significance: objective("discovery"),
    uncertainty: objective("poiUncert"),
    asimov: objective("asimov"),
  };
  return { workspace, expected, significance: ofBins(bins, expected), objective, warnings };
}

/** Objectives of yields of the bins in quadrature, and the discovery significance of the model. */
function ofBins({ signal, background, variance }: HardBins, { significance }: Expected): Significance {
  const sigma = variance()?.map(Math.sqrt);
  const all = ofYields(({ number }) =>
    Math.hypot(...Array.from(signal, (s, i) => number(s, background[i]!, sigma?.[i] ?? 0))),
  );
  return { ...all, discovery: significance };
}

/** What objectives look at. The signal strength starts at 1, and all else where nothing is pulled. */
function hardBins(binned: Binned, counts: Counts, model: Model, data: Float64Array): HardBins {
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
