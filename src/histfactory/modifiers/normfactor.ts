import { nothing } from "../document/problems.js";
import type { Modifier } from "../model/config.js";
import type { ModifierCase, ModifierRecord } from "./modifier.js";
import { single } from "./rowlayout.js";

/** One free factor. */
export interface NormfactorSpec {
  readonly name: string;
  readonly type: "normfactor";
  readonly data: null;
}

/** A free factor, such as a signal strength. */
export const normfactor = (name: string): Modifier => ({ name, type: "normfactor", data: null });

export const normfactorModifier = {
  words: "a free factor, such as a signal strength",
  data: nothing,
  family: "normfactor",
  layout: single,
  constraint: "none",
  init: 1,
  bounds: [0, 10],
  configurable: ["inits", "bounds"],
  rows(_, rows) {
    rows.factor();
  },
} satisfies ModifierRecord<null>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const normfactorCase = {
  draw: () => null,
  reference: (_, { pars }) => ({ factors: pars }),
} satisfies ModifierCase<null>;
