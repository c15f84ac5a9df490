import { compile, constantArray, type Scalar, upperLimit, type Vector, valueAndGrad } from "gradcut";
import { task } from "../task.js";
import type { LimitArgs } from "./limit.js";

/** What one more event of a sample in a bin does to the limit. */
export interface Cell {
  readonly channel: string;
  readonly bin: number;
  readonly sample: string;
  readonly events: number;
  /** Change of the median expected and of the observed limit by one event, all of the sample's shapes growing with it. */
  readonly expected: number;
  readonly observed: number;
}

export interface Improvement {
  readonly poi: string;
  readonly level: number;
  readonly expected: number;
  readonly observed: number;
  readonly cells: readonly Cell[];
}

/** Yields of cells, and those of them at variations of their shapes. */
type Yields<V> = Readonly<Record<"nominal" | "up" | "down", V>>;

/** One number that nothing uses where a model has none of a kind. */
const numbers = (values: unknown): Float64Array =>
  values instanceof Float64Array ? values : new Float64Array(1);

/** Derivatives of limits in the yields of all samples and bins, exact: the limit is a root of fits, and differentiates. */
export const improve = task<LimitArgs, Improvement>("improve", async ({ question, level }, context) => {
  const { model, data } = context.model(question);
  const { values, tables } = model;
  const yields = {
    nominal: numbers(values.nominal),
    up: numbers(values.up),
    down: numbers(values.down),
  };
  const { nominal, up, down } = yields;
  const traced = ({ nominal, up, down }: Yields<Vector>) =>
    upperLimit(constantArray(data), model.with({ ...values, nominal, ...(values.up ? { up, down } : {}) }), {
      level,
    });
  /** The limit, and its change by one event in each cell. The shapes of a sample's variations are parts of its yield, so they grow with it. */
  const ask = (read: (limit: ReturnType<typeof traced>) => Scalar) => {
    const { value, grads } = compile(valueAndGrad((y: Yields<Vector>) => read(traced(y))))(yields);
    const slope = Float64Array.from(grads.nominal);
    for (const [i, cell] of tables.shiftCell.entries())
      slope[cell]! += (grads.up[i]! * up[i]! + grads.down[i]! * down[i]!) / nominal[cell]!;
    return { value, slope };
  };
  await context.progress(0, 2);
  const expected = ask((limit) => limit.expected[2]!);
  await context.progress(1, 2);
  const observed = ask((limit) => limit.observed);
  const { places, parNames, poiIndex } = model.config;
  let at = 0;
  const cells = places.flatMap(({ channel, sample, bins }) =>
    Array.from({ length: bins }, (_, bin): Cell => {
      const i = at++;
      const events = nominal![i]!;
      const per = (slope: Float64Array) => (events > 0 ? slope[i]! : Number.NaN);
      return {
        ...{ channel: channel.name, bin, sample: sample.name, events },
        ...{ expected: per(expected.slope), observed: per(observed.slope) },
      };
    }),
  );
  return { poi: parNames[poiIndex!]!, level, expected: expected.value, observed: observed.value, cells };
});
