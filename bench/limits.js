#!/usr/bin/env node
/**
 * Tests with a statistical uncertainty in every bin, and limits in units of a repeated test: node bench/limits.js. CPU
 * seconds; each count of bins in a process of its own, with its greatest memory.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  histfactory,
  hypotest,
  init,
  normfactor,
  normsys,
  readWorkspace,
  staterror,
  upperLimit,
} from "../dist/src/index.js";

const shared = fileURLToPath(new URL("../../shared/data/pyhf/", import.meta.url));

/** CPU seconds of a call. */
function cpu(f) {
  const start = process.cpuUsage();
  f();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

const least = (times, f) => Math.min(...Array.from({ length: times }, () => cpu(f)));

/** One channel, all of its bins with a staterror. */
function bins(n) {
  let state = 7;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const background = Array.from({ length: n }, () => 30 + 50 * draw());
  const width = background.map((x) => Math.sqrt(x) * (0.3 + draw()));
  const samples = [
    { name: "s", data: background.map(() => 5 * draw()), modifiers: [normfactor("mu")] },
    { name: "b", data: background, modifiers: [staterror("stat", width), normsys("k", 1.1, 0.9)] },
  ];
  const model = histfactory({ channels: [{ name: "c", samples }] });
  const main = background.map((x) => Math.round(x + (draw() - 0.5) * 2 * Math.sqrt(x)));
  return { model, data: Float64Array.from([...main, ...model.suggestedAuxdata()]) };
}

/** A workspace whose parameter of interest acts on nothing gets a signal in every channel that is no control region. */
function withSignal(document) {
  const { config } = document.measurements[0];
  const acts = document.channels.some((c) =>
    c.samples.some((s) => s.modifiers.some((m) => m.name === config.poi)),
  );
  if (acts) return document;
  config.poi ||= "mu_SIG";
  for (const { name, samples } of document.channels) {
    if (/CR|VR/.test(name) && !/SR/.test(name)) continue;
    const total = samples[0].data.map((_, i) => samples.reduce((sum, s) => sum + s.data[i], 0));
    const data = total.map((x) => 0.3 + 0.6 * Math.sqrt(Math.max(x, 0)));
    samples.push({ name: "signal", data, modifiers: [{ name: config.poi, type: "normfactor", data: null }] });
  }
  return document;
}

/** Published likelihoods by name: pairs of a model and its data. */
function* published(folder) {
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  const made = (workspace, options) => {
    const model = workspace.model(options);
    return { model, data: workspace.data(model) };
  };
  for (const file of readdirSync(join(shared, "published"))) {
    yield [file.replace(".json", ""), made(readWorkspace(withSignal(read(join(shared, "published", file)))))];
  }
  for (const region of ["A", "B", "C"]) {
    const at = join(folder, `Region${region}`);
    const patches = readdirSync(at).filter((file) => file.startsWith("patch."));
    const workspace = readWorkspace(read(join(at, "BkgOnly.json")));
    // The first, one from the middle and the last.
    for (const patch of new Set([patches[0], patches[patches.length >> 1], patches.at(-1)])) {
      yield [`sbottom ${region} ${patch}`, made(workspace, { patches: [read(join(at, patch))] })];
    }
  }
}

await init();
if (process.argv[2]) {
  const { model, data } = bins(Number(process.argv[2]));
  const first = cpu(() => hypotest(1, data, model));
  const again = least(3, () => hypotest(1, data, model));
  const memory = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ bins: Number(process.argv[2]), first, again, MiB: Math.round(memory) }));
} else {
  for (const n of [500, 1000, 2000, 5000, 20000]) {
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), String(n)], { stdio: "inherit" });
  }
  if (existsSync(shared)) {
    const folder = mkdtempSync(join(tmpdir(), "gradcut-limits-"));
    spawnSync("tar", ["xzf", join(shared, "pyhf-ins1748602-probability-models.tar.gz"), "-C", folder]);
    for (const [name, { model, data }] of published(folder)) {
      hypotest(1, data, model);
      const test = least(10, () => hypotest(1, data, model));
      const first = cpu(() => upperLimit(data, model));
      const limit = least(10, () => upperLimit(data, model));
      const ratio = Number((limit / test).toFixed(2));
      console.log(
        JSON.stringify({ name, test, first, limit, ratio, firstRatio: Number((first / test).toFixed(1)) }),
      );
    }
    rmSync(folder, { recursive: true });
  } else console.log("skipped: no ../shared/data/pyhf");
}
