// What programs weigh when a bundler has dropped what they do not use: minified by esbuild, sent with gzip.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import * as Library from "../../src/index.js";

const root = resolve(import.meta.dirname, "../..");
const page = join(root, "docs", "benchmarks.md");

/** Entries that carry no file readers, by what they are called after `gradcut/`. */
const themes = ["ops", "optim", "nn", "stats", "select", "random"] as const;
const all = themes.map((name) => `export * from "./src/entry/${name}.ts";`).join("");

/** Programs by what a reader calls them, and the most bytes that they may have. */
const programs = {
  "`init`, `compile` and `cut`": ['export { init, compile, cut } from "./src/index.ts"', 58_000],
  "the same with `initFrom`": ['export { initFrom, compile, cut } from "./src/index.ts"', 58_000],
  "`init`, `compile` and `grad`": ['export { init, compile, grad } from "./src/index.ts"', 30_900],
  "`significance`": ['export { significance } from "./src/index.ts"', 1_000],
  "all of `gradcut`": ['export * from "./src/index.ts"', 147_000],
  ...Object.fromEntries(
    themes.map((name) => [
      `all of \`gradcut/${name}\``,
      [
        `export * from "./src/entry/${name}.ts"`,
        { ops: 29_300, optim: 53_000, nn: 18_500, stats: 94_100, select: 62_500, random: 3_000 }[name],
      ],
    ]),
  ),
  "all of `gradcut/tables`, without jsroot": ['export * from "./src/events/index.ts"', 141_000],
  "all entries": [`${all} export * from "./src/index.ts"`, 168_000],
} as Record<string, readonly [program: string, most: number]>;

/** Text that holds the kernels. */
const kernels = /"[0-9a-f]{20000,}"/;

async function bundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ bundle: true, write: false, minify: true, format: "esm", platform: "browser", logLevel: "silent" },
    // Who reads ROOT files installs it.
    external: ["jsroot/*"],
  });
  return result.outputFiles[0]!.text;
}

const bytes = (text: string) => gzipSync(text).length;
const kilobytes = (n: number) => (n / 1000).toFixed(1);

const bundles = new Map<string, string>();
/** Bytes without the kernels. */
const size = (name: string) => bytes(bundles.get(name)!.replace(kernels, '""'));

beforeAll(async () => {
  for (const [name, [contents]] of Object.entries(programs)) bundles.set(name, await bundle(contents));
});

describe("a bundle", () => {
  it.each(Object.entries(programs))("of %s keeps within its size", (name, [, most]) => {
    expect(size(name)).toBeLessThanOrEqual(most);
  });

  it("of all is below 216,000 bytes with its kernels, and of all entries not much above", () => {
    expect(bytes(bundles.get("all of `gradcut`")!)).toBeLessThan(216_000);
    expect(bytes(bundles.get("all entries")!)).toBeLessThan(238_000);
  });

  it("has the kernels where it calls `init`, and nowhere else", () => {
    const having = [...bundles].filter(([, text]) => kernels.test(text)).map(([name]) => name);
    const calling = Object.entries(programs)
      .filter(([, [contents]]) => /\binit\b|\* from "\.\/src\/index\.ts"/.test(contents))
      .map(([name]) => name);
    expect(having).toEqual(calling);
  });

  it("that calls `initFrom` runs with the kernels of a file", async () => {
    const contents = 'export { initFrom, compile, cut, table } from "./src/index.ts"';
    const folder = mkdtempSync(join(root, "node_modules", ".bundle-"));
    writeFileSync(join(folder, "entry.mjs"), await bundle(contents));
    const own: typeof Library = await import(
      /* @vite-ignore */ pathToFileURL(join(folder, "entry.mjs")).href
    );
    rmSync(folder, { recursive: true });
    await expect(own.initFrom({})).rejects.toMatchObject({ code: "runtime.source" });
    await own.initFrom({ bytes: readFileSync(join(root, "dist", "kernels.wasm")) });
    await Library.init();
    const [got, want] = [own, Library].map(({ compile, cut, table }) => {
      const events = table({ x: Float64Array.of(0.2, 0.5, 0.9) });
      const selection = cut("x > {least = 0.4}");
      return compile((e: { x: Library.Tensor }) => selection.soft({ least: e.x.mean() }, e).sum())(events);
    });
    expect(got).toBe(want);
    expect(got).toBeGreaterThan(1);
  });

  it("has nothing of the oracles, which only tests ask", () => {
    for (const text of bundles.values()) expect(text).not.toMatch(/untested|Stirling|bisect\(/);
  });
});

it("docs/benchmarks.md says what they weigh, to a tenth", () => {
  const own = [...bundles.values()]
    .map((text) => kernels.exec(text)?.[0])
    .find((text) => text !== undefined)!;
  const sizes = [...bundles.keys()].map((name) => [name, size(name)] as const);
  const rows = [...sizes, ["the kernels as text in JavaScript", bytes(own)] as const];
  const text = readFileSync(page, "utf8");
  const table = /(\| bundle \| kB \|\n\| --- \| --- \|\n)((?:\|.*\n)+)/;
  if (process.env.UPDATE_DOCS) {
    const lines = rows.map(([name, n]) => `| ${name} | ${kilobytes(n)} |\n`).join("");
    writeFileSync(
      page,
      text.replace(table, (_, head) => head + lines),
    );
  }
  const said = [...(table.exec(readFileSync(page, "utf8"))?.[2] ?? "").matchAll(/\| (.*) \| ([\d.]+) \|/g)];
  expect(said.map((m) => m[1])).toEqual(rows.map(([name]) => name));
  for (const [i, [name, n]] of rows.entries())
    expect(Math.abs(Number(said[i]![2]) - n / 1000), name).toBeLessThan(0.1 * (n / 1000) + 0.1);
});
