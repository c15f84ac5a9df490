import type { ParameterSpec, SampleSpec, WorkspaceSpec } from "../../src/histfactory/document/specs.js";
import type { ModifierSpec } from "../../src/histfactory/modifiers/index.js";
import { random } from "./random.js";

/** A workspace drawn at random, how its model is interpolated, and points of its parameters. */
export interface RandomCase {
  readonly seed: number;
  readonly workspace: WorkspaceSpec;
  readonly interpcodes: {
    readonly normsys: "code1" | "code4";
    readonly histosys: "code0" | "code2" | "code4p";
  };
}

/** Draws: uniform, integers, choices, normal and Poisson numbers, rounded so that JSON holds them exactly. */
export class Draw {
  readonly next: () => number;
  constructor(seed: number) {
    this.next = random(seed);
  }
  between(a: number, b: number): number {
    return Number((a + (b - a) * this.next()).toPrecision(8));
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    let [n, left] = [0, Math.exp(-mean)];
    for (let u = this.next(); u > left && n < 1000; n++) {
      u -= left;
      left *= mean / (n + 1);
    }
    return n;
  }
}

/**
 * A workspace of one to three channels with every modifier: parameters shared by samples, channels and types (one name
 * for a normsys and a histosys), empty and tiny bins, bins without uncertainty, and measurements that override starts,
 * bounds, auxiliary data and widths. The same seed gives the same one.
 */
export function randomWorkspace(seed: number): RandomCase {
  const draw = new Draw(seed);
  const scale = draw.of([3, 20, 100, 1000]);
  const lumi = draw.chance(0.3);
  const shared = draw.chance(0.3);
  // Channels of the same samples and bins can share their gammas and free factors too.
  const alike = draw.chance(0.1) ? { bins: 1 + draw.below(3), free: draw.chance(0.5) } : undefined;
  const channels = Array.from({ length: 1 + draw.below(3) }, (_, c) => {
    const bins = alike?.bins ?? 1 + draw.below(5);
    const name = draw.chance(0.5) ? `ch${c}` : `${"zaM"[c]}_region`;
    const control = c > 0 && !alike && draw.chance(0.4);
    const samples: SampleSpec[] = [];
    const stat = draw.chance(0.5);
    const free = draw.chance(0.12);
    const count = alike ? 2 : 1 + draw.below(3);
    const empty = draw.chance(0.1) ? draw.below(bins) : -1;
    if (!control) samples.push(sample(draw, "signal", bins, 0.3 * scale, empty, [norm("mu")]));
    for (let s = 0; s < count; s++) {
      const extra: ModifierSpec[] = [];
      if (draw.chance(0.2)) extra.push(norm(`k${draw.below(2)}`));
      if (alike?.free && s === 0) extra.push({ name: "free_all", type: "shapefactor", data: null });
      else if (free && s === 0) extra.push({ name: `free_${name}`, type: "shapefactor", data: null });
      samples.push(sample(draw, `${"bBc"[s]}kg`, bins, scale, empty, extra));
    }
    for (const { name: own, data, modifiers } of samples as Mutable[]) {
      systematics(draw, modifiers, data, shared);
      if (lumi && draw.chance(0.7)) modifiers.push({ name: "lumi", type: "lumi", data: null });
      const uncertainty = () => data.map((v) => (draw.chance(0.08) ? 0 : round(v * draw.between(0.02, 0.3))));
      if (alike) modifiers.push({ name: "stat_all", type: "staterror", data: uncertainty() });
      else if (stat && draw.chance(0.8))
        modifiers.push({ name: `stat_${name}`, type: "staterror", data: uncertainty() });
      if (own !== "signal" && draw.chance(0.2)) {
        modifiers.push({ name: `shape_${name}_${own}`, type: "shapesys", data: uncertainty() });
      }
      modifiers.sort(() => draw.next() - 0.5);
    }
    return { name, samples };
  });
  if (draw.chance(0.5)) channels.reverse();
  const observations = channels.map(({ name, samples }) => ({
    name,
    data: samples[0]!.data.map((_, i) => draw.poisson(samples.reduce((sum, s) => sum + s.data[i]!, 0))),
  }));
  const used = new Map(
    channels.flatMap(({ samples }) => samples.flatMap((s) => s.modifiers.map((m) => [m.name, m] as const))),
  );
  const parameters = [...used.values()].flatMap((m) => configuration(draw, m));
  // A background-only region alone has no signal to look for.
  const poi = used.has("mu") ? "mu" : "";
  return {
    seed,
    workspace: {
      channels,
      observations,
      measurements: [{ name: "random", config: { poi, parameters } }],
      version: "1.0.0",
    },
    interpcodes: {
      normsys: draw.of(["code1", "code4", "code4"]),
      histosys: draw.of(["code0", "code2", "code4p", "code4p"]),
    },
  };
}

interface Mutable {
  name: string;
  data: number[];
  modifiers: ModifierSpec[];
}

const round = (x: number) => Number(x.toPrecision(8));
const norm = (name: string): ModifierSpec => ({ name, type: "normfactor", data: null });

function sample(
  draw: Draw,
  name: string,
  bins: number,
  scale: number,
  empty: number,
  modifiers: ModifierSpec[],
): Mutable {
  const data = Array.from({ length: bins }, (_, i) => {
    if (i === empty || draw.chance(0.05)) return 0;
    return draw.chance(0.05) ? draw.of([1e-3, 1e-6, 1e-9]) : draw.between(0.1 * scale, scale);
  });
  return { name, data, modifiers };
}

/** Normalisation and shape uncertainties from a common pool of names. */
function systematics(draw: Draw, modifiers: ModifierSpec[], data: readonly number[], shared: boolean): void {
  const wide = draw.chance(0.1) ? 0.4 : 0.12;
  for (let i = 0; i < 3; i++) {
    if (!draw.chance(0.4)) continue;
    modifiers.push({
      name: `norm${i}`,
      type: "normsys",
      data: { lo: draw.between(1 - 2 * wide, 0.99), hi: draw.between(1.01, 1 + 2 * wide) },
    });
  }
  for (let i = 0; i < 2; i++) {
    if (draw.chance(0.4)) modifiers.push(shape(draw, `shape${i}`, data, wide));
  }
  if (shared && draw.chance(0.7)) {
    const both = draw.of([0, 1, 2]);
    if (both !== 1)
      modifiers.push({ name: "both", type: "normsys", data: { lo: 0.95, hi: draw.between(1.01, 1.1) } });
    if (both !== 0) modifiers.push(shape(draw, "both", data, 0.1));
  }
}

function shape(draw: Draw, name: string, data: readonly number[], width: number): ModifierSpec {
  const sided = draw.chance(0.1);
  const vary = (sign: number) =>
    data.map((v) => round(v * (1 + (sided ? 1 : sign) * draw.between(-0.2, 1) * width)));
  return { name, type: "histosys", data: { lo_data: vary(-1), hi_data: vary(1) } };
}

/** What the measurement says of a parameter, now and then. */
function configuration(draw: Draw, m: ModifierSpec): ParameterSpec[] {
  if (m.type === "lumi") {
    const width = draw.between(0.01, 0.1);
    return [
      {
        name: "lumi",
        auxdata: [1],
        sigmas: [width],
        inits: [1],
        bounds: [[round(1 - 5 * width), round(1 + 5 * width)]],
      },
    ];
  }
  if (!draw.chance(0.12)) return [];
  const { name } = m;
  if (m.type === "normfactor") {
    return [{ name, inits: [draw.between(0.5, 2)], bounds: [[0, draw.of([5, 20])]] }];
  }
  if (m.type === "normsys" || m.type === "histosys") {
    if (draw.chance(0.3)) return [{ name, fixed: true, inits: [draw.between(-0.5, 0.5)] }];
    return [{ name, auxdata: [draw.between(-0.5, 0.5)], inits: [draw.between(-1, 1)], bounds: [[-3, 4]] }];
  }
  if (m.type === "shapefactor" || name === "stat_all") return [];
  const each = <T>(f: () => T) => m.data.map(f);
  if (draw.chance(0.2)) return [{ name, fixed: true }];
  if (m.type === "shapesys") return [{ name, auxdata: each(() => draw.between(5, 50)) }];
  return [{ name, inits: each(() => draw.between(0.9, 1.1)), sigmas: each(() => draw.between(0.02, 0.2)) }];
}

/** A point of the parameters inside their bounds; now and then a free factor is exactly zero. */
export function randomPoint(
  draw: Draw,
  {
    suggestedInit: init,
    suggestedLower: lower,
    suggestedUpper: upper,
    parameterSets,
  }: {
    readonly suggestedInit: Float64Array;
    readonly suggestedLower: Float64Array;
    readonly suggestedUpper: Float64Array;
    readonly parameterSets: readonly { readonly type: string; readonly size: number }[];
  },
): Float64Array {
  const types = parameterSets.flatMap(({ type, size }) => Array<string>(size).fill(type));
  return init.map((x, i) => {
    const type = types[i]!;
    const free = type === "normfactor" || type === "shapefactor";
    const spread = free ? 0.5 : type === "normsys" || type === "histosys" ? 1.2 : 0.15;
    const moved = free && draw.chance(0.1) ? 0 : x + spread * draw.normal();
    return Math.min(upper[i]!, Math.max(lower[i]!, round(moved)));
  });
}
