import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const root = resolve(import.meta.dirname, "..");
const at = (path: string) => resolve(root, path);

/** What a page may do: its own scripts, workers and kernels, pictures that it made, and documents by address. */
const policy = [
  ...["default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'"],
  ...[
    "img-src 'self' blob: data:",
    "worker-src 'self'",
    "connect-src *",
    "base-uri 'none'",
    "form-action 'none'",
  ],
].join("; ");

/** The policy stands in the built page; a development server writes styles and scripts into its pages. */
const strict: Plugin = {
  name: "strict",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
};

/** Tells the service worker which files the site is made of, and a digest that changes with what they hold. */
const precached: Plugin = {
  name: "precached",
  apply: "build",
  generateBundle: {
    order: "post",
    handler(_, bundle) {
      const worker = bundle["serviceworker.js"];
      if (worker?.type !== "chunk") throw new Error("the build made no serviceworker.js");
      const files = Object.keys(bundle)
        .filter((name) => name !== "serviceworker.js")
        .sort();
      const hash = createHash("sha256");
      for (const name of files) {
        const file = bundle[name]!;
        hash.update(name).update(file.type === "chunk" ? file.code : file.source);
      }
      const digest = hash.digest("hex").slice(0, 12);
      const parts = worker.code.split(/\bPRECACHED\b/);
      if (parts.length !== 2) throw new Error("serviceworker.js has no place for the list of files, or two");
      worker.code = parts.join(JSON.stringify({ files, digest }));
    },
  },
};

/** The library as its users import it, from its sources. */
const library = [
  { find: /^gradcut\/kernels\.wasm/, replacement: at("dist/kernels.wasm") },
  { find: /^gradcut\/stats$/, replacement: at("src/entry/stats.ts") },
  { find: /^gradcut\/plot$/, replacement: at("src/plot/index.ts") },
  { find: /^gradcut$/, replacement: at("src/index.ts") },
];

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  resolve: { alias: library },
  define: { __VERSION__: JSON.stringify(JSON.parse(readFileSync(at("package.json"), "utf8")).version) },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [strict, precached],
  worker: { format: "es" },
  server: { fs: { allow: [root] } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: at("site/index.html"), serviceworker: at("site/explorer/serviceworker.ts") },
      output: {
        entryFileNames: ({ name }) =>
          name === "serviceworker" ? "serviceworker.js" : "assets/[name]-[hash].js",
      },
    },
  },
});
