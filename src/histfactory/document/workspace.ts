import { checkOptions, type Known } from "../../core/options.js";
import { checkModelKinds, type HistfactoryOptions, histfactory, histfactoryOptions } from "../histfactory.js";
import type { Model } from "../model/model.js";
import { digest } from "./digest.js";
import { type Names, namesOf, type Pruning, prune, type Renaming, rename, sorted } from "./edit.js";
import { type Exact, numberValue } from "./exactnumber.js";
import { checkModel, checkPatches, checkWorkspace } from "./given.js";
import type { HashName } from "./hash.js";
import { type Inspection, inspect } from "./inspection.js";
import { type CombineOptions, combine } from "./joinworkspaces.js";
import { type Json, jsonOf, readJson } from "./json.js";
import { applyPatch } from "./jsonpatch.js";
import { checkNames, type ModelRules, validateModel, validateObservations } from "./modelrules.js";
import { describe, Report } from "./problems.js";
import { validate } from "./schemas.js";
import { quote, quoteAll, WorkspaceError } from "./specerror.js";
import type { ChannelSpec, MeasurementSpec, ModelSpec, PatchOperation, WorkspaceSpec } from "./specs.js";
import { fromObject, plain, type WriteOptions, writeJson } from "./writejson.js";

/** A workspace as it was written: whole numbers keep whether they are ints or floats. */
export type WorkspaceDocument = WorkspaceSpec<Exact>;

/** Which model is made of a workspace. */
export interface ModelOptions extends Pick<ModelRules, "modifiers" | "refuseNegative"> {
  /** Name or index of the measurement. Default: the first. */
  readonly measurement?: string | number | undefined;
  /** Instead of the measurement's; null or "" for none. */
  readonly poi?: string | null | undefined;
  /** JSON patches of `{channels, parameters}`, as read by `readPatch`, applied in order. */
  readonly patches?: readonly (readonly PatchOperation<Json>[])[] | undefined;
}

const modelOptions: Known<ModelOptions> = {
  ...{ measurement: true, poi: true, patches: true },
  ...{ modifiers: true, refuseNegative: true },
};

/** What a model is built from, checked. */
export interface ModelInput {
  readonly spec: ModelSpec;
  /** The parameter of interest, or null for none. */
  readonly poi: string | null;
  /** The measurement's name. */
  readonly measurement: string;
}

/** Which data are taken of a workspace. */
export interface DataOptions extends Pick<ModelRules, "refuseNegative"> {
  /** Those of a model; default all of the workspace. */
  readonly channels?: readonly ChannelSpec<unknown, unknown>[] | undefined;
}

/** What is taken for a workspace. */
export interface ReadOptions {
  /** Further modifier types (custom ones). */
  readonly modifiers?: readonly string[] | undefined;
}

/**
 * A workspace from JSON text or from a JavaScript object (typed arrays welcome). Text keeps what
 * digests depend on, `1.0` apart from `1`; an object has only its numbers.
 *
 * Throws a SpecError that lists what breaks the schema, with JSON paths. Whether a model can be built is
 * checked by {@link Workspace.model}.
 */
export function readWorkspace(source: unknown, options: ReadOptions = {}): Workspace {
  checkOptions<ReadOptions>("readWorkspace", options, { modifiers: true });
  const document = typeof source === "string" ? readJson(source) : fromObject(source);
  return new Workspace(document, options);
}

/** Models, data and measurements (a pyhf workspace). Nothing changes it; operations return new ones. */
export class Workspace {
  /** The JSON document. */
  readonly document: WorkspaceDocument;
  readonly #options: ReadOptions;
  #cached: WorkspaceSpec | undefined;
  #cachedNames: Names | undefined;

  /** Of a document of {@link readWorkspace}'s; the same errors. */
  constructor(document: unknown, options: ReadOptions = {}) {
    checkOptions("Workspace", options, { modifiers: true });
    validate("workspace", document, options);
    const report = new Report();
    report.within("channels", () => checkNames(document.channels, report));
    report.settle();
    this.document = document;
    this.#options = options;
  }

  /** The document with plain numbers. */
  get spec(): WorkspaceSpec {
    this.#cached ??= plain(jsonOf(this.document)) as WorkspaceSpec;
    return this.#cached;
  }

  /** All names, each once; but for measurements, sorted. */
  get names(): Names {
    this.#cachedNames ??= namesOf(this.document);
    return this.#cachedNames;
  }

  /** The channels' names, sorted: the order of models and data. */
  get channels(): readonly string[] {
    return this.names.channels;
  }

  get samples(): readonly string[] {
    return this.names.samples;
  }

  /** A measurement by name or index; the first without. Throws a WorkspaceError if there is none. */
  measurement(which: string | number = 0): MeasurementSpec {
    const { measurements } = this.spec;
    const found =
      typeof which === "number" ? measurements[which] : measurements.find(({ name }) => name === which);
    if (found !== undefined) return found;
    const names = measurements.map(({ name }) => name);
    const wanted =
      typeof which === "number"
        ? `number ${which}`
        : typeof which === "string"
          ? quote(which)
          : describe(which);
    throw new WorkspaceError(
      "workspace.measurement",
      `The workspace has no measurement ${wanted}; it has ${quoteAll(names)}${names.length > 1 ? ` (numbers 0 to ${names.length - 1})` : " alone"}.`,
      { measurement: which, names },
    );
  }

  /**
   * Channels and parameters of a measurement, patched and checked: what a model is built from. Throws a
   * SpecError that lists why none can be built, a PatchError, or a WorkspaceError.
   */
  modelInput(options: ModelOptions = {}): ModelInput {
    checkOptions("modelInput", options, modelOptions);
    const { name, config } = this.measurement(options.measurement);
    const poi = (options.poi === undefined ? config.poi : options.poi) || null;
    const modifiers = options.modifiers ?? this.#options.modifiers;
    const place = this.spec.measurements.findIndex((measurement) => measurement.config === config);
    const patched = this.#patched(place, options.patches ?? [], modifiers);
    const spec = patched ?? { channels: this.spec.channels, parameters: config.parameters };
    const inside = ["measurements", place, "config"];
    const at = {
      // A patched model is a document of its own, and so has its own paths.
      parameters: patched === undefined ? [...inside, "parameters"] : ["parameters"],
      poi: options.poi === undefined ? [...inside, "poi"] : [],
    };
    validateModel(spec, { ...options, modifiers, poi, at });
    return { spec, poi, measurement: name };
  }

  /** The model of a measurement, patched and checked; errors as {@link modelInput}. */
  model(options: Omit<ModelOptions, "modifiers"> & HistfactoryOptions = {}): Model {
    const { measurement, patches, refuseNegative, ...rest } = options;
    const known = { measurement: true, patches: true, refuseNegative: true } as const;
    checkOptions<typeof options>("model", options, { ...known, ...histfactoryOptions });
    checkModelKinds("model", options);
    const modifiers = options.modifiers && Object.keys(options.modifiers);
    const { spec, poi } = this.modelInput({
      measurement,
      patches,
      refuseNegative,
      modifiers,
      poi: options.poi,
    });
    return histfactory(spec, { ...rest, poi, validate: false });
  }

  #patched(
    measurement: number,
    patches: NonNullable<ModelOptions["patches"]>,
    modifiers: readonly string[] | undefined,
  ): ModelSpec | undefined {
    checkPatches("model", patches);
    if (patches.length === 0) return undefined;
    const { measurements, channels } = this.document;
    const { parameters } = measurements[measurement]!.config;
    const before = jsonOf({ channels, parameters });
    const after = patches.reduce((document, patch) => applyPatch(document, patch), before);
    validate("model", after, { modifiers });
    return plain(jsonOf(after)) as ModelSpec;
  }

  /**
   * The observed data of the channels in order of names, one after the other; for a patched model, of its
   * channels. Throws a SpecError if a channel has no observation or one of another length.
   */
  observed(options: DataOptions = {}): number[] {
    checkOptions("observed", options, { channels: true, refuseNegative: true });
    const { channels = this.document.channels, refuseNegative } = options;
    const { observations } = this.document;
    validateObservations(channels, observations, { refuseNegative });
    const byName = new Map(observations.map(({ name, data }) => [name, data]));
    return namesOf({ channels }).channels.flatMap((name) => byName.get(name)!.map(numberValue));
  }

  /**
   * The data of a model of this workspace: what was observed in its channels, and its auxiliary data unless told
   * otherwise. Errors as {@link observed}.
   */
  data(
    model: Model,
    options: { includeAuxdata?: boolean } & Pick<DataOptions, "refuseNegative"> = {},
  ): Float64Array {
    checkOptions("data", options, { includeAuxdata: true, refuseNegative: true });
    const { includeAuxdata = true, refuseNegative } = options;
    checkModel("data", model);
    const channels = model.config.places.map(({ channel }) => channel);
    const main = this.observed({ channels: [...new Set(channels)], refuseNegative });
    return Float64Array.from(includeAuxdata ? [...main, ...model.suggestedAuxdata()] : main);
  }

  /** See {@link prune}. */
  prune(pruning: Pruning): Workspace {
    return new Workspace(prune(this.document, pruning), this.#options);
  }

  /** See {@link rename}. */
  rename(renaming: Renaming): Workspace {
    checkOptions("rename", renaming, { modifiers: true, samples: true, channels: true, measurements: true });
    return new Workspace(rename(this.document, renaming), this.#options);
  }

  /** With another one; see {@link combine}. */
  combine(right: Workspace, options: CombineOptions = {}): Workspace {
    checkOptions("combine", options, { join: true, mergeChannels: true });
    checkWorkspace("combine", right);
    return new Workspace(combine(this.document, right.document, options), this.#options);
  }

  /** Everything in order of names. */
  sorted(): Workspace {
    return new Workspace(sorted(this.document), this.#options);
  }

  /** pyhf's digest; see {@link digest}. */
  digest(algorithm: HashName = "sha256"): string {
    return digest(this.document, algorithm);
  }

  /** The JSON text as pyhf writes it: sorted keys, ASCII, and 4 spaces unless told otherwise. */
  write(options: WriteOptions = {}): string {
    checkOptions("write", options, { indent: true, ascii: true });
    return writeJson(this.document, { indent: 4, ...options });
  }

  /**
   * What `pyhf inspect` says. Throws a SpecError if the first measurement's model cannot be built; unlike
   * pyhf, the parameter of interest may be missing, as it is in background-only workspaces.
   */
  inspect(): Inspection {
    this.modelInput({ poi: null });
    return inspect(this.document);
  }
}
