import { compareText } from "../document/exactnumber.js";

/** How a parameter's components stand over the bins of its channels, which are in order of names. */
export interface Layout {
  /** One component without index in its name. */
  readonly scalar: boolean;
  /** Whether parameters stand by name rather than by their first place. */
  readonly byName: boolean;
  /** Number of components, from the bins of all its channels. */
  size(bins: readonly number[]): number;
  /** The component of a channel's first bin, from the bins of its channels before. */
  start(before: readonly number[]): number;
}

const sum = (bins: readonly number[]) => bins.reduce((a, b) => a + b, 0);

/** One component for all bins. */
export const single: Layout = { scalar: true, byName: false, size: () => 1, start: () => 0 };

/** A component for each bin of the first channel; other channels share them bin by bin. */
export const eachBin: Layout = { scalar: false, byName: false, size: ([first]) => first!, start: () => 0 };

/** A component for each bin of every channel, one channel after the other. */
export const eachChannelsBin: Layout = { scalar: false, byName: true, size: sum, start: sum };

interface Named {
  readonly name: string;
}

interface Modified extends Named {
  readonly modifiers: readonly { readonly name: string; readonly type: string }[];
}

interface Sampled<S extends Modified> extends Named {
  readonly samples: readonly S[];
}

/** Where a sample stands. */
export interface PlaceOf<C, S> {
  readonly channel: C;
  readonly sample: S;
  readonly bins: number;
  /** First bin of the channel among all bins. */
  readonly bin: number;
}

const byName = <T extends Named>(items: readonly T[]): readonly T[] =>
  items.length < 2 ? items : [...items].sort((a, b) => compareText(a.name, b.name));

/** All samples: channels and samples in order of names. */
export function placesOf<S extends Modified, C extends Sampled<S>>(
  channels: readonly (C & Sampled<S>)[],
  binsOf: (channel: C) => number,
): PlaceOf<C, S>[] {
  let bin = 0;
  return byName(channels).flatMap((channel) => {
    const [bins, first] = [binsOf(channel), bin];
    bin += bins;
    return byName(channel.samples).map((sample) => ({ channel, sample, bins, bin: first }));
  });
}

/** A parameter of a model. */
export interface Laid<R> {
  readonly name: string;
  /** Of the modifier that gave it its place. */
  readonly type: string;
  readonly record: R;
  readonly size: number;
  /** The component of the first bin in each of its channels. */
  readonly starts: ReadonlyMap<string, number>;
}

/**
 * The parameters of a model in pyhf's order: by type in the order of `types`, and in a type by their first place in
 * channels, samples and modifiers in order of names, or by name. Modifiers of other types are passed over.
 */
export function layOut<R extends { readonly layout: Layout }>(
  places: readonly PlaceOf<Named, Modified>[],
  types: ReadonlyMap<string, R>,
): Map<string, Laid<R>> {
  const found = new Map<string, Map<string, Map<string, number>>>();
  for (const { channel, sample, bins } of places) {
    for (const { name, type } of byName(sample.modifiers)) {
      let names = found.get(type);
      if (names === undefined) {
        names = new Map();
        found.set(type, names);
      }
      let channels = names.get(name);
      if (channels === undefined) {
        channels = new Map();
        names.set(name, channels);
      }
      channels.set(channel.name, bins);
    }
  }
  const laid = new Map<string, Laid<R>>();
  for (const [type, record] of types) {
    const own = found.get(type);
    if (own === undefined) continue;
    const { layout } = record;
    for (const name of layout.byName ? [...own.keys()].sort(compareText) : own.keys()) {
      if (laid.has(name)) continue;
      const channels = own.get(name)!;
      const size = layout.size([...channels.values()]);
      laid.set(name, { name, type, record, size, starts: startsOf(layout, channels) });
    }
  }
  return laid;
}

/** The first component in each channel. */
function startsOf({ start }: Layout, channels: ReadonlyMap<string, number>): Map<string, number> {
  const starts = new Map<string, number>();
  const before: number[] = [];
  for (const [channel, bins] of channels) {
    starts.set(channel, start(before));
    before.push(bins);
  }
  return starts;
}
