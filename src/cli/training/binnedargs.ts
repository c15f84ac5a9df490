/** The histogram of a command line, and what it does not go with. */

import { type ObjectiveName, objectives, objectivesOf } from "../../objectives/index.js";
import { alternatives } from "../../text/alternatives.js";
import type { HistSpec, ShapeFile } from "../groups/histogramoptions.js";
import type { Given } from "../line/parseline.js";
import { shown } from "../line/usageerror.js";
import type { Norm, SampleName } from "./binned.js";
import type { TrainOptions } from "./trainoptions.js";

/** Tables of a shape uncertainty. */
export interface ShapeFiles {
  name: string;
  sample: SampleName;
  up: string[];
  down: string[];
}

export type BinnedArgs = HistSpec & {
  /** null: a third of a bin. */
  bandwidth: number | null;
  norms: Norm[];
  shapes: ShapeFiles[];
  stat: boolean;
};

/** The histogram of the command line; null without one. Throws UsageError. */
export function binnedArgs(given: Given<TrainOptions>, objective: ObjectiveName): BinnedArgs | null {
  const { hist, bandwidth, norm, up, down, net } = given.options;
  if (hist === null) {
    const example = 'give --hist "score:4,0..1"';
    for (const option of ["bandwidth", "up", "down", "norm", "no-stat"] as const)
      if (given.has(option)) throw given.conflict(option, `--${option} is of a histogram: ${example}`);
    const { events, yields } = objectives[objective];
    if (!events && !yields)
      throw given.conflict("objective", `--objective ${objective} is of a histogram: ${example}`);
    return null;
  }
  if (!objectives[objective].bins)
    throw given.conflict(
      "hist",
      `--hist has the objectives ${alternatives(objectivesOf("bins"), "and")}, not ${objective}`,
    );
  const others = {
    batch: "a histogram is of all events",
    "background-uncertainty": "a histogram has --norm name=±X%",
  } as const;
  for (const option of ["batch", "background-uncertainty"] as const)
    if (given.has(option))
      throw given.conflict(option, `--${option} does not go with --hist: ${others[option]}`);
  if (hist.what === "score" && net === null)
    throw given.conflict("hist", '--hist "score" is of the output of a network, in 0 to 1: give --net');
  if (hist.what !== "score" && net !== null)
    throw given.conflict(
      "hist",
      `--hist ${shown(hist.what)} does not use the network: give --hist "score:..." or no --net`,
    );
  return {
    ...hist,
    bandwidth,
    norms: norm,
    shapes: shapesOf(up, down),
    stat: !given.options["no-stat"],
  };
}

function shapesOf(up: readonly ShapeFile[], down: readonly ShapeFile[]): ShapeFiles[] {
  const shapes = new Map<string, ShapeFiles>();
  for (const [side, files] of [
    ["up", up],
    ["down", down],
  ] as const)
    for (const { name, sample, file } of files) {
      const key = `${sample} ${name}`;
      const shape = shapes.get(key) ?? { name, sample, up: [], down: [] };
      shape[side].push(file);
      shapes.set(key, shape);
    }
  return [...shapes.values()];
}
