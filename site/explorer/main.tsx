/** Starts the page. */

import { render } from "preact";
import { App } from "./app.js";
import { parseLink } from "./link.js";
import { openAddress, openLink } from "./load.js";
import { look, store } from "./state.js";

const root = document.getElementById("app")!;
root.replaceChildren();
render(<App />, root);

/** What the address asks for: a view in the fragment, or a document as `?url=`. */
function start(): void {
  const view = parseLink(location.hash);
  const given = new URLSearchParams(location.search).get("url");
  look({ theme: view.theme });
  if (view.file !== null || view.url !== null) void openLink(view);
  else if (given !== null) void openAddress(given, view.panel === "contents" ? {} : view);
}

addEventListener("hashchange", () => {
  const view = parseLink(location.hash);
  const { drop } = store.state;
  if (drop !== null && view.file === drop.digest) look(view);
  else if (view.file !== null || view.url !== null) void openLink(view);
});
start();

if (import.meta.env.PROD && "serviceWorker" in navigator && isSecureContext)
  void navigator.serviceWorker.register(new URL("serviceworker.js", document.baseURI)).catch(() => {});
