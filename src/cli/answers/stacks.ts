/** Expected events of every sample of a channel, for stacks. */

import type { Model } from "../../histfactory/model/model.js";
import { compile, type Tensor } from "../../index.js";
import type { Prediction } from "../../infer/answers/prediction.js";
import type { ChannelYields } from "../../plot/figures/yields.js";

/** A stack of more bins is a wall. */
const mostBins = 2000;
export const drawable = ({ data }: ChannelYields): boolean => data!.length <= mostBins;

/** The stacks of all channels at parameters `pars`: the smallest sample lowest, what the parameter of interest scales on top. */
export function stacks(
  model: Model,
  pars: Float64Array,
  { bins, binStdev }: Prediction,
  data: Float64Array,
): (ChannelYields & { total: number[] })[] {
  const cells = compile((x: Tensor) => model.expectedCells(x))(pars) as Float64Array;
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
      total: Array.from(bins.subarray(from, to)),
      uncertainty: Array.from(binStdev.subarray(from, to)),
      data: Array.from(data.subarray(from, to)),
    };
  });
}
