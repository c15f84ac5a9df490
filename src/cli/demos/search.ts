/** `gradcut demo`: cuts, a network, a histogram with systematics and a limit, trained together. */

import { cut, init, key } from "../../index.js";
import { foldIn } from "../../random/keys.js";
import type { Io } from "../io.js";
import type { Binned } from "../training/binned.js";
import { fitSamples } from "../training/fitsamples.js";
import { seconds } from "../training/recorder.js";
import { tellStudy } from "../training/tellstudy.js";
import type { DemoArgs } from "./index.js";
import { searchSamples } from "./searchtoy.js";

/** Events of each sample. */
const events = 20_000;
const net = { inputs: ["mass", "dphi"], hidden: [8, 8] };

const binned: Binned = {
  what: "score",
  score: true,
  edges: [0, 0.25, 0.5, 0.75, 1],
  bandwidth: 0.05,
  norms: [
    { name: "luminosity", samples: ["signal", "background"], size: 0.02 },
    { name: "xsec", samples: ["background"], size: 0.1 },
  ],
  shapes: [{ name: "scale", sample: "background", up: true, down: true }],
  stat: true,
};

/** Makes the toy, trains, reports. The status of the program. */
export async function search({ steps, seed, threads, out, json }: DemoArgs, io: Io): Promise<number> {
  const begun = seconds();
  await init();
  const [signal, background, ...variations] = searchSamples(foldIn(key(seed), 1), events);
  const read = seconds();
  io.err.write(
    `A search in ${2 * events} toy events: cuts on met and ht, a network on mass and dphi, and the
limit from a histogram of its score with systematics, trained together.
`,
  );
  const selection = cut<string>("met > {metMin = 60} && ht > {htMin = 150}");
  const study = await fitSamples(
    [signal, background],
    {
      ...{ cut: selection, net, standardise: true, binned, variations },
      objective: "cls",
      width: { all: "auto", byName: new Map() },
      // Wide steps find the way, narrow ones agree with the hard cut.
      anneal: { all: { from: 15, to: 0.5, course: "geometric" }, byName: new Map() },
      ...{ scan: false, optimizer: "adam", lr: null, steps, seed, dtype: "f32", threads },
    },
    io,
  );
  return tellStudy(
    study,
    {
      title: "Cuts, a network and a limit, trained together",
      ...{ out, json, seed, begun, read, definitions: [], filters: [] },
      facts: [
        ["network", `${net.inputs.join(", ")} → ${net.hidden.join(", ")} → 1`],
        ["histogram", "4 bins of the score, with the statistical errors of the samples"],
        ["systematics", "luminosity ±2 %, cross section ±10 %, energies ±3 % of the background"],
        ["softness", "annealed from 15 to 0.5 GeV"],
      ],
    },
    io,
  );
}
