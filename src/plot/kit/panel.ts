/**
 * One frame with its marks, on Observable Plot: frame on all sides, ticks inside, no grid. Linear or log axes.
 */

import * as Plot from "@observablehq/plot";
import { decades, type Range, type Ticks, ticks, tickText } from "./ranges.js";
import { document, textWidth } from "./svg.js";

export interface Axis {
  range: Range;
  title?: string;
  /** About how many labelled ticks. */
  ticks?: number;
  /** A logarithmic scale; `range` is positive then. */
  log?: boolean;
  /** What is written where, instead of numbers; such an axis has no ticks. */
  names?: { at: number; text: string }[];
}

/** A scale of its own on the other side: `values` of the usual axis and what is written there. */
export interface OtherAxis {
  title: string;
  values: number[];
  texts: string[];
}

export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** The marks of one frame; its y axis spans `height` less the margins. */
export interface Panel {
  height: number;
  y: Axis;
  marks: Plot.Markish[];
  right?: OtherAxis;
  top?: OtherAxis;
}

/** Ticks of an axis and their texts. */
export function axisTicks(axis: Axis, count: number): Ticks & { text: (value: number) => string } {
  const { names } = axis;
  if (names)
    return {
      major: names.map(({ at }) => at),
      minor: [],
      text: (value) => names.find(({ at }) => at === value)?.text ?? "",
    };
  const linear = (t: Ticks & { step: number }) => ({ ...t, text: (v: number) => tickText(v, t.step) });
  return axis.log ? decades(axis.range, axis.ticks ?? count) : linear(ticks(axis.range, axis.ticks ?? count));
}

/** Ticks of the x axis of a figure of this width. */
export const xTicks = (axis: Axis, width: number) => axisTicks(axis, width / 80);

/** About how many ticks a y axis of this height has. */
export const yTickCount = (height: number): number => Math.max(2, height / 65);

/** Pixels that the texts of a y axis take. */
export function yTextWidth({ y, height }: Panel): number {
  const { major, text } = axisTicks(y, yTickCount(height));
  return Math.max(0, ...major.map((value) => textWidth(text(value).replace(/^10\^/, "10"))));
}

/** The panel as an SVG element, without titles; texts of the x axis only where `xTexts`. */
export function drawPanel(
  panel: Panel,
  xAxis: Axis,
  width: number,
  margin: Margin,
  xTexts: boolean,
): Element {
  const { height, y: yAxis, right, top } = panel;
  const x = xTicks(xAxis, width);
  const y = axisTicks(yAxis, yTickCount(height));
  const sides = right ? (["left"] as const) : (["left", "right"] as const);
  const ends = top ? (["bottom"] as const) : (["bottom", "top"] as const);
  const [xTick, yTick] = [xAxis.names ? 0 : -7, yAxis.names ? 0 : -7];
  const numbers = { clip: false, fill: "currentColor" } as const;
  return Plot.plot({
    document,
    className: "figure",
    width,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    x: { domain: xAxis.range, axis: null, type: xAxis.log ? "log" : "linear" },
    y: { domain: yAxis.range, axis: null, type: yAxis.log ? "log" : "linear" },
    color: { type: "identity" },
    marks: [
      ...panel.marks,
      Plot.frame({ stroke: "currentColor" }),
      ...ends.flatMap((anchor) => [
        Plot.axisX(x.major, { anchor, tickSize: xTick, text: null, label: null }),
        Plot.axisX(x.minor, { anchor, tickSize: -4, text: null, label: null }),
      ]),
      ...sides.flatMap((anchor) => [
        Plot.axisY(y.major, { anchor, tickSize: yTick, text: null, label: null }),
        Plot.axisY(y.minor, { anchor, tickSize: -4, text: null, label: null }),
      ]),
      ...(right
        ? [
            Plot.axisY(right.values, { anchor: "right", tickSize: -7, text: null, label: null }),
            Plot.text(right.values, {
              y: (d: number) => d,
              text: (_: number, i: number) => right.texts[i]!,
              frameAnchor: "right",
              textAnchor: "start",
              dx: 6,
              ...numbers,
            }),
          ]
        : []),
      ...(top
        ? [
            Plot.axisX(top.values, { anchor: "top", tickSize: -7, text: null, label: null }),
            Plot.text(top.values, {
              x: (d: number) => d,
              text: (_: number, i: number) => top.texts[i]!,
              frameAnchor: "top",
              lineAnchor: "bottom",
              dy: -5,
              ...numbers,
            }),
          ]
        : []),
      // A raised exponent stands higher than a number.
      Plot.text(xTexts ? x.major : [], {
        x: (d: number) => d,
        text: x.text,
        frameAnchor: "bottom",
        lineAnchor: "top",
        dy: xAxis.log ? 10 : 7,
        ...numbers,
      }),
      Plot.text(y.major, {
        y: (d: number) => d,
        text: y.text,
        frameAnchor: "left",
        textAnchor: "end",
        dx: -6,
        ...numbers,
      }),
    ],
  }) as unknown as Element;
}
