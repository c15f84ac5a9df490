import type { Command } from "../../src/cli/line/command.js";
import type { Options } from "../../src/cli/line/option.js";
import { allCommands } from "../../src/cli/registry.js";

/** Every command, and every one that runs, with its options. */
export const all = await allCommands();
export const leaves: readonly Command[] = all.flatMap((one) =>
  "commands" in one ? Object.values(one.commands) : [one],
);
export const optionsOf = new Map<string, Options>();
for (const leaf of leaves) optionsOf.set(leaf.name, await leaf.options());

/** The words that call it. */
export const words = ({ name }: Command): string[] => name.split(" ");
