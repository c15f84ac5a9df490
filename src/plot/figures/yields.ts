import {
  text as aText,
  both,
  count,
  either,
  finite,
  flag,
  list,
  must,
  number,
  numbers,
  object,
  oneOf,
} from "../kit/checks.js";
import { draw, type FigureParts, hatch, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { area, line, rulesY } from "../kit/marks.js";
import type { Range } from "../kit/ranges.js";
import { errorPoints } from "../kit/stepmarks.js";
import { hues, paint } from "../kit/theme.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** `hue` numbers the colours, so that a sample has the same one in all channels; by default its place in the stack. */
export interface Stacked {
  name: string;
  values: readonly number[];
  hue?: number;
}

/** Expected and observed events in the bins of a channel. */
export interface ChannelYields {
  channel: string;
  /** Expected yields of each sample, in the order in which they stand on one another from below. */
  samples: readonly Stacked[];
  /** One standard deviation of their sum, per bin. */
  uncertainty: readonly number[];
  /** Null where there are none. */
  data: readonly number[] | null;
  /** One more than there are bins; by default bins of width 1. */
  edges?: readonly number[];
  /** Title of the x axis; "bin" where left out. */
  title?: string;
  /** After or before which fit, as "after the fit". */
  when?: string;
  /** Whether events are on a logarithmic scale. */
  log?: boolean;
}

/** More samples than this share the last colour as "others". */
const mostSamples = hues.length;

/** The stack with hatched uncertainty, points of data with errors √n, and the ratio. */
export function yieldsFigure(
  given: ChannelYields,
  { bold, text, corner, size = { width: 560, height: 480 } }: Labels = {},
): string {
  const { channel, data, title = "bin", when, log = false } = given;
  // An experiment keeps its text; a mere name of a file gives way to what the figure shows.
  const said = when && !bold ? when : [text, when].filter(Boolean).join(", ");
  const stack = stackOf(given);
  const { samples, colors, edges, total } = stack;
  const bins = total.length;
  const range: Range = [edges[0]!, edges[bins]!];
  // Bins without edges are known by their number, as long as numbers have room.
  const names = total.map((_, i) => ({ at: centre(edges, i), text: String(i + 1) }));
  const legend: LegendEntry[] = [
    ...(data ? [{ kind: "point" as const, color: "currentColor", text: "data" }] : []),
    ...samples.map((s, i): LegendEntry => ({ kind: "fill", color: colors[i]!, text: s.name })).reverse(),
    { kind: "hatch", color: "currentColor", text: "uncertainty" },
  ];
  return draw({
    ...size,
    x: { range, title, ...(given.edges || bins > 24 ? {} : { names }) },
    y: { range: stack.y, title: "events", log },
    label: { bold: bold ?? "gradcut", text: said || channel },
    corner: corner ?? (said ? channel : ""),
    legend,
    description: `Expected and observed events of channel ${channel}`,
    marks: [...stackMarks(given, stack), ...(data ? dataMarks(data, log, stack) : [])],
    below: ratioPanel(given, stack),
  });
}

/** Samples as they stand on one another, and the scale of their events. */
interface Stack {
  readonly samples: readonly Stacked[];
  readonly colors: readonly string[];
  readonly edges: readonly number[];
  readonly total: readonly number[];
  /** The least that the scale shows. */
  readonly least: number;
  readonly y: Range;
}

function stackOf({ samples: given, uncertainty, data, edges, log = false }: ChannelYields): Stack {
  const samples = fewer(given);
  const bins = uncertainty.length;
  const total = Array.from({ length: bins }, (_, i) => samples.reduce((sum, s) => sum + s.values[i]!, 0));
  const highest = Math.max(
    1e-9,
    ...total.map((t, i) => t + uncertainty[i]!),
    ...(data ?? []).map((n) => n + rootOf(n)),
  );
  const least = log ? Math.max(highest * 1e-5, Math.min(...total.filter((t) => t > 0), highest) / 20) : 0;
  return {
    samples,
    colors: samples.map(({ hue }, i) => hues[(hue ?? i) % mostSamples]!),
    edges: edges ?? Array.from({ length: bins + 1 }, (_, i) => i),
    total,
    least,
    y: log ? [least, highest * (highest / least) ** 0.2] : [0, highest * 1.18],
  };
}

const rootOf = (n: number): number => Math.sqrt(Math.max(0, n));
const centre = (edges: readonly number[], i: number): number => (edges[i]! + edges[i + 1]!) / 2;

/** The outline of values of bins. */
const steps = (edges: readonly number[], values: readonly number[]): [number, number][] =>
  values.flatMap((v, i): [number, number][] => [
    [edges[i]!, v],
    [edges[i + 1]!, v],
  ]);

/** What lies between two outlines, above the floor of a frame. */
function between(
  edges: readonly number[],
  [low, high]: readonly [readonly number[], readonly number[]],
  fill: string,
  floor: number,
): Mark {
  const under = steps(edges, low);
  const slices = steps(edges, high).map(([x, v], i) => ({
    x,
    high: Math.max(floor, v),
    low: Math.max(floor, under[i]![1]),
  }));
  return area(slices, { fill, clip: true });
}

/** Values with what lies around them by so much. */
const around = (values: readonly number[], by: readonly number[]): [number[], number[]] => [
  values.map((v, i) => v - by[i]!),
  values.map((v, i) => v + by[i]!),
];

/** The stack from below, its outline, and its uncertainty. */
function stackMarks({ uncertainty }: ChannelYields, stack: Stack): Mark[] {
  const { samples, colors, edges, total, least } = stack;
  let below: readonly number[] = total.map(() => 0);
  const filled = samples.map((sample, i) => {
    const above = below.map((sum, bin) => sum + sample.values[bin]!);
    const mark = between(edges, [below, above], colors[i]!, least);
    below = above;
    return mark;
  });
  const outline = steps(edges, total).map(([at, v]): [number, number] => [at, Math.max(least, v)]);
  return [
    ...filled,
    line(outline, { stroke: "currentColor", strokeWidth: 1, clip: true }),
    between(edges, around(total, uncertainty), hatch, least),
  ];
}

function dataMarks(data: readonly number[], log: boolean, { edges, y }: Stack): Mark[] {
  const points = data.map((n, i) => ({
    x: centre(edges, i),
    y: log && n <= 0 ? Number.NaN : n,
    error: rootOf(n),
  }));
  // Set off from the stack in the colour of the paper: samples are as light as points are in the dark.
  return [...errorPoints(points, paint.paper, y, 4.4, 4), ...errorPoints(points, "currentColor", y, 3)];
}

/** Data over the total, and its relative uncertainty around 1. */
function ratioPanel(
  { uncertainty, data }: ChannelYields,
  { edges, total }: Stack,
): NonNullable<FigureParts["below"]> {
  const relative = uncertainty.map((u, i) => (total[i]! > 0 ? u / total[i]! : 0));
  const ratios = (data ?? []).map((n, i) => ({
    x: centre(edges, i),
    y: n / total[i]!,
    error: rootOf(n) / total[i]!,
  }));
  const reach = Math.max(
    0.05,
    ...relative.map((r) => r * 1.2),
    ...ratios
      .filter((p) => Number.isFinite(p.y))
      .map((p) => Math.min(1, (Math.abs(p.y - 1) + p.error) * 1.05)),
  );
  const half = Math.min(1, reach);
  const range: Range = [1 - half, 1 + half];
  const one = relative.map(() => 1);
  return {
    height: 150,
    y: { range, title: data ? "data / model" : "relative", ticks: 4 },
    marks: [
      between(edges, around(one, relative), hatch, range[0]),
      rulesY([{ at: 1 }], { stroke: "currentColor", strokeWidth: 1 }),
      ...errorPoints(ratios, "currentColor", range, 3),
    ],
  };
}

/** At most as many as there are colours: the smallest become one. */
function fewer(samples: ChannelYields["samples"]): ChannelYields["samples"] {
  if (samples.length <= mostSamples) return samples;
  const size = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const order = [...samples].sort((a, b) => size(b.values) - size(a.values));
  const kept = new Set(order.slice(0, mostSamples - 1));
  const rest = samples.filter((s) => !kept.has(s));
  const others = rest[0]!.values.map((_, i) => rest.reduce((sum, s) => sum + s.values[i]!, 0));
  return [{ name: `${rest.length} others`, values: others }, ...samples.filter((s) => kept.has(s))];
}

const stacked = object({ name: aText, values: numbers }, { hue: count });

export const channelYieldsFigure = {
  title: "Yields of a channel",
  words: "expected events of a channel, stacked by sample, and data over them",
  check: both(
    object(
      {
        ...{ channel: aText, samples: list(stacked), uncertainty: list(number, 1) },
        data: either(oneOf(null), numbers),
      },
      { edges: list(finite, 2), title: aText, when: aText, log: flag },
    ),
    (value: ChannelYields, path) => {
      const { samples, uncertainty, data, edges } = value;
      const bins = uncertainty.length;
      if (data && data.length !== bins) return must(`${path}.data`, `a list of ${bins}`);
      if (edges && edges.length !== bins + 1) return must(`${path}.edges`, `a list of ${bins + 1}`);
      const odd = samples.findIndex(({ values }) => values.length !== bins);
      return odd < 0 ? null : must(`${path}.samples[${odd}].values`, `a list of ${bins}`);
    },
  ),
  draw: yieldsFigure,
  caption: ({ channel, when }) => [
    `Events of ${channel}${when === undefined ? "" : ` ${when}`}; hatched: one standard deviation of the expectation.`,
  ],
} satisfies Figure<ChannelYields>;

/**
 * Samples stacked in the bins of a channel with hatched uncertainty, points of data with errors √n, and their ratio below.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function yields(data: Given<ChannelYields>, options?: FigureOptions): string {
  return svgOf<ChannelYields>("yields", channelYieldsFigure, data, options);
}
