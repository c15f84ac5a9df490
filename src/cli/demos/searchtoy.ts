/** A search for a resonance with missing momentum: signal and background from our own seeded generator. */

import { tuple } from "../../core/graph/tuple.js";
import { table } from "../../index.js";
import { foldIn, type Key, normal, uniform } from "../../random/keys.js";
import type { Sample } from "../tables/samples.js";

/** Events of each sample stand for so many of the data. */
const expected = { signal: 60, background: 4000 };

/** The energy scale is known to 3 %. */
const scale = 0.03;

/** One event: missing momentum, sum of momenta, mass (all in GeV), and the angle between the two leading objects. */
interface Event {
  readonly met: number;
  readonly ht: number;
  readonly mass: number;
  readonly dphi: number;
}

/** Numbers of one event: of exponential and of normal distributions, and one from 0 to 1. */
interface Draws {
  readonly e: readonly [number, number, number, number, number, number, ...number[]];
  readonly z: readonly [number, number, number, ...number[]];
  readonly u: number;
}

const signalEvent = ({ e, z }: Draws): Event => {
  const ht = Math.abs(320 + 90 * z[0]);
  return {
    ht,
    met: 15 + 40 * (e[0] + e[1]) + 0.1 * ht,
    mass: 125 + 16 * z[1],
    dphi: Math.PI - (Math.abs(0.7 * z[2]) % Math.PI),
  };
};

const backgroundEvent = ({ e, u }: Draws): Event => {
  const ht = 80 + 110 * (e[0] + 0.6 * e[1]);
  return {
    ht,
    met: 20 * (e[2] + e[3]) + 0.12 * ht,
    mass: 40 + 55 * (e[4] + 0.5 * e[5]),
    dphi: Math.PI * Math.sqrt(u),
  };
};

/** Signal, background, and the background with energies up and down by a standard deviation; `n` events each. */
export function searchSamples(source: Key, n: number): [Sample, Sample, Sample, Sample] {
  const [signal, background] = [foldIn(source, 0), foldIn(source, 1)].map((key) => drawn(key, n));
  const made = signal!.map(signalEvent);
  const other = background!.map(backgroundEvent);
  return [
    sample("signal", made, expected.signal),
    sample("background", other, expected.background),
    sample("background_scale_up", other, expected.background, 1 + scale),
    sample("background_scale_down", other, expected.background, 1 - scale),
  ];
}

function drawn(source: Key, n: number): Draws[] {
  const exponential = uniform(foldIn(source, 0), 6 * n).map((u) => -Math.log1p(-u));
  const normals = normal(foldIn(source, 1), 3 * n);
  const flat = uniform(foldIn(source, 2), n);
  return Array.from({ length: n }, (_, i) => ({
    e: tuple(Array.from(exponential.subarray(6 * i, 6 * i + 6)), 6),
    z: tuple(Array.from(normals.subarray(3 * i, 3 * i + 3)), 3),
    u: flat[i]!,
  }));
}

function sample(name: string, events: readonly Event[], total: number, energies = 1): Sample {
  const rows = events.length;
  const of = (f: (event: Event) => number) => Float64Array.from(events, f);
  return {
    ...{ name, read: rows, rows, files: [], notes: [] },
    values: table({
      met: of(({ met }) => energies * met),
      ht: of(({ ht }) => energies * ht),
      mass: of(({ mass }) => energies * mass),
      dphi: of(({ dphi }) => dphi),
    }),
    weight: new Float64Array(rows).fill(total / rows),
  };
}
