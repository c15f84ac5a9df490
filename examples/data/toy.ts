// Toy events for the examples: a signal peak in mass on a falling background, with event weights.

import { type Events, type Key, key, table } from "gradcut";
import { normal, split, uniform } from "gradcut/random";

/** Columns of the toy: transverse momentum, pseudorapidity, mass, event weight. */
export type Toy = Events<Record<"pt" | "eta" | "mass" | "w", Float64Array>>;

/** `n` events of each sample from a seed; 300 signal events and 20,000 of background are expected. */
export function toy(n: number, seed = 1): { signal: Toy; background: Toy } {
  const [a, b, c, d, e, f] = split(key(seed), 6) as [Key, Key, Key, Key, Key, Key];
  const falling = (from: Key, least: number, slope: number) =>
    uniform(from, n).map((u) => least - slope * Math.log(1 - u));
  return {
    signal: table({
      pt: falling(a, 20, 25),
      eta: normal(b, n),
      mass: normal(c, n).map((z) => 91 + 3 * z),
      w: new Float64Array(n).fill(300 / n),
    }),
    background: table({
      pt: falling(d, 20, 12),
      eta: normal(e, n).map((z) => 1.6 * z),
      mass: falling(f, 50, 40),
      w: new Float64Array(n).fill(20_000 / n),
    }),
  };
}
