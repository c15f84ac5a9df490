/** The page: what is dropped at the top, how it is looked at below. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useAnswer } from "./ask.js";
import { Choice } from "./choice.js";
import { printLink, themes } from "./link.js";
import { openPicked } from "./load.js";
import { panels } from "./panels/index.js";
import { saveEverything } from "./parts/everything.js";
import { Lacking } from "./parts/lacking.js";
import { Picker } from "./parts/picker.js";
import { Select } from "./parts/select.js";
import { type Drop, look, questionOf, say, store, studyOf } from "./state.js";
import { useStore } from "./store.js";
import { useViewed } from "./viewed.js";
import { Opening, Welcome } from "./welcome.js";

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
