/** Values at points that stand anywhere in a plane: triangles between them, lines of equal height, and what lies above. */

import type { Point } from "./frame.js";

export type Triangle = readonly [a: number, b: number, c: number];

/** Twice the area, positive where a, b, c turn to the left. */
const turn = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number =>
  (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);

/** Whether p lies inside of the circle through a, b, c, which turn to the left. */
function inCircle(a: Point, b: Point, c: Point, [px, py]: Point): boolean {
  const [ax, ay, bx, by] = [a[0] - px, a[1] - py, b[0] - px, b[1] - py];
  const [cx, cy] = [c[0] - px, c[1] - py];
  const [a2, b2, c2] = [ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy];
  return ax * (by * c2 - b2 * cy) - ay * (bx * c2 - b2 * cx) + a2 * (bx * cy - by * cx) > 1e-14;
}

/** Points in units of the box around them, so that angles do not depend on the units of the axes. */
function inBox(points: readonly Point[]): Point[] {
  const ends = ([0, 1] as const).map((k) => {
    const values = points.map((p) => p[k]);
    const low = Math.min(...values);
    return { low, size: Math.max(...values) - low || 1 };
  });
  const [x, y] = [ends[0]!, ends[1]!];
  return points.map((p) => [(p[0] - x.low) / x.size, (p[1] - y.low) / y.size]);
}

/**
 * Triangles between the points, whose circles have no other point in them (Delaunay), one point added after the other.
 * Points that stand where another does are in none; nor are there any where all stand on one line.
 */
export function triangulate(given: readonly Point[]): Triangle[] {
  const n = given.length;
  // A triangle around all is taken away at the end.
  const points: Point[] = [...inBox(given), [-50, -50], [51, -50], [0.5, 100]];
  const taken = new Set<string>();
  let all: Triangle[] = [[n, n + 1, n + 2]];
  for (let i = 0; i < n; i++) {
    const p = points[i]!;
    if (taken.has(p.join())) continue;
    taken.add(p.join());
    const [broken, kept]: [Triangle[], Triangle[]] = [[], []];
    for (const t of all) (inCircle(points[t[0]]!, points[t[1]]!, points[t[2]]!, p) ? broken : kept).push(t);
    const rim = new Map<string, readonly [number, number]>();
    for (const [a, b, c] of broken)
      for (const [from, to] of [
        [a, b],
        [b, c],
        [c, a],
      ] as const)
        if (!rim.delete(`${to},${from}`)) rim.set(`${from},${to}`, [from, to]);
    for (const [from, to] of rim.values())
      if (turn(points[from]!, points[to]!, p) > 1e-14) kept.push([from, to, i]);
    all = kept;
  }
  return all.filter((t) => t.every((i) => i < n));
}

const between = (a: Point, b: Point, t: number): Point => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
];

/** Lines along which the values between points are zero, each from one end to the other or closed. */
export function zeroLines(
  points: readonly Point[],
  triangles: readonly Triangle[],
  values: readonly number[],
): Point[][] {
  // The crossing of an edge, by its ends; and the edges that triangles join.
  const places = new Map<string, Point>();
  const joins = new Map<string, string[]>();
  for (const triangle of triangles) {
    const crossed = (
      [
        [0, 1],
        [1, 2],
        [2, 0],
      ] as const
    ).flatMap(([k, l]) => {
      const [i, j] = [Math.min(triangle[k], triangle[l]), Math.max(triangle[k], triangle[l])];
      const [u, v] = [values[i]!, values[j]!];
      if (u < 0 === v < 0 || !Number.isFinite(u + v)) return [];
      places.set(`${i},${j}`, between(points[i]!, points[j]!, u / (u - v)));
      return [`${i},${j}`];
    });
    const [a, b] = crossed;
    if (crossed.length !== 2) continue;
    joins.set(a!, [...(joins.get(a!) ?? []), b!]);
    joins.set(b!, [...(joins.get(b!) ?? []), a!]);
  }
  const lines: Point[][] = [];
  const left = new Set(joins.keys());
  // Ends first: what is left then is closed.
  const starts = [...joins.keys()].sort((a, b) => joins.get(a)!.length - joins.get(b)!.length);
  for (const start of starts) {
    if (!left.delete(start)) continue;
    const path = [start];
    for (;;) {
      const next = joins.get(path.at(-1)!)!.find((edge) => left.has(edge));
      if (next === undefined) break;
      left.delete(next);
      path.push(next);
    }
    const closed = path.length > 2 && joins.get(path.at(-1)!)!.includes(start);
    lines.push([...path, ...(closed ? [start] : [])].map((edge) => places.get(edge)!));
  }
  return lines;
}

/** The part of a polygon, with two values at its corners, where the first is at least 0 and the second at most 0. */
type Corner = readonly [place: Point, first: number, second: number];

function cut(corners: readonly Corner[], height: (corner: Corner) => number): Corner[] {
  return corners.flatMap((corner, i) => {
    const next = corners[(i + 1) % corners.length]!;
    const [u, v] = [height(corner), height(next)];
    const t = u / (u - v);
    const crossing: Corner = [
      between(corner[0], next[0], t),
      corner[1] + (next[1] - corner[1]) * t,
      corner[2] + (next[2] - corner[2]) * t,
    ];
    return [...(u >= 0 ? [corner] : []), ...(u >= 0 !== v >= 0 ? [crossing] : [])];
  });
}

/** Polygons that cover where `first` is at least 0 and `second` at most 0. */
export function betweenZeros(
  points: readonly Point[],
  triangles: readonly Triangle[],
  first: readonly number[],
  second: readonly number[],
): Point[][] {
  return triangles.flatMap((triangle) => {
    const corners = triangle.map((i): Corner => [points[i]!, first[i]!, second[i]!]);
    if (!corners.every(([, u, v]) => Number.isFinite(u + v))) return [];
    const inside = cut(
      cut(corners, ([, u]) => u),
      ([, , v]) => -v,
    );
    return inside.length > 2 ? [inside.map(([place]) => place)] : [];
  });
}
