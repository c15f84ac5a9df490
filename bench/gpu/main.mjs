// Whether a GPU pays here, and from which batch on: npm run bench:gpu [-- --open] [-- --quick]
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browse, bundle, chromium, deno, runIn, software } from "../../test/gpu/places.mjs";

const usage = `usage: npm run bench:gpu [-- OPTIONS]
  --open      prints an address to open in the browser whose GPU is meant, and waits for it
  --software  GPUs in software, where Chromium has no other: shows that it works, and nothing about speed
  --quick     small sizes only: a minute in software`;

const options = new Set(process.argv.slice(2));
const unknown = [...options].filter(
  (option) => !["--open", "--software", "--quick", "--help"].includes(option),
);
const quick = options.has("--quick");
const sizes = quick
  ? { widths: [64, 256], batches: [1024, 8192], limit: 2000 }
  : { widths: [64, 256, 1024], batches: [1024, 8192, 65_536, 262_144], limit: 10_000 };

const ms = (x) => (x < 10 ? x.toFixed(2) : x < 100 ? x.toFixed(1) : x.toFixed(0));

/** Rows from which on the GPU is faster, by lines through the times of the last two batches that both were measured at. */
function breakEven(cells) {
  const both = cells.filter(({ gpu }) => gpu !== null);
  const [a, b] = both.slice(-2);
  if (!b) return "not known, for too few batches were measured";
  const slope = (of) => (of(b) - of(a)) / (b.rows - a.rows);
  const [g, w] = [slope((c) => c.gpu), slope((c) => c.wasm)];
  const start = Math.max(b.gpu - g * b.rows, 0);
  if (g >= w) return "no batch: a row costs it more than WebAssembly";
  return `about ${Math.max(Math.ceil(start / (w - g)), 1)} rows`;
}

/** Prints what a place tells; returns whether it had a device. */
function table(place, lines) {
  const device = lines.find(({ kind }) => kind === "device");
  for (const { error } of lines.filter((line) => line.error)) console.log(`${place}: failed: ${error}`);
  for (const { mode, sentence } of lines.filter(({ kind }) => kind === "none"))
    console.log(`${place}, ${mode}: ${sentence}`);
  if (!device) return false;
  console.log(`\n${place}, ${device.mode}: ${device.adapter}, buffers up to ${device.buffer / 2 ** 20} MiB`);
  if (device.software)
    console.log(
      "THIS IS A GPU IN SOFTWARE: its times say nothing about any GPU; only the errors mean something.",
    );
  console.log("  width    batch    WASM ms     GPU ms   GPU/WASM  first step ms   loss apart");
  const cells = lines.filter(({ kind }) => kind === "cell");
  for (const c of cells) {
    const head = `${String(c.width).padStart(7)} ${String(c.rows).padStart(8)} ${((c.scaled ? "~" : "") + ms(c.wasm)).padStart(10)}`;
    if (c.gpu === null) console.log(`${head}          —   ${c.why}`);
    else
      console.log(
        `${head} ${ms(c.gpu).padStart(10)} ${(c.gpu / c.wasm).toFixed(2).padStart(10)} ${ms(c.first).padStart(14)} ${(c.scaled ? "" : c.apart.toExponential(0)).padStart(12)}`,
      );
  }
  for (const width of new Set(cells.map((c) => c.width)))
    console.log(
      `  width ${width}: the GPU is faster from: ${breakEven(cells.filter((c) => c.width === width))}`,
    );
  return true;
}

async function main() {
  if (unknown.length > 0 || options.has("--help")) {
    console.log(usage);
    process.exitCode = unknown.length > 0 ? 1 : 0;
    return;
  }
  if (!existsSync(new URL("../../dist/gpu/device.js", import.meta.url)))
    throw new Error("there is no dist/; run npm run build first");
  console.log(`A step of a network 16-width-width-1 (relu, binary cross entropy): loss and gradients by all weights, f32.
WASM: gradcut's kernels in one thread of the same runtime. GPU: gpu.js, groups of up to 65,536 rows, with all copies there and
back. Least of up to ten calls. ~ is scaled from a smaller batch. GPU/WASM below 1: the GPU is faster.`);
  const folder = mkdtempSync(join(tmpdir(), "gradcut-bench-"));
  let found = false;
  const collect = async (place, run) => {
    const lines = [];
    await run((line) => lines.push(line));
    found = table(place, lines) || found;
  };
  try {
    const file = await bundle(join(import.meta.dirname, "program.js"), folder);
    const seconds = 1800;
    for (const mode of ["webgpu", "webgl2"]) {
      const given = { mode, ...sizes };
      if (options.has("--open")) {
        const show = (address) =>
          console.log(`\nOpen this in the browser to be measured (${mode}):\n  ${address}`);
        await collect("browser", (hear) => browse([], file, given, hear, { seconds, show }));
        continue;
      }
      if (deno && mode === "webgpu")
        await collect("Deno", (hear) =>
          runIn(deno, ["run", "--allow-all", "--no-config"], file, given, hear, seconds),
        );
      const flags = options.has("--software") ? software : ["--enable-unsafe-webgpu"];
      if (chromium) await collect("Chromium", (hear) => browse(flags, file, given, hear, { seconds }));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (!options.has("--open") && !deno && !chromium)
    console.log("Neither Deno (npm --prefix test/gpu ci --ignore-scripts) nor Chromium is here: use --open.");
  if (!found) {
    console.log(
      "No GPU was found. A browser may have one that is not seen from here: npm run bench:gpu -- --open",
    );
    process.exitCode = 1;
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
