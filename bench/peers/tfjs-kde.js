/** Peer: relaxed's histogram in TensorFlow.js on its WebAssembly backend. Usage: tfjs-kde.js [events] [rounds] [bins]. */

import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import { options, report } from "./report.js";

const require = createRequire(import.meta.url);
wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
wasm.setThreadsCount(1);
await tf.setBackend("wasm");
if (tf.getBackend() !== "wasm") throw new Error(`TensorFlow.js runs on '${tf.getBackend()}', not on wasm`);

const { events, rounds } = options();
const bins = Number(process.argv[4] ?? "50");
const x = tf.randomNormal([1, events], 0, 1, "float32", 1);
const w = tf.ones([1, events]);
const h = tf.scalar(6 / bins);
const edges = tf.linspace(-3, 3, bins + 1).reshape([bins + 1, 1]);
const c = tf.randomUniform([bins, 1], -1, 1, "float32", 2);

const value = (x, w, h) => {
  const z = tf.div(tf.sub(edges, x), tf.mul(h, Math.SQRT2));
  const cdf = tf.mul(0.5, tf.add(1, tf.erf(z)));
  const parts = tf.sub(cdf.slice([1, 0], [bins, events]), cdf.slice([0, 0], [bins, events]));
  return tf.sum(tf.mul(tf.sum(tf.mul(parts, w), 1, true), c));
};
const f = tf.valueAndGrads(value);

await report({ peer: "tfjs-wasm", version: tf.version["tfjs-core"], events, bins }, rounds, async () => {
  const { value, grads } = f([x, w, h]);
  const result = (await value.data())[0];
  for (const g of grads) await g.data();
  tf.dispose([value, ...grads]);
  return result;
});
