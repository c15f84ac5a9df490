import { checkLegal } from "../../text/checkoptions.js";
import { aText, type LegalOptions } from "../../text/legal.js";
import { type Check, type Content, isObject } from "../kit/checks.js";
import { FigureError } from "../kit/figureerror.js";
import { standalone, type Theme } from "../kit/theme.js";
import type { ReportData, Run } from "../rundata.js";

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What stands around a figure, and how large it is; each figure has its own usual ones. */
export interface Labels {
  /** Bold at the top left; "gradcut" where left out. */
  readonly bold?: string;
  /** After it: an analysis, a workspace. */
  readonly text?: string;
  /** At the right above the frame. */
  readonly corner?: string;
  readonly size?: Size;
}

/** How a figure is drawn that stands for itself. */
export interface FigureOptions extends Labels {
  /** "light" (default) and "dark" have plain colours on their paper; "auto" follows the reader's system, in a browser. */
  readonly theme?: Theme;
}

/** The same data, but lists of numbers may be typed arrays. */
export type Given<D> = D extends readonly number[]
  ? number extends D["length"]
    ? ArrayLike<number>
    : D
  : D extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : D extends object
      ? { [K in keyof D]: Given<D[K]> }
      : D;

/** A figure: numbers in, SVG out. Its module needs no file system, no kernels and no model, so a browser can draw it. */
export interface Figure<D> {
  /** A heading. */
  readonly title: string;
  /** What it shows, in one line. */
  readonly words: string;
  /** What data out of a file must be so that they can be drawn. */
  readonly check: Check;
  /** SVG text, whose colours are variables of theme.ts: for a page, or `standalone`. */
  draw(data: D, labels?: Labels): string;
  /** Sentences that stand below it. */
  caption(data: D): readonly string[];
  /** For a figure of trainings: what its data are there. */
  readonly training?: OfTraining<D>;
}

/** An answer of statistics that a figure takes as it is. */
export interface AnswerKind<A, D> {
  /** Whether these data are such an answer: told by names of fields, which the figure's own data do not have. */
  is(data: Content): boolean;
  /** What an answer must be so that the figure's data can be made of it. */
  readonly check: Check;
  /** The figure's data. */
  data(answer: A): D;
}

/** Parts of a report; figures of one part stand together. */
export type Section = "training" | "plane" | "thresholds" | "columns" | "histogram" | "network";

/** A field of plot.json. */
export interface Stored<V> {
  readonly check: Check;
  /** Whether every plot.json has it. */
  readonly required?: true;
  /** Bins and thins the events; undefined where there is nothing to keep. */
  make(data: ReportData): V | undefined;
}

/** One figure of several of its kind: `of` is the column or threshold, a part of the name of its file. */
export interface Picture<D> {
  readonly of?: string;
  readonly data: D;
}

export interface OfTraining<D> {
  readonly section: Section;
  /** Fields of plot.json that this figure brings; others may use them too. */
  readonly stored?: Readonly<Record<string, Stored<unknown>>>;
  /** Its pictures of a run, none where there is nothing to draw; `plot` is the content of plot.json, where it is known. */
  pictures(run: Run, plot: { readonly samples: string[] } | undefined): readonly Picture<D>[];
}

const themes: readonly unknown[] = ["auto", "light", "dark"] satisfies Theme[];
const isLength = (value: unknown) => typeof value === "number" && value > 0 && Number.isFinite(value);
const legal: LegalOptions<FigureOptions> = {
  theme: { words: "'auto', 'light' or 'dark'", accepts: (value) => themes.includes(value) },
  ...{ bold: aText, text: aText, corner: aText },
  size: {
    words: "{ width, height } in pixels > 0",
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      "width" in value &&
      "height" in value &&
      isLength(value.width) &&
      isLength(value.height),
  },
};

const isTyped = (value: unknown): value is ArrayLike<unknown> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/** Typed arrays become lists, and null in a list, which JSON writes for it, NaN. */
function inLists(value: unknown): unknown {
  if (isTyped(value)) return Array.from(value);
  if (Array.isArray(value)) return value.map((item) => (item === null ? Number.NaN : inLists(item)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inLists(item)]));
}

/** The figure `name` of these data as SVG text that stands for itself. Throws a FigureError, or an OptionError. */
export function svgOf<D, A = never>(
  name: string,
  { check, draw }: Figure<D>,
  given: unknown,
  options: FigureOptions = {},
  answer?: AnswerKind<A, D>,
): string {
  checkLegal(name, options, legal);
  const { theme = "light", ...labels } = options;
  const lists = inLists(given);
  const data = answer ? dataOf(name, answer, lists) : lists;
  requireData<D>(name, check, data);
  return standalone(draw(data, labels), theme);
}

/** The figure's data, out of an answer where it is one. */
function dataOf<A, D>(figure: string, { is, check, data }: AnswerKind<A, D>, given: unknown): unknown {
  if (!isObject(given) || !is(given)) return given;
  requireData<A>(figure, check, given);
  return data(given);
}

/** Throws a FigureError where the figure cannot be drawn from these data. */
export function requireData<D>(figure: string, check: Check, data: unknown): asserts data is D {
  const problem = check(data, "data");
  if (problem === null) return;
  throw new FigureError("figure.data", `The figure ${figure} cannot be drawn: ${problem}.`, { figure });
}
