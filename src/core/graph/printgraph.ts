import { type AttrTexts, attrsKey, type Opaque } from "./attrs.js";
import { type Tensor, typeText } from "./tensor.js";
import { reachable } from "./walk.js";

/**
 * A graph as stable text, one node a line: `%3 = mul %1 %2 : f32[signal; 2]`. Equal graphs print equally, whatever else
 * was traced before, in this process or another: rules of the user's are numbered as they come.
 */
export function printGraph(inputs: readonly Tensor[], outputs: readonly Tensor[]): string {
  const known = new Map<Opaque, number>();
  const texts: AttrTexts = {
    opaque(value) {
      if (!known.has(value)) known.set(value, known.size);
      return `${known.get(value)}`;
    },
    body: (body) => printNodes(body.inputs, body.outputs, texts),
  };
  return printNodes(inputs, outputs, texts);
}

/** The same as the identity of a body: equal in one process only where rules of the user's are the same. */
export function printNodes(inputs: readonly Tensor[], outputs: readonly Tensor[], texts?: AttrTexts): string {
  const names = new Map<Tensor, string>();
  const lines: string[] = [];
  const line = (t: Tensor, text: string): void => {
    names.set(t, `%${names.size}`);
    lines.push(`${names.get(t)} = ${text} : ${typeText(t)}`);
  };
  inputs.forEach((t) => {
    line(t, `input ${t.attrs.path}`);
  });
  for (const node of reachable(outputs)) {
    if (names.has(node)) continue;
    const { path, ...attrs } = node.attrs;
    const words = [
      node.op.name,
      ...(typeof path === "string" ? [path] : []),
      ...node.args.map((a) => names.get(a)),
    ];
    line(node, `${words.join(" ")}${typeof path === "string" ? "" : attrsKey(attrs, texts)}`);
  }
  lines.push(`return ${outputs.map((t) => names.get(t)).join(" ")}`);
  return lines.join("\n");
}
