/** The toy of the reference notebooks: signal and background in a plane, from our own seeded generator. */

import { table } from "../../index.js";
import { type Key, normal } from "../../random/keys.js";
import type { Sample } from "../tables/samples.js";

/** Signal N([1.5, 2], [[.5, .2], [.2, .5]]) and background N(0, diag(9, 9)), `n` events each, columns x and y. */
export function toySamples(source: readonly [Key, Key], n: number): [signal: Sample, background: Sample] {
  // Columns of the Cholesky factor of the covariance.
  const root = Math.sqrt(0.5);
  const slope = 0.2 / root;
  const rest = Math.sqrt(0.5 - slope * slope);
  const [signal, background] = source;
  return [
    sample("signal", normal(signal, 2 * n), (u, v) => [1.5 + root * u, 2 + slope * u + rest * v]),
    sample("background", normal(background, 2 * n), (u, v) => [3 * u, 3 * v]),
  ];
}

function sample(
  name: string,
  normals: Float64Array,
  place: (u: number, v: number) => [number, number],
): Sample {
  const rows = normals.length / 2;
  const [x, y] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) [x[row], y[row]] = place(normals[2 * row]!, normals[2 * row + 1]!);
  return { name, read: rows, rows, values: table({ x, y }), weight: null, files: [], notes: [] };
}
