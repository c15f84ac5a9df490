// Asks one worker in workerd, by miniflare: node workerd.mjs FOLDER
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const folder = process.argv[2];
const worker = new Miniflare({
  compatibilityDate: "2026-07-30",
  modules: [
    { type: "ESModule", path: "edge.js", contents: readFileSync(join(folder, "edge.js"), "utf8") },
    { type: "CompiledWasm", path: "kernels.wasm", contents: readFileSync(join(folder, "kernels.wasm")) },
  ],
});
try {
  const response = await worker.dispatchFetch("http://localhost/");
  console.log(await response.text());
} finally {
  await worker.dispose();
}
