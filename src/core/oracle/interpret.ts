import type { Body } from "../graph/attrs.js";
import type { Axis } from "../graph/axis.js";
import { type InputAttrs, isInput } from "../graph/op.js";
import type { Interpreter, Oracle, Value } from "../graph/oracle.js";
import type { NodeOf, Op } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { bisect } from "./bisect.js";
import { lowest } from "./newton.js";

/** What the interpreter evaluates inputs with: small values by slot, columns by slot, rows by table. */
export interface Environment {
  readonly smalls: readonly ArrayLike<number>[];
  /** Row by row, as tables hold them. */
  readonly columns: readonly ArrayLike<number>[];
  readonly rows: ReadonlyMap<string, number>;
  /** Of child tables: where the rows of each parent begin. */
  readonly offsets?: ReadonlyMap<string, ArrayLike<number>>;
  readonly oracles: ReadonlyMap<Op, Oracle>;
}

/**
 * Evaluates nodes with the scalar references of their ops, in plain TypeScript: the oracle that compiled functions
 * are tested against. Event values are feature-major; f32 nodes are rounded after every op.
 */
export function interpret(outputs: readonly Tensor[], env: Environment): Value[] {
  const rows = (axis: Axis) => env.rows.get(axis.table)!;
  const offsets = (axis: Axis) => env.offsets!.get(axis.table)!;
  return evaluate(outputs, env.oracles, { rows, offsets }, (node) => {
    const { slot } = node.attrs;
    if (!node.axis) return Float64Array.from(env.smalls[slot]!);
    const n = rows(node.axis);
    const column = env.columns[slot]!;
    return Float64Array.from({ length: node.size * n }, (_, i) => {
      const [feature, row] = [Math.floor(i / n), i % n];
      return column[row * node.size + feature]!;
    });
  });
}

function evaluate(
  outputs: readonly Tensor[],
  oracles: ReadonlyMap<Op, Oracle>,
  tables: Pick<Interpreter, "rows" | "offsets">,
  read: (node: NodeOf<InputAttrs>) => Float64Array,
): Value[] {
  const values = new Map<Tensor, Value>();
  const interpreter: Interpreter = {
    ...tables,
    body: (body: Body, inputs, rows) => {
      const inner = rows === undefined ? tables : { ...tables, rows: () => rows };
      const read = (node: Tensor) => inputs[body.inputs.indexOf(node)]!;
      return evaluate(body.outputs, oracles, inner, read).map((v) => v.data);
    },
    lowest,
    bisect,
  };
  for (const node of reachable(outputs)) {
    const raw = isInput(node)
      ? read(node)
      : oracles.get(node.op)!.reference(
          node,
          node.args.map((a) => values.get(a)!),
          interpreter,
        );
    const data = node.dtype === "f32" ? raw.map(Math.fround) : raw;
    values.set(node, { data, lanes: node.axis ? tables.rows(node.axis) : 1 });
  }
  return outputs.map((out) => values.get(out)!);
}
