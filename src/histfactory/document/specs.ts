import type { ModifierSpec } from "../modifiers/index.js";

/**
 * The types of pyhf's JSON, schema 1.0.0.
 *
 * `N` is a number, `V` a vector of bins. Documents have plain numbers (or {@link Exact} ones, when read from
 * text); a model built in a traced function may have tensors for both.
 */

export interface SampleSpec<N = number, V = readonly N[]> {
  readonly name: string;
  /** Expected events of each bin. */
  readonly data: V;
  readonly modifiers: readonly ModifierSpec<N, V>[];
}

/** Bins that are counted together, and the samples that events in them come from. */
export interface ChannelSpec<N = number, V = readonly N[]> {
  readonly name: string;
  readonly samples: readonly SampleSpec<N, V>[];
}

/** What a measurement says of a parameter, instead of the defaults of its modifier. */
export interface ParameterSpec<N = number, V = readonly N[]> {
  readonly name: string;
  readonly inits?: V;
  /** Lower and upper bound of each component. */
  readonly bounds?: readonly (readonly N[])[];
  readonly auxdata?: V;
  readonly factors?: V;
  readonly sigmas?: V;
  readonly fixed?: boolean;
}

/** A parameter of interest, and what is known of the parameters. */
export interface MeasurementSpec<N = number, V = readonly N[]> {
  readonly name: string;
  readonly config: {
    /** The parameter of interest; empty for none. */
    readonly poi: string;
    readonly parameters: readonly ParameterSpec<N, V>[];
  };
}

/** The observed counts of a channel. */
export interface ObservationSpec<V = readonly number[]> {
  /** Of a channel. */
  readonly name: string;
  readonly data: V;
}

/** What a model is built from. */
export interface ModelSpec<N = number, V = readonly N[]> {
  readonly channels: readonly ChannelSpec<N, V>[];
  readonly parameters?: readonly ParameterSpec<N, V>[];
}

/** Models, data and measurements: a pyhf workspace. */
export interface WorkspaceSpec<N = number, V = readonly N[]> {
  readonly channels: readonly ChannelSpec<N, V>[];
  readonly measurements: readonly MeasurementSpec<N, V>[];
  readonly observations: readonly ObservationSpec<V>[];
  readonly version: "1.0.0";
}

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation<J = unknown> =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: J }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

/** A named patch of a patch set, with the values of the set's labels. */
export interface PatchSpec<N = number, J = unknown> {
  readonly metadata: { readonly name: string; readonly values: readonly (N | string)[] };
  readonly patch: readonly PatchOperation<J>[];
}

/** Patches for one workspace, which the digests tell. */
export interface PatchSetSpec<N = number, J = unknown> {
  readonly metadata: {
    readonly references: { readonly hepdata?: string };
    readonly digests: { readonly md5?: string; readonly sha256?: string };
    readonly labels: readonly string[];
    readonly description: string;
  };
  readonly patches: readonly PatchSpec<N, J>[];
  readonly version: "1.0.0";
}
