/** `gradcut gof`: how well the best fit describes the data. */

import type { Model } from "../../histfactory/model/model.js";
import { channelStacks } from "../../histfactory/model/stacks.js";
import { compile, type Tensor } from "../../index.js";
import { goodnessOfFit } from "../../infer/answers/goodness.js";
import { fittedYields } from "../../infer/answers/prediction.js";
import { hypothesis } from "../../infer/answers/toyhypotest.js";
import { fit as bestFit } from "../../infer/fit.js";
import { type Noise, sampleData } from "../../infer/stats/toydata.js";
import { statisticOf } from "../../plot/figures/goodness.js";
import { foldIn, key } from "../../random/keys.js";
import type { gofOptions } from "../commands/gof.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion } from "./asked.js";
import { breathe, counter } from "./counter.js";
import { numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";
import { drawable } from "./yieldsanswer.js";

export async function gof(given: Given<typeof gofOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { toys: ntoys, seed } = options;
  const { model, data, title, label } = await readQuestion(given, io);
  const numbers = numbersOf(options);
  const text = (x: number) => numbers.plain(x, 5);
  const found = goodnessOfFit(data, model);
  requireFit(found);
  const { chi2, ndof, p } = found;
  const toys = ntoys > 0 ? await toysOf(model, data, ntoys, seed, io) : null;
  const beyond = toys && toys.filter((value) => value >= chi2).length / toys.length;
  const lost = toys ? ntoys - toys.length : 0;
  const answer: Answer = {
    title: title === "" ? "Goodness of fit" : `Goodness of fit: ${title}`,
    summary: `chi2 = ${text(chi2)} for ${ndof} degrees of freedom, p = ${text(p)}${beyond === null ? "" : `, of ${ntoys} toys p = ${text(beyond)}`}`,
    warnings: [
      ...found.warnings,
      ...(lost > 0 ? [`${lost} of ${ntoys} toys are left out: their fits did not converge`] : []),
    ],
    json: {
      schema: "gradcut.gof",
      version: 1,
      chi2,
      ndof,
      p,
      ...(toys && { toys: { p: beyond, seed, chi2: toys } }),
    },
    tables: [],
    figures() {
      const fitted = fittedYields(data, model);
      const goodness = statisticOf({ ...found, ...(toys && { toys }) });
      const channels = channelStacks(fitted.x, fitted.postfit, data, model).filter(drawable);
      return [
        ...(ndof > 0 ? [{ figure: "goodness", name: "gof", data: goodness, labels: label } as const] : []),
        ...channels.map(
          (stack, i) =>
            ({
              figure: "yields",
              name: `channel-${i + 1}`,
              data: { ...stack, when: "after the fit" },
              labels: label,
            }) as const,
        ),
      ];
    },
  };
  return give(answer, options, io);
}

/** The same statistic of data drawn from the best fit. */
async function toysOf(
  model: Model,
  data: Float64Array,
  count: number,
  seed: number,
  io: Io,
): Promise<number[]> {
  const noise = compile((pars: Tensor) => hypothesis(model, pars))(bestFit(data, model).x);
  const progress = counter("toy", count, io);
  const toys: number[] = [];
  for (let i = 0; i < count; i++) {
    const toy = sampleData(noise as unknown as Noise, foldIn(key(seed), i), 1);
    const { chi2, status } = goodnessOfFit(toy, model);
    if (status === "converged") toys.push(chi2);
    progress.update(i + 1);
    if (i % 100 === 99) await breathe();
  }
  progress.end();
  return toys;
}
