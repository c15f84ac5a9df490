import { vmap } from "../../core/derive/transform.js";
import { where } from "../../core/elementary/arith.js";
import type { Tensor } from "../../core/graph/tensor.js";
import type { Known } from "../../core/options.js";
import { constantArray } from "../../core/run/trace.js";
import { statusMessage, statusName } from "../../core/status.js";
import { shownAs } from "../../text/display.js";
import { answered } from "../answered.js";
import { askNumbers, type Numbers, type Vector } from "../call.js";
import { boundsOf, checkTest } from "../checkfit.js";
import { oneProfile } from "../heldfit.js";
import type { ConstrainedLikelihood, Likelihood } from "../likelihood.js";
import { type Asked, begin } from "../question.js";
import { type FitArgs, type FitOptions, fitOptions, type PoiStatics, poiStatics, prepare } from "../setup.js";
import { type Deviations, deviationsOf } from "../undetermined.js";
import { minos } from "./minos.js";
import { prefitQuestion } from "./pulls.js";

/** By how much the parameter of interest moves when a nuisance parameter is held away from its best fit. */
export interface Impact {
  readonly name: string;
  readonly best: number;
  /**
   * NaN where its bound holds the parameter: it is then moved to the ends of its MINOS interval. NaN where it is
   * undetermined, and so are its impacts after the fit.
   */
  readonly stdev: number;
  /** Held at best ± the width of its constraint; 0 without constraint. NaN where the fit failed. */
  readonly prefitUp: number;
  readonly prefitDown: number;
  /** Held at best ± stdev. */
  readonly postfitUp: number;
  readonly postfitDown: number;
  /** Where it was held at its bound, which lies nearer. */
  readonly atBound: Readonly<Record<Move, boolean>>;
}

/** The four places where a parameter is held. */
export type Move = "prefitUp" | "prefitDown" | "postfitUp" | "postfitDown";
const moves = ["prefitUp", "prefitDown", "postfitUp", "postfitDown"] as const;

/** Impacts of all parameters on that of interest. */
export interface Ranking extends Deviations {
  readonly poi: string;
  /** Standard deviation of the parameter of interest; NaN where its bound holds it, or it is undetermined. */
  readonly poiStdev: number;
  /** Of all parameters but that of interest; the greatest post-fit impact first. */
  readonly impacts: readonly Impact[];
}

/** One fit: a parameter held at a place. */
interface Row {
  readonly parameter: number;
  readonly move: number;
  readonly place: number;
}

/** Fits times parameters in one call: its memory is some ten times that. */
const TOGETHER = 2 ** 18;

/** The parameter of interest [k] where another is held at a place, in k fits. */
const question = {
  name: "ranking",
  trace: (
    model: Likelihood,
    args: FitArgs & { readonly near: Tensor; readonly which: Tensor; readonly places: Tensor },
    { k, ...statics }: PoiStatics & { readonly k: number },
  ) => {
    const setup = prepare(model, args, statics);
    const all = constantArray(Float64Array.from({ length: model.config.npars }, (_, i) => i));
    return vmap(
      (which: Tensor, place: Tensor): { poi: Tensor; status: Tensor } => {
        const mask = all.eq(which);
        const x = where(mask, place, args.near);
        const found = oneProfile(model, args.data, setup, args.near, mask, x);
        return { poi: answered(found.x.at(statics.poi), found.status), status: found.status };
      },
      [0, 0],
    )(args.which.reshape([k]), args.places.reshape([k]));
  },
};

/** What the fits found: of the parameter of interest [fits]. */
type Moved = Numbers<ReturnType<typeof question.trace>>;

/** Makes the fits of all rows, so many in one call that memory does not grow with the square of the parameters. */
function fitRows(
  rows: readonly Row[],
  npars: number,
  ask: (k: number, args: { which: Float64Array; places: Float64Array }) => Moved,
  progress?: (done: number, total: number) => void,
): Moved {
  const moved = { poi: new Float64Array(rows.length), status: new Float64Array(rows.length) };
  // Few different numbers of fits are compiled; what is too much repeats the first.
  const wanted = npars * Math.ceil(rows.length / npars);
  const calls = Math.ceil((wanted * npars) / TOGETHER);
  const k = Math.max(1, Math.ceil(wanted / calls));
  for (let from = 0; from < rows.length; from += k) {
    const row = (j: number) => rows[from + j] ?? rows[from]!;
    const places = Float64Array.from({ length: k }, (_, j) => row(j).place);
    const found = ask(k, { which: Float64Array.from(places, (_, j) => row(j).parameter), places });
    const count = Math.min(k, rows.length - from);
    moved.poi.set(found.poi.subarray(0, count), from);
    moved.status.set(found.status.subarray(0, count), from);
    progress?.(from + count, rows.length);
  }
  return moved;
}

/** By how much each parameter is moved in the four fits. */
function stepsOf(
  { stdev, held }: Deviations,
  { model, args, statics }: Asked<ConstrainedLikelihood, PoiStatics>,
  options: FitOptions,
): Steps {
  const [postfitUp, postfitDown] = [stdev.slice(), stdev.map((s) => -s)];
  const parameters = Array.from(held.keys()).filter((i) => held[i] && i !== statics.poi);
  const most = Math.max(1, Math.floor(TOGETHER / (2 * held.length)));
  for (let from = 0; from < parameters.length; from += most) {
    const some = parameters.slice(from, from + most);
    const { intervals } = minos(args.data, model, { ...options, parameters: some });
    some.forEach((i, j) => {
      [postfitDown[i], postfitUp[i]] = [intervals[j]!.down, intervals[j]!.up];
    });
  }
  const width = askNumbers(prefitQuestion, model, args, statics).stdev;
  return { prefitUp: width, prefitDown: width.map((w) => -w), postfitUp, postfitDown };
}

export interface RankingOptions extends FitOptions {
  /** Is told from time to time how many fits are done, of how many. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

const rankingOptions: Known<RankingOptions> = { ...fitOptions, progress: true };

/**
 * Impacts of all nuisance parameters on the parameter of interest, as cabinetry's `ranking`. A parameter is held no further
 * away than its bounds; `atBound` says where that cut a move short. What a fit did not find is NaN, and where the parameter
 * of interest is undetermined all impacts are.
 */
export function ranking(data: Vector, model: ConstrainedLikelihood, given: RankingOptions = {}): Ranking {
  const ranked = { name: "ranking", options: rankingOptions, statics: poiStatics, check: checkTest };
  const asked = begin(ranked, data, model, given);
  const { progress, ...options } = given;
  const { poi } = asked.statics;
  const best = deviationsOf(asked);
  const { parNames } = model.config;
  const name = parNames[poi]!;
  const loose = best.undetermined.includes(name);
  const warnings = loose
    ? [...best.warnings, `${name} is undetermined, so nothing has an impact on it`]
    : best.warnings;
  const base = { ...best, warnings, poi: name, poiStdev: best.stdev[poi]! };
  if (best.status !== "converged") return shownAs("ranking", { ...base, impacts: [] });

  const steps = loose ? null : stepsOf(best, asked, options);
  const { rows, values, bounded } = rowsOf(steps, best, asked);
  const known = { ...asked.args, near: best.x };
  const moved = fitRows(
    rows,
    parNames.length,
    (k, more) => askNumbers(question, model, { ...known, ...more }, { ...asked.statics, k }),
    progress,
  );
  const failed: string[] = [];
  let worst = 0;
  rows.forEach(({ parameter, move }, r) => {
    values[move]![parameter] = moved.poi[r]! - best.x[poi]!;
    if (moved.status[r] === 0) return;
    worst = Math.max(worst, moved.status[r]!);
    failed.push(
      `${parNames[parameter]} (${move % 2 ? "-" : "+"} sigma, ${move < 2 ? "before" : "after"} the fit)`,
    );
  });
  const impacts = parNames
    .map((parameter, i): Impact => {
      const each = <T>(of: (m: number) => T) => ({
        prefitUp: of(0),
        prefitDown: of(1),
        postfitUp: of(2),
        postfitDown: of(3),
      });
      const atBound = each((m) => bounded[m]![i]!);
      return {
        name: parameter,
        best: best.x[i]!,
        stdev: best.stdev[i]!,
        ...each((m) => values[m]![i]!),
        atBound,
      };
    })
    .filter((_, i) => i !== poi);
  const finite = (x: number) => (Number.isNaN(x) ? 0 : Math.abs(x));
  const size = (m: Impact) => Math.max(finite(m.postfitUp), finite(m.postfitDown));
  const status = statusName(worst);
  const few = `${failed.slice(0, 5).join(", ")}${failed.length > 5 ? ` and ${failed.length - 5} more` : ""}`;
  return shownAs("ranking", {
    ...base,
    status,
    converged: failed.length === 0,
    warnings:
      failed.length > 0 ? [...base.warnings, `no impact of ${few}: ${statusMessage(status)}`] : base.warnings,
    impacts: impacts.sort((a, b) => size(b) - size(a)),
  });
}

type Steps = Record<Move, Float64Array>;

/** The fits that steps ask for; and by move and parameter the impacts of those that ask for none, and whether a bound lies nearer. */
function rowsOf(
  steps: Steps | null,
  best: Deviations,
  { model, args, statics }: Asked<ConstrainedLikelihood, PoiStatics>,
): { rows: Row[]; values: readonly Float64Array[]; bounded: readonly boolean[][] } {
  const { npars } = model.config;
  const { lower, upper } = boundsOf(model, args);
  const rows: Row[] = [];
  const values = moves.map(() => new Float64Array(npars));
  const bounded = moves.map((name, move) =>
    Array.from(best.x, (x, parameter) => {
      // The parameter of interest is not held.
      const step = parameter === statics.poi ? 0 : (steps?.[name][parameter] ?? Number.NaN);
      const wanted = x + step;
      const [below, above] = [wanted < lower[parameter]!, wanted > upper[parameter]!];
      const place = below ? lower[parameter]! : above ? upper[parameter]! : wanted;
      if (Number.isNaN(step)) values[move]![parameter] = Number.NaN;
      else if (place !== x) rows.push({ parameter, move, place });
      // Of one that its bound holds, one end of the interval is the bound.
      return below || above || (move >= 2 && best.held[parameter] === 1 && step === 0);
    }),
  );
  return { rows, values, bounded };
}
