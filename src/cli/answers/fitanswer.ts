/** `gradcut fit`: the best fit, as pyhf prints it. */

import { writeJson } from "../../histfactory/document/writejson.js";
import { fit as bestFit } from "../../infer/fit.js";
import type { fitOptions } from "../commands/fit.js";
import { giveText } from "../documents/documentfiles.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion, warn } from "./asked.js";
import { float } from "./clsanswer.js";
import { requireFit } from "./failedfit.js";
import { checkOutputs } from "./output.js";

export async function fit(given: Given<typeof fitOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { model, data } = await readQuestion(given, io);
  const best = bestFit(data, model);
  requireFit(best);
  warn(best.warnings, io);
  const parameters = model.config.parOrder.map((name): [string, unknown] => {
    const [from, to] = model.config.parSlice(name);
    return [name, Array.from(best.x.subarray(from, to), float)];
  });
  const result = {
    mle_parameters: Object.fromEntries(parameters),
    ...(options.value ? { twice_nll: float(best.value) } : {}),
  };
  await giveText(writeJson(result, { indent: 4 }), options["output-file"], io);
  return 0;
}
