import { array, checkArguments, finite, numbers, optional, whole } from "../../core/graph/arguments.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { checkOptions, type Known, ownOptions } from "../../core/options.js";
import { type Status, statusName } from "../../core/status.js";
import { shownAs } from "../../text/display.js";
import { answered } from "../answered.js";
import { checkAsked, pairOf } from "../askedkinds.js";
import { askNumbers, type Vector } from "../call.js";
import { asScanned, boundsOf, checkParameter } from "../checkfit.js";
import { answer, describeFit, type Fit, solve } from "../fit.js";
import { profile } from "../heldfit.js";
import { InferenceError } from "../inferenceerror.js";
import type { Likelihood } from "../likelihood.js";
import { begin } from "../question.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  parameterIndex,
  prepare,
} from "../setup.js";
import { deviations, plain, requireDetermined } from "../undetermined.js";
import { minos } from "./minos.js";

/** Twice the rise of -log L above its minimum on a line or grid of parameter values. */
export interface ProfileScan {
  /** The scanned parameters. */
  readonly names: readonly string[];
  /** Their values along each axis. */
  readonly axes: readonly Float64Array[];
  /** One for each point; the last axis varies fastest. */
  readonly rise: Float64Array;
  /** The parameters at each point [points, npars]. */
  readonly x: Float64Array;
  /** Of the fit of each point; where it did not converge, rise and parameters are NaN. */
  readonly statuses: readonly Status[];
  readonly best: Fit;
}

const question = {
  name: "profileScan",
  trace: (
    model: Likelihood,
    args: FitArgs & { readonly masks: Tensor; readonly points: Tensor },
    { k, ...statics }: FitStatics & { readonly k: number },
  ) => {
    const n = model.config.npars;
    const setup = prepare(model, args, statics);
    const best = solve(model, args.data, setup);
    const [masks, points] = [args.masks.reshape([k, n]), args.points.reshape([k, n])];
    const { value, x, status } = profile(model, args.data, setup, best.x, masks, points);
    const scan = { value: answered(value, status), x: answered(x, status.reshape([k, 1])), status };
    return { best: answer(best), scan };
  },
};

/** Fits at every point of a grid: `axes[i]` are the values of `parameters[i]`. */
function onGrid(
  name: string,
  parameters: readonly (string | number)[],
  axes: readonly Vector[],
  data: Vector,
  model: Likelihood,
  options: FitOptions,
): ProfileScan {
  const { npars, parNames } = model.config;
  const indices = parameters.map((p) => parameterIndex(model, p));
  if (new Set(indices).size < indices.length) {
    throw new InferenceError(
      "infer.parameter",
      `a scan needs different parameters, but got ${parameters.join(", ")}`,
      {
        parameters,
      },
    );
  }
  const k = axes.reduce((product, axis) => product * axis.length, 1);
  if (k === 0) throw new InferenceError("infer.scan", "a scan needs at least one value on each axis");
  const asked = begin({ ...plain, name }, data, model, ownOptions(options, fitOptions));
  const { args, statics } = asked;
  axes.forEach((axis, a) => {
    for (const value of axis) checkParameter(model, args, indices[a]!, value, asScanned);
  });
  const [masks, points] = [new Float64Array(k * npars), new Float64Array(k * npars)];
  for (let row = 0; row < k; row++) {
    let rest = row;
    for (let a = axes.length - 1; a >= 0; a--) {
      const axis = axes[a]!;
      masks[row * npars + indices[a]!] = 1;
      points[row * npars + indices[a]!] = axis[rest % axis.length]!;
      rest = Math.floor(rest / axis.length);
    }
  }
  const { best, scan } = askNumbers(question, model, { ...args, masks, points }, { ...statics, k });
  return {
    names: indices.map((i) => parNames[i]!),
    axes: axes.map((axis) => Float64Array.from(axis)),
    rise: scan.value.map((v) => v - best.value),
    x: scan.x,
    statuses: Array.from(scan.status, statusName),
    best: describeFit(asked, best),
  };
}

/** Range and points of a scan along one parameter. */
export interface ProfileScanOptions extends FitOptions {
  /** Ends of the scan; default two standard deviations around the best fit, inside the bounds. */
  readonly range?: readonly [number, number] | undefined;
  /** Points (default 11). */
  readonly points?: number | undefined;
  /** The values themselves, instead of a range. */
  readonly values?: Vector | undefined;
}

const scanOptions: Known<ProfileScanOptions> = { ...fitOptions, range: true, points: true, values: true };

/** The profile likelihood along one parameter, as cabinetry's `scan`. All fits run in one call. */
export function profileScan(
  parameter: string | number,
  data: Vector,
  model: Likelihood,
  options: ProfileScanOptions = {},
): ProfileScan {
  checkOptions("profileScan", options, scanOptions);
  checkAsked("profileScan", "parameter, data, model, options", data, model, options);
  checkArguments("profileScan", {
    values: [options.values, optional(numbers)],
    range: [options.range, optional(pairOf(finite))],
  });
  const values =
    options.values ?? range(parameter, data, model, options, options.points ?? 11, options.range);
  return shownAs("profileScan", onGrid("profileScan", [parameter], [values], data, model, options));
}

/** Ranges and points of a scan over two parameters. */
export interface GridOptions extends FitOptions {
  readonly ranges?: readonly [readonly [number, number], readonly [number, number]] | undefined;
  /** Points along each axis (default 21 × 21). */
  readonly points?: readonly [number, number] | undefined;
}

const gridOptions: Known<GridOptions> = { ...fitOptions, ranges: true, points: true };

/** The profile likelihood over two parameters: what contours are drawn from. All fits run in one call. */
export function profileGrid(
  parameters: readonly [string | number, string | number],
  data: Vector,
  model: Likelihood,
  options: GridOptions = {},
): ProfileScan {
  checkOptions("profileGrid", options, gridOptions);
  checkAsked("profileGrid", "parameters, data, model, options", data, model, options);
  checkArguments("profileGrid", {
    parameters: [parameters, array],
    points: [options.points, optional(pairOf(whole(1)))],
    ranges: [options.ranges, optional(pairOf(pairOf(finite)))],
  });
  const axes = parameters.map((p, i) =>
    range(p, data, model, options, options.points?.[i] ?? 21, options.ranges?.[i]),
  );
  return shownAs("profileGrid", onGrid("profileGrid", parameters, axes, data, model, options));
}

/**
 * So many standard deviations to both sides of the best fit, inside the bounds; of a parameter that its bound holds, as
 * many times its MINOS interval. NaN where the fit failed.
 */
export function around(
  parameter: string | number,
  data: Vector,
  model: Likelihood,
  options: FitOptions,
  sigmas: number,
): [number, number] {
  const i = parameterIndex(model, parameter);
  const found = deviations(data, model, options);
  const { x, stdev, held } = found;
  requireDetermined(model, found, [i]);
  const { lower, upper } = boundsOf(model, options);
  let [down, up] = [-stdev[i]!, stdev[i]!];
  if (held[i]) ({ down, up } = minos(data, model, { ...options, parameters: [i] }).intervals[0]!);
  return [Math.max(lower[i]!, x[i]! + sigmas * down), Math.min(upper[i]!, x[i]! + sigmas * up)];
}

function range(
  parameter: string | number,
  data: Vector,
  model: Likelihood,
  options: FitOptions,
  points: number,
  ends?: readonly [number, number],
): Float64Array {
  if (!(Number.isInteger(points) && points > 0)) {
    throw new InferenceError("infer.scan", `a scan needs a whole number of points, but got ${points}`, {
      points,
    });
  }
  let [from, to] = ends ?? [Number.NaN, Number.NaN];
  if (!ends) {
    [from, to] = around(parameter, data, model, ownOptions(options, fitOptions), 2);
  }
  return Float64Array.from({ length: points }, (_, j) =>
    points === 1 ? from : from + ((to - from) * j) / (points - 1),
  );
}
