// gradcut cls: CLs of one value of the parameter of interest, as pyhf prints it.

import { ExactNumber, pythonFloat } from "../../histfactory/exact.js";
import { writeJson } from "../../histfactory/write.js";
import { type Hypotest, hypotest } from "../../infer/hypotest.js";
import type { Command } from "../command.js";
import { giveText } from "../document.js";
import { bad, toNumber, whole } from "../options.js";
import { FailedFit, requireFit } from "./failed.js";
import { checkOutputs } from "./output.js";
import { counter } from "./progress.js";
import { modelHelp, modelKinds, readQuestion, warn } from "./question.js";
import { optionOf } from "./values.js";

export const testStats = ["q", "qtilde"] as const;

/** A number that is written as Python writes its floats. */
export const float = (value: number): ExactNumber => new ExactNumber(value, pythonFloat(value));

export const cls: Command = {
  options: {
    ...modelKinds,
    "test-poi": { values: 1 },
    "test-stat": { values: 1, choices: testStats },
    calctype: { values: 1, choices: ["asymptotics", "toybased"] },
    toys: { values: 1 },
    seed: { values: 1 },
  },
  words: 1,
  help: `usage: gradcut cls [WORKSPACE] [options]

Prints CLs of the data, and expected without signal at -2, -1, 0, 1 and 2
standard deviations, as JSON.
${modelHelp}
  --test-poi X              the tested value (default 1)
  --test-stat NAME          qtilde (default) or q
  --calctype NAME           asymptotics (default) or toybased
  --toys N                  toys of each hypothesis (default 2000)
  --seed N                  of the toys (default 0)
  --output-file FILE        write there (default: standard output)
  -h, --help                this text
`,
  async run(words, io) {
    await checkOutputs(words);
    const { model, data } = await readQuestion(words, io);
    const testPoi = words.one("test-poi") ?? "1";
    const mu = toNumber(testPoi);
    if (!Number.isFinite(mu)) throw bad("test-poi", testPoi, "a number");
    const ntoys = optionOf(words, "toys", (o, v) => whole(o, v, 1, 1e9), 2000);
    const seed = optionOf(words, "seed", (o, v) => whole(o, v, 0, 2 ** 32 - 1), 0);
    const progress = counter("toy", 2 * ntoys, io);
    const test: Hypotest = hypotest(mu, data, model, {
      testStat: words.one("test-stat") === "q" ? "q" : "qtilde",
      calctype: words.one("calctype") === "toybased" ? "toybased" : "asymptotics",
      ntoys,
      seed,
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
    await giveText(writeJson(result, { indent: 4 }), words.one("output-file"), io);
    return 0;
  },
};
