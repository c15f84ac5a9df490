/** The histogram of a training: from the command line to what is trained and counted. */

import type { HardCounts } from "../../hist/hardcounts.js";
import { significant } from "../../text/numbertext.js";
import { keyOf } from "../tables/evaluate.js";
import { type Given, given } from "../tables/givenexpr.js";
import { numbersOf, type Sample } from "../tables/samples.js";
import { type Analysis, outputs, type Params } from "./analysis.js";
import { type Binned, binsOf, downTable, type SampleName, upTable } from "./binned.js";
import type { BinnedArgs, ShapeFiles } from "./binnedargs.js";

/** The histogram of options, and the expression whose values it needs. */
export function histogramOf(args: BinnedArgs): { histogram: Binned; given: Given | null } {
  const { what, edges, norms, stat } = args;
  const score = what === "score";
  const expression = score ? null : given("hist", what);
  const shapes = args.shapes.map(({ name, sample, up, down }) => ({
    name,
    sample,
    up: up.length > 0,
    down: down.length > 0,
  }));
  const key = expression ? keyOf(expression.expr) : what;
  return {
    histogram: { what: key, score, edges, bandwidth: bandwidthOf(args), norms, shapes, stat },
    given: expression,
  };
}

/** A third of a bin where none was given: soft steps then overlap, and bins stay themselves. */
const bandwidthOf = ({ bandwidth, edges }: BinnedArgs): number =>
  bandwidth ?? (edges.at(-1)! - edges[0]!) / (edges.length - 1) / 3;

/** The tables of shape uncertainties, as samples of their own. */
export function tablesOf(
  shapes: readonly ShapeFiles[],
): { name: string; sample: SampleName; option: string; files: string[] }[] {
  return shapes.flatMap((shape) => {
    const { sample, up, down } = shape;
    return [
      ...(up.length > 0 ? [{ name: upTable(shape), sample, option: "up", files: up }] : []),
      ...(down.length > 0 ? [{ name: downTable(shape), sample, option: "down", files: down }] : []),
    ];
  });
}

/** The hard histograms of samples: events of the hard cut, in f64. */
export function countBinned(
  binned: Binned,
  { cut, net }: Analysis,
  { thresholds, layers }: { thresholds: Record<string, number>; layers: Params["net"] },
  samples: readonly Sample[],
): Record<string, HardCounts> {
  const counted = samples.map(({ name, rows, values, weight }): [string, HardCounts] => {
    const x = binned.score
      ? outputs(net!, layers, values).map((v) => 1 / (1 + Math.exp(-v)))
      : numbersOf(values, binned.what);
    const mask = cut?.hard(thresholds, values);
    const pass = (_: number, row: number) => mask === undefined || mask[row] === 1;
    const weights = (weight ?? new Float64Array(rows).fill(1)).filter(pass);
    return [name, binsOf(binned).hard(x.filter(pass), { weights })];
  });
  return Object.fromEntries(counted);
}

/** The histogram for the facts of a report. */
export function histogramWords(args: BinnedArgs): string {
  const { what, edges, norms, shapes, stat } = args;
  const ends = `${significant(edges[0]!)} to ${significant(edges.at(-1)!)}`;
  return [
    `${what}, ${edges.length - 1} bins from ${ends}, bandwidth ${significant(bandwidthOf(args), 3)}`,
    ...norms.map(
      ({ name, samples, size }) => `${name} ±${significant(100 * size, 4)} % of ${samples.join(" and ")}`,
    ),
    ...shapes.map(({ name, sample }) => `${name} from tables of ${sample}`),
    ...(stat ? [] : ["without statistical errors"]),
  ].join("; ");
}
