/** `gradcut yields`: expected and observed events of every channel, before and after the fit. */

import { type ChannelStack, channelStacks } from "../../histfactory/model/stacks.js";
import { fittedYields } from "../../infer/answers/prediction.js";
import type { TextTable } from "../../plot/pages/answerpage.js";
import type { yieldsOptions } from "../commands/yields.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion } from "./asked.js";
import { numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";

export async function yields(given: Given<typeof yieldsOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { model, data, title, label } = await readQuestion(given, io);
  const numbers = numbersOf(options);
  const wanted = options.channel;
  const fitted = fittedYields(data, model);
  const prefit = options.prefit;
  if (!prefit) requireFit(fitted);
  const when = prefit ? "before the fit" : "after the fit";
  const pars = prefit ? Float64Array.from(model.config.suggestedInit) : fitted.x;
  const all = channelStacks(pars, prefit ? fitted.prefit : fitted.postfit, data, model);
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
          numbers.plain(seen[bin]!),
        ]),
      }),
    ),
    figures() {
      const log = options.log;
      return channels.filter(drawable).map((channel) => ({
        figure: "yields",
        name: fileName(channel.channel),
        data: { ...channel, when, log },
        labels: label,
      }));
    },
  };
  return give(answer, options, io);
}

/** A stack of more bins is a wall. */
const mostBins = 2000;
export const drawable = ({ data }: ChannelStack): boolean => data.length <= mostBins;

/** Without what only pictures need. */
const plain = ({ samples, ...channel }: ChannelStack) => ({
  ...channel,
  samples: samples.map(({ name, values }) => ({ name, values })),
});

/** Letters, digits, `_`, `-` and `.` only. */
const fileName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 60);
