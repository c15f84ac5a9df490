// The entries of test/fixtures/pyhf-numbers.json: facts of pyhf, cabinetry, relaxed and others, with their origins.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { HistfactoryOptions } from "../../src/histfactory/histfactory.js";
import type { Spec } from "../../src/histfactory/model/config.js";
import {
  correlatedBackground,
  histfactory,
  type Model,
  readWorkspace,
  uncorrelatedBackground,
  type Workspace,
} from "../../src/index.js";
import { withAuxdata } from "./modelhelp.js";

export interface Entry {
  readonly description: string;
  readonly model: Facts;
  readonly quantity: string;
  readonly expected: number | string | null | Expected;
  readonly tolerance: { readonly rel?: number; readonly abs?: number };
  readonly origin: string;
}
type Expected = readonly (number | readonly number[])[];
type Code = { readonly interpcode: string };

/** What an entry says of its model; each kind has a few of these. */
interface Facts {
  readonly spec?: Spec;
  readonly workspace?: object;
  readonly simplemodel?: string;
  readonly signal?: number[];
  readonly bkg?: number[];
  readonly bkg_uncertainty?: number[];
  readonly bkg_up?: number[];
  readonly bkg_down?: number[];
  readonly poi_name?: string;
  readonly observations?: number[] | Record<string, number[]>;
  readonly data_incl_aux?: number[];
  readonly modifier_settings?: { readonly normsys?: Code; readonly histosys?: Code };
  readonly options?: { readonly clip_bin_data?: number };
  readonly pars?: number[] | Record<string, number | number[]>;
  readonly [fact: string]: unknown;
}

export const entries = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/pyhf-numbers.json"), "utf8"),
) as Entry[];

/** Entries with modifier settings that leave out histosys mean pyhf's code0 there. */
function options({ modifier_settings: settings, options: clip, poi_name: poi }: Facts): HistfactoryOptions {
  const interpcodes = settings && {
    normsys: settings.normsys?.interpcode ?? "code1",
    histosys: settings.histosys?.interpcode ?? "code0",
  };
  return {
    ...(interpcodes ? { interpcodes } : {}),
    ...(poi === undefined ? {} : { poi }),
    ...(clip?.clip_bin_data === undefined ? {} : { clipBinData: clip.clip_bin_data }),
  } as HistfactoryOptions;
}

const pois = (spec: Spec) =>
  spec.channels.flatMap(({ samples }) =>
    samples.flatMap(({ modifiers }) => modifiers.flatMap((m) => (m.type === "normfactor" ? [m.name] : []))),
  );

/** The model of an entry, and its data with the auxiliary ones. */
export function modelOf({ model: facts }: Entry): { model: Model; data: Float64Array } {
  const { spec, workspace, simplemodel, signal, bkg, observations, data_incl_aux: all } = facts;
  const set = options(facts);
  let model: Model;
  if (workspace) {
    const read = readWorkspace(workspace);
    model = read.model(set);
    return { model, data: read.data(model) };
  }
  if (spec) model = histfactory(spec, { poi: pois(spec)[0] ?? null, ...set });
  else if (simplemodel === "correlated_background") {
    model = correlatedBackground(signal!, bkg!, facts.bkg_up!, facts.bkg_down!);
  } else model = uncorrelatedBackground(signal!, bkg!, facts.bkg_uncertainty!);
  if (all) return { model, data: Float64Array.from(all) };
  if (!observations) return { model, data: new Float64Array() };
  const main = Array.isArray(observations)
    ? observations
    : model.config.channels.flatMap((name) => observations[name]!);
  return { model, data: withAuxdata(model, main) };
}

/** Parameters of an entry as a vector. */
export function parsOf({ model: { pars } }: Entry, { config }: Model): Float64Array {
  if (Array.isArray(pars)) return Float64Array.from(pars);
  return Float64Array.from(config.parOrder.flatMap((name) => pars![name]!));
}

const shared = resolve(import.meta.dirname, "../../../shared/data");
export const archive = join(shared, "pyhf/pyhf-ins1748602-probability-models.tar.gz");
export const samples = join(shared, "watts");
export const has = (path: string): boolean => existsSync(path);

let files: Map<string, string> | undefined;

/** A file of the ATLAS sbottom archive (HEPData ins1748602). */
export function published(name: string): string {
  files ??= untar(gunzipSync(readFileSync(archive)));
  return files.get(name)!;
}

export function publishedWorkspace(name: string): Workspace {
  return readWorkspace(published(name));
}

/** Names and texts of a tar file. */
export function untar(bytes: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; bytes[at] !== 0; ) {
    const name = bytes.toString("utf8", at, bytes.indexOf(0, at));
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
    found.set(name, bytes.toString("utf8", at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}
