import { elementName } from "./exprvalues.js";
import type { Expr, Value } from "./grammar/ast.js";
import type { Bracket, Brackets } from "./grammar/brackets.js";
import { memberNames } from "./grammar/rownodes.js";
import { rowSyntax } from "./grammar/rowsyntax.js";
import { isSum } from "./objects.js";

/** A column that an expression reads, or a table whose rows it counts: `pt`, `Muon_pt[0]`, `jets.pt`, `jets`. */
export interface Needed {
  readonly name: string;
  readonly node: Expr;
  /** Whether bits of it are asked for, which only integers have. */
  readonly bits: boolean;
}

/** What the four-vector of an object is made of. */
const vector = ["pt", "eta", "phi", "mass"];

/** Columns that a member of a sum of objects is made of. */
const summed = (member: string): readonly string[] =>
  isSum(member) ? vector : member === "charge" ? [member] : [];

/** The tables of combinations in whose brackets an expression stands; inside max(…) and the like bare names are of each. */
interface Scope {
  readonly tables: readonly string[];
  readonly each: boolean;
}

/** The columns that a table of events must have for an expression in some brackets, in the order of first use. */
export function neededColumns(expr: Expr, brackets: Brackets = []): Needed[] {
  const found = new Map<string, Needed>();
  const add: Add = (name, node, bits) => {
    const known = found.get(name);
    if (!known || (bits && !known.bits)) found.set(name, { name, node, ...known, bits });
  };
  new Walk(add).within(expr, brackets);
  return [...found.values()];
}

type Add = (name: string, node: Expr, bits: boolean) => void;

class Walk {
  readonly #found: Add;
  readonly #bits: boolean;

  constructor(found: Add, bits = false) {
    this.#found = found;
    this.#bits = bits;
  }

  #add(name: string, node: Expr): void {
    this.#found(name, node, this.#bits);
  }

  within(expr: Expr, brackets: Brackets): void {
    let scope: Scope | null = null;
    for (const bracket of brackets) scope = this.#bracket(bracket, scope);
    this.value(expr, scope);
  }

  #bracket({ kind, of }: Bracket, scope: Scope | null): Scope | null {
    if (kind === "members") return scope && { ...scope, each: true };
    this.#objects(of, scope, [], of);
    return this.#inside(of, scope);
  }

  value(first: Expr, scope: Scope | null): void {
    // In a loop where the tree may be deep or wide: along left sides and through terms.
    const open: Expr[] = [first];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const inner = this.#see(node, scope);
      for (let i = inner.length - 1; i >= 0; i--) open.push(inner[i]!);
    }
  }

  #see(node: Expr, scope: Scope | null): readonly Expr[] {
    switch (node.kind) {
      case "number":
      case "threshold":
        return [];
      case "column":
        this.#add(node.name, node);
        return [];
      case "element":
        this.#add(elementName(node), node);
        return [];
      case "own":
        this.#own(node.name, node, scope);
        return [];
      case "and":
      case "or":
        return node.terms;
      case "call":
        return node.args;
      case "compare":
      case "arithmetic":
        return [node.left, node.right];
      case "not":
      case "negate":
        return [node.of];
      case "bits":
        new Walk(this.#found, true).value(node.of, scope);
        return [];
      case "mask":
        this.value(node.where, this.#inside(node.of, scope));
        return [node.of];
      case "pick":
        if (typeof node.place !== "number") this.value(node.place, this.#inside(node.of, scope));
        return [node.of];
      case "member":
        this.#objects(node.of, scope, [node.name], node);
        return [];
      case "reduce":
      case "quantify":
        this.#reduced(node.of, scope);
        if (node.over !== null) this.#add(node.over, node);
        return [];
      case "rows": {
        const { members, gives } = rowSyntax[node.name];
        const inner = this.#inside(node.args[0]!, scope);
        node.args.forEach((arg, i) => {
          if (members.length > 0) this.#objects(arg, scope, members, node);
          else if (gives === "combinations") this.#objects(arg, scope, [], node);
          else this.value(arg, i === 0 ? scope : inner);
        });
        return [];
      }
      default:
        return node satisfies never;
    }
  }

  #reduced(of: Expr, scope: Scope | null): void {
    this.value(of, scope && { ...scope, each: true });
  }

  /** In which scope the brackets behind rows, and keys of rows, stand. */
  #inside(of: Expr, scope: Scope | null): Scope | null {
    const tables = this.#tables(of, scope);
    return tables && tables.length > 1 ? { tables, each: false } : scope;
  }

  /** The tables whose columns objects have, one for each that is added up; null for what are no objects. */
  #tables(node: Expr, scope: Scope | null): readonly string[] | null {
    switch (node.kind) {
      case "column":
      case "element":
        return [node.name];
      case "mask":
      case "pick":
        return this.#tables(node.of, scope);
      case "own": {
        const table = scope?.tables[memberNames.indexOf(node.name as "a")];
        return table === undefined ? null : [table];
      }
      case "member": {
        const tables = this.#tables(node.of, scope);
        const table = tables?.[memberNames.indexOf(node.name as "a")];
        return tables && tables.length > 1
          ? table === undefined
            ? null
            : [table]
          : tables && [`${tables[0]}.${node.name}`];
      }
      case "arithmetic": {
        const [a, b] = [this.#tables(node.left, scope), this.#tables(node.right, scope)];
        return a && b ? [...a, ...b] : null;
      }
      case "rows": {
        const { gives } = rowSyntax[node.name];
        if (gives === "object" || gives === "rows") return this.#tables(node.args[0]!, scope);
        if (gives !== "combinations") return null;
        const args = node.args.map((arg) => this.#tables(arg, scope));
        if (args.some((tables) => tables === null)) return null;
        const tables = args.flatMap((each) => each!);
        return tables.length > 1
          ? tables
          : Array.from({ length: node.name === "pairs" ? 2 : 3 }, () => tables[0]!);
      }
      default:
        return null;
    }
  }

  /** Members of objects, and what chooses these. */
  #objects(node: Value, scope: Scope | null, members: readonly string[], at: Expr): void {
    const tables = this.#tables(node, scope);
    if (!tables) {
      this.value(node, scope);
      return;
    }
    const sum = tables.length > 1;
    for (const table of tables)
      for (const name of members.flatMap((member) => (sum ? summed(member) : [member])))
        this.#add(`${table}.${name}`, at);
    // How many there are, where nothing else of them is asked for.
    if (members.every((member) => sum && summed(member).length === 0))
      for (const table of tables) this.#add(table, at);
    this.#choice(node, scope);
  }

  /** Columns of the conditions and keys by which objects are chosen. */
  #choice(node: Expr, scope: Scope | null): void {
    if (node.kind === "mask") {
      this.value(node.where, this.#inside(node.of, scope));
      this.#choice(node.of, scope);
    } else if (node.kind === "pick") {
      if (typeof node.place !== "number") this.value(node.place, this.#inside(node.of, scope));
      this.#choice(node.of, scope);
    } else if (node.kind === "member") this.#choice(node.of, scope);
    else if (node.kind === "arithmetic") {
      this.#choice(node.left, scope);
      this.#choice(node.right, scope);
    } else if (node.kind === "rows") {
      const { gives } = rowSyntax[node.name];
      const inner = this.#inside(node.args[0]!, scope);
      node.args.forEach((arg, i) => {
        if (i === 0 || gives === "combinations") this.#choice(arg, scope);
        else this.value(arg, inner);
      });
    }
  }

  #own(name: string, node: Expr, scope: Scope | null): void {
    if (!scope) return;
    const [first, ...rest] = name.split(".");
    const member = memberNames.indexOf(first as "a");
    if (member >= 0 && rest.length > 0) {
      this.#add(`${scope.tables[member]}.${rest.join(".")}`, node);
      return;
    }
    for (const table of scope.tables)
      for (const column of !scope.each && isSum(name) ? vector : [name])
        this.#add(`${table}.${column}`, node);
  }
}
