/** Events and parameters of the timed step; gradcut and the JavaScript peers start from the same numbers. */

/** Layer sizes of the network, inputs first. */
export const sizes = [2, 15, 30, 15, 1];

/** Numbers between 0 and 1 from a seed, the same on every run. */
function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Standard normal numbers, each of two uniform ones. */
function gaussians(uniform) {
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** n events of two features: half of them background (y = 0, wide), half signal (y = 1, narrow), as in jax_mlp.py. */
export function sample(n) {
  const gauss = gaussians(uniforms(1));
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
  const gauss = gaussians(uniforms(2));
  const net = sizes.slice(1).map((out, i) => ({
    w: Float64Array.from({ length: sizes[i] * out }, () => Math.fround(gauss() / Math.sqrt(sizes[i]))),
    b: new Float64Array(out),
  }));
  return { net, cuts: new Float64Array(2) };
}

/** n events of x, and a Poisson number of jets in each, at most 15: those of an event from offsets[i] to offsets[i + 1]. */
export function jetEvents(n, mean = 5) {
  const uniform = uniforms(7);
  const offsets = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) {
    const r = uniform();
    let jets = 0;
    let p = Math.exp(-mean);
    for (let sum = p; r > sum && jets < 15; sum += p) p *= mean / ++jets;
    offsets[i + 1] = offsets[i] + jets;
  }
  const gauss = gaussians(uniform);
  const pt = new Float32Array(offsets[n]);
  const eta = new Float32Array(offsets[n]);
  for (let i = 0; i < pt.length; i++) {
    pt[i] = 20 - 40 * Math.log(uniform());
    eta[i] = 1.5 * gauss();
  }
  return { offsets, pt, eta, x: Float32Array.from({ length: n }, () => 0.5 + uniform()) };
}
