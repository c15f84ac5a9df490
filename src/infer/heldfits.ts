import type { Fitted, LimitFits } from "./limitfits.js";

/** A held fit at a value of the parameter of interest. */
interface Point extends Fitted {
  readonly mu: number;
}

/** By how much a minimum must lie below another to be another, in parts of 1 + |f|. */
export const BELOW = 1e-9;
/** Held fits of one data set, each started from its neighbours. */
export class HeldFits {
  readonly #fits: LimitFits;
  readonly #data: Float64Array;
  readonly #origin: Float64Array;
  /** Places where the parameters are known: those of the points, and of free fits. */
  readonly #known: { readonly mu: number; readonly x: Float64Array }[];
  #points: Point[] = [];

  constructor(
    fits: LimitFits,
    data: Float64Array,
    origin: Float64Array,
    poi: number,
    known: readonly Fitted[],
  ) {
    this.#fits = fits;
    this.#data = data;
    this.#origin = origin;
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

  /** The same from all starts that a test tries. What lies lower than its neighbours replaces them. */
  whole(mu: number, known = this.#guess(mu)): Point {
    const before = this.#points.find((p) => p.mu === mu);
    const fits = this.#fits;
    const others = [this.#origin, fits.setup.x0, mirrored(this.#origin, known)];
    const found = fits.whole(
      this.#data,
      fits.held(known, mu),
      others.map((x) => fits.held(x, mu).x0),
    );
    if (before && found.value < before.value - BELOW * (1 + Math.abs(found.value))) this.#points = [];
    this.#points = this.#points.filter((p) => p.mu !== mu);
    return this.#keep({ ...found, mu });
  }

  #keep(point: Point): Point {
    if (point.status === 0) this.#points.push(point);
    return point;
  }

  #guess(mu: number): Float64Array {
    const near = [...this.#points, ...this.#known].sort((a, b) => Math.abs(a.mu - mu) - Math.abs(b.mu - mu));
    const [a, b] = near;
    if (!a) return this.#origin;
    if (!b || a.mu === b.mu) return a.x;
    const part = (mu - a.mu) / (b.mu - a.mu);
    return Math.abs(part) > 2 ? a.x : a.x.map((v, i) => v + part * (b.x[i]! - v));
  }
}

/** The image of parameters about others: a likelihood with two minima often has the second there. */
const mirrored = (about: Float64Array, x: Float64Array): Float64Array => about.map((v, i) => 2 * v - x[i]!);
