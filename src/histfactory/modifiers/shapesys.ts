import { numbers } from "../document/problems.js";
import { quote } from "../document/specerror.js";
import type { Bins, Modifier } from "../model/config.js";
import type { Derivation, ModifierCase, ModifierRecord } from "./modifier.js";
import { eachBin } from "./rowlayout.js";

/** Uncorrelated absolute uncertainties of the bins, Poisson constraint. */
export interface ShapesysSpec<V = readonly number[]> {
  readonly name: string;
  readonly type: "shapesys";
  readonly data: V;
}

/** Uncorrelated absolute uncertainties of the bins, with Poisson constraints. */
export const shapesys = (name: string, uncertainty: Bins): Modifier => ({
  name,
  type: "shapesys",
  data: uncertainty,
});

/** The events (nominal / uncertainty)² of a measurement as uncertain as the bin; 1 for an empty one. */
const rates: Derivation = {
  keys: ["auxdata", "factors"],
  of({ nominal, uncertainty, of, components }, math) {
    const valid = math.mul(math.positive(uncertainty), math.positive(nominal));
    const ratio = math.div(math.orOne(valid, nominal), math.orOne(valid, uncertainty));
    const rate = math.sums(math.mul(ratio, ratio), of, components);
    return { auxdata: rate, factors: rate, valid: math.sums(valid, of, components) };
  },
};

export const shapesysModifier = {
  words: "uncorrelated uncertainties of the bins, in events, with Poisson constraints",
  data: numbers,
  family: "shapesys",
  layout: eachBin,
  constraint: "poisson",
  init: 1,
  bounds: [1e-10, 10],
  configurable: ["inits", "bounds", "auxdata", "factors"],
  derivation: rates,
  rows(data, rows) {
    rows.factors();
    rows.uncertain(data);
  },
  check(data, checks) {
    checks.vector(data, true);
  },
  checkUses(name, [first, second]) {
    if (second === undefined) return undefined;
    return {
      code: "spec.shared",
      path: `${second.path}.name`,
      expected: "a shapesys name of its own",
      got: `${quote(name)}, as at ${first!.path}`,
      remedy: "rename one of them; a shapesys cannot be shared",
    };
  },
} satisfies ModifierRecord<Bins, unknown>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const shapesysCase = {
  draw: (nominal, between) => nominal.map((v) => v * between(0.02, 0.3)),
  reference: (_, { pars }) => ({ factors: pars }),
  referenceConstraint([bin]) {
    const { nominal, uncertainty } = bin!;
    const valid = nominal > 0 && uncertainty > 0;
    const rate = valid ? (nominal / uncertainty) ** 2 : 1;
    return { auxdata: rate, factors: rate, valid };
  },
} satisfies ModifierCase<readonly number[]>;
