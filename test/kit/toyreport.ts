// A made-up training on the two-Gaussian toy, for tests of the report and the tables.

import { gridOver, planeFrame } from "../../src/plot/kit/planeframe.js";
import type { CutChange, ReportData, Run, Sample, StepCurve, Yield } from "../../src/plot/rundata.js";
import { random } from "./random.js";

/** Seeded normal numbers: mulberry32 and Box-Muller. */
function normals(seed: number): () => number {
  const uniform = random(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The sigmoid's weights. */
export const toyStep: StepCurve = {
  distance: [-8, 8],
  weight: Array.from({ length: 641 }, (_, i) => 1 / (1 + Math.exp((320 - i) / 40))),
};

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

/** Soft weight (or with width 0 the hard one) of each event for all `cuts` at their end. */
function weightsOf(sample: Sample, cuts: CutChange[], width: (cut: CutChange) => number): Float64Array {
  const n = Object.values(sample.columns)[0]?.length ?? 0;
  return Float64Array.from({ length: n }, (_, i) =>
    cuts.reduce((product, cut) => {
      const z = (sample.columns[cut.column!]![i]! - cut.end) * (cut.keeps === "below" ? -1 : 1);
      const w = width(cut);
      return product * (w === 0 ? Number(z > 0) : 1 / (1 + Math.exp(-z / w)));
    }, 1),
  );
}

function yieldOf(weights: Float64Array | undefined, kept: Float64Array): Yield {
  let [sum, squares, entries] = [0, 0, 0];
  for (let i = 0; i < kept.length; i++) {
    const w = kept[i]! * (weights ? weights[i]! : 1);
    sum += w;
    squares += w * w;
    if (kept[i] !== 0) entries++;
  }
  return { sum, error: Math.sqrt(squares), entries };
}

/** The same with everything that a report can show: weights, widths, cutflow, network scores, held-out events. */
export function toyFullReport(n = 3000, width = 0.15): ReportData {
  const cuts: Record<string, CutChange> = {
    xMin: { start: -1, end: 0.32, column: "x", keeps: "above", width: { start: 1, end: width } },
    xMax: { start: 5, end: 2.8, column: "x", keeps: "below", width: { start: 1, end: width } },
    yMin: { start: 0, end: 0.9, column: "y", keeps: "above", width: { start: 1, end: width / 2 } },
  };
  const list = Object.values(cuts);
  const base = toyReport(n);
  const normal = normals(7);
  const samples = base.samples.map((sample, index): Sample => {
    const { x, y } = sample.columns;
    const weights = Float64Array.from(x!, () => (index === 0 ? 0.1 : 0.4 + 0.05 * normal()));
    const score = Float64Array.from(x!, (xi, i) => {
      const [u, v] = [xi - 1.5, y![i]! - 2];
      return (u * u + v * v) / 18 - (0.5 * u * u - 0.4 * u * v + 0.5 * v * v) / 0.42 + 1.5;
    }).map((s) => Math.max(-30, s));
    const soft = weightsOf(sample, list, (cut) => cut.width!.end);
    const hard = weightsOf(sample, list, () => 0);
    return { ...sample, weights, score, soft, hard };
  });
  const each = (make: (sample: Sample, i: number) => Yield) =>
    Object.fromEntries(samples.map((s, i) => [s.name, make(s, i)]));
  const run = toyRun(cuts, samples);
  for (const s of samples) {
    const ones = new Float64Array(s.weights!.length).fill(1);
    const all = yieldOf(s.weights as Float64Array, ones);
    const start = yieldOf(s.weights as Float64Array, s.columns.y!.map((v) => Number(v > 0)) as Float64Array);
    run.yields[s.name] = {
      all,
      softBefore: { ...start, sum: start.sum * 0.97, entries: all.entries },
      before: start,
      soft: { ...yieldOf(s.weights as Float64Array, s.soft as Float64Array), entries: all.entries },
      hard: yieldOf(s.weights as Float64Array, s.hard as Float64Array),
    };
  }
  run.soft = "sigmoid";
  run.cutflow = list
    .map((_, k) => k + 1)
    .map((k) => ({
      label: Object.values(cuts)
        .slice(k - 1, k)
        .map((c) => `${c.column} ${c.keeps === "below" ? "<" : ">"} ${c.end}`)
        .join(""),
      perSample: each((s) =>
        yieldOf(
          s.weights as Float64Array,
          weightsOf(s, list.slice(0, k), () => 0),
        ),
      ),
    }));
  run.cutflow.unshift({ label: "all events", perSample: each((s) => run.yields[s.name]!.all) });
  run.softAgainstHard = Object.entries(cuts).map(([threshold, cut]) => ({
    threshold,
    perSample: Object.fromEntries(
      samples.map((s) => {
        const soft = weightsOf(s, list, (c) => (c === cut ? cut.width!.end : 0));
        return [s.name, { soft: yieldOf(s.weights as Float64Array, soft), hard: run.yields[s.name]!.hard }];
      }),
    ),
  }));
  const bound = 0.8;
  const both = (s: Sample) => s.hard!.map((h, i) => Number(h > 0 && s.score![i]! > bound)) as Float64Array;
  run.network = {
    bound,
    yields: each((s) => yieldOf(s.weights as Float64Array, both(s))),
    significance: { sOverSqrtB: 24.1, asimov: 20.4 },
  };
  run.validation = { yields: run.yields, significance: run.significance, network: run.network };
  const { steps, loss } = run.history;
  const at = steps.filter((step) => step % 100 === 0);
  run.history.validation = {
    steps: at,
    loss: at.map((step) => loss[steps.indexOf(step)]! + 60 + 0.00015 * (step - 900) ** 2 + 20 * normal()),
  };
  run.history.floor = 110;
  return { ...base, run, samples, softStep: toyStep, scoreTitle: "network output before its sigmoid" };
}
