/** Which signals of a grid lie in one plane of two of its labels. */

import type { Point } from "./studies.js";

/** Signals that agree in something else than the two axes. */
export interface Plane {
  /** In links. */
  readonly id: string;
  readonly text: string;
  readonly points: readonly Point[];
}

const numeric = ({ values }: Point): number[] => values.map(Number);

/** Fewer make no plane. */
const fewest = 6;

/** Labels whose values are numbers that vary, in their order. */
export function axesOf(labels: readonly string[], points: readonly Point[]): number[] {
  return labels.flatMap((_, i) => {
    const values = points
      .filter(({ values: { length } }) => length === labels.length)
      .map((p) => Number(p.values[i]));
    return values.length > 0 && values.every(Number.isFinite) && new Set(values).size > 1 ? [i] : [];
  });
}

/**
 * Planes of two axes: all signals, and those in which another label, or its difference from an axis, is the same. Those
 * with most signals come first, all of them last; a plane has each place once.
 */
export function planesOf(
  labels: readonly string[],
  points: readonly Point[],
  [x, y]: readonly [number, number],
): Plane[] {
  const sound = points.filter(({ values }) => values.length === labels.length);
  const groups = new Map<string, { text: string; points: Point[] }>();
  const add = (id: string, text: string, point: Point) => {
    const group = groups.get(id) ?? { text, points: [] };
    group.points.push(point);
    groups.set(id, group);
  };
  const others = axesOf(labels, points).filter((i) => i !== x && i !== y);
  for (const point of sound) {
    const values = numeric(point);
    for (const c of others) {
      add(`${c}=${values[c]}`, `${labels[c]} = ${values[c]}`, point);
      for (const axis of new Set([x, y])) {
        const difference = Number((values[axis]! - values[c]!).toPrecision(12));
        add(`${axis}-${c}=${difference}`, `${labels[axis]} − ${labels[c]} = ${difference}`, point);
      }
    }
  }
  const once = (some: readonly Point[]) =>
    new Set(some.map((p) => `${p.values[x]},${p.values[y]}`)).size === some.length;
  const planes = [...groups]
    .map(([id, group]): Plane => ({ id, ...group }))
    .filter((plane) => plane.points.length >= fewest && once(plane.points))
    .sort((a, b) => b.points.length - a.points.length)
    .slice(0, 12);
  const all: Plane = { id: "all", text: "all", points: sound };
  return [...planes, all];
}
