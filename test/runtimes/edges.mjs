// What one worker at the edge answers: node edges.mjs workerd|edge-light FOLDER
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [name, folder] = process.argv.slice(2);
const script = readFileSync(join(folder, "edge.js"), "utf8");
const kernels = readFileSync(join(folder, "kernels.wasm"));

const runtimes = {
  async workerd() {
    const { Miniflare } = await import("miniflare");
    const worker = new Miniflare({
      compatibilityDate: "2026-07-30",
      modules: [
        { type: "ESModule", path: "edge.js", contents: script },
        { type: "CompiledWasm", path: "kernels.wasm", contents: kernels },
      ],
    });
    try {
      return await (await worker.dispatchFetch("http://localhost/")).text();
    } finally {
      await worker.dispose();
    }
  },

  async "edge-light"() {
    const { EdgeVM } = await import("@edge-runtime/vm");
    const worker = new EdgeVM();
    worker.context.kernels = await WebAssembly.compile(kernels);
    worker.evaluate(script);
    return (await worker.evaluate("edge.default.fetch()")).text();
  },
};

console.log(await runtimes[name]());
