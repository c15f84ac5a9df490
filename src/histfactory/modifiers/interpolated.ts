import type { ModifierRecord } from "./modifier.js";
import { single } from "./rowlayout.js";

/** What modifiers that interpolate between their values at ±1 have in common: such a pair may share a parameter. */
export const interpolated = {
  family: "histosys or normsys",
  layout: single,
  constraint: "normal",
  init: 0,
  bounds: [-5, 5],
  configurable: ["inits", "bounds", "auxdata"],
} satisfies Partial<ModifierRecord>;
