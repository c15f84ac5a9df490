// A made-up training on the two-Gaussian toy, for tests of the report and the tables.

import type { CutChange, ReportData, Run, Sample } from "../src/plot/data.js";
import { gridOver, planeFrame } from "../src/plot/events.js";

/** Seeded normal numbers: mulberry32 and Box-Muller. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Signal N([1.5, 2], [[.5, .2], [.2, .5]]) and background N(0, diag(9, 9)). */
export function toySamples(n: number, seed = 1): [signal: Sample, background: Sample] {
  const normal = normals(seed);
  const make = (name: string, draw: () => [number, number]): Sample => {
    const x = new Float64Array(n);
    const y = new Float64Array(n);
    for (let i = 0; i < n; i++) [x[i], y[i]] = draw();
    return { name, columns: { x, y } };
  };
  const root = Math.sqrt(0.5);
  return [
    make("signal", () => {
      const a = normal();
      return [1.5 + root * a, 2 + (0.2 / root) * a + Math.sqrt(0.5 - 0.08) * normal()];
    }),
    make("background", () => [3 * normal(), 3 * normal()]),
  ];
}

/** The run that goes with `cuts`: hard yields counted on the samples, the rest plausible. */
export function toyRun(cuts: Record<string, CutChange>, samples: Sample[], steps = 2000): Run {
  const pass = (sample: Sample, i: number, when: "start" | "end", width: number) =>
    Object.values(cuts).reduce((product, cut) => {
      const value = cut.column === undefined ? undefined : sample.columns[cut.column]?.[i];
      if (value === undefined) return product;
      const z = (value - cut[when]) * (cut.keeps === "below" ? -1 : 1);
      return product * (width === 0 ? Number(z > 0) : 1 / (1 + Math.exp(-z / width)));
    }, 1);
  const count = (sample: Sample, when: "start" | "end", width: number) => {
    const n = Object.values(sample.columns)[0]?.length ?? 0;
    let [sum, squares] = [0, 0];
    for (let i = 0; i < n; i++) {
      const p = pass(sample, i, when, width);
      sum += p;
      squares += p * p;
    }
    return { sum, error: Math.sqrt(squares), entries: width === 0 ? sum : n };
  };
  const yields: Run["yields"] = {};
  for (const sample of samples) {
    const n = Object.values(sample.columns)[0]?.length ?? 0;
    yields[sample.name] = {
      all: { sum: n, error: Math.sqrt(n), entries: n },
      softBefore: count(sample, "start", 0.2),
      before: count(sample, "start", 0),
      soft: count(sample, "end", 0.2),
      hard: count(sample, "end", 0),
    };
  }
  const [s, b] = Object.values(yields);
  const significance = (key: "softBefore" | "before" | "soft" | "hard") => {
    const [signal, background] = [s?.[key].sum ?? 0, b?.[key].sum ?? 0];
    return {
      sOverSqrtB: signal / Math.sqrt(background),
      asimov: Math.sqrt(2 * ((signal + background) * Math.log1p(signal / background) - signal)),
    };
  };
  const at = Array.from({ length: Math.floor(steps / 10) + 1 }, (_, i) => i * 10);
  const settle = (step: number, rate: number) => 1 - Math.exp((-rate * step) / steps);
  const history: Run["history"] = {
    steps: at,
    loss: at.map((step) => 450602.62 - 2513.3 * (0.8 * settle(step, 6) + 0.2 * settle(step, 2.2))),
    cuts: {},
  };
  for (const [i, [name, cut]] of Object.entries(cuts).entries())
    history.cuts[name] = at.map((step) => cut.start + (cut.end - cut.start) * settle(step, 7 - (i % 3)));
  const expression = Object.entries(cuts)
    .map(([name, cut]) => `${cut.column ?? name} ${cut.keeps === "below" ? "<" : ">"} ${cut.end}`)
    .join(" && ");
  return {
    objective: { name: "softmax loss", start: 450602.62, end: 448089.3 },
    cuts,
    expression,
    yields,
    significance: {
      softBefore: significance("softBefore"),
      before: significance("before"),
      softAfter: significance("soft"),
      after: significance("hard"),
    },
    history,
    timing: { read: 0.4, compile: 0.05, train: 38.2, total: 39.1, eventsPerSecond: 4.19e6 },
    seed: 1,
    warnings: [],
  };
}

/** The report of the joint cut × network training of the reference notebooks, as it might come out. */
export function toyReport(n = 3000): ReportData {
  const cuts: Record<string, CutChange> = {
    x: { start: 1, end: -1.8545, column: "x", keeps: "above" },
    y: { start: 1, end: -1.8163, column: "y", keeps: "above" },
  };
  const samples = toySamples(n);
  const axes = gridOver(planeFrame(samples, cuts, "x", "y"), 128, 128);
  const values = new Float64Array(128 * 128);
  axes.y.forEach((y, j) => {
    axes.x.forEach((x, i) => {
      const [u, v] = [x - 1.5, y - 2];
      const logRatio = (u * u + v * v) / 18 - (0.5 * u * u - 0.4 * u * v + 0.5 * v * v) / 0.42 + 1.5;
      values[j * 128 + i] = 1 / (1 + Math.exp(-logRatio));
    });
  });
  return {
    title: "Cuts and a network, trained together",
    run: toyRun(cuts, samples),
    samples,
    score: { ...axes, values },
    facts: [
      ["network", "x, y → 2, 15, 30, 15 → 1"],
      ["optimizer", "adam, rate 0.002"],
    ],
    program: "gradcut 0.1.0",
  };
}
