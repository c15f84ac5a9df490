/** One step of a network, value and gradient, on a GPU and by the kernels of WebAssembly, in one place: a browser, or Deno. */

import { openDevice } from "../../dist/gpu/device.js";
import { networkOn } from "../../dist/gpu/network.js";
import { groupLeaves, lanes, leafTiles, offsetsOf } from "../../dist/gpu/shape.js";
import { mlp } from "../../dist/src/entry/nn.js";
import { compile, init, key, table, valueAndGrad } from "../../dist/src/index.js";

const inputs = 16;

class Fault extends Error {
  constructor(code, sentence) {
    super(sentence);
    this.code = code;
  }
}

/** The least of some calls, ms: at least two, for a second or so. */
async function least(call) {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + 1000;
  for (let i = 0; i < 2 || (i < 10 && performance.now() < end); i++) {
    const start = performance.now();
    await call();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function data(rows) {
  let seed = 1;
  const draw = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const x = Float32Array.from({ length: rows * inputs }, () => 4 * draw() - 2);
  const label = Float32Array.from({ length: rows }, (_, r) => (x[r * inputs] > x[r * inputs + 1] ? 1 : 0));
  return { x, label };
}

/** A network of two hidden layers with its parameters, as a tree and flat. */
function network(width) {
  const net = mlp([inputs, width, width, 1]);
  const tree = net.init(key(1));
  const sizes = [inputs, width, width, 1];
  const layers = sizes.slice(1).map((outputs, i) => ({
    ...{ inputs: sizes[i], outputs, bias: true },
    activation: i === 2 ? "none" : "relu",
  }));
  const flat = new Float64Array(offsetsOf(layers).at(-1));
  tree.forEach(({ w, b }, i) => {
    flat.set(w, offsetsOf(layers)[i]);
    flat.set(b, offsetsOf(layers)[i] + w.length);
  });
  return { net, tree, layers, flat };
}

/** ms of a step by WebAssembly, in one thread. */
async function byWasm({ net, tree }, rows) {
  const { x, label } = data(rows);
  const loss = (p, t) => {
    const logit = net.apply(p, t.x).at(0);
    return logit.softplus().sub(t.label.mul(logit)).mean();
  };
  const run = compile(valueAndGrad(loss));
  const events = table({ x, label }, { dtype: "f32", rows });
  const { value } = run(tree, events);
  return { ms: await least(() => run(tree, events)), value };
}

/** ms of a step by a device, all copies included, and of the first step, in which kernels are compiled. */
async function byDevice(device, { layers, flat }, rows) {
  const { x, label } = data(rows);
  const all = Math.ceil(rows / lanes);
  const tiles = Math.min(leafTiles, all);
  const leaves = groupLeaves(device, { layers, tiles, inputs: false }, Math.min(8, Math.ceil(all / tiles)));
  const made = networkOn(device, { layers, tiles, leaves, inputs: false });
  const tiled = new Float32Array(all * lanes * inputs);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < inputs; i++)
      tiled[(Math.floor(r / lanes) * inputs + i) * lanes + (r % lanes)] = x[r * inputs + i];
  const call = async () => {
    const step = made.step(flat);
    const gradient = new Float64Array(flat.length);
    let value = 0;
    for (let from = 0; from < all; from += tiles * leaves) {
      const to = Math.min(from + tiles * leaves, all);
      const group = step.group(tiled.subarray(from * lanes * inputs, to * lanes * inputs));
      const y = await group.forward();
      const g = new Float32Array(y.length);
      for (let r = from * lanes; r < Math.min(to * lanes, rows); r++) {
        const s = y[r - from * lanes];
        value += Math.log1p(Math.exp(-Math.abs(s))) + Math.max(s, 0) - label[r] * s;
        g[r - from * lanes] = (1 / (1 + Math.exp(-s)) - label[r]) / rows;
      }
      const { sums } = await group.reverse(g);
      for (let j = 0; j < sums.length; j++) gradient[j % flat.length] += sums[j];
    }
    return value / rows;
  };
  const start = performance.now();
  const value = await call();
  return { first: performance.now() - start, ms: await least(call), value };
}

/** One width after the other, batches from small to large until a call would take too long. */
export async function main({ mode, widths, batches, limit }, tell) {
  await init();
  const device = await openDevice({ mode }, (code, sentence) => new Fault(code, sentence)).catch(
    (error) => error,
  );
  if (device instanceof Error) return tell({ kind: "none", mode, sentence: device.message });
  const { adapter, software } = device;
  await tell({ kind: "device", mode: device.mode, adapter, software, buffer: device.limits.buffer });
  for (const width of widths) {
    const made = network(width);
    let [wasmBefore, gpuBefore] = [null, null];
    for (const rows of batches) {
      const expected = (before) => (before === null ? 0 : (before.ms * rows) / before.rows);
      // WebAssembly's time goes with the rows; what would take too long is scaled from fewer, and marked.
      const scaled = expected(wasmBefore) > limit;
      const wasm = scaled ? { ms: expected(wasmBefore) } : await byWasm(made, rows);
      if (!scaled) wasmBefore = { ms: wasm.ms, rows };
      const cell = { kind: "cell", width, rows, wasm: wasm.ms, scaled };
      if (expected(gpuBefore) > limit) {
        await tell({ ...cell, gpu: null, why: `a step would take more than ${limit / 1000} s` });
        continue;
      }
      try {
        const gpu = await byDevice(device, made, rows);
        gpuBefore = { ms: gpu.ms, rows };
        const apart = scaled ? 0 : Math.abs(gpu.value / wasm.value - 1);
        await tell({ ...cell, gpu: gpu.ms, first: gpu.first, apart });
      } catch (error) {
        await tell({ ...cell, gpu: null, why: error.message });
      }
    }
  }
  await device.close();
}
