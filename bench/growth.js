#!/usr/bin/env node
/** How fits grow with parameters and bins: node bench/growth.js [picture.svg]. See docs/benchmarks.md. */

import { writeFileSync } from "node:fs";
import { fit, histfactory, histosys, init, normfactor, normsys } from "../dist/src/index.js";
import { draw } from "../dist/src/plot/kit/draw.js";
import { dots, line } from "../dist/src/plot/kit/marks.js";
import { paint, standalone } from "../dist/src/plot/kit/theme.js";

const picture = process.argv[2];

/** A signal over three backgrounds in channels of 25 bins; each uncertainty acts on two thirds of them. */
function problem(bins, parameters) {
  let state = 7;
  const draw = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const per = Math.min(bins, 25);
  const channels = Array.from({ length: Math.round(bins / per) }, (_, c) => ({
    name: `c${c}`,
    samples: ["signal", "b1", "b2", "b3"].map((name, s) => {
      const data = Array.from({ length: per }, () => (s ? 30 + 50 * draw() : 5 * draw()));
      if (s === 0) return { name, data, modifiers: [normfactor("mu")] };
      const modifiers = Array.from({ length: parameters - 1 }, (_, k) => {
        if (draw() < 1 / 3) return null;
        const [up, down] = [0.1 * draw() - 0.02, 0.1 * draw() - 0.02];
        if (k % 2) return normsys(`n${k}`, 1 + up, 1 - down);
        return histosys(
          `h${k}`,
          data.map((x) => x * (1 + up * draw())),
          data.map((x) => x * (1 - down * draw())),
        );
      }).filter((m) => m !== null);
      return { name, data, modifiers };
    }),
  }));
  const model = histfactory({ channels });
  // What is observed lies beside what is expected, so that the fit has a way to go.
  const totals = channels.flatMap(({ samples }) =>
    samples[0].data.map((_, i) => samples.reduce((sum, s) => sum + s.data[i], 0)),
  );
  const order = [...channels.keys()].sort((a, b) => (`c${a}` < `c${b}` ? -1 : 1));
  const main = order.flatMap((c) => totals.slice(c * per, (c + 1) * per));
  const data = Float64Array.from([
    ...main.map((x) => Math.round(x + (draw() - 0.5) * 2 * Math.sqrt(x))),
    ...model.suggestedAuxdata(),
  ]);
  return { model, data };
}

/** Milliseconds of the second of two fits at least, and the steps it took. */
function measure(bins, parameters) {
  const { model, data } = problem(bins, parameters);
  const first = performance.now();
  const answer = fit(data, model);
  const compiled = performance.now() - first;
  let best = Number.POSITIVE_INFINITY;
  for (let spent = 0, i = 0; i < 2 || (spent < 1000 && i < 20); i++) {
    const start = performance.now();
    fit(data, model);
    best = Math.min(best, performance.now() - start);
    spent += performance.now() - start;
  }
  return {
    bins,
    parameters: model.config.npars,
    first: compiled,
    ms: best,
    steps: answer.steps,
    status: answer.status,
  };
}

await init();
const byParameters = [5, 10, 20, 50, 100, 200, 500].map((n) => measure(100, n));
const byBins = [25, 50, 100, 250, 500, 1000].map((n) => measure(n, 50));
const largest = measure(1000, 500);
for (const row of [...byParameters, ...byBins, largest]) console.log(JSON.stringify(row));

if (picture) {
  const curve = (rows, x, color) => [
    line(
      rows.map((row) => [row[x], row.ms]),
      { stroke: color, strokeWidth: 2 },
    ),
    dots(
      rows.map((row) => ({ x: row[x], y: row.ms })),
      { fill: color, r: 3 },
    ),
  ];
  const svg = draw({
    width: 560,
    height: 380,
    x: { range: [4, 1300], log: true, title: "parameters, or bins" },
    y: { range: [0.1, 60000], log: true, title: "time of a fit [ms]" },
    label: { bold: "gradcut", text: "HistFactory fits, exact Hessian" },
    legend: [
      { kind: "line", color: paint.signal, text: "parameters, with 100 bins", width: 2 },
      { kind: "line", color: paint.background, text: "bins, with 50 parameters", width: 2 },
      { kind: "dot", color: "currentColor", text: "1000 bins, 500 parameters" },
    ],
    description:
      "Time of a fit against the number of parameters and against the number of bins, both logarithmic",
    marks: [
      ...curve(byParameters, "parameters", paint.signal),
      ...curve(byBins, "bins", paint.background),
      dots([{ x: largest.bins, y: largest.ms }], { fill: "currentColor", r: 4 }),
    ],
  });
  writeFileSync(picture, standalone(svg, "light"));
}
