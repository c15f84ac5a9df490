import { useMemo, useState } from "preact/hooks";
import { ask, useAnswer } from "../ask.js";
import { Block } from "../parts/block.js";
import { Num, short } from "../parts/number.js";
import { Select } from "../parts/select.js";
import type { Sheet } from "../parts/sheet.js";
import { Working } from "../parts/working.js";
import { store } from "../state.js";
import { useStore } from "../store.js";
import type { Cell, Improvement } from "../worker/tasks/improve.js";
import { needsPoi, type Panel, type PanelProps } from "./panel.js";

/** More cells than these move the limit by next to nothing. */
const shown = 25;

/** A bar from zero to a value, to the left where it lowers the limit. */
function Bar({ value, most }: { value: number; most: number }) {
  const width = Number.isFinite(value) && most > 0 ? (50 * Math.abs(value)) / most : 0;
  return (
    <svg class="lever" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect
        class={value < 0 ? "lowers" : "raises"}
        x={value < 0 ? 50 - width : 50}
        y="1"
        width={width}
        height="8"
      />
      <line x1="50" x2="50" y1="0" y2="10" />
    </svg>
  );
}

function Levers({
  found,
  which,
  kind,
}: {
  found: Improvement;
  which: "expected" | "observed";
  kind: "event" | "percent";
}) {
  const of = (cell: Cell) => (kind === "event" ? cell[which] : (cell[which] * cell.events) / 100);
  const cells = useMemo(
    () =>
      found.cells
        .filter((cell) => Number.isFinite(of(cell)))
        .sort((a, b) => Math.abs(of(b)) - Math.abs(of(a))),
    [found, which, kind],
  );
  const most = cells.length > 0 ? Math.abs(of(cells[0]!)) : 0;
  const unit = kind === "event" ? "one more event" : "1 % more events";
  const sheet: Sheet = {
    id: "levers",
    heads: ["channel", "bin", "sample", "events", `Δ expected, ${unit}`, `Δ observed, ${unit}`],
    rows: cells.map((cell) => {
      const size = kind === "event" ? 1 : cell.events / 100;
      return [
        cell.channel,
        `${cell.bin + 1}`,
        cell.sample,
        cell.events,
        cell.expected * size,
        cell.observed * size,
      ];
    }),
  };
  const [best] = cells;
  return (
    <>
      {best ? (
        <p class="answer">
          {unit[0]!.toUpperCase() + unit.slice(1)} of {best.sample} in bin {best.bin + 1} of {best.channel}{" "}
          would move the {which} limit by <Num x={of(best)} />, more than anything else.
        </p>
      ) : null}
      <Block title={`What moves the ${which} limit`} id="levers" json={found}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
        <section class="scroll tall" tabIndex={0} aria-label="Derivatives of the limit">
          <table>
            <thead>
              <tr>
                <th scope="col">channel, bin</th>
                <th scope="col">sample</th>
                <th scope="col" class="number">
                  events
                </th>
                <th scope="col" class="number">
                  Δ limit
                </th>
                <th scope="col">
                  <span class="hidden">as a bar</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {cells.slice(0, shown).map((cell) => (
                <tr key={`${cell.channel} ${cell.bin} ${cell.sample}`}>
                  <th scope="row">
                    {cell.channel}, {cell.bin + 1}
                  </th>
                  <td>{cell.sample}</td>
                  <td class="number">
                    <Num x={cell.events} />
                  </td>
                  <td class="number">
                    <Num x={of(cell)} />
                  </td>
                  <td>
                    <Bar value={of(cell)} most={most} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Block>
      <details>
        <summary>All {cells.length} samples and bins</summary>
        <Block title="Derivatives" id="derivatives" sheet={sheet} />
      </details>
    </>
  );
}

function Improve({ question }: PanelProps) {
  const level = useStore(store, ({ view }) => view.level);
  const [which, setWhich] = useState<"expected" | "observed">("expected");
  const [kind, setKind] = useState<"event" | "percent">("event");
  const args = useMemo(() => ({ question, level }), [question, level]);
  const options = { question, done: "The derivatives are known." };
  const answer = useAnswer("improve", args, { ...options, now: true });
  const found = answer?.status === "done" ? answer.result : null;
  return (
    <>
      <p class="note">
        By how much the upper limit moves when a sample has more events in a bin, its shapes of variations
        with it: the exact derivative, through all fits. Fewer background events, or more signal ones, move it
        down.
      </p>
      <div class="bar">
        <Select
          label="Limit"
          value={which}
          options={["expected", "observed"]}
          change={(v) => setWhich(v === "observed" ? v : "expected")}
        />
        <Select
          label="For"
          value={kind}
          options={[
            { value: "event", text: "one more event" },
            { value: "percent", text: "1 % more events" },
          ]}
          change={(v) => setKind(v === "percent" ? v : "event")}
        />
      </div>
      <Working
        answer={answer}
        task="improve"
        args={args}
        what="Differentiating the limit"
        again={() => void ask("improve", args, options)}
      />
      {found ? (
        <>
          <p>
            {short(100 * found.level)} % upper limit of {found.poi}: observed{" "}
            <Num x={found.observed} digits={5} id="improve-observed" />, expected{" "}
            <Num x={found.expected} digits={5} id="improve-expected" />
          </p>
          <Levers found={found} which={which} kind={kind} />
        </>
      ) : null}
    </>
  );
}

/** Which bin to improve: derivatives of the limit in yields. */
export const improve: Panel = { id: "improve", title: "Improve", needs: needsPoi, View: Improve };
