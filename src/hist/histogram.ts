import { concat } from "../core/elementary/join.js";
import { AxisError, ShapeError } from "../core/errors.js";
import { array, checkArgument, having } from "../core/graph/arguments.js";
import { lift, type Operand, ranked, requireEvents } from "../core/graph/op.js";
import type { RankOf, Small } from "../core/graph/rank.js";
import { describe, Tensor } from "../core/graph/tensor.js";
import { checkChoice, checkOptions, type Known } from "../core/options.js";
import { constantArray } from "../core/run/trace.js";
import { contract } from "../ops/affine.js";
import { kde } from "../ops/kde.js";
import { kdeSquares } from "../ops/kdesquares.js";
import { OptionError } from "../text/gradcuterror.js";
import type { BinAxis } from "./binaxis.js";
import { type Bandwidth, bounds, closedAt, type Flow, widths } from "./bounds.js";
import { binFinder, count, type HardColumn, type HardCounts } from "./hardcounts.js";
import { share } from "./share.js";

/** What happens outside the bins, and on their edges. */
export interface HistogramOptions {
  /** Weight beyond the outer edges (default "drop"). */
  readonly flow?: Flow;
  /** At bandwidth 0, an event on the last edge is in the last bin, as NumPy has it (default); else beyond, as ROOT. */
  readonly closed?: boolean;
}

export const histogramOptions: Known<HistogramOptions> = { flow: true, closed: true };

/** How events are filled: width, weights, normalisation. */
export interface FillOptions {
  /** Width of the Gaussian each event is spread with; with several axes a list, one entry per axis. */
  readonly bandwidth: Bandwidth | readonly Bandwidth[];
  readonly weights?: Operand;
  /** Divide by the widths of the bins and by the sum of all that is kept. Flow bins have no width: they hold shares. */
  readonly density?: boolean;
}

export const fillOptions: Known<FillOptions> = { bandwidth: true, weights: true, density: true };

/** A smoothed histogram: small Tensors with an axis per axis of the histogram. */
export interface Filled<R extends Small = Small> {
  /** Sum of the parts of weights in each bin. */
  readonly values: Tensor<R>;
  /** Sum of their squares: the statistical variance, Σ (w P)², which is Σ w² as the bandwidth vanishes. */
  readonly variances: Tensor<R>;
}

/** The same, of as many axes as there are. */
type Sums = Readonly<Record<keyof Filled, Tensor>>;

/** Bins without content: fill it with event tensors inside a traced function, or count columns with it. */
export class Histogram<R extends Small = Small> {
  readonly axes: readonly BinAxis[];
  readonly flow: Flow;
  readonly closed: boolean;

  constructor(axes: readonly BinAxis[], options: HistogramOptions = {}) {
    checkOptions("histogram", options, histogramOptions);
    const { flow = "drop", closed = true } = options;
    checkChoice("flow of a histogram", flow, ["drop", "keep", "reflect"]);
    checkArgument("histogram", "axes", axes, array);
    for (const axis of axes) checkArgument("histogram", "axes", axis, anAxis);
    if (axes.length === 0) throw new ShapeError("hist.axes", "a histogram needs at least one axis", {});
    this.axes = axes;
    this.flow = flow;
    this.closed = closed;
  }

  /** Bins along each axis of the result, with those that keep what is beyond the edges. */
  get shape(): number[] {
    return this.axes.map((a) => a.size + (this.flow !== "keep" ? 0 : a.kind === "category" ? 1 : 2));
  }

  /** The smoothed histogram of events, differentiable in them, weights, bandwidths and edges. One column per axis. */
  fill(x: Tensor | readonly Tensor[], options: FillOptions): Filled<R> {
    checkOptions("fill", options, fillOptions);
    requireBandwidth(options);
    const columns = x instanceof Tensor ? [x] : x;
    this.#requireColumns(columns.length);
    for (const c of columns) {
      requireEvents("hist", c);
      if (c.shape.length) {
        throw new ShapeError(
          "hist.column",
          `a histogram needs one number per event and axis, but got ${describe(c)}; take one element with .at(i)`,
          { shape: c.shape },
        );
      }
    }
    const weights = lift(options.weights ?? 1);
    if (weights.shape.length) {
      throw new ShapeError(
        "hist.weights",
        `a histogram needs one weight per event, but got ${describe(weights)}`,
        { shape: weights.shape },
      );
    }
    const each = this.#bandwidths(options.bandwidth);
    const filled = this.#alone(columns, weights, each) ?? this.#together(columns, weights, each);
    const { values, variances } = options.density ? this.#density(filled) : filled;
    return { values: ranked(values), variances: ranked(variances) };
  }

  /** The hard histogram of columns outside a trace, in f64: the final answer. */
  hard(
    columns: HardColumn | readonly HardColumn[],
    options: { readonly weights?: ArrayLike<number> } = {},
  ): HardCounts {
    checkOptions("hard", options, { weights: true });
    const several = Array.isArray(columns) && typeof columns[0] === "object";
    const list = several ? (columns as readonly HardColumn[]) : [columns as HardColumn];
    this.#requireColumns(list.length);
    const finders = this.axes.map((a) => binFinder(a, this.flow, this.closed));
    return count(finders, this.shape, list, options.weights);
  }

  /** One axis of numbers, and a bandwidth for all of its edges: the kernels' case. */
  #alone(columns: readonly Tensor[], weights: Tensor, each: readonly Bandwidth[]): Sums | null {
    const axis = this.axes[0]!;
    if (this.axes.length > 1 || axis.kind === "category") return null;
    const { per, h } = widths(axis, this.flow, each[0]!);
    if (per !== "event") return null;
    const x = columns[0]!;
    const edges = bounds(axis, this.flow);
    const closed = closedAt(axis, this.flow, this.closed);
    const sums = (w: Tensor) => kde(x, w, edges, h, { closed });
    if (h === 0) return { values: sums(weights), variances: sums(weights.square()) };
    return { values: sums(weights), variances: kdeSquares(x, weights, edges, h, { closed }) };
  }

  #together(columns: readonly Tensor[], weights: Tensor, each: readonly Bandwidth[]): Sums {
    const parts = this.axes.map((a, i) => share(a, columns[i]!, each[i]!, this.flow, this.closed));
    parts[0] = parts[0]!.mul(weights);
    const last = parts.pop()!;
    if (parts.length === 0) return { values: last.sum("events"), variances: last.square().sum("events") };
    const first = parts.reduce((a, b) =>
      a
        .reshape([a.size, 1])
        .mul(b.reshape([1, b.size]))
        .reshape([a.size * b.size]),
    );
    const values = contract(first, last).reshape(this.shape);
    return { values, variances: contract(first.square(), last.square()).reshape(this.shape) };
  }

  #density({ values, variances }: Sums): Sums {
    const scale = this.axes
      .map((a, i) => this.#widthsOf(a).reshape(this.axes.map((_, j) => (i === j ? this.shape[i]! : 1))))
      .reduce((a, b) => a.mul(b))
      .mul(values.sum());
    return { values: values.div(scale), variances: variances.div(scale.square()) };
  }

  #widthsOf(axis: BinAxis): Tensor {
    const ones = constantArray([1]);
    if (axis.kind === "category")
      return constantArray(new Array(axis.size + (this.flow === "keep" ? 1 : 0)).fill(1));
    const edges = axis.edges instanceof Tensor ? axis.edges : constantArray(axis.edges);
    const inner = edges.slice(1, edges.size).sub(edges.slice(0, edges.size - 1));
    return this.flow === "keep" ? concat([ones, inner, ones]) : inner;
  }

  #bandwidths(bandwidth: FillOptions["bandwidth"]): readonly Bandwidth[] {
    if (this.axes.length === 1) {
      const single = Array.isArray(bandwidth) && bandwidth.length === 1;
      return [single ? (bandwidth[0] as Bandwidth) : (bandwidth as Bandwidth)];
    }
    if (Array.isArray(bandwidth) && bandwidth.length === this.axes.length) return bandwidth;
    throw new ShapeError(
      "hist.bandwidth",
      `a histogram of ${this.axes.length} axes needs a list of ${this.axes.length} bandwidths, one per axis (any number for a category)`,
      { axes: this.axes.length },
    );
  }

  #requireColumns(n: number): void {
    if (n === this.axes.length) return;
    throw new AxisError(
      "hist.columns",
      `the histogram has ${this.axes.length} axes (${this.axes.map((a, i) => a.name ?? i).join(", ")}), but got ${n} columns`,
      { axes: this.axes.length, columns: n },
    );
  }
}

const anAxis = having("an axis, as axis.regular(…) makes it, or an array of some", "kind", "size");

/** A width is part of the question, so it has no default. */
export function requireBandwidth(options: { readonly bandwidth?: unknown } | undefined): void {
  if (options?.bandwidth !== undefined) return;
  throw new OptionError(
    "hist.bandwidth",
    "a smoothed histogram needs a bandwidth, the width of the Gaussian that each event is spread with: a tenth to a half of a bin is usual, 0 counts events",
    { option: "bandwidth" },
  );
}

/** A histogram over axes made by `axis.regular`, `axis.variable` and `axis.category`; one axis may stand alone. */
export function histogram<const A extends BinAxis | readonly BinAxis[]>(
  axes: A,
  options?: HistogramOptions,
): Histogram<RankOf<A extends readonly BinAxis[] ? { [K in keyof A]: number } : [number]>> {
  return new Histogram(Array.isArray(axes) ? axes : [axes as BinAxis], options);
}
