/** Peer: jax-js on its wasm backend, jit(valueAndGrad(loss)). Usage: jaxjs.js [events] [rounds]. */

import { readFileSync } from "node:fs";
import { parameters, sample, sizes } from "../data.js";
import { options, report } from "./report.js";

// The library names Float16Array when it loads; Node 20 has none, and nothing here needs one.
globalThis.Float16Array ??= class Float16Array extends Uint16Array {};

const {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy: np,
  tree,
  valueAndGrad,
} = await import("@jax-js/jax");
await init("wasm");
defaultDevice("wasm");

const { events, rounds } = options();
const { x0, x1, y: labels } = sample(events);
const x = np
  .array(Float32Array.from({ length: 2 * events }, (_, i) => (i & 1 ? x1 : x0)[i >> 1]))
  .reshape([events, 2]);
const y = np.array(labels);
const { net, cuts } = parameters();
const params = {
  cuts: np.array(Float32Array.from(cuts)),
  net: net.map(({ w, b }, i) => ({
    w: np.array(Float32Array.from(w)).reshape([sizes[i], sizes[i + 1]]),
    b: np.array(Float32Array.from(b)),
  })),
};

// `.ref` keeps an array that is used again: passing one hands it over.
function loss(p, x, y) {
  const pass = np.prod(nn.sigmoid(x.ref.sub(p.cuts)), 1);
  let h = x;
  p.net.forEach(({ w, b }, i) => {
    h = np.matmul(h, w).add(b);
    if (i < p.net.length - 1) h = nn.relu(h);
  });
  const s = np.clip(nn.sigmoid(h.reshape([events])).mul(pass), 1e-6, 1 - 1e-6);
  const signal = y.ref.mul(np.log(s.ref));
  const background = np
    .array(1)
    .sub(y)
    .mul(np.log1p(s.mul(-1)));
  return np.mean(signal.add(background)).mul(-1);
}

const step = jit(valueAndGrad(loss));
const version = JSON.parse(
  readFileSync(new URL("../node_modules/@jax-js/jax/package.json", import.meta.url), "utf8"),
).version;
await blockUntilReady([x, y]);
await report({ peer: "jax-js", version, events }, rounds, async () => {
  const [value, grads] = step(tree.ref(params), x.ref, y.ref);
  await blockUntilReady(grads);
  const result = await value.data();
  tree.dispose(grads);
  return result[0];
});
