import type { Fitted, LimitFits } from "./limitfits.js";

/** A held fit at a value of the parameter of interest. */
interface Point extends Fitted {
  readonly mu: number;
}

/** By how much a minimum must lie below another to be another, in parts of 1 + |f|. */
export const BELOW = 1e-9;

/**
 * Held fits of one data set, each started from its neighbours; with those of a data set of the same kind, on the curve
 * that these follow.
 */
export class HeldFits {
  readonly #fits: LimitFits;
  readonly #data: Float64Array;
  readonly #origin: Float64Array;
  /** Places where the parameters are known: those of the points, and of free fits. */
  readonly #known: { readonly mu: number; readonly x: Float64Array }[];
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

  /** The fit at mu from a start on the line through its two nearest neighbours. */
  at(mu: number): Point {
    const known = this.#points.find((p) => p.mu === mu);
    if (known) return known;
    const start = this.#fits.held(this.#guess(mu), mu);
    const found = this.#fits.near(this.#data, start);
    return found.status === 0 ? this.#keep({ ...found, mu }) : this.whole(mu, found.x);
  }

  /**
   * The same from all starts that a test tries, the first of them to its end; between places where that was done, from
   * what was found there. Where that leads lower, what is known of neighbours is forgotten.
   */
  whole(mu: number, known = this.#guess(mu)): Point {
    const fits = this.#fits;
    const before = this.#points.find((p) => p.mu === mu) ?? fits.near(this.#data, fits.held(known, mu));
    const sides = this.#sides(mu);
    const [first, ...others] = sides.length === 2 ? [before.x, ...sides] : this.#starts(before.x);
    const found = fits.whole(
      this.#data,
      fits.held(first!, mu),
      others.map((x) => fits.held(x, mu).x0),
    );
    const lower = before.status !== 0 || found.value < before.value - BELOW * (1 + Math.abs(found.value));
    if (found.status === 0 && lower) {
      this.#points = [];
      this.#forgotten++;
    }
    this.#points = this.#points.filter((p) => p.mu !== mu);
    if (found.status === 0) this.#searched.push({ ...found, mu });
    return this.#keep({ ...found, mu });
  }

  /** How often neighbours turned out not to be the lowest minima. */
  get forgotten(): number {
    return this.#forgotten;
  }

  #starts(known: Float64Array): readonly Float64Array[] {
    return [this.#origin, this.#fits.setup.x0, mirrored(this.#origin, known), known];
  }

  /** The nearest places to both sides that were searched from all starts. */
  #sides(mu: number): readonly Float64Array[] {
    const sorted = [...this.#searched].sort((a, b) => a.mu - b.mu);
    return [sorted.findLast((p) => p.mu <= mu), sorted.find((p) => p.mu >= mu)].flatMap((p) =>
      p ? [p.x] : [],
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

  #near(mu: number): readonly { readonly mu: number; readonly x: Float64Array }[] {
    return [...this.#points, ...this.#known].sort((a, b) => Math.abs(a.mu - mu) - Math.abs(b.mu - mu));
  }

  #guess(mu: number): Float64Array {
    const [a, b, c] = this.#near(mu);
    if (!a) return this.#origin;
    if (this.#like) {
      const [from, to] = [this.#like.#guess(a.mu), this.#like.#guess(mu)];
      return a.x.map((v, i) => v + to[i]! - from[i]!);
    }
    if (!b || a.mu === b.mu) return a.x;
    const part = (mu - a.mu) / (b.mu - a.mu);
    if (Math.abs(part) > 2) return a.x;
    const line = a.x.map((v, i) => v + part * (b.x[i]! - v));
    if (!c || c.mu === a.mu || c.mu === b.mu) return line;
    // On the parabola through three, but not far from all.
    const bent = ((mu - a.mu) * (mu - b.mu)) / ((c.mu - a.mu) * (c.mu - b.mu));
    const there = (c.mu - a.mu) / (b.mu - a.mu);
    if (Math.abs(bent) > 1) return line;
    return line.map((v, i) => v + bent * (c.x[i]! - a.x[i]! - there * (b.x[i]! - a.x[i]!)));
  }
}

/** The image of parameters about others: a likelihood with two minima often has the second there. */
const mirrored = (about: Float64Array, x: Float64Array): Float64Array => about.map((v, i) => 2 * v - x[i]!);
