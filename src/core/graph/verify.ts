import { InternalError } from "../../text/gradcuterror.js";
import { rootOf } from "./axis.js";
import { type Tensor, typeText } from "./tensor.js";
import { reachable } from "./walk.js";

/**
 * Checks what every later stage relies on: types that their own rules give, one axis per event node, small folds.
 * It fails on a wrong op record, never on wrong user input; that is refused while tracing.
 */
export function verify(outputs: readonly Tensor[]): void {
  for (const node of reachable(outputs)) {
    const fail = (why: string): never => {
      throw new InternalError(
        "internal.graph",
        `graph: node ${node.id} '${node.op.name}' ${typeText(node)} ${why}`,
      );
    };
    const axes = new Set(node.args.flatMap((a) => (a.axis ? [a.axis] : [])));
    const { fold, whole, host } = node.op.lowering ?? {};
    if (host) {
      const rows = node.args.filter((a) => a.axis);
      if (rows.some(({ axis, dtype }) => axis!.parent || dtype !== "f32"))
        fail("is for a host, and not of f32 events of a table");
    }
    if (whole) {
      const root = node.axis && rootOf(node.axis);
      if (!root || [...axes].some((axis) => rootOf(axis) !== root)) fail("goes from one table to another");
    } else {
      if (axes.size > 1) fail("has arguments of two tables");
      if (fold && (node.axis || axes.size !== 1)) fail("is a fold without events, or into events");
      if (!fold && axes.size === 1 && node.axis !== [...axes][0]) fail("lost its event axis");
    }
    if (!node.axis && node.dtype === "f32") fail("is small and not f64");
    if (node.args.some((a) => a.id >= node.id)) fail("comes before an argument");
    if (node.args.length > 0) {
      const again = node.op.infer(node.args, node.attrs);
      if (typeText(again) !== typeText(node))
        fail(`has another type than its rule gives, ${typeText(again)}`);
    }
  }
}
