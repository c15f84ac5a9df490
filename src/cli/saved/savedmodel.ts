/** model.json: everything that is needed to apply what was trained. Documented in docs/result.md. */

import type { Soft } from "../../index.js";
import type { Definition } from "../groups/trainingvalues.js";
import type { Widths } from "../training/analysis.js";
import type { Study } from "../training/study.js";

/** The object in model.json. `version` grows when a field changes its meaning or goes; new fields may come. */
export interface Model {
  schema: "gradcut.model";
  version: 1;
  gradcut: string;
  /** New columns, to be computed in this order. */
  definitions: Definition[];
  /** Events of both samples had to pass these. */
  filters: readonly string[];
  cut: {
    /** As it was given, with the starts. */
    text: string;
    soft: Soft;
    thresholds: Record<string, number>;
    widths: Widths;
    /** The hard cut. */
    expression: string;
  } | null;
  net: {
    /** Columns or expressions; (x - mean) / deviation goes into the first layer. */
    inputs: string[];
    mean: number[];
    deviation: number[];
    /** y = activation(Wᵀx + b), W as rows of inputs. */
    layers: { activation: "relu" | "none"; w: number[][]; b: number[] }[];
    /** What makes a score of the output of the last layer. */
    output: "sigmoid";
    /** Events of the cut with an output above this, before the sigmoid, were best; null where too few events could say. */
    bound: number | null;
  } | null;
}

export interface ModelContext {
  gradcut: string;
  definitions: Definition[];
  filters: readonly string[];
}

/** The model that a study ends with, and the bound on the output of its network. */
export function toModel(
  { analysis, after }: Pick<Study, "analysis" | "after">,
  bound: number | null,
  context: ModelContext,
): Model {
  const { cut, net } = analysis;
  const { thresholds, widths, layers } = after;
  return {
    schema: "gradcut.model",
    version: 1,
    ...context,
    cut: cut && {
      text: cut.text,
      soft: cut.step,
      thresholds,
      widths,
      expression: cut.print(thresholds),
    },
    net: net && {
      inputs: net.inputs,
      mean: net.mean,
      deviation: net.deviation,
      layers: layers.map(({ w, b }, i) => ({
        activation: i === layers.length - 1 ? ("none" as const) : ("relu" as const),
        w: rows(w, b.length),
        b: Array.from(b),
      })),
      output: "sigmoid",
      bound,
    },
  };
}

function rows(w: Float64Array, columns: number): number[][] {
  return Array.from({ length: w.length / columns }, (_, i) =>
    Array.from(w.subarray(i * columns, (i + 1) * columns)),
  );
}
