import { memberBytes } from "../core/agreed.js";
import { requireParent, toChild } from "../core/elementary/crossing.js";
import { spreadFrom, spreadSmall } from "../core/elementary/reshape.js";
import { AxisError } from "../core/errors.js";
import { type Axis, lineage } from "../core/graph/axis.js";
import { emit } from "../core/graph/op.js";
import { type Interpreter, type Oracle, sampleChild, sampleOther } from "../core/graph/oracle.js";
import type { NodeOf, Op, Places } from "../core/graph/record.js";
import { describe, Tensor } from "../core/graph/tensor.js";
import * as tree from "../core/tree.js";

/** The axis that combinations take their members from, and which are columns of none. */
function membersOf({ rows, table }: Axis): Axis {
  if (rows === "columns") throw new AxisError("axis.combined", `'${table}' has no members`, { table });
  return "comb" in rows ? rows.of : rows.cross[1];
}

/** What kernels are told of combinations: where their members' rows are, and how they are made. */
function words(combinations: Axis, member: number, at: Places): readonly number[] {
  const { rows } = combinations;
  const base = membersOf(combinations);
  const cross = rows !== "columns" && "cross" in rows;
  return [
    ...[member, at.grain(base).first, at.grain(base.parent!).count],
    ...(cross ? [0, at.grain(rows.cross[0]).first] : [rows === "columns" ? 0 : rows.comb, 0]),
  ];
}

type MemberAttrs = {
  readonly axis: Axis;
  /** Which of the two or three; of `cross` the one that is not the parent. */
  readonly member: number;
};

/** Rows of a child for all combinations that they are a member of. */
const memberOp: Op<MemberAttrs> = {
  name: "member",
  uniform: true,
  infer: ([x], { axis }) => ({ shape: x!.shape, dtype: x!.dtype, axis }),
  vjp: (g, [x], { attrs: { member } }) => [x!.dtype === "i32" ? null : emit(sumMembersOp, [g], { member })],
  batch: (node, [x]) => emit(memberOp, [x!], node.attrs),
  simplify: ([x], { axis }) => {
    const small = spreadFrom(x!);
    return small && spreadSmall(small, axis, x!.dtype);
  },
  lowering: {
    whole: true,
    lower: (node, at) => {
      const { axis, member } = node.attrs;
      const bytes = node.size * (node.dtype === "f64" ? 8 : 4);
      return [["any_member", bytes, at.out, at.args[0]!, ...words(axis, member, at)]];
    },
  },
};

/** Of each row the sum of the combinations that it is a member of: the reverse of `member`. */
const sumMembersOp: Op<{ member: number }> = {
  name: "sumMembers",
  infer: ([g]) => ({ shape: g!.shape, dtype: g!.dtype, axis: membersOf(g!.axis!) }),
  vjp: (g, [x], { attrs: { member } }) => [emit(memberOp, [g], { axis: x!.axis!, member })],
  batch: (node, [x]) => emit(sumMembersOp, [x!], node.attrs),
  lowering: {
    whole: true,
    scratch: (node, rows) => memberBytes(node.size, rows),
    lower: (node, at) => {
      const operands = words(node.args[0]!.axis!, node.attrs.member, at);
      return [[`${node.dtype}_sumMembers`, node.size, at.scratch, at.args[0]!, ...operands, at.out]];
    },
  },
};

/** Calls `visit` with every combination, from 0 on, and the row that is its member. */
function eachMember(
  combinations: Axis,
  member: number,
  { offsets }: Interpreter,
  visit: (combination: number, row: number) => void,
): void {
  const { rows } = combinations;
  const first = offsets(membersOf(combinations));
  let combination = 0;
  for (let p = 0; p + 1 < first.length; p++) {
    const [from, to] = [first[p]!, first[p + 1]!];
    if (rows !== "columns" && "cross" in rows) {
      const others = offsets(rows.cross[0]);
      for (let i = others[p]!; i < others[p + 1]!; i++)
        for (let j = from; j < to; j++) visit(combination++, j);
      continue;
    }
    const three = rows !== "columns" && rows.comb === 3;
    for (let i = from; i < to; i++)
      for (let j = i + 1; j < to; j++)
        if (!three) visit(combination++, [i, j][member]!);
        else for (let l = j + 1; l < to; l++) visit(combination++, [i, j, l][member]!);
  }
}

const samplePairs = combinations(sampleChild, 2);
const sampleTriples = combinations(sampleChild, 3);
const exact = { f32: 0, f64: 0 };

export const memberOracle = (): Oracle<MemberAttrs> => ({
  op: memberOp,
  reference: (node: NodeOf<MemberAttrs>, [x], interpreter) => {
    const { axis, member } = node.attrs;
    const n = interpreter.rows(axis);
    const out = new Float64Array(node.size * n);
    eachMember(axis, member, interpreter, (combination, row) => {
      for (let j = 0; j < node.size; j++) out[j * n + combination] = x!.data[j * x!.lanes + row]!;
    });
    return out;
  },
  test: [
    ...[0, 1].map((member) => ({ axis: samplePairs, member })),
    ...[0, 1, 2].map((member) => ({ axis: sampleTriples, member })),
    ...[sampleOther, sampleChild].map((of) => ({ axis: crossing(of, sampleChild), member: 1 })),
  ].flatMap((attrs) =>
    [[], [3]].map((shape) => ({
      args: [{ shape, child: true, range: [-2, 2] as const }],
      ...{ attrs, ulp: exact },
    })),
  ),
});

export const sumMembersOracle = (): Oracle<{ member: number }> => ({
  op: sumMembersOp,
  reference: (node: NodeOf<{ member: number }>, [x], interpreter) => {
    const n = interpreter.rows(node.axis!);
    const out = new Float64Array(node.size * n);
    eachMember(node.args[0]!.axis!, node.attrs.member, interpreter, (combination, row) => {
      for (let j = 0; j < node.size; j++) out[j * n + row]! += x!.data[j * x!.lanes + combination]!;
    });
    return out;
  },
  test: [],
  untested: "is the slope of 'member', and a table of combinations is no argument: test/ops/combine.test.ts",
});

/** Combinations of 2 or 3 different rows of an axis. */
function combinations(of: Axis, comb: 2 | 3): Axis {
  const { dtype, parent } = of;
  return { table: `${of.table}×${comb}`, dtype, parent, rows: { comb, of } };
}

/** Each row of an axis with each of another of the same parent. */
function crossing(a: Axis, b: Axis): Axis {
  return { table: `${a.table}×${b.table}`, dtype: a.dtype, parent: a, rows: { cross: [a, b] } };
}

/** The same axis wherever it is asked for in a trace. */
function known({ graph }: Tensor, axis: Axis): Axis {
  const made = graph.axes.get(axis.table) ?? axis;
  graph.axes.set(axis.table, made);
  return made;
}

/** Of a record, the Tensor that says which rows it holds: one at the top, where there is one. */
function rowsOf(op: string, record: unknown): Tensor {
  let level = [record];
  while (level.length > 0) {
    const found = level.find((x) => x instanceof Tensor && x.axis);
    if (found instanceof Tensor) return found;
    level = level.flatMap((x) => (isRecord(x) ? Object.values(x) : []));
  }
  const got = record instanceof Tensor ? describe(record) : tree.describe(record);
  throw new AxisError(
    "axis.combined",
    `'${op}' combines rows of a child table, given as a record of its Tensors, as ${op}(events.jets${op === "cross" ? ", events.leptons" : ""}), but got ${got}`,
    { op },
  );
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !(x instanceof Tensor);

/** A record like another, with `f` of each Tensor of the axis. What belongs to rows above it stays. */
function eachOf(op: string, record: unknown, axis: Axis, f: (x: Tensor) => Tensor): unknown {
  if (record instanceof Tensor) {
    if (record.axis === axis) return f(record);
    if (!record.axis || lineage(axis).includes(record.axis)) return record;
    const below = lineage(record.axis).includes(axis);
    throw new AxisError(
      "axis.combined",
      `'${op}' of rows of '${axis.table}' got ${describe(record)} among them; ${below ? 'sum it to them first, as .sum("parent"): what is below rows is not combined' : "it belongs to other rows"}`,
      { op, tables: [axis.table, record.axis.table] },
    );
  }
  if (!isRecord(record)) return record;
  const out: Record<string, unknown> = {};
  for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(record))) {
    const below = own.enumerable && isBelow(own.value, axis);
    // Columns that nothing computes with, and tables below: they say so where they are asked for.
    if (!own.enumerable) Object.defineProperty(out, name, own);
    else if (below) Object.defineProperty(out, name, { get: () => eachOf(op, own.value, axis, f) });
    else out[name] = eachOf(op, own.value, axis, f);
  }
  return out;
}

/** Whether a value is a table below an axis. */
function isBelow(value: unknown, axis: Axis): boolean {
  if (!isRecord(value)) return false;
  const [some] = Object.values(value);
  return some instanceof Tensor
    ? some.axis !== null && some.axis !== axis && lineage(some.axis).includes(axis)
    : isBelow(some, axis);
}

function combined(op: string, record: unknown, many: 2 | 3): unknown[] {
  const some = rowsOf(op, record);
  requireParent(op, some);
  const of = some.axis!;
  const axis = known(some, combinations(of, many));
  return Array.from({ length: many }, (_, member) =>
    eachOf(op, record, of, (x) => emit(memberOp, [x], { axis, member })),
  );
}

/**
 * Every two different rows of a child table that have one parent, as [first, second]: records like the one that is given,
 * on an axis of their own with the same parent. They are in the order of the rows: 0 with 1, 0 with 2, …, 1 with 2, …; so
 * `first.pt.add(second.pt).max("parent")` is a number for each event. What is below the rows is not in them.
 *
 * An event may have 2^24 pairs: beyond, a call throws an InputError.
 * @throws AxisError for what is not of a child table
 */
export function pairs<T>(rows: T): readonly [first: T, second: T];
export function pairs(rows: unknown): unknown {
  return combined("pairs", rows, 2);
}

/** Every three different rows of a child table that have one parent, as [first, second, third]; else as `pairs`. */
export function triples<T>(rows: T): readonly [first: T, second: T, third: T];
export function triples(rows: unknown): unknown {
  return combined("triples", rows, 3);
}

/**
 * Each row of `a` with each row of `b` that has the same parent, as records like `a` and `b`. Their parent is the row of `a`,
 * so `x.sum("parent")` is a number for each row of `a`: of each jet the nearest lepton, or with `a` itself as `b` what the
 * other jets and it say (attention). What is below the rows is not in them.
 *
 * An event may have 2^24 of them: beyond, a call throws an InputError.
 * @throws AxisError for what is not of two child tables of one parent
 */
export function cross<A, B>(a: A, b: B): readonly [A, B];
export function cross(a: unknown, b: unknown): unknown {
  const [one, other] = [rowsOf("cross", a), rowsOf("cross", b)];
  const parent = requireParent("cross", one);
  if (requireParent("cross", other) !== parent) {
    const tables = [one.axis!.table, other.axis!.table];
    throw new AxisError(
      "axis.combined",
      `'cross' goes over rows that have one parent, as jets and leptons of events, but those of '${tables[0]}' belong to '${parent.table}' and those of '${tables[1]}' to '${other.axis!.parent!.table}'`,
      { op: "cross", tables },
    );
  }
  const axis = known(one, crossing(one.axis!, other.axis!));
  return [
    eachOf("cross", a, one.axis!, (x) => toChild(x, axis)),
    eachOf("cross", b, other.axis!, (x) => emit(memberOp, [x], { axis, member: 1 })),
  ];
}
