import { nothing } from "../document/problems.js";
import type { Modifier } from "../model/config.js";
import type { Configurable, ModifierCase, ModifierRecord } from "./modifier.js";
import { single } from "./rowlayout.js";

/** The luminosity; its value and width come from the measurement. */
export interface LumiSpec {
  readonly name: "lumi";
  readonly type: "lumi";
  readonly data: null;
}

/** The luminosity; its value and width stand in the specification's `parameters`. */
export const lumi = (): Modifier => ({ name: "lumi", type: "lumi", data: null });

const needed: readonly Configurable[] = ["inits", "bounds", "auxdata", "sigmas"];

export const lumiModifier = {
  words: "the luminosity, with value and width from the measurement",
  data: nothing,
  name: {
    only: "lumi",
    remedy: 'call it "lumi"; there is one luminosity, and modifiers of this type share it',
  },
  family: "lumi",
  layout: single,
  constraint: "normal",
  init: 1,
  bounds: [0, 10],
  configurable: needed,
  rows(_, rows) {
    rows.factor();
  },
  checkConfiguration(given, path) {
    const missing = needed.filter((key) => given?.[key] === undefined);
    if (missing.length === 0) return undefined;
    return {
      code: "spec.lumi",
      path,
      expected: "a configuration of the luminosity in the measurement",
      got: given === undefined ? "none" : `one without ${missing.join(", ")}`,
      remedy: 'add a parameter "lumi" with auxdata, sigmas, inits and bounds to the measurement',
    };
  },
} satisfies ModifierRecord<null>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const lumiCase = {
  draw: () => null,
  reference: (_, { pars }) => ({ factors: pars }),
} satisfies ModifierCase<null>;
