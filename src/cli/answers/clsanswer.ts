/** `gradcut cls`: CLs of one value of the parameter of interest, as pyhf prints it. */

import { ExactNumber, pythonFloat } from "../../histfactory/document/exactnumber.js";
import { writeJson } from "../../histfactory/document/writejson.js";
import { type Hypotest, hypotest } from "../../infer/answers/hypotest.js";
import type { clsOptions } from "../commands/cls.js";
import { giveText } from "../documents/documentfiles.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion, warn } from "./asked.js";
import { counter } from "./counter.js";
import { FailedFit, requireFit } from "./failedfit.js";
import { checkOutputs } from "./output.js";

/** A number that is written as Python writes its floats. */
export const float = (value: number): ExactNumber => new ExactNumber(value, pythonFloat(value));

export async function cls(given: Given<typeof clsOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { model, data } = await readQuestion(given, io);
  const { "test-poi": mu, "test-stat": testStat, calctype, toys: ntoys, seed } = options;
  const progress = counter("toy", 2 * ntoys, io);
  const test: Hypotest = hypotest(mu, data, model, {
    ...{ testStat, calctype, ntoys, seed },
    onToys: progress.update,
  });
  progress.end();
  requireFit(test);
  warn(test.warnings, io);
  if (Number.isNaN(test.cls + test.expected))
    throw new FailedFit(
      "fit.failed",
      "CLs is 0 / 0: no toy is as far out as the data; make more with --toys",
    );
  const result = { CLs_obs: float(test.cls), CLs_exp: test.expectedSet.map(float) };
  await giveText(writeJson(result, { indent: 4 }), options["output-file"], io);
  return 0;
}
