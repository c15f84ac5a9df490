/** Likelihoods, fits and limits of HistFactory models, beside pyhf. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as gradcut from "../../dist/src/index.js";
import { pyhfPeers } from "../peers.js";
import { samples, Times } from "../timing.js";

const archive = new URL(
  "../../../shared/data/pyhf/pyhf-ins1748602-probability-models.tar.gz",
  import.meta.url,
);

/** Rows with their peers: the field of the peer's line, its unit in seconds, and how many times faster we mean to be. */
const rows = [
  {
    name: "likelihood-20-value-and-gradient",
    unit: "µs",
    scale: 1e6,
    most: 5,
    peers: { "pyhf-jax": ["small_value_grad_us", 1e-6] },
  },
  { name: "fit-20", unit: "ms", scale: 1e3, peers: { "pyhf-jax": ["small_fit_ms", 1e-3, 20] } },
  { name: "hypotest-20", unit: "ms", scale: 1e3, peers: { "pyhf-jax": ["small_hypotest_ms", 1e-3, 20] } },
  {
    name: "sbottom-hypotest",
    unit: "ms",
    scale: 1e3,
    peers: { "pyhf-numpy": ["sbottom_second_s", 1, 50], "pyhf-jax": ["sbottom_second_s", 1, 5] },
  },
  { name: "toys-20", unit: "ms", scale: 1e3, peers: { "pyhf-toys": ["seconds", 1, 100] } },
];
export const names = rows.flatMap(({ name, peers }) => [
  name,
  ...Object.keys(peers).map((peer) => `${name}/${peer}`),
]);

/** The model of the peers' scripts: 20 bins, a signal strength and 10 shape uncertainties. */
function small() {
  let state = 1;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const { histfactory, histosys, normfactor } = gradcut;
  const b = Array.from({ length: 20 }, () => 50 + 50 * draw());
  const shapes = Array.from({ length: 10 }, (_, k) =>
    histosys(
      `a${k}`,
      b.map((x) => x * (1 + 0.1 * draw())),
      b.map((x) => x * (1 - 0.1 * draw())),
    ),
  );
  const model = histfactory({
    channels: [
      {
        name: "c",
        samples: [
          { name: "s", data: b.map(() => 10 * draw()), modifiers: [normfactor("mu")] },
          { name: "b", data: b, modifiers: shapes },
        ],
      },
    ],
  });
  return { model, data: Float64Array.from([...b, ...model.suggestedAuxdata()]) };
}

/** The ATLAS sbottom likelihood with one signal, from the published archive. */
function sbottom(folder) {
  const read = (file) => JSON.parse(readFileSync(join(folder, "RegionA", file), "utf8"));
  const workspace = gradcut.readWorkspace(read("BkgOnly.json"));
  const model = workspace.model({ patches: [read("patch.sbottom_1300_205_60.json")] });
  return { model, data: workspace.data(model) };
}

function works(folder) {
  const { model, data } = small();
  const { compile, fit, hypotest, valueAndGrad } = gradcut;
  const step = compile((pars, x) => valueAndGrad((p) => model.nll(p, x))(pars));
  const pars = model.config.suggestedInit;
  const run = {
    "likelihood-20-value-and-gradient": () => step(pars, data),
    "fit-20": () => fit(data, model),
    "hypotest-20": () => hypotest(1, data, model),
    "toys-20": () => hypotest(1, data, model, { calctype: "toybased", ntoys: 2000 }),
  };
  if (!folder) return run;
  const large = sbottom(folder);
  return { ...run, "sbottom-hypotest": () => hypotest(1, large.data, large.model) };
}

export async function run({ rounds, wanted, progress }) {
  const folder = existsSync(archive) ? mkdtempSync(join(tmpdir(), "gradcut-bench-")) : null;
  try {
    if (folder) {
      const tar = spawnSync("tar", ["xzf", fileURLToPath(archive), "-C", folder], { encoding: "utf8" });
      if (tar.status !== 0) throw new Error(`tar: ${tar.stderr}`);
    }
    return measure(works(folder), folder, { rounds, wanted, progress });
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

function measure(run, folder, { rounds, wanted, progress }) {
  const chosen = rows.filter(({ name, peers }) =>
    [name, ...Object.keys(peers).map((peer) => `${name}/${peer}`)].some(wanted),
  );
  const ours = new Map(chosen.map(({ name }) => [name, new Times()]));
  const theirs = new Map();
  const skipped = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const { name } of chosen) {
      if (!run[name]) continue;
      progress(`${name}: round ${round + 1} of ${rounds}`);
      ours.get(name).add(samples(run[name], { budget: 1 }));
    }
    const peers = new Set(
      chosen.flatMap(({ name, peers }) => Object.keys(peers).filter((peer) => wanted(`${name}/${peer}`))),
    );
    for (const peer of peers) {
      const reason = skipped.get(peer) ?? pyhfPeers[peer].absent();
      if (reason) {
        skipped.set(peer, reason);
        continue;
      }
      progress(`${peer}: round ${round + 1} of ${rounds}`);
      const line = pyhfPeers[peer].run(folder);
      if (line.failed) skipped.set(peer, line.failed);
      else theirs.set(peer, [...(theirs.get(peer) ?? []), line]);
    }
  }
  return chosen.flatMap((row) => rowsOf(row, run, ours.get(row.name), theirs, skipped));
}

function rowsOf({ name, unit, scale, most, peers }, run, times, theirs, skipped) {
  if (!run[name]) return [{ name, value: null, unit, skipped: "no ../shared/data/pyhf" }];
  const goal = most ? { goal: `≤ ${most} ${unit}`, met: times.best * scale <= most } : {};
  const own = { name, value: times.best * scale, median: times.median * scale, unit, ...goal };
  const others = Object.entries(peers).map(([peer, [field, seconds, least]]) => {
    const row = { name: `${name}/${peer}`, unit, peer };
    const lines = theirs.get(peer)?.filter((line) => line[field] !== undefined);
    if (!lines?.length) return { ...row, value: null, skipped: skipped.get(peer) ?? "not selected" };
    const other = new Times();
    for (const line of lines) other.addRound(line[field] * seconds);
    const ratios = { ratio: other.best / times.best, roundRatio: other.median / times.median };
    return {
      ...row,
      value: other.best * scale,
      median: other.median * scale,
      peerVersion: lines[0].version,
      ...ratios,
      ...(least ? { goal: `gradcut ≥ ${least} ×`, met: ratios.ratio >= least } : {}),
    };
  });
  return [own, ...others];
}
