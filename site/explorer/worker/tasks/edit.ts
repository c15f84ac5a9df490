import type { Workspace } from "gradcut/stats";
import { type Kind, kinds, type Recipe } from "../../documents/recipes.js";
import { task } from "../task.js";

/** How much is in a workspace. */
export interface Counts {
  readonly channels: number;
  readonly bins: number;
  readonly samples: number;
  readonly modifiers: number;
  readonly parameters: number;
  readonly measurements: number;
}

/** A sample of a channel, and how many of its modifiers are left; null where it goes itself. */
export interface CellLeft {
  readonly channel: string;
  readonly sample: string;
  readonly modifiers: number;
  readonly left: number | null;
}

/** What a recipe makes. */
export interface Edited {
  readonly before: Counts;
  /** Of the second workspace. */
  readonly second: Counts | null;
  /** Null where no model can be built of it. */
  readonly after: Counts | null;
  readonly problem: string | null;
  /** Before renaming, of the first workspace. */
  readonly cells: readonly CellLeft[];
  /** Names that both workspaces have, those of the first as they are then. */
  readonly common: Readonly<Record<Kind, readonly string[]>>;
  /** Measurements whose parameter of interest nothing depends on. */
  readonly without: readonly (readonly [measurement: string, poi: string])[];
  readonly digest: string | null;
  /** The document, where it was asked for. */
  readonly text: string | null;
}

function countsOf(workspace: Workspace): Counts {
  const { names } = workspace;
  // A model of the whole, whose parameter of interest may be one that went.
  const { config } = workspace.model({ poi: null });
  return {
    channels: names.channels.length,
    bins: config.nmaindata,
    samples: names.samples.length,
    modifiers: namesOf(workspace, "modifiers").length,
    parameters: config.npars,
    measurements: names.measurements.length,
  };
}

/** All names of a kind. */
const namesOf = ({ names }: Workspace, kind: Kind): readonly string[] =>
  kind === "modifiers" ? [...new Set(names.modifiers.map(([name]) => name))] : names[kind];

function cellsOf(before: Workspace, pruned: Workspace): CellLeft[] {
  const left = new Map(
    pruned.spec.channels.flatMap(({ name, samples }) =>
      samples.map((sample) => [JSON.stringify([name, sample.name]), sample.modifiers.length] as const),
    ),
  );
  return before.spec.channels.flatMap(({ name: channel, samples }) =>
    samples.map(({ name: sample, modifiers: { length } }) => ({
      ...{ channel, sample, modifiers: length },
      left: left.get(JSON.stringify([channel, sample])) ?? null,
    })),
  );
}

function withoutPoi({ spec, names }: Workspace): [string, string][] {
  const modifiers = new Set(names.modifiers.map(([name]) => name));
  return spec.measurements.flatMap(({ name, config: { poi } }): [string, string][] =>
    poi === "" || modifiers.has(poi) ? [] : [[name, poi]],
  );
}

/** A workspace of others: pruned, renamed and joined by the library. */
export const edit = task<{ readonly recipe: Recipe; readonly write: boolean }, Edited>(
  "edit",
  ({ recipe, write }, context) => {
    const { of, prune, rename, with: joined } = recipe;
    const source = context.source(of);
    const second = joined ? context.source(joined.of) : null;
    const none = { channels: [], samples: [], modifiers: [], measurements: [] };
    const known = { before: countsOf(source), second: second ? countsOf(second) : null };
    let [cells, common]: [CellLeft[], Edited["common"]] = [[], none];
    try {
      const pruned = source.prune(prune);
      cells = cellsOf(source, pruned);
      let made = pruned.rename(rename);
      if (joined && second) {
        common = Object.fromEntries(
          kinds.map((kind) => {
            const own = new Set(namesOf(made, kind));
            return [kind, namesOf(second, kind).filter((name) => own.has(name))];
          }),
        ) as Record<Kind, string[]>;
        const { join, mergeChannels } = joined;
        made = made.combine(second.rename(joined.rename), { join, mergeChannels });
      }
      const after = countsOf(made);
      return {
        ...{ ...known, after, problem: null, cells, common, without: withoutPoi(made) },
        ...{ digest: made.digest(), text: write ? made.write() : null },
      };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const problem = error.message;
      return { ...known, after: null, problem, cells, common, without: [], digest: null, text: null };
    }
  },
);
