/** What is seen before anything is dropped. */

import { useState } from "preact/hooks";
import example from "../../examples/data/workspace.json?url";
import { openAddress, openFiles, openPicked } from "./load.js";
import { Picker } from "./parts/picker.js";
import { store } from "./state.js";
import { useStore } from "./store.js";

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

async function openSignals(): Promise<void> {
  const { signalExample } = await import("./example.js");
  await openFiles("example", signalExample());
}

export function Welcome() {
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
        <Picker label="Choose files" pick={(files) => void openPicked(files)} />
      </div>
      <Address />
      <p>
        Or look at an example:{" "}
        <button type="button" class="plain" onClick={() => void openExample()}>
          a search in two channels
        </button>
        {" or "}
        <button type="button" class="plain" onClick={() => void openSignals()}>
          a search with its grid of signals
        </button>
      </p>
    </main>
  );
}

/** What is being opened, and how far that is. */
export function Opening() {
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
