// Workspaces drawn from the records of modifiers, and their likelihood in plain numbers composed of the records' references.

import { lgamma } from "../../src/core/oracle/reference.js";
import { modelProblems } from "../../src/histfactory/document/modelrules.js";
import type { ParameterSpec } from "../../src/histfactory/document/specs.js";
import type { Config, ParameterSet, Spec } from "../../src/histfactory/model/config.js";
import { histosysCase } from "../../src/histfactory/modifiers/histosys.js";
import {
  type Interpcodes,
  type ModifierType,
  modifierRecords,
  modifierTypes,
} from "../../src/histfactory/modifiers/index.js";
import { lumiCase } from "../../src/histfactory/modifiers/lumi.js";
import type { ConstraintKey, ModifierCase } from "../../src/histfactory/modifiers/modifier.js";
import { normfactorCase } from "../../src/histfactory/modifiers/normfactor.js";
import { normsysCase } from "../../src/histfactory/modifiers/normsys.js";
import { shapefactorCase } from "../../src/histfactory/modifiers/shapefactor.js";
import { shapesysCase } from "../../src/histfactory/modifiers/shapesys.js";
import { staterrorCase } from "../../src/histfactory/modifiers/staterror.js";
import { additiveCodes, multiplicativeCodes } from "../../src/ops/interp.js";
import type { Draw } from "./randomworkspace.js";

/** How every type is drawn, and what it does in plain numbers. */
export const modifierCases: Readonly<Record<ModifierType, ModifierCase>> = {
  histosys: histosysCase,
  lumi: lumiCase,
  normfactor: normfactorCase,
  normsys: normsysCase,
  shapefactor: shapefactorCase,
  shapesys: shapesysCase,
  staterror: staterrorCase,
};

type PlainModifier = { name: string; type: keyof typeof modifierRecords; data: unknown };
type PlainSample = { name: string; data: number[]; modifiers: PlainModifier[] };
type PlainChannel = { name: string; samples: PlainSample[] };
/** A specification in plain numbers. */
export type Plain = { channels: PlainChannel[]; parameters: ParameterSpec[] };

/** As the library takes it. */
export const asSpec = (plain: Plain) => plain as unknown as Spec;

/** Channels with modifiers of all types; parameters are shared where the records' checks let them. */
export function drawChannels(draw: Draw): Plain {
  const channels = Array.from({ length: 1 + draw.below(3) }, (_, c): PlainChannel => {
    const bins = 1 + draw.below(3);
    return {
      name: `${"zaM"[c]}${c}`,
      samples: Array.from({ length: 1 + draw.below(3) }, (_, s) => ({
        name: `s${s}`,
        data: Array.from({ length: bins }, () => (s > 0 && draw.chance(0.1) ? 0 : draw.between(5, 80))),
        modifiers: [],
      })),
    };
  });
  const spec: Plain = { channels, parameters: [] };
  const misfits = () =>
    modelProblems(spec, { poi: null }).some(
      ({ code }) => code !== "spec.lumi" && code !== "spec.noParameters",
    );
  for (const [c, { samples }] of channels.entries()) {
    for (const [s, { data, modifiers }] of samples.entries()) {
      for (const type of modifierTypes) {
        if (draw.chance(0.4)) continue;
        const { name, family } = modifierRecords[type];
        const { draw: make } = modifierCases[type];
        // Shared by channels and types, by the samples of a channel, or by none: the first that fits.
        const shared = `${family.replaceAll(" ", "_")}_${draw.below(2)}`;
        for (const own of name ? [name.only] : [shared, `${type}_${c}`, `${type}_${c}_${s}`]) {
          modifiers.push({ name: own, type, data: make(data, (low, high) => draw.between(low, high)) });
          if (!misfits()) break;
          modifiers.pop();
        }
      }
      modifiers.sort(() => draw.next() - 0.5);
    }
  }
  return spec;
}

/** What a measurement may say of the parameters of a model, and must where it is needed. */
export function drawParameters(draw: Draw, { parameterSets }: Config): ParameterSpec[] {
  return parameterSets.flatMap(({ name, type, size, constraint, record }) => {
    const { configurable, checkConfiguration } = modifierRecords[type as PlainModifier["type"]];
    const needed = checkConfiguration?.(undefined, "") !== undefined;
    if (!needed && draw.chance(0.7)) return [];
    const each = <T>(f: () => T) => Array.from({ length: size }, f);
    const near = () => record.init + draw.between(-0.2, 0.2);
    const values = {
      inits: () => each(near),
      bounds: () => each(() => [record.bounds[0], draw.between(3, 20)]),
      auxdata: () => each(constraint === "poisson" ? () => draw.between(5, 50) : near),
      factors: () => each(() => draw.between(5, 50)),
      sigmas: () => each(() => draw.between(0.05, 0.3)),
    };
    const said = configurable.filter(() => needed || draw.chance(0.5));
    const fixed = draw.chance(0.2) ? { fixed: draw.chance(0.5) } : {};
    return [{ name, ...Object.fromEntries(said.map((key) => [key, values[key]()])), ...fixed }];
  });
}

export function drawCodes(draw: Draw): Interpcodes {
  return {
    normsys: draw.of(Object.keys(multiplicativeCodes) as (keyof typeof multiplicativeCodes)[]),
    histosys: draw.of(Object.keys(additiveCodes) as (keyof typeof additiveCodes)[]),
  };
}

/** The numbers of a component's constraint, and whether it stays where it is. */
interface Constraint {
  readonly auxdata: number;
  readonly sigmas: number;
  readonly factors: number;
  readonly held: boolean;
}

const byName = <T extends { name: string }>(items: readonly T[]) =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1));

/** The likelihood of a specification in plain numbers. */
export class Reference {
  readonly #spec: Plain;
  readonly #config: Config;
  readonly #codes: Readonly<Record<string, string>>;

  constructor(spec: Plain, config: Config, codes: Interpcodes) {
    this.#spec = spec;
    this.#config = config;
    this.#codes = { ...codes };
  }

  /** The component of a parameter in a bin of a channel. */
  #component({ name, scalar }: ParameterSet, channel: string, bin: number): number {
    return scalar ? 0 : this.#config.paramSet(name).starts.get(channel)! + bin;
  }

  /** Expected events of all bins. */
  expected(pars: ArrayLike<number>): number[] {
    return byName(this.#spec.channels).flatMap(({ name: channel, samples }) =>
      samples
        .map(({ data: nominal, modifiers }) => {
          let [shifted, factors] = [[...nominal], nominal.map(() => 1)];
          for (const { name, type, data } of modifiers) {
            const set = this.#config.paramSet(name);
            const own = nominal.map((_, i) => pars[set.slice[0] + this.#component(set, channel, i)]!);
            const effect = modifierCases[type].reference(data, {
              ...{ nominal, pars: own, code: this.#codes[type]! },
            });
            if ("shifts" in effect) shifted = shifted.map((v, i) => v + effect.shifts[i]!);
            else factors = factors.map((v, i) => v * effect.factors[i]!);
          }
          return shifted.map((v, i) => v * factors[i]!);
        })
        .reduce((a, b) => a.map((v, i) => v + b[i]!)),
    );
  }

  /** Of every component of a parameter. */
  constraints({ name, type, size, user, record }: ParameterSet): Constraint[] {
    return Array.from({ length: size }, (_, k) => {
      const bins = this.#spec.channels.flatMap(({ name: channel, samples }) =>
        samples.flatMap(({ data, modifiers }) =>
          modifiers
            .filter((m) => m.name === name && modifierCases[m.type].referenceConstraint)
            .flatMap((m) =>
              data.flatMap((nominal, i) =>
                this.#component(this.#config.paramSet(name), channel, i) === k
                  ? [{ nominal, uncertainty: (m.data as number[])[i]! }]
                  : [],
              ),
            ),
        ),
      );
      const derived = modifierCases[type as PlainModifier["type"]].referenceConstraint?.(bins);
      const number = (key: ConstraintKey, standard: number) =>
        (user?.[key] as number[] | undefined)?.[k] ?? derived?.[key] ?? standard;
      return {
        auxdata: number("auxdata", record.init),
        sigmas: number("sigmas", 1),
        factors: number("factors", 0),
        held: user?.fixed ?? derived?.valid === false,
      };
    });
  }

  /** Of all constraints, in the order of parameters. */
  get auxdata(): number[] {
    return this.#config.parameterSets
      .filter(({ constraint }) => constraint !== "none")
      .flatMap((set) => this.constraints(set).map(({ auxdata }) => auxdata));
  }

  get held(): boolean[] {
    return this.#config.parameterSets.flatMap((set) => this.constraints(set).map(({ held }) => held));
  }

  logpdf(pars: ArrayLike<number>, data: ArrayLike<number>): number {
    const poisson = (n: number, rate: number) => (n === 0 ? 0 : n * Math.log(rate)) - rate - lgamma(n + 1);
    let sum = this.expected(pars).reduce((total, rate, i) => total + poisson(data[i]!, rate), 0);
    let at = this.#config.nmaindata;
    for (const set of this.#config.parameterSets) {
      if (set.constraint === "none") continue;
      for (const [k, { sigmas, factors }] of this.constraints(set).entries()) {
        const [x, a] = [pars[set.slice[0] + k]!, data[at++]!];
        sum +=
          set.constraint === "poisson"
            ? poisson(a, x * factors)
            : -0.5 * ((a - x) / sigmas) ** 2 - Math.log(sigmas) - 0.5 * Math.log(2 * Math.PI);
      }
    }
    return sum;
  }
}
