/** The same step in other libraries, each as a process that prints one JSON line. An absent one gives a reason. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const python = process.env.GRADCUT_PYTHON ?? "python3";
const scripts = process.env.GRADCUT_PEERS ?? path("../../shared/peers");

let jax;
/** The version of JAX under GRADCUT_PYTHON, or why there is none. */
function findJax() {
  if (jax) return jax;
  const found = spawnSync(python, ["-c", "import jax; print(jax.__version__)"], { encoding: "utf8" });
  if (found.status !== 0) jax = { skipped: "no Python with JAX; name one in GRADCUT_PYTHON" };
  else if (!existsSync(scripts)) jax = { skipped: "no folder of Python peers; name one in GRADCUT_PEERS" };
  else jax = { version: `JAX ${found.stdout.trim()}` };
  return jax;
}

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

let pyhf;
/** The version of pyhf under GRADCUT_PYTHON, or why there is none. */
function findPyhf() {
  if (pyhf) return pyhf;
  const found = spawnSync(python, ["-c", "import pyhf; print(pyhf.__version__)"], { encoding: "utf8" });
  if (found.status !== 0) pyhf = { skipped: "no Python with pyhf; name one in GRADCUT_PYTHON" };
  else if (!existsSync(scripts)) pyhf = { skipped: "no folder of Python peers; name one in GRADCUT_PEERS" };
  else pyhf = { version: `pyhf ${found.stdout.trim()}` };
  return pyhf;
}

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
