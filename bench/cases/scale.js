/** Time per event and memory beyond the columns as the table grows from 10^5 to 10^7 events. */

import { child } from "../peers.js";
import { step } from "../step.js";
import { Times } from "../timing.js";

const sizes = [1e5, 1e6, 1e7];
const spread = 1.15;
/** MiB by which the memory of a process may differ by itself. */
const noise = 16;
export const names = ["time-per-event", "memory"].flatMap((what) => sizes.map((n) => `${what}-${n}`));

export async function run({ rounds, wanted, progress }) {
  return [
    ...(names.some((name) => name.startsWith("time") && wanted(name)) ? times(rounds, progress) : []),
    ...(names.some((name) => name.startsWith("memory") && wanted(name)) ? memory(rounds, progress) : []),
  ];
}

/** A sample covers the same number of events for every size, so that bests are bests of equally long stretches. */
function times(rounds, progress) {
  const longest = sizes.at(-1);
  const cases = sizes.map((n) => ({ n, run: step(n).run, times: new Times() }));
  for (let round = 0; round < rounds; round++) {
    for (const { n, run, times } of cases) {
      progress(`time-per-event-${n}: round ${round + 1} of ${rounds}`);
      const begin = performance.now();
      for (let events = 0; events < longest; events += n) run();
      times.addRound((performance.now() - begin) / 1e3 / longest);
    }
  }
  const base = cases[0].times;
  return cases.map(({ n, times }, i) => ({
    name: `time-per-event-${n}`,
    value: times.best * 1e9,
    median: times.median * 1e9,
    unit: "ns/event",
    ...(i > 0 && {
      peer: `${sizes[0]} events`,
      ...flatness(times.over(base)),
    }),
  }));
}

const flatness = (over) => ({
  ...over,
  goal: `within ${Math.round((spread - 1) * 100)} %`,
  met: over.roundRatio <= spread && over.roundRatio >= 1 / spread,
});

/** What a process holds beyond what it held before the columns were made: code, tape, arena, and the columns not. */
function memory(rounds, progress) {
  const rows = sizes.map((n) => {
    progress(`memory-${n}`);
    const lines = Array.from({ length: Math.min(rounds, 3) }, () => child("memory.js", n));
    const failed = lines.find((line) => line.failed);
    if (failed) throw new Error(`children/memory.js ${failed.failed}`);
    const value = Math.min(...lines.map(({ bytes }) => bytes)) / 2 ** 20;
    return { name: `memory-${n}`, value, unit: "MiB", columns: lines[0].columns / 2 ** 20 };
  });
  const [base, ...larger] = rows;
  for (const row of larger) {
    row.goal = `within ${noise} MiB of the first`;
    row.met = Math.abs(row.value - base.value) <= noise;
  }
  return rows;
}
