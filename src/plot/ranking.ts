// The ranking: what each nuisance parameter does to the parameter of interest.

import * as Plot from "@observablehq/plot";
import type { StatLabels } from "./brazil.js";
import { draw } from "./draw.js";
import { significant, typeset } from "./format.js";
import { type Range, ticks, tickText } from "./numbers.js";
import { lineStep, nameAxis, type Pull, pullMarks } from "./pulls.js";
import { paint } from "./theme.js";

export type Impact = Pull & {
  /** Change of the best parameter of interest with this one up and down by its uncertainty before the fit. */
  prefit: readonly [down: number, up: number] | null;
  /** The same by its uncertainty after the fit. */
  postfit: readonly [down: number, up: number];
};

/** Impacts as bars (scale above), pulls as points (scale below), strongest first. */
export function rankingFigure(
  poi: string,
  impacts: readonly Impact[],
  { bold = "gradcut", text = "" }: StatLabels = {},
): string {
  const largest = Math.max(
    1e-12,
    ...impacts.flatMap((i) => [...(i.prefit ?? []), ...i.postfit].map(Math.abs)),
  );
  const reach = Math.max(
    1.5,
    ...impacts.filter((i) => !i.free).map((i) => Math.abs(i.pull) + Math.max(...i.error)),
  );
  const half = Math.min(4, Math.ceil(reach * 2 + 0.2) / 2);
  const x: Range = [-half, half];
  // The longest bar ends a little before the frame.
  const scale = (0.92 * half) / largest;
  const y = nameAxis(impacts.map((i) => i.name));
  const above = ticks([-half / scale, half / scale], 5);
  const bar = (which: "prefit" | "postfit", side: 0 | 1, color: string) =>
    Plot.rect(
      impacts.map((impact, i) => ({ at: -i, reach: impact[which]?.[side] ?? 0 })),
      {
        x1: 0,
        x2: (d: { reach: number }) => d.reach * scale,
        y1: (d: { at: number }) => d.at - 0.36,
        y2: (d: { at: number }) => d.at + 0.36,
        ...(which === "prefit"
          ? { stroke: color, strokeWidth: 1.3, fill: "none" }
          : { fill: color, fillOpacity: 0.55 }),
      },
    );
  const marks: Plot.Markish[] = [
    bar("postfit", 1, paint.background),
    bar("postfit", 0, paint.signal),
    bar("prefit", 1, paint.background),
    bar("prefit", 0, paint.signal),
    Plot.ruleX([-1, 0, 1], { stroke: paint.faint, strokeDasharray: "2 3" }),
    ...pullMarks(
      impacts.map((p, i) => ({ ...p, at: -i })).filter((p) => !p.free),
      x,
    ),
  ];
  return draw({
    width: 580,
    height: 150 + lineStep * impacts.length,
    x: { range: x, title: "(fit − prior) / σ" },
    y,
    top: {
      title: `Δ${poi}`,
      values: above.major.map((value) => value * scale),
      texts: above.major.map((value) => tickText(value, above.step)),
    },
    label: { bold, text },
    corner: typeset(`largest impact ${significant(largest, 3)}`),
    legend: [
      { kind: "fill", color: paint.background, text: "+σ after the fit" },
      { kind: "fill", color: paint.signal, text: "−σ after the fit" },
      { kind: "box", color: paint.faint, text: "before the fit" },
      { kind: "dot", color: "currentColor", text: "pull" },
    ],
    description: `Impact of ${impacts.length} parameters on ${poi}`,
    marks,
  });
}
