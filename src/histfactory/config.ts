import type { Tensor } from "../core/tensor.js";
import { compareText } from "./exact.js";
import type {
  ChannelSpec,
  ModelSpec,
  ModifierSpec,
  ModifierType,
  ParameterSpec,
  SampleSpec,
} from "./spec.js";

/** A number of a specification: plain, or a scalar of the traced function. */
export type Num = number | Tensor;
/** Bins of a specification: numbers, scalars of the traced function, or one tensor [bins]. */
export type Bins = readonly Num[] | Float64Array | Tensor;

export type Spec = ModelSpec<Num, Bins>;
export type Channel = ChannelSpec<Num, Bins>;
export type Sample = SampleSpec<Num, Bins>;
export type Modifier = ModifierSpec<Num, Bins>;

/** Which constraint term a parameter has. */
export type ConstraintKind = "none" | "normal" | "poisson";

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
}

/** Where a sample stands: channels and samples in order of names. */
export interface Place {
  readonly channel: Channel;
  readonly sample: Sample;
  readonly bins: number;
  /** First bin of the channel among all bins. */
  readonly bin: number;
}

/** What modifiers of a type say of their parameter. */
export interface Kind {
  readonly constraint: ConstraintKind;
  readonly scalar: boolean;
  readonly init: number;
  readonly bounds: readonly [number, number];
}

const standard: Readonly<Record<ModifierType, Kind>> = {
  histosys: { constraint: "normal", scalar: true, init: 0, bounds: [-5, 5] },
  lumi: { constraint: "normal", scalar: true, init: 1, bounds: [0, 10] },
  normfactor: { constraint: "none", scalar: true, init: 1, bounds: [0, 10] },
  normsys: { constraint: "normal", scalar: true, init: 0, bounds: [-5, 5] },
  shapefactor: { constraint: "none", scalar: false, init: 1, bounds: [0, 10] },
  shapesys: { constraint: "poisson", scalar: false, init: 1, bounds: [1e-10, 10] },
  staterror: { constraint: "normal", scalar: false, init: 1, bounds: [1e-10, 10] },
};

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
  readonly kinds: ReadonlyMap<string, Kind>;

  constructor(spec: Spec, poi: string | null, custom: ReadonlyMap<string, Kind> = new Map()) {
    const byName = <T extends { name: string }>(items: readonly T[]) =>
      [...items].sort((a, b) => compareText(a.name, b.name));
    const channels = byName(spec.channels);
    this.kinds = new Map([...Object.entries(standard), ...custom]);
    const nbins = new Map<string, number>();
    const places: Place[] = [];
    let bin = 0;
    for (const channel of channels) {
      const bins = binsOf(channel.samples[0]!.data);
      nbins.set(channel.name, bins);
      for (const sample of byName(channel.samples)) places.push({ channel, sample, bins, bin });
      bin += bins;
    }
    this.places = places;
    this.nmaindata = bin;
    this.channels = channels.map(({ name }) => name);
    this.channelNbins = nbins;
    this.samples = [...new Set(places.map(({ sample }) => sample.name))].sort(compareText);
    const modifiers = new Map(
      places.flatMap(({ sample }) =>
        sample.modifiers.map((m) => [`${m.name}\0${m.type}`, [m.name, m.type] as const]),
      ),
    );
    this.modifiers = [...modifiers.values()].sort(
      (a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]),
    );

    this.parameterSets = this.#order(spec.parameters ?? []);
    this.parOrder = this.parameterSets.map(({ name }) => name);
    this.parNames = this.parameterSets.flatMap(({ name, size, scalar }) =>
      scalar ? [name] : Array.from({ length: size }, (_, i) => `${name}[${i}]`),
    );
    this.npars = this.parNames.length;
    const constrained = this.parameterSets.filter(({ constraint }) => constraint !== "none");
    this.nauxdata = constrained.reduce((sum, { size }) => sum + size, 0);
    this.poiName = poi;
    this.poiIndex = poi === null ? null : this.paramSet(poi).slice[0];

    const each = (f: (kind: Kind, set: ParameterSet, i: number) => number) =>
      Float64Array.from(
        this.parameterSets.flatMap((set) =>
          Array.from({ length: set.size }, (_, i) => f(this.kinds.get(set.type)!, set, i)),
        ),
      );
    // Starts and bounds steer a fit; they are numbers even where yields are traced.
    this.suggestedInit = each(({ init }, { user }, i) => plain(user?.inits, i) ?? init);
    this.suggestedLower = each(({ bounds }, { user }, i) => plain(user?.bounds?.[i] as Bins, 0) ?? bounds[0]);
    this.suggestedUpper = each(({ bounds }, { user }, i) => plain(user?.bounds?.[i] as Bins, 1) ?? bounds[1]);
  }

  #order(users: readonly ParameterSpec<Num, Bins>[]): ParameterSet[] {
    const found = new Map<string, { type: string; size: number }>();
    for (const type of this.kinds.keys()) {
      const scalar = this.kinds.get(type)!.scalar;
      const seen = new Map<string, number>();
      const channels = new Map<string, Set<string>>();
      for (const { channel, sample, bins } of this.places) {
        const own = sample.modifiers.filter((m) => m.type === type).map(({ name }) => name);
        for (const name of own.sort(compareText)) {
          if (type !== "staterror") {
            if (!seen.has(name)) seen.set(name, scalar ? 1 : bins);
            continue;
          }
          const where = channels.get(name) ?? new Set();
          if (!where.has(channel.name)) seen.set(name, (seen.get(name) ?? 0) + bins);
          channels.set(name, where.add(channel.name));
        }
      }
      const names = [...seen.keys()];
      for (const name of type === "staterror" ? names.sort(compareText) : names) {
        if (!found.has(name)) found.set(name, { type, size: seen.get(name)! });
      }
    }
    const configured = new Map(users.map((user) => [user.name, user]));
    let [from, aux] = [0, 0];
    return [...found].map(([name, { type, size }]) => {
      const { constraint, scalar } = this.kinds.get(type)!;
      const held = constraint !== "none";
      const set: ParameterSet = {
        name,
        type,
        size,
        scalar,
        constraint,
        slice: [from, from + size],
        aux: held ? aux : -1,
        user: configured.get(name),
      };
      from += size;
      if (held) aux += size;
      return set;
    });
  }

  /** The parameter of that name; throws a RangeError if there is none. */
  paramSet(name: string): ParameterSet {
    const found = this.parameterSets.find((set) => set.name === name);
    if (!found)
      throw new RangeError(`the model has no parameter '${name}'; it has ${this.parOrder.join(", ")}`);
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
      throw new RangeError(`the model has no channel '${name}'; it has ${this.channels.join(", ")}`);
    return [place.bin, place.bin + place.bins];
  }
}

/** A plain number among bins, if it is one. */
export function plain(values: Bins | undefined, i: number): number | undefined {
  if (values === undefined || "shape" in values) return undefined;
  const value = values[i];
  return typeof value === "number" ? value : undefined;
}
