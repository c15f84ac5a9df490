/** A page in a real browser, under a policy that forbids code from strings. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const dist = resolve(import.meta.dirname, "../../dist");

/** The name of the browser; undefined where there is none on the path, which is said once. */
export const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);
if (!chromium) console.log("Browser tests are skipped: no chromium on the path.");

const headersOf = (connect: readonly string[]) => ({
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy": `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src ${["'self'", ...connect].join(" ")}`,
});

/** What the page gets besides its program: what was built, and `files` by their paths. */
function serve(
  files: Readonly<Record<string, string>>,
  connect: readonly string[],
  done: (result: unknown) => void,
): Server {
  const headers = headersOf(connect);
  return createServer((request, response) => {
    const url = request.url ?? "/";
    const reply = (type: string, body: string | Buffer) => {
      response.writeHead(200, { ...headers, "Content-Type": type });
      response.end(body);
    };
    if (url === "/")
      return reply("text/html", '<!doctype html><script type="module" src="/program.js"></script>');
    if (url === "/result") {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        reply("text/plain", "");
        done(JSON.parse(body));
      });
      return;
    }
    const file = Object.hasOwn(files, url) ? files[url] : undefined;
    if (file !== undefined) return reply("text/javascript", file);
    if (url.startsWith("/dist/") && !url.includes(".."))
      return reply("text/javascript", readFileSync(join(dist, url.slice(6))));
    response.writeHead(404);
    response.end();
  });
}

const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/**
 * What a module's program, run in a page, gives to its function `send`; what was built is at /dist/, and `files` are
 * more modules by their paths. Its policy lets it read from the hosts in `connect`.
 */
export async function inPage(
  program: string,
  files: Readonly<Record<string, string>> = {},
  connect: readonly string[] = [],
): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "gradcut-browser-"));
  // A program that fails says so, instead of nothing at all.
  const send = `const send = (r) => fetch("/result", { method: "POST", body: JSON.stringify(r) });
addEventListener("error", ({ message }) => send({ failed: message }));
addEventListener("unhandledrejection", ({ reason }) => send({ failed: String(reason) }));
`;
  let done: (result: unknown) => void = () => {};
  const result = new Promise<unknown>((r) => {
    done = r;
  });
  const server = serve({ ...files, "/program.js": send + program }, connect, (r) => done(r));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    chromium as string,
    [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`],
    { stdio: "ignore", detached: true },
  );
  try {
    const said = await result;
    if (typeof said === "object" && said !== null && "failed" in said)
      throw new Error(`in the page: ${said.failed}`);
    return said;
  } finally {
    // With its helper processes, which would go on writing to the profile.
    const gone = new Promise((exit) => browser.once("exit", exit));
    process.kill(-(browser.pid as number), "SIGKILL");
    await gone;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
