import type { Check } from "../kit/checks.js";
import type { ReportData, Run } from "../rundata.js";

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
