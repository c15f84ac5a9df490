import { type Question, task } from "../task.js";

/** A parameter of a model. */
export interface ParameterInfo {
  readonly name: string;
  readonly type: string;
  readonly constraint: string;
  readonly init: number;
  readonly lower: number;
  readonly upper: number;
  readonly fixed: boolean;
  /** Centre and width of its constraint, where a normal one is known before any fit; null else. */
  readonly width: number | null;
}

export interface SampleInfo {
  readonly name: string;
  readonly values: readonly number[];
  readonly modifiers: readonly {
    readonly name: string;
    readonly type: string;
    readonly effect: number | null;
  }[];
}

export interface ChannelInfo {
  readonly name: string;
  readonly bins: number;
  readonly observed: readonly number[];
  readonly samples: readonly SampleInfo[];
}

/** What a model is made of. */
export interface Description {
  readonly channels: readonly ChannelInfo[];
  readonly parameters: readonly ParameterInfo[];
  readonly poi: number | null;
  readonly without: string | null;
  readonly measurements: readonly string[];
  readonly digest: string;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The largest relative change of a sample's events by one standard deviation; null where its type does not say. */
function effectOf(nominal: readonly number[], data: unknown): number | null {
  if (typeof data !== "object" || data === null) return null;
  const total = sum(nominal);
  if (!(total > 0)) return null;
  if ("hi" in data && "lo" in data)
    return Math.max(Math.abs(Number(data.hi) - 1), Math.abs(Number(data.lo) - 1));
  if ("hi_data" in data && "lo_data" in data) {
    const side = (values: unknown) => Math.abs(sum(values as number[]) / total - 1);
    return Math.max(side(data.hi_data), side(data.lo_data));
  }
  if (Array.isArray(data)) return Math.hypot(...(data as number[])) / total;
  return null;
}

/** What a model is made of: channels, samples, modifiers, parameters. */
export const describe = task<Question, Description>("describe", (question, context) => {
  const { workspace, model, data, without } = context.model(question);
  const { config } = model;
  const fixed = model.suggestedFixed();
  const channels = config.channels.map((name): ChannelInfo => {
    const spec = workspace.spec.channels.find((channel) => channel.name === name)!;
    const [from, to] = config.channelSlice(name);
    const samples = spec.samples.map(
      (sample): SampleInfo => ({
        name: sample.name,
        values: sample.data,
        modifiers: sample.modifiers.map((modifier) => ({
          name: modifier.name,
          type: modifier.type,
          effect: effectOf(sample.data, modifier.data),
        })),
      }),
    );
    return { name, bins: to - from, observed: Array.from(data.subarray(from, to)), samples };
  });
  const sets = config.parameterSets.flatMap((set) => Array.from({ length: set.size }, () => set));
  const parameters = config.parNames.map((name, i): ParameterInfo => {
    const { type, constraint } = sets[i]!;
    return {
      name,
      type,
      constraint,
      init: config.suggestedInit[i]!,
      lower: config.suggestedLower[i]!,
      upper: config.suggestedUpper[i]!,
      fixed: fixed[i]!,
      width: null,
    };
  });
  return {
    channels,
    parameters,
    poi: config.poiIndex,
    without,
    measurements: workspace.names.measurements,
    digest: workspace.digest(),
  };
});
