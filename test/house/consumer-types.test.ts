import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** What a compiler says of programs whose author has the built package, and no types of any runtime. */
function check(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "gradcut-types-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "gradcut"), "junction");
    const options = {
      ...{ target: "ES2022", module: "NodeNext", lib: ["ES2023"], types: [], noEmit: true },
      ...{
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
      },
    };
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: Object.keys(programs) }),
    );
    for (const [name, text] of Object.entries(programs)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    return spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of somebody who uses all entries, and knows the thresholds of a cut that is written out. */
const program = `
      import { adam, compile, cut, init, table, train, type Tensor } from "gradcut";
      import * as nn from "gradcut/nn";
      import * as ops from "gradcut/ops";
      import * as optim from "gradcut/optim";
      import * as random from "gradcut/random";
      import * as select from "gradcut/select";
      import * as stats from "gradcut/stats";
      import { gpu, type OpenGpu } from "gradcut/gpu";
      import { threads, type Threads } from "gradcut/threads";
      import { named as called, readPieces, readTable, readTables, tables as treeOf, type BlobLike, type Events, type UrlLike } from "gradcut/tables";
      import { type Brazil, brazil, pulls } from "gradcut/plot";
      import "gradcut/worker";

      await init();
      const team: Threads = await threads({ count: 2, worker: () => ({ postMessage() {}, terminate() {} }) });
      const f = compile((p: { a: Tensor }, e: { x: Tensor }) => e.x.mul(p.a).sum(), { threads: team });
      export const answer = f({ a: 1 }, table({ x: new Float64Array(3) }));
      const card: OpenGpu = await gpu({ from: 30_000 });
      const later = compile((e: { x: Tensor }) => e.x.sum(), { gpu: card });
      export const total: number = await later.async(table({ x: new Float64Array(3) }));
      export const where: "gpu" | "wasm" | undefined = later.gpu?.by;
      const tables = await readTables(["a.parquet"]);
      export const read: Events = tables.table;
      declare const file: BlobLike, url: UrlLike;
      const stop = { aborted: false, addEventListener() {}, removeEventListener() {} };
      export const one: Events = await readTable(file, ["x"], { signal: stop });
      export const many = await readTables([file, url, new ArrayBuffer(8), new Uint8Array(8), "https://a.b/c.csv", called(file, "a.root:Events")]);
      export const data = await treeOf({ s: file, b: { c: [url, "a.csv"] } }, { columns: ["x"] });
      export const first: number | undefined = data.b.c.x[0];
      // @ts-expect-error a number is no table
      readTable(5);
      export { adam, nn, ops, optim, random, readPieces, select, stats, train };
      const band: Brazil = { poi: "mu", values: [0, 1], observed: null, expected: [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], level: 0.95 };
      export const svg: string = brazil(band, { theme: "dark" });
      brazil({ ...band, values: new Float64Array(2) });
      // @ts-expect-error pulls have errors
      pulls({ pulls: [{ name: "a", pull: 1 }] });

      const named = cut("pt1 > {ptMin = 30 in [20, 50]} && abs(eta[0]) < {etaMax = 2.4} && m < fixed(91.2)").init();
      export const known: number = named.ptMin + named.etaMax;
      // @ts-expect-error no such threshold
      named.ptMni;
      const some = cut("80 < mass && pt > {ptMin = 30}").init();
      export const made: number | undefined = some.massMin;
      const unknown: string = "pt > 30";
      export const any: number | undefined = cut(unknown).init().ptMin;
      // @ts-expect-error a cut has no thresholds, not even these
      cut("charge == other").init().ptMin;`;

/** What pages and examples use of Node, whose types are not there. */
const node = `
  declare const console: { log(...args: unknown[]): void };
  declare module "node:fs" {
    export function readFileSync(path: string, encoding: "utf8"): string;
    export function writeFileSync(path: string, text: string | Uint8Array): void;
    export function mkdtempSync(prefix: string): string;
  }
  declare module "node:os" {
    export function tmpdir(): string;
  }
  declare module "node:path" {
    export function join(...parts: string[]): string;
  }`;

const files = (folder: string, ending: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(ending))
    .map((file): [string, string] => [join(folder, file), readFileSync(join(root, folder, file), "utf8")]);
const blocks = (page: string) =>
  [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code).join("\n");
const pages = [...files("docs", ".md"), ...files(".", "README.md")].map(([file, text]): [string, string] => [
  file.replace(".md", ".ts"),
  `${blocks(text)}\nexport {};\n`,
]);
const shown = [...pages, ...files("examples", ".ts"), ...files("examples/data", ".ts")];

describe("the types of the built package", () => {
  it("need no types of a browser or of Node, and pages and examples have the types that they use", () => {
    expect(check({ ...Object.fromEntries(shown), "node.d.ts": node, "a.ts": program })).toBe("");
  });

  it("say what results are: pages and examples cast nothing", () => {
    for (const [file, text] of shown) {
      const code = text
        .replace(/^(import|export) [\s\S]*?;$/gm, "")
        .replace(/\/\/.*|\/\*[\s\S]*?\*\/|"(\\.|[^"\\])*"|`(\\.|[^`\\])*`/g, "");
      expect(code.match(/.*(\bas (?!const\b)|\bany\b(?!\()).*/g) ?? [], file).toEqual([]);
    }
  });

  it("carry no kernels", () => {
    const file = join(root, "dist", "bindings", "generated", "wasm.d.ts");
    expect(statSync(file).size).toBeLessThan(200);
    expect(readFileSync(file, "utf8")).toContain("wasmHex: string");
  });
});
