import { useMemo, useState } from "preact/hooks";
import { useAnswer } from "../ask.js";
import { isEmpty, isSame, type Kind, type Recipe, type Removed, type Renamed } from "../documents/recipes.js";
import type { Study } from "../documents/studies.js";
import { addPicked } from "../load.js";
import { make, textOf } from "../made.js";
import { Downloads } from "../parts/download.js";
import { look, store } from "../state.js";
import { useStore } from "../store.js";
import type { Description } from "../worker/tasks/describe.js";
import type { Edited } from "../worker/tasks/edit.js";
import { Combine, With } from "./combine.js";
import { type NameRow, Names } from "./names.js";
import type { Panel, PanelProps } from "./panel.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** How often each name stands in channels, in the order of the names. */
function rowsOf({ channels, measurements }: Description) {
  const samples = new Map<string, { channels: number; events: number }>();
  const modifiers = new Map<string, { name: string; types: Set<string>; places: number }>();
  const types = new Map<string, Set<string>>();
  for (const channel of channels)
    for (const { name, values, modifiers: own } of channel.samples) {
      const known = samples.get(name) ?? { channels: 0, events: 0 };
      samples.set(name, { channels: known.channels + 1, events: known.events + sum(values) });
      for (const { name: modifier, type } of own) {
        const one = modifiers.get(modifier) ?? { name: modifier, types: new Set<string>(), places: 0 };
        one.types.add(type);
        one.places++;
        modifiers.set(modifier, one);
        types.set(type, (types.get(type) ?? new Set()).add(modifier));
      }
    }
  return {
    channels: channels.map(({ name, bins, observed }) => ({ name, cells: [bins, sum(observed)] })),
    samples: [...samples].map(([name, { channels: n, events }]) => ({ name, cells: [n, events] })),
    modifiers: [...modifiers.values()],
    types: [...types].map(([name, names]) => ({ name, cells: [names.size] })),
    measurements: measurements.map((name) => ({ name, cells: [] })),
  };
}

const facts = ["channels", "bins", "samples", "modifiers", "parameters", "measurements"] as const;

/** How much there is before and after. */
function Facts({ found }: { found: Edited }) {
  const { before, after } = found;
  return (
    <dl class="facts changes" aria-label="Before and after">
      {facts.map((fact) => {
        const [from, to] = [before[fact], after?.[fact]];
        const changed = to !== undefined && to !== from;
        return (
          <div key={fact} data-changed={changed ? "" : undefined}>
            <dt>{fact}</dt>
            <dd data-before={from} data-after={to} data-fact={fact}>
              {from}
              {changed ? (
                <>
                  {" → "}
                  <b>{to}</b> <span class="faint">{to > from ? `+${to - from}` : `−${from - to}`}</span>
                </>
              ) : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Modifiers of every sample in every channel, and what is left of them. */
function Left({ cells }: { cells: Edited["cells"] }) {
  const channels = [...new Set(cells.map(({ channel }) => channel))];
  const samples = [...new Set(cells.map(({ sample }) => sample))];
  const found = new Map(cells.map((cell) => [JSON.stringify([cell.channel, cell.sample]), cell]));
  return (
    <section class="block" aria-labelledby="what-is-left" data-block="left">
      <header>
        <h2 id="what-is-left">What is left</h2>
      </header>
      <p class="note">Modifiers of each sample in each channel; struck through where the sample goes.</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="scroll" tabIndex={0} aria-label="Modifiers left by sample and channel">
        <table class="heat left">
          <thead>
            <tr>
              <th scope="col">sample</th>
              {channels.map((name) => (
                <th scope="col" key={name} title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {samples.map((sample) => (
              <tr key={sample}>
                <th scope="row" title={sample}>
                  {sample}
                </th>
                {channels.map((channel) => {
                  const cell = found.get(JSON.stringify([channel, sample]));
                  if (!cell) return <td key={channel} />;
                  const { left, modifiers } = cell;
                  const state = left === null ? "gone" : left < modifiers ? "less" : "whole";
                  return (
                    <td key={channel} data-left={state}>
                      {left === null ? (
                        <s title="goes">{modifiers}</s>
                      ) : left === modifiers ? (
                        left
                      ) : (
                        `${left} of ${modifiers}`
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** A name that no other workspace has. */
function freeName(wanted: string, taken: readonly string[]): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted} ${i}`;
    if (!taken.includes(name)) return name;
  }
}

/** The recipe that is written here, of the model that is looked at. */
function useDraft({ question, study }: PanelProps): [Recipe, (change: Partial<Recipe>) => void] {
  const draft = useStore(store, ({ view }) => view.draft);
  const drop = useStore(store, (state) => state.drop);
  const recipe = useMemo((): Recipe => {
    const of = { workspace: question.workspace, signal: question.signal };
    if (draft && isSame(draft.of, of)) return draft;
    const names = drop?.studies.map(({ name }) => name) ?? [];
    return { name: freeName(`${study.name}, edited`, names), of, prune: {}, rename: {}, with: null };
  }, [draft, question, study, drop]);
  return [recipe, (change) => look({ draft: { ...recipe, ...change } })];
}

function Making({
  recipe,
  study,
  found,
  change,
}: {
  recipe: Recipe;
  study: PanelProps["study"];
  found: Edited | null;
  change(c: Partial<Recipe>): void;
}) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const empty = isEmpty(recipe);
  const start = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await make(recipe);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <>
      <div class="bar making">
        <label>
          Name
          <input
            type="text"
            value={recipe.name}
            onChange={({ currentTarget }) => change({ name: currentTarget.value.trim() || recipe.name })}
          />
        </label>
        <button
          type="button"
          class="main"
          disabled={busy || empty || !found?.after}
          onClick={() => void start()}
        >
          Make this workspace
        </button>
        <button type="button" disabled={empty} onClick={() => look({ draft: null })}>
          Undo all
        </button>
        {found?.after ? (
          <Downloads
            files={[{ name: empty ? study.name : recipe.name, kind: "json", content: () => textOf(recipe) }]}
          />
        ) : null}
      </div>
      {failure === null ? null : (
        <p class="notice" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}

const none: readonly Study[] = [];

function Edit(props: PanelProps) {
  const { model, question, study } = props;
  const [recipe, change] = useDraft(props);
  const rows = useMemo(() => rowsOf(model), [model]);
  const args = useMemo(() => ({ recipe: { ...recipe, name: "" }, write: false }), [recipe]);
  const studies = useStore(store, ({ drop }) => drop?.studies ?? none);
  const second = recipe.with?.of;
  const answer = useAnswer("edit", args, {
    ...{ question, now: true, fast: true },
    also: second ? [{ ...second, measurement: null }] : [],
  });
  const [last, setLast] = useState<Edited | null>(null);
  const found = answer?.status === "done" ? answer.result : last;
  if (answer?.status === "done" && answer.result !== last) setLast(answer.result);
  const remove = (kind: keyof Removed) => (names: readonly string[]) =>
    change({ prune: { ...recipe.prune, [kind]: names } });
  const rename = (kind: Kind) => (names: Readonly<Record<string, string>>) =>
    change({ rename: { ...recipe.rename, [kind]: names } as Renamed });
  const of = (kind: Kind) => ({
    ...{ id: kind, removed: recipe.prune[kind] ?? [], remove: remove(kind) },
    ...{ renamed: recipe.rename[kind] ?? {}, rename: rename(kind) },
  });
  const types = new Set(recipe.prune.modifierTypes);
  const modifiers = rows.modifiers.map(
    ({ name, types: own, places }): NameRow => ({
      ...{ name, cells: [[...own].join(", "), places] },
      gone: [...own].every((type) => types.has(type)),
    }),
  );
  return (
    <>
      {found ? <Facts found={found} /> : null}
      <Making recipe={recipe} study={study} found={found} change={change} />
      <With recipe={recipe} studies={studies} change={change} add={(files) => void addPicked(files)} />
      {answer?.status === "failed" ? (
        <p class="notice" role="alert" data-code={answer.failure.code}>
          {answer.failure.message}
        </p>
      ) : null}
      {found?.problem ? (
        <p class="notice" role="alert">
          {found.problem}
        </p>
      ) : null}
      {found?.without.map(([measurement, poi]) => (
        <p class="notice" key={measurement}>
          Nothing depends on {poi} any more, the parameter of interest of the measurement {measurement}: there
          are no limits of it.
        </p>
      ))}
      <Combine recipe={recipe} studies={studies} found={found} change={change} />
      {recipe.with ? <h2 class="part">{study.name}, before it is combined</h2> : null}
      <div class="columns">
        <div>
          <Names
            title="Channels"
            heads={["channel", "bins", "observed"]}
            rows={rows.channels}
            {...of("channels")}
          />
          <Names
            title="Samples"
            heads={["sample", "channels", "expected"]}
            rows={rows.samples}
            {...of("samples")}
          />
          {found && found.cells.length > 0 ? <Left cells={found.cells} /> : null}
        </div>
        <div>
          <Names
            title="Types of modifiers"
            id="types"
            heads={["type", "modifiers"]}
            rows={rows.types}
            removed={recipe.prune.modifierTypes ?? []}
            remove={remove("modifierTypes")}
          />
          <Names
            title="Modifiers"
            heads={["modifier", "type", "places"]}
            rows={modifiers}
            {...of("modifiers")}
          />
          <Names
            title="Measurements"
            heads={["measurement"]}
            rows={rows.measurements}
            {...of("measurements")}
          />
        </div>
      </div>
    </>
  );
}

/** Prunes, renames and joins; what comes of it is a workspace like those that were dropped. */
export const edit: Panel = { id: "edit", title: "Edit", needs: () => null, View: Edit };
