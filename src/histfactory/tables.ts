import type { Bins, Config, Modifier, ParameterSet, Place } from "./config.js";
import type { CustomModifier, CustomUse } from "./custom.js";
import { type Values, Vector } from "./values.js";

/** Rows of (parameter, sample, bin) as integers: the structure of a model. */
export interface Tables {
  readonly bins: number;
  readonly cells: number;
  /** Bin of each cell. */
  readonly cellBin: Int32Array;
  /** Samples of channels; each cell belongs to one. */
  readonly groups: number;
  readonly cellGroup: Int32Array;
  /** Parameter of each normsys row. */
  readonly normPar: Int32Array;
  /**
   * Factors of groups [factors, groups], as places in [normsys rows, parameters], and of cells [factors, cells], as
   * places in [groups, parameters]; -1 is none.
   */
  readonly groupFactors: Grid;
  readonly cellFactors: Grid;
  /** Parameters with shifts; of each shift its place among them, and its cell. */
  readonly shiftPars: Int32Array;
  readonly shiftPar: Int32Array;
  readonly shiftCell: Int32Array;
  /** Runs of shifts: the parameter's place, first cell, first shift, length. */
  readonly shiftBlocks: Int32Array;
  /** Of each uncertain cell its cell; of those with a staterror also the gamma. */
  readonly shapeCell: Int32Array;
  readonly statCell: Int32Array;
  readonly statGamma: Int32Array;
  /** Where what is computed from yields goes, -1 where the measurement says otherwise. */
  readonly shapeAux: Int32Array;
  readonly shapeFactor: Int32Array;
  readonly statSigma: Int32Array;
  /** Parameters that empty bins fix, -1 where the measurement decides. */
  readonly shapePar: Int32Array;
  readonly statPar: Int32Array;
  /** Constraint terms: place among the auxiliary data, and parameter. */
  readonly normalAux: Int32Array;
  readonly normalPar: Int32Array;
  readonly poissonAux: Int32Array;
  readonly poissonPar: Int32Array;
}

/** Integers [rows, columns], row-major. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly index: Int32Array;
}

/** Lists as the columns of a grid, filled up with -1. */
function grid(lists: readonly (readonly number[])[]): Grid {
  const rows = lists.reduce((most, list) => Math.max(most, list.length), 0);
  const index = new Int32Array(rows * lists.length).fill(-1);
  lists.forEach((list, j) => {
    list.forEach((v, i) => {
      index[i * lists.length + j] = v;
    });
  });
  return { rows, columns: lists.length, index };
}

const whole = (values: readonly number[]) => Int32Array.from(values);

/** The structure and the numbers of a model. */
export function tables(
  config: Config,
  custom: Readonly<Record<string, CustomModifier>> = {},
): { tables: Tables; values: Values; uses: readonly CustomUse[] } {
  const walk = new Walk(config, custom);
  for (const place of config.places) walk.place(place);
  return walk.finish();
}

class Walk {
  readonly #config: Config;
  readonly #sets: ReadonlyMap<string, ParameterSet>;
  readonly #v = {
    nominal: new Vector(),
    up: new Vector(),
    down: new Vector(),
    hi: new Vector(),
    lo: new Vector(),
    shape: new Vector(),
    stat: new Vector(),
  };
  #cells = 0;
  #groups = 0;
  readonly #cellBin: number[] = [];
  readonly #cellGroup: number[] = [];
  readonly #normPar: number[] = [];
  /** Parameters are marked by bitwise complement until the number of rows before them is known. */
  readonly #groupFactors: number[][] = [];
  readonly #cellFactors: number[][] = [];
  readonly #shiftPars = new Map<number, number>();
  readonly #shiftPar: number[] = [];
  readonly #shiftCell: number[] = [];
  readonly #shiftBlocks: number[] = [];
  readonly #shapeCell: number[] = [];
  readonly #shapeSet: [ParameterSet, number][] = [];
  readonly #statCell: number[] = [];
  readonly #statGamma: number[] = [];
  readonly #statBase = new Map<string, number>();
  readonly #statStart = new Map<string, number>();
  readonly #custom: Readonly<Record<string, CustomModifier>>;
  readonly #uses: CustomUse[] = [];
  #customFactors = 0;

  constructor(config: Config, custom: Readonly<Record<string, CustomModifier>>) {
    this.#config = config;
    this.#custom = custom;
    this.#sets = new Map(config.parameterSets.map((set) => [set.name, set]));
    // Components of a staterror run through the bins of its channels in order.
    const channels = new Map<string, Set<string>>();
    for (const { channel, sample } of config.places) {
      for (const { type, name } of sample.modifiers) {
        if (type !== "staterror") continue;
        if (!channels.has(name)) channels.set(name, new Set());
        channels.get(name)!.add(channel.name);
      }
    }
    let base = 0;
    for (const { type, name, size } of config.parameterSets) {
      if (type !== "staterror") continue;
      this.#statBase.set(name, base);
      base += size;
      let from = 0;
      for (const channel of channels.get(name)!) {
        this.#statStart.set(`${name}\0${channel}`, from);
        from += config.channelNbins.get(channel)!;
      }
    }
  }

  place({ channel, sample, bins, bin }: Place): void {
    const from = this.#cells;
    this.#v.nominal.bins(sample.data, bins);
    this.#groupFactors.push([]);
    for (let i = 0; i < bins; i++) {
      this.#cellBin.push(bin + i);
      this.#cellGroup.push(this.#groups);
      this.#cellFactors.push([]);
    }
    for (const modifier of sample.modifiers) {
      const own = Object.hasOwn(this.#custom, modifier.type) ? this.#custom[modifier.type] : undefined;
      if (own) this.#use(own, modifier, { channel: channel.name, sample: sample.name, bins }, from);
      else this.#modifier(modifier, channel.name, bins, from);
    }
    this.#cells += bins;
    this.#groups += 1;
  }

  #modifier(modifier: Modifier, channel: string, bins: number, from: number): void {
    const set = this.#sets.get(modifier.name)!;
    const [par] = set.slice;
    const group = this.#groupFactors[this.#groups]!;
    const each = (f: (cell: number, i: number) => void) => {
      for (let i = 0; i < bins; i++) f(from + i, i);
    };
    switch (modifier.type) {
      case "histosys": {
        if (!this.#shiftPars.has(par)) this.#shiftPars.set(par, this.#shiftPars.size);
        this.#shiftBlocks.push(this.#shiftPars.get(par)!, from, this.#shiftCell.length, bins);
        this.#v.up.bins(modifier.data.hi_data, bins);
        this.#v.down.bins(modifier.data.lo_data, bins);
        each((cell) => {
          this.#shiftPar.push(this.#shiftPars.get(par)!);
          this.#shiftCell.push(cell);
        });
        break;
      }
      case "normsys":
        group.push(this.#normPar.length);
        this.#normPar.push(par);
        this.#v.hi.push(modifier.data.hi);
        this.#v.lo.push(modifier.data.lo);
        break;
      case "normfactor":
      case "lumi":
        group.push(~par);
        break;
      case "shapefactor":
        each((cell, i) => this.#cellFactors[cell]!.push(~(par + i)));
        break;
      case "shapesys":
        this.#v.shape.bins(modifier.data, bins);
        each((cell, i) => {
          this.#cellFactors[cell]!.push(~(par + i));
          this.#shapeCell.push(cell);
          this.#shapeSet.push([set, i]);
        });
        break;
      case "staterror": {
        const start = this.#statStart.get(`${set.name}\0${channel}`)!;
        this.#v.stat.bins(modifier.data, bins);
        each((cell, i) => {
          this.#cellFactors[cell]!.push(~(par + start + i));
          this.#statCell.push(cell);
          this.#statGamma.push(this.#statBase.get(set.name)! + start + i);
        });
      }
    }
  }

  #use(
    modifier: CustomModifier,
    { name, data }: Modifier,
    place: Pick<CustomUse["place"], "channel" | "sample" | "bins">,
    cell: number,
  ): void {
    const parameter = this.#sets.get(name)!.slice[0];
    this.#uses.push({ modifier, parameter, cell, place: { ...place, data } });
    if (modifier.op === "addition") return;
    // Factors of custom modifiers stand behind the parameters.
    for (let i = 0; i < place.bins; i++) {
      this.#cellFactors[cell + i]!.push(~(this.#config.npars + this.#customFactors++));
    }
  }

  finish(): { tables: Tables; values: Values; uses: readonly CustomUse[] } {
    const groups = this.#groups;
    const resolve = (lists: readonly number[][], before: number) =>
      grid(lists.map((list) => list.map((v) => (v < 0 ? before + ~v : v))));
    const anyGroup = this.#groupFactors.some((list) => list.length > 0);
    const cellFactors = this.#cellFactors.map((list, cell) =>
      anyGroup ? [this.#cellGroup[cell]!, ...list] : list,
    );
    const tables: Tables = {
      bins: this.#config.nmaindata,
      cells: this.#cells,
      groups,
      cellBin: whole(this.#cellBin),
      cellGroup: whole(this.#cellGroup),
      normPar: whole(this.#normPar),
      groupFactors: resolve(this.#groupFactors, this.#normPar.length),
      cellFactors: resolve(cellFactors, anyGroup ? groups : 0),
      shiftPars: whole([...this.#shiftPars.keys()]),
      shiftPar: whole(this.#shiftPar),
      shiftCell: whole(this.#shiftCell),
      shiftBlocks: whole(this.#shiftBlocks),
      shapeCell: whole(this.#shapeCell),
      statCell: whole(this.#statCell),
      statGamma: whole(this.#statGamma),
      ...this.#places(),
      ...this.#constraints(),
    };
    return { tables, values: this.#values(), uses: this.#uses };
  }

  /** Where widths, rates and masks that follow from yields belong. */
  #places() {
    const owned = (set: ParameterSet, key: "auxdata" | "factors" | "sigmas") => set.user?.[key] === undefined;
    const stats = this.#config.parameterSets.filter(({ type }) => type === "staterror");
    const gammas = stats.flatMap((set) => Array.from({ length: set.size }, (_, i) => [set, i] as const));
    const decided = (set: ParameterSet) => typeof set.user?.fixed === "boolean";
    return {
      shapeAux: whole(this.#shapeSet.map(([set, i]) => (owned(set, "auxdata") ? set.aux + i : -1))),
      shapeFactor: whole(this.#shapeSet.map(([set, i]) => (owned(set, "factors") ? set.aux + i : -1))),
      statSigma: whole(gammas.map(([set, i]) => (owned(set, "sigmas") ? set.aux + i : -1))),
      shapePar: whole(this.#shapeSet.map(([set, i]) => (decided(set) ? -1 : set.slice[0] + i))),
      statPar: whole(gammas.map(([set, i]) => (decided(set) ? -1 : set.slice[0] + i))),
    };
  }

  #constraints() {
    const of = (kind: "normal" | "poisson") => {
      const sets = this.#config.parameterSets.filter(({ constraint }) => constraint === kind);
      const at = (start: (set: ParameterSet) => number) =>
        whole(sets.flatMap((set) => Array.from({ length: set.size }, (_, i) => start(set) + i)));
      return [at(({ aux }) => aux), at(({ slice }) => slice[0])] as const;
    };
    const [normalAux, normalPar] = of("normal");
    const [poissonAux, poissonPar] = of("poisson");
    return { normalAux, normalPar, poissonAux, poissonPar };
  }

  #values(): Values {
    const [aux, sigma, factor] = [new Vector(), new Vector(), new Vector()];
    for (const { type, size, constraint, user } of this.#config.parameterSets) {
      if (constraint === "none") continue;
      for (let i = 0; i < size; i++) {
        const given = (values: Bins | undefined, otherwise: number) =>
          values === undefined ? otherwise : "shape" in values ? values.reshape([size]).at(i) : values[i]!;
        const { init } = this.#config.kinds.get(type)!;
        aux.push(given(user?.auxdata, type === "shapesys" ? 0 : init));
        sigma.push(given(user?.sigmas, type === "staterror" ? 0 : 1));
        factor.push(given(user?.factors, 0));
      }
    }
    const all = { ...this.#v, aux, sigma, factor };
    const entries = Object.entries(all).flatMap(([key, vector]) => {
      const { value } = vector;
      return value === undefined ? [] : [[key, value] as const];
    });
    const { suggestedInit, suggestedLower, suggestedUpper, parameterSets } = this.#config;
    const fixed = parameterSets.flatMap(({ size, user }) => Array(size).fill(user?.fixed === true ? 1 : 0));
    return {
      ...(Object.fromEntries(entries) as unknown as Pick<Values, "nominal">),
      init: suggestedInit,
      lower: suggestedLower,
      upper: suggestedUpper,
      fixed: Float64Array.from(fixed),
    };
  }
}
