import { checkArguments, list, object } from "../../core/graph/arguments.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { compile } from "../../core/run/compile.js";
import { checkModel } from "../document/given.js";
import { requireLength } from "./lengths.js";
import type { Model } from "./model.js";

/** Expected events of the samples of a channel on one another, with what was seen: what the figure of yields takes. */
export interface ChannelStack {
  readonly channel: string;
  /** The smallest sample lowest, what the parameter of interest scales on top; `hue` is the same in all channels. */
  readonly samples: { readonly name: string; readonly values: number[]; readonly hue: number }[];
  /** Of the bins: all samples, and one standard deviation of that. */
  readonly total: number[];
  readonly uncertainty: number[];
  readonly data: number[];
}

/**
 * The stacks of all channels at parameters `pars` [npars], with the `prediction` there, as of `fittedYields`, and data
 * (auxiliary ones may be left out). Throws a ShapeError where a length is wrong.
 */
export function channelStacks(
  pars: ArrayLike<number>,
  prediction: { readonly bins: ArrayLike<number>; readonly binStdev: ArrayLike<number> },
  data: ArrayLike<number>,
  model: Model,
): ChannelStack[] {
  checkArguments("channelStacks", {
    pars: [pars, list],
    prediction: [prediction, object],
    data: [data, list],
  });
  checkModel("channelStacks", model);
  const { bins, binStdev } = prediction;
  checkArguments("channelStacks", { bins: [bins, list], binStdev: [binStdev, list] });
  const { nmaindata, nauxdata } = model.config;
  requireLength("expected events", nmaindata, { size: bins.length });
  requireLength("standard deviations", nmaindata, { size: binStdev.length });
  if (data.length !== nmaindata) requireLength("data", nmaindata + nauxdata, { size: data.length });
  const cells = compile((x: Tensor) => model.expectedCells(x))(Float64Array.from(pars));
  const samples = new Map<string, { name: string; values: number[]; signal: boolean }[]>();
  const { poiName } = model.config;
  let at = 0;
  for (const place of model.config.places) {
    const values = Array.from(cells.subarray(at, at + place.bins));
    at += place.bins;
    const signal = place.sample.modifiers.some(({ name }) => name === poiName);
    const channel = place.channel.name;
    samples.set(channel, [...(samples.get(channel) ?? []), { name: place.sample.name, values, signal }]);
  }
  const sizes = new Map<string, number>();
  const signals = new Set<string>();
  for (const { name, values, signal } of [...samples.values()].flat()) {
    sizes.set(name, (sizes.get(name) ?? 0) + values.reduce((a, b) => a + b, 0));
    if (signal) signals.add(name);
  }
  // One order for all channels, so that colours are the same everywhere.
  const places = [...sizes.keys()].sort(
    (a, b) => Number(signals.has(a)) - Number(signals.has(b)) || sizes.get(a)! - sizes.get(b)!,
  );
  return model.config.channels.map((channel) => {
    const [from, to] = model.config.channelSlice(channel);
    const order = (samples.get(channel) ?? [])
      .map(({ name, values }) => ({ name, values, hue: places.indexOf(name) }))
      .sort((a, b) => a.hue - b.hue);
    return {
      channel,
      samples: order,
      total: Array.from(bins).slice(from, to),
      uncertainty: Array.from(binStdev).slice(from, to),
      data: Array.from(data).slice(from, to),
    };
  });
}
