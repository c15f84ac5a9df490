// gradcut significance: how unlikely background alone is, observed and expected.

import { discovery } from "../../infer/significance.js";
import type { Command } from "../command.js";
import { requireFit } from "./failed.js";
import { numbersOf } from "./numbers.js";
import { type Answer, answerHelp, checkOutputs, give, outputKinds } from "./output.js";
import { modelHelp, modelKinds, readQuestion } from "./question.js";

export const significance: Command = {
  options: { ...modelKinds, ...outputKinds },
  words: 1,
  help: `usage: gradcut significance [WORKSPACE] [options]

The probability p0 that background alone looks as much like a signal as the data
(test statistic q0, asymptotic formulae), in standard deviations Z, and what is
expected of a signal at 1. The picture is the distribution of q0.
${modelHelp}
${answerHelp}`,
  async run(words, io) {
    await checkOutputs(words);
    const { model, data, title, label } = await readQuestion(words, io);
    const numbers = numbersOf(words);
    const text = (x: number) => numbers.plain(x, 5);
    const found = discovery(data, model);
    requireFit(found);
    const { p, z, expected } = found;
    const name = model.config.parNames[model.config.poiIndex!]!;
    const answer: Answer = {
      title: title === "" ? "Significance" : `Significance: ${title}`,
      summary: `Z = ${text(z)}, p0 = ${text(p)} (expected Z = ${text(expected.z)})`,
      warnings: found.warnings,
      json: {
        schema: "gradcut.significance",
        version: 1,
        poi: name,
        observed: { p0: p, Z: z },
        expected: { p0: expected.p, Z: expected.z },
      },
      tables: [
        {
          heading: "Significance",
          heads: ["", "Z", "p0", "q0"],
          rows: [
            ["observed", text(z), text(p), text(z * z)],
            [`expected for ${name} = 1`, text(expected.z), text(expected.p), text(expected.z ** 2)],
          ],
        },
      ],
      figures() {
        const q0 = { name: "q0", observed: z * z, pValue: p, degrees: 1, fraction: 0.5 };
        return [{ figure: "goodness", name: "q0", data: q0, labels: label }];
      },
    };
    return give(answer, words, io);
  },
};
