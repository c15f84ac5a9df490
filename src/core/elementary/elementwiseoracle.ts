import type { Oracle, Sample, SampleArg, Value } from "../graph/oracle.js";
import type { ElementwiseFunction } from "./elementwise.js";

/** What an elementwise op is tested against. */
export interface ElementwiseOracle<F> {
  /** The function of numbers; left out where the record has it. */
  readonly scalar?: F;
  /** Ranges of the arguments that tests draw from, one row per region. */
  readonly domain: readonly (readonly (readonly [number, number])[])[];
  /** Arguments checked for the value alone: signs of zero, infinities, NaN, ties. */
  readonly special?: readonly (readonly number[])[];
  /** Left out where it is exact. */
  readonly ulp?: { readonly f32: number; readonly f64: number };
  readonly order?: 0 | 1 | 2;
}

type Numbers<F> = F extends (...args: infer A) => unknown
  ? (...x: { [K in keyof A]: number }) => number
  : never;

/** The oracle of an elementwise function: every region and the special numbers, small and by events. */
export function elementwiseOracle<F>(f: ElementwiseFunction<F>, spec: ElementwiseOracle<Numbers<F>>): Oracle {
  const scalar = (spec.scalar ?? f.exact)!;
  const { domain, special = [], ulp = { f32: 0, f64: 0 }, order = 2 } = spec;
  const event = (a: SampleArg): SampleArg => ({ ...a, event: true });
  const both = (args: readonly SampleArg[], order: 0 | 1 | 2): Sample[] => [
    { args, ulp, order },
    { args: args.map(event), ulp, order },
  ];
  const test = domain.flatMap((ranges) =>
    both(
      ranges.map((range) => ({ shape: [3], range })),
      order,
    ),
  );
  const columns = special[0]?.map((_, j) => ({
    shape: [special.length],
    values: special.map((row) => row[j]!),
  }));
  return {
    op: f.op,
    reference: (_, args) => mapValues(args, scalar),
    test: columns ? [...test, ...both(columns, 0)] : test,
  };
}

function mapValues(args: readonly Value[], f: (...x: number[]) => number): Float64Array {
  const out = new Float64Array(args[0]!.data.length);
  for (let i = 0; i < out.length; i++) out[i] = f(...args.map((a) => a.data[i]!));
  return out;
}
