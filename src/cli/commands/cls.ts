import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace, outputFile } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { choice, finite, seed, whole } from "../line/optionvalue.js";

const { lastOr } = section("");

export const testStat = {
  "test-stat": lastOr(choice(["q", "qtilde"] as const), "qtilde", {
    placeholder: "NAME",
    help: "the test statistic, qtilde or q",
  }),
} as const;

export const clsOptions = {
  ...modelOptions,
  "test-poi": lastOr(finite, 1, { placeholder: "X", help: "the tested value" }),
  ...testStat,
  calctype: lastOr(choice(["asymptotics", "toybased"] as const), "asymptotics", {
    placeholder: "NAME",
    help: "asymptotics or toybased",
  }),
  toys: lastOr(whole(1, 1e9), 2000, { placeholder: "N", help: "toys of each hypothesis" }),
  seed: lastOr(seed, 0, { placeholder: "N", help: "of the toys" }),
  ...outputFile,
} as const;

export const cls = command({
  name: "cls",
  group: "workspaces",
  summary: "CLs of a value of the parameter of interest",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Prints CLs of the data, and expected without signal at -2, -1, 0, 1 and 2 standard deviations, as JSON.",
  ],
  arguments: oneWorkspace,
  options: () => clsOptions,
  run: async (given, io) => (await import("../answers/clsanswer.js")).cls(given, io),
});
