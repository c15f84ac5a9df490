import { command } from "../line/command.js";
import { shown } from "../line/usageerror.js";

export const train = command({
  name: "train",
  group: "tables",
  summary: "train cuts and a network on tables of signal and background events",
  usage: ["--signal FILE --background FILE --cut EXPR [options]"],
  intro: [
    "Trains the thresholds of a cut, a network, or both together. Prints each threshold before and after, yields and significances, soft against hard.",
  ],
  arguments: {
    most: 0,
    extra: (word) => `unexpected argument ${shown(word)} (an expression with spaces needs quotes)`,
  },
  // Loaded, because objectives and optimizers bring the ops that they are made of.
  options: async () => (await import("../training/trainoptions.js")).trainOptions,
  examples: [
    "gradcut train --signal sig.csv --background bkg.csv --weight w --out out/ \\",
    '  --cut "pt > {ptMin = 30} && abs(eta) < {etaMax = 2.4}"',
  ],
  async run(given, io) {
    const args = (await import("../training/trainargs.js")).trainArgs(given);
    return (await import("../training/runtraining.js")).train(args, io);
  },
});
