/** The lines of cuts in a figure of events. */

import { significant, typeset } from "../../text/numbertext.js";
import type { CutChange } from "../rundata.js";
import { halo } from "./draw.js";
import type { Mark } from "./frame.js";
import { arrow, rulesX, rulesY, texts } from "./marks.js";
import type { PlaneFrame } from "./planeframe.js";
import type { Range } from "./ranges.js";
import { textWidth } from "./svg.js";

/** A column text longer than this is left out beside its line; the axis title has it. */
const longestColumn = 16;

/** More cuts than this on one axis have lines alone: no arrows, texts and curves, which would lie upon one another. */
export const mostDetailed = 64;

/** A sentence for every start or end outside the frame of its column, where the figure cannot show its line. */
export function outsideFrame(
  cuts: Readonly<Record<string, CutChange>>,
  frames: Readonly<Record<string, Range>>,
): string[] {
  return Object.entries(cuts).flatMap(([name, cut]) => {
    const frame = cut.column !== undefined && Object.hasOwn(frames, cut.column) && frames[cut.column];
    if (!frame) return [];
    const far = (["start", "end"] as const).filter((when) => cut[when] < frame[0] || cut[when] > frame[1]);
    return far.map(
      (when) =>
        `${name} ${when === "start" ? "before" : "after"} = ${significant(cut[when])} is outside the frame.`,
    );
  });
}

/** All lines of the cuts on `column`, which is the axis `axis` of a figure `width` pixels wide. */
export function cutLines(
  cuts: Readonly<Record<string, CutChange>>,
  column: string,
  axis: "x" | "y",
  frame: PlaneFrame,
  width: number,
): Mark[] {
  const here = Object.values(cuts).filter((cut) => cut.column === column);
  if (here.length > mostDetailed) {
    const [low, high] = frame[axis];
    const rule = axis === "x" ? rulesX : rulesY;
    const inside = (value: number) => value >= low && value <= high;
    const ends = (when: "start" | "end") =>
      here.flatMap((cut) => (inside(cut[when]) ? [{ at: cut[when] }] : []));
    return [
      rule(ends("start"), { stroke: "currentColor", strokeWidth: 1.2, strokeDasharray: "5 4" }),
      rule(ends("end"), { stroke: "currentColor", strokeWidth: 2 }),
    ];
  }
  return here.flatMap((cut, index) => {
    const walls = here.flatMap((other) => (other === cut ? [] : [other.end]));
    return cutLine(cut, axis, frame, { width, index, walls });
  });
}

/**
 * One cut: dashed before, solid after, an arrow to the side that it keeps and its text beside the arrow.
 * The `index`-th cut of an axis has its arrow a step farther in, so that a window's texts do not meet.
 */
export function cutLine(
  cut: CutChange,
  axis: "x" | "y",
  frame: PlaneFrame,
  { width, index, walls }: { width: number; index: number; walls: number[] },
): Mark[] {
  const [low, high] = frame[axis];
  const [from, to] = axis === "x" ? frame.y : frame.x;
  const rule = axis === "x" ? rulesX : rulesY;
  const marks: Mark[] = [];
  const inside = (value: number) => value >= low && value <= high;
  if (inside(cut.start))
    marks.push(
      rule([{ at: cut.start }], { stroke: "currentColor", strokeWidth: 1.2, strokeDasharray: "5 4" }),
    );
  if (!inside(cut.end)) return marks;
  marks.push(rule([{ at: cut.end }], { stroke: "currentColor", strokeWidth: 2 }));
  if (!cut.keeps) return marks;
  const sign = cut.keeps === "above" ? 1 : -1;
  const column = cut.column !== undefined && cut.column.length <= longestColumn ? `${cut.column} ` : "";
  const bound = `${sign > 0 ? ">" : "<"} ${typeset(significant(cut.end, 4))}`;
  const tip = Math.min(high, Math.max(low, cut.end + sign * (high - low) * 0.05));
  const pointer = { stroke: "currentColor", strokeWidth: 2, head: 28 / 3 };
  if (axis === "x") {
    const place = { dy: 18 + 16 * (index % 3) };
    marks.push(arrow([cut.end, to], [tip, to], { ...place, ...pointer }));
    // The text follows the arrow, or stands behind the line where the frame, its start or another cut is too near.
    const distances = [low, high, cut.start, ...walls].map((wall) => (wall - cut.end) * sign);
    const ahead = Math.min(...distances.filter((d) => d > 0)) - Math.abs(tip - cut.end);
    const behind = Math.min(...distances.filter((d) => d < 0).map((d) => -d));
    const pixels = (room: number) => (room / (high - low)) * (width - 70);
    const holds = (room: number, text: string) => pixels(room) > textWidth(text) + 16;
    // Between lines that are too near for both, the column is left to the axis title.
    const label = [ahead, behind].some((room) => holds(room, column + bound)) ? column + bound : bound;
    const fits = holds(ahead, label) || ahead >= behind;
    const side = fits ? sign : -sign;
    const start = side === sign ? tip : cut.end;
    const textAnchor = side > 0 ? "start" : "end";
    marks.push(texts([{ x: start, y: to, text: label }], { dx: 6 * side, ...place, textAnchor, ...halo }));
  } else {
    const at = to - (to - from) * (0.045 + 0.3 * (index % 3));
    marks.push(arrow([at, cut.end], [at, tip], pointer));
    marks.push(
      texts([{ x: at, y: cut.end, text: column + bound }], {
        textAnchor: "end",
        dx: -9,
        dy: -sign * 11,
        ...halo,
      }),
    );
  }
  return marks;
}
