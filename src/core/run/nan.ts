import { isInput } from "../graph/op.js";
import { Tensor, typeText } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { flatten } from "../tree.js";
import { compile } from "./compile.js";
import type { In } from "./data.js";

/** Where the first NaN of a computation comes from. */
export interface NaNOrigin {
  /** The op whose result is the first NaN, or "input". */
  readonly op: string;
  /** What it is: `log` of an `f32[signal;]`. */
  readonly text: string;
  /** Table and row of the first event concerned, where it is an event value. */
  readonly table: string | null;
  readonly row: number | null;
  /** Number of events (or elements) that are NaN there. */
  readonly count: number;
  /** The op's arguments at that place, and the inputs they come from. */
  readonly arguments: readonly number[];
  readonly inputs: Readonly<Record<string, number>>;
  readonly message: string;
}

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;

/**
 * The first op, in the order of computation, that makes a NaN where its arguments had none; null if nothing is NaN.
 * It compiles the function once more with a count of NaN after every node, so it runs at the speed of the kernels over
 * tables of any length. `f` may be `valueAndGrad(loss)`: then the way back is searched too.
 */
export function findNaN<A extends unknown[]>(
  f: (...args: A) => unknown,
): (...args: { [K in keyof A]: In<A[K]> }) => NaNOrigin | null {
  const order = (args: A) => reachable(flatten(f(...args), isTensor, "result", "Tensors").leaves);
  return (...args) => {
    let nodes: Tensor[] = [];
    const counts = compile((...a: A) => {
      nodes = order(a);
      return nodes
        .map((n) => (n.dtype === "i32" ? n.cast(n.axis?.dtype ?? "f64") : n))
        .map((n) => n.eq(n).sub(1).neg().sum());
    })(...(args as never)) as unknown as number[];
    const first = nodes.findIndex((_, i) => (counts[i] as number) > 0);
    if (first < 0) return null;
    const node = nodes[first] as Tensor;

    // Once more for the place: the node, its arguments and all inputs, as they are there.
    const inputs = nodes.filter((n) => isInput(n) && (n.axis === node.axis || !n.axis));
    const at = compile((...a: A) => {
      const again = order(a);
      const pick = (n: Tensor) => again[nodes.indexOf(n)] as Tensor;
      return { value: pick(node), args: node.args.map(pick), inputs: inputs.map(pick) };
    })(...(args as never)) as unknown as Record<"value", Flat> & Record<"args" | "inputs", Flat[]>;
    const values = numbers(at.value);
    const index = values.findIndex((v) => Number.isNaN(v));
    const row = node.axis ? Math.floor(index / node.size) : null;
    const element = (t: Tensor, v: Flat): number => {
      const all = numbers(v);
      const one = t.axis && row !== null ? all.slice(row * t.size, (row + 1) * t.size) : all;
      return one[index % node.size] ?? one[0] ?? Number.NaN;
    };
    const named = Object.fromEntries(inputs.map((t, i) => [t.attrs.path, element(t, at.inputs[i] as Flat)]));
    const own = node.args.map((t, i) => element(t, at.args[i] as Flat));
    const origin = {
      op: node.op.name,
      text: `'${node.op.name}' ${typeText(node)}`,
      table: node.axis?.table ?? null,
      row,
      count: counts[first] as number,
      arguments: own,
      inputs: named,
    };
    return { ...origin, message: sentence(origin, node) };
  };
}

type Flat = number | Float64Array | Float32Array | Int32Array;
const numbers = (x: Flat): readonly number[] => (typeof x === "number" ? [x] : Array.from(x));

function sentence(origin: Omit<NaNOrigin, "message">, node: Tensor): string {
  const { op, row, table, count, inputs } = origin;
  const place =
    row === null ? "" : ` in row ${row} of '${table}'${count > 1 ? ` and ${count - 1} more` : ""}`;
  const given = Object.entries(inputs)
    .filter(([path]) => path !== "constant")
    .map(([path, v]) => `${path} = ${v}`)
    .slice(0, 8)
    .join(", ");
  if (isInput(node)) return `${node.attrs.path} is NaN${place}`;
  return `the first NaN is the result of ${op}(${origin.arguments.join(", ")})${place}; inputs there: ${given}`;
}
