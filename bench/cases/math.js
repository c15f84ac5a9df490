/** Elementary functions over an array in cache, beside a loop of Math.exp. */

import { instruction, place } from "../kernels.js";
import { samples, Times } from "../timing.js";

const n = 8192;
const slack = 1.3;

/**
 * Range of the arguments, the time relative to Math.exp that a prototype of each kernel reached, and the plain loop in
 * f64 as one writes it without the library. Every loop is code of its own: engines inline only what one place calls.
 */
const functions = {
  exp: {
    range: [-10, 10],
    ...{ f32: 1.01 / 9.1, f64: 2.5 / 9.1 },
    js: (x, y) => {
      for (let i = 0; i < n; i++) y[i] = Math.exp(x[i]);
    },
  },
  log: {
    range: [0.001, 1000],
    ...{ f32: 1.43 / 9.1, f64: 3.4 / 9.1 },
    js: (x, y) => {
      for (let i = 0; i < n; i++) y[i] = Math.log(x[i]);
    },
  },
  sigmoid: {
    range: [-10, 10],
    ...{ f32: 1.38 / 9.1, f64: 3.0 / 9.1 },
    js: (x, y) => {
      for (let i = 0; i < n; i++) y[i] = 1 / (1 + Math.exp(-x[i]));
    },
  },
  tanh: {
    range: [-4, 4],
    ...{ f32: 0.87 / 9.1, f64: 4.6 / 9.1 },
    js: (x, y) => {
      for (let i = 0; i < n; i++) y[i] = Math.tanh(x[i]);
    },
  },
  erf: { range: [-4, 4], ...{ f32: 0.93 / 9.1, f64: 8.4 / 9.1 } },
};
const dtypes = { f32: Float32Array, f64: Float64Array };

export const names = Object.keys(functions).flatMap((f) =>
  Object.keys(dtypes).map((dtype) => `${f}-${dtype}`),
);

export async function run({ rounds, wanted, progress }) {
  const exp = loop(functions.exp);
  const reference = new Times();
  const cases = names.filter(wanted).map((name) => {
    const [f, dtype] = name.split("-");
    const { range, js } = functions[f];
    const x = dtypes[dtype].from({ length: n }, (_, i) => at(range, i));
    const { run } = instruction(`${dtype}_${f}`, n, place(x.byteLength), place(x));
    const same = js && loop(functions[f]);
    return { name, run, same, times: new Times(), sameTimes: new Times(), relative: functions[f][dtype] };
  });
  for (let round = 0; round < 3 * rounds; round++) {
    progress(`elementary functions: round ${round + 1} of ${3 * rounds}`);
    reference.add(samples(exp, { budget: 0.05, shortest: 0.002 }));
    for (const { run, same, times, sameTimes } of cases) {
      times.add(samples(run, { budget: 0.05, shortest: 0.002 }));
      if (same) sameTimes.add(samples(same, { budget: 0.05, shortest: 0.002 }));
    }
  }
  const ns = (seconds) => (seconds / n) * 1e9;
  return cases.map(({ name, same, times, sameTimes, relative }) => ({
    name,
    value: ns(times.best),
    median: ns(times.median),
    unit: "ns/element",
    peer: "Math.exp",
    peerVersion: `Node ${process.version}`,
    peerValue: ns(reference.best),
    ...(same && { mathValue: ns(sameTimes.best) }),
    ...reference.over(times),
    goal: `${(1 / (slack * relative)).toFixed(1)} × Math.exp`,
    met: reference.over(times).roundRatio >= 1 / (slack * relative),
  }));
}

/** Arguments spread over the range in an order that no branch predictor learns. */
function at([low, high], i) {
  const u = ((i * 2654435761) % 2 ** 32) / 2 ** 32;
  return low > 0 ? low * (high / low) ** u : low + (high - low) * u;
}

/** The plain loop over arguments of its own. */
function loop({ js, range }) {
  const x = Float64Array.from({ length: n }, (_, i) => at(range, i));
  const y = new Float64Array(n);
  return () => js(x, y);
}
