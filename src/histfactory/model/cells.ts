import { blockWords } from "../../core/agreed.js";
import { meant } from "../document/problems.js";
import { SpecError } from "../document/specerror.js";
import { type ModifierType, modifierRecords, modifierTypes } from "../modifiers/index.js";
import type { ConstraintKey, Rows } from "../modifiers/modifier.js";
import type { Bins, Config, Num, ParameterSet, Place } from "./config.js";
import type { CustomModifier, CustomUse } from "./custommodifier.js";
import type { Grid, Tables, UncertainCells } from "./modelrows.js";
import { type Values, Vector } from "./modelvalues.js";

/** What is uncertain: runs of cells and of components. */
class Uncertain {
  readonly sets: readonly ParameterSet[];
  /** First component of each parameter. */
  readonly #base = new Map<ParameterSet, number>();
  readonly #runs: (readonly [cell: number, component: number, bins: number])[] = [];
  readonly numbers = new Vector();

  constructor(sets: readonly ParameterSet[]) {
    this.sets = sets;
    let base = 0;
    for (const set of sets) {
      this.#base.set(set, base);
      base += set.size;
    }
  }

  add(set: ParameterSet, start: number, cell: number, bins: number, uncertainty: Bins): void {
    this.#runs.push([cell, this.#base.get(set)! + start, bins]);
    this.numbers.bins(uncertainty, bins);
  }

  get cells(): UncertainCells {
    const { sets } = this;
    const places = (from: (set: ParameterSet) => number) => runs(sets.map((set) => [from(set), set.size]));
    const aux = (key: ConstraintKey) =>
      places((set) => (set.record.derivation!.keys.includes(key) && !set.user?.[key] ? set.aux : -1));
    return {
      cell: runs(this.#runs.map(([cell, , bins]) => [cell, bins])),
      of: runs(this.#runs.map(([, component, bins]) => [component, bins])),
      auxdata: aux("auxdata"),
      factors: aux("factors"),
      sigmas: aux("sigmas"),
      par: places((set) => (typeof set.user?.fixed === "boolean" ? -1 : set.slice[0])),
    };
  }
}

/** Integers that count up from `first`, run after run; runs from -1 are all -1. */
function runs(all: readonly (readonly [first: number, length: number])[]): Int32Array {
  const out = new Int32Array(all.reduce((sum, [, length]) => sum + length, 0));
  let at = 0;
  for (const [first, length] of all) {
    for (let i = 0; i < length; i++) out[at++] = first < 0 ? -1 : first + i;
  }
  return out;
}

/** Types whose constraints follow from yields. */
const deriving = modifierTypes.filter((type) => modifierRecords[type].derivation !== undefined);

/** Goes through the modifiers of a model, each of which says what it does to its bins. */
export class Walk implements Rows {
  readonly #config: Config;
  readonly #sets: ReadonlyMap<string, ParameterSet>;
  readonly #v = {
    nominal: new Vector(),
    up: new Vector(),
    down: new Vector(),
    hi: new Vector(),
    lo: new Vector(),
  };
  readonly #uncertain: ReadonlyMap<ModifierType, Uncertain>;
  readonly #normPar: number[] = [];
  /** Of each sample the places of its factors: parameters by their complement, as the rows before are not counted yet. */
  readonly #groupFactors: number[][] = [];
  /** Runs of factors of cells: first cell, length, and first of their places behind groups. */
  readonly #cellFactors: (readonly [cell: number, bins: number, from: number])[] = [];
  readonly #shiftPars = new Map<number, number>();
  readonly #shiftBlocks: number[] = [];
  #shifts = 0;
  readonly #uses: CustomUse[] = [];
  #customFactors = 0;
  /** Where it is. */
  #place: Place;
  #set: ParameterSet;
  #cell = 0;

  constructor(config: Config) {
    const { parameterSets, places } = config;
    this.#config = config;
    this.#place = places[0]!;
    this.#set = parameterSets[0]!;
    this.#sets = new Map(parameterSets.map((set) => [set.name, set]));
    this.#uncertain = new Map(
      deriving.flatMap((type) => {
        const sets = parameterSets.filter((set) => set.type === type);
        return sets.length > 0 ? [[type, new Uncertain(sets)]] : [];
      }),
    );
  }

  place(place: Place): void {
    const { sample, bins } = place;
    this.#place = place;
    this.#v.nominal.bins(sample.data, bins);
    this.#groupFactors.push([]);
    for (const { name, type, data } of sample.modifiers) {
      const kind = this.#config.types.get(type);
      if (kind === undefined) throw unknownType(type, [...this.#config.types.keys()]);
      this.#set = this.#sets.get(name)!;
      kind.rows(data, this);
    }
    this.#cell += bins;
  }

  factor(): void {
    this.#groupFactors.at(-1)!.push(~this.#set.slice[0]);
  }

  factors(): void {
    this.#cellFactors.push([this.#cell, this.#place.bins, this.#set.slice[0] + this.#start]);
  }

  interpolated(hi: Num, lo: Num): void {
    this.#groupFactors.at(-1)!.push(this.#normPar.length);
    this.#normPar.push(this.#set.slice[0]);
    this.#v.hi.push(hi);
    this.#v.lo.push(lo);
  }

  shift(hi: Bins, lo: Bins): void {
    const { bins } = this.#place;
    const [par] = this.#set.slice;
    if (!this.#shiftPars.has(par)) this.#shiftPars.set(par, this.#shiftPars.size);
    this.#shiftBlocks.push(this.#shiftPars.get(par)!, this.#cell, this.#shifts, bins);
    this.#shifts += bins;
    this.#v.up.bins(hi, bins);
    this.#v.down.bins(lo, bins);
  }

  uncertain(uncertainty: Bins): void {
    const { type } = this.#set;
    this.#uncertain
      .get(type as ModifierType)!
      .add(this.#set, this.#start, this.#cell, this.#place.bins, uncertainty);
  }

  apply(modifier: CustomModifier, data: unknown): void {
    const { channel, sample, bins } = this.#place;
    const place = { channel: channel.name, sample: sample.name, bins, data };
    this.#uses.push({ modifier, parameter: this.#set.slice[0], cell: this.#cell, place });
    if (modifier.op === "addition") return;
    // Factors of functions stand behind the parameters.
    this.#cellFactors.push([this.#cell, bins, this.#config.npars + this.#customFactors]);
    this.#customFactors += bins;
  }

  /** The component of the channel's first bin. */
  get #start(): number {
    return this.#set.starts.get(this.#place.channel.name)!;
  }

  finish(): { tables: Tables; values: Values; uses: readonly CustomUse[] } {
    const { places, nmaindata } = this.#config;
    const blocks = Int32Array.from(this.#shiftBlocks);
    const each = (column: number) =>
      Array.from({ length: blocks.length / blockWords }, (_, i) => blocks[blockWords * i + column]!);
    const lengths = each(3);
    const cellGroup = filled(places.map(({ bins }, group) => [group, bins]));
    const tables: Tables = {
      bins: nmaindata,
      cells: this.#cell,
      groups: places.length,
      cellBin: runs(places.map(({ bin, bins }) => [bin, bins])),
      cellGroup,
      normPar: Int32Array.from(this.#normPar),
      groupFactors: this.#groupGrid(),
      cellFactors: this.#cellGrid(cellGroup),
      shiftPars: Int32Array.from(this.#shiftPars.keys()),
      shiftPar: filled(each(0).map((par, i) => [par, lengths[i]!])),
      shiftCell: runs(each(1).map((cell, i) => [cell, lengths[i]!])),
      shiftBlocks: blocks,
      uncertain: Object.fromEntries(
        Array.from(this.#uncertain, ([type, { cells }]) => [type, cells] as const),
      ),
      ...this.#constraints(),
    };
    return { tables, values: this.#values(), uses: this.#uses };
  }

  #groupGrid(): Grid {
    const lists = this.#groupFactors;
    const rows = lists.reduce((most, list) => Math.max(most, list.length), 0);
    const index = new Int32Array(rows * lists.length).fill(-1);
    lists.forEach((list, group) => {
      list.forEach((v, i) => {
        index[i * lists.length + group] = v < 0 ? this.#normPar.length + ~v : v;
      });
    });
    return { rows, columns: lists.length, index };
  }

  /** The factors of cells: first their group's, if there are any, then their own. */
  #cellGrid(cellGroup: Int32Array): Grid {
    const cells = this.#cell;
    const groups = this.#groupFactors.some((list) => list.length > 0) ? this.#groupFactors.length : 0;
    const depth = new Int32Array(cells).fill(groups ? 1 : 0);
    for (const [cell, bins] of this.#cellFactors) for (let i = 0; i < bins; i++) depth[cell + i]! += 1;
    const rows = depth.reduce((a, b) => Math.max(a, b), 0);
    const index = new Int32Array(rows * cells).fill(-1);
    if (groups) index.set(cellGroup);
    depth.fill(groups ? 1 : 0);
    for (const [cell, bins, from] of this.#cellFactors) {
      for (let i = 0; i < bins; i++) {
        const row = depth[cell + i]!;
        index[row * cells + cell + i] = groups + from + i;
        depth[cell + i] = row + 1;
      }
    }
    return { rows, columns: cells, index };
  }

  #constraints() {
    const of = (kind: "normal" | "poisson") => {
      const sets = this.#config.parameterSets.filter(({ constraint }) => constraint === kind);
      const at = (start: (set: ParameterSet) => number) => runs(sets.map((set) => [start(set), set.size]));
      return [at(({ aux }) => aux), at(({ slice }) => slice[0])] as const;
    };
    const [normalAux, normalPar] = of("normal");
    const [poissonAux, poissonPar] = of("poisson");
    return { normalAux, normalPar, poissonAux, poissonPar };
  }

  #values(): Values {
    const constraint = { aux: new Vector(), sigma: new Vector(), factor: new Vector() };
    for (const { size, constraint: kind, user, record } of this.#config.parameterSets) {
      if (kind === "none") continue;
      // What follows from yields is added to 0.
      const add = (to: Vector, key: ConstraintKey, standard: number) => {
        const given = user?.[key];
        if (given !== undefined) return to.bins(given, size);
        const otherwise = record.derivation?.keys.includes(key) ? 0 : standard;
        for (let i = 0; i < size; i++) to.push(otherwise);
      };
      add(constraint.aux, "auxdata", record.init);
      add(constraint.sigma, "sigmas", 1);
      add(constraint.factor, "factors", 0);
    }
    const { suggestedInit, suggestedLower, suggestedUpper, parameterSets, npars } = this.#config;
    const fixed = new Float64Array(npars);
    for (const { slice, user } of parameterSets) if (user?.fixed === true) fixed.fill(1, ...slice);
    const values: Writable<Values> = {
      nominal: this.#v.nominal.value!,
      init: suggestedInit,
      lower: suggestedLower,
      upper: suggestedUpper,
      fixed,
    };
    const give = (role: keyof Values, { value }: Vector) => {
      if (value) values[role] = value;
    };
    for (const role of ["up", "down", "hi", "lo"] as const) give(role, this.#v[role]);
    for (const role of ["aux", "sigma", "factor"] as const) give(role, constraint[role]);
    for (const [type, { numbers }] of this.#uncertain) give(type, numbers);
    return values;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Integers, each repeated. */
function filled(all: readonly (readonly [value: number, length: number])[]): Int32Array {
  const out = new Int32Array(all.reduce((sum, [, length]) => sum + length, 0));
  let at = 0;
  for (const [value, length] of all) {
    out.fill(value, at, at + length);
    at += length;
  }
  return out;
}

/** For models that are not checked: what nobody knows would change nothing. */
function unknownType(type: string, known: readonly string[]): SpecError {
  return new SpecError([
    {
      code: "spec.modifierType",
      path: "$.channels",
      expected: `one of the types ${known.join(", ")}`,
      got: `the text "${type}"`,
      remedy: meant(type, known, "correct the type"),
    },
  ]);
}
