/** Binned kernel density: value and gradients in events, weights and bandwidth, beside relaxed's formula elsewhere. */

import { compile, hist, table, valueAndGrad } from "../../dist/src/index.js";
import { kdePeers } from "../peers.js";
import { samples, Times } from "../timing.js";

const events = 1e6;
const cases = [
  { bins: 50, dtype: "f32", goals: { relaxed: 8, "tfjs-wasm": 12 } },
  { bins: 50, dtype: "f64", goals: { relaxed: 8, "relaxed-tuned": 4 } },
  { bins: 10, dtype: "f32", goals: { relaxed: 4 } },
].map((c) => ({ ...c, name: `bkde-${c.bins}-${c.dtype}` }));

export const names = cases.flatMap(({ name, goals }) => [
  name,
  ...Object.keys(goals).map((peer) => `${name}/${peer}`),
]);

/** What relaxed_hist.py computes: normal events, unit weights, bins of one bandwidth, a cotangent per bin. */
function work({ bins, dtype }) {
  const column = dtype === "f64" ? Float64Array : Float32Array;
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const x = column.from(
    { length: events },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  const data = table({ x, w: new column(events).fill(1) }, { dtype });
  const params = { h: 6 / bins, c: Float64Array.from({ length: bins }, () => 2 * uniform() - 1) };
  const f = compile((p, e) =>
    valueAndGrad(({ x, w, h }) =>
      hist(x, { bins, range: [-3, 3], bandwidth: h, weights: w })
        .mul(p.c)
        .sum(),
    )({ x: e.x, w: e.w, h: p.h }),
  );
  return () => f(params, data);
}

/** Rows of the cases that are wanted; each peer runs between two samples of gradcut. */
export async function run({ rounds, wanted, progress }) {
  const rows = [];
  for (const { name, bins, dtype, goals } of cases) {
    if (![name, ...Object.keys(goals).map((peer) => `${name}/${peer}`)].some(wanted)) continue;
    const step = work({ bins, dtype });
    const all = new Times();
    const peers = Object.keys(goals)
      .filter((peer) => wanted(`${name}/${peer}`))
      .map((peer) => ({
        peer,
        ...kdePeers[peer](bins, dtype),
        times: new Times(),
        ours: new Times(),
        version: "",
      }));
    for (const state of peers) state.skipped = state.absent();
    samples(step);
    for (let round = 0; round < rounds; round++) {
      progress(`${name}: round ${round + 1} of ${rounds}`);
      let before = samples(step);
      all.add(before);
      for (const state of peers.filter(({ skipped }) => !skipped)) {
        progress(`${name}: round ${round + 1} of ${rounds}, ${state.peer}`);
        const line = state.run(events);
        if (line.failed) {
          state.skipped = line.failed;
          continue;
        }
        const after = samples(step);
        state.ours.add([...before, ...after].map((s) => s / events));
        all.add(after);
        before = after;
        // Some of the peers print the best time only.
        const perEvent = line.ns_per_event ? line.ns_per_event / 1e9 : line.best_s / line.events;
        state.times.addRound(perEvent);
        state.version = line.version;
      }
    }
    const ns = (seconds) => seconds * 1e9;
    rows.push({ name, value: ns(all.best / events), median: ns(all.median / events), unit: "ns/event" });
    for (const { peer, skipped, times, ours, version } of peers) {
      const row = { name: `${name}/${peer}`, unit: "ns/event", peer };
      if (skipped) {
        rows.push({ ...row, value: null, skipped });
        continue;
      }
      const ratios = times.over(ours);
      rows.push({
        ...row,
        peerVersion: version,
        value: ns(times.best),
        median: ns(times.median),
        ...ratios,
        goal: `gradcut ≥ ${goals[peer]} ×`,
        met: ratios.roundRatio >= goals[peer],
      });
    }
  }
  return rows;
}
