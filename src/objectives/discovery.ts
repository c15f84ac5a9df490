import { discovery } from "../infer/answers/discovery.js";
import { expectedSignificance } from "../infer/answers/expectedtest.js";
import type { Objective } from "./objective.js";

export const discoveryObjective = {
  words: "the expected discovery significance of a signal at 1",
  better: "higher",
  scale: "log",
  bins: {
    noun: "significance",
    loss: ({ model }) => expectedSignificance(model()).log().neg(),
    number: ({ model, signalData }) => ({ value: discovery(signalData, model).z, warnings: [] }),
  },
} satisfies Objective;
