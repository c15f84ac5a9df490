/** Lines of equal height on a grid, by marching squares. */

import type { Point } from "./frame.js";

/** Values in rows: `values[j * width + i]` stands at (i + 0.5, j + 0.5). */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
}

type Way = readonly [from: Point, to: Point];

/** Middles of the sides of a square whose upper left corner is (0, 0): top, right, bottom, left. */
const T: Point = [0.5, 0];
const R: Point = [1, 0.5];
const B: Point = [0.5, 1];
const L: Point = [0, 0.5];

/**
 * Ways through a square, what is above on their left, by which corners are above: 1 lower left, 2 lower right, 4 upper
 * right, 8 upper left.
 */
// biome-ignore format: one row for each corner that is above.
const ways: readonly (readonly Way[])[] = [
  [], [[B, L]], [[R, B]], [[R, L]],
  [[T, R]], [[B, L], [T, R]], [[T, B]], [[T, L]],
  [[L, T]], [[B, T]], [[L, T], [R, B]], [[R, T]],
  [[L, R]], [[B, R]], [[L, B]], [],
];

/**
 * Closed lines around what is at least as high as `level`, in the coordinates of the grid; outside of it, and where it is
 * NaN, all is below. Those around holes run the other way.
 */
export function isolines(grid: Grid, level: number): Point[][] {
  const { width, height, values } = grid;
  const above = (i: number, j: number) =>
    i >= 0 && i < width && j >= 0 && j < height && values[j * width + i]! >= level ? 1 : 0;
  const from: Point[] = [];
  const to: Point[] = [];
  // Squares stand between the points of the grid, and around it.
  for (let j = -1; j < height; j++)
    for (let i = -1; i < width; i++) {
      const corners = above(i, j + 1) + 2 * above(i + 1, j + 1) + 4 * above(i + 1, j) + 8 * above(i, j);
      for (const [start, end] of ways[corners]!) {
        from.push([i + 0.5 + start[0], j + 0.5 + start[1]]);
        to.push([i + 0.5 + end[0], j + 0.5 + end[1]]);
      }
    }
  const key = ([x, y]: Point) => 2 * (x + y * (2 * width + 2));
  const next = new Map(from.map((point, i) => [key(point), i]));
  const lines: Point[][] = [];
  // Each point of a line is the start of one way and the end of another.
  for (let last = to.length - 1; last >= 0; last--) {
    if (!next.delete(key(from[last]!))) continue;
    const line = [to[last]!];
    for (let at = next.get(key(line[0]!)); at !== undefined; at = next.get(key(to[at]!))) {
      next.delete(key(from[at]!));
      line.push(to[at]!);
    }
    lines.unshift(line.map((point) => placed(point, grid, level)));
  }
  return lines;
}

/** A middle of a side, moved to where a straight line between both ends crosses the level. */
function placed([x, y]: Point, { width, height, values }: Grid, level: number): Point {
  const between = (before: number, after: number) => {
    const [low, high] = [values[before]!, values[after]!];
    if (!Number.isFinite(low)) return 1;
    return Number.isFinite(high) ? (level - low) / (high - low) : 0;
  };
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const at = j * width + i;
  if (x === i) return x > 0 && x < width ? [x + between(at - 1, at) - 0.5, y] : [x, y];
  return y > 0 && y < height ? [x, y + between(at - width, at) - 0.5] : [x, y];
}
