import { nothing } from "../document/problems.js";
import { quote } from "../document/specerror.js";
import type { Modifier } from "../model/config.js";
import type { ModifierCase, ModifierRecord } from "./modifier.js";
import { eachBin } from "./rowlayout.js";

/** A free factor for each bin. */
export interface ShapefactorSpec {
  readonly name: string;
  readonly type: "shapefactor";
  readonly data: null;
}

/** A free factor for each bin. */
export const shapefactor = (name: string): Modifier => ({ name, type: "shapefactor", data: null });

export const shapefactorModifier = {
  words: "a free factor for each bin",
  data: nothing,
  family: "shapefactor",
  layout: eachBin,
  constraint: "none",
  init: 1,
  bounds: [0, 10],
  configurable: ["inits", "bounds"],
  rows(_, rows) {
    rows.factors();
  },
  /** The parameter has the bins of its first channel in order of names. */
  checkUses(name, uses, size) {
    const larger = uses.find(({ bins }) => bins > size);
    if (larger === undefined) return undefined;
    return {
      code: "spec.shapefactor",
      path: larger.path,
      expected: `at most ${size} bins, as the first channel of shapefactor ${quote(name)} has`,
      got: `${larger.bins} in channel ${quote(larger.channel)}`,
      remedy:
        "give the channels their own shapefactors, or name the one with most bins so that it sorts first",
    };
  },
} satisfies ModifierRecord<null>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const shapefactorCase = {
  draw: () => null,
  reference: (_, { pars }) => ({ factors: pars }),
} satisfies ModifierCase<null>;
