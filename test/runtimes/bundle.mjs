// How each bundler makes a page of the program. `out` is the folder that is served; every one minifies.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import resolve from "@rollup/plugin-node-resolve";
import { build as esbuild, transform } from "esbuild";
import { rollup } from "rollup";
import { createServer, build as vite } from "vite";
import webpack from "webpack";

const html = (script) =>
  `<!doctype html><title>gradcut</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;

const entries = (program) =>
  Object.fromEntries(
    ["given", "inworker", "threadworker", "compiler"].map((name) => [name, join(program, `${name}.js`)]),
  );

// esbuild warns of jsroot, which a program that reads no ROOT files has not.
const minified = { bundle: true, minify: true, format: "esm", logLevel: "error" };

export const bundlers = {
  async rollup(program, out) {
    const minify = {
      name: "minify",
      renderChunk: (code) => transform(code, { minify: true, format: "esm" }),
    };
    const bundle = await rollup({
      input: entries(program),
      plugins: [resolve({ browser: true }), minify],
      external: /^jsroot\//,
      logLevel: "warn",
    });
    await bundle.write({ dir: out, format: "es" });
    writeFileSync(join(out, "index.html"), html("./given.js"));
  },

  async esbuild(program, out) {
    await esbuild({ ...minified, splitting: true, entryPoints: entries(program), outdir: out });
    writeFileSync(join(out, "index.html"), html("./given.js"));
  },

  async webpack(program, out) {
    const configuration = {
      mode: "production",
      entry: join(program, "followed.js"),
      output: { path: out, filename: "main.js" },
      performance: { hints: false },
      // A program that reads no ROOT files has none.
      ignoreWarnings: [/Can't resolve 'jsroot/],
    };
    await new Promise((done, failed) => {
      webpack(configuration, (error, stats) => {
        const bad =
          error ??
          (stats.hasErrors() || stats.hasWarnings() ? new Error(stats.toString("errors-warnings")) : null);
        bad ? failed(bad) : done();
      });
    });
    writeFileSync(join(out, "index.html"), html("./main.js"));
  },

  async vite(program, out) {
    writeFileSync(join(program, "index.html"), html("./followed.js"));
    await vite(viteOptions(program, { build: { outDir: out, emptyOutDir: true } }));
  },
};

const viteOptions = (program, more) => ({
  ...{ root: program, base: "./", configFile: false, logLevel: "error" },
  worker: { format: "es" },
  ...more,
});

/** Vite's server for development, as part of another one. */
export function development(program) {
  writeFileSync(join(program, "index.html"), html("./followed.js"));
  const server = { middlewareMode: true, hmr: false, ws: false, fs: { strict: false } };
  return createServer(viteOptions(program, { base: "/", server, cacheDir: join(program, ".cache") }));
}

/** What an edge worker is made of, by the name of its runtime. */
export const edges = {
  /** One module, which imports the compiled kernels from beside it. */
  async workerd(program, out) {
    await esbuild({
      ...{ ...minified, entryPoints: [join(program, "edge.js")], outdir: out },
      ...{ conditions: ["workerd"], loader: { ".wasm": "copy" }, assetNames: "[name]" },
    });
  },

  /** One script, which is given the compiled kernels, as Vercel's bundler does it. */
  async "edge-light"(program, out) {
    const given = {
      name: "given",
      setup(build) {
        build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "given" }));
        build.onLoad({ filter: /.*/, namespace: "given" }, () => ({
          contents: "export default globalThis.kernels;",
        }));
      },
    };
    await esbuild({
      ...{ ...minified, entryPoints: [join(program, "edge.js")], outdir: out },
      ...{ conditions: ["edge-light"], plugins: [given], format: "iife", globalName: "edge" },
    });
  },
};
