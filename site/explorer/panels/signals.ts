/** Signals of a grid as they are shown: a table of their tests, and their picture. */

import type { Plane } from "../documents/planes.js";
import type { Point, Study } from "../documents/studies.js";
import { pointKey } from "../grid.js";
import type { Drawn } from "../parts/figure.js";
import type { Cell, Sheet } from "../parts/sheet.js";
import type { Drop } from "../state.js";
import type { Tested } from "../worker/tasks/hypotests.js";
import { fluctuations } from "./limit.js";

/** A signal with its test, of the study that was chosen for it. */
export interface Shown {
  readonly point: Point;
  readonly study: Study;
  readonly tested: Tested | null;
}

/** Studies that test the same signals as this one, itself first. */
export function alike(drop: Drop, study: Study): Study[] {
  const names = new Set(study.points.map(({ name }) => name));
  const shares = (other: Study) => other.points.filter(({ name }) => names.has(name)).length > names.size / 2;
  return [study, ...drop.studies.filter((other) => other !== study && shares(other))];
}

/** For each signal the study that expects to exclude it best, as far as they are tested. */
export function chosen(
  points: readonly Point[],
  studies: readonly Study[],
  tested: ReadonlyMap<string, Tested>,
): Shown[] {
  const places = studies.map((study) => new Map(study.points.map((point) => [point.name, point])));
  return points.map((point) => {
    const all = studies.flatMap((study, i): Shown[] => {
      const own = places[i]!.get(point.name);
      const test = own && tested.get(pointKey(study, own));
      return own && test && !Number.isNaN(test.expected[2]!) ? [{ point: own, study, tested: test }] : [];
    });
    const best = all.sort((a, b) => a.tested!.expected[2]! - b.tested!.expected[2]!)[0];
    return best ?? { point, study: studies[0]!, tested: tested.get(pointKey(studies[0]!, point)) ?? null };
  });
}

export function sheetOf(shown: readonly Shown[], labels: readonly string[], several: boolean): Sheet {
  return {
    id: "signals",
    heads: [
      "signal",
      ...labels,
      ...(several ? ["workspace"] : []),
      "CLs",
      ...fluctuations.map((name) => `expected ${name}`),
      "status",
    ],
    rows: shown.map(({ point, study, tested }): Cell[] => [
      point.name,
      ...labels.map((_, i) => point.values[i] ?? null),
      ...(several ? [tested ? study.name : null] : []),
      tested ? tested.cls : null,
      ...fluctuations.map((_, i) => tested?.expected[i] ?? null),
      tested ? (tested.failure ?? tested.status) : "not tested yet",
    ]),
  };
}

export function drawnOf(
  shown: readonly Shown[],
  labels: readonly string[],
  axes: readonly number[],
  level: number,
  plane: Plane,
): Drawn | undefined {
  const known = shown.filter(
    ({ tested, point }) =>
      tested !== null && !Number.isNaN(tested.cls) && point.values.length === labels.length,
  );
  const [x, y] = axes;
  if (known.length === 0 || x === undefined) return undefined;
  const text = plane.id === "all" ? "" : plane.text;
  if (y === undefined) {
    const sorted = [...known].sort((a, b) => Number(a.point.values[x]) - Number(b.point.values[x]));
    const once = sorted.filter(
      ({ point }, i) => Number(point.values[x]) !== Number(sorted[i - 1]?.point.values[x]),
    );
    if (once.length < 2) return undefined;
    return (plot, { theme, width }) =>
      plot.brazil(
        {
          poi: labels[x]!,
          level,
          values: once.map(({ point }) => Number(point.values[x])),
          observed: once.map(({ tested }) => tested!.cls),
          expected: once.map(({ tested }) => tested!.expected),
        },
        {
          theme,
          bold: "Exclusion",
          text,
          corner: "",
          size: { width, height: Math.min(440, 200 + width * 0.4) },
        },
      );
  }
  // Those that are still to be tested hold their place.
  const points = shown
    .filter(({ point }) => point.values.length === labels.length)
    .map(({ point, tested }) => ({
      ...{ x: Number(point.values[x]), y: Number(point.values[y]) },
      observed: tested?.cls ?? Number.NaN,
      expected: tested?.expected ?? fluctuations.map(() => Number.NaN),
    }));
  return (plot, { theme, width }) =>
    plot.exclusion(
      { x: labels[x]!, y: labels[y]!, points, level },
      {
        theme,
        bold: "Exclusion",
        text,
        corner: "",
        size: { width, height: Math.max(300, Math.min(560, width * 0.75)) },
      },
    );
}
