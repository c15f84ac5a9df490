/** `gradcut demo watts`: the joint cut × network of the reference notebooks on a toy of our own. */

import { tuple } from "../../core/graph/tuple.js";
import { cut, init, key } from "../../index.js";
import { foldIn, split } from "../../random/keys.js";
import type { Io } from "../io.js";
import { fitSamples } from "../training/fitsamples.js";
import { seconds } from "../training/recorder.js";
import { tellStudy } from "../training/tellstudy.js";
import type { DemoArgs } from "./index.js";
import { toySamples } from "./wattstoy.js";

/** Events of each sample. */
const events = 40_000;
const hidden = [2, 15, 30, 15];
const rate = 0.002;

/** Makes the toy, trains, reports. The status of the program. */
export async function watts({ steps, seed, threads, out, json }: DemoArgs, io: Io): Promise<number> {
  const begun = seconds();
  await init();
  const [signal, background] = tuple(split(foldIn(key(seed), 1)), 2);
  const samples = toySamples([signal, background], events);
  const read = seconds();
  io.err.write(
    `Cuts on x and y and a network ${hidden.join("-")}-1, trained together on ${2 * events} toy events.\n`,
  );
  const selection = cut<string>("x > {xMin = 1} && y > {yMin = 1}", { soft: "sigmoid" });
  const study = await fitSamples(
    samples,
    {
      cut: selection,
      net: { inputs: ["x", "y"], hidden },
      standardise: false,
      objective: "softmax",
      width: { all: 1, byName: new Map() },
      anneal: null,
      scan: false,
      optimizer: "adam",
      lr: rate,
      steps,
      seed,
      dtype: "f32",
      threads,
    },
    io,
  );
  return tellStudy(
    study,
    {
      title: "Cuts and a network, trained together",
      out,
      json,
      seed,
      begun,
      read,
      definitions: [],
      filters: [],
      facts: [
        ["network", `x, y → ${hidden.join(", ")} → 1`],
        ["optimizer", `adam, rate ${rate}`],
        ["softness", "sigmoid of width 1"],
      ],
    },
    io,
  );
}
