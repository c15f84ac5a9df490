import { AxisError, ShapeError } from "../errors.js";
import type { Axis } from "../graph/axis.js";
import type { Operand } from "../graph/op.js";
import type { Rank } from "../graph/rank.js";
import { requireWhole } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import type { Known } from "../options.js";

/** Where a fit looks for minima, besides descending from where it starts. */
export interface MinimumSearch {
  /**
   * Where the objective is not smooth in a coordinate: 1 its derivative jumps at 0, 2 it or its derivative jumps at -1 and
   * 1, 3 at all three (default 0: nowhere). The minimum may lie there.
   */
  kinks?: Tensor;
  /** Further starts [n], tried in this order until a fit converges. They have no derivative. */
  starts?: readonly Tensor[];
  /** How many of these are tried in any case (default 0); the lowest minimum counts. */
  always?: number;
  /** Whether to look for a second minimum at the mirror image of the first about x0 (default no). */
  mirror?: boolean;
}

/** Which coordinates a fit may move, how far, and for how many steps. */
export interface MinimizeOptions {
  /** 1 where a coordinate is free, 0 where it stays at its start. A tensor, so it may depend on data. */
  free?: Tensor;
  lower?: Operand;
  upper?: Operand;
  maxSteps?: number;
  /** Where else to look than at the end of the descent from x0, for objectives with several minima. */
  search?: MinimumSearch;
  /**
   * The Hessian [n, n] of the objective in closed form, where that is faster than its derivation. The solver's steps
   * use it; derivatives of the fit do not, so it need not be differentiable.
   */
  hessian?: (x: Tensor) => Tensor;
  /** The same for a Hessian most of which is zero; in place of `hessian`. */
  envelope?: Envelope;
  /**
   * A coordinate that is not free, with which the minimum is followed: see `Minimum.path`. The fit ends as soon as its
   * quadratic model expects a decrease of 1e-5 at most, at the minimum of that model. Takes no further starts.
   */
  along?: number;
}

export const known: Known<MinimizeOptions> = {
  ...{ free: true, lower: true, upper: true, maxSteps: true },
  ...{ search: true, hessian: true, envelope: true, along: true },
};
export const knownSearch: Known<MinimumSearch> = { kinks: true, starts: true, always: true, mirror: true };

/**
 * A Hessian whose rows begin with zeros. Where coordinates that meet few others come first, in blocks, and those that meet
 * many come last, memory and time grow with the entries from the first columns on; so do those of derivatives of the fit.
 */
export interface Envelope {
  /** The first column of each row [n] of the lower triangle. */
  readonly first: readonly number[];
  /** The rows of the lower triangle from there on, one after the other, and the diagonal [n]. */
  hessian(x: Tensor): { readonly triangle: Tensor; readonly diagonal: Tensor };
}

/** What has the rank R, or is of events where that is. */
export type ForEach<R extends Rank, F extends Rank> = {
  scalar: R;
  vector: R;
  matrix: R;
  array: R;
  events: "events";
}[F];

/** The result of a fit, differentiable in x and value; or of a fit of each event. */
export interface Minimum<R extends Rank = Rank, N extends Rank = "scalar"> {
  /** Position of the minimum, like the start. */
  x: Tensor<R>;
  value: Tensor<N>;
  /** How it ended: 0 where it converged; `statusName` and `statusMessage` tell what another number means. */
  status: Tensor<N>;
  steps: Tensor<N>;
  /** Estimated distance to the minimum, in units of the objective. */
  edm: Tensor<N>;
  /** With `along`. It has no derivative of its own. */
  path?: MinimumPath<R, N>;
}

/** How a minimum moves with a coordinate that is held; NaN where the objective is not convex there. */
export interface MinimumPath<R extends Rank = Rank, N extends Rank = "scalar"> {
  /** The derivatives of the value: first and second. */
  readonly slope: Tensor<N>;
  readonly curvature: Tensor<N>;
  /** The derivative of the position [n]. */
  readonly tangent: Tensor<R>;
}

/** Throws the AxisError for what fits of single events do not know. */
export function requireEach(options: MinimizeOptions, { table }: Axis): void {
  const odd = (["search", "envelope", "along"] as const).find((name) => options[name] !== undefined);
  if (odd === undefined) return;
  throw new AxisError(
    "axis.option",
    `'${odd}' of 'minimize' is for one fit, but each row of '${table}' has a fit of its own here; leave it out, or fold over the events before and fit once`,
    { op: "minimize", option: odd, table },
  );
}

/** The coordinate of `along`, -1 where there is none. */
export function requireAlong({ along, search: { starts, mirror } = {} }: MinimizeOptions, n: number): number {
  if (along === undefined) return -1;
  if (requireWhole("minimize", "along", along) < n && !starts?.length && !mirror) return along;
  throw new ShapeError(
    "shape.fit",
    `'along' of 'minimize' is one of ${n} coordinates, without other starts`,
    {
      option: "along",
      got: along,
    },
  );
}
