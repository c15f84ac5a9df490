/** `gradcut ranking`: what each nuisance parameter does to the parameter of interest. */

import { minos } from "../../infer/answers/minos.js";
import { pulls } from "../../infer/answers/pulls.js";
import { type Impact, type Move, ranking as rank } from "../../infer/answers/ranking.js";
import type { rankingOptions } from "../commands/ranking.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { readQuestion } from "./asked.js";
import { announce, counter } from "./counter.js";
import { numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";

export async function ranking(given: Given<typeof rankingOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { top } = options;
  const { model, data, title, label } = await readQuestion(given, io);
  const most = 4 * model.config.npars;
  announce(most, { model, data }, io);
  const numbers = numbersOf(options);
  const count = counter("fits", most, io);
  const found = rank(data, model, { progress: (done, of) => count.update(done, of) });
  count.end();
  // Fits of impacts that failed are no reason to keep the others.
  if (found.failure !== null) requireFit(found);
  const pulled = new Map(pulls(data, model).pulls.map((p) => [p.name, p]));
  const { poi, impacts } = found;
  const best = found.x[found.names.indexOf(poi)]!;
  const shown = impacts.slice(0, top);
  const change = (impact: Impact, move: Move) => {
    const x = impact[move];
    if (Number.isNaN(x)) return "none";
    return `${x > 0 ? "+" : ""}${numbers.plain(x, 3)}${impact.atBound[move] ? " |" : ""}`;
  };
  const before = (impact: Impact, move: Move) => (pulled.has(impact.name) ? change(impact, move) : "");
  const bound = Number.isNaN(found.poiStdev) && !found.undetermined.includes(poi);
  const [end] = bound ? minos(data, model).intervals : [];
  const bounded = impacts.some(({ atBound }) => Object.values(atBound).includes(true));
  const answer: Answer = {
    title: title === "" ? "Ranking" : `Ranking: ${title}`,
    summary: `${poi} = ${end ? numbers.ends(best, end.down, end.up) : numbers.error(best, found.poiStdev)}; impacts of ${impacts.length} parameters`,
    warnings: [
      ...found.warnings,
      ...(found.atBounds.includes(poi)
        ? [`${poi} is at its bound, which it cannot leave; --asimov 1 ranks what is expected`]
        : []),
      ...(bounded ? ["values marked | are of parameters held at their bound, which lies nearer than σ"] : []),
    ],
    failed: !found.converged || found.undetermined.length > 0,
    json: {
      schema: "gradcut.ranking",
      version: 1,
      poi,
      best,
      uncertainty: found.poiStdev,
      ...(end ? { interval: [best + end.down, best + end.up] } : {}),
      impacts: impacts.map((impact) => ({ ...impact, pull: pulled.get(impact.name)?.pull ?? null })),
    },
    tables: [
      {
        heading: `Change of ${poi}`,
        heads: ["", "after fit -σ", "after fit +σ", "before -σ", "before +σ", "pull"],
        rows: shown.map((impact) => [
          impact.name,
          change(impact, "postfitDown"),
          change(impact, "postfitUp"),
          before(impact, "prefitDown"),
          before(impact, "prefitUp"),
          pulled.get(impact.name)?.pull.toFixed(3) ?? "",
        ]),
      },
    ],
    figures() {
      const bars = shown.map((impact) => {
        const prior = pulled.get(impact.name);
        const error = prior && Number.isFinite(prior.constraint) ? prior.constraint : 0;
        const { atBound } = impact;
        return {
          name: impact.name,
          pull: prior?.pull ?? 0,
          error: [error, error] as const,
          free: prior === undefined,
          prefit: prior ? ([impact.prefitDown, impact.prefitUp] as const) : null,
          postfit: [impact.postfitDown, impact.postfitUp] as const,
          bounded: {
            prefit: [atBound.prefitDown, atBound.prefitUp] as const,
            postfit: [atBound.postfitDown, atBound.postfitUp] as const,
          },
        };
      });
      return [{ figure: "ranking", data: { poi, impacts: bars, of: impacts.length }, labels: label }];
    },
  };
  return give(answer, options, io);
}
