/** Every command. Each is a file that is loaded when it is asked for. */

import { nearestName } from "../text/nearest.js";
import { recordNames } from "../text/recordnames.js";
import type { Command, Family } from "./line/command.js";
import { shown, UsageError } from "./line/usageerror.js";

/** In the order of the help, within its groups. */
export const registry = {
  train: async () => (await import("./commands/train.js")).train,
  apply: async () => (await import("./commands/apply.js")).apply,
  plot: async () => (await import("./commands/plot.js")).plot,
  demo: async () => (await import("./commands/demo.js")).demo,
  inspect: async () => (await import("./commands/inspect.js")).inspect,
  prune: async () => (await import("./commands/prune.js")).prune,
  rename: async () => (await import("./commands/rename.js")).rename,
  combine: async () => (await import("./commands/combine.js")).combine,
  sort: async () => (await import("./commands/sort.js")).sort,
  digest: async () => (await import("./commands/digest.js")).digest,
  patchset: async () => (await import("./commands/patchset.js")).patchset,
  fit: async () => (await import("./commands/fit.js")).fit,
  cls: async () => (await import("./commands/cls.js")).cls,
  upperlimit: async () => (await import("./commands/upperlimit.js")).upperlimit,
  significance: async () => (await import("./commands/significance.js")).significance,
  scan: async () => (await import("./commands/scan.js")).scan,
  pulls: async () => (await import("./commands/pulls.js")).pulls,
  ranking: async () => (await import("./commands/ranking.js")).ranking,
  gof: async () => (await import("./commands/gof.js")).gof,
  yields: async () => (await import("./commands/yields.js")).yields,
  completion: async () => (await import("./commands/completion.js")).completionOf(allCommands),
} satisfies Record<string, () => Promise<Command | Family>>;

export type CommandName = keyof typeof registry;
export const commandNames = /*#__PURE__*/ recordNames(registry);

export const allCommands = (): Promise<(Command | Family)[]> =>
  Promise.all(commandNames.map((name) => registry[name]()));

/** The name in a list, of a command or of one of a family. Throws UsageError, with the nearest one. */
export function named<Name extends string>(word: string, names: readonly Name[], family = ""): Name {
  const found = names.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearestName(word, names);
  const hint = near ? `did you mean ${near}?` : `commands: ${names.join(", ")}`;
  throw new UsageError("unexpected-argument", "", word, `unknown command ${family}${shown(word)}, ${hint}`);
}

/** What the words of a command line lead to: a command with the rest of the words, or a family alone. Throws UsageError. */
export async function commandOf([word = "", ...rest]: readonly string[]): Promise<
  { readonly command: Command; readonly args: readonly string[] } | { readonly family: Family }
> {
  const one = await registry[named(word, commandNames)]();
  if (!("commands" in one)) return { command: one, args: rest };
  const [sub, ...args] = rest;
  if (sub === undefined || sub === "--help" || sub === "-h") return { family: one };
  return { command: one.commands[named(sub, Object.keys(one.commands), `${one.name} `)]!, args };
}
