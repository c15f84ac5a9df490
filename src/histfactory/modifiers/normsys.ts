import { type MultiplicativeCode, multiplicativeCodes, multiplicativeReference } from "../../ops/interp.js";
import { number, record } from "../document/problems.js";
import type { Modifier, Num } from "../model/config.js";
import { interpolated } from "./interpolated.js";
import type { ModifierCase, ModifierRecord } from "./modifier.js";

export interface NormsysData<N> {
  readonly lo: N;
  readonly hi: N;
}

/** Normalisation factors at -1 and +1. */
export interface NormsysSpec<N = number> {
  readonly name: string;
  readonly type: "normsys";
  readonly data: NormsysData<N>;
}

/** A normalisation uncertainty: the factors at +1 and -1 of its parameter. */
export const normsys = (name: string, hi: Num, lo: Num): Modifier => ({
  name,
  type: "normsys",
  data: { hi, lo },
});

export const normsysModifier = {
  words: "a normalisation uncertainty: factors at +1 and −1 of its parameter",
  data: record("the data of a normsys", { lo: number, hi: number }, ["lo", "hi"]),
  ...interpolated,
  interpolation: { codes: multiplicativeCodes, standard: "code4" },
  rows({ hi, lo }, rows) {
    rows.interpolated(hi, lo);
  },
  check(data, checks) {
    for (const key of ["lo", "hi"] as const) {
      const known = checks.number(data[key], key);
      if (known === undefined || known > 0) continue;
      checks.fail(
        "spec.value",
        "a factor above 0",
        String(known),
        "a normsys interpolates by powers of its factors, which are not defined there: give a factor such as 0.01, or use a histosys",
        key,
      );
    }
  },
} satisfies ModifierRecord<NormsysData<Num>, NormsysData<unknown>, MultiplicativeCode>;

/** How the test that walks the records draws it, and what it does in plain numbers. */
export const normsysCase = {
  draw: (_, between) => ({ lo: between(0.7, 1.05), hi: between(0.95, 1.3) }),
  reference: ({ hi, lo }, { pars, code }) => ({
    factors: pars.map((a) => multiplicativeReference[code](hi, lo, a)),
  }),
} satisfies ModifierCase<NormsysData<number>, MultiplicativeCode>;
