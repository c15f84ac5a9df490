import type { Tensor } from "../../core/graph/tensor.js";
import { OptionError } from "../../text/gradcuterror.js";
import { compareText } from "../document/exactnumber.js";
import type { ChannelSpec, ModelSpec, ParameterSpec, SampleSpec } from "../document/specs.js";
import { type ModifierSpec, type ModifierType, modifierRecords, modifierTypes } from "../modifiers/index.js";
import type { ConstraintKind, ModifierKind } from "../modifiers/modifier.js";
import { type Laid, layOut, type PlaceOf, placesOf } from "../modifiers/rowlayout.js";

/** A number of a specification: plain, or a scalar of the traced function. */
export type Num = number | Tensor;
/** Bins of a specification: numbers, scalars of the traced function, or one tensor [bins]. */
export type Bins = readonly Num[] | Float64Array | Tensor;

export type Spec = ModelSpec<Num, Bins>;
export type Channel = ChannelSpec<Num, Bins>;
export type Sample = SampleSpec<Num, Bins>;
export type Modifier = ModifierSpec<Num, Bins>;

/** The components of one parameter, as pyhf's paramset. */
export interface ParameterSet {
  readonly name: string;
  /** Of the modifier that gave it its place; custom types keep their name. */
  readonly type: ModifierType | (string & {});
  readonly size: number;
  /** Without index in its name. */
  readonly scalar: boolean;
  readonly constraint: ConstraintKind;
  /** Its components among the parameters, [from, to). */
  readonly slice: readonly [number, number];
  /** Its first auxiliary datum, or -1. */
  readonly aux: number;
  /** What the measurement says of it. */
  readonly user: ParameterSpec<Num, Bins> | undefined;
  /** What modifiers of its type are, and the component of the first bin in each of its channels. */
  readonly record: ModifierKind;
  readonly starts: ReadonlyMap<string, number>;
}

/** Where a sample stands: channels and samples in order of names. */
export type Place = PlaceOf<Channel, Sample>;

const binsOf = (data: Bins): number => ("shape" in data ? data.size : data.length);

/**
 * Names, orders and defaults of a model: pyhf's `model.config`.
 *
 * Parameters stand by type of modifier (histosys, lumi, normfactor, normsys, shapefactor, shapesys, staterror, custom
 * ones), and in a type by their first place in channels, samples and modifiers in order of names; staterrors by name.
 */
export class Config {
  /** Sorted by name, as samples and modifiers. */
  readonly channels: readonly string[];
  readonly samples: readonly string[];
  readonly modifiers: readonly (readonly [name: string, type: string])[];
  readonly channelNbins: ReadonlyMap<string, number>;
  readonly parameterSets: readonly ParameterSet[];
  /** Names of the parameters, each once. */
  readonly parOrder: readonly string[];
  /** Names of all components, as `gamma[0]`. */
  readonly parNames: readonly string[];
  readonly npars: number;
  readonly nmaindata: number;
  readonly nauxdata: number;
  readonly poiName: string | null;
  readonly poiIndex: number | null;
  readonly suggestedInit: Float64Array;
  readonly suggestedLower: Float64Array;
  readonly suggestedUpper: Float64Array;
  /** Every sample of every channel, in order. */
  readonly places: readonly Place[];
  /** Types of modifiers: pyhf's and custom ones. */
  readonly types: ReadonlyMap<string, ModifierKind>;

  constructor(spec: Spec, poi: string | null, custom: ReadonlyMap<string, ModifierKind> = new Map()) {
    this.types = new Map([...modifierTypes.map((type) => [type, modifierRecords[type]] as const), ...custom]);
    const places = placesOf<Sample, Channel>(spec.channels, ({ samples }) => binsOf(samples[0]!.data));
    this.places = places;
    this.channelNbins = new Map(places.map(({ channel, bins }) => [channel.name, bins]));
    this.channels = [...this.channelNbins.keys()];
    const last = places.at(-1);
    this.nmaindata = last === undefined ? 0 : last.bin + last.bins;
    this.samples = [...new Set(places.map(({ sample }) => sample.name))].sort(compareText);
    const modifiers = new Map(
      places.flatMap(({ sample }) =>
        sample.modifiers.map((m) => [`${m.name}\0${m.type}`, [m.name, m.type] as const]),
      ),
    );
    this.modifiers = [...modifiers.values()].sort(
      (a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]),
    );

    this.parameterSets = parameterSets(layOut(places, this.types), spec.parameters ?? []);
    this.parOrder = this.parameterSets.map(({ name }) => name);
    this.parNames = this.parameterSets.flatMap(({ name, size, scalar }) =>
      scalar ? [name] : Array.from({ length: size }, (_, i) => `${name}[${i}]`),
    );
    this.npars = this.parNames.length;
    const constrained = this.parameterSets.filter(({ constraint }) => constraint !== "none");
    this.nauxdata = constrained.reduce((sum, { size }) => sum + size, 0);
    this.poiName = poi;
    this.poiIndex = poi === null ? null : this.paramSet(poi).slice[0];

    const each = (f: (set: ParameterSet, i: number) => number) => {
      const all = new Float64Array(this.npars);
      for (const set of this.parameterSets)
        for (let i = 0; i < set.size; i++) all[set.slice[0] + i] = f(set, i);
      return all;
    };
    // Starts and bounds steer a fit; they are numbers even where yields are traced.
    this.suggestedInit = each(({ record, user }, i) => plain(user?.inits, i) ?? record.init);
    const bound = (side: 0 | 1) =>
      each(({ record, user }, i) => plain(user?.bounds?.[i], side) ?? record.bounds[side]);
    this.suggestedLower = bound(0);
    this.suggestedUpper = bound(1);
  }

  /** The parameter of that name; throws an OptionError if there is none. */
  paramSet(name: string): ParameterSet {
    const found = this.parameterSets.find((set) => set.name === name);
    if (!found)
      throw new OptionError(
        "model.parameter",
        `the model has no parameter '${name}'; it has ${this.parOrder.join(", ")}`,
        { got: name, known: this.parOrder },
      );
    return found;
  }

  /** Where the parameter's components stand, [from, to). */
  parSlice(name: string): readonly [number, number] {
    return this.paramSet(name).slice;
  }

  /** Where the channel's bins stand among the main data, [from, to). */
  channelSlice(name: string): readonly [number, number] {
    const place = this.places.find(({ channel }) => channel.name === name);
    if (!place)
      throw new OptionError(
        "model.channel",
        `the model has no channel '${name}'; it has ${this.channels.join(", ")}`,
        { got: name, known: this.channels },
      );
    return [place.bin, place.bin + place.bins];
  }
}

/** Where the components of parameters stand, and what the measurement says of them. */
function parameterSets(
  laid: ReadonlyMap<string, Laid<ModifierKind>>,
  users: readonly ParameterSpec<Num, Bins>[],
): ParameterSet[] {
  const configured = new Map(users.map((user) => [user.name, user]));
  let [from, aux] = [0, 0];
  return Array.from(laid.values(), ({ name, type, record, size, starts }) => {
    const { constraint, layout } = record;
    const held = constraint !== "none";
    const set: ParameterSet = {
      name,
      type,
      size,
      constraint,
      record,
      starts,
      scalar: layout.scalar,
      slice: [from, from + size],
      aux: held ? aux : -1,
      user: configured.get(name),
    };
    from += size;
    if (held) aux += size;
    return set;
  });
}

/** A plain number among bins, if it is one. */
function plain(values: Bins | undefined, i: number): number | undefined {
  if (values === undefined || "shape" in values) return undefined;
  const value = values[i];
  return typeof value === "number" ? value : undefined;
}
