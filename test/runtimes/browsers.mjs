// Pages in real browsers. Each answers once, with what its program found.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/**
 * A server of one folder, or of what `middlewares` knows, until a page tells its result. `headers` gives those of a path.
 */
function serve({ folder, middlewares, headers }, done) {
  return createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    for (const [name, value] of Object.entries(headers(path))) response.setHeader(name, value);
    const reply = (status, type, body) => {
      response.writeHead(status, { "Content-Type": type });
      response.end(body);
    };
    if (path === "/result") {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        reply(200, "text/plain", "");
        done(JSON.parse(Buffer.concat(parts).toString()));
      });
    } else if (middlewares) middlewares(request, response);
    else {
      const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
      const known = !path.includes("..") && statSync(file, { throwIfNoEntry: false })?.isFile();
      if (known) reply(200, types[extname(file)] ?? "text/plain", readFileSync(file));
      else reply(404, "text/plain", "");
    }
  });
}

/** Ends a process and its helpers, which are of its group. */
function kill(child) {
  try {
    if (process.platform === "win32") spawnSync("taskkill", ["/pid", child.pid, "/t", "/f"]);
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

// Groups of their own do not end with this process, as when it takes too long.
const running = new Set();
for (const [signal, status] of Object.entries({ SIGTERM: 143, SIGINT: 130 }))
  process.once(signal, () => {
    for (const child of running) kill(child);
    process.exit(status);
  });

/** A process whose helpers end with it. */
function start(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...env },
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said = (said + text).slice(-1000);
  });
  running.add(child);
  const gone = new Promise((exit) => child.once("close", exit)).finally(() => running.delete(child));
  const end = async () => {
    kill(child);
    await gone;
  };
  return { child, gone, end, said: () => said };
}

/** A display that nobody sees; its number comes from the server, which takes the first free one. */
async function display() {
  const server = start("Xvfb", ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]);
  const number = await Promise.race([
    new Promise((told) => server.child.stdio[3].once("data", (text) => told(String(text).trim()))),
    server.gone,
  ]);
  return { name: `:${number}`, end: server.end };
}

/** How each browser opens an address, with a profile of its own; what `open` gives is ended afterwards. */
export const browsers = {
  chromium: {
    name: "Chromium",
    open: (command, profile, address) => [
      start(command, [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-component-update"],
        ...["--disable-background-networking", `--user-data-dir=${profile}`, address],
      ]),
    ],
  },
  firefox: {
    name: "Firefox",
    open(command, profile, address) {
      const quiet = ["datareporting.policy.dataSubmissionEnabled", "app.normandy.enabled"];
      writeFileSync(join(profile, "user.js"), quiet.map((name) => `user_pref("${name}", false);\n`).join(""));
      return [
        start(command, ["--headless", "--no-remote", "--profile", profile, address], { HOME: profile }),
      ];
    },
  },
  webkit: {
    name: "WebKit",
    // Its version for GTK isolates a page and keeps shared memory from it all the same, unless the engine is told.
    async open(command, profile, address, shared) {
      const screen = await display();
      // Its folders of data and caches are the user's.
      const folders = { HOME: profile, XDG_DATA_HOME: profile, XDG_CACHE_HOME: profile };
      const quiet = { WEBKIT_DISABLE_COMPOSITING_MODE: "1", NO_AT_BRIDGE: "1" };
      const env = { ...folders, ...quiet, DISPLAY: screen.name, JSC_useSharedArrayBuffer: String(shared) };
      return [start(command, ["--private", address], env), screen];
    },
  },
};

/** What the page at `path` tells in a browser that is started for it; an error where it tells nothing. */
export async function visit(browser, command, site, path, seconds = 60) {
  const profile = mkdtempSync(join(tmpdir(), "gradcut-page-"));
  let timer;
  const { server, result } = await new Promise((ready) => {
    let done;
    const result = new Promise((r) => {
      done = r;
    });
    const server = serve(site, (told) => done(told));
    server.listen(0, "127.0.0.1", () => ready({ server, result }));
  });
  const address = `http://127.0.0.1:${server.address().port}${path}`;
  const shared = "Cross-Origin-Embedder-Policy" in site.headers("/");
  const opened = await browsers[browser].open(command, profile, address, shared);
  try {
    const late = new Promise((r) => {
      timer = setTimeout(() => r({ error: `no answer within ${seconds} s` }), seconds * 1000);
    });
    const ended = opened[0].gone.then(() => ({ error: `${command} ended: ${opened[0].said()}` }));
    return await Promise.race([result, late, ended]);
  } finally {
    clearTimeout(timer);
    for (const { end } of opened) await end();
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
