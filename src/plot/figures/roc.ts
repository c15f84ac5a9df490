import { significant, typeset } from "../../text/numbertext.js";
import { both, equallyLong, list, number, numbers, object, oneOf, text } from "../kit/checks.js";
import { draw, halo } from "../kit/draw.js";
import { dots, line, texts } from "../kit/marks.js";
import { type Range, short } from "../kit/ranges.js";
import { textWidth } from "../kit/svg.js";
import { paint } from "../kit/theme.js";
import type { Numbers, ReportData, Run, Sample } from "../rundata.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** Efficiencies of the bound "score above" as it falls: both arrays go from 0 to 1. `area` is under signal(background). */
export interface RocCurve {
  background: number[];
  signal: number[];
  area: number;
}

/** So many events of a sample are used at most, in equal strides. */
const mostEvents = 1 << 18;
const mostPoints = 400;

interface Scored {
  score: Numbers;
  weights?: Numbers | undefined;
}

/**
 * The curve of weighted efficiencies. Events of equal score are one step, so the area is the probability that a
 * signal event scores higher than a background event, ties counting half. NaN scores count as lowest.
 */
export function rocCurve(signal: Scored[], background: Scored[]): RocCurve | undefined {
  const events = [...signal.map((s) => [s, 1] as const), ...background.map((s) => [s, 0] as const)];
  const scores: number[] = [];
  const weights: number[] = [];
  const isSignal: number[] = [];
  for (const [{ score, weights: w }, kind] of events) {
    const stride = Math.max(1, Math.ceil(score.length / mostEvents));
    for (let i = 0; i < score.length; i += stride) {
      scores.push(Number.isNaN(score[i]!) ? Number.NEGATIVE_INFINITY : score[i]!);
      weights.push(w ? w[i]! : 1);
      isSignal.push(kind);
    }
  }
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const [x, y] = [[0], [0]];
  let area = 0;
  let [b, s] = [0, 0];
  for (let at = 0; at < order.length; ) {
    const here = scores[order[at]!]!;
    const [b0, s0] = [b, s];
    for (; at < order.length && scores[order[at]!] === here; at++)
      if (isSignal[order[at]!]) s += weights[order[at]!]!;
      else b += weights[order[at]!]!;
    area += ((b - b0) * (s + s0)) / 2;
    x.push(b);
    y.push(s);
  }
  if (!(b > 0 && s > 0)) return undefined;
  const keep = thinned(x, y, b, s);
  return {
    background: keep.map((i) => x[i]! / b),
    signal: keep.map((i) => y[i]! / s),
    area: area / (b * s),
  };
}

/** The points to draw: a step of both efficiencies together is at least 1 / `mostPoints`, finer near zero for log axes. */
function thinned(x: number[], y: number[], b: number, s: number): number[] {
  const keep = [0];
  for (let i = 1; i < x.length - 1; i++) {
    const last = keep[keep.length - 1]!;
    const moved = Math.abs(x[i]! - x[last]!) / b + Math.abs(y[i]! - y[last]!) / s;
    if (moved >= 2 / mostPoints || (x[i]! > 0 && x[i]! > 1.1 * x[last]!)) keep.push(i);
  }
  if (x.length > 1) keep.push(x.length - 1);
  return keep;
}

/** The curve of the samples' scores, signal first and all others background; nothing where a side has none. */
export function rocOf(samples: Sample[]): RocCurve | undefined {
  const scored = samples.map((s) => (s.score ? [{ score: s.score, weights: s.weights }] : []));
  return rocCurve(scored[0] ?? [], scored.slice(1).flat());
}

/** A selection as a point of the plane of efficiencies. */
export interface Selection {
  name: string;
  x: number;
  y: number;
  symbol: "circle" | "diamond";
}

/** Efficiencies of the hard cut, and of cut and network together, from the yields of a run. */
function selections({ yields, network, expression }: Run): Selection[] {
  const [signal, ...others] = Object.entries(yields);
  const efficiency = (samples: typeof others, pick: (name: string, y: Run["yields"][string]) => number) =>
    samples.reduce((n, [name, y]) => n + pick(name, y), 0) / samples.reduce((n, [, y]) => n + y.all.sum, 0);
  if (!signal) return [];
  const points: Selection[] = [];
  const add = (name: string, symbol: Selection["symbol"], pick: Parameters<typeof efficiency>[1]) => {
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

/** A curve of efficiencies, and what stands beside it. */
export interface Roc extends RocCurve {
  /** What is marked beside the curve. */
  readonly points: readonly Selection[];
}

/** The area above which a linear axis shows only a corner. */
const nearlyPerfect = 0.95;

/**
 * Signal against background efficiency of a bound on the score, with the area under it and what the hard cut does.
 * The background's axis is logarithmic for areas above 0.95.
 */
export function rocFigure(
  { points, ...roc }: Roc,
  { bold = "gradcut", text = "", corner = "", size = { width: 560, height: 400 } }: Labels = {},
): string {
  const { width } = size;
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
    ...size,
    x: { range: x, title: "background efficiency", log },
    y: { range: [0, 1.04], title: "signal efficiency" },
    label: { bold, text },
    corner: corner || `area ${roc.area.toFixed(4)}`,
    legend: [
      { kind: "line", color: paint.network, text: "network", width: 2 },
      { kind: "dashed", color: paint.faint, text: "no separation", width: 1.2 },
    ],
    description: `Signal efficiency against background efficiency of the network, area ${roc.area.toFixed(4)}`,
    marks: [
      line(diagonal, { stroke: paint.faint, strokeWidth: 1.2, strokeDasharray: "5 4", clip: true }),
      line(curve, { stroke: paint.network, strokeWidth: 2, clip: true }),
      ...points.flatMap(({ name, symbol, ...at }) => {
        const place = { x: Math.max(low, at.x), y: at.y };
        // Below the curve there is room, but for a point at the right end.
        const left = along(place.x) + textWidth(name) + 20 > width - 70;
        return [
          dots([place], {
            symbol,
            r: 4.5,
            fill: "currentColor",
            stroke: paint.paper,
            strokeWidth: 1,
          }),
          texts([{ ...place, text: name }], {
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

const checkRoc = both(
  object({ background: list(number, 1), signal: numbers, area: number }),
  equallyLong(["background", "signal"]),
);
const selection = object({ name: text, x: number, y: number, symbol: oneOf("circle", "diamond") });

function storedRoc({ samples }: ReportData): RocCurve | undefined {
  const roc = rocOf(samples);
  const shortened = (values: number[]) => values.map((v) => short(v));
  return roc && { ...roc, background: shortened(roc.background), signal: shortened(roc.signal) };
}

export const networkRocFigure = {
  title: "ROC",
  words: "signal against background efficiency of a bound on the network's score",
  check: both(checkRoc, object({ points: list(selection) })),
  draw: rocFigure,
  caption: () => ["Weighted efficiencies of a bound on the score, of all events before the cut."],
  training: {
    section: "network",
    stored: { roc: { check: checkRoc, make: storedRoc } },
    pictures: (run, plot: { samples: string[]; roc?: RocCurve } | undefined) =>
      plot?.roc ? [{ data: { ...plot.roc, points: selections(run) } }] : [],
  },
} satisfies Figure<Roc>;

/**
 * Signal against background efficiency of a bound on a score, with the area under it and selections as points.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function roc(data: Given<Roc>, options?: FigureOptions): string {
  return svgOf<Roc>("roc", networkRocFigure, data, options);
}
