import { useMemo } from "preact/hooks";
import { ask, useAnswer } from "../ask.js";
import { Block } from "../parts/block.js";
import type { Drawn } from "../parts/figure.js";
import { Num, short } from "../parts/number.js";
import { Select } from "../parts/select.js";
import type { Sheet } from "../parts/sheet.js";
import { Working } from "../parts/working.js";
import { look, store } from "../state.js";
import { useStore } from "../store.js";
import type { Limits } from "../worker/tasks/limit.js";
import { needsPoi, type Panel, type PanelProps } from "./panel.js";

export const fluctuations = ["−2σ", "−1σ", "median", "+1σ", "+2σ"] as const;
const levels = ["0.9", "0.95", "0.99"];

function Found({ found }: { found: Limits }) {
  const { poi, level, observed, expected, scan, cls, curves } = found;
  const limits = useMemo(
    (): Sheet => ({
      id: "limits",
      heads: ["limit", poi],
      rows: [
        ["observed", observed],
        ...fluctuations.map((name, i) => [`expected ${name}`, expected[i]!] as const),
      ],
    }),
    [found],
  );
  const drawn = useMemo((): Drawn | undefined => {
    if (scan.length === 0 || cls.some(Number.isNaN)) return undefined;
    const data = { poi, level, scan, cls, expected: curves, limit: observed, expectedLimits: expected };
    return (plot, { theme, width }) =>
      plot.brazil(data, {
        theme,
        bold: "CLs",
        text: "",
        ...(width < 400 ? { corner: "" } : {}),
        size: { width, height: Math.min(440, 200 + width * 0.4) },
      });
  }, [found]);
  const sheet = useMemo(
    (): Sheet => ({
      id: "cls",
      heads: [poi, "CLs", ...fluctuations.map((name) => `expected ${name}`)],
      rows: Array.from(scan, (value, i) => [value, cls[i]!, ...curves.map((curve) => curve[i]!)]),
    }),
    [found],
  );
  return (
    <>
      <p class="answer" data-answer="limit">
        {poi} &lt; <Num x={observed} digits={5} id="observed-limit" /> at {short(100 * level)} % (expected{" "}
        <Num x={expected[2]!} digits={5} id="expected-limit" />)
      </p>
      {found.warnings.map((warning) => (
        <p class="notice" key={warning}>
          {warning}
        </p>
      ))}
      <div class="columns">
        <Block title="CLs with the band of expected ones" id="band" drawn={drawn} sheet={sheet} json={found}>
          {drawn ? null : (
            <p class="note">
              {scan.length === 0
                ? "The curves follow."
                : "CLs is not known everywhere; the table has what is."}
            </p>
          )}
        </Block>
        <Block title="Limits" id="limits" sheet={limits} json={{ poi, level, observed, expected }} />
      </div>
    </>
  );
}

function Limit({ question }: PanelProps) {
  const level = useStore(store, ({ view }) => view.level);
  const args = useMemo(() => ({ question, level }), [question, level]);
  const options = { question, done: "The limit is found." };
  const answer = useAnswer("limit", args, { ...options, now: true });
  const found = answer?.status === "done" ? answer.result : answer?.status === "running" ? answer.part : null;
  return (
    <>
      <div class="bar">
        <Select
          label="Confidence level"
          value={String(level)}
          options={levels.includes(String(level)) ? levels : [...levels, String(level)]}
          change={(text) => look({ level: Number(text) })}
        />
      </div>
      <Working
        answer={answer}
        task="limit"
        args={args}
        what="Looking for limits"
        again={() => void ask("limit", args, options)}
      />
      {found ? <Found found={found} /> : null}
    </>
  );
}

/** Upper limits with the Brazil band. */
export const limit: Panel = { id: "limit", title: "Limit", needs: needsPoi, View: Limit };
