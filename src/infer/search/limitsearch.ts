import { type Status, statusName } from "../../core/status.js";
import { normalProbability, normalQuantile } from "../../random/gauss.js";
import { ROUNDING } from "../answers/teststatistics.js";
import { worstNamed } from "../fitstatus.js";
import type { Likelihood } from "../likelihood.js";
import type { FitNumbers } from "../setup.js";
import { band } from "../stats/asymptotics.js";
import type { LimitStatics } from "./curves.js";
import { BELOW, HeldFits } from "./heldfits.js";
import { type Fitted, LimitFits, type Tested, tested } from "./limitfits.js";

/** Limits in numbers: the observed one and the expected ones, with the status of each. */
export interface FoundLimits {
  readonly observed: number;
  readonly expected: readonly number[];
  readonly status: Status;
  readonly statuses: readonly Status[];
}

interface Answer {
  readonly x: number;
  readonly status: Status;
}

/** A step of this part of its length leads to the limit, but for little: there all starts are tried. */
const CLOSE = 1e-2;
/** After such a step the next one is rounding. */
const CLOSER = 1e-5;
/** A step to the root that is so many times shorter than the slope says is none. */
const STALL = 10;
/** Most places where one limit is looked for. */
const MOST = 100;
/** How far the search goes beyond its ends at a time. */
const STRIDE = 4;

/** A place where a falling function was looked at. */
interface Seen {
  readonly mu: number;
  readonly value: number;
  /** Where the local model of the function has its root. */
  readonly next: number;
  /** How far away the root is by the slope here alone: what tells whether it was found. */
  readonly miss: number;
  /** 0, or the status of a fit that failed. */
  readonly status: number;
  /** Whether lower minima were found: what was seen before is not of this function. */
  readonly anew: boolean;
}

/**
 * Upper limits, observed and expected, by steps to the root of a local model inside a bracket. What is evaluated for one
 * limit serves the others; each is looked at last with all the starts of a hypothesis test.
 */
export function searchLimits(
  model: Likelihood,
  args: FitNumbers,
  statics: LimitStatics,
  ends: (lower: number, upper: number) => readonly [number, number],
): FoundLimits {
  return new Search(model, args, statics, ends).limits();
}

class Search {
  readonly #fits: LimitFits;
  readonly #statics: LimitStatics;
  readonly #poi: number;
  readonly #reference: Fitted;
  readonly #asimovValue: number;
  readonly #asimov: HeldFits;
  readonly #held: HeldFits;
  readonly #from: number;
  readonly #end: number;
  readonly #upper: number;
  #best: Fitted;
  #beyond: Fitted | undefined;
  /** sqrt(q_A) at places seen. */
  readonly #seen: Place[] = [];

  constructor(
    model: Likelihood,
    args: FitNumbers,
    statics: LimitStatics,
    ends: (lower: number, upper: number) => readonly [number, number],
  ) {
    this.#statics = statics;
    this.#poi = statics.poi;
    const fits = new LimitFits(model, args, statics);
    this.#fits = fits;
    const { x0, lower, upper } = fits.setup;
    this.#reference = fits.first(fits.data, fits.held(x0, 0), fits.held(x0, 0).x0);
    const { data, value } = fits.asimov(this.#reference.x);
    this.#asimovValue = value;
    this.#asimov = new HeldFits(fits, data, this.#reference.x, this.#poi, [this.#reference]);
    this.#best = fits.first(fits.data, fits.free(x0), fits.free(this.#reference.x).x0);
    this.#held = new HeldFits(fits, fits.data, x0, this.#poi, [this.#best, this.#reference], this.#asimov);
    this.#upper = upper[this.#poi]!;
    [this.#from, this.#end] = ends(lower[this.#poi]!, this.#upper);
  }

  limits(): FoundLimits {
    const { alpha } = this.#statics;
    const targets = band.map((n) => -n - normalQuantile(alpha * normalProbability(-n)));
    const expected: Answer[] = [];
    // The median first, then the outer ones, between which the others are.
    for (const i of [2, 0, 4, 1, 3]) {
      const target = targets[i]!;
      expected[i] = this.#find(this.#start(target), (mu, whole) => this.#expected(mu, target, whole));
    }
    const observed = this.#observed(expected[2]!);
    const all = [observed, ...expected];
    const statuses = all.map(({ status }) => status);
    return {
      observed: observed.x,
      expected: expected.map(({ x }) => x),
      status: worstNamed(statuses),
      statuses,
    };
  }

  #observed(median: Answer): Answer {
    for (let again = 0; ; again++) {
      const first = median.status === "converged" ? median.x : this.#start(1);
      const found = this.#find(Math.max(first, this.#best.x[this.#poi]!), (mu, whole) =>
        this.#cls(mu, whole),
      );
      if (found.status !== "converged" || again === 3) return found;
      // The held fit may know a better free one.
      const beyond = found.x > this.#upper;
      const best = beyond ? this.#beyondFit() : this.#best;
      const there = this.#fits.free(this.#held.nearest(found.x), beyond);
      const better = this.#fits.whole(this.#fits.data, this.#fits.free(best.x, beyond), [there.x0]);
      if (better.status !== 0 || !(better.value < best.value - BELOW * (1 + Math.abs(best.value))))
        return found;
      if (beyond) this.#beyond = better;
      else this.#best = better;
    }
  }

  /** The best fit where the parameter of interest may go beyond its bound, as tested values do. */
  #beyondFit(): Fitted {
    // A minimum inside the bound is one beyond it too; a fit from there may find no descent, and call that a failure.
    if (this.#best.x[this.#poi]! < this.#upper) return this.#best;
    const fits = this.#fits;
    const start = fits.free(this.#best.x, true);
    const other = () => fits.whole(fits.data, start, [fits.setup.x0, fits.free(this.#reference.x).x0]);
    if (this.#beyond === undefined) {
      const near = fits.near(fits.data, start);
      this.#beyond = near.status === 0 ? near : other();
    }
    return this.#beyond;
  }

  /** Where sqrt(q_A) may have a value, from what is known of it. */
  #start(y: number): number {
    const sorted = this.#seen
      .filter((p) => p.y > 0 && p.dy > 0)
      .sort((a, b) => Math.abs(a.y - y) - Math.abs(b.y - y));
    const near = sorted[0];
    if (!near) return Math.min(this.#from + 1, this.#end);
    const other = sorted.find((p) => (p.y - y) * (near.y - y) < 0);
    return Math.min(Math.max(other ? between(near, other, y) : beside(near, y), this.#from), this.#end);
  }

  /** sqrt(q_A) against a target. */
  #expected(mu: number, target: number, whole: boolean): Seen {
    const { forgotten } = this.#asimov;
    const at = whole ? this.#asimov.whole(mu) : this.#asimov.at(mu);
    const anew = this.#asimov.forgotten > forgotten;
    if (anew) this.#seen.length = 0;
    const y = rootOf(at.value, this.#asimovValue);
    const dy = y > 0 ? at.slope / (2 * y) : 0;
    const bend = at.curvature === undefined ? Number.NaN : (at.curvature - 2 * dy * dy) / (2 * y);
    const place = { mu, y, dy, bend };
    if (at.status === 0) this.#seen.push(place);
    const straight = y > 0 && dy > 0 ? mu + (target - y) / dy : Number.NaN;
    const miss = Math.abs(straight - mu);
    const bent = this.#seen.length > 1 && !(miss <= CLOSER * Math.abs(mu)) ? this.#start(target) : straight;
    // A curve through places far away may claim that the root is here, where the slope knows better.
    const step = Math.abs(bent - mu);
    const next = step <= CLOSE * Math.abs(mu) && miss > STALL * step ? straight : bent;
    const status = Math.max(this.#reference.status, at.status);
    return { mu, value: target - y, next, miss, status, anew };
  }

  /** log CLs of the data against that of the limit; the step is along straight sqrt(q) and sqrt(q_A). */
  #cls(mu: number, whole: boolean): Seen {
    const forgotten = this.#asimov.forgotten + this.#held.forgotten;
    // The first tells the second where to start.
    const at = whole ? this.#asimov.whole(mu) : this.#asimov.at(mu);
    const fixed = whole ? this.#held.whole(mu) : this.#held.at(mu);
    const goal = Math.log(this.#statics.alpha);
    const found = this.#test(mu, at, fixed);
    const best = mu > this.#upper ? this.#beyondFit() : this.#best;
    const status = Math.max(this.#reference.status, fixed.status, at.status, best.status);
    const value = found.logCls - goal;
    const slope = found.byFixed * fixed.slope + found.byAsimov * at.slope;
    // Like sqrt(q), the root of -2 log CLs is nearly straight; where CLs does not depend on mu yet, two sigma further.
    const [at0, at1] = [Math.sqrt(-2 * Math.min(found.logCls, 0)), Math.sqrt(-2 * goal)];
    const straight = mu - ((at1 - at0) * at0) / slope;
    const sigma = (2 * found.sqrtqA) / at.slope;
    const next = slope < 0 ? straight : sigma > 0 ? mu + 2 * sigma : Number.NaN;
    const anew = this.#asimov.forgotten + this.#held.forgotten > forgotten;
    return { mu, value, next, miss: slope < 0 ? Math.abs(value / slope) : Number.NaN, status, anew };
  }

  #test(mu: number, at: Fitted, fixed: Fitted): Tested {
    const best = mu > this.#upper ? this.#beyondFit() : this.#best;
    return tested(this.#statics.testStat, {
      mu,
      fixed: fixed.value,
      best: best.value,
      bestMu: best.x[this.#poi]!,
      asimov: at.value,
      reference: this.#asimovValue,
    });
  }

  /** The root of a function that is positive at the lower end and falls. */
  #find(first: number, look: (mu: number, whole: boolean) => Seen): Answer {
    let [low, high] = [this.#from, Number.POSITIVE_INFINITY];
    let mu = Math.min(first, this.#end);
    let [careful, verified] = [false, false];
    for (let step = 0; step < MOST; step++) {
      const seen = look(mu, careful);
      if (seen.status !== 0) return { x: Number.NaN, status: statusName(seen.status) };
      if (Number.isNaN(seen.value)) return { x: Number.NaN, status: "noValue" };
      if (seen.anew) [low, high] = [this.#from, Number.POSITIVE_INFINITY];
      if (seen.value > 0) low = Math.max(low, mu);
      else high = Math.min(high, mu);
      // Steps are cut at the end of the search: one that stays there leads nowhere.
      if (seen.value > 0 && mu >= this.#end * (1 - CLOSER)) return { x: Number.NaN, status: "sameSign" };
      const size = Math.abs(mu);
      const { next, miss } = seen;
      if (seen.value === 0 || miss <= CLOSER * size) {
        if (careful || verified) return { x: seen.value === 0 ? mu : next, status: "converged" };
        careful = true;
        continue;
      }

      // A step that is all but there is checked where it leads, once.
      verified ||= careful && miss <= CLOSE * size;
      careful = !verified && miss <= CLOSE * size;
      mu = this.#inside(next, low, high);
      if (!(mu > low && mu < high) && mu !== this.#end) return { x: Number.NaN, status: "jump" };
    }
    return { x: Number.NaN, status: "jump" };
  }

  /** A step kept in its bracket, and not too far beyond what is known. */
  #inside(next: number, low: number, high: number): number {
    const from = this.#from;
    if (high === Number.POSITIVE_INFINITY) {
      const most = Math.min(low > from ? low + (STRIDE - 1) * (low - from) : from + STRIDE, this.#end);
      return next > low ? Math.min(next, most) : most;
    }
    if (next > low && next < high) return next;
    // Between ends of other sizes, half-way in size.
    const middle = from + Math.sqrt(Math.max(low - from, 1e-3 * (high - from)) * (high - from));
    return middle > low && middle < high ? middle : low + 0.5 * (high - low);
  }
}

/** The root of a likelihood ratio, as `difference` and `safeSqrt` make it of Tensors. */
function rootOf(value: number, least: number): number {
  const q = value - least;
  return q <= ROUNDING * (Math.abs(value) + Math.abs(least)) ? 0 : Math.sqrt(q);
}

/** A place on a rising curve, with its derivatives; the second is NaN where it is not known. */
interface Place {
  readonly mu: number;
  readonly y: number;
  readonly dy: number;
  readonly bend: number;
}

/** Where y is reached on the parabola that is bent like the curve, or through the origin where that is not known. */
function beside({ mu, y, dy, bend }: Place, target: number): number {
  const rise = target - y;
  const root = Math.sqrt(dy * dy + 2 * bend * rise);
  if (root >= 0) return mu + (2 * rise) / (dy + root);
  const through = (1 / dy - mu / y) / y;
  const found = target * (mu / y - through * y + through * target);
  return found > 0 ? found : mu + rise / dy;
}

/** Where y is reached between two places, on the cubic mu(y) through both with their slopes. */
function between(a: Place, b: Place, target: number): number {
  const h = b.y - a.y;
  const s = (target - a.y) / h;
  const [da, db] = [h / a.dy, h / b.dy];
  const found =
    a.mu * (1 + 2 * s) * (1 - s) ** 2 +
    da * s * (1 - s) ** 2 +
    b.mu * s * s * (3 - 2 * s) -
    db * s * s * (1 - s);
  const [low, high] = a.mu < b.mu ? [a.mu, b.mu] : [b.mu, a.mu];
  return found > low && found < high ? found : a.mu + s * (b.mu - a.mu);
}
