import { ShapeError } from "../core/errors.js";
import { Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";

/** What is written beside an axis. */
export interface AxisText {
  /** Short name, for code. */
  readonly name?: string;
  /** What a figure says, with the unit. */
  readonly label?: string;
}

/** An axis of real numbers: edges in ascending order. Edges that train are a Tensor [bins + 1]. */
export interface NumberAxis extends AxisText {
  readonly kind: "regular" | "variable";
  readonly size: number;
  readonly edges: readonly number[] | Tensor;
}

/** An axis of categories: an event is in the bin whose code equals its value, if there is one. */
export interface CategoryAxis extends AxisText {
  readonly kind: "category";
  readonly size: number;
  /** What the bins are called. */
  readonly categories: readonly (string | number)[];
  /** The values of the column that belong to them: the numbers themselves, or positions for names. */
  readonly codes: readonly number[];
}

/** An axis of numbers or of categories. */
export type BinAxis = NumberAxis | CategoryAxis;

/** More bins than any memory here holds histograms of. */
const MOST = 10_000_000;

/** `bins` equal bins from low to high. */
export function regular(bins: number, low: number, high: number, text: AxisText = {}): NumberAxis {
  checkOptions("axis.regular", text, { name: true, label: true });
  if (!(Number.isInteger(bins) && bins > 0) || !(low < high) || !Number.isFinite(high - low)) {
    throw new ShapeError(
      "hist.bins",
      `a regular axis needs a whole number of bins and low < high, but got ${bins} bins from ${low} to ${high}`,
      { bins, low, high },
    );
  }
  if (bins > MOST) {
    throw new ShapeError(
      "hist.bins",
      `a regular axis has at most ${MOST} bins, but got ${bins}; their edges alone would fill the memory`,
      { bins, most: MOST },
    );
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  edges[bins] = high;
  return { kind: "regular", size: bins, edges, ...text };
}

/** Bins between edges, which ascend: numbers, or a small Tensor [bins + 1] that may train (see `orderedEdges`). */
export function variable(edges: ArrayLike<number> | Tensor, text: AxisText = {}): NumberAxis {
  checkOptions("axis.variable", text, { name: true, label: true });
  if (edges instanceof Tensor) {
    if (edges.axis || edges.shape.length !== 1 || edges.size < 2) {
      throw new ShapeError(
        "hist.edges",
        `the edges of an axis are a small Tensor [bins + 1], but this one has shape [${edges.shape}]${edges.axis ? ` and events of '${edges.axis.table}'` : ""}`,
        { shape: edges.shape },
      );
    }
    return { kind: "variable", size: edges.size - 1, edges, ...text };
  }
  const list = Array.from(edges);
  const bad = list.findIndex((e, i) => Number.isNaN(e) || (i > 0 && !(e > list[i - 1]!)));
  if (list.length < 2 || bad >= 0) {
    const why =
      list.length < 2 ? `has ${list.length} entries` : `does not ascend at ${list[bad - 1]}, ${list[bad]}`;
    throw new ShapeError("hist.edges", `the edges of a histogram must ascend, but the list ${why}`, {
      edges: list,
    });
  }
  return { kind: "variable", size: list.length - 1, edges: list, ...text };
}

/** One bin for each of the categories: integers that a column holds, or names for the integers 0, 1, 2, … */
export function category(categories: readonly (string | number)[], text: AxisText = {}): CategoryAxis {
  checkOptions("axis.category", text, { name: true, label: true });
  const codes = categories.map((c, i) => (typeof c === "number" ? c : i));
  const twice = categories.find((c, i) => categories.indexOf(c) !== i || codes.indexOf(codes[i]!) !== i);
  if (categories.length === 0 || twice !== undefined) {
    throw new ShapeError(
      "hist.categories",
      twice === undefined
        ? "a category axis needs at least one category"
        : `the category ${JSON.stringify(twice)} stands twice in [${categories.join(", ")}], or a name and a number mean the same value`,
      { categories },
    );
  }
  return { kind: "category", size: categories.length, categories, codes, ...text };
}

/** The numbers of the edges; an error for edges that train, which have none. */
export function numbersOf(axis: NumberAxis): readonly number[] {
  if (!(axis.edges instanceof Tensor)) return axis.edges;
  throw new ShapeError(
    "hist.edges.traced",
    `the edges of axis ${axis.name ?? "x"} are a Tensor, which has no numbers; make the histogram again from the trained edges to count with it`,
    { axis: axis.name ?? null },
  );
}
