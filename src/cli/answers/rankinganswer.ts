/** `gradcut ranking`: what each nuisance parameter does to the parameter of interest. */

import { type MinosInterval, minos } from "../../infer/answers/minos.js";
import { type Pull, pulls } from "../../infer/answers/pulls.js";
import { type Impact, type Move, type Ranking, ranking as rank } from "../../infer/answers/ranking.js";
import { impactsOf } from "../../plot/figures/ranking.js";
import type { rankingOptions } from "../commands/ranking.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { type Question, readQuestion } from "./asked.js";
import { announce, counter } from "./counter.js";
import { type Numbers, numbersOf } from "./digits.js";
import { requireFit } from "./failedfit.js";
import { type Answer, checkOutputs, give } from "./output.js";

export async function ranking(given: Given<typeof rankingOptions>, io: Io): Promise<number> {
  const { options } = given;
  await checkOutputs(options);
  const { model, data, title, label } = await readQuestion(given, io);
  const most = 4 * model.config.npars;
  announce(most, { model, data }, io);
  const numbers = numbersOf(options);
  const count = counter("fits", most, io);
  const found = rank(data, model, { progress: (done, of) => count.update(done, of) });
  count.end();
  // Fits of impacts that failed are no reason to keep the others.
  if (found.failure !== null) requireFit(found);
  const answer = answerOf(found, new Map(pulls(data, model).pulls.map((p) => [p.name, p])), {
    ...{ title, label, numbers, top: options.top },
    // The ends of an interval that a bound cuts off.
    end: () => minos(data, model).intervals[0],
  });
  return give(answer, options, io);
}

type Pulled = ReadonlyMap<string, Pull>;

interface Telling {
  readonly title: string;
  readonly label: Question["label"];
  readonly numbers: Numbers;
  readonly top: number | undefined;
  readonly end: () => MinosInterval | undefined;
}

function answerOf(found: Ranking, pulled: Pulled, { title, label, numbers, top, end: ask }: Telling): Answer {
  const { poi, impacts } = found;
  const best = found.x[found.names.indexOf(poi)]!;
  const shown = impacts.slice(0, top);
  const end = Number.isNaN(found.poiStdev) && !found.undetermined.includes(poi) ? ask() : undefined;
  return {
    title: title === "" ? "Ranking" : `Ranking: ${title}`,
    summary: `${poi} = ${end ? numbers.ends(best, end.down, end.up) : numbers.error(best, found.poiStdev)}; impacts of ${impacts.length} parameters`,
    warnings: warningsOf(found),
    failed: !found.converged || found.undetermined.length > 0,
    json: {
      schema: "gradcut.ranking",
      version: 1,
      poi,
      best,
      uncertainty: found.poiStdev,
      status: found.status,
      ...(end ? { interval: [best + end.down, best + end.up] } : {}),
      impacts: impacts.map((impact) => ({ ...impact, pull: pulled.get(impact.name)?.pull ?? null })),
    },
    tables: [
      {
        heading: `Change of ${poi}`,
        heads: ["", "after fit -σ", "after fit +σ", "before -σ", "before +σ", "pull"],
        rows: shown.map((impact) => changes(impact, pulled.get(impact.name), numbers)),
      },
    ],
    figures() {
      const data = impactsOf({ poi, impacts: shown, pulls: [...pulled.values()], of: impacts.length });
      return [{ figure: "ranking", data, labels: label }];
    },
  };
}

function warningsOf({ warnings, atBounds, poi, impacts }: Ranking): string[] {
  const bounded = impacts.some(({ atBound }) => Object.values(atBound).includes(true));
  return [
    ...warnings,
    ...(atBounds.includes(poi)
      ? [`${poi} is at its bound, which it cannot leave; --asimov 1 ranks what is expected`]
      : []),
    ...(bounded ? ["values marked | are of parameters held at their bound, which lies nearer than σ"] : []),
  ];
}

/** A row of the table: what a parameter changes; it had no uncertainty before the fit where it has no pull. */
function changes(impact: Impact, pull: Pull | undefined, numbers: Numbers): string[] {
  const change = (move: Move) => {
    const x = impact[move];
    if (Number.isNaN(x)) return "none";
    return `${x > 0 ? "+" : ""}${numbers.plain(x, 3)}${impact.atBound[move] ? " |" : ""}`;
  };
  const before = (move: Move) => (pull ? change(move) : "");
  return [
    ...[impact.name, change("postfitDown"), change("postfitUp")],
    ...[before("prefitDown"), before("prefitUp"), pull?.pull.toFixed(3) ?? ""],
  ];
}
