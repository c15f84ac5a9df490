// Where the public types take records with parts that may be left out: a misspelt one would be taken for one left out.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "../..");

/** How deep records in records are looked at. */
const DEEP = 3;

/**
 * The places of such records in what an entry exports, as "fit(options)", "Histogram.fill(options)" or
 * "train(options).checkpoint". Left aside are what only the library makes: records with a `kind`, and those with methods.
 */
export function optionBags(entries: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) => readFileSync(file, "utf8"));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = entries.map((file) => join(root, file));
  const lib = { lib: ["lib.es2022.d.ts"], types: [], noEmit: true };
  const walk = new Walk(ts.createProgram(files, { ...options, ...lib }));
  for (const file of files) walk.entry(file);
  return [...walk.found].sort();
}

const isMethod = (declaration: ts.Declaration) =>
  ts.isMethodSignature(declaration) || ts.isMethodDeclaration(declaration);
const isOptional = (property: ts.Symbol) => (property.flags & ts.SymbolFlags.Optional) !== 0;

class Walk {
  readonly found = new Set<string>();
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  /** Types that have methods, each looked at once. */
  readonly #seen = new Set<ts.Symbol>();

  constructor(program: ts.Program) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
  }

  entry(file: string): void {
    const module = this.#checker.getSymbolAtLocation(this.#program.getSourceFile(file)!)!;
    this.#exports(module, "");
  }

  #exports(module: ts.Symbol, prefix: string): void {
    for (const given of this.#checker.getExportsOfModule(module)) {
      const symbol = given.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(given) : given;
      const path = `${prefix}${given.name}`;
      if (symbol.flags & ts.SymbolFlags.ValueModule) this.#exports(symbol, `${path}.`);
      // A class of which the type alone is exported is made by nobody else.
      if (!(symbol.flags & ts.SymbolFlags.Value) || given.declarations?.some(ts.isTypeOnlyExportDeclaration))
        continue;
      const type = this.#checker.getTypeOfSymbol(symbol);
      for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()])
        this.#signature(path, signature);
    }
  }

  #signature(path: string, signature: ts.Signature): void {
    for (const parameter of signature.parameters)
      this.#parameter(`${path}(${parameter.name})`, this.#checker.getTypeOfSymbol(parameter), 0);
    this.#methods(signature.getReturnType());
  }

  /** The methods of what a function returns. */
  #methods(type: ts.Type): void {
    for (const part of this.#parts(type)) {
      const { symbol } = part;
      if (!symbol || !this.#own(symbol) || this.#seen.has(symbol)) continue;
      this.#seen.add(symbol);
      for (const property of this.#checker.getPropertiesOfType(part)) {
        if (property.declarations?.some((d) => ts.isPrivateIdentifier(ts.getNameOfDeclaration(d)!))) continue;
        for (const signature of this.#checker.getTypeOfSymbol(property).getCallSignatures())
          this.#signature(`${symbol.name}.${property.name}`, signature);
      }
    }
  }

  #parameter(path: string, type: ts.Type, depth: number): void {
    if (depth > DEEP) return;
    for (const part of this.#parts(type)) {
      const inner = this.#checker.isArrayType(part)
        ? this.#checker.getTypeArguments(part as ts.TypeReference)[0]
        : part.getStringIndexType();
      if (inner) this.#parameter(`${path}${part.getStringIndexType() ? ".*" : "[]"}`, inner, depth + 1);
      const properties = this.#record(part);
      if (properties?.some(isOptional)) this.found.add(path);
      for (const property of properties ?? [])
        this.#parameter(`${path}.${property.name}`, this.#checker.getTypeOfSymbol(property), depth + 1);
    }
  }

  /** The properties of a plain record of the sources. */
  #record(type: ts.Type): readonly ts.Symbol[] | null {
    const isObject = (type.flags & ts.TypeFlags.Object) !== 0 || type.isIntersection();
    if (!isObject || (type.symbol && type.symbol.flags & ts.SymbolFlags.Class)) return null;
    if (type.getCallSignatures().length + type.getConstructSignatures().length > 0) return null;
    // Symbols mark what the library made.
    const properties = this.#checker.getPropertiesOfType(type).filter((p) => !p.name.startsWith("__@"));
    const made = properties.some((p) => p.name === "kind" || p.declarations?.some(isMethod));
    return made || !properties.every((p) => this.#own(p)) ? null : properties;
  }

  #parts(type: ts.Type): readonly ts.Type[] {
    return type.isUnion() ? type.types.flatMap((t) => this.#parts(t)) : [type];
  }

  /** Whether it stands in the sources, or is made of what does. */
  #own({ declarations }: ts.Symbol): boolean {
    return (declarations ?? []).every((d) =>
      /\/(src|bindings)\//.test(d.getSourceFile().fileName.slice(root.length)),
    );
  }
}
