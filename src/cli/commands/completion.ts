import { type Command, command, type Family } from "../line/command.js";
import { shellNames, shells } from "../shells/index.js";

/** Completes whatever commands there are. */
export const completionOf = (commands: () => Promise<readonly (Command | Family)[]>): Command =>
  command({
    name: "completion",
    group: "program",
    summary: "the script that completes command lines in bash, zsh or fish",
    usage: ["SHELL"],
    intro: ["Prints the script with which a shell completes commands, options and their values. Load it by"],
    arguments: { most: 1, rows: shellNames.map((name) => [name, shells[name].words] as const) },
    options: () => ({}),
    run: async ({ words }, io) =>
      (await import("../shells/script.js")).completion(words[0], await commands(), io),
  });
