import { Tensor } from "../core/tensor.js";
import { additiveCodes, multiplicativeCodes } from "../ops/interp.js";
import { type Bins, Config, type Num, type Spec } from "./config.js";
import { type CustomModifier, kindOf } from "./custom.js";
import { quote, SpecError } from "./errors.js";
import { Model, type ModelSettings } from "./model.js";
import { histosys, normfactor, shapesys } from "./modifiers.js";
import { validateModel } from "./rules.js";
import { tables } from "./tables.js";

export interface HistfactoryOptions {
  /** Name of the parameter of interest; null for none. Default "mu". */
  readonly poi?: string | null | undefined;
  /** pyhf's modifier settings; "code2c" is code2 made continuous at ±1. Defaults code4 and code4p. */
  readonly interpcodes?: Partial<ModelSettings["interpcodes"]> | undefined;
  /** Least expected events of each sample's bins, and of each bin. Default: no limit. */
  readonly clipSampleData?: number | null | undefined;
  readonly clipBinData?: number | null | undefined;
  /** Types of modifiers of one's own, by name. */
  readonly modifiers?: Readonly<Record<string, CustomModifier>> | undefined;
  /** Whether the specification is checked. Default true; trust what has been. */
  readonly validate?: boolean | undefined;
}

/**
 * A HistFactory model from a specification, pyhf's `Model`: channels of samples with modifiers. Inside a traced
 * function every number of it may be a tensor. Throws a SpecError that lists what is wrong, with JSON paths, or that
 * names the interpolation codes there are.
 */
export function histfactory(spec: Spec, options: HistfactoryOptions = {}): Model {
  const poi = options.poi === undefined ? "mu" : options.poi || null;
  if (options.validate !== false) {
    validateModel(spec, {
      poi,
      modifiers: Object.keys(options.modifiers ?? {}),
      scalar: (value) => value instanceof Tensor && value.size === 1,
      vector: (value) =>
        value instanceof Tensor || value instanceof Float64Array ? sizeOf(value) : undefined,
    });
  }
  const custom = options.modifiers ?? {};
  const kinds = new Map(Object.entries(custom).map(([type, modifier]) => [type, kindOf(modifier)]));
  const config = new Config(spec, poi, kinds);
  const { tables: structure, values, uses } = tables(config, custom);
  const { normsys = "code4", histosys: shape = "code4p" } = options.interpcodes ?? {};
  checkCode("normsys", normsys, multiplicativeCodes);
  checkCode("histosys", shape, additiveCodes);
  const settings: ModelSettings = {
    interpcodes: { normsys, histosys: shape },
    clipSampleData: options.clipSampleData ?? null,
    clipBinData: options.clipBinData ?? null,
  };
  return new Model(config, structure, values, settings, uses);
}

function checkCode(type: string, got: string, codes: object): void {
  if (Object.keys(codes).includes(got)) return;
  throw new SpecError([
    {
      code: "spec.value",
      path: `interpcodes.${type}`,
      expected: Object.keys(codes).join(", "),
      got: quote(String(got)),
      remedy: "choose one of these codes",
    },
  ]);
}

const sizeOf = (bins: Tensor | Float64Array) => (bins instanceof Tensor ? bins.size : bins.length);

/** pyhf's simple model: signal over a background with an uncertainty of its own in each bin. */
export function uncorrelatedBackground(signal: Bins, bkg: Bins, bkgUncertainty: Bins): Model {
  return histfactory({
    channels: [
      {
        name: "singlechannel",
        samples: [
          { name: "signal", data: signal, modifiers: [normfactor("mu")] },
          {
            name: "background",
            data: bkg,
            modifiers: [shapesys("uncorr_bkguncrt", bkgUncertainty)],
          },
        ],
      },
    ],
  });
}

/** pyhf's simple model: signal over a background with one variation of all bins. */
export function correlatedBackground(signal: Bins, bkg: Bins, bkgUp: Bins, bkgDown: Bins): Model {
  return histfactory({
    channels: [
      {
        name: "single_channel",
        samples: [
          { name: "signal", data: signal, modifiers: [normfactor("mu")] },
          {
            name: "background",
            data: bkg,
            modifiers: [histosys("correlated_bkg_uncertainty", bkgUp, bkgDown)],
          },
        ],
      },
    ],
  });
}

export type { Bins, Num, Spec };
