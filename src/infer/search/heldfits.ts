import type { Fitted, LimitFits, Passed } from "./limitfits.js";

/** A held fit at a value of the parameter of interest. */
interface Point extends Fitted {
  readonly mu: number;
  readonly tangent?: Float64Array | undefined;
  readonly curvature?: number | undefined;
}

/** A place where parameters are known, and perhaps how they move. */
interface Place {
  readonly mu: number;
  readonly x: Float64Array;
  readonly tangent?: Float64Array | undefined;
}

/** By how much a minimum must lie below another to be another, in parts of 1 + |f|. */
export const BELOW = 1e-9;

/** What the value of a fit that was not taken to its end may be too high by. */
const PASSED = 1e-6;

/**
 * Held fits of one data set, each started from its neighbours and how these move; with those of a data set of the same
 * kind, on the curve that they follow. Most then take one evaluation.
 */
export class HeldFits {
  readonly #fits: LimitFits;
  readonly #data: Float64Array;
  readonly #origin: Float64Array;
  /** Places where the parameters are known: those of the points, and of free fits. */
  readonly #known: Place[];
  readonly #like: HeldFits | undefined;
  #points: Point[] = [];
  readonly #searched: Point[] = [];
  #forgotten = 0;

  constructor(
    fits: LimitFits,
    data: Float64Array,
    origin: Float64Array,
    poi: number,
    known: readonly Fitted[],
    like?: HeldFits,
  ) {
    this.#fits = fits;
    this.#data = data;
    this.#origin = origin;
    this.#like = like;
    this.#known = known.map(({ x }) => ({ mu: x[poi]!, x }));
  }

  /** The fit at mu from a start on the curve that touches its two nearest neighbours, not quite to its end. */
  at(mu: number): Point {
    const known = this.#points.find((p) => p.mu === mu);
    if (known) return known;
    const found = this.#pass(mu, this.#guess(mu));
    return found.status === 0 ? this.#keep(found) : this.whole(mu, found.x);
  }

  #pass(mu: number, guess: Float64Array): Point {
    const fits = this.#fits;
    const start = fits.held(guess, mu);
    const found: Passed = fits.pass(this.#data, start);
    if (found.status === 0 && !Number.isNaN(found.slope)) return { ...found, mu };
    return { ...fits.near(this.#data, start), mu };
  }

  /**
   * The same from all starts that a test tries, the first of them to its end; between places where that was done, from
   * what was found there. Where that leads lower, what is known of neighbours is forgotten.
   */
  whole(mu: number, known = this.#guess(mu)): Point {
    const fits = this.#fits;
    const before = this.#points.find((p) => p.mu === mu) ?? this.#pass(mu, known);
    const sides = this.#sides(mu);
    const [first, ...others] = sides.length === 2 ? [before.x, ...sides] : this.#starts(before.x);
    const found = fits.whole(
      this.#data,
      fits.held(first!, mu),
      others.map((x) => fits.held(x, mu).x0),
    );
    const slack = BELOW * (1 + Math.abs(found.value)) + (before.tangent ? PASSED : 0);
    const lower = before.status !== 0 || found.value < before.value - slack;
    if (found.status === 0 && lower) {
      this.#points = [];
      this.#forgotten++;
    }
    this.#points = this.#points.filter((p) => p.mu !== mu);
    const { tangent, curvature }: Partial<Point> = lower ? {} : before;
    const point = { ...found, mu, tangent, curvature };
    if (found.status === 0) this.#searched.push(point);
    return this.#keep(point);
  }

  /** How often neighbours turned out not to be the lowest minima. */
  get forgotten(): number {
    return this.#forgotten;
  }

  #starts(known: Float64Array): readonly Float64Array[] {
    const [origin, { x0 }] = [this.#origin, this.#fits.setup];
    return [origin, ...(origin === x0 ? [] : [x0]), mirrored(origin, known), known];
  }

  /** Where the nearest places to both sides lead that were searched from all starts. */
  #sides(mu: number): readonly Float64Array[] {
    const sorted = [...this.#searched].sort((a, b) => a.mu - b.mu);
    return [sorted.findLast((p) => p.mu <= mu), sorted.find((p) => p.mu >= mu)].flatMap((p) =>
      p ? [ahead(p, undefined, mu)] : [],
    );
  }

  /** The parameters of the nearest fit. */
  nearest(mu: number): Float64Array {
    return this.#near(mu)[0]?.x ?? this.#origin;
  }

  #keep(point: Point): Point {
    if (point.status === 0) this.#points.push(point);
    return point;
  }

  #near(mu: number): readonly Place[] {
    return [...this.#points, ...this.#known].sort((a, b) => Math.abs(a.mu - mu) - Math.abs(b.mu - mu));
  }

  #guess(mu: number): Float64Array {
    const [a, b] = this.#near(mu);
    if (!a) return this.#origin;
    if (this.#like && !(a.tangent && b?.tangent)) {
      const [from, to] = [this.#like.#guess(a.mu), this.#like.#guess(mu)];
      return a.x.map((v, i) => v + to[i]! - from[i]!);
    }
    return ahead(a, b, mu);
  }
}

/** Parameters at mu on the curve that touches those of the nearest places. */
function ahead(a: Place, b: Place | undefined, mu: number): Float64Array {
  const [h, way] = [b ? b.mu - a.mu : 0, mu - a.mu];
  const part = h === 0 ? 0 : way / h;
  if (!b || h === 0 || Math.abs(part) > 2) {
    return a.x.map((v, i) => v + way * (a.tangent?.[i] ?? 0));
  }
  if (!a.tangent) return a.x.map((v, i) => v + part * (b.x[i]! - v));
  // What the straight line leaves is of second order; of third, where both sides are known.
  return a.x.map((v, i) => {
    const t = h * a.tangent![i]!;
    const rest = b.x[i]! - v - t;
    const bend = b.tangent && part > 0 ? h * b.tangent[i]! - t - 2 * rest : 0;
    return v + part * t + part * part * (rest + (part - 1) * bend);
  });
}

/** The image of parameters about others: a likelihood with two minima often has the second there. */
const mirrored = (about: Float64Array, x: Float64Array): Float64Array => about.map((v, i) => 2 * v - x[i]!);
