import type { Kink } from "../../ops/interp.js";
import type { Rule } from "../document/problems.js";
import type { SpecCode, SpecProblem } from "../document/specerror.js";
import type { ParameterSpec } from "../document/specs.js";
import type { Bins, Num } from "../model/config.js";
import type { CustomModifier } from "../model/custommodifier.js";
import type { Algebra } from "./algebra.js";
import type { Layout } from "./rowlayout.js";

/** Which constraint term a parameter has. */
export type ConstraintKind = "none" | "normal" | "poisson";

/** Numbers of a constraint that may follow from yields, as a measurement names them. */
export type ConstraintKey = "auxdata" | "factors" | "sigmas";

/** What a measurement may say of a parameter, beside `fixed`. */
export type Configurable = Exclude<keyof ParameterSpec, "name" | "fixed">;

/** One modifier of a parameter. */
export interface Use {
  readonly type: string;
  readonly channel: string;
  readonly bins: number;
  readonly sample: string;
  /** JSON path. */
  readonly path: string;
}

/** Checks the numbers of one modifier; keys say where in it they stand. */
export interface Checks {
  /** As many numbers as the sample has bins, all finite; negative ones are refused on demand if `positive`. */
  vector(data: unknown, positive: boolean, ...keys: readonly string[]): void;
  /** A finite number: gives it where it is known and one. */
  number(value: unknown, ...keys: readonly string[]): number | undefined;
  fail(code: SpecCode, expected: string, got: string, remedy: string, ...keys: readonly string[]): void;
}

/** Takes what one modifier does to the bins of its sample. */
export interface Rows {
  /** The parameter multiplies all bins. */
  factor(): void;
  /** Its components multiply bins, each its own. */
  factors(): void;
  /** A factor of all bins from those at +1 and -1. */
  interpolated(hi: Num, lo: Num): void;
  /** Events to add, from the bins at +1 and -1. */
  shift(hi: Bins, lo: Bins): void;
  /** Uncertainties of bins, from which the constraint follows: see `Derivation`. */
  uncertain(uncertainty: Bins): void;
  /** A function of the parameter. */
  apply(modifier: CustomModifier, data: unknown): void;
}

/** Rows of uncertain bins, and the component of each among those of the modifier's type. */
export interface Uncertain<V> {
  /** Events of the bins, and their uncertainties [rows]. */
  readonly nominal: V;
  readonly uncertainty: V;
  readonly of: Int32Array;
  readonly components: number;
}

/** How constraints follow from yields and their uncertainties, where the measurement does not say them. */
export interface Derivation {
  readonly keys: readonly ConstraintKey[];
  /** Those numbers of each component, and 1 where it has a constraint: the others stay where they are. */
  of<V>(rows: Uncertain<V>, math: Algebra<V>): Derived<V>;
}

export type Derived<V> = { readonly [K in ConstraintKey]?: V } & { readonly valid: V };

/** Interpolations to choose from; `standard` is that of models that do not say. */
export interface Interpolation<C extends string = string> {
  readonly codes: Readonly<Record<C, { readonly kinks: readonly Kink[] }>>;
  readonly standard: C;
}

/** What one modifier does to the bins of its sample, in plain numbers: factors, or events to add. */
export type Effect = { readonly factors: readonly number[] } | { readonly shifts: readonly number[] };

/** Where a modifier is looked at in plain numbers. */
export interface ReferencePlace<C = unknown> {
  readonly nominal: readonly number[];
  /** The parameter in each bin. */
  readonly pars: readonly number[];
  /** The name of the interpolation, for those that have one. */
  readonly code: C;
}

/** What modifiers of a type say of their parameter, and do with it; `D` is their data. */
export interface ModifierKind<D = unknown> {
  readonly layout: Layout;
  readonly constraint: ConstraintKind;
  readonly init: number;
  readonly bounds: readonly [number, number];
  readonly derivation?: Derivation;
  rows(data: D, rows: Rows): void;
}

/** A type of modifier of pyhf's; in `U` numbers may be anything. */
export interface ModifierRecord<D = unknown, U = unknown, C extends string = string> extends ModifierKind<D> {
  /** One line. */
  readonly words: string;
  /** Schema of its data. */
  readonly data: Rule;
  /** Where there is only one name, and why. */
  readonly name?: { readonly only: string; readonly remedy: string };
  /** Those of one family share parameters of one name; as sentences call it. */
  readonly family: string;
  readonly configurable: readonly Configurable[];
  readonly interpolation?: Interpolation<C>;
  /** Numbers that break a model. */
  check?(data: U, checks: Checks): void;
  /** What keeps modifiers of this type from sharing the parameter, which has `size` components. */
  checkUses?(name: string, uses: readonly Use[], size: number): SpecProblem | undefined;
  /** What is missing in the configuration of a parameter of which the first modifier is at `path`. */
  checkConfiguration?(
    given: ParameterSpec<unknown, unknown> | undefined,
    path: string,
  ): SpecProblem | undefined;
}

/** A type of modifier apart from the library: for the test that walks the records. `P` is its data in plain numbers. */
export interface ModifierCase<P = unknown, C extends string = string> {
  /** Data at random for a sample of these events; `between` draws a number. */
  draw(nominal: readonly number[], between: (low: number, high: number) => number): P;
  /** What it does, as the paper says it. */
  reference(data: P, place: ReferencePlace<C>): Effect;
  /** The numbers of one component that follow from its bins, and whether it has a constraint. */
  referenceConstraint?(
    bins: readonly { readonly nominal: number; readonly uncertainty: number }[],
  ): Partial<Record<ConstraintKey, number>> & { readonly valid: boolean };
}
