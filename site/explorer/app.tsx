/** The page: what is dropped at the top, how it is looked at below. */

import { useEffect, useRef, useState } from "preact/hooks";
import example from "../../examples/data/workspace.json?url";
import { useAnswer } from "./ask.js";
import type { Study } from "./documents/studies.js";
import { printLink, themes, type View } from "./link.js";
import { openAddress, openFiles, openPicked } from "./load.js";
import { panels } from "./panels/index.js";
import { saveEverything } from "./parts/everything.js";
import { Lacking } from "./parts/lacking.js";
import { Picker } from "./parts/picker.js";
import { Select } from "./parts/select.js";
import { type Drop, look, questionOf, type State, say, store, studyOf } from "./state.js";
import { useStore } from "./store.js";

/** One part of how the document is looked at: a slider that moves changes another one. */
const useViewed = <K extends keyof View>(key: K): View[K] =>
  useStore<State, View[K]>(store, ({ view }) => view[key]);

function Theme() {
  const theme = useViewed("theme");
  const options = [{ value: "auto", text: "system theme" }, "light", "dark"];
  const change = (value: string) => look({ theme: themes.find((one) => one === value) ?? "auto" });
  return <Select label="Theme" hidden value={theme} options={options} change={change} />;
}

const pickFiles = (files: readonly File[]) => void openPicked(files);

function Header({ drop }: { drop: Drop | null }) {
  const share = async () => {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied.");
  };
  return (
    <header class="top">
      <h1>Likelihood explorer</h1>
      {drop ? (
        <span class="file" title={`sha256 ${drop.digest}`}>
          {drop.name}
        </span>
      ) : null}
      <span class="tools">
        {drop ? <Picker label="Open" pick={pickFiles} /> : null}
        {drop ? (
          <button
            type="button"
            title="What is seen and all answers, as one ZIP of JSON, SVG and CSV"
            onClick={() => saveEverything().catch((error: unknown) => say(`Nothing is saved: ${error}`))}
          >
            Save all
          </button>
        ) : null}
        {drop ? (
          <button type="button" onClick={() => void share()}>
            Copy link
          </button>
        ) : null}
        <Theme />
      </span>
    </header>
  );
}

function Address() {
  const [address, setAddress] = useState("");
  return (
    <form
      class="address"
      onSubmit={(event) => {
        event.preventDefault();
        if (address.trim()) void openAddress(address.trim());
      }}
    >
      <label>
        By address
        <input
          type="url"
          inputMode="url"
          value={address}
          placeholder="https://www.hepdata.net/record/resource/…"
          onInput={({ currentTarget }) => setAddress(currentTarget.value)}
        />
      </label>
      <button type="submit">Open</button>
    </form>
  );
}

async function openExample(): Promise<void> {
  const answer = await fetch(example);
  await openFiles("workspace.json", [
    { path: "workspace.json", bytes: new Uint8Array(await answer.arrayBuffer()) },
  ]);
}

function Welcome() {
  const [opening, refused, waits] = [
    useStore(store, (state) => state.opening),
    useStore(store, (state) => state.refused),
    useStore(store, ({ view, drop }) => drop === null && view.file !== null),
  ];
  return (
    <main class="welcome" id="main">
      <p class="lead">
        Drop a pyhf workspace, a patch set, or a HEPData archive of them. Everything is computed here, in this
        page; no file leaves your machine.
      </p>
      {waits && !opening ? (
        <p class="notice">This link looks at a file that is not here: drop it, and the view goes on.</p>
      ) : null}
      {refused ? (
        <p class="notice" role="alert">
          {refused}
        </p>
      ) : null}
      {opening ? <Opening /> : null}
      <div class="zone">
        <p>Drop files anywhere on this page</p>
        <p class="faint">json, json.gz, zip, tar, tar.gz</p>
        <Picker label="Choose files" pick={pickFiles} />
      </div>
      <Address />
      <p>
        Or look at an example:{" "}
        <button type="button" class="plain" onClick={() => void openExample()}>
          a search in two channels
        </button>
      </p>
    </main>
  );
}

function Opening() {
  const opening = useStore(store, (state) => state.opening);
  if (!opening) return null;
  const { progress, name } = opening;
  return (
    <div class="working">
      <progress aria-label="Opening" {...(progress ? { value: progress.done, max: progress.of } : {})} />
      <span>Opening {name}</span>
    </div>
  );
}

const signalKey = (document: string, patch: string | null): string => JSON.stringify([document, patch]);

function Choice({
  drop,
  study,
  measurements,
}: {
  drop: Drop;
  study: Study;
  measurements: readonly string[];
}) {
  const signal = useViewed("signal");
  const measurement = useViewed("measurement");
  const keyOf = ({ document, patch }: NonNullable<typeof signal>) => signalKey(document, patch);
  const choose = (workspace: string) => {
    const other = drop.studies.find((one) => one.workspace === workspace);
    const name = study.points.find((p) => signal !== null && keyOf(p) === keyOf(signal))?.name;
    const same = other?.points.find((p) => p.name === name);
    const next = same ? { document: same.document, patch: same.patch } : null;
    look({ workspace, signal: next, measurement: null, channel: null, pars: {} });
  };
  const chooseSignal = (key: string) => {
    const point = study.points.find((p) => keyOf(p) === key);
    look({ signal: point ? { document: point.document, patch: point.patch } : null, pars: {} });
  };
  return (
    <div class="choice">
      {drop.studies.length > 1 ? (
        <Select
          label="Workspace"
          value={study.workspace}
          options={drop.studies.map(({ workspace, name }) => ({ value: workspace, text: name }))}
          change={choose}
        />
      ) : null}
      {study.points.length > 0 ? (
        <Select
          label="Signal"
          value={signal ? keyOf(signal) : ""}
          options={[
            { value: "", text: "none (background only)" },
            ...study.points.map((p) => ({ value: keyOf(p), text: p.name })),
          ]}
          change={chooseSignal}
        />
      ) : null}
      {measurements.length > 1 ? (
        <Select
          label="Measurement"
          value={measurement ?? measurements[0]!}
          options={measurements}
          change={(name) => look({ measurement: name, pars: {} })}
        />
      ) : null}
    </div>
  );
}

function Tabs({ current }: { current: string }) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const end = { Home: 0, End: panels.length - 1 }[event.key];
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    const at = panels.findIndex(({ id }) => id === current);
    const next = end ?? (at + step! + panels.length) % panels.length;
    look({ panel: panels[next]!.id });
    list.current!.querySelectorAll<HTMLElement>("[role=tab]")[next]!.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" ref={list} onKeyDown={move}>
      {panels.map(({ id, title }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === current}
          aria-controls="panel"
          tabIndex={id === current ? 0 : -1}
          onClick={() => look({ panel: id })}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

function Explorer({ drop }: { drop: Drop }) {
  const study = useStore(store, studyOf)!;
  const question = useStore(store, questionOf)!;
  const wanted = useViewed("panel");
  const refused = useStore(store, (state) => state.refused);
  const answer = useAnswer("describe", question, { question, now: true, fast: true });
  const model = answer?.status === "done" ? answer.result : null;
  const panel = panels.find(({ id }) => id === wanted) ?? panels[0]!;
  const lacking = model ? panel.needs(model, study) : null;
  return (
    <>
      <nav class="where" aria-label="Model and views">
        <Choice drop={drop} study={study} measurements={model?.measurements ?? []} />
        <Tabs current={panel.id} />
      </nav>
      <main id="main" tabIndex={-1}>
        <Opening />
        {refused ? (
          <p class="notice" role="alert">
            {refused}
          </p>
        ) : null}
        <div role="tabpanel" id="panel" aria-labelledby={`tab-${panel.id}`} class="panel">
          {answer?.status === "running" ? (
            <div class="working" aria-busy="true">
              <progress aria-label="Reading the model" />
              <span>Reading the model</span>
            </div>
          ) : null}
          {answer?.status === "failed" ? (
            <p class="notice" role="alert" data-code={answer.failure.code}>
              {answer.failure.message}
            </p>
          ) : null}
          {lacking !== null ? <Lacking why={lacking} study={study} /> : null}
          {model && lacking === null ? (
            <panel.View key={study.workspace} study={study} question={question} model={model} />
          ) : null}
        </div>
      </main>
    </>
  );
}

/** Keeps the address the link to what is seen. */
function useLink(): void {
  useEffect(() => {
    let timer = 0;
    let written = "";
    return store.listen(() => {
      const { drop, view } = store.state;
      const link = drop === null ? "" : printLink(view);
      if (link === written || (drop === null && written === "")) return;
      written = link;
      clearTimeout(timer);
      // Browsers refuse to be told too often.
      timer = window.setTimeout(
        () => history.replaceState(null, "", link === "" ? location.pathname : `#${link}`),
        150,
      );
    });
  }, []);
}

function useDrops(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const holds = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(false);
      void openPicked([...event.dataTransfer!.files]);
    };
    addEventListener("dragover", drag);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", drag);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return over;
}

export function App() {
  const drop = useStore(store, (state) => state.drop);
  const said = useStore(store, (state) => state.said);
  const theme = useViewed("theme");
  const over = useDrops();
  useLink();
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        To the content
      </button>
      <Header drop={drop} />
      {drop ? <Explorer key={drop.turn} drop={drop} /> : <Welcome />}
      <p class="hidden" role="status" aria-live="polite">
        {said}
      </p>
      {over ? <div class="over">Drop to open</div> : null}
    </>
  );
}
