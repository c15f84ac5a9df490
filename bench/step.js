/**
 * The work that the first row times: two soft cuts times a network 2 → 15 → 30 → 15 → 1, binary cross-entropy with
 * the clip of jax_mlp.py, value and all gradients, f32 tiles.
 */

import { compile, dense, logCutProduct, stack, table, valueAndGrad } from "../dist/src/index.js";
import { gaussians } from "./random.js";

export const sizes = [2, 15, 30, 15, 1];

/** Events of two classes, a wide and a narrow Gaussian in each of two features, and parameters of the step. */
export function sample(n) {
  const gauss = gaussians(1);
  const half = n / 2;
  const x = [new Float32Array(n), new Float32Array(n)];
  const y = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const signal = i >= half;
    y[i] = signal ? 1 : 0;
    for (const column of x) column[i] = signal ? 1.5 + 0.7 * gauss() : 3 * gauss();
  }
  return { x0: x[0], x1: x[1], y };
}

/** Weights and biases per layer, and the two thresholds. */
export function parameters() {
  const gauss = gaussians(2);
  const net = sizes.slice(1).map((out, i) => ({
    w: Float64Array.from({ length: sizes[i] * out }, () => Math.fround(gauss() / Math.sqrt(sizes[i]))),
    b: new Float64Array(out),
  }));
  return { net, cuts: new Float64Array(2) };
}

/** The loss as a user writes it. */
export function loss({ net, cuts }, { x0, x1, y }) {
  const x = stack([x0, x1]);
  const pass = logCutProduct(x.sub(cuts)).exp();
  let h = x;
  net.forEach(({ w, b }, i) => {
    const last = i === net.length - 1;
    h = dense(h, w.reshape([sizes[i], sizes[i + 1]]), b, last ? "none" : "relu");
  });
  const s = h.reshape([]).sigmoid().mul(pass).clip(1e-6, 1 - 1e-6);
  return y.mul(s.log()).add(y.sub(1).neg().mul(s.neg().log1p())).mean().neg();
}

/** The compiled step and its arguments for n events. */
export function step(n) {
  const compiled = compile(valueAndGrad(loss));
  const params = parameters();
  const events = table(sample(n));
  return { compiled, params, events, run: () => compiled(params, events) };
}
