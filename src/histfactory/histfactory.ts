import { OptionError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { Tensor } from "../core/tensor.js";
import { additiveCodes, multiplicativeCodes } from "../ops/interp.js";
import { type Bins, Config, type Num, type Spec } from "./config.js";
import { type CustomModifier, kindOf } from "./custom.js";
import { quote, SpecError } from "./errors.js";
import { Model, type ModelSettings } from "./model.js";
import { histosys, normfactor, shapesys } from "./modifiers.js";
import { validateModel } from "./rules.js";
import { tables } from "./tables.js";

/** Parameter of interest, settings and checks of a model, as of pyhf's `Model`. */
export interface HistfactoryOptions {
  /** Name of the parameter of interest; null for none. Default "mu". */
  readonly poi?: string | null | undefined;
  /** pyhf's modifier settings; "code2c" is code2 made continuous at ±1. Defaults code4 and code4p. */
  readonly interpcodes?: Partial<ModelSettings["interpcodes"]> | undefined;
  /** The same as pyhf writes it. */
  readonly modifier_settings?:
    | {
        readonly [T in keyof ModelSettings["interpcodes"]]?: {
          readonly interpcode: ModelSettings["interpcodes"][T];
        };
      }
    | undefined;
  /** Least expected events of each sample's bins, and of each bin. Default: no limit. */
  readonly clipSampleData?: number | null | undefined;
  readonly clipBinData?: number | null | undefined;
  /** Types of modifiers of one's own, by name. */
  readonly modifiers?: Readonly<Record<string, CustomModifier>> | undefined;
  /** Whether the specification is checked. Default true; trust what has been. */
  readonly validate?: boolean | undefined;
}

/** The names of all options of a model. */
export const histfactoryOptions = {
  poi: true,
  interpcodes: true,
  modifier_settings: true,
  clipSampleData: true,
  clipBinData: true,
  modifiers: true,
  validate: true,
} as const;

/**
 * A HistFactory model from a specification, pyhf's `Model`: channels of samples with modifiers. Inside a traced
 * function every number of it may be a tensor. Throws a SpecError that lists what is wrong, with JSON paths, or that
 * names the interpolation codes there are.
 */
export function histfactory(spec: Spec, options: HistfactoryOptions = {}): Model {
  checkOptions<HistfactoryOptions>("histfactory", options, histfactoryOptions);
  if (options.interpcodes)
    checkOptions("interpcodes", options.interpcodes, { normsys: true, histosys: true });
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
  const { normsys = "code4", histosys: shape = "code4p" } = interpcodesOf(options);
  checkCode("normsys", normsys, multiplicativeCodes, options);
  checkCode("histosys", shape, additiveCodes, options);
  const settings: ModelSettings = {
    interpcodes: { normsys, histosys: shape },
    clipSampleData: options.clipSampleData ?? null,
    clipBinData: options.clipBinData ?? null,
  };
  return new Model(config, structure, values, settings, uses);
}

/** The codes by either name of the option. */
function interpcodesOf({ interpcodes, modifier_settings: theirs }: HistfactoryOptions) {
  if (theirs === undefined) return interpcodes ?? {};
  const known = { normsys: true, histosys: true } as const;
  checkOptions("modifier_settings", theirs, known);
  const codes: Record<string, string> = {};
  for (const [type, settings] of Object.entries(theirs)) {
    checkOptions<{ interpcode: string }>(`modifier_settings.${type}`, settings, { interpcode: true });
    if (settings?.interpcode !== undefined) codes[type] = settings.interpcode;
  }
  if (interpcodes === undefined) return codes as NonNullable<HistfactoryOptions["interpcodes"]>;
  throw new OptionError(
    "option.value",
    "'histfactory' got both interpcodes and modifier_settings, which say the same; give one of them",
    { function: "histfactory" },
  );
}

function checkCode(type: string, got: string, codes: object, options: HistfactoryOptions): void {
  if (Object.keys(codes).includes(got)) return;
  throw new SpecError([
    {
      code: "spec.value",
      path: options.modifier_settings ? `modifier_settings.${type}.interpcode` : `interpcodes.${type}`,
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
