import { checkOptions } from "../../core/options.js";
import { OptionError } from "../../text/gradcuterror.js";
import type { ModifierSpec } from "../modifiers/index.js";
import { compareText } from "./exactnumber.js";
import { quote, quoteAll, WorkspaceError } from "./specerror.js";
import type { WorkspaceSpec } from "./specs.js";

/** Names to remove; a type removes all modifiers of it. */
export interface Pruning {
  readonly modifiers?: readonly string[] | undefined;
  readonly modifierTypes?: readonly string[] | undefined;
  /** The same by pyhf's name. */
  readonly modifier_types?: readonly string[] | undefined;
  readonly samples?: readonly string[] | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly measurements?: readonly string[] | undefined;
}

/** New names by old ones. */
export interface Renaming {
  readonly modifiers?: Readonly<Record<string, string>> | undefined;
  readonly samples?: Readonly<Record<string, string>> | undefined;
  readonly channels?: Readonly<Record<string, string>> | undefined;
  readonly measurements?: Readonly<Record<string, string>> | undefined;
}

/** The names of a workspace, each once, in the order of Python's sorted. */
export interface Names {
  readonly channels: readonly string[];
  readonly samples: readonly string[];
  /** Pairs of name and type. */
  readonly modifiers: readonly (readonly [name: string, type: string])[];
  readonly measurements: readonly string[];
}

/** All names; those of measurements stay in their order. */
export function namesOf({
  channels,
  measurements = [],
}: Pick<WorkspaceSpec<unknown, unknown>, "channels"> &
  Partial<Pick<WorkspaceSpec<unknown, unknown>, "measurements">>): Names {
  const samples = channels.flatMap((channel) => channel.samples);
  const modifiers = new Map<string, readonly [string, string]>();
  for (const sample of samples) {
    for (const { name, type } of sample.modifiers) modifiers.set(`${type}/${name}`, [name, type]);
  }
  return {
    channels: sortedNames(channels),
    samples: sortedNames(samples),
    modifiers: [...modifiers.values()].sort((a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1])),
    measurements: measurements.map(({ name }) => name),
  };
}

function sortedNames(items: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(items.map(({ name }) => name))].sort(compareText);
}

/**
 * The workspace without these parts. A channel goes with its observation, a modifier with its parameter
 * configurations; a parameter of interest stays named. Throws a WorkspaceError for names it has not, an OptionError for
 * options it does not know and for what is no list.
 */
export function prune<N, V>(workspace: WorkspaceSpec<N, V>, pruning: Pruning): WorkspaceSpec<N, V> {
  const lists = { modifiers: true, samples: true, channels: true, measurements: true } as const;
  checkOptions<Pruning>("prune", pruning, { ...lists, modifierTypes: true, modifier_types: true });
  for (const [option, names] of Object.entries(pruning)) {
    if (names === undefined || (Array.isArray(names) && names.every((name) => typeof name === "string")))
      continue;
    const got =
      typeof names === "string"
        ? `the text ${quote(names)}`
        : Array.isArray(names)
          ? "other things"
          : typeof names;
    throw new OptionError(
      "option.value",
      `'${option}' of 'prune' is a list of names, not ${got}; write ${option}: ["…"]`,
      {
        function: "prune",
        option,
      },
    );
  }
  return edit(workspace, pruning, {});
}

/**
 * The workspace with other names. A channel is renamed with its observation, a modifier with its parameter
 * configurations and as parameter of interest. Throws a WorkspaceError for names it has not.
 */
export function rename<N, V>(workspace: WorkspaceSpec<N, V>, renaming: Renaming): WorkspaceSpec<N, V> {
  const known = { modifiers: true, samples: true, channels: true, measurements: true } as const;
  checkOptions<Renaming>("rename", renaming, known);
  for (const [option, names] of Object.entries(renaming)) {
    if (names === undefined) continue;
    if (
      typeof names === "object" &&
      names !== null &&
      Object.values(names).every((name) => typeof name === "string")
    )
      continue;
    throw new OptionError("option.value", `'${option}' of 'rename' is an object { old: "new" } of texts`, {
      function: "rename",
      option,
    });
  }
  return edit(workspace, {}, renaming);
}

function edit<N, V>(
  workspace: WorkspaceSpec<N, V>,
  pruning: Pruning,
  renaming: Renaming,
): WorkspaceSpec<N, V> {
  const names = namesOf(workspace);
  const modifierNames = names.modifiers.map(([name]) => name);
  const gone = [...(pruning.modifierTypes ?? []), ...(pruning.modifier_types ?? [])];
  known(
    "modifier type",
    gone,
    names.modifiers.map(([, type]) => type),
  );
  const modifiers = part("modifier", pruning.modifiers, renaming.modifiers, modifierNames);
  const samples = part("sample", pruning.samples, renaming.samples, names.samples);
  const channels = part("channel", pruning.channels, renaming.channels, names.channels);
  const measurements = part("measurement", pruning.measurements, renaming.measurements, names.measurements);
  const types = new Set<string>(gone);

  return {
    channels: channels.of(workspace.channels).map((channel) => ({
      name: channel.name,
      samples: samples.of(channel.samples).map((sample) => ({
        name: sample.name,
        data: sample.data,
        modifiers: modifiers
          .of<ModifierSpec<N, V>>(sample.modifiers)
          .filter((modifier) => !types.has(modifier.type)),
      })),
    })),
    measurements: measurements.of(workspace.measurements).map(({ name, config }) => ({
      name,
      config: { parameters: modifiers.of(config.parameters), poi: modifiers.name(config.poi) },
    })),
    observations: channels.of(workspace.observations),
    version: workspace.version,
  };
}

/** Removes and renames things of one kind. */
interface Part {
  of<T extends { readonly name: string }>(items: readonly T[]): T[];
  name(old: string): string;
}

function part(
  what: string,
  pruned: readonly string[] = [],
  renamed: Readonly<Record<string, string>> = {},
  existing: readonly string[],
): Part {
  known(what, [...pruned, ...Object.keys(renamed)], existing);
  const gone = new Set(pruned);
  const name = (old: string) => (Object.hasOwn(renamed, old) ? renamed[old]! : old);
  return {
    name,
    of: (items) =>
      items.filter((item) => !gone.has(item.name)).map((item) => ({ ...item, name: name(item.name) })),
  };
}

function known(what: string, wanted: readonly string[] = [], existing: readonly string[]): void {
  const all = new Set(existing);
  const name = wanted.find((one) => !all.has(one));
  if (name === undefined) return;
  const sentence = `The workspace has no ${what} ${quote(name)}; it has ${quoteAll([...all]) || "none"}.`;
  throw new WorkspaceError("workspace.unknownName", sentence, { what, name });
}

/** The workspace with channels, samples, modifiers, measurements, parameters and observations by name. */
export function sorted<N, V>(workspace: WorkspaceSpec<N, V>): WorkspaceSpec<N, V> {
  return {
    ...workspace,
    channels: byName(workspace.channels).map((channel) => ({
      ...channel,
      samples: byName(channel.samples).map((sample) => ({
        ...sample,
        modifiers: [...sample.modifiers].sort(
          (a, b) => compareText(a.name, b.name) || compareText(a.type, b.type),
        ),
      })),
    })),
    measurements: byName(workspace.measurements).map((measurement) => ({
      ...measurement,
      config: { ...measurement.config, parameters: byName(measurement.config.parameters) },
    })),
    observations: byName(workspace.observations),
  };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compareText(a.name, b.name));
}
