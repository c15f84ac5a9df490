// The packed library in every place where it should run: npm run test:runtimes [-- NAME …]
//
// Every answer must be that of Node, bit by bit. Prints one line per place; exits non-zero where one differs, and in CI where
// a runtime is missing that npm brings. With NAMEs, only places whose names have one of them. UPDATE_DOCS=1 writes the
// table of docs/runtimes.md.
import { performance } from "node:perf_hooks";
import { differences } from "./differences.mjs";
import { places } from "./places.mjs";
import { Stage } from "./stage.mjs";
import { check, update } from "./table.mjs";
import { tools } from "./tools.mjs";

const names = process.argv.slice(2).map((name) => name.toLowerCase());
const wanted = places.filter(
  ({ name }) => names.length === 0 || names.some((part) => name.toLowerCase().includes(part)),
);
const { CI, UPDATE_DOCS } = process.env;

const rounded = (ms) => (ms < 10 ? ms.toPrecision(2) : ms.toFixed(0));

/** Runs one place; what it printed for people, and whether all is well. */
async function tried(place, stage, reference) {
  const { find, ci, remedy } = tools[place.needs];
  const command = find();
  if (command === null) {
    const bad = Boolean(CI) && ci !== "never";
    console.log(`${place.name}: ${bad ? "MISSING" : "not tried"}; ${remedy}`);
    return { bad };
  }
  const start = performance.now();
  const result = await place.run(stage, command).catch((error) => ({ error: String(error?.stack ?? error) }));
  const faults = differences(place, result, reference);
  const [first] = Object.values(result.runs ?? {});
  const row = { ready: first?.ready, ms: first?.ms, size: faults.length ? null : await place.size?.(stage) };
  const times = Object.entries(first?.ms ?? {}).map(([task, ms]) => `${task} ${rounded(ms)}`);
  const size = row.size ? [`${(row.size / 1000).toFixed(0)} kB`] : [];
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const verdict = faults.length ? "WRONG" : place.refuses ? "refuses, as it should" : "as Node";
  console.log(`${place.name}: ${[verdict, ...times, ...size, seconds].join(", ")}`);
  for (const fault of faults) console.log(`  ${fault}`);
  return { bad: faults.length > 0, row };
}

async function main() {
  const stage = new Stage();
  const start = performance.now();
  const rows = new Map();
  let bad = 0;
  try {
    const reference = await stage.reference();
    for (const place of wanted) {
      const result = await tried(place, stage, reference);
      if (result.bad) bad++;
      if (result.row) rows.set(place.name, result.row);
    }
  } finally {
    await stage.close();
  }
  const said = UPDATE_DOCS ? update(places, rows) : check(places);
  for (const fault of said) console.log(`  ${fault}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${wanted.length} places, ${rows.size} tried, ${bad} wrong, ${seconds} s`);
  process.exitCode = bad + said.length === 0 ? 0 : 1;
}

await main();
