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
import { draw, hatch, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { area, line, rulesY } from "../kit/marks.js";
import type { Range } from "../kit/ranges.js";
import { errorPoints } from "../kit/stepmarks.js";
import { hues, paint } from "../kit/theme.js";
import type { Figure, Labels } from "./figure.js";

/** `hue` numbers the colours, so that a sample has the same one in all channels; by default its place in the stack. */
export interface Stacked {
  name: string;
  values: readonly number[];
  hue?: number;
}

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
  const { channel, uncertainty, data, title = "bin", when, log = false } = given;
  // An experiment keeps its text; a mere name of a file gives way to what the figure shows.
  const said = when && !bold ? when : [text, when].filter(Boolean).join(", ");
  const samples = fewer(given.samples);
  const colors = samples.map(({ hue }, i) => hues[(hue ?? i) % mostSamples]!);
  const bins = uncertainty.length;
  const edges = given.edges ?? Array.from({ length: bins + 1 }, (_, i) => i);
  const x: Range = [edges[0]!, edges[bins]!];
  const total = Array.from({ length: bins }, (_, i) => samples.reduce((sum, s) => sum + s.values[i]!, 0));
  const highest = Math.max(
    1e-9,
    ...total.map((t, i) => t + uncertainty[i]!),
    ...(data ?? []).map((n) => n + Math.sqrt(Math.max(0, n))),
  );
  const least = log ? Math.max(highest * 1e-5, Math.min(...total.filter((t) => t > 0), highest) / 20) : 0;
  const y: Range = log ? [least, highest * (highest / least) ** 0.2] : [0, highest * 1.18];
  const step = (values: readonly number[]) =>
    values.flatMap((v, i): [number, number][] => [
      [edges[i]!, v],
      [edges[i + 1]!, v],
    ]);
  const between = (low: readonly number[], high: readonly number[], fill: string, floor = least) =>
    area(
      step(high).map(([x, v], i) => ({
        x,
        high: Math.max(floor, v),
        low: Math.max(floor, step(low)[i]![1]),
      })),
      { fill, clip: true },
    );
  const marks: Mark[] = [];
  let below = new Array<number>(bins).fill(0);
  for (const [i, sample] of samples.entries()) {
    const above = below.map((sum, bin) => sum + sample.values[bin]!);
    marks.push(between(below, above, colors[i]!));
    below = above;
  }
  marks.push(
    line(
      step(total).map(([at, v]): [number, number] => [at, Math.max(least, v)]),
      {
        stroke: "currentColor",
        strokeWidth: 1,
        clip: true,
      },
    ),
    between(
      total.map((t, i) => t - uncertainty[i]!),
      total.map((t, i) => t + uncertainty[i]!),
      hatch,
    ),
  );
  const centre = (i: number) => (edges[i]! + edges[i + 1]!) / 2;
  if (data) {
    const points = data.map((n, i) => ({
      x: centre(i),
      y: log && n <= 0 ? Number.NaN : n,
      error: Math.sqrt(Math.max(0, n)),
    }));
    // Set off from the stack in the colour of the paper: samples are as light as points are in the dark.
    marks.push(...errorPoints(points, paint.paper, y, 4.4, 4), ...errorPoints(points, "currentColor", y, 3));
  }
  const relative = uncertainty.map((u, i) => (total[i]! > 0 ? u / total[i]! : 0));
  const ratios = (data ?? []).map((n, i) => ({
    x: centre(i),
    y: n / total[i]!,
    error: Math.sqrt(Math.max(0, n)) / total[i]!,
  }));
  const reach = Math.max(
    0.05,
    ...relative.map((r) => r * 1.2),
    ...ratios
      .filter((p) => Number.isFinite(p.y))
      .map((p) => Math.min(1, (Math.abs(p.y - 1) + p.error) * 1.05)),
  );
  const half = Math.min(1, reach);
  const ratio: Range = [1 - half, 1 + half];
  const legend: LegendEntry[] = [
    ...(data ? [{ kind: "point" as const, color: "currentColor", text: "data" }] : []),
    ...samples.map((s, i): LegendEntry => ({ kind: "fill", color: colors[i]!, text: s.name })).reverse(),
    { kind: "hatch", color: "currentColor", text: "uncertainty" },
  ];
  return draw({
    ...size,
    x: given.edges
      ? { range: x, title }
      : {
          range: x,
          title,
          ...(bins <= 24 ? { names: total.map((_, i) => ({ at: centre(i), text: String(i + 1) })) } : {}),
        },
    y: { range: y, title: "events", log },
    label: { bold: bold ?? "gradcut", text: said || channel },
    corner: corner ?? (said ? channel : ""),
    legend,
    description: `Expected and observed events of channel ${channel}`,
    marks,
    below: {
      height: 150,
      y: { range: ratio, title: data ? "data / model" : "relative", ticks: 4 },
      marks: [
        between(
          relative.map((r) => 1 - r),
          relative.map((r) => 1 + r),
          hatch,
          ratio[0],
        ),
        rulesY([{ at: 1 }], { stroke: "currentColor", strokeWidth: 1 }),
        ...errorPoints(ratios, "currentColor", ratio, 3),
      ],
    },
  });
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
    (value, path) => {
      const { samples, uncertainty, data, edges } = value as ChannelYields;
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
