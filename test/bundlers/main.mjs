// The packed library through bundlers, in a page, its worker and threads: npm run test:bundlers
//
// Every answer must be that of Node, bit by bit. Prints one line per bundler; exits non-zero where one differs.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import { bundlers, development, stage } from "./bundle.mjs";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const work = mkdtempSync(join(tmpdir(), "gradcut-bundlers-"));
const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);

function must(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr || stdout}`);
  return stdout;
}

/** Puts what npm would publish beside the programs, as an installation would; far from the sources, which some would find. */
function install() {
  const [{ filename }] = JSON.parse(
    must("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", work], root),
  );
  const target = join(work, "node_modules", "gradcut");
  mkdirSync(target, { recursive: true });
  must("tar", ["-xzf", join(work, filename), "-C", target, "--strip-components=1"], root);
}

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** Serves the folders of all pages; each page tells its result and is sent to the next one. */
function serve(pages, vite) {
  const results = new Map();
  let done;
  const finished = new Promise((r) => {
    done = r;
  });
  const next = () => pages.find((name) => !results.has(name));
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const reply = (status, type, body) => {
      response.writeHead(status, { ...headers, "Content-Type": type });
      response.end(body);
    };
    if (path.startsWith("/result/")) {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        results.set(path.slice(8), JSON.parse(body));
        const name = next();
        reply(200, "text/plain", name ? `/${name}/` : "about:blank");
        if (!name) done(results);
      });
    } else if (path.startsWith("/vite-dev/")) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      vite.middlewares(request, response);
    } else {
      const file = join(work, "out", path.endsWith("/") ? `${path}index.html` : path);
      const known = !path.includes("..") && statSync(file, { throwIfNoEntry: false })?.isFile();
      if (known) reply(200, types[extname(file)] ?? "text/plain", readFileSync(file));
      else reply(404, "text/plain", "");
    }
  });
  return { server, finished, results, first: next() };
}

/** What all pages say. */
async function browse(pages, vite) {
  const { server, finished, results, first } = serve(pages, vite);
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
  ];
  const browser = spawn(
    chromium,
    [
      ...flags,
      `--user-data-dir=${join(work, "profile")}`,
      `http://127.0.0.1:${server.address().port}/${first}/`,
    ],
    { stdio: "ignore", detached: true },
  );
  const gone = new Promise((exit) => browser.once("exit", exit));
  let timer;
  const late = new Promise((r) => {
    timer = setTimeout(r, 240_000);
  });
  try {
    await Promise.race([finished, late]);
  } finally {
    clearTimeout(timer);
    process.kill(-browser.pid, "SIGKILL");
    await gone;
    server.closeAllConnections();
    server.close();
  }
  return results;
}

/** In what a page's answers differ from Node's. */
function differences(name, got, want) {
  if (!got) return ["no answer"];
  if (got.error) return [got.error];
  const followed = !["rollup", "esbuild"].includes(name);
  const expected = {
    isolated: true,
    ...{ page: want.conform, worker: want.conform, errors: want.errors },
    share: { ...want.share, same: true, closed: true },
    survived: want.share.threads,
    missing: "ThreadsError",
    builtin: followed ? "no error" : "ThreadsError",
  };
  return Object.entries(expected)
    .filter(([key, value]) => !isDeepStrictEqual(got[key], value))
    .map(([key, value]) => `${key}: ${JSON.stringify(got[key])}, not ${JSON.stringify(value)}`);
}

const size = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(".js"))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);

async function main() {
  install();
  let vite;
  let bad = 0;
  try {
    const program = (name) => stage(join(here, "program"), join(work, name));
    const { share, errors, ...conform } = JSON.parse(must(process.execPath, ["node.js"], program("node")));
    const want = { conform, share, errors };
    for (const [name, bundle] of Object.entries(bundlers))
      await bundle(program(name), join(work, "out", name));
    vite = await development(program("vite-dev"), "/vite-dev/");
    const pages = [...Object.keys(bundlers), "vite-dev"];
    const results = chromium ? await browse(pages, vite) : null;
    if (!chromium) console.log("No chromium on the path: the pages are built, and not run.");
    for (const name of pages) {
      const kilobytes =
        name === "vite-dev" ? "" : `, ${(size(join(work, "out", name)) / 1000).toFixed(0)} kB gzip`;
      const faults = results ? differences(name, results.get(name), want) : [];
      console.log(`${name}: ${faults.length ? "differs" : results ? "as Node" : "built"}${kilobytes}`);
      for (const fault of faults) console.log(`  ${fault}`);
      bad += faults.length;
    }
  } finally {
    await vite?.close();
    rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  process.exitCode = bad === 0 ? 0 : 1;
}

await main();
