/** What `gradcut apply` selects by: a model of a training, or a cut from the command line. */

import type { Numbers } from "../../core/events.js";
import { parseCut } from "../../select/grammar/parse.js";
import { printExpr } from "../../select/grammar/printexpr.js";
import type { ApplyArgs } from "../commands/apply.js";
import { UsageError } from "../line/usageerror.js";
import { type Given, given, givenFilter, naming } from "../tables/givenexpr.js";
import { scorer } from "../training/analysis.js";
import { networkOf, readModel } from "./modelfile.js";

export interface Selection {
  /** Conditions that all must hold. */
  readonly conditions: readonly Given[];
  readonly define: readonly { name: string; given: Given }[];
  readonly network: Scores | null;
  /** Events whose output, before its sigmoid, is above this are selected; null where the network selects nothing. */
  readonly bound: number | null;
  /** Who needs a column, at the beginning of a sentence. */
  readonly who: string;
}

export interface Scores {
  readonly inputs: readonly Given[];
  /** The output per event, before its sigmoid. */
  outputs(results: ReadonlyMap<Given, Numbers>): Float64Array;
}

/** Reads the model, or the cut. Throws UsageError. */
export async function readSelection(args: ApplyArgs): Promise<Selection> {
  return args.model === null ? ofCut(args) : ofModel(args, args.model);
}

async function ofModel({ filters, bound, score }: ApplyArgs, path: string): Promise<Selection> {
  const model = await readModel(path);
  const { net } = model;
  if (score !== null && !net)
    throw new UsageError("conflict", "score", score, `--score: the model in ${path} has no network`);
  const limit = bound ? (net?.bound ?? null) : null;
  return {
    conditions: [
      ...(filters ? model.filters.map((text) => givenFilter("model", text)) : []),
      ...(model.cut ? [givenFilter("model", model.cut.expression)] : []),
    ],
    define: model.definitions.map(({ name, expr }) => ({ name, given: given("model", expr) })),
    network: net && (limit !== null || score !== null) ? scoresOf(net) : null,
    bound: limit,
    who: "The model",
  };
}

/** Thresholds are where the text has them. */
function ofCut({ cut, define }: ApplyArgs): Selection {
  const text = cut!;
  const hard = naming("cut", text, () => printExpr(parseCut(text)));
  return {
    conditions: [givenFilter("cut", hard)],
    define: define.map(({ name, expr }) => ({ name, given: given("define", expr) })),
    ...{ network: null, bound: null, who: "The cut" },
  };
}

function scoresOf(model: Parameters<typeof networkOf>[0]): Scores {
  const { net, params } = networkOf(model);
  const outputs = scorer(net, params);
  const inputs = model.inputs.map((text) => given("model", text));
  return { inputs, outputs: (results) => outputs(inputs.map((input) => results.get(input)!)) };
}
