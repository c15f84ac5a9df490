// Where gpu.js finds a GPU: Deno, and pages in Chromium. Programs are bundled; each tells lines of JSON.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "../..");
const answers = (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;

export const chromium = ["chromium", "chromium-browser", "google-chrome"].find(answers) ?? null;

/** Deno, from test/gpu or the path. */
export const deno =
  [join(root, "test/gpu/node_modules/.bin/deno"), "deno"].find((name) =>
    name === "deno" ? answers(name) : existsSync(name),
  ) ?? null;

/** Flags by which Chromium computes WebGPU in software. */
export const software = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** A module of one file, of a module that exports `main(given, tell)`: what it is given, and to whom it says its lines. */
export async function bundle(program, folder) {
  const contents = `
import { main } from ${JSON.stringify(program)};
const inPage = typeof document !== "undefined";
const given = JSON.parse(inPage ? decodeURIComponent(location.search.slice(1)) : (globalThis.Deno?.args ?? process.argv.slice(2))[0]);
const tell = async (line) =>
  inPage ? fetch("/line", { method: "POST", body: JSON.stringify(line) }) : console.log("> " + JSON.stringify(line));
main(given, tell).then(() => tell("end"), (error) => tell({ error: String(error?.stack ?? error) }).then(() => tell("end")));
`;
  const outfile = join(folder, "program.mjs");
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "browser",
    logLevel: "error",
  });
  return outfile;
}

/** Runs a bundled program by a command such as Deno or Node; every line that it tells goes to `hear`. */
export async function runIn(command, args, file, given, hear, seconds = 300) {
  const child = spawn(command, [...args, file, JSON.stringify(given)], { stdio: ["ignore", "pipe", "pipe"] });
  let ended = false;
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  createInterface(child.stdout).on("line", (line) => {
    if (line === '> "end"') ended = true;
    else if (line.startsWith("> ")) hear(JSON.parse(line.slice(2)));
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
  await new Promise((done) => child.once("close", done));
  clearTimeout(timer);
  if (!ended) hear({ error: `${command} ended early: ${errors.slice(-2000)}` });
}

/** The same in a page of Chromium. With `show`, the address is printed for a browser that the reader opens. */
export async function browse(flags, file, given, hear, { seconds = 300, show = null } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "gradcut-page-"));
  let end;
  const finished = new Promise((done) => {
    end = done;
  });
  const server = createServer((request, response) => {
    const reply = (type, body) => {
      response.writeHead(200, { "Content-Type": type });
      response.end(body);
    };
    if (request.url === "/program.mjs") return reply("text/javascript", readFileSync(file));
    if (request.url !== "/line")
      return reply(
        "text/html",
        '<!doctype html><title>gradcut</title><script type="module" src="/program.mjs"></script>',
      );
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      reply("text/plain", "");
      const line = JSON.parse(body);
      if (line === "end") end(true);
      else hear(line);
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const address = `http://127.0.0.1:${server.address().port}/?${encodeURIComponent(JSON.stringify(given))}`;
  show?.(address);
  const quiet = ["--headless", "--no-sandbox", "--no-first-run", "--disable-background-networking"];
  const browser =
    show === null &&
    spawn(chromium, [...quiet, ...flags, `--user-data-dir=${profile}`, address], {
      stdio: "ignore",
      detached: true,
    });
  const late = new Promise((done) => setTimeout(done, seconds * 1000, false).unref());
  try {
    if (!(await Promise.race([finished, late]))) hear({ error: `the page did not end within ${seconds} s` });
  } finally {
    if (browser) {
      const gone = new Promise((exit) => browser.once("exit", exit));
      process.kill(-browser.pid, "SIGKILL");
      await gone;
    }
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
