import { describe, expect, it } from "vitest";
import type { Axis } from "../../src/core/graph/axis.js";
import { Graph, withGraph } from "../../src/core/graph/graph.js";
import { emit, input } from "../../src/core/graph/op.js";
import type { Op } from "../../src/core/graph/record.js";
import { Tensor, type Type } from "../../src/core/graph/tensor.js";
import { verify } from "../../src/core/graph/verify.js";
import "../../src/index.js";

const axis: Axis = { table: "events", dtype: "f32", parent: null, rows: "columns" };
const other: Axis = { table: "others", dtype: "f32", parent: null, rows: "columns" };
const small: Type = { shape: [], dtype: "f64", axis: null };
const event = (of: Axis): Type => ({ shape: [], dtype: "f32", axis: of });

/** A record that says that its result is such. */
const record = (type: Type, rest: Partial<Op> = {}): Op => ({
  name: "wrong",
  infer: () => type,
  vjp: () => [],
  batch: (node) => node,
  ...rest,
});

const fold: Partial<Op> = { lowering: { lower: () => [], fold: { merge: "add" } } };

/** Verifies the node of a record over inputs of these types. */
function node(op: Op, args: readonly Type[]): void {
  withGraph(new Graph(), () => {
    verify([
      emit(
        op,
        args.map((type, i) => input(type, `x${i}`, i)),
      ),
    ]);
  });
}

describe("verify", () => {
  it("takes records that keep to the rules", () => {
    node(record(event(axis)), [event(axis), event(axis), small]);
    node(record(small), [small]);
    node(record(small, fold), [event(axis), small]);
  });

  it.each([
    ["has arguments of two tables", record(event(axis)), [event(axis), event(other)]],
    ["is a fold without events, or into events", record(event(axis), fold), [event(axis)]],
    ["is a fold without events, or into events", record(small, fold), [small]],
    ["lost its event axis", record(small), [event(axis)]],
    ["lost its event axis", record(event(other)), [event(axis)]],
    ["is small and not f64", record({ ...small, dtype: "f32" }), [small]],
  ] as const)("fails where a node %s", (why, op, args) => {
    expect(() => node(op, args)).toThrow(`'wrong' ${op.infer([], {}).dtype}`);
    expect(() => node(op, args)).toThrow(why);
  });

  it("fails where a rule gives another type for the same arguments", () => {
    let calls = 0;
    const op: Op = { ...record(small), infer: () => ({ ...small, shape: calls++ ? [2] : [3] }) };
    expect(() => node(op, [small])).toThrow("has another type than its rule gives, f64[2]");
  });

  it("fails where a node comes before an argument", () => {
    withGraph(new Graph(), () => {
      const graph = input(small, "x", 0).graph;
      const late = new Tensor(graph, 7, record(small), [], {}, small);
      const early = new Tensor(graph, 3, record(small), [late], {}, small);
      expect(() => verify([early])).toThrow("comes before an argument");
    });
  });
});
