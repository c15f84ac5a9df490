import { useMemo } from "preact/hooks";
import { ask, useAnswer } from "../ask.js";
import { Block } from "../parts/block.js";
import type { Drawn } from "../parts/figure.js";
import { Num } from "../parts/number.js";
import type { Sheet } from "../parts/sheet.js";
import { Working } from "../parts/working.js";
import type { Question } from "../worker/task.js";
import type { Fitted } from "../worker/tasks/fit.js";
import type { Ranked } from "../worker/tasks/ranking.js";
import type { Panel, PanelProps } from "./panel.js";

/** So many have room in a picture. */
const shownPulls = 30;
const shownImpacts = 20;
const shownCorrelated = 25;

/** Pixels that a figure needs which has names beside it. */
const besideNames = (names: readonly string[]): number =>
  190 + 6.8 * Math.min(34, Math.max(...names.map(({ length }) => length)));

/** Places of the most correlated parameters, in their order. */
function mostCoupled(correlation: Float64Array, n: number): number[] {
  const strength = Array.from({ length: n }, (_, i) =>
    correlation
      .subarray(i * n, (i + 1) * n)
      .reduce((most, r, j) => (i === j || Number.isNaN(r) ? most : Math.max(most, Math.abs(r))), 0),
  );
  return strength
    .map((_, i) => i)
    .filter((i) => strength[i]! > 0)
    .sort((a, b) => strength[b]! - strength[a]!)
    .slice(0, shownCorrelated)
    .sort((a, b) => a - b);
}

type Found = Pick<
  Fitted,
  "names" | "x" | "stdev" | "value" | "message" | "status" | "failure" | "warnings" | "pulls"
>;

function Best({ found }: { found: Found }) {
  const sheet = useMemo((): Sheet => {
    const pulls = new Map(found.pulls.map((pull) => [pull.name, pull]));
    return {
      id: "fit",
      heads: ["parameter", "best", "± σ", "pull", "σ / prior σ"],
      rows: found.names.map((name, i) => [
        name,
        found.x[i]!,
        found.stdev[i]!,
        pulls.get(name)?.pull ?? null,
        pulls.get(name)?.constraint ?? null,
      ]),
    };
  }, [found]);
  const drawn = useMemo((): Drawn | undefined => {
    const most = [...found.pulls].sort((a, b) => Math.abs(b.pull) - Math.abs(a.pull)).slice(0, shownPulls);
    const names = new Set(most.map(({ name }) => name));
    const pulls = found.pulls.filter(({ name }) => names.has(name));
    if (pulls.length === 0) return undefined;
    return (plot, { theme, width }) =>
      plot.pulls(
        { pulls, of: found.pulls.length },
        { theme, bold: "Pulls", text: "", size: { width, height: 110 + 18 * pulls.length } },
      );
  }, [found]);
  return (
    <>
      <p class="answer" data-status={found.status}>
        −2 log L = <Num x={found.value} digits={9} id="twice-nll" /> at the best of {found.names.length}{" "}
        parameters
        {found.status === "converged" ? "" : `: ${found.message}`}
      </p>
      {found.warnings.map((warning) => (
        <p class="notice" key={warning}>
          {warning}
        </p>
      ))}
      {found.pulls.length > shownPulls ? (
        <p class="note">
          The {shownPulls} strongest of {found.pulls.length} pulls are drawn; the table has all parameters.
        </p>
      ) : null}
      <Block
        title="Parameters"
        id="fit"
        least={besideNames(found.pulls.map(({ name }) => name))}
        drawn={drawn}
        sheet={sheet}
        json={found}
      />
    </>
  );
}

function Correlations({ fitted }: { fitted: Fitted }) {
  const { correlation, names } = fitted;
  const order = useMemo(() => (correlation ? mostCoupled(correlation, names.length) : []), [fitted]);
  const some = order.map((i) => names[i]!);
  const drawn = useMemo(
    (): Drawn =>
      (plot, { theme, width }) => {
        const n = names.length;
        const values = order.flatMap((i) => order.map((j) => correlation![i * n + j]!));
        const height = Math.max(280, width);
        return plot.correlation(
          { names: some, values, of: n },
          { theme, bold: "Correlations", text: "", size: { width, height } },
        );
      },
    [fitted],
  );
  const sheet = useMemo(
    (): Sheet => ({
      id: "correlation",
      heads: ["parameter", ...some],
      rows: order.map((i) => [names[i]!, ...order.map((j) => correlation![i * names.length + j]!)]),
    }),
    [fitted],
  );
  if (order.length < 2) return null;
  return (
    <Block
      title={`Correlations of ${order.length} parameters`}
      id="correlation"
      least={besideNames(some)}
      drawn={drawn}
      sheet={sheet}
      json={{ names, correlation }}
    />
  );
}

/** The figure's bars, of the strongest; parameters without a prior have no pull. */
function Impacts({ ranked, pulls }: { ranked: Ranked; pulls: Fitted["pulls"] }) {
  const drawn = useMemo(
    (): Drawn =>
      (plot, { theme, width }) => {
        const impacts = ranked.impacts.slice(0, shownImpacts);
        const data = { poi: ranked.poi, impacts, pulls, of: ranked.impacts.length };
        const height = 150 + 20 * impacts.length;
        return plot.ranking(data, { theme, bold: "Impacts", text: "", size: { width, height } });
      },
    [ranked, pulls],
  );
  const sheet = useMemo(
    (): Sheet => ({
      id: "ranking",
      heads: ["parameter", "after fit −σ", "after fit +σ", "before −σ", "before +σ"],
      rows: ranked.impacts.map((i) => [i.name, i.postfitDown, i.postfitUp, i.prefitDown, i.prefitUp]),
    }),
    [ranked],
  );
  if (ranked.impacts.length === 0) return null;
  return (
    <Block
      title={`Impacts on ${ranked.poi}`}
      id="ranking"
      least={besideNames(ranked.impacts.map(({ name }) => name))}
      drawn={drawn}
      sheet={sheet}
      json={ranked}
    >
      {ranked.warnings.map((warning) => (
        <p class="notice" key={warning}>
          {warning}
        </p>
      ))}
    </Block>
  );
}

function Ranking({ question, pulls }: { question: Question; pulls: Fitted["pulls"] }) {
  const options = { question, done: "The ranking is done." };
  const answer = useAnswer("ranking", question, { ...options, now: true });
  return (
    <>
      <Working
        answer={answer}
        task="ranking"
        args={question}
        what="Ranking parameters"
        again={() => void ask("ranking", question, options)}
      />
      {answer?.status === "done" ? <Impacts ranked={answer.result} pulls={pulls} /> : null}
    </>
  );
}

function Fit({ question, model }: PanelProps) {
  const options = { question, done: "The fit is done.", now: true };
  const answer = useAnswer("fit", question, options);
  const found = answer?.status === "done" ? answer.result : answer?.status === "running" ? answer.part : null;
  return (
    <>
      <Working
        answer={answer}
        task="fit"
        args={question}
        what="Fitting"
        again={() => void ask("fit", question, options)}
      />
      <div class="columns">
        {found?.x ? (
          <div>
            <Best found={found as Found} />
          </div>
        ) : null}
        {answer?.status === "done" ? (
          <div>
            {model.without === null && answer.result.failure === null ? (
              <Ranking question={question} pulls={answer.result.pulls} />
            ) : null}
            <Correlations fitted={answer.result} />
          </div>
        ) : null}
      </div>
    </>
  );
}

/** The best fit, pulls and correlations. */
export const fit: Panel = { id: "fit", title: "Fit", needs: () => null, View: Fit };
