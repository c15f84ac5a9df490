// The places where the packed library must run. Each is a record; main.mjs walks them all.
//
// `needs` is the name of a tool; `run` gives { runs, says }: answers by their bits, of which all must be those of Node, and
// what else was found, of which `says` is expected. A place that `refuses` has no answers. `size` is what is sent or installed there, in bytes with gzip.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { browsers, visit } from "./browsers.mjs";
import { bundlers } from "./bundle.mjs";

/** What a command prints, as JSON. */
function printed(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  let out = "";
  let errors = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    errors += text;
  });
  return new Promise((done) => {
    child.once("error", (error) => done({ error: error.message }));
    child.once("close", (code) =>
      done(code === 0 ? JSON.parse(out) : { error: `exit code ${code}: ${errors.slice(-1500)}` }),
    );
  });
}

const node = (version) => ({
  name: `Node ${version}`,
  needs: `node${version}`,
  says: { closed: true },
  run: (stage, command) => printed(command, ["node.js"], stage.program),
  size: (stage) => stage.packed,
});

const runtimes = [
  ...[20, 22, 24].map(node),
  {
    name: "Deno, without permissions",
    needs: "deno",
    says: { closed: true },
    run: (stage, command) => printed(command, ["run", "--no-prompt", "node.js"], stage.program),
    size: (stage) => stage.packed,
  },
  {
    name: "Bun",
    needs: "bun",
    says: { closed: true },
    run: (stage, command) => printed(command, ["node.js"], stage.program),
    size: (stage) => stage.packed,
  },
  // Neither has to start in Node 20.
  ...["workerd", "edge-light"].map((name) => ({
    name: name === "workerd" ? "workerd" : "Vercel's edge runtime",
    needs: "node22",
    says: {},
    run: async (stage, command) =>
      printed(command, [join(import.meta.dirname, "edges.mjs"), name, await stage.bundle(name)]),
    size: (stage) => stage.size(name),
  })),
];

const isolating = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const forbidding = { "Content-Security-Policy": "default-src 'self'; script-src 'self'" };
const allowing = { "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" };
/** A page that may not compile, with workers that may. */
const mixed = (path) => (/(worker|compiler)\.js$/.test(path) ? allowing : forbidding);

const sentence =
  "RuntimeUnavailableError: the Content-Security-Policy forbids WebAssembly here; add 'wasm-unsafe-eval' to its script-src, or compute in a worker that is served with it";

/** What becomes of kernels that a worker hands to a page that may not compile them. */
const handed = {
  chromium: "no error",
  firefox: "Error: a message of the worker cannot be read here",
  webkit: sentence,
};

/** What pages of one browser are asked. */
const pages = (browser) =>
  [
    { name: "page", ask: "page", says: { threads: "RuntimeUnavailableError" } },
    { name: "module worker", ask: "worker" },
    { name: "threads", ask: "threads", headers: () => isolating, says: { isolated: true, closed: true } },
    {
      name: "policy with 'wasm-unsafe-eval'",
      ask: "page",
      headers: () => allowing,
      says: { threads: "RuntimeUnavailableError" },
    },
    {
      name: "policy without",
      ask: "forbidden",
      headers: () => forbidding,
      says: { init: sentence },
      refuses: true,
    },
    { name: "policy without, a worker with", ask: "worker", headers: mixed },
    {
      name: "policy without, kernels of a worker with",
      ask: "module",
      headers: mixed,
      says: { init: handed[browser] },
      refuses: handed[browser] !== "no error",
    },
  ].map(({ name, ask, headers = () => ({}), says = {}, refuses = false }) => ({
    name: `${browsers[browser].name}, ${name}`,
    needs: browser,
    says,
    refuses,
    run: async (stage, command) =>
      visit(browser, command, { folder: await stage.bundle("esbuild"), headers }, `/?${ask}`),
  }));

/** Bundlers that follow the addresses of workers find the built-in one. */
const bundled = (name, followed, site) => ({
  name: `Chromium, ${name}`,
  needs: "chromium",
  says: {
    ...{ isolated: true, closed: true, missing: "ThreadsError" },
    builtin: followed ? "no error" : "ThreadsError",
  },
  run: async (stage, command) =>
    visit("chromium", command, { ...(await site(stage)), headers: () => isolating }, "/?everything"),
});

export const places = [
  ...runtimes,
  ...Object.keys(browsers).flatMap(pages),
  ...Object.keys(bundlers).map((name) => ({
    ...bundled(name, !["rollup", "esbuild"].includes(name), async (stage) => ({
      folder: await stage.bundle(name),
    })),
    size: (stage) => stage.size(name),
  })),
  bundled("vite-dev", true, async (stage) => ({ middlewares: (await stage.development()).middlewares })),
];
