// gradcut fit: the best fit, as pyhf prints it.

import { writeJson } from "../../histfactory/write.js";
import { fit as bestFit } from "../../infer/fit.js";
import type { Command } from "../command.js";
import { giveText } from "../document.js";
import { float } from "./cls.js";
import { requireFit } from "./failed.js";
import { checkOutputs } from "./output.js";
import { modelHelp, modelKinds, readQuestion, warn } from "./question.js";

export const fit: Command = {
  options: { ...modelKinds, value: { values: 0 } },
  words: 1,
  help: `usage: gradcut fit [WORKSPACE] [options]

Prints the parameters of greatest likelihood as JSON.
${modelHelp}
  --value                   also twice the negative log-likelihood there
  --output-file FILE        write there (default: standard output)
  -h, --help                this text
`,
  async run(words, io) {
    await checkOutputs(words);
    const { model, data } = await readQuestion(words, io);
    const best = bestFit(data, model);
    requireFit(best);
    warn(best.warnings, io);
    const parameters = model.config.parOrder.map((name): [string, unknown] => {
      const [from, to] = model.config.parSlice(name);
      return [name, Array.from(best.x.subarray(from, to), float)];
    });
    const result = {
      mle_parameters: Object.fromEntries(parameters),
      ...(words.flag("value") ? { twice_nll: float(best.value) } : {}),
    };
    await giveText(writeJson(result, { indent: 4 }), words.one("output-file"), io);
    return 0;
  },
};
