// gradcut yields: expected and observed events of every channel, before and after the fit.

import { fittedYields } from "../../infer/yields.js";
import type { TextTable } from "../../plot/answer.js";
import type { Command } from "../command.js";
import { requireFit } from "./failed.js";
import { numbersOf } from "./numbers.js";
import { type Answer, answerHelp, checkOutputs, give, outputKinds } from "./output.js";
import { modelHelp, modelKinds, readQuestion } from "./question.js";
import { drawable, stacks } from "./stacks.js";

export const yields: Command = {
  options: {
    ...modelKinds,
    ...outputKinds,
    prefit: { values: 0 },
    channel: { values: 1, short: "c" },
    log: { values: 0 },
  },
  words: 1,
  help: `usage: gradcut yields [WORKSPACE] [options]

Prints expected events of each bin with their uncertainty beside what was seen,
after a fit to the data. The pictures are one stack for each channel.
${modelHelp}
  -c, --channel NAME        only this channel; repeatable
  --prefit                  before the fit
  --log                     a logarithmic scale
${answerHelp}`,
  async run(words, io) {
    await checkOutputs(words);
    const { model, data, title, label } = await readQuestion(words, io);
    const numbers = numbersOf(words);
    const wanted = words.many("channel");
    const fitted = fittedYields(data, model);
    const prefit = words.flag("prefit");
    if (!prefit) requireFit(fitted);
    const when = prefit ? "before the fit" : "after the fit";
    const pars = prefit ? Float64Array.from(model.config.suggestedInit) : fitted.x;
    const all = stacks(model, pars, prefit ? fitted.prefit : fitted.postfit, data);
    const channels = all.filter(({ channel }) => wanted.length === 0 || wanted.includes(channel));
    const answer: Answer = {
      title: title === "" ? "Yields" : `Yields: ${title}`,
      summary: `${channels.length === 1 ? "1 channel" : `${channels.length} channels`}, ${when}`,
      warnings: prefit ? [] : fitted.warnings,
      json: { schema: "gradcut.yields", version: 1, fitted: !prefit, channels: channels.map(plain) },
      tables: channels.map(
        ({ channel, samples, total, uncertainty, data: seen }): TextTable => ({
          heading: channel,
          heads: [channel, ...samples.map(({ name }) => name), "all", "data"],
          rows: total.map((sum, bin) => [
            `bin ${bin + 1}`,
            ...samples.map(({ values }) => numbers.plain(values[bin]!, 4)),
            numbers.error(sum, uncertainty[bin]!),
            numbers.plain(seen![bin]!),
          ]),
        }),
      ),
      figures() {
        const log = words.flag("log");
        return channels.filter(drawable).map((channel) => ({
          figure: "yields",
          name: fileName(channel.channel),
          data: { ...channel, when, log },
          labels: label,
        }));
      },
    };
    return give(answer, words, io);
  },
};

/** Without what only pictures need. */
const plain = ({ samples, ...channel }: ReturnType<typeof stacks>[number]) => ({
  ...channel,
  samples: samples.map(({ name, values }) => ({ name, values })),
});

/** Letters, digits, `_`, `-` and `.` only. */
const fileName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 60);
