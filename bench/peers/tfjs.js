/** Peer: TensorFlow.js on its WebAssembly backend (SIMD, one thread). Usage: tfjs.js [events] [rounds]. */

import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import { parameters, sample, sizes } from "../data.js";
import { options, report } from "./report.js";

const require = createRequire(import.meta.url);
wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
wasm.setThreadsCount(1);
await tf.setBackend("wasm");
if (tf.getBackend() !== "wasm") throw new Error(`TensorFlow.js runs on '${tf.getBackend()}', not on wasm`);

const { events, rounds } = options();
const { x0, x1, y: labels } = sample(events);
const interleaved = Float32Array.from({ length: 2 * events }, (_, i) => (i & 1 ? x1 : x0)[i >> 1]);
const x = tf.tensor2d(interleaved, [events, 2]);
const columns = [x0, x1].map((column) => tf.tensor2d(column, [events, 1]));
const y = tf.tensor1d(labels);
const { net, cuts } = parameters();
const variables = [
  ...Array.from(cuts, (c) => tf.variable(tf.scalar(c))),
  ...net.flatMap(({ w, b }, i) => [
    tf.variable(tf.tensor2d(Float32Array.from(w), [sizes[i], sizes[i + 1]])),
    tf.variable(tf.tensor1d(Float32Array.from(b))),
  ]),
];

function loss() {
  const [c0, c1, ...layers] = variables;
  // Two columns and two scalars: slicing one tensor of cuts apart is a tenth slower.
  const [a, b] = [c0, c1].map((c, i) => tf.sigmoid(tf.sub(columns[i], c)));
  let h = x;
  for (let i = 0; i < layers.length; i += 2) {
    h = tf.add(tf.matMul(h, layers[i]), layers[i + 1]);
    if (i < layers.length - 2) h = tf.relu(h);
  }
  const score = tf.reshape(tf.mul(tf.sigmoid(h), tf.mul(a, b)), [events]);
  const s = tf.clipByValue(score, 1e-6, 1 - 1e-6);
  const terms = tf.add(tf.mul(y, tf.log(s)), tf.mul(tf.sub(1, y), tf.log1p(tf.neg(s))));
  return tf.neg(tf.mean(terms));
}

await report({ peer: "tfjs-wasm", version: tf.version["tfjs-core"], events }, rounds, async () => {
  const { value, grads } = tf.variableGrads(loss);
  const result = (await value.data())[0];
  for (const g of Object.values(grads)) await g.data();
  tf.dispose([value, grads]);
  return result;
});
