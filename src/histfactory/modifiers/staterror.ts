import { numbers } from "../document/problems.js";
import { quote, quoteAll } from "../document/specerror.js";
import type { Bins, Modifier } from "../model/config.js";
import type { Derivation, ModifierCase, ModifierRecord } from "./modifier.js";
import { eachChannelsBin } from "./rowlayout.js";

/** Statistical uncertainties of the bins, shared by the samples of a channel, normal constraint. */
export interface StaterrorSpec<V = readonly number[]> {
  readonly name: string;
  readonly type: "staterror";
  readonly data: V;
}

/** Statistical uncertainties of the bins: square roots of sums of squared weights. One name for all samples of a channel. */
export const staterror = (name: string, uncertainty: Bins): Modifier => ({
  name,
  type: "staterror",
  data: uncertainty,
});

/** The relative uncertainty of the samples' sum in each bin. */
const widths: Derivation = {
  keys: ["sigmas"],
  of({ nominal, uncertainty, of, components }, math) {
    const sum = math.sums(nominal, of, components);
    const filled = math.positive(sum);
    // Divided before they are squared: squares of the numbers of an almost empty bin would vanish.
    const parts = math.div(uncertainty, math.gather(math.orOne(filled, sum), of));
    const squares = math.sums(math.mul(parts, parts), of, components);
    const valid = math.mul(filled, math.positive(squares));
    return { sigmas: math.sqrt(math.orOne(valid, squares)), valid };
  },
};

export const staterrorModifier = {
  words: "statistical uncertainties of the bins, one parameter for all samples of a channel",
  data: numbers,
  family: "staterror",
  layout: eachChannelsBin,
  constraint: "normal",
  init: 1,
  bounds: [1e-10, 10],
  configurable: ["inits", "bounds", "auxdata", "sigmas"],
  derivation: widths,
  rows(data, rows) {
    rows.factors();
    rows.uncertain(data);
  },
  check(data, checks) {
    checks.vector(data, true);
  },
  /** Samples (by name, in all channels) that have it must have it in the same channels. */
  checkUses(name, uses) {
    const channels = new Set(uses.map(({ channel }) => channel));
    const samples = new Map<string, { path: string; own: Set<string> }>();
    for (const { sample, channel, path } of uses) {
      const entry = samples.get(sample);
      if (entry === undefined) samples.set(sample, { path, own: new Set([channel]) });
      else entry.own.add(channel);
    }
    for (const [sample, { path, own }] of samples) {
      if (own.size === channels.size) continue;
      const missing = [...channels].filter((channel) => !own.has(channel));
      return {
        code: "spec.staterror",
        path,
        expected: `staterror ${quote(name)} in the same channels for each sample`,
        got: `sample ${quote(sample)} without it in ${quoteAll(missing)}`,
        remedy: "give each channel a staterror name of its own",
      };
    }
    return undefined;
  },
} satisfies ModifierRecord<Bins, unknown>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const staterrorCase = {
  draw: (nominal, between) => nominal.map((v) => v * between(0.02, 0.3)),
  reference: (_, { pars }) => ({ factors: pars }),
  referenceConstraint(bins) {
    const sum = bins.reduce((total, { nominal }) => total + nominal, 0);
    const width = Math.hypot(...bins.map(({ uncertainty }) => uncertainty));
    const valid = sum > 0 && width > 0;
    return { sigmas: valid ? width / sum : 1, valid };
  },
} satisfies ModifierCase<readonly number[]>;
