import type { Activation } from "./shape.js";

/**
 * Kernels as texts in the language of gpu.js. Arrays of events are [tile][feature][lane], read as `x[t][i][e]`; parameters `p`
 * are flat. A loop ends at a literal or a constant: gpu.js stops others after 1000 turns, in silence.
 */

/** tanh of large numbers is NaN on some GPUs; beyond ±10 it is ±1 in f32. */
const activated: Record<Activation, string> = {
  none: "s",
  relu: "Math.max(s, 0)",
  tanh: "Math.tanh(Math.min(Math.max(s, -10), 10))",
  sigmoid: "1 / (1 + Math.exp(-s))",
};

/** The slope of what came out, times s: a zero s stays zero. */
const sloped: Record<Activation, string> = {
  none: "s",
  relu: "y > 0 ? s : 0",
  tanh: "s * (1 - y * y)",
  sigmoid: "s * y * (1 - y)",
};

export const park = "function (v) { return v[this.thread.x]; }";

export const parkEvents = "function (v) { return v[this.thread.z][this.thread.y][this.thread.x]; }";

/** activation(Wᵀx + b); constants: k inputs, n outputs, `at` of the weights. */
export const forward = (activation: Activation, bias: boolean) => `function (x, p) {
  let s = ${bias ? "p[this.constants.at + this.constants.k * this.constants.n + this.thread.y]" : "0"};
  const at = this.constants.at + this.thread.y;
  for (let i = 0; i < this.constants.k; i++) {
    s += p[at + i * this.constants.n] * x[this.thread.z][i][this.thread.x];
  }
  return ${activated[activation]};
}`;

/** The outputs, and a feature more that is `tick` in every lane: a read that was not computed in this call shows. */
export const outputs = `function (y, tick) {
  let v = tick;
  if (this.thread.y < this.constants.n) {
    v = y[this.thread.z][this.thread.y][this.thread.x];
  }
  return v;
}`;

/** The cotangent of the last layer's sums from that of its outputs. */
export const slope = (activation: Activation) => `function (g, out) {
  const s = g[this.thread.z][this.thread.y][this.thread.x];
  const y = out[this.thread.z][this.thread.y][this.thread.x];
  return ${sloped[activation]};
}`;

const product = `let s = 0;
  const at = this.constants.at + this.thread.y * this.constants.n;
  for (let j = 0; j < this.constants.n; j++) {
    s += p[at + j] * g[this.thread.z][j][this.thread.x];
  }`;

/** W g: the cotangent of a layer's inputs. */
export const back = `function (g, p) {
  ${product}
  return s;
}`;

/** The same, through the slope of the layer below. */
export const backThrough = (below: Activation) => `function (g, p, out) {
  ${product}
  const y = out[this.thread.z][this.thread.y][this.thread.x];
  return ${sloped[below]};
}`;

/** Sums of x gᵀ over `run` tiles: [run of tiles][k][n]. */
export const weightParts = `function (x, g) {
  const from = this.thread.z * this.constants.run;
  let s = 0;
  for (let t = 0; t < this.constants.run; t++) {
    const tile = from + t;
    for (let e = 0; e < 256; e++) {
      s += x[tile][this.thread.y][e] * g[tile][this.thread.x][e];
    }
  }
  return s;
}`;

/** Sums of g over one tile: [tile][n]. */
export const biasParts = `function (g) {
  let s = 0;
  for (let e = 0; e < 256; e++) {
    s += g[this.thread.y][this.thread.x][e];
  }
  return s;
}`;

/**
 * One sum per leaf of every parameter of a layer, in the order of the parameters, in rows of 256: [leaf][row][256]. Constants:
 * k, n, `parts` runs and `tiles` tiles in a leaf.
 */
export const fold = (bias: boolean) => `function (w${bias ? ", b" : ""}) {
  const place = this.thread.y * 256 + this.thread.x;
  let s = 0;
  if (place < this.constants.k * this.constants.n) {
    let i = Math.floor((place + 0.5) / this.constants.n);
    if (place < i * this.constants.n) { i -= 1; }
    if (place >= (i + 1) * this.constants.n) { i += 1; }
    const j = place - i * this.constants.n;
    for (let t = 0; t < this.constants.parts; t++) {
      s += w[this.thread.z * this.constants.parts + t][i][j];
    }
  }${
    bias
      ? ` else {
    if (place < this.constants.k * this.constants.n + this.constants.n) {
      for (let t = 0; t < this.constants.tiles; t++) {
        s += b[this.thread.z * this.constants.tiles + t][place - this.constants.k * this.constants.n];
      }
    }
  }`
      : ""
  }
  return s;
}`;

/** The cotangents of the inputs as rows of 256 of their leaf: [leaf][tile × feature][256]. Constants: k, `tiles` in a leaf. */
export const byLeaf = `function (d) {
  let t = Math.floor((this.thread.y + 0.5) / this.constants.k);
  if (this.thread.y < t * this.constants.k) { t -= 1; }
  if (this.thread.y >= (t + 1) * this.constants.k) { t += 1; }
  return d[this.thread.z * this.constants.tiles + t][this.thread.y - t * this.constants.k][this.thread.x];
}`;

/** Rows of several arrays [leaf][row][256] behind one another; constants c1, c2, … say where each ends. With a tick: a row of it. */
export function stack(parts: number, tick: boolean): string {
  const names = Array.from({ length: parts }, (_, i) => `a${i}`);
  const from = (i: number) => (i === 0 ? "this.thread.y" : `this.thread.y - this.constants.c${i}`);
  const choice = names.reduceRight(
    (rest, name, i) =>
      `if (this.thread.y < this.constants.c${i + 1}) { v = ${name}[this.thread.z][${from(i)}][this.thread.x]; } else { ${rest} }`,
    tick ? "v = tick;" : "v = 0;",
  );
  return `function (${[...names, ...(tick ? ["tick"] : [])].join(", ")}) {
  let v = 0;
  ${choice}
  return v;
}`;
}
