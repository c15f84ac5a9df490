import { answerOptions } from "../groups/answeroptions.js";
import { modelOptions } from "../groups/modeloptions.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { limitLevel, span, whole } from "../line/optionvalue.js";
import { testStat } from "./cls.js";

const { flag, last, lastOr } = section("");

export const upperlimitOptions = {
  ...modelOptions,
  level: lastOr(limitLevel, 0.95, {
    placeholder: "X",
    help: "confidence level",
    otherwise: "0.95",
  }),
  ...testStat,
  range: last(span, {
    placeholder: "A..B",
    help: "of the picture",
    otherwise: "0 to beyond the limits",
  }),
  points: lastOr(whole(2, 10_000), 61, { placeholder: "N", help: "of the picture" }),
  components: flag({ help: "draw CLs+b and CLb too" }),
  log: flag({ help: "a logarithmic scale of CLs" }),
  ...answerOptions,
} as const;

export const upperlimit = command({
  name: "upperlimit",
  group: "statistics",
  summary: "upper limits and the Brazil band",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Finds the upper limits of the parameter of interest by root finding: where CLs of the data falls to 1 - level, and where it is expected to without signal. The picture is the Brazil band, CLs against the parameter.",
  ],
  arguments: oneWorkspace,
  options: () => upperlimitOptions,
  run: async (given, io) => (await import("../answers/limitanswer.js")).upperlimit(given, io),
});
