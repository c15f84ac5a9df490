import { type Columns, childrenOf, type Events, type Numbers, requireColumn, tableInfo } from "../events.js";
import { type Axis, rootOf } from "../graph/axis.js";
import { input } from "../graph/op.js";
import type { Type } from "../graph/tensor.js";
import { arrayName, requireKind } from "../numberkind.js";
import { joinPath } from "../tree.js";
import type { Data } from "./data.js";
import { NdArray } from "./ndarray.js";

/** A column: the argument that it is in, the child table there, and its name. */
export interface ColumnOf {
  readonly leaf: number;
  readonly within: readonly string[];
  readonly name: string;
}

/** An axis with a parent; `within` says where the child table is in its argument, and is null where the function made it. */
export interface ChildOf {
  readonly leaf: number;
  readonly axis: Axis;
  readonly within: readonly string[] | null;
}

/** Whether a column of f32 is one of a table that computes in f64. */
export const isSingle = (column: Numbers, dtype: "f32" | "f64"): boolean =>
  dtype === "f64" && arrayName(column) === "Float32Array";

/** What stands for the arguments of a function while it is traced, and where its numbers will be found. */
export class ArgumentSymbols {
  readonly smalls: { readonly leaf: number }[] = [];
  readonly columns: ColumnOf[] = [];
  readonly tables: { readonly leaf: number; readonly axis: Axis }[] = [];
  readonly children: ChildOf[] = [];

  /** A Tensor, or for a table the record of those of its columns. */
  of(leaf: Data, i: number, path: string): unknown {
    const info = tableInfo(leaf);
    if (info) {
      const axis: Axis = { table: path, dtype: info.dtype, parent: null, rows: "columns" };
      this.tables.push({ leaf: i, axis });
      return this.#record(leaf as unknown as Events, axis, i, []);
    }
    this.smalls.push({ leaf: i });
    const kind = typeof leaf === "number" ? null : requireKind(leaf instanceof NdArray ? leaf.data : leaf);
    const dtype = kind?.dtype === "i32" ? "i32" : "f64";
    const known = kind?.dtype === "f64" ? { whole: true } : {};
    return input({ shape: shapeOf(leaf), dtype, axis: null }, path, this.smalls.length - 1, known);
  }

  /** The Tensors of a table, and the records of those of its children. */
  #record(events: Events, axis: Axis, leaf: number, within: readonly string[]): Record<string, unknown> {
    const record: [string, unknown][] = [];
    for (const [name, width] of Object.entries(tableInfo(events)!.widths)) {
      const { dtype, bits } = requireKind(events[name] as Numbers);
      const type: Type = {
        shape: width === 1 ? [] : [width],
        dtype: dtype === "float" ? axis.dtype : dtype,
        axis,
      };
      this.columns.push({ leaf, within, name });
      const known = {
        ...(bits ? { bits } : {}),
        ...(dtype === "f64" ? { whole: true } : {}),
        ...(isSingle(events[name] as Numbers, axis.dtype) ? { single: true } : {}),
      };
      record.push([name, input(type, joinPath(axis.table, name), this.columns.length - 1, known)]);
    }
    for (const [name, child] of childrenOf(events)) {
      const table = joinPath(axis.table, name);
      const own: Axis = { table, dtype: axis.dtype, parent: axis, rows: "columns" };
      const path = [...within, name];
      this.children.push({ leaf, axis: own, within: path });
      record.push([name, this.#record(child, own, leaf, path)]);
    }
    return withRefusals(Object.fromEntries(record), events);
  }

  /** Axes that the function made of those of its arguments, parents first. */
  made(axes: Iterable<Axis>): void {
    for (const axis of axes) {
      const { leaf } = this.tables.find((t) => t.axis === rootOf(axis))!;
      this.children.push({ leaf, axis, within: null });
    }
  }
}

/** Columns that nothing computes with say so where they are asked for, and not before: files hold many. */
function withRefusals(tensors: Record<string, unknown>, events: Columns): Record<string, unknown> {
  for (const name of Object.keys(events)) {
    if (Object.hasOwn(tensors, name)) continue;
    const refuse = () => requireColumn(name, events[name]);
    Object.defineProperty(tensors, name, { get: refuse });
  }
  return tensors;
}
const shapeOf = (leaf: Data): readonly number[] =>
  typeof leaf === "number" ? [] : leaf instanceof NdArray ? leaf.shape : [leaf.length];

/** The columns of events and of their children, as they are written. */
export const columnPaths = (path: string, events: Events): string[] => [
  ...Object.keys(tableInfo(events)!.widths).map((name) => joinPath(path, name)),
  ...childrenOf(events).flatMap(([name, child]) => columnPaths(joinPath(path, name), child)),
];
