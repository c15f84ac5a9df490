/** `gradcut significance`: how unlikely background alone is, observed and expected. */

import { discovery } from "../../infer/answers/discovery.js";
import type { significanceOptions } from "../commands/significance.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion } from "./asked.js";
import { numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";

export async function significance(given: Given<typeof significanceOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { model, data, title, label } = await readQuestion(given, io);
  const numbers = numbersOf(options);
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
  return give(answer, options, io);
}
