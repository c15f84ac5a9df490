// The commands on workspaces: names, one line of help each, and where they are.

import { type Command, runCommand } from "./command.js";
import type { Io } from "./io.js";
import { nearest, shown, UsageError } from "./options.js";

/** Each is loaded when it is asked for. */
const loaders = {
  inspect: async () => (await import("./workspace/inspect.js")).inspect,
  prune: async () => (await import("./workspace/prune.js")).prune,
  rename: async () => (await import("./workspace/rename.js")).rename,
  combine: async () => (await import("./workspace/combine.js")).combine,
  sort: async () => (await import("./workspace/sort.js")).sort,
  digest: async () => (await import("./workspace/digest.js")).digest,
  fit: async () => (await import("./stats/fit.js")).fit,
  cls: async () => (await import("./stats/cls.js")).cls,
  upperlimit: async () => (await import("./stats/upperlimit.js")).upperlimit,
  scan: async () => (await import("./stats/scan.js")).scan,
  pulls: async () => (await import("./stats/pulls.js")).pulls,
  ranking: async () => (await import("./stats/ranking.js")).ranking,
  gof: async () => (await import("./stats/gof.js")).gof,
  yields: async () => (await import("./stats/yields.js")).yields,
  significance: async () => (await import("./stats/significance.js")).significance,
} satisfies Record<string, () => Promise<Command>>;

export type WorkspaceCommand = keyof typeof loaders | "patchset";

export const workspaceCommands = [...Object.keys(loaders), "patchset"] as readonly WorkspaceCommand[];

/** Runs one of them with the words after its name. Throws what commands throw. */
export async function runWorkspaceCommand(name: WorkspaceCommand, args: string[], io: Io): Promise<number> {
  if (name === "patchset") return (await import("./workspace/patchset.js")).patchset(args, io);
  return runCommand(await loaders[name](), args, io);
}

export const commands = ["train", "apply", "plot", "demo"] as const;

/** The command named by the first argument; "help" for none, `help` and `--help`, "version" for `--version`. */
export function readCommand(
  word: string | undefined,
): (typeof commands)[number] | WorkspaceCommand | "help" | "version" {
  if (word === undefined || word === "help" || word === "--help" || word === "-h") return "help";
  if (word === "version" || word === "--version") return "version";
  const all = [...commands, ...workspaceCommands];
  const found = all.find((name) => name === word);
  if (found) return found;
  const near = nearest(word, all);
  const hint = near ? `did you mean ${near}?` : `commands: ${all.join(", ")}`;
  throw new UsageError("unexpected-argument", "", word, `unknown command ${shown(word)}, ${hint}`);
}
