import { wholePower } from "./schedule.js";
import { arraywise, elementwise, type Loop, type NumericTree } from "./transformation.js";

const grads = (tree: unknown) => ({ name: "grads", tree });
const state = <T>(tree: T) => ({ name: "state", tree });

/** The running mean of gradients: (1 - decay)·g + decay·m. */
export function updateMean(gradients: unknown, mean: NumericTree, decay: number): NumericTree {
  const rest = 1 - decay;
  const mix: Loop = (out, g, m) => {
    for (let i = 0; i < out.length; i++) out[i] = rest * g[i]! + decay * m[i]!;
  };
  return arraywise(mix, grads(gradients), state(mean)) as NumericTree;
}

/** The running mean of their squares. */
export function updateSquares(gradients: unknown, mean: NumericTree, decay: number): NumericTree {
  const rest = 1 - decay;
  const mix: Loop = (out, g, v) => {
    for (let i = 0; i < out.length; i++) out[i] = rest * (g[i]! * g[i]!) + decay * v[i]!;
  };
  return arraywise(mix, grads(gradients), state(mean)) as NumericTree;
}

/** What a running mean that began at 0 has of its full size after `count` steps: divide by it. */
export const biasOf = (decay: number, count: number): number => 1 - wholePower(decay, count);

/** Nesterov's look ahead: the mean as it will be, b1·m/bias(t+1) + (1 - b1)·g/bias(t) (Dozat 2016). */
export function lookAhead(gradients: unknown, mean: NumericTree, b1: number, count: number): NumericTree {
  const [now, next] = [biasOf(b1, count), biasOf(b1, count + 1)];
  const mix = (m: number, g: number) => b1 * (m / next) + (1 - b1) * (g / now);
  return elementwise(mix, state(mean), grads(gradients));
}

/** A running mean without its bias. */
export function unbiased(mean: NumericTree, decay: number, count: number): NumericTree {
  const bias = biasOf(decay, count);
  const divide: Loop = (out, m) => {
    for (let i = 0; i < out.length; i++) out[i] = m[i]! / bias;
  };
  return arraywise(divide, state(mean));
}
