import { Component } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ask, keyOf, quick, useAnswer } from "../ask.js";
import { Block } from "../parts/block.js";
import type { Drawn } from "../parts/figure.js";
import { short } from "../parts/number.js";
import { Select } from "../parts/select.js";
import type { Sheet } from "../parts/sheet.js";
import { documentsOf, look, store } from "../state.js";
import { useStore } from "../store.js";
import type { ParameterInfo } from "../worker/tasks/describe.js";
import type { ChannelYields } from "../worker/tasks/yields.js";
import type { Panel, PanelProps } from "./panel.js";

/** Nobody looks through more sliders than these: a search finds them. */
const mostSliders = 150;

/** Where a slider ends: the parameter's bounds, or what data may say of it where these are far. */
export function rangeOf({
  lower,
  upper,
  init,
  constraint,
  type,
}: ParameterInfo): [low: number, high: number] {
  const normal = constraint === "normal" && init === 0;
  const [low, high] = normal
    ? [-3, 3]
    : type === "normfactor"
      ? [0, Math.max(5, 2 * init)]
      : [0, 2 * init || 2];
  return [Math.max(lower, low), Math.min(upper, high)];
}

interface SliderProps {
  info: ParameterInfo;
  place: number;
  value: number;
  change(place: number, value: number): void;
}

/** One of many, of which a hand moves one at a time: the others are not drawn again. */
class Slider extends Component<SliderProps> {
  override shouldComponentUpdate(next: SliderProps): boolean {
    const { info, value, change } = this.props;
    return next.info !== info || next.value !== value || next.change !== change;
  }

  #set(text: string): void {
    const { info, place, change } = this.props;
    const x = Number(text);
    if (text.trim() !== "" && Number.isFinite(x))
      change(place, Math.min(info.upper, Math.max(info.lower, x)));
  }

  override render({ info, place, value }: SliderProps) {
    const [low, high] = rangeOf(info);
    const id = `par-${place}`;
    return (
      <li class="slider" data-changed={value !== info.init ? "" : undefined}>
        <label for={id} title={`${info.name}: ${info.type}`}>
          {info.name}
        </label>
        <input
          id={id}
          type="range"
          min={Math.min(low, value)}
          max={Math.max(high, value)}
          step="any"
          value={value}
          aria-valuetext={short(value)}
          onInput={({ currentTarget }) => this.#set(currentTarget.value)}
        />
        <input
          type="text"
          inputMode="decimal"
          aria-label={`Value of ${info.name}`}
          value={short(value).replaceAll("−", "-")}
          title={String(value)}
          onChange={({ currentTarget }) => this.#set(currentTarget.value)}
        />
      </li>
    );
  }
}

/** More bins than a picture has pixels across. */
const mostBins = 2000;

/** Parameters, with what the view changes. */
export function parsOf(
  parameters: readonly ParameterInfo[],
  pars: Readonly<Record<number, number>>,
): Float64Array {
  return Float64Array.from(parameters, ({ init }, i) => pars[i] ?? init);
}

/** Yields that follow the sliders: the last ones asked for, and no more at a time than can be answered. */
function useYields(
  question: PanelProps["question"],
  pars: Float64Array,
  channel: string,
): ChannelYields | null {
  const [shown, setShown] = useState<ChannelYields | null>(null);
  const now = useMemo(() => ({ question, pars, channel }), [question, pars, channel]);
  const wanted = useRef(now);
  const busy = useRef(false);
  const alive = useRef(true);
  wanted.current = now;
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  // Not after the next frame, which a hand would notice.
  useLayoutEffect(() => {
    const follow = async () => {
      if (busy.current) return;
      busy.current = true;
      try {
        // What changed meanwhile is asked for next; answers of before are shown, too: a hand sees that it moves.
        for (let asked: unknown = null; alive.current && asked !== wanted.current; ) {
          const args = wanted.current;
          asked = args;
          const [found] = await quick.ask("yields", args, {
            documents: documentsOf(args.question),
            urgent: true,
          });
          if (alive.current) setShown(found ?? null);
        }
      } catch {
        // The panel's description says what is wrong with the model.
      } finally {
        busy.current = false;
      }
    };
    void follow();
  }, [now]);
  return shown;
}

function Yields({ question, model }: PanelProps) {
  const view = useStore(store, (state) => state.view);
  const channel = model.channels.some(({ name }) => name === view.channel)
    ? view.channel!
    : model.channels[0]!.name;
  const [typed, setTyped] = useState("");
  const fitted = useAnswer("fit", question, { question });
  const pars = useMemo(() => parsOf(model.parameters, view.pars), [model, view.pars]);
  const found = useYields(question, pars, channel);
  const changed = Object.keys(view.pars).length > 0;
  const best = fitted?.status === "done" ? fitted.result : null;
  const atBest = best?.x.every((x, i) => x === pars[i]) ?? false;
  const slice = useMemo(() => {
    const before = model.channels.findIndex(({ name }) => name === channel);
    const from = model.channels.slice(0, before).reduce((sum, { bins }) => sum + bins, 0);
    return [from, from + model.channels[before]!.bins] as const;
  }, [model, channel]);
  const drawn = useMemo((): Drawn | undefined => {
    if (!found || found.channel !== channel) return undefined;
    const band = best && (atBest ? best.after : changed ? null : best.before);
    const uncertainty = band ? Array.from(band.subarray(...slice)) : found.total.map(() => 0);
    const when = atBest ? "after the fit" : changed ? "at the sliders' values" : "before the fit";
    if (found.total.length > mostBins) return undefined;
    return (plot, { theme, width }) =>
      plot.yields(
        { ...found, uncertainty, when, log: view.log },
        {
          theme,
          bold: channel,
          text: "",
          corner: "",
          size: { width, height: Math.min(480, 220 + width * 0.45) },
        },
      );
  }, [found, view.log, best, atBest, changed]);
  const sheet = useMemo((): Sheet | undefined => {
    if (!found) return undefined;
    return {
      id: "yields",
      heads: ["bin", ...found.samples.map(({ name }) => name), "all", "data"],
      rows: found.total.map((total, i) => [
        `${i + 1}`,
        ...found.samples.map(({ values }) => values[i]!),
        total,
        found.data[i]!,
      ]),
    };
  }, [found]);
  const change = useCallback(
    (place: number, value: number) => {
      const { [place]: _, ...others } = store.state.view.pars;
      look({ pars: value === model.parameters[place]!.init ? others : { ...others, [place]: value } });
    },
    [model],
  );
  const setAll = (x: ArrayLike<number>) =>
    look({
      pars: Object.fromEntries(
        Array.from(x).flatMap((v, i) => (v === model.parameters[i]!.init ? [] : [[i, v]])),
      ),
    });
  const wanted = typed.trim().toLowerCase();
  const matching = useMemo(
    () =>
      model.parameters
        .map((info, place) => ({ info, place }))
        .filter(({ info }) => wanted === "" || info.name.toLowerCase().includes(wanted)),
    [model, wanted],
  );
  return (
    <div class="split">
      <div>
        <div class="bar">
          <Select
            label="Channel"
            value={channel}
            options={model.channels.map(({ name }) => name)}
            change={(name) => look({ channel: name })}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={view.log}
              onChange={({ currentTarget }) => look({ log: currentTarget.checked })}
            />
            logarithmic
          </label>
        </div>
        <Block title={`Yields of ${channel}`} id="yields" drawn={drawn} sheet={sheet} json={found} open>
          {found && found.total.length > mostBins ? (
            <p class="note">A picture has no room for {found.total.length} bins; the CSV has them all.</p>
          ) : null}
        </Block>
      </div>
      <section class="sliders" aria-label="Parameters">
        <div class="bar">
          <button type="button" onClick={() => look({ pars: {} })} disabled={!changed}>
            Before the fit
          </button>
          <button
            type="button"
            disabled={fitted?.status === "running" || (best !== null && atBest)}
            onClick={async () => {
              await ask("fit", question, { question });
              const answer = store.state.answers.get(keyOf("fit", question));
              if (answer?.status === "done") setAll((answer.result as { x: Float64Array }).x);
            }}
          >
            {fitted?.status === "running" ? "Fitting…" : "Best fit"}
          </button>
        </div>
        <label class="search">
          Search
          <input type="search" value={typed} onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
        </label>
        <ul>
          {matching.slice(0, mostSliders).map(({ info, place }) => (
            <Slider key={info.name} info={info} place={place} value={pars[place]!} change={change} />
          ))}
        </ul>
        {matching.length > mostSliders ? (
          <p class="note">
            {mostSliders} of {matching.length} parameters; a search finds the others.
          </p>
        ) : null}
      </section>
    </div>
  );
}

/** Expected and observed events of a channel, with a slider for every parameter. */
export const yields: Panel = { id: "yields", title: "Yields", needs: () => null, View: Yields };
