/** The data of figures: events in bins and points, small enough to keep as plot.json and to draw again. */

import type { Stored } from "./figures/figure.js";
import { type FigureRecords, figureNames, figures } from "./figures/index.js";
import { type Check, list, object, text } from "./kit/checks.js";
import type { ReportData } from "./rundata.js";

type FieldsOf<S> = {
  [K in keyof S as S[K] extends { required: true } ? K : never]: ValueOf<S[K]>;
} & {
  [K in keyof S as S[K] extends { required: true } ? never : K]?: ValueOf<S[K]>;
};
type ValueOf<F> = F extends { make(data: ReportData): infer V } ? Exclude<V, undefined> : never;
type FieldsOfFigure<R> = R extends { training: { stored: infer S } } ? FieldsOf<S> : never;
type All<U> = (U extends unknown ? (fields: U) => void : never) extends (fields: infer I) => void ? I : never;

/** What figures bring, as plain JSON. */
type Fields = All<{ [K in keyof FigureRecords]: FieldsOfFigure<FigureRecords[K]> }[keyof FigureRecords]>;

/** Everything that figures of events are drawn from. `version` grows when a field changes its meaning. */
export interface PlotData extends Fields {
  schema: "gradcut.plot";
  version: 1;
  /** Names, signal first. */
  samples: string[];
}

const fields: readonly (readonly [name: string, field: Stored<unknown>])[] = figureNames.flatMap((name) =>
  Object.entries(figures[name].training?.stored ?? {}),
);
const checks = (isRequired: boolean): Record<string, Check> =>
  Object.fromEntries(
    fields.flatMap(([name, { check, required = false }]) => (required === isRequired ? [[name, check]] : [])),
  );
const checkStored = object({ samples: list(text), ...checks(true) }, checks(false));

/** Bins and thins the events of a report. Costs a pass over each column that is cut on. */
export function plotData(data: ReportData): PlotData {
  const made = fields.flatMap(([name, { make }]) => {
    const value = make(data);
    return value === undefined ? [] : [[name, value] as const];
  });
  const samples = data.samples.map((s) => s.name);
  return { schema: "gradcut.plot", version: 1, samples, ...(Object.fromEntries(made) as Fields) };
}

/** Deeper than any field that is drawn. */
const deepest = 50;

/** A value out of JSON text; null stands for a number that JSON does not have. */
export function withNumbers(value: unknown, depth = 0): unknown {
  if (value === null) return Number.NaN;
  if (typeof value !== "object" || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, withNumbers(field, depth + 1)]),
  );
}

/** The text of a plot.json, or of a result.json, as an object. */
export const readJson = (text: string): unknown => withNumbers(JSON.parse(text));

/** What keeps a value from being the object of a plot.json that this version can draw, or null. */
export function plotProblem(value: unknown): string | null {
  const { schema, version } = (value ?? {}) as Partial<PlotData>;
  if (schema !== "gradcut.plot" || version !== 1) return "this is no plot.json that this gradcut can draw";
  return checkStored(value, "");
}

export const isPlotData = (value: unknown): value is PlotData => plotProblem(value) === null;
