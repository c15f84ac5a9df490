/** One frame with its marks: frame on all sides, ticks inside, no grid. Linear or log axes. */

import { clipPath, type Frame, type Mark, scale } from "./frame.js";
import { type TextStyle, texts } from "./marks.js";
import { decades, type Range, type Ticks, ticks, tickText } from "./ranges.js";
import { element, type SvgNode, textWidth } from "./svg.js";

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
  marks: readonly Mark[];
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

/** The nodes of a panel, without titles; `clip` numbers its frame, and texts of the x axis stand only where `xTexts`. */
export function drawPanel(
  panel: Panel,
  xAxis: Axis,
  width: number,
  margin: Margin,
  { clip, xTexts }: { clip: number; xTexts: boolean },
): SvgNode[] {
  const { height, y: yAxis } = panel;
  const ends = { left: margin.left, right: width - margin.right };
  const sides = { top: margin.top, bottom: height - margin.bottom };
  const frame: Frame = {
    ...{ ...ends, ...sides, clip },
    x: scale(xAxis.range, [ends.left, ends.right], xAxis.log),
    y: scale(yAxis.range, [sides.bottom, sides.top], yAxis.log),
  };
  const nodes: SvgNode[] = [];
  let clipped = false;
  const add = (mark: Mark) => {
    const node = mark.draw(frame);
    if (!node) return;
    if (mark.clip && !clipped) nodes.push(clipPath(frame));
    clipped ||= mark.clip;
    nodes.push(node);
  };
  panel.marks.forEach(add);
  nodes.push(frameNode(frame), ...allTicks(panel, xAxis, width, frame));
  for (const mark of tickTexts(panel, xAxis, width, xTexts)) add(mark);
  return nodes;
}

const frameNode = ({ left, right, top, bottom }: Frame): SvgNode =>
  element("rect", {
    ...{ "aria-label": "frame", fill: "none", stroke: "currentColor" },
    ...{ x: left, y: top, width: right - left, height: bottom - top },
  });

const long = 7;
const short = 4;

/** Ticks of both axes on all sides; of an axis with names none, and only those of its own where a side has them. */
function allTicks(
  { height, y: yAxis, right, top }: Panel,
  xAxis: Axis,
  width: number,
  frame: Frame,
): SvgNode[] {
  const [x, y] = [xTicks(xAxis, width), axisTicks(yAxis, yTickCount(height))];
  const alongX = (values: number[], at: "top" | "bottom", length: number) =>
    tickNodes(
      "x-axis tick",
      values.map((value) => [frame.x(value), frame[at]]),
      `0,${at === "top" ? length : -length}`,
    );
  const alongY = (values: number[], at: "left" | "right", length: number) =>
    tickNodes(
      "y-axis tick",
      values.map((value) => [frame[at], frame.y(value)]),
      `${at === "left" ? length : -length},0`,
    );
  const xSides = top ? (["bottom"] as const) : (["bottom", "top"] as const);
  const ySides = right ? (["left"] as const) : (["left", "right"] as const);
  return [
    ...xSides.flatMap((at) => [
      ...(xAxis.names ? [] : alongX(x.major, at, long)),
      ...alongX(x.minor, at, short),
    ]),
    ...ySides.flatMap((at) => [
      ...(yAxis.names ? [] : alongY(y.major, at, long)),
      ...alongY(y.minor, at, short),
    ]),
    ...(right ? alongY(right.values, "right", long) : []),
    ...(top ? alongX(top.values, "top", long) : []),
  ];
}

function tickNodes(label: string, places: [x: number, y: number][], to: string): SvgNode[] {
  const known = places.filter((place) => place.every(Number.isFinite));
  if (known.length === 0) return [];
  const ticks = known.map(([x, y]) =>
    element("path", { transform: `translate(${x},${y})`, d: `M0,0L${to}` }),
  );
  const look = { fill: "none", stroke: "currentColor" };
  return [element("g", { "aria-label": label, "aria-hidden": "true", ...look }, ...ticks)];
}

function tickTexts(
  { height, y: yAxis, right, top }: Panel,
  xAxis: Axis,
  width: number,
  xTexts: boolean,
): Mark[] {
  const [x, y] = [xTicks(xAxis, width), axisTicks(yAxis, yTickCount(height))];
  const other = (axis: OtherAxis | undefined, key: "x" | "y", style: TextStyle) =>
    axis
      ? [
          texts(
            axis.values.map((value, i) => ({ [key]: value, text: axis.texts[i]! })),
            style,
          ),
        ]
      : [];
  return [
    ...other(right, "y", { side: "right", textAnchor: "start", dx: 6 }),
    ...other(top, "x", { side: "top", lineAnchor: "bottom", dy: -5 }),
    texts(xTexts ? x.major.map((value) => ({ x: value, text: x.text(value) })) : [], {
      ...{ side: "bottom", lineAnchor: "top" },
      // A raised exponent stands higher than a number.
      dy: xAxis.log ? 10 : 7,
    }),
    texts(
      y.major.map((value) => ({ y: value, text: y.text(value) })),
      { side: "left", textAnchor: "end", dx: -6 },
    ),
  ];
}
