import { type HistosysSpec, histosysModifier } from "./histosys.js";
import { type LumiSpec, lumiModifier } from "./lumi.js";
import type { ModifierRecord } from "./modifier.js";
import { type ModifierType, modifierTypes } from "./modifiernames.js";
import { type NormfactorSpec, normfactorModifier } from "./normfactor.js";
import { type NormsysSpec, normsysModifier } from "./normsys.js";
import { type ShapefactorSpec, shapefactorModifier } from "./shapefactor.js";
import { type ShapesysSpec, shapesysModifier } from "./shapesys.js";
import { type StaterrorSpec, staterrorModifier } from "./staterror.js";

/** A modifier of pyhf's; its numbers are `N`, vectors of bins `V`. */
export type ModifierSpec<N = number, V = readonly N[]> =
  | HistosysSpec<V>
  | LumiSpec
  | NormfactorSpec
  | NormsysSpec<N>
  | ShapefactorSpec
  | ShapesysSpec<V>
  | StaterrorSpec<V>;

/** Every type of modifier. */
const records = {
  histosys: histosysModifier,
  lumi: lumiModifier,
  normfactor: normfactorModifier,
  normsys: normsysModifier,
  shapefactor: shapefactorModifier,
  shapesys: shapesysModifier,
  staterror: staterrorModifier,
} satisfies Record<ModifierType & ModifierSpec["type"], ModifierRecord>;

export const modifierRecords: Readonly<Record<ModifierType, ModifierRecord>> = records;
export { type ModifierType, modifierTypes };

type Codes<R> = R extends { interpolation: { codes: Readonly<Record<infer C, unknown>> } } ? C : never;

/** Types that interpolate, and the code of each. */
export type Interpcodes = {
  readonly [T in ModifierType as [Codes<(typeof records)[T]>] extends [never] ? never : T]: Codes<
    (typeof records)[T]
  >;
};

const interpolates = (type: ModifierType): type is keyof Interpcodes =>
  modifierRecords[type].interpolation !== undefined;

/** The types that interpolate. */
export const interpolated: readonly (keyof Interpcodes)[] = modifierTypes.filter(interpolates);

export { histosys } from "./histosys.js";
export { lumi } from "./lumi.js";
export { normfactor } from "./normfactor.js";
export { normsys } from "./normsys.js";
export { shapefactor } from "./shapefactor.js";
export { shapesys } from "./shapesys.js";
export { staterror } from "./staterror.js";
