import { fullLike } from "../../core/elementary/align.js";
import { callable, checkArgument } from "../../core/graph/arguments.js";
import { ranked } from "../../core/graph/op.js";
import type { Tensor, Vector } from "../../core/graph/tensor.js";
import { checkChoice, checkOptions, type Known } from "../../core/options.js";
import type { ModifierKind } from "../modifiers/modifier.js";
import { single } from "../modifiers/rowlayout.js";
import type { Modifier } from "./config.js";

/** Where a modifier of a type of one's own stands. */
export interface CustomPlace<D = unknown> {
  readonly channel: string;
  readonly sample: string;
  readonly bins: number;
  /** What the specification says in the modifier's `data`. */
  readonly data: D;
  /** Nominal events of the sample [bins]. */
  readonly nominal: Vector;
}

/** A type of modifier of one's own, with one parameter. */
export interface CustomModifier {
  /** Whether `apply` gives factors or events to add. */
  readonly op: "multiplication" | "addition";
  /** Factors or events [bins], or one for all bins, from the value of the parameter. `CustomPlace<D>` says what `data` is. */
  apply(parameter: Tensor, place: CustomPlace): Tensor;
  /** Start, bounds and constraint of the parameter. Default 0 in [-5, 5], normal around the start. */
  readonly init?: number;
  readonly bounds?: readonly [number, number];
  readonly constraint?: "none" | "normal";
}

/** One use of a custom modifier. */
export interface CustomUse {
  readonly modifier: CustomModifier;
  readonly parameter: number;
  /** First cell of the sample. */
  readonly cell: number;
  readonly place: Omit<CustomPlace, "nominal">;
}

/** A modifier of a type of one's own; see `CustomModifier`. */
export const customModifier = (type: string, name: string, data: unknown = null): Modifier =>
  ({ name, type, data }) as unknown as Modifier;

const known: Known<CustomModifier> = { op: true, apply: true, init: true, bounds: true, constraint: true };

/** What modifiers of a type of one's own are. Throws an OptionError where its record is none. */
export function kindOf(type: string, modifier: CustomModifier): ModifierKind {
  const name = `modifiers.${type}`;
  checkOptions<CustomModifier>(name, modifier, known);
  checkChoice(`op of '${name}'`, modifier.op, ["multiplication", "addition"]);
  if (modifier.constraint !== undefined)
    checkChoice(`constraint of '${name}'`, modifier.constraint, ["none", "normal"]);
  checkArgument(name, "apply", modifier.apply, callable);
  const { init = 0, bounds = [-5, 5], constraint = "normal" } = modifier;
  return { layout: single, constraint, init, bounds, rows: (data, rows) => rows.apply(modifier, data) };
}

/** What one use gives [bins]. */
export function applied(
  { modifier, parameter, cell, place }: CustomUse,
  pars: Tensor,
  nominal: Tensor,
): Tensor {
  const own = ranked<"vector">(nominal.slice(cell, cell + place.bins));
  const given = modifier.apply(pars.at(parameter), { ...place, nominal: own });
  return given.shape.length === 0 ? fullLike(own, 1).mul(given) : given.reshape([place.bins]);
}

const ids = new WeakMap<CustomModifier, number>();
let next = 0;

/** A number for each custom modifier: functions have no text that tells them apart. */
export function identity(modifier: CustomModifier): number {
  if (!ids.has(modifier)) ids.set(modifier, next++);
  return ids.get(modifier)!;
}
