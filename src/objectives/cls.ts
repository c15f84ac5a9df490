import { expectedCls } from "../infer/answers/expectedtest.js";
import { hypotest } from "../infer/answers/hypotest.js";
import type { Objective } from "./objective.js";

export const clsObjective = {
  words: "the expected CLs of a signal at 1, where there is none",
  better: "lower",
  scale: "log",
  bins: {
    noun: "CLs",
    loss: ({ model }) => expectedCls(model(), { test: 1 }).log(),
    number({ model, data }) {
      const { cls, warnings } = hypotest(1, data, model);
      return { value: cls, warnings };
    },
  },
} satisfies Objective;
