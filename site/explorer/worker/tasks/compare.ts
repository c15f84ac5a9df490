import type { SampleSpec, Workspace, WorkspaceSpec } from "gradcut/stats";
import { type Question, task } from "../task.js";
import { type ChannelYields, yieldsAt } from "./yields.js";

/** Something that two workspaces do not both have, or not the same; null where one has it not. */
export interface Difference {
  readonly kind: "channel" | "sample" | "modifier" | "observation" | "measurement";
  readonly channel: string | null;
  readonly sample: string | null;
  readonly name: string;
  readonly left: string | null;
  readonly right: string | null;
}

/** What two workspaces have, each alone and both. */
export interface Compared {
  readonly differences: readonly Difference[];
  /** Names in the left one alone, in both, and in the right one alone, by kind. */
  readonly shared: readonly (readonly [kind: string, left: number, both: number, right: number])[];
  readonly left: readonly ChannelYields[];
  readonly right: readonly ChannelYields[];
  /** Why there is no limit, on either side; null where there is one. */
  readonly without: readonly [left: string | null, right: string | null];
  /** pyhf's digests of both; equal for the same content. */
  readonly digests: readonly [left: string, right: string];
}

type Named = { readonly name: string };
type Kind = Difference["kind"];
type Place = readonly [channel: string | null, sample: string | null];

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const shown = (x: number) => String(Number(x.toPrecision(6)));
const counted = (n: number, one: string) => `${n} ${one}${n === 1 ? "" : "s"}`;

/** JSON with keys in order, so that equal values are equal texts. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    typeof v === "object" && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );

/** Collects differences of lists of named things. */
class Differences {
  readonly all: Difference[] = [];

  /** Says both sides where their contents differ; where the words are the same, numbers do. */
  add(kind: Kind, [channel, sample]: Place, name: string, left: string | null, right: string | null): void {
    const same = left !== null && left === right;
    this.all.push({ kind, channel, sample, name, left, right: same ? `${right}, other numbers` : right });
  }

  /** Things of one side are told whole; `within` looks into those of both. */
  lists<T extends Named>(
    kind: Kind,
    place: Place,
    [left, right]: readonly [readonly T[], readonly T[]],
    { key = (one) => one.name, say, within }: ListOf<T>,
  ): void {
    const others = new Map(right.map((one) => [key(one), one]));
    for (const one of left) {
      const other = others.get(key(one));
      if (other === undefined) this.add(kind, place, one.name, say(one), null);
      else within(one, other);
    }
    const own = new Set(left.map(key));
    for (const one of right) if (!own.has(key(one))) this.add(kind, place, one.name, null, say(one));
  }
}

interface ListOf<T> {
  key?(one: T): string;
  say(one: T): string;
  within(left: T, right: T): void;
}

/** A modifier in few words. */
function modifierText({ type, data }: SampleSpec["modifiers"][number]): string {
  if (typeof data !== "object" || data === null) return type;
  if ("lo" in data && "hi" in data) return `${type} ${shown(Number(data.lo))} / ${shown(Number(data.hi))}`;
  return type;
}

function differencesOf(left: WorkspaceSpec, right: WorkspaceSpec): Difference[] {
  const found = new Differences();
  found.lists("channel", [null, null], [left.channels, right.channels], {
    say: ({ samples }) => counted(samples.length, "sample"),
    within(one, other) {
      const channel = one.name;
      found.lists("sample", [channel, null], [one.samples, other.samples], {
        say: ({ data, modifiers }) => `${shown(sum(data))} events, ${counted(modifiers.length, "modifier")}`,
        within(ours, theirs) {
          if (textOf(ours.data) !== textOf(theirs.data)) {
            const [a, b] = [ours, theirs].map(({ data }) => `${shown(sum(data))} events`) as [string, string];
            found.add("sample", [channel, null], ours.name, a, b);
          }
          found.lists("modifier", [channel, ours.name], [ours.modifiers, theirs.modifiers], {
            key: ({ name, type }) => JSON.stringify([name, type]),
            say: modifierText,
            within(a, b) {
              if (textOf(a.data) !== textOf(b.data))
                found.add("modifier", [channel, ours.name], a.name, modifierText(a), modifierText(b));
            },
          });
        },
      });
    },
  });
  found.lists("observation", [null, null], [left.observations, right.observations], {
    say: ({ data }) => `${shown(sum(data))} events`,
    within(a, b) {
      if (textOf(a.data) === textOf(b.data)) return;
      const [x, y] = [a, b].map(({ data }) => `${shown(sum(data))} events`) as [string, string];
      found.add("observation", [null, null], a.name, x, y);
    },
  });
  found.lists("measurement", [null, null], [left.measurements, right.measurements], {
    say: ({ config }) => `of ${config.poi || "nothing"}`,
    within(a, b) {
      if (textOf(a.config) === textOf(b.config)) return;
      const say = ({ config }: typeof a) =>
        `of ${config.poi || "nothing"}, ${counted(config.parameters.length, "configured parameter")}`;
      found.add("measurement", [null, null], a.name, say(a), say(b));
    },
  });
  return found.all;
}

function sharedOf(left: Workspace, right: Workspace): Compared["shared"] {
  const lists = ({ names }: Workspace): Record<string, readonly string[]> => ({
    channels: names.channels,
    samples: names.samples,
    modifiers: [...new Set(names.modifiers.map(([name]) => name))],
    measurements: names.measurements,
  });
  const [own, theirs] = [lists(left), lists(right)];
  return Object.entries(own).map(([kind, names]) => {
    const others = new Set(theirs[kind]);
    const both = names.filter((name) => others.has(name)).length;
    return [kind, names.length - both, both, others.size - both];
  });
}

/** Two workspaces: what differs, and what they expect before a fit. */
export const compare = task<{ readonly left: Question; readonly right: Question }, Compared>(
  "compare",
  ({ left, right }, context) => {
    const [a, b] = [context.model(left), context.model(right)];
    return {
      differences: differencesOf(a.workspace.spec, b.workspace.spec),
      shared: sharedOf(a.workspace, b.workspace),
      left: yieldsAt(a, Float64Array.from(a.model.config.suggestedInit), null),
      right: yieldsAt(b, Float64Array.from(b.model.config.suggestedInit), null),
      without: [a.without, b.without],
      digests: [a.workspace.digest(), b.workspace.digest()],
    };
  },
);
