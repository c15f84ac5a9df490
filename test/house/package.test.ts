import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { describe, expect, it } from "vitest";
import { demoNames } from "../../src/cli/demos/index.js";
import { formatNames } from "../../src/events/formats/index.js";
import { modifierTypes } from "../../src/histfactory/modifiers/index.js";
import { objectiveNames } from "../../src/objectives/index.js";
import { additiveCodes, multiplicativeCodes } from "../../src/ops/interp.js";
import { ruleNames } from "../../src/optim/rules.js";
import { softNames } from "../../src/select/steps.js";

const root = resolve(import.meta.dirname, "../..");

/** A path as the rules below spell it, on every system. */
const spelled = (path: string) => path.replaceAll(sep, "/");

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((f) => ending.test(f))
    .map((f) => spelled(join(folder, f)))
    .filter((f) => !f.includes("node_modules") && !f.includes("generated"));
}

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

/** Imports of a source file: relative ones as paths from the root, others as they stand. */
function imports(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?[^"';]*?from\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(pattern)].map(([, type, a, b, c]) => {
    const spec = (a ?? b ?? c) as string;
    const target = spec.startsWith(".")
      ? spelled(relative(root, resolve(root, dirname(file), spec))).replace(/\.js$/, ".ts")
      : spec;
    return { from: file, to: target, typeOnly: type !== undefined };
  });
}

const sources = files("src", /\.ts$/).filter((f) => !f.endsWith(".d.ts"));
const beside = ["bindings", "gpu"]
  .flatMap((folder) => files(folder, /\.ts$/))
  .filter((f) => !f.endsWith(".d.ts"));
const all = [...sources, ...beside].flatMap(imports);
const room = dirname;
const rooms = [...new Set([...sources, ...beside].map(room))].sort();
const bad = (rule: (i: Import) => boolean) => all.filter(rule).map((i) => `${i.from} → ${i.to}`);

const under = (name: string) => rooms.filter((other) => other === name || other.startsWith(`${name}/`));
const [core, document, plot] = [under("src/core"), under("src/histfactory"), under("src/plot")];

/**
 * Every room and the rooms that it may use. What is not listed may not be used; a room that is not listed may not be.
 * Rooms of a floor that work on one thing together use one another: those of histfactory, infer, events and cli.
 */
const allowed: Record<string, string[]> = {
  "src/text": [],
  "src/core": ["src/text"],
  "src/core/oracle": ["src/core", "src/core/graph"],
  "src/core/graph": ["src/text", "src/core", "src/core/oracle"],
  "src/core/elementary": ["src/text", "src/core", "src/core/graph", "src/core/oracle"],
  "src/core/derive": ["src/text", "src/core", "src/core/graph", "src/core/elementary"],
  "src/core/plan": ["src/text", "src/core", "src/core/graph"],
  "src/core/run": [
    "src/text",
    "src/core",
    "src/core/graph",
    "src/core/elementary",
    "src/core/derive",
    "src/core/plan",
    "bindings",
    "bindings/generated",
  ],
  "src/random": ["src/text", "src/core", "src/core/graph"],
  "src/ops": ["src/text", ...core, "src/random"],
  "src/select/grammar": ["src/text", "src/core"],
  "src/select": ["src/text", ...core, "src/ops", "src/select/grammar", "src/physics"],
  "src/physics": ["src/text", ...core],
  "src/hist": ["src/text", ...core, "src/ops"],
  "src/nn": [...core, "src/ops", "src/random"],
  ...Object.fromEntries(document.map((name) => [name, ["src/text", ...core, "src/ops", ...document]])),
  ...Object.fromEntries(
    under("src/infer").map((name) => [
      name,
      ["src/text", ...core, "src/ops", "src/random", ...under("src/infer")],
    ]),
  ),
  "src/objectives": ["src/text", ...core, "src/ops", "src/physics", ...document, ...under("src/infer")],
  "src/optim": ["src/text", ...core, "src/ops"],
  "src/optim/train": ["src/text", ...core, "src/ops", "src/random", "src/events", "src/optim"],
  ...Object.fromEntries(
    under("src/events").map((name) => [name, ["src/text", "src/core", ...under("src/events")]]),
  ),
  "src/plot": ["src/text", "src/plot/kit", "src/plot/figures", "src/plot/pages"],
  "src/plot/kit": ["src/text", "src/plot"],
  "src/plot/figures": ["src/text", "src/plot", "src/plot/kit"],
  "src/plot/pages": ["src/text", ...plot],
  ...Object.fromEntries(
    under("src/cli").map((name) => [name, rooms.filter((other) => !/^(bindings|gpu)\b/.test(other))]),
  ),
  // The entries.
  src: [...rooms, "bindings/generated"],
  "src/entry": [...rooms, "bindings/generated"],
  bindings: ["src/core/plan", "bindings/generated"],
  gpu: ["src/core/plan"],
};

describe("the layers of the house", () => {
  it("assembly imports nothing outside itself", () => {
    const outside = files("assembly", /\.ts$/)
      .flatMap((f) => imports(f))
      .filter((i) => !i.to.startsWith("assembly/"));
    expect(outside).toEqual([]);
  });

  it("bindings and gpu use only types of the plan", () => {
    expect(
      bad(
        (i) =>
          /^(bindings|gpu)\//.test(i.from) &&
          i.to.startsWith("src/") &&
          !(i.typeOnly && i.to === "src/core/plan/layout.ts"),
      ),
    ).toEqual([]);
  });

  it("compile.ts alone reaches bindings and gpu; entries hand it the kernels", () => {
    const entry = /^src\/(index[.a-z]*|entry\/[.a-z]+)\.ts$/;
    expect(
      bad(
        (i) =>
          i.from.startsWith("src/") &&
          /^(bindings|gpu)\//.test(i.to) &&
          i.from !== "src/core/run/compile.ts" &&
          !entry.test(i.from),
      ),
    ).toEqual([]);
  });

  it("op files do not import one another", () => {
    expect(bad((i) => room(i.from) === "src/ops" && room(i.to) === "src/ops")).toEqual([]);
  });

  it("knows every room", () => {
    expect(Object.keys(allowed).sort()).toEqual(rooms);
  });

  it("has a site whose rooms use the library as its users do, and one another from the page down", () => {
    const own = files("site", /\.tsx?$/).filter((f) => !f.includes("/dist/") && !f.endsWith(".d.ts"));
    const page = "site/explorer";
    const [documents, worker, tasks, parts, panels] = [
      `${page}/documents`,
      `${page}/worker`,
      `${page}/worker/tasks`,
      `${page}/parts`,
      `${page}/panels`,
    ] as const;
    const within: Record<string, string[]> = {
      site: [],
      [documents]: [],
      [tasks]: [documents, worker],
      [worker]: [documents, tasks],
      [parts]: [page, documents, worker, tasks],
      [panels]: [page, documents, worker, tasks, parts],
      [page]: [documents, worker, tasks, parts, panels, "examples/data"],
    };
    expect([...new Set(own.map(room))].sort()).toEqual(Object.keys(within).sort());
    const found = own.flatMap(imports).filter(({ from, to }) => {
      if (!to.includes("/") || /^(node:|gradcut\/|preact\/)/.test(to))
        return (
          !/^(gradcut|preact|vite)$/.test(to) && !to.startsWith("node:") && !/^(gradcut|preact)\//.test(to)
        );
      return room(from) !== room(to) && !within[room(from)]?.includes(room(to));
    });
    expect(found).toEqual([]);
    // Kernels and models are the workers': what the page itself takes of them is types.
    const heavy = own
      .flatMap(imports)
      .filter(
        ({ from, to, typeOnly }) => /^gradcut(\/stats)?$/.test(to) && !typeOnly && !from.startsWith(worker),
      );
    expect(heavy).toEqual([]);
  });

  it("has each file name once, but for records, which bear the name that users say", () => {
    const records =
      /^src\/(cli\/(commands|demos)|events\/formats|histfactory\/modifiers|infer\/answers|objectives|plot\/figures)\/\w+\.ts$/;
    const places = new Map<string, string[]>();
    for (const file of sources) {
      const name = basename(file, ".ts");
      if (name === "index" || records.test(file)) continue;
      places.set(name, [...(places.get(name) ?? []), file]);
    }
    expect([...places.values()].filter((same) => same.length > 1)).toEqual([]);
  });

  it("every room uses only the rooms below it", () => {
    const check = (i: Import) => {
      const [from, to] = [room(i.from), room(i.to)];
      return from !== to && /^(src|bindings|gpu)\b/.test(to) && !allowed[from]?.includes(to);
    };
    expect(bad(check)).toEqual([]);
  });

  it("has no cycles of values, and of types only where a value is described by what is made of it", () => {
    const cyclesOf = (some: readonly Import[]): string[] => {
      const edges = new Map<string, string[]>();
      for (const i of some) if (i.to.endsWith(".ts")) edges.set(i.from, [...(edges.get(i.from) ?? []), i.to]);
      const done = new Set<string>();
      const cycles: string[] = [];
      const visit = (file: string, path: string[]): void => {
        if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
        if (done.has(file) || path.includes(file)) return;
        for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
        done.add(file);
      };
      for (const file of edges.keys()) visit(file, []);
      return cycles;
    };
    expect(cyclesOf(all.filter((i) => !i.typeOnly))).toEqual([]);
    // A tensor has methods that give tensors, a modifier's record is given models, a command loads what answers its options.
    const mutual = /^src\/(core\/graph|histfactory|cli\/(commands|demos|line))\//;
    expect(cyclesOf(all.filter((i) => !mutual.test(i.from)))).toEqual([]);
  });

  it("shared code never asks for a record by its name", () => {
    const names = [
      ...[...modifierTypes, ...objectiveNames, ...ruleNames, ...formatNames, ...softNames, ...demoNames],
      ...[...Object.keys(additiveCodes), ...Object.keys(multiplicativeCodes)],
    ];
    const asked = new RegExp(`[!=]==? "(${names.join("|")})"|case "(${names.join("|")})":`);
    const found = sources.filter((file) => asked.test(readFileSync(join(root, file), "utf8")));
    expect(found).toEqual([]);
  });

  it("speaks one dialect: interface, #private, and JSDoc over files", () => {
    // An interface has no implicit index signature, which attributes of ops need to be records.
    const attributes = /^src\/(ops|core\/(graph|derive|elementary))\//;
    const found = sources.flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const faults: [RegExp, string][] = [
        [/^\s*(private|protected|public) /m, "a word for access"],
        [/^\/\/ /, "a header that is no JSDoc"],
      ];
      // Mapped types, unions and intersections are no interfaces.
      const literal =
        /^(export )?type \w+(<.*>)? = \{(?!\s*(-?readonly )?\[\w+ in )([^{}\n]*|\n([ ].*\n|\n)*)\};$/m;
      if (!attributes.test(file)) faults.push([literal, "type X = {"]);
      return faults.filter(([fault]) => fault.test(text)).map(([, name]) => `${file} has ${name}`);
    });
    expect(found).toEqual([]);
  });

  it("has no default exports, no enums, and shared code never asks for an op by name", () => {
    for (const file of [...sources, ...beside]) {
      const text = readFileSync(join(root, file), "utf8");
      expect(/^export default/m.test(text), `${file} has a default export`).toBe(false);
      if (file.startsWith("src/core/")) {
        expect(/\bop\.name\s*[!=]==?/.test(text), `${file} branches on the name of an op`).toBe(false);
      }
    }
  });
});

describe("the library entry", () => {
  const bundle = async (entry: string, options: BuildOptions = {}) => {
    const result = await build({
      ...options,
      entryPoints: [join(root, entry)],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      metafile: true,
      logLevel: "silent",
    });
    return { text: result.outputFiles[0]!.text, inputs: Object.keys(result.metafile.inputs) };
  };

  it("bundles for the browser without node: and without code generation at run time", async () => {
    // esbuild fails on any node: import for this platform, so reaching the end is half of the test.
    const { text, inputs } = await bundle("src/index.ts");
    expect(inputs.some((f) => f.includes("node_modules"))).toBe(false);
    // Oracles of the tests.
    expect(inputs.filter((f) => /core\/oracle\/(interpret|newton|bisect)\.ts$/.test(f))).toEqual([]);
    expect(/\beval\s*\(/.test(text)).toBe(false);
    expect(/new\s+Function\s*\(|\bFunction\s*\(\s*["'`]/.test(text)).toBe(false);
    expect(/from\s*"node:|require\(/.test(text)).toBe(false);
    expect(/^\s*await /m.test(text.replace(/^[ \t]+.*$/gm, ""))).toBe(false);
  });

  it("minified, names its errors as its classes are called", async () => {
    const problem = { code: "spec.type", path: "/", expected: "", got: "", remedy: "" };
    const cut = { code: "expr.syntax", sentence: "A cut." };
    const ways = [["code", "text", {}], [[problem]], [cut]];
    const abstract = ["GradcutError", "GivenError"];
    for (const entry of ["src/index.ts", "src/events/index.ts"]) {
      const { text } = await bundle(entry, { minify: true, platform: "node", packages: "external" });
      const here = join(mkdtempSync(join(root, "node_modules", ".minified-")), "entry.mjs");
      writeFileSync(here, text);
      const exported: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(here).href);
      rmSync(dirname(here), { recursive: true });
      const classes = Object.entries(exported).filter(
        (e): e is [string, new (...args: unknown[]) => Error] =>
          typeof e[1] === "function" && e[1].prototype instanceof Error && !abstract.includes(e[0]),
      );
      expect(classes.length).toBeGreaterThan(0);
      for (const [name, Class] of classes) {
        const made = ways.flatMap((args) => {
          try {
            return [new Class(...args)];
          } catch {
            return [];
          }
        });
        expect(
          made.map((error) => error.name),
          name,
        ).toContain(name);
      }
    }
  });

  it("gives every class of errors its name as a text", () => {
    const nameless = [...sources, ...beside].flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const classes = text.split(/^(?:export )?(?=class \w+ extends \w*Error\b)/m).slice(1);
      return classes.flatMap((from) => {
        const name = /^class (\w+)/.exec(from)![1];
        const body = from.slice(0, from.search(/^\}|\{\}$/m));
        return body.includes(`name = "${name}"`) ? [] : [`${file}: ${name}`];
      });
    });
    expect(nameless).toEqual([]);
  });

  it("has one family of errors", () => {
    const parents = new Map<string, string>();
    for (const file of [...sources, ...beside])
      for (const [, name, parent] of readFileSync(join(root, file), "utf8").matchAll(
        /class (\w+) extends (\w*Error)\b/g,
      ))
        parents.set(name!, parent!);
    const base = (name: string): string => (parents.has(name) ? base(parents.get(name)!) : name);
    const family = "GradcutError";
    expect(parents.get(family)).toBe("Error");
    parents.delete(family);
    // The kernels' binding knows no sentences, and `compile` makes a MemoryError of it; a signal ends a loop.
    const within = ["Interrupted", "OutOfMemory"];
    expect([...parents.keys()].filter((name) => base(name) !== family).sort()).toEqual(within);
  });

  it("draws a figure with what that figure needs", async () => {
    const code = 'export { brazil } from "./src/plot/index.ts";';
    const stdin = { contents: code, resolveDir: root, loader: "ts" } as const;
    const options = { bundle: true, write: false, format: "esm", minify: true, metafile: true } as const;
    const result = await build({ ...options, stdin, logLevel: "silent" });
    const [output] = Object.values(result.metafile.outputs);
    const kept = Object.entries(output!.inputs).flatMap(([f, { bytesInOutput }]) =>
      bytesInOutput ? [f] : [],
    );
    expect(kept.filter((f) => !/^src\/(plot|text)\//.test(f) && f !== "<stdin>")).toEqual([]);
    expect(kept.filter((f) => /plot\/figures\//.test(f))).toEqual(
      expect.arrayContaining(["src/plot/figures/brazil.ts"]),
    );
    expect(kept.filter((f) => /plot\/figures\/(?!brazil|figure)/.test(f))).toEqual([]);
    expect(gzipSync(result.outputFiles[0]!.contents).length).toBeLessThan(9_500);
  });
});

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("what bundlers may leave out", () => {
  const kept = (manifest.sideEffects as string[]).map(
    (glob) => new RegExp(`^${glob.slice(2).replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`),
  );
  const listed = (file: string) => kept.some((glob) => glob.test(file));
  const built = (file: string) => `dist/${file.replace(/\.ts$/, ".js")}`;
  /** Whether a file does something as it loads, beside making values: a statement, or an import without names. */
  const acts = (file: string) =>
    /^(import "|[\w$.?]+\(|[\w$.]+ = |if |for )/m.test(readFileSync(join(root, file), "utf8"));

  it("names the files that act as they load, as source and as built: workers and the command", () => {
    const acting = [...sources, ...beside].filter(acts).sort();
    const named = (path: (file: string) => string) => sources.filter((f) => listed(path(f))).sort();
    expect(acting).toEqual(["src/cli/main.ts", "src/entry/worker.node.ts", "src/entry/worker.web.ts"]);
    expect(named((f) => f)).toEqual(acting);
    expect(named(built)).toEqual(acting);
  });
});

describe("the manifest", () => {
  it("has types first in every export, and files that the build makes", () => {
    for (const [name, entry] of Object.entries<Record<string, string> | string>(manifest.exports)) {
      if (typeof entry === "string") continue;
      expect(Object.keys(entry)[0], name).toBe("types");
      for (const path of Object.values(entry)) {
        const source = path.replace("./dist/", "").replace(/\.d\.ts$|\.js$/, ".ts");
        expect(existsSync(join(root, source)), `${name}: ${source}`).toBe(true);
      }
    }
  });

  it("pins what it depends on, and its lockfile names no registry", () => {
    for (const [name, range] of Object.entries<string>({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    })) {
      expect(range, name).toMatch(/^~?\d+\.\d+\.\d+$/);
    }
    expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toMatch(/"resolved"/);
  });

  it("has every package and every file that its files import", () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
    const own = ["bench/", "test/runtimes/", "test/gpu/", "test/site/"].map(
      (at) => [at, read(`${at}package.json`)] as const,
    );
    const named = (from: string) => {
      const nearer = own.flatMap(([at, found]) => (from.startsWith(at) ? [found.dependencies] : []));
      const { name, dependencies, devDependencies, peerDependencies } = manifest;
      return Object.assign({ [name]: "" }, dependencies, devDependencies, peerDependencies, ...nearer);
    };
    const exists = (to: string) =>
      [to, to.replace(/\.ts$/, ".js"), to.replace(/\.ts$/, ".d.ts"), `${to}x`, to.replace(/\?url$/, "")].some(
        (path) => existsSync(join(root, path.replace(/^dist\/(?=src|bindings|gpu)/, ""))),
      );
    const everywhere = ["src", "bindings", "gpu", "bench", "test", "examples", "site"].flatMap((folder) =>
      files(folder, /\.(tsx?|m?js)$/),
    );
    const missing = everywhere.flatMap(imports).filter(({ from, to }) => {
      if (/^(node:|\/)|\.wasm/.test(to)) return false;
      if (/^[\w@]/.test(to) && !existsSync(join(root, to.split("/")[0]!)))
        return !Object.hasOwn(named(from), /^(@[^/]+\/)?[^/]+/.exec(to)![0]);
      return !/generated/.test(to) && !exists(to);
    });
    expect(everywhere.length).toBeGreaterThan(600);
    expect(missing.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it("brings few packages, and none to draw with", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    const brought = Object.entries<{ dev?: boolean; peer?: boolean; devOptional?: boolean }>(packages)
      .filter(([name, p]) => name !== "" && !p.dev && !p.peer && !p.devOptional)
      .map(([name]) => name.replace("node_modules/", ""));
    expect(brought.sort()).toEqual([
      ...["fzstd", "hyparquet", "hyparquet-compressors", "hyparquet-writer", "hysnappy"],
    ]);
  });

  it("packs every page that its pages link to", () => {
    const listed = manifest.files as string[];
    const names = (pattern: string, path: string) =>
      new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}(/|$)`).test(path);
    const packed = (path: string) =>
      listed.some((f) => names(f, path)) &&
      !listed.some((f) => f.startsWith("!") && names(f.slice(1), path)) &&
      existsSync(join(root, path));
    const pages = ["README.md", "CHANGELOG.md", ...files("docs", /\.md$/)].filter((f) =>
      existsSync(join(root, f)),
    );
    const links = pages.flatMap((page) =>
      [
        ...readFileSync(join(root, page), "utf8").matchAll(
          /\]\(([^)#\s]+)(?:#[^)]*)?\)|\bsrc(?:set)?="([^"]+)"/g,
        ),
      ]
        .map(([, a, b]) => (a ?? b) as string)
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => ({ page, link, path: spelled(relative(root, resolve(root, dirname(page), link))) })),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ path }) => !packed(path))).toEqual([]);
  });

  it("has a notice that names what comes with it and what it needs", () => {
    const notice = readFileSync(join(root, "NOTICE"), "utf8");
    for (const name of Object.keys({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      assemblyscript: "",
    }))
      expect(notice.toLowerCase()).toContain(name);
  });

  it("has lockfiles with the digest of every package, and the name of no host", () => {
    const locks = files(".", /(^|\/)package-lock\.json$/);
    expect(locks).toContain("package-lock.json");
    for (const lock of locks) {
      const text = readFileSync(join(root, lock), "utf8");
      expect(text, lock).not.toMatch(/"resolved"|registry\./);
      const packages = Object.entries<{ integrity?: string; link?: boolean }>(JSON.parse(text).packages);
      const bare = packages.filter(
        ([name, p]) => name !== "" && !p.link && !/^sha512-/.test(p.integrity ?? ""),
      );
      expect(
        bare.map(([name]) => name),
        lock,
      ).toEqual([]);
    }
  });
});
