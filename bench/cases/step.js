/** The cuts × network step and its first call, beside the same step in other libraries. */

import { child, stepPeers } from "../peers.js";
import { step } from "../step.js";
import { median, samples, Times } from "../timing.js";

const goals = { jax: 2.3, "jax-tuned": 0.42, "tfjs-wasm": 8, "jax-js": 15 };
/** Milliseconds that the first call may take beyond a steady one. */
const longest = 60;
const first = "first-call-131072";
const steps = [
  { name: "cuts-network-step-131072", events: 131072, peers: Object.keys(stepPeers), first },
  { name: "cuts-network-step-1048576", events: 1048576, peers: ["jax", "jax-tuned"] },
];

export const names = steps.flatMap(({ name, peers, first }) => [
  name,
  `${name}/cut`,
  ...[name, ...(first ? [first] : [])].flatMap((row) => peers.map((peer) => `${row}/${peer}`)),
  ...(first ? [first] : []),
]);

/** Rows of all sizes that are wanted. */
export async function run(options) {
  const { wanted } = options;
  return steps
    .filter(({ name, first }) =>
      names.some((n) => (n.startsWith(name) || (first && n.startsWith(first))) && wanted(n)),
    )
    .flatMap((which) => measure(which, options));
}

/** Every round runs gradcut, a peer, gradcut, the next peer, and so on: a peer is set against its neighbours. */
function measure({ name, events, peers: peerNames, first }, { rounds, wanted, progress }) {
  const speed = (seconds) => events / seconds / 1e6;
  const { run } = step(events);
  const withCut = step(events, "cut").run;
  const all = new Times();
  const cut = { times: new Times(), ours: new Times() };
  const fresh = [];
  const wantsFirst = first && [first, ...peerNames.map((peer) => `${first}/${peer}`)].some(wanted);
  const peers = peerNames
    .filter((peer) => wanted(`${name}/${peer}`) || (first && wanted(`${first}/${peer}`)))
    .map((peer) => ({
      peer,
      skipped: stepPeers[peer].absent(),
      ...{ times: new Times(), ours: new Times(), first: [], version: "" },
    }));

  samples(run);
  samples(withCut);
  for (let round = 0; round < rounds; round++) {
    progress(`${name}: round ${round + 1} of ${rounds}`);
    let before = samples(run);
    const against = (ours, other) => {
      const theirs = other();
      const after = samples(run);
      const mine = [...before, ...after];
      before = after;
      ours.add(mine);
      all.add(mine);
      return theirs;
    };
    cut.times.add(against(cut.ours, () => samples(withCut)));
    if (wantsFirst) fresh.push(firstCall(events));
    for (const state of peers.filter(({ skipped }) => !skipped)) {
      progress(`${name}: round ${round + 1} of ${rounds}, ${state.peer}`);
      const line = against(state.ours, () => stepPeers[state.peer].run(events));
      if (line.failed) {
        state.skipped = line.failed;
        continue;
      }
      state.times.addRound(line.best_s, line.median_s);
      state.first.push(line.first_s - line.best_s);
      state.version = line.version;
    }
  }

  const rows = [
    { name, value: speed(all.best), median: speed(all.median), unit: "M events/s" },
    {
      name: `${name}/cut`,
      value: speed(cut.times.best),
      median: speed(cut.times.median),
      unit: "M events/s",
      peer: "gradcut with cut()",
      ...cut.times.over(cut.ours),
    },
  ];
  for (const { peer, skipped, times, ours, version } of peers) {
    const row = { name: `${name}/${peer}`, unit: "M events/s", peer };
    if (skipped) {
      rows.push({ ...row, value: null, skipped });
      continue;
    }
    const ratios = times.over(ours);
    rows.push({
      ...row,
      peerVersion: version,
      value: speed(times.best),
      median: speed(times.median),
      ...ratios,
      goal: `gradcut ≥ ${goals[peer]} ×`,
      met: ratios.roundRatio >= goals[peer],
    });
  }
  return first ? [...rows, ...firstRows(first, fresh, peers)] : rows;
}

function firstCall(events) {
  const line = child("first.js", events);
  if (line.failed) throw new Error(`children/first.js ${line.failed}`);
  return { ms: (line.first_s - line.best_s) * 1e3, load: line.load_s * 1e3 };
}

/** The first call minus a steady one, each in a fresh process. */
function firstRows(name, fresh, peers) {
  if (fresh.length === 0) return [];
  const times = fresh.map(({ ms }) => ms);
  const [value, middle] = [Math.min(...times), median(times)];
  const load = median(fresh.map((f) => f.load));
  const ours = {
    name,
    value,
    median: middle,
    unit: "ms",
    load,
    goal: `≤ ${longest} ms`,
    met: value <= longest,
  };
  return [
    ours,
    ...peers.map(({ peer, skipped, first, version }) => {
      const row = { name: `${name}/${peer}`, unit: "ms", peer };
      if (skipped) return { ...row, value: null, skipped };
      const ms = first.map((s) => s * 1e3);
      const best = Math.min(...ms);
      const ratios = { ratio: best / value, roundRatio: median(ms.map((t, i) => t / times[i])) };
      return { ...row, peerVersion: version, value: best, median: median(ms), ...ratios };
    }),
  ];
}
