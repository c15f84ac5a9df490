/** Reading model.json back. */

import { mlp } from "../../index.js";
import { readSealed, refusing, versionProblem } from "../files/sealed.js";
import type { Network, Params } from "../training/analysis.js";
import type { Model } from "./savedmodel.js";

/** The model in a file. Throws UsageError for anything else, with what is wrong. */
export async function readModel(path: string): Promise<Model> {
  const refuse = refusing(path, "model");
  const model: unknown = await readSealed(path, refuse, problem, "model.json");
  if (model === null) throw refuse("there is no such file");
  return model as Model;
}

interface Unknown {
  [key: string]: unknown;
}
const isObject = (x: unknown): x is Unknown => typeof x === "object" && x !== null && !Array.isArray(x);
const isText = (x: unknown): x is string => typeof x === "string";
const isNumbers = (x: unknown, length?: number): x is number[] =>
  Array.isArray(x) && x.every(Number.isFinite) && (length === undefined || x.length === length);

/** Why something is no model, or null. */
function problem(model: unknown): string | null {
  if (!isObject(model) || model.schema !== "gradcut.model")
    return "this is no model.json of gradcut train --out";
  const other = versionProblem(model.version);
  if (other !== null) return other;
  const { definitions, filters, cut, net } = model;
  const isDefinition = (d: unknown) => isObject(d) && isText(d.name) && isText(d.expr);
  if (!Array.isArray(definitions) || !definitions.every(isDefinition)) return broken("definitions");
  if (!Array.isArray(filters) || !filters.every(isText)) return broken("filters");
  if (cut !== null && !(isObject(cut) && isText(cut.expression))) return broken("cut");
  if (net !== null && !isNet(net)) return broken("net");
  return null;
}

const broken = (field: string) => `its field ${field} is not that of a model`;

/** Whether the layers fit each other, the inputs and one output. */
function isNet(net: unknown): boolean {
  if (!isObject(net) || !Array.isArray(net.inputs) || !Array.isArray(net.layers)) return false;
  const { inputs, mean, deviation, layers } = net;
  let size = inputs.length;
  if (!inputs.every(isText) || !isNumbers(mean, size) || !isNumbers(deviation, size)) return false;
  for (const [i, layer] of layers.entries()) {
    if (!isObject(layer) || !Array.isArray(layer.w) || !isNumbers(layer.b)) return false;
    const { w, b } = layer as { w: unknown[]; b: number[] };
    if (layer.activation !== (i === layers.length - 1 ? "none" : "relu")) return false;
    if (w.length !== size || !w.every((row) => isNumbers(row, b.length))) return false;
    size = b.length;
  }
  const { bound = null } = net;
  return layers.length > 0 && size === 1 && (bound === null || Number.isFinite(bound));
}

/** The network of a model with its params. */
export function networkOf({ inputs, mean, deviation, layers }: NonNullable<Model["net"]>): {
  net: Network;
  params: Params["net"];
} {
  const sizes = [inputs.length, ...layers.map(({ b }) => b.length)];
  return {
    net: { inputs, mean, deviation, layers: mlp(sizes) },
    params: layers.map(({ w, b }) => ({ w: Float64Array.from(w.flat()), b: Float64Array.from(b) })),
  };
}
