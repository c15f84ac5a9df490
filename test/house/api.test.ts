// The public surface: which names each entry has, and that each says what it is.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const root = resolve(import.meta.dirname, "../..");
const target = "types" as const;

/** Sources of the entries with types, by the name that users import. */
const entries = Object.entries(manifest.exports).flatMap(([name, to]) =>
  typeof to === "object" && target in to
    ? [
        {
          name: name.replace(/^\./, "gradcut"),
          file: to[target].replace(/^\.\/dist\//, "").replace(/\.d\.ts$/, ".ts"),
        },
      ]
    : [],
);

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
  ts.sys,
  root,
);
const program = ts.createProgram(
  entries.map(({ file }) => join(root, file)),
  options,
);
const checker = program.getTypeChecker();

interface Public {
  readonly name: string;
  readonly isType: boolean;
  readonly says: string;
  /** Where it is declared. */
  readonly at: string;
}

function exportsOf(file: string): Public[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!);
  if (!module) return [];
  return checker.getExportsOfModule(module).map((exported): Public => {
    const aliased = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = aliased ? checker.getAliasedSymbol(exported) : exported;
    const where = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
    // A namespace is described where it is exported.
    const isModule = (symbol.flags & ts.SymbolFlags.Module) !== 0;
    const comment = isModule
      ? (exported.declarations ?? []).flatMap((d) => ts.getJSDocCommentsAndTags(d.parent)).join("")
      : ts.displayPartsToString(symbol.getDocumentationComment(checker));
    return {
      name: exported.name,
      isType: (symbol.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Module)) === 0,
      says: comment,
      at: relative(root, where),
    };
  });
}

describe("the public surface", () => {
  it("has entries with types", () => {
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(["gradcut", "gradcut/tables"]));
  });

  it("is cited by its version", () => {
    expect(readFileSync(join(root, "CITATION.cff"), "utf8")).toContain(`\nversion: ${manifest.version}\n`);
  });

  it("says of every name what it is", () => {
    const silent = entries.flatMap(({ name, file }) =>
      exportsOf(file).flatMap((found) => (found.says ? [] : [`${name}: ${found.name} in ${found.at}`])),
    );
    expect([...new Set(silent)]).toEqual([]);
  });

  it("has every class of errors that an entry throws in that entry, and all but those of files in the main one", () => {
    const rooms: Record<string, readonly string[]> = {
      "gradcut/ops": ["src/ops", "src/core/elementary"],
      "gradcut/optim": ["src/optim", "src/objectives"],
      "gradcut/nn": ["src/nn"],
      "gradcut/stats": ["src/histfactory", "src/infer"],
      "gradcut/select": ["src/select"],
      "gradcut/random": ["src/random"],
      "gradcut/tables": ["src/events"],
    };
    const thrown = (folder: string) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .flatMap((name) => {
          const text = readFileSync(join(root, folder, name), "utf8");
          const made = [...text.matchAll(/throw new (\w+Error)\(/g)].map((m) => m[1]!);
          return /\bcheck(Options|Legal|Arguments?|Choice)\(/.test(text) ? [...made, "OptionError"] : made;
        })
        .filter((name) => !["Error", "RangeError", "TypeError"].includes(name));
    const names = (entry: string) =>
      exportsOf(entries.find(({ name }) => name === entry)!.file).map((found) => found.name);
    const main = new Set(names("gradcut"));
    for (const [entry, folders] of Object.entries(rooms)) {
      const classes = new Set(folders.flatMap(thrown));
      const own = new Set(names(entry));
      expect([...classes].filter((name) => !own.has(name)).sort(), entry).toEqual([]);
      const elsewhere = [...classes].filter((name) => !main.has(name));
      expect(elsewhere, entry).toEqual(entry === "gradcut/tables" ? ["DataError"] : []);
    }
  });

  it("has the same names in Node, where files are read too", async () => {
    const [web, node] = await Promise.all([import("../../src/index.js"), import("../../src/index.node.js")]);
    expect(Object.keys(node).sort()).toEqual(Object.keys(web).sort());
    const folder = mkdtempSync(join(tmpdir(), "gradcut-api-"));
    const file = join(folder, "a.csv");
    writeFileSync(file, "x,w\n1,2\n3,4\n");
    try {
      expect(Array.from((await node.tables({ a: file }, { columns: ["x"] })).a.x)).toEqual([1, 3]);
      await expect(web.tables({ a: file })).rejects.toMatchObject({ code: "runtime.files" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has these names", async () => {
    const text = entries.map(({ name, file }) => {
      const names = exportsOf(file).map((found) => (found.isType ? `type ${found.name}` : found.name));
      return `# ${name}\n${names.sort().join("\n")}\n`;
    });
    await expect(text.join("\n")).toMatchFileSnapshot("../fixtures/api.txt");
  });
});
