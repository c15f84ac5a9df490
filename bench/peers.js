/** The same step in other libraries, each as a process that prints one JSON line. An absent one gives a reason. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const python = process.env.GRADCUT_PYTHON ?? "python3";
const scripts = process.env.GRADCUT_PEERS ?? path("../../shared/peers");

const looked = new Map();
/** The version of a module under GRADCUT_PYTHON as `{ version }`, or `{ skipped }`: why there is none. */
function found(module, label) {
  if (!looked.has(module)) {
    const line = `import ${module}; print(${module}.__version__)`;
    const { status, stdout } = spawnSync(python, ["-c", line], { encoding: "utf8" });
    const answer = () => {
      if (status !== 0) return { skipped: `no Python with ${label}; name one in GRADCUT_PYTHON` };
      if (!existsSync(scripts)) return { skipped: "no folder of Python peers; name one in GRADCUT_PEERS" };
      return { version: `${label} ${stdout.trim()}` };
    };
    looked.set(module, answer());
  }
  return looked.get(module);
}
const findJax = () => found("jax", "JAX");
const findPyhf = () => found("pyhf", "pyhf");

const jaxPeer = (script, args) => ({
  absent: () => findJax().skipped,
  run: (events) => ({
    ...launch(python, [`${scripts}/${script}`, ...args(events)]),
    version: findJax().version,
  }),
});

const npmPeer = (script, folder, label, args) => ({
  absent: () =>
    existsSync(path(`node_modules/${folder}`)) ? undefined : "not installed; run npm ci in bench/",
  run: (events) => {
    const line = launch(process.execPath, [path(`peers/${script}`), ...args(events)]);
    return { ...line, version: `${label} ${line.version}` };
  },
});

/** Peers of the training step by row suffix; `run(events)` answers first_s, best_s, median_s and version. */
export const stepPeers = {
  jax: jaxPeer("jax_mlp.py", (n) => [String(n), n > 200000 ? "4" : "10"]),
  "jax-tuned": jaxPeer("jax_mlp_scan.py", (n) => [String(n)]),
  "tfjs-wasm": npmPeer("tfjs.js", "@tensorflow/tfjs", "TensorFlow.js", (n) => [String(n), "3"]),
  "jax-js": npmPeer("jaxjs.js", "@jax-js/jax", "jax-js", (n) => [String(n), "2"]),
};

const pyhfPeer = (args) => ({
  absent: () => findPyhf().skipped,
  run: (folder) => ({ ...launch(python, args(folder)), version: findPyhf().version }),
});
const fits = (backend) => (folder) => [
  `${scripts}/pyhf_fits.py`,
  backend,
  "scipy",
  ...(folder ? [folder] : []),
];

/** pyhf by row suffix; `run(folder)` takes the folder of the published likelihood, or null. */
export const pyhfPeers = {
  "pyhf-jax": pyhfPeer(fits("jax")),
  "pyhf-numpy": pyhfPeer(fits("numpy")),
  "pyhf-toys": pyhfPeer(() => [path("peers/pyhf_toys.py")]),
};

export const gemmPeer = jaxPeer("jax_gemm.py", (n) => [String(n)]);

/** Peers of the smoothed histogram by row suffix. TensorFlow.js holds edges × events, so it gets fewer of them. */
export const kdePeers = {
  relaxed: (bins, dtype) => jaxPeer("relaxed_hist.py", (n) => [String(n), String(bins), dtype]),
  "relaxed-tuned": (bins, dtype) => jaxPeer("relaxed_hist_scan.py", (n) => [String(n), String(bins), dtype]),
  "tfjs-wasm": (bins) =>
    npmPeer("tfjs-kde.js", "@tensorflow/tfjs", "TensorFlow.js", () => ["20000", "5", String(bins)]),
};

/** Why awkward and JAX cannot be asked about jets, if so. */
export const jetsAbsent = () => found("awkward", "awkward").skipped ?? findJax().skipped;

/** The processes that are asked about jets again and again, by script; each reads the events in `folder`. */
export const jetPeers = {
  jets: (folder) => Served.start([`${scripts}/jets_peer.py`, folder]),
  "awkward-jax": (folder) => Served.start([path("peers/awkward_jax.py"), folder]),
};

/** A Python process that answers each line with one; its first says that it is ready, and what it has. */
class Served {
  #child;
  #lines;
  /** `answer`: its loss and gradients; `passing`: its number of events, where it says that; `versions` of libraries. */
  ready;

  static async start(args) {
    const served = new Served();
    served.#child = spawn(python, args, { stdio: ["pipe", "pipe", "ignore"] });
    served.#lines = createInterface({ input: served.#child.stdout })[Symbol.asyncIterator]();
    const [, value, gradients, rest] = /^#ready (\S+) \[(.*?)\] (.*)$/.exec(await served.#next());
    const words = rest.split(" ");
    const [awkward, jax] = words.slice(-2);
    served.ready = {
      answer: [value, ...gradients.split(", ")].map(Number),
      passing: words.length > 2 ? Number(words[2]) : undefined,
      versions: `awkward ${awkward}, JAX ${jax}`,
    };
    return served;
  }

  async #next() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("a Python peer ended; run its script by hand to see why");
    return value;
  }

  /** Best and median seconds of one of its works, repeated for half a second. */
  async time(name) {
    this.#child.stdin.write(`${name}\n`);
    const [, best, median] = (await this.#next()).split(" ");
    return { best: Number(best), median: Number(median) };
  }

  end() {
    this.#child.stdin.end("quit\n");
  }
}

/** Runs a script and reads the last line that it prints. */
function launch(command, args) {
  const child = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 24 });
  if (child.status !== 0) {
    const lines = child.stderr?.trim().split("\n") ?? [String(child.error)];
    return { failed: `failed: ${lines.find((line) => /^\w*Error/.test(line)) ?? lines.at(-1)}` };
  }
  return JSON.parse(child.stdout.trim().split("\n").at(-1));
}

/** Runs one of the scripts in children/ in a fresh process of this Node. */
export const child = (script, ...args) =>
  launch(process.execPath, ["--expose-gc", path(`children/${script}`), ...args.map(String)]);
