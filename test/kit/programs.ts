import { GradcutError, type Tensor } from "../../src/index.js";
import { random } from "./random.js";

/** Draws the arguments of ops from what a program has made so far. */
export class Draw {
  readonly pool: Tensor[];
  readonly #u: () => number;
  constructor(u: () => number, pool: readonly Tensor[]) {
    this.#u = u;
    this.pool = [...pool];
  }
  int = (n: number) => Math.floor(this.#u() * n);
  pick = <T>(from: readonly T[]): T => from[this.int(from.length)] as T;
  t = () => this.pick(this.pool);
  /** Often what was made last, so that programs are deep. */
  last = () => (this.#u() < 0.6 ? (this.pool.at(-1) as Tensor) : this.t());
  like = (x: Tensor) => this.pick(this.pool.filter((t) => `${t.shape}` === `${x.shape}`));
}

export type Steps = Readonly<Record<string, (d: Draw) => Tensor>>;

/** What the program of one seed makes: the same ops each time. Steps that are refused or that do not fit are left out. */
export function drawn(
  steps: Steps,
  seed: number,
  pool: readonly Tensor[],
  { length, fits }: { length: number; fits: (t: Tensor) => boolean },
): Tensor[] {
  const d = new Draw(random(seed), pool);
  const names = Object.keys(steps);
  for (let i = 0; i < length; i++) {
    try {
      const made = steps[d.pick(names)]!(d);
      if (fits(made)) d.pool.push(made);
    } catch (error) {
      if (!(error instanceof GradcutError)) throw error;
    }
  }
  return d.pool;
}
