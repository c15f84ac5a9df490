// gradcut ranking: what each nuisance parameter does to the parameter of interest.

import { type Impact, ranking as rank } from "../../infer/impacts.js";
import { pulls } from "../../infer/pulls.js";
import { significant, withError } from "../../plot/format.js";
import type { Command } from "../command.js";
import { whole } from "../options.js";
import { type Answer, answerHelp, checkOutputs, give, outputKinds } from "./output.js";
import { announce } from "./progress.js";
import { modelHelp, modelKinds, readQuestion } from "./question.js";
import { optionOf } from "./values.js";

export const ranking: Command = {
  options: { ...modelKinds, ...outputKinds, top: { values: 1 } },
  words: 1,
  help: `usage: gradcut ranking [WORKSPACE] [options]

Holds each nuisance parameter one standard deviation above and below its best
value, before and after the fit, fits again, and tells by how much the parameter
of interest moves; the strongest first.
${modelHelp}
  --top N                   print and draw the N strongest (default 20); JSON
                            has all
${answerHelp}`,
  async run(words, io) {
    checkOutputs(words);
    const top = optionOf(words, "top", (o, v) => whole(o, v, 1, 1000), 20);
    const { model, data, title } = await readQuestion(words, io);
    announce(4 * model.config.npars, { model, data }, io);
    const found = rank(data, model);
    const pulled = new Map(pulls(data, model).pulls.map((p) => [p.name, p]));
    const { poi, impacts } = found;
    const best = found.x[found.names.indexOf(poi)]!;
    const shown = impacts.slice(0, top);
    const change = (x: number) => (x > 0 ? `+${significant(x, 3)}` : significant(x, 3));
    const before = (impact: Impact, x: number) => (pulled.has(impact.name) ? change(x) : "");
    const answer: Answer = {
      title: title === "" ? "Ranking" : `Ranking: ${title}`,
      summary: `${poi} = ${withError(best, found.poiStdev)}; impacts of ${impacts.length} parameters`,
      warnings: found.atBounds.includes(poi)
        ? [
            ...found.warnings,
            `${poi} is at its bound, which it cannot leave; --asimov 1 ranks what is expected`,
          ]
        : found.warnings,
      json: {
        schema: "gradcut.ranking",
        version: 1,
        poi,
        best,
        uncertainty: found.poiStdev,
        impacts: impacts.map((impact) => ({ ...impact, pull: pulled.get(impact.name)?.pull ?? null })),
      },
      tables: [
        {
          heading: `Change of ${poi}`,
          heads: ["", "after fit -σ", "after fit +σ", "before -σ", "before +σ", "pull"],
          rows: shown.map((impact) => [
            impact.name,
            change(impact.postfitDown),
            change(impact.postfitUp),
            before(impact, impact.prefitDown),
            before(impact, impact.prefitUp),
            pulled.get(impact.name)?.pull.toFixed(3) ?? "",
          ]),
        },
      ],
      async figures() {
        const { rankingFigure } = await import("../../plot/ranking.js");
        const bars = shown.map((impact) => {
          const prior = pulled.get(impact.name);
          const error = prior?.constraint ?? 0;
          return {
            name: impact.name,
            pull: prior?.pull ?? 0,
            error: [error, error] as const,
            free: prior === undefined,
            prefit: prior ? ([impact.prefitDown, impact.prefitUp] as const) : null,
            postfit: [impact.postfitDown, impact.postfitUp] as const,
          };
        });
        const all =
          shown.length === impacts.length ? "" : `, the ${shown.length} strongest of ${impacts.length}`;
        return [
          {
            name: "ranking",
            svg: rankingFigure(poi, bars, { text: title }),
            caption: `Change of ${poi} when a parameter is held one standard deviation away (bars, scale above), and its pull (points, scale below)${all}.`,
          },
        ];
      },
    };
    return give(answer, words, io);
  },
};
