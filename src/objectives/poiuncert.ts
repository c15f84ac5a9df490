import { uncertainties } from "../infer/answers/uncertainties.js";
import { hessianAt } from "../infer/matrices/inverse.js";
import { curvatureOf } from "../infer/matrices/measure.js";
import type { Objective } from "./objective.js";

export const poiUncertObjective = {
  words: "the expected uncertainty of the strength of a signal at 1",
  better: "lower",
  scale: "log",
  bins: {
    noun: "uncertainty",
    loss({ model: build }) {
      const model = build();
      const pars = model.init();
      const curvature = hessianAt(model, pars, model.expectedData(pars), false);
      return curvatureOf(curvature, model.free()).stdev.at(model.config.poiIndex!).log();
    },
    number: ({ model, signalData }) => ({
      value: uncertainties(signalData, model).stdev[model.config.poiIndex!]!,
      warnings: [],
    }),
  },
} satisfies Objective;
