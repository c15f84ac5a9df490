/** Events and parameters of the timed step; gradcut and the JavaScript peers start from the same numbers. */

/** Layer sizes of the network, inputs first. */
export const sizes = [2, 15, 30, 15, 1];

/** Standard normal numbers from a seed, the same on every run. */
function gaussians(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** n events of two features: half of them background (y = 0, wide), half signal (y = 1, narrow), as in jax_mlp.py. */
export function sample(n) {
  const gauss = gaussians(1);
  const columns = { x0: new Float32Array(n), x1: new Float32Array(n), y: new Float32Array(n) };
  for (let i = 0; i < n; i++) {
    const signal = i >= n / 2;
    columns.y[i] = signal ? 1 : 0;
    columns.x0[i] = signal ? 1.5 + 0.7 * gauss() : 3 * gauss();
    columns.x1[i] = signal ? 1.5 + 0.7 * gauss() : 3 * gauss();
  }
  return columns;
}

/** Weights [in][out] and biases per layer, and the two thresholds. */
export function parameters() {
  const gauss = gaussians(2);
  const net = sizes.slice(1).map((out, i) => ({
    w: Float64Array.from({ length: sizes[i] * out }, () => Math.fround(gauss() / Math.sqrt(sizes[i]))),
    b: new Float64Array(out),
  }));
  return { net, cuts: new Float64Array(2) };
}
