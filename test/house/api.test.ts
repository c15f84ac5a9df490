// The public surface: which names each entry has, and that each says what it is.

import { readFileSync } from "node:fs";
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

  it("has these names", async () => {
    const text = entries.map(({ name, file }) => {
      const names = exportsOf(file).map((found) => (found.isType ? `type ${found.name}` : found.name));
      return `# ${name}\n${names.sort().join("\n")}\n`;
    });
    await expect(text.join("\n")).toMatchFileSnapshot("../fixtures/api.txt");
  });
});
