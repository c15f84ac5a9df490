/** Functions of rows and objects in cuts: one record each. */

import type { Axis } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { cross, pairs, triples } from "../ops/combine.js";
import { deltaPhi, deltaR } from "../physics/fourvectors.js";
import { gathered } from "./chooserows.js";
import type { Value } from "./grammar/ast.js";
import type { RowFunctionName } from "./grammar/rowsyntax.js";
import { type Got, type Num, num, type Objects, ones, together } from "./objects.js";
import type { Weight } from "./reducers.js";

/** What functions of rows may ask for. */
export interface RowTools {
  /** An argument that must be rows or an object. */
  objects(node: Value): Objects;
  /** An argument that must be a number; behind a combination names are those of its members. */
  number(node: Value, scope?: Objects): Num;
  got(node: Value, scope?: Objects): Got;
  /** A number that stands in the text. */
  literal(node: Value): number;
  /** A member that must be there. */
  member(of: Objects, name: string, node: Value): Num;
  lacks(of: Objects, name: string, node: Value): never;
  /** One row of each parent, that with the largest key. */
  best(of: Got, key: Num): Got;
  sorted(of: Got, by: Num, descending: boolean): Got;
  firstOf(of: Got, count: number): Got;
  both(a: Weight | null, b: Weight | null): Weight | null;
}

export interface RowFunction {
  readonly words: string;
  apply(args: readonly Value[], tools: RowTools): Got;
}

/** A member of the four-vector of an object, or of a sum of objects. */
const component = (name: string, words: string): RowFunction => ({
  words,
  apply: ([of], tools) => tools.member(tools.objects(of!), name, of!),
});

/** Two objects, or each row of one table with each of another. */
function paired([a, b]: readonly Value[], tools: RowTools): readonly [Objects, Objects] {
  const [one, other] = [tools.objects(a!), tools.objects(b!)];
  if (one.axis === other.axis || one.axis.parent !== other.axis.parent || !one.axis.parent)
    return [one, other];
  return crossed(one, other);
}

function crossed(one: Objects, other: Objects): readonly [Objects, Objects] {
  const [x, y] = [ones(one.axis), ones(other.axis)];
  const { axis } = cross({ x }, { y })[0].x;
  return [
    gathered(one, axis!, (t) => (t.axis === one.axis ? cross({ t }, { y })[0].t : t)),
    gathered(other, axis!, (t) => (t.axis === other.axis ? cross({ x }, { t })[1].t : t)),
  ];
}

/** Something of the directions of two objects, or of each two rows. */
function between(args: readonly Value[], tools: RowTools, f: (a: Direction, b: Direction) => Tensor): Num {
  const both = paired(args, tools);
  const [a, b] = both.map(
    (of, i): Direction => ({
      get eta() {
        return tools.member(of, "eta", args[i]!).value;
      },
      get phi() {
        return tools.member(of, "phi", args[i]!).value;
      },
    }),
  );
  const [x, y] = both;
  return num(f(a!, b!), tools.both(x.among, y.among), tools.both(x.there, y.there));
}

interface Direction {
  readonly eta: Tensor;
  readonly phi: Tensor;
}

const combinations = (words: string, many: 2 | 3): RowFunction => ({
  words,
  apply: ([of], tools) => {
    const rows = tools.objects(of!);
    const make = (t: Tensor): readonly { readonly t: Tensor }[] =>
      many === 2 ? pairs({ t }) : triples({ t });
    const axis = make(ones(rows.axis))[0]!.t.axis!;
    const parts = Array.from({ length: many }, (_, i) =>
      gathered(rows, axis, (t) => (t.axis === rows.axis ? make(t)[i]!.t : t)),
    );
    return combination(parts, axis, of!, tools);
  },
});

function combination(parts: readonly Objects[], axis: Axis, node: Value, tools: RowTools): Objects {
  const among = parts.map((part) => part.among).reduce(tools.both);
  const there = parts.map((part) => part.there).reduce(tools.both);
  const bare = parts.map((part) => ({ ...part, among: null, there: null }));
  const name = `combinations of ${parts[0]!.name}`;
  return together(name, bare, axis, among, there, (member, of) => tools.lacks(of, member, node));
}

/** Every function of rows by its name. */
export const rowRules: Readonly<Record<RowFunctionName, RowFunction>> = {
  mass: component("mass", "the invariant mass of an object or of a sum of objects"),
  pt: component("pt", "the transverse momentum"),
  eta: component("eta", "the pseudorapidity"),
  phi: component("phi", "the azimuth, from -π to π"),
  energy: component("energy", "the energy"),
  deltaPhi: {
    words: "the difference of azimuths, from -π to π",
    apply: (args, tools) => between(args, tools, deltaPhi),
  },
  deltaR: {
    words: "the distance in η and φ; of two tables that of each row of one and each of the other",
    apply: (args, tools) => between(args, tools, deltaR),
  },
  pairs: combinations("each two rows of a table, a and b", 2),
  triples: combinations("each three rows of a table, a, b and c", 3),
  cross: {
    words: "each row of one table, a, with each of another, b",
    apply: ([a, b], tools) => {
      const parts = crossed(tools.objects(a!), tools.objects(b!));
      return combination(parts, parts[0].axis, a!, tools);
    },
  },
  leading: {
    words: "the row with the largest key",
    apply: ([of, key], tools) => {
      const rows = tools.got(of!);
      return tools.best(rows, tools.number(key!, scopeOf(rows)));
    },
  },
  nearest: {
    words: "the row whose key is nearest to a number",
    apply: ([of, key, to], tools) => {
      const rows = tools.got(of!);
      const { value, ...rest } = tools.number(key!, scopeOf(rows));
      const distance = value.sub(tools.number(to!).value).abs().neg();
      return tools.best(rows, { ...rest, value: distance });
    },
  },
  sort: {
    words: "rows or numbers of rows in ascending order of a key",
    apply: ([of, key], tools) => {
      const rows = tools.got(of!);
      return tools.sorted(rows, tools.number(key!, scopeOf(rows)), false);
    },
  },
  topK: {
    words: "the largest of numbers of rows, the largest first",
    apply: ([of, count], tools) => {
      const x = tools.number(of!);
      return tools.firstOf(tools.sorted(x, x, true), tools.literal(count!));
    },
  },
  argmax: {
    words: "in brackets: the row with the largest key",
    apply: ([key], tools) => tools.number(key!),
  },
  argmin: {
    words: "in brackets: the row with the smallest key",
    apply: ([key], tools) => {
      const { value, ...rest } = tools.number(key!);
      return { ...rest, value: value.neg() };
    },
  },
};

/** In which rows the names of a key are looked up: those of combinations. */
const scopeOf = (rows: Got): Objects | undefined =>
  rows.kind === "objects" && rows.parts ? rows : undefined;
