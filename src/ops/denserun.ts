import { activations as numberOf } from "../core/agreed.js";
import { conform } from "../core/elementary/align.js";
import { DerivativeError, ShapeError } from "../core/errors.js";
import type { HostLayer } from "../core/graph/hostwork.js";
import { emit } from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { Lowering, Op } from "../core/graph/record.js";
import { madeBy } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";
import { describe } from "../core/graph/tensor.js";

/** Of each layer twice the number of its activation, and 1 more where it has a bias. */
type RunAttrs = { readonly layers: readonly number[] };

type Activation = HostLayer["activation"];
const activations: readonly Activation[] = ["none", "relu", "tanh", "sigmoid"];
const activationOf = (layer: number): Activation =>
  activations.find((name) => numberOf[name] === layer >> 1)!;

/** Layers of a node whose arguments are so many with rows, and then W and b of each layer. */
function layersOf(args: readonly Tensor[], { layers }: RunAttrs, withRows: number): readonly HostLayer[] {
  let at = withRows;
  return layers.map((layer) => {
    const [inputs = 0, outputs = 0] = args[at]!.shape;
    const bias = layer % 2 === 1;
    at += bias ? 2 : 1;
    return { inputs, outputs, activation: activationOf(layer), bias };
  });
}

/** Throws a ShapeError where layers do not follow one another. */
function requireLayers(name: string, args: readonly Tensor[], attrs: RunAttrs, withRows: number): void {
  const layers = layersOf(args, attrs, withRows);
  const widths = [args[0]!.shape[0], ...layers.map(({ outputs }) => outputs)];
  let at = withRows;
  layers.forEach(({ inputs, outputs, bias }, i) => {
    const wrong = inputs !== widths[i] || (bias && args[at + 1]!.size !== outputs);
    at += bias ? 2 : 1;
    if (wrong)
      throw new ShapeError("shape.dense", `'${name}' got ${args.map(describe).join(", ")}`, { widths });
  });
  if (args.length !== at)
    throw new ShapeError("shape.dense", `'${name}' got ${args.length} arguments and needs ${at}`, { widths });
}

/** What has no rule where a host computes it: then the function is computed without. */
const refused = (): never => {
  throw new DerivativeError(
    "gpu.order",
    "layers on a GPU have first derivatives alone, of events of one table: second ones, vmap, root and minimize need a plan without",
    {},
  );
};

const lowering = (kind: "forward" | "reverse"): Lowering<RunAttrs> => ({
  lower: refused,
  host: { kind, layers: ({ args, attrs }) => layersOf(args, attrs, kind === "forward" ? 1 : 2) },
});

/** Dense layers one after the other: x [k], W and b of each layer to [n] of the last. */
const denseRunOp: Op<RunAttrs> = {
  name: "denseRun",
  infer: (args, attrs) => {
    requireLayers("denseRun", args, attrs, 1);
    const { outputs } = layersOf(args, attrs, 1).at(-1)!;
    return { shape: [outputs], dtype: args[0]!.dtype, axis: args[0]!.axis };
  },
  vjp: (g, [x, ...parameters], out) => {
    const args = [x!, conform(g, out), ...parameters];
    const sums = emit(denseRunSumsOp, args, out.attrs);
    let at = 0;
    const parts = parameters.map(({ size, shape }) => {
      at += size;
      return sums.slice(at - size, at).reshape(shape);
    });
    return [emit(denseRunInputsOp, args, out.attrs), ...parts];
  },
  batch: refused,
  lowering: lowering("forward"),
};

/** The cotangents of what went into layers, from x, cotangents of what came out, W and b of each. */
const denseRunInputsOp: Op<RunAttrs> = {
  name: "denseRunInputs",
  infer: (args, attrs) => {
    requireLayers("denseRunInputs", args, attrs, 2);
    return { shape: args[0]!.shape, dtype: args[0]!.dtype, axis: args[0]!.axis };
  },
  vjp: refused,
  batch: refused,
  lowering: lowering("reverse"),
};

/** The cotangents of W and b of all layers, flat and one after the other. */
const denseRunSumsOp: Op<RunAttrs> = {
  name: "denseRunSums",
  infer: (args, attrs) => {
    requireLayers("denseRunSums", args, attrs, 2);
    const size = args.slice(2).reduce((n, t) => n + t.size, 0);
    return { shape: [size], dtype: "f64", axis: null };
  },
  vjp: refused,
  batch: refused,
  lowering: { ...lowering("reverse"), fold: { merge: "add" } },
};

/** Layers as a host computes them; x [k] of f32 events, the parameters of all layers one after the other. */
export const denseRun = (
  x: Tensor,
  layers: readonly { readonly activation: Activation; readonly parameters: readonly Tensor[] }[],
): EventTensor =>
  emit(denseRunOp, [x, ...layers.flatMap(({ parameters }) => parameters)], {
    layers: layers.map(({ activation, parameters }) => 2 * numberOf[activation] + parameters.length - 1),
  });

/** The layers of a run and what goes into it, or null of another node. */
export function runOf(
  t: Tensor,
): { readonly x: Tensor; readonly layers: Parameters<typeof denseRun>[1] } | null {
  if (!madeBy(denseRunOp, t)) return null;
  const [x, ...parameters] = t.args;
  let at = 0;
  const layers = t.attrs.layers.map((layer) => {
    const from = at;
    at += (layer % 2) + 1;
    return { activation: activationOf(layer), parameters: parameters.slice(from, at) };
  });
  return { x: x!, layers };
}

/** A row through the layers: what went into each of them, and last what came out. */
function through(
  x: readonly number[],
  layers: readonly HostLayer[],
  parameters: readonly Value[],
): number[][] {
  const values = [[...x]];
  let at = 0;
  for (const { inputs, outputs, activation, bias } of layers) {
    const [w, b] = [parameters[at]!.data, bias ? parameters[at + 1]!.data : null];
    at += bias ? 2 : 1;
    const before = values.at(-1)!;
    values.push(
      Array.from({ length: outputs }, (_, j) => {
        let s = b ? b[j]! : 0;
        for (let i = 0; i < inputs; i++) s += before[i]! * w[i * outputs + j]!;
        return plain[activation](s);
      }),
    );
  }
  return values;
}

const plain: Record<Activation, (x: number) => number> = {
  none: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** Slopes from what came out. */
const slopes: Record<Activation, (y: number) => number> = {
  none: () => 1,
  relu: (y) => (y > 0 ? 1 : 0),
  tanh: (y) => 1 - y * y,
  sigmoid: (y) => y * (1 - y),
};

/** The reverse of a row: cotangents of x; those of the parameters are added to `sums`. */
function back(
  x: readonly number[],
  g: readonly number[],
  layers: readonly HostLayer[],
  parameters: readonly Value[],
  sums: Float64Array,
): readonly number[] {
  const values = through(x, layers, parameters);
  let cotangents = g;
  let end = sums.length;
  let at = parameters.length;
  layers.toReversed().forEach(({ inputs, outputs, activation, bias }, fromLast) => {
    const l = layers.length - 1 - fromLast;
    const [below, above] = [values[l]!, values[l + 1]!];
    const gz = cotangents.map((c, j) => c * slopes[activation](above[j]!));
    at -= bias ? 2 : 1;
    const w = parameters[at]!.data;
    if (bias) {
      end -= outputs;
      for (let j = 0; j < outputs; j++) sums[end + j]! += gz[j]!;
    }
    end -= inputs * outputs;
    for (let i = 0; i < inputs; i++)
      for (let j = 0; j < outputs; j++) sums[end + i * outputs + j]! += below[i]! * gz[j]!;
    cotangents = below.map((_, i) => gz.reduce((s, c, j) => s + c * w[i * outputs + j]!, 0));
  });
  return cotangents;
}

const row = ({ data, lanes }: Value, e: number): number[] =>
  Array.from({ length: data.length / lanes }, (_, i) => data[i * lanes + e]!);

/** Results of rows, feature by feature. */
function turned(rows: readonly (readonly number[])[], width: number): Float64Array {
  const out = new Float64Array(width * rows.length);
  rows.forEach((values, e) => {
    values.forEach((v, i) => {
      out[i * rows.length + e] = v;
    });
  });
  return out;
}

const rowsOf = (x: Value) => Array.from({ length: x.lanes }, (_, e) => e);
const untested = "is computed by a host: test/gpu";

export const denseRunOracle = (): Oracle<RunAttrs> => ({
  op: denseRunOp,
  reference: (node, [x, ...parameters]: readonly Value[]) => {
    const layers = layersOf(node.args, node.attrs, 1);
    return turned(
      rowsOf(x!).map((e) => through(row(x!, e), layers, parameters).at(-1)!),
      node.size,
    );
  },
  test: [],
  untested,
});

export const denseRunInputsOracle = (): Oracle<RunAttrs> => ({
  op: denseRunInputsOp,
  reference: (node, [x, g, ...parameters]: readonly Value[]) => {
    const layers = layersOf(node.args, node.attrs, 2);
    const sums = new Float64Array(parameters.reduce((n, { data }) => n + data.length, 0));
    return turned(
      rowsOf(x!).map((e) => back(row(x!, e), row(g!, e), layers, parameters, sums)),
      node.size,
    );
  },
  test: [],
  untested,
});

export const denseRunSumsOracle = (): Oracle<RunAttrs> => ({
  op: denseRunSumsOp,
  reference: (node, [x, g, ...parameters]: readonly Value[]) => {
    const layers = layersOf(node.args, node.attrs, 2);
    const sums = new Float64Array(node.size);
    for (const e of rowsOf(x!)) back(row(x!, e), row(g!, e), layers, parameters, sums);
    return sums;
  },
  test: [],
  untested,
});
