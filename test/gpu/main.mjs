// Dense layers through gpu.js in every place that has it: npm run test:gpu [-- --long]
//
// Prints a row for all that was tried: place, mode as it was asserted, errors against f64, traffic. Exits non-zero where one is
// not as it should be, and where Deno or Chromium is missing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browse, bundle, chromium, deno, runIn, software } from "./places.mjs";

const long = process.argv.includes("--long");
const only = process.argv.filter((arg) => /^(node|deno|chromium)$/.test(arg));
const folder = mkdtempSync(join(tmpdir(), "gradcut-gpu-"));
let bad = 0;
let rows = 0;

/** Prints what a place tells. */
const hearing = (place) => (told) => {
  rows++;
  const faults = told.error === undefined ? told.faults : [told.error];
  bad += faults.length;
  const text = [told.name, told.text].filter((part) => part).join(": ");
  console.log(`${place} ${told.mode ?? ""} ${text} (${((told.ms ?? 0) / 1000).toFixed(1)} s)`);
  for (const fault of faults) console.log(`  WRONG: ${fault}`);
};

function missing(name, remedy) {
  bad++;
  console.log(`WRONG: there is no ${name}: ${remedy}`);
}

try {
  const start = performance.now();
  const file = await bundle(join(import.meta.dirname, "matrix.ts"), folder);
  const wanted = (place) => only.length === 0 || only.includes(place);
  if (wanted("node"))
    await runIn(process.execPath, [], file, { modes: ["webasm", "cpu"], long }, hearing("Node"));
  if (wanted("deno")) {
    const flags = ["run", "--allow-all", "--no-config"];
    if (deno) await runIn(deno, flags, file, { modes: ["webgpu"], long }, hearing("Deno"));
    else missing("Deno", "npm --prefix test/gpu ci --ignore-scripts");
  }
  if (wanted("chromium")) {
    if (chromium) {
      for (const mode of ["webgl2", "webgpu"])
        await browse(software, file, { modes: [mode], long }, hearing("Chromium"));
      await browse(["--enable-unsafe-swiftshader"], file, { modes: [], long }, hearing("Chromium"));
    } else missing("Chromium", "install chromium or google-chrome");
  }
  console.log(
    `${rows} rows, ${bad} wrong, ${((performance.now() - start) / 1000).toFixed(0)} s. GPUs in software prove that results are right, and nothing about speed.`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = bad === 0 ? 0 : 1;
