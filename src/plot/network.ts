// The network's scores: their distributions, and the ROC curve.

import * as Plot from "@observablehq/plot";
import { cutLine } from "./cutlines.js";
import type { Run } from "./data.js";
import { draw, halo, type LegendEntry } from "./draw.js";
import { significant, typeset } from "./format.js";
import type { Range } from "./numbers.js";
import type { Labels } from "./plane.js";
import type { PlotData } from "./plotdata.js";
import type { RocCurve } from "./roc.js";
import { outline, stepFill } from "./steps.js";
import { textWidth } from "./svg.js";
import { paint, sampleColor } from "./theme.js";

/** Scores of all events of each sample, of unit area, with the bound of the working point. */
export function scoreFigure(
  samples: string[],
  { range, perSample, title }: NonNullable<PlotData["score"]>,
  run: Pick<Run, "network">,
  { text = "", corner = "", log = true }: Labels & { log?: boolean } = {},
): string {
  const [width, height] = [560, 400];
  const shapes = samples.map((name, index) => {
    const counts = perSample[name] ?? [];
    const total = counts.reduce((a, b) => a + b, 0) || 1;
    return { name, color: sampleColor(index), heights: counts.map((c) => c / total) };
  });
  const heights = shapes.flatMap((s) => s.heights);
  const highest = Math.max(0, ...heights) || 1;
  const least = Math.max(highest * 1e-6, Math.min(highest, ...heights.filter((h) => h > 0)) / 2);
  // Room for the text of the bound, also where the scale is logarithmic.
  const y: Range = log
    ? [least, highest * (highest / least) ** 0.25]
    : [Math.min(0, ...heights) * 1.1, highest * 1.3];
  const base = log ? least : 0;
  const marks = [...shapes]
    .reverse()
    .flatMap((s) => stepFill(outline(s.heights, range, log ? least : undefined), s.color, base));
  const { network } = run;
  const legend = shapes.map(({ name, color }): LegendEntry => ({ kind: "box", color, text: name }));
  if (network) {
    const bound = { start: Number.NaN, end: network.bound, keeps: "above" } as const;
    marks.push(...cutLine(bound, "x", { x: range, y }, { width, index: 0, walls: [] }));
    legend.push({ kind: "line", color: "currentColor", text: "working point", width: 2 });
  }
  return draw({
    width,
    height,
    x: { range, title },
    y: { range: y, title: "fraction per bin", log },
    label: { bold: "gradcut", text },
    corner,
    legend,
    description: `Distributions of the network's score for ${samples.join(" and ")}`,
    marks,
  });
}

/** A selection as a point of the plane of efficiencies. */
type WorkingPoint = { name: string; x: number; y: number; symbol: "circle" | "diamond" };

/** Efficiencies of the hard cut, and of cut and network together, from the yields of a run. */
function workingPoints({ yields, network, expression }: Run): WorkingPoint[] {
  const [signal, ...others] = Object.entries(yields);
  const efficiency = (samples: typeof others, pick: (name: string, y: Run["yields"][string]) => number) =>
    samples.reduce((n, [name, y]) => n + pick(name, y), 0) / samples.reduce((n, [, y]) => n + y.all.sum, 0);
  if (!signal) return [];
  const points: WorkingPoint[] = [];
  const add = (name: string, symbol: WorkingPoint["symbol"], pick: Parameters<typeof efficiency>[1]) => {
    const [x, y] = [efficiency(others, pick), efficiency([signal], pick)];
    if (Number.isFinite(x) && Number.isFinite(y)) points.push({ name, x, y, symbol });
  };
  if (expression !== "") add("hard cut", "circle", (_, y) => y.hard.sum);
  if (network) {
    const bound = typeset(significant(network.bound, 3));
    const name = `${expression === "" ? "" : "cut and "}network > ${bound}`;
    add(name, "diamond", (sample) => network.yields[sample]?.sum ?? Number.NaN);
  }
  return points;
}

/** The area above which a linear axis shows only a corner. */
const nearlyPerfect = 0.95;

/**
 * Signal against background efficiency of a bound on the score, with the area under it and what the hard cut does.
 * The background's axis is logarithmic for areas above 0.95.
 */
export function rocFigure(roc: RocCurve, run: Run, { text = "", corner = "" }: Labels = {}): string {
  const [width, height] = [560, 400];
  const points = workingPoints(run);
  const log = roc.area > nearlyPerfect;
  const first = roc.background.find((b, i) => b > 0 && roc.signal[i]! > 0.02) ?? 0.1;
  const smallest = Math.min(first, ...points.map((p) => p.x).filter((b) => b > 0));
  const low = log ? Math.max(1e-6, 10 ** Math.floor(Math.log10(smallest))) : 0;
  const x: Range = [low, 1];
  const curve = roc.background.map((b, i): [number, number] => [Math.max(low, b), roc.signal[i]!]);
  const diagonal = Array.from({ length: 101 }, (_, i): [number, number] => {
    const b = log ? low ** (1 - i / 100) : i / 100;
    return [b, b];
  });
  const along = (b: number) => (log ? 1 - Math.log(b) / Math.log(low) : b) * (width - 70);
  return draw({
    width,
    height,
    x: { range: x, title: "background efficiency", log },
    y: { range: [0, 1.04], title: "signal efficiency" },
    label: { bold: "gradcut", text },
    corner: corner || `area ${roc.area.toFixed(4)}`,
    legend: [
      { kind: "line", color: paint.network, text: "network", width: 2 },
      { kind: "dashed", color: paint.faint, text: "no separation", width: 1.2 },
    ],
    description: `Signal efficiency against background efficiency of the network, area ${roc.area.toFixed(4)}`,
    marks: [
      Plot.line(diagonal, { stroke: paint.faint, strokeWidth: 1.2, strokeDasharray: "5 4", clip: true }),
      Plot.line(curve, { stroke: paint.network, strokeWidth: 2, clip: true }),
      ...points.flatMap(({ name, symbol, ...at }) => {
        const place = { x: [Math.max(low, at.x)], y: [at.y] };
        // Below the curve there is room, but for a point at the right end.
        const left = along(place.x[0]!) + textWidth(name) + 20 > width - 70;
        return [
          Plot.dot([at], {
            ...place,
            symbol,
            r: 4.5,
            fill: "currentColor",
            stroke: paint.paper,
            strokeWidth: 1,
          }),
          Plot.text([name], {
            ...place,
            dx: left ? -9 : 9,
            dy: left ? 16 : 11,
            textAnchor: left ? "end" : "start",
            ...halo,
          }),
        ];
      }),
    ],
  });
}
