#!/usr/bin/env node
/** The benchmarks: npm run bench [-- [--json] [--only NAME] [--rounds N]]. See docs/benchmarks.md. */

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { cpu, node, pin } from "./machine.js";
import { format } from "./table.js";

const usage = `usage: npm run bench -- [--json] [--only NAME] [--rounds N]
  --json      one array of rows on stdout, and nothing else
  --only      rows whose names begin with NAME; may be given several times
  --rounds    interleaved rounds (default 3)`;

/** Cases in the order of the table; the first row is the one that matters most. */
const cases = ["step", "kde", "scale", "gemm", "math", "statistics"];

async function main() {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      rounds: { type: "string", default: "3" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds needs a positive number");
  const dist = new URL("../dist/", import.meta.url);
  if (!existsSync(new URL("src/index.js", dist)))
    throw new Error("there is no dist/; run npm run build first");

  const pinned = pin();
  const { init } = await import(new URL("src/index.js", dist));
  await init();
  const wanted = (name) => values.only.length === 0 || values.only.some((prefix) => name.startsWith(prefix));
  const progress = (text) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  };
  const rows = [];
  for (const file of cases) {
    const { names, run } = await import(`./cases/${file}.js`);
    if (!names.some(wanted)) continue;
    try {
      rows.push(...(await run({ rounds, wanted, progress })).filter(({ name }) => wanted(name)));
    } catch (error) {
      rows.push({ name: names.find(wanted), value: null, unit: "", skipped: `failed: ${error.message}` });
      process.exitCode = 1;
    }
  }
  progress("");
  if (rows.length === 0) throw new Error(`no row begins with ${values.only.join(" or ")}`);
  if (values.json) console.log(JSON.stringify(rows.map((row) => ({ ...row, node, cpu, pinned }))));
  else console.log(format(rows, { node, cpu, pinned, rounds }));
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n\n${usage}\n`);
  process.exitCode = 1;
});
