// How each bundler makes a page of the program. `out` is the folder that is served; every one minifies.
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import resolve from "@rollup/plugin-node-resolve";
import { build as esbuild, transform } from "esbuild";
import { rollup } from "rollup";
import { createServer, build as vite } from "vite";
import webpack from "webpack";

export const html = (name, script) =>
  `<!doctype html><title>${name}</title><script type="module" src="${script}"></script>`;

const entries = (program) =>
  Object.fromEntries(
    ["given", "inworker", "threadworker"].map((name) => [name, join(program, `${name}.js`)]),
  );

export const bundlers = {
  async rollup(program, out) {
    const minify = {
      name: "minify",
      renderChunk: (code) => transform(code, { minify: true, format: "esm" }),
    };
    const bundle = await rollup({
      input: entries(program),
      plugins: [resolve({ browser: true }), minify],
      logLevel: "warn",
    });
    await bundle.write({ dir: out, format: "es" });
    writeFileSync(join(out, "index.html"), html("rollup", "./given.js"));
  },

  async esbuild(program, out) {
    const options = { bundle: true, minify: true, splitting: true, format: "esm", logLevel: "warning" };
    await esbuild({ ...options, entryPoints: entries(program), outdir: out });
    writeFileSync(join(out, "index.html"), html("esbuild", "./given.js"));
  },

  async webpack(program, out) {
    const configuration = {
      mode: "production",
      entry: join(program, "followed.js"),
      output: { path: out, filename: "main.js" },
      performance: { hints: false },
    };
    await new Promise((done, failed) => {
      webpack(configuration, (error, stats) => {
        const bad =
          error ??
          (stats.hasErrors() || stats.hasWarnings() ? new Error(stats.toString("errors-warnings")) : null);
        bad ? failed(bad) : done();
      });
    });
    writeFileSync(join(out, "index.html"), html("webpack", "./main.js"));
  },

  async vite(program, out) {
    writeFileSync(join(program, "index.html"), html("vite", "./followed.js"));
    await vite(viteOptions(program, { build: { outDir: out, emptyOutDir: true } }));
  },
};

const viteOptions = (program, more) => ({
  ...{ root: program, base: "./", configFile: false, logLevel: "error" },
  worker: { format: "es" },
  ...more,
});

/** Vite's server for development, as part of another one, under `base`. */
export function development(program, base) {
  writeFileSync(join(program, "index.html"), html("vite-dev", "./followed.js"));
  const server = { middlewareMode: true, hmr: false, ws: false, fs: { strict: false } };
  return createServer(viteOptions(program, { base, server, cacheDir: join(program, ".cache") }));
}

/** A copy of the program beside which the packed library lies. */
export function stage(source, folder) {
  cpSync(source, folder, { recursive: true });
  return folder;
}
