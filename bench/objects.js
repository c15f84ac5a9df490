#!/usr/bin/env node
/**
 * Jets of events, beside awkward and JAX: node bench/objects.js [--events N] [--rounds N]. Prints Markdown. Peers are
 * processes with the same events, which take turns with gradcut on one core; docs/benchmarks.md says how they are found.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { threads } from "../dist/src/entry/threads.node.js";
import { compile, cut, init, nested, table, valueAndGrad } from "../dist/src/index.js";
import { jetEvents } from "./data.js";
import { cpu, node, pin } from "./machine.js";
import { jetPeers, jetsAbsent } from "./peers.js";
import { samples, Times } from "./timing.js";

/** Thresholds on the momentum of a jet and on the sum over an event. */
const p = { c: 30, h: 250 };

const sigmoid = (x, threshold, width) => x.sub(threshold).div(width).sigmoid();

/** -log Σ x over events, softly of at least four jets with |η| < 2.4 and pT > c, whose pT add up to more than h. */
function loss({ c, h }, { x, jets: { pt, eta } }) {
  const w = sigmoid(pt, c, 5).mul(sigmoid(eta.abs(), 2.4, -0.05));
  const passes = sigmoid(pt.mul(w).sum("parent"), h, 10).mul(sigmoid(w.sum("parent"), 3.5, 0.1));
  return passes.mul(x).sum().log().neg();
}

/** 1 for events that pass, 0 for the others. */
function mask({ c, h }, { jets: { pt, eta } }) {
  const m = pt.gt(c).mul(eta.abs().lt(2.4));
  return pt.mul(m).sum("parent").gt(h).mul(m.sum("parent").gt(3.5));
}

/** The same as a person writes it. */
const good = "jets.pt > {c = 30} && abs(jets.eta) < fixed(2.4)";
const selection = cut(`sum(jets.pt[${good}]) > {h = 250} && count(${good.replace(" = 30", "")}) >= 4`);

/** What gradcut does, by name: calls without arguments. */
function worksOn({ offsets, pt, eta, x }, options = {}) {
  const [masked, value, gradients] = [mask, loss, valueAndGrad(loss)].map((f) => compile(f, options));
  const works = {};
  for (const dtype of ["f32", "f64"]) {
    const events = table({ x, jets: nested(offsets, { pt, eta }) }, { dtype });
    works[`hard mask, ${dtype}`] = () => masked(p, events);
    works[`cut().hard, ${dtype}`] = () => selection.hard(p, events);
    works[`soft value, ${dtype}`] = () => value(p, events);
    works[`value and gradients, ${dtype}`] = () => gradients(p, events);
  }
  return works;
}

/** Our work, the process and the work that it is set against, the name of that in the table, and the goal. */
const pairs = [
  ["cut().hard, f32", "jets", "ak-hard", "awkward (sums in f32)", 4.5],
  ["hard mask, f64", "jets", "ak-hard", "awkward (sums in f32)", 4.5],
  ["hard mask, f32", "jets", "ak-hard", "awkward"],
  ["soft value, f32", "jets", "ak-soft", "awkward and NumPy", 2],
  ["soft value, f32", "jets", "np-soft", "NumPy on flat jets (expert)"],
  ["soft value, f32", "jets", "jax-value", "JAX, padded", 2],
  ["soft value, f32", "jets", "jaxseg-value", "JAX, segment_sum (expert)"],
  ["value and gradients, f32", "jets", "jax-grad", "JAX, padded", 3.5],
  ["value and gradients, f32", "jets", "jaxT-grad", "JAX, padded, transposed"],
  ["value and gradients, f32", "jets", "jaxseg-grad", "JAX, segment_sum (expert)", 1.3],
  ["value and gradients, f32", "awkward-jax", "akjax-grad", "awkward's JAX backend"],
];
/** The same with few jets, where events cost more than jets. */
const sparsePairs = [
  ["value and gradients, f32", "jets", "jax-grad", "JAX, padded"],
  ["value and gradients, f32", "jets", "jaxseg-grad", "JAX, segment_sum (expert)"],
];

/** Seconds over rounds by name; all take turns in each round. `time` answers the best and the median of half a second. */
async function measure(names, rounds, time) {
  const measured = new Map([...new Set(names)].map((name) => [name, new Times()]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, times] of measured) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round + 1} of ${rounds}: ${name}\r`);
      const { best, median } = await time(name);
      times.addRound(best, median);
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\x1b[K");
  return measured;
}

/** Best and median of half a second of calls. */
function own(work) {
  const times = new Times();
  times.add(samples(work));
  return times;
}

/** Starts the processes that the pairs name, with the events in files, and ends them after `body`. */
async function withPeers({ offsets, pt, eta, x }, pairs, body) {
  const folder = mkdtempSync(join(tmpdir(), "gradcut-jets-"));
  const peers = {};
  try {
    const files = { "offsets.i32": offsets, "pt.f32": pt, "eta.f32": eta, "x.f32": x };
    for (const [name, array] of Object.entries(files)) writeFileSync(join(folder, name), array);
    for (const name of new Set(pairs.map(([, process]) => process)))
      peers[name] = await jetPeers[name](folder);
    return await body(peers);
  } finally {
    for (const peer of Object.values(peers)) peer.end();
    rmSync(folder, { recursive: true });
  }
}

/** Throws where a peer has another value, other gradients or other events; says what they are. */
function agree(works, peers) {
  const { value, grads } = works["value and gradients, f64"]();
  const answer = [value, grads.c, grads.h];
  const passing = works["hard mask, f64"]().reduce((n, one) => n + one, 0);
  for (const { ready } of Object.values(peers)) {
    if (ready.answer.some((theirs, i) => !(Math.abs(theirs - answer[i]) <= 1e-4 * Math.abs(answer[i]))))
      throw new Error(`a peer has ${ready.answer}, and gradcut ${answer}`);
    if ((ready.passing ?? passing) !== passing)
      throw new Error(`a peer lets ${ready.passing} events pass, and gradcut ${passing}`);
  }
  return `Value ${value.toFixed(6)}, gradients ${grads.c.toPrecision(6)} and ${grads.h.toPrecision(6)}; ${passing} events pass.`;
}

const ms = ({ best, median }) => `${(best * 1e3).toPrecision(3)} (${(median * 1e3).toPrecision(3)})`;
const cells = (row) => `| ${row.join(" | ")} |`;
const head = [
  cells([
    "events with jets",
    "gradcut ms, best (median)",
    "peer",
    "its ms",
    "ratio",
    "by rounds",
    "goal",
    "",
  ]),
  cells(Array(8).fill("---")),
];

/** One row: how many times longer `theirs` takes than `ours`; `most` turns the goal around. */
function row(name, ours, peer, theirs, goal, most = false) {
  const { ratio, roundRatio } = theirs.over(ours);
  const met = most ? roundRatio <= goal : roundRatio >= goal;
  const said = goal === undefined ? ["", ""] : [`${most ? "≤" : "≥"} ${goal}`, met ? "met" : "missed"];
  return cells([name, ms(ours), peer, ms(theirs), ratio.toFixed(2), roundRatio.toFixed(2), ...said]);
}

/** Two threads against one, before all others are kept on one core. */
async function threadsRow(events, rounds) {
  const team = await threads(2);
  const name = "value and gradients, f32";
  const works = { one: worksOn(events)[name], two: worksOn(events, { threads: team })[name] };
  const [one, two] = [works.one(), works.two()].map((answer) => JSON.stringify(answer));
  const times = await measure(["one", "two"], rounds, (key) => own(works[key]));
  team.close();
  const bits = one === two ? "the same bits" : "OTHER BITS";
  return row(`${name}, two threads, ${bits}`, times.get("two"), "one thread", times.get("one"), 1.8);
}

/** Rows of the pairs, and how the sides agree. */
async function compared(events, pairs, rounds) {
  const works = worksOn(events);
  return withPeers(events, jetsAbsent() ? [] : pairs, async (peers) => {
    const said = agree(works, peers);
    const served = new Map(pairs.map(([, process, work]) => [work, peers[process]]));
    const names = [...pairs.flatMap(([ours, , theirs]) => [ours, theirs]), ...Object.keys(works)];
    const times = await measure(
      names.filter((name) => name in works || served.get(name)),
      rounds,
      (name) => served.get(name)?.time(name) ?? own(works[name]),
    );
    const lines = pairs.map(([ours, , theirs, label, goal]) =>
      times.has(theirs)
        ? row(ours, times.get(ours), label, times.get(theirs), goal)
        : cells([ours, ms(times.get(ours)), label, "skipped", "", "", goal ? `≥ ${goal}` : "", ""]),
    );
    return { said, times, lines, versions: peers.jets?.ready.versions };
  });
}

async function main() {
  const { values } = parseArgs({
    options: { events: { type: "string", default: "1000000" }, rounds: { type: "string", default: "7" } },
  });
  const [n, rounds] = [Number(values.events), Number(values.rounds)];
  await init();
  const events = jetEvents(n);
  const two = await threadsRow(events, rounds);
  const pinned = pin();
  const { said, times, lines, versions } = await compared(events, pairs, rounds);
  const few = await compared(jetEvents(n, 0.5), sparsePairs, rounds);

  console.log(`${cpu}, Node ${node}, ${pinned}; ${rounds} rounds; ${versions ?? jetsAbsent()}\n`);
  console.log(`${n} events, ${events.pt.length} jets. ${said}\n`);
  console.log([...head, ...lines].join("\n"));
  for (const dtype of ["f32", "f64"]) {
    const [value, both] = ["soft value", "value and gradients"].map((name) => times.get(`${name}, ${dtype}`));
    console.log(row(`soft value, ${dtype}`, value, "with gradients", both, 1.8, true));
  }
  console.log(two);
  console.log(`\nHalf a jet in an event on average:\n\n${[...head, ...few.lines].join("\n")}`);
  const best = (few.times.get("value and gradients, f32").best / n) * 1e9;
  console.log(`\nThat is ${best.toFixed(1)} ns per event (goal ≤ 18, ${best <= 18 ? "met" : "missed"}).`);
}

await main();
