import { joins } from "../../histfactory/document/joinworkspaces.js";
import { outputFile } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { choice } from "../line/optionvalue.js";

const { flag, lastOr } = section("");

export const combineOptions = {
  join: lastOr(choice(joins), "none", {
    short: "j",
    placeholder: "NAME",
    help: 'for names that both have: none refuses, outer wants both to say the same, "left outer" and "right outer" keep that side\'s',
  }),
  "merge-channels": flag({
    help: "merge channels of one name sample by sample",
    off: { name: "no-merge-channels", help: "do not (default)" },
  }),
  ...outputFile,
} as const;

export const combine = command({
  name: "combine",
  group: "workspaces",
  summary: "two workspaces in one",
  usage: ["ONE TWO [options]"],
  intro: ["Puts two workspaces together. Modifiers of one name are then one parameter."],
  arguments: { most: 2, offers: "file", help: "One of the two may be -, standard input." },
  options: () => combineOptions,
  run: async (given, io) => (await import("../documents/combining.js")).combine(given, io),
});
