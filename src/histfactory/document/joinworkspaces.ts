import { checkOptions } from "../../core/options.js";
import { sameJson } from "./samejson.js";
import { quote, quoteAll, WorkspaceError } from "./specerror.js";
import type { ChannelSpec, MeasurementSpec, ParameterSpec, WorkspaceSpec } from "./specs.js";

/**
 * What happens to a name that both workspaces have: `none` refuses it; `outer` allows it if both say the same
 * (measurements are merged); `left outer` and `right outer` keep that side's, whatever the other says.
 */
export type Join = "none" | "outer" | "left outer" | "right outer";

export const joins: readonly Join[] = ["none", "outer", "left outer", "right outer"];

export interface CombineOptions {
  /** Default "none". */
  readonly join?: Join | undefined;
  /** Whether channels of one name are merged sample by sample; not with join "none". */
  readonly mergeChannels?: boolean | undefined;
}

/**
 * Two workspaces in one, as pyhf combines them. Modifiers of one name are then one parameter.
 *
 * Throws a WorkspaceError: workspace.join for options that do not go together, workspace.conflict for names
 * that the join does not allow.
 */
export function combine<N, V>(
  left: WorkspaceSpec<N, V>,
  right: WorkspaceSpec<N, V>,
  options: CombineOptions = {},
): WorkspaceSpec<N, V> {
  checkOptions<CombineOptions>("combine", options, { join: true, mergeChannels: true });
  const { join = "none", mergeChannels = false } = options;
  if (!joins.includes(join)) {
    throw new WorkspaceError("workspace.join", `The join is one of ${quoteAll(joins)}, not ${quote(join)}.`, {
      join,
    });
  }
  if (mergeChannels && join === "none") {
    throw new WorkspaceError(
      "workspace.join",
      'Channels are merged only with the joins "outer", "left outer" and "right outer", not with "none".',
      { join },
    );
  }
  const channels = items(join, left.channels, right.channels, mergeChannels ? mergeSamples : undefined);
  agree("channels", join, left.channels, right.channels, channels);
  const observations = items(join, left.observations, right.observations);
  agree("observations", join, left.observations, right.observations, observations);
  const measurements = items(join, left.measurements, right.measurements);
  if (join === "none") agree("measurements", join, left.measurements, right.measurements, measurements);
  return {
    channels,
    observations,
    measurements: join === "outer" ? mergeMeasurements(measurements) : measurements,
    version: left.version,
  };
}

interface Named {
  readonly name: string;
}

/** The items of both, as the join has it; items of one name are merged if there is a way to. */
function items<T extends Named>(
  join: Join,
  left: readonly T[],
  right: readonly T[],
  merge?: (primary: T, secondary: T) => T,
): T[] {
  const [primary, secondary] = join === "right outer" ? [right, left] : [left, right];
  const places = placesOf(primary);
  placesOf(secondary);
  const joined = [...primary];
  for (const item of secondary) {
    const at = places.get(item.name);
    if (at === undefined) joined.push(item);
    else if (merge !== undefined) joined[at] = merge(primary[at]!, item);
    else if (join === "none" || (join === "outer" && !sameJson(primary[at], item))) joined.push(item);
  }
  return joined;
}

/** Indices by name; a name may stand only once in one workspace. */
function placesOf(named: readonly Named[]): Map<string, number> {
  const places = new Map(named.map(({ name }, i) => [name, i]));
  if (places.size === named.length) return places;
  const [first] = repeated(named);
  throw new WorkspaceError(
    "workspace.conflict",
    `One of the workspaces has the name ${quote(first!.name)} twice in one list; rename or remove one of them.`,
    { names: [first!.name] },
  );
}

function mergeSamples<N, V>(primary: ChannelSpec<N, V>, secondary: ChannelSpec<N, V>): ChannelSpec<N, V> {
  return { ...primary, samples: items("left outer", primary.samples, secondary.samples) };
}

/** Refuses names in both (none), or in both with another content (outer). */
function agree(
  what: string,
  join: Join,
  left: readonly Named[],
  right: readonly Named[],
  joined: readonly Named[],
): void {
  if (join !== "none" && join !== "outer") return;
  const names = new Set(left.map(({ name }) => name));
  const common = join === "none" ? right.filter(({ name }) => names.has(name)) : repeated(joined);
  if (common.length === 0) return;
  const shown = [...new Set(common.map(({ name }) => name))];
  const how = join === "none" ? "" : " with different content";
  throw new WorkspaceError(
    "workspace.conflict",
    `Both workspaces have ${what} ${quoteAll(shown)}${how}; rename them, or try another join (${quoteAll(joins)}).`,
    { what, names: shown, join },
  );
}

function repeated<T extends Named>(joined: readonly T[]): T[] {
  const seen = new Set<string>();
  return joined.filter(({ name }) => seen.size === seen.add(name).size);
}

function mergeMeasurements<N, V>(joined: readonly MeasurementSpec<N, V>[]): MeasurementSpec<N, V>[] {
  const groups = new Map<string, MeasurementSpec<N, V>[]>();
  for (const measurement of joined) {
    const group = groups.get(measurement.name);
    if (group === undefined) groups.set(measurement.name, [measurement]);
    else group.push(measurement);
  }
  const differ = [...groups]
    .filter(([, group]) => new Set(group.map(({ config }) => config.poi)).size > 1)
    .map(([name]) => name);
  if (differ.length > 0) {
    throw new WorkspaceError(
      "workspace.conflict",
      `The workspaces have measurements ${quoteAll(differ)} with different parameters of interest; rename the measurements.`,
      { what: "measurements", names: differ, join: "outer" },
    );
  }
  return [...groups.values()].map((group) =>
    group.reduce((merged, measurement) => ({
      name: merged.name,
      config: { poi: merged.config.poi, parameters: mergeParameters(merged, measurement) },
    })),
  );
}

function mergeParameters<N, V>(
  left: MeasurementSpec<N, V>,
  right: MeasurementSpec<N, V>,
): readonly ParameterSpec<N, V>[] {
  const joined = items("outer", left.config.parameters, right.config.parameters);
  const differ = [...new Set(repeated(joined).map(({ name }) => name))];
  if (differ.length === 0) return joined;
  throw new WorkspaceError(
    "workspace.conflict",
    `The workspaces have a measurement ${quote(left.name)} with different configurations of the parameters ${quoteAll(differ)}; make them equal, or try another join (${quoteAll(joins)}).`,
    { what: "parameters", names: differ, measurement: left.name, join: "outer" },
  );
}
