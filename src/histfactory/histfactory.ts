import {
  aText,
  checkArguments,
  either,
  finite,
  flag,
  nothing as isNull,
  optional,
  record,
} from "../core/graph/arguments.js";
import { Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import { OptionError } from "../text/gradcuterror.js";
import { validateModel } from "./document/modelrules.js";
import { quote, SpecError } from "./document/specerror.js";
import { type Bins, Config, type Num, type Spec } from "./model/config.js";
import { type CustomModifier, kindOf } from "./model/custommodifier.js";
import { Model, type ModelSettings } from "./model/model.js";
import { tables } from "./model/modelrows.js";
import {
  histosys,
  type Interpcodes,
  interpolated,
  modifierRecords,
  normfactor,
  shapesys,
} from "./modifiers/index.js";

/** Parameter of interest, settings and checks of a model, as of pyhf's `Model`. */
export interface HistfactoryOptions {
  /** Name of the parameter of interest; null for none. Default "mu". */
  readonly poi?: string | null | undefined;
  /** pyhf's modifier settings; "code2c" is code2 made continuous at ±1. Defaults code4 and code4p. */
  readonly interpcodes?: Partial<Interpcodes> | undefined;
  /** The same as pyhf writes it. */
  readonly modifier_settings?:
    | { readonly [T in keyof Interpcodes]?: { readonly interpcode: Interpcodes[T] } }
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

const limit = /*#__PURE__*/ either(finite, isNull);

/** An OptionError unless options are of their kinds: what is none of these would not be seen. */
export function checkModelKinds(name: string, options: HistfactoryOptions): void {
  const { poi, clipSampleData, clipBinData, modifiers, validate } = options;
  checkArguments(name, {
    poi: [poi, optional(either(aText, isNull))],
    clipSampleData: [clipSampleData, optional(limit)],
    clipBinData: [clipBinData, optional(limit)],
    modifiers: [modifiers, optional(record)],
    validate: [validate, optional(flag)],
  });
}

/**
 * A HistFactory model from a specification, pyhf's `Model`: channels of samples with modifiers. Inside a traced
 * function every number of it may be a tensor. Throws a SpecError that lists what is wrong, with JSON paths, or that
 * names the interpolation codes there are.
 */
export function histfactory(spec: Spec, options: HistfactoryOptions = {}): Model {
  checkOptions<HistfactoryOptions>("histfactory", options, histfactoryOptions);
  checkModelKinds("histfactory", options);
  const interpcodes = interpcodesOf(options);
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
  const kinds = new Map(Object.entries(custom).map(([type, modifier]) => [type, kindOf(type, modifier)]));
  const config = new Config(spec, poi, kinds);
  const { tables: structure, values, uses } = tables(config);
  const settings: ModelSettings = {
    interpcodes,
    clipSampleData: options.clipSampleData ?? null,
    clipBinData: options.clipBinData ?? null,
  };
  return new Model(config, structure, values, settings, uses);
}

/** The code of each type that interpolates, by either name of the option. */
function interpcodesOf(options: HistfactoryOptions): Interpcodes {
  const given = givenCodes(options);
  const codes = interpolated.map((type) => {
    const { codes, standard } = modifierRecords[type].interpolation!;
    const code = given[type] ?? standard;
    if (!Object.hasOwn(codes, code)) throw unknownCode(type, code, Object.keys(codes), options);
    return [type, code] as const;
  });
  return Object.fromEntries(codes) as unknown as Interpcodes;
}

function givenCodes({ interpcodes, modifier_settings: theirs }: HistfactoryOptions) {
  const known = Object.fromEntries(interpolated.map((type) => [type, true as const]));
  const codes: Partial<Record<keyof Interpcodes, string>> = {};
  if (interpcodes !== undefined) {
    checkOptions<Record<string, unknown>>("interpcodes", interpcodes, known);
    if (theirs === undefined) return interpcodes;
  } else if (theirs === undefined) return codes;
  checkOptions<Record<string, unknown>>("modifier_settings", theirs, known);
  for (const type of interpolated) {
    const settings = theirs[type];
    if (settings === undefined) continue;
    checkOptions<{ interpcode: string }>(`modifier_settings.${type}`, settings, { interpcode: true });
    codes[type] = settings?.interpcode;
  }
  if (interpcodes === undefined) return codes;
  throw new OptionError(
    "option.value",
    "'histfactory' got both interpcodes and modifier_settings, which say the same; give one of them",
    { function: "histfactory" },
  );
}

function unknownCode(
  type: string,
  got: unknown,
  codes: readonly string[],
  options: HistfactoryOptions,
): SpecError {
  return new SpecError([
    {
      code: "spec.value",
      path: options.modifier_settings ? `modifier_settings.${type}.interpcode` : `interpcodes.${type}`,
      expected: codes.join(", "),
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
