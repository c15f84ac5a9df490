/** Steps of networks as compiled functions, on a GPU and without: for Node, Deno and pages alike. */

import type { Activation } from "../../gpu/shape.js";
import { offsetsOf } from "../../gpu/shape.js";
import { mlp } from "../../src/entry/nn.js";
import type { OpenGpu } from "../../src/entry/opengpu.js";
import { sgd, train } from "../../src/entry/optim.js";
import { compile, type EventTensor, type Tensor, table, valueAndGrad } from "../../src/index.js";
import { apart, type Case, problem } from "./cases.js";

export type Net = readonly { readonly w: Tensor; readonly b: Tensor }[];
export interface Columns {
  readonly x: EventTensor;
  readonly label: EventTensor;
}

/** Rows and parameters of a case, as they are given to compiled functions, and its loss. */
export function lossOf(one: Case) {
  const { layers, p, x, labels } = problem(one);
  const net = mlp(one.widths, { activation: one.activation as Activation });
  const offsets = offsetsOf(layers);
  const params = layers.map(({ inputs, outputs }, l) => {
    const end = offsets[l]! + inputs * outputs;
    return { w: p.slice(offsets[l]!, end), b: p.slice(end, offsets[l + 1]!) };
  });
  const events = (dtype: "f32" | "f64") => table({ x, label: labels }, { dtype, rows: one.rows });
  const loss = (p: Net, e: Columns) => {
    const z = net.apply(p, e.x).at(0);
    return z.softplus().sub(e.label.mul(z)).mean();
  };
  return { params, events, loss };
}

/** All numbers of an answer. */
export const numbersOf = (x: unknown): number[] =>
  typeof x === "number"
    ? [x]
    : ArrayBuffer.isView(x)
      ? Array.from(x as Float64Array)
      : Object.values(x as object).flatMap(numbersOf);

/** A step on a GPU against that of f64 without: errors as of cases, and what went there and back per group. */
export async function compiledOn(gpu: OpenGpu, one: Case) {
  const { params, events, loss } = lossOf(one);
  const f = valueAndGrad(loss);
  const run = compile(f, { gpu });
  const got = await run.async(params, events("f32"));
  const want = compile(f)(params, events("f64"));
  const report = run.gpu!;
  const flat = ({ grads }: { grads: unknown }) => Float64Array.from(numbersOf(grads));
  return {
    loss: Math.abs(got.value / want.value - 1),
    gradient: apart(flat(got), flat(want)),
    // The parameters are one upload more.
    uploads: (report.uploads - 1) / report.groups,
    reads: report.reads / report.groups,
    report,
  };
}

/** The loss after 200 steps of `train` on a GPU, and relative to it that of f32 without. */
export async function trainedOn(gpu: OpenGpu, one: Case) {
  const { params, events, loss } = lossOf(one);
  const options = { params, data: events("f32"), steps: 200, optimizer: sgd(0.1) };
  const got = await train(loss, { ...options, gpu });
  const want = await train(loss, options);
  return { loss: got.loss, apart: Math.abs(got.loss / want.loss - 1), report: got.gpu! };
}
