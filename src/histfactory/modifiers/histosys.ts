import { type AdditiveCode, additiveCodes, additiveReference } from "../../ops/interp.js";
import { numbers, record } from "../document/problems.js";
import type { Bins, Modifier } from "../model/config.js";
import { interpolated } from "./interpolated.js";
import type { ModifierCase, ModifierRecord } from "./modifier.js";

export interface HistosysData<V> {
  readonly lo_data: V;
  readonly hi_data: V;
}

/** Additive shape variation: bins at -1 and +1. */
export interface HistosysSpec<V = readonly number[]> {
  readonly name: string;
  readonly type: "histosys";
  readonly data: HistosysData<V>;
}

/** A shape uncertainty: the bins at +1 and -1 of its parameter. */
export const histosys = (name: string, up: Bins, down: Bins): Modifier => ({
  name,
  type: "histosys",
  data: { hi_data: up, lo_data: down },
});

export const histosysModifier = {
  words: "a shape uncertainty: the bins at +1 and −1 of its parameter",
  data: record("the data of a histosys", { lo_data: numbers, hi_data: numbers }, ["lo_data", "hi_data"]),
  ...interpolated,
  interpolation: { codes: additiveCodes, standard: "code4p" },
  rows({ hi_data, lo_data }, rows) {
    rows.shift(hi_data, lo_data);
  },
  check(data, checks) {
    checks.vector(data.lo_data, false, "lo_data");
    checks.vector(data.hi_data, false, "hi_data");
  },
} satisfies ModifierRecord<HistosysData<Bins>, HistosysData<unknown>, AdditiveCode>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const histosysCase = {
  draw: (nominal, between) => ({
    lo_data: nominal.map((v) => v * between(0.8, 1.05)),
    hi_data: nominal.map((v) => v * between(0.95, 1.2)),
  }),
  reference: ({ hi_data, lo_data }, { nominal, pars, code }) => ({
    shifts: nominal.map((v, i) => {
      const [up, down] = additiveReference(code, 0, pars[i]!);
      return up * (hi_data[i]! - v) + down * (v - lo_data[i]!);
    }),
  }),
} satisfies ModifierCase<HistosysData<readonly number[]>, AdditiveCode>;
