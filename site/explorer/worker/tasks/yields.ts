import { compile, type Vector } from "gradcut";
import { type Prepared, type Question, task } from "../task.js";

/** Expected events of every sample in the bins of a channel. */
export interface ChannelYields {
  readonly channel: string;
  readonly samples: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly hue: number;
  }[];
  readonly total: readonly number[];
  readonly data: readonly number[];
}

/** Samples in one order for all channels: those that the parameter of interest scales last, the others by size. */
function order({ model }: Prepared): Map<string, number> {
  const { poiName, places } = model.config;
  const sizes = new Map<string, { size: number; signal: boolean }>();
  for (const { sample } of places) {
    const known = sizes.get(sample.name) ?? { size: 0, signal: false };
    const size = Array.from(sample.data as ArrayLike<number>).reduce((a, b) => a + b, known.size);
    const signal = known.signal || sample.modifiers.some(({ name }) => name === poiName);
    sizes.set(sample.name, { size, signal });
  }
  const sorted = [...sizes].sort(([, a], [, b]) => Number(a.signal) - Number(b.signal) || a.size - b.size);
  return new Map(sorted.map(([name], i) => [name, i]));
}

/** Expected events of a model at parameters, of one channel or of all. */
export function yieldsAt(prepared: Prepared, pars: Float64Array, channel: string | null): ChannelYields[] {
  const { model, data } = prepared;
  const hues = prepared.once("hues", () => order(prepared));
  const expected = prepared.once("expected", () =>
    compile((x: Vector) => ({ cells: model.expectedCells(x), bins: model.expectedMain(x) })),
  );
  const { cells, bins } = expected(pars);
  let at = 0;
  const all = new Map<string, { name: string; values: number[]; hue: number }[]>();
  for (const { channel: one, sample, bins: n } of model.config.places) {
    const values = Array.from(cells.subarray(at, at + n));
    at += n;
    all.set(one.name, [
      ...(all.get(one.name) ?? []),
      { name: sample.name, values, hue: hues.get(sample.name)! },
    ]);
  }
  return model.config.channels
    .filter((name) => channel === null || name === channel)
    .map((name) => {
      const [from, to] = model.config.channelSlice(name);
      const samples = (all.get(name) ?? []).sort((a, b) => a.hue - b.hue);
      return {
        channel: name,
        samples,
        total: Array.from(bins.subarray(from, to)),
        data: Array.from(data.subarray(from, to)),
      };
    });
}

/** Expected events at parameters; fast enough for every frame. */
export const yields = task<
  { readonly question: Question; readonly pars: Float64Array; readonly channel: string | null },
  readonly ChannelYields[]
>("yields", ({ question, pars, channel }, context) => yieldsAt(context.model(question), pars, channel));
