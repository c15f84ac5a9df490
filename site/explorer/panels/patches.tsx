import { useEffect, useMemo } from "preact/hooks";
import { axesOf, type Plane, planesOf } from "../documents/planes.js";
import type { Point, Study } from "../documents/studies.js";
import { loadGrid, pointKey, runGrid, stopGrid } from "../grid.js";
import { Block } from "../parts/block.js";
import type { Drawn } from "../parts/figure.js";
import { short } from "../parts/number.js";
import { Select } from "../parts/select.js";
import type { Cell, Sheet } from "../parts/sheet.js";
import { type Drop, look, store } from "../state.js";
import { useStore } from "../store.js";
import type { Tested } from "../worker/tasks/hypotests.js";
import { fluctuations } from "./limit.js";
import type { Panel, PanelProps } from "./panel.js";

/** A signal with its test, of the study that was chosen for it. */
interface Shown {
  readonly point: Point;
  readonly study: Study;
  readonly tested: Tested | null;
}

/** Studies that test the same signals as this one, itself first. */
function alike(drop: Drop, study: Study): Study[] {
  const names = new Set(study.points.map(({ name }) => name));
  const shares = (other: Study) => other.points.filter(({ name }) => names.has(name)).length > names.size / 2;
  return [study, ...drop.studies.filter((other) => other !== study && shares(other))];
}

/** For each signal the study that expects to exclude it best, as far as they are tested. */
function chosen(
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

function sheetOf(shown: readonly Shown[], labels: readonly string[], several: boolean): Sheet {
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

function drawnOf(
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
  const points = known.map(({ point, tested }) => ({
    ...{ x: Number(point.values[x]), y: Number(point.values[y]) },
    ...{ observed: tested!.cls, expected: tested!.expected },
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

function Progress({
  of,
  done,
  running,
  start,
}: {
  of: number;
  done: number;
  running: boolean;
  start(): void;
}) {
  return (
    <div class="working" aria-busy={running}>
      <progress aria-label="Signals tested" value={done} max={Math.max(of, 1)} />
      <span data-fact="tested">
        {done} of {of} signals
      </span>
      {running ? (
        <button type="button" onClick={stopGrid}>
          Cancel
        </button>
      ) : done < of ? (
        <button type="button" class="main" onClick={start}>
          {done === 0 ? "Test all signals" : "Go on"}
        </button>
      ) : null}
    </div>
  );
}

function Patches({ study }: PanelProps) {
  const drop = useStore(store, (state) => state.drop)!;
  const { axes: wantedAxes, plane: wantedPlane, level, best } = useStore(store, (state) => state.view);
  const grid = useStore(store, (state) => state.grid);
  const { labels, points } = study;
  const studies = useMemo(() => alike(drop, study), [drop, study]);
  const several = studies.length > 1;
  const used = best && several ? studies : [study];
  const possible = useMemo(() => axesOf(labels, points), [study]);
  const sound = wantedAxes?.every((axis) => possible.includes(axis)) ? wantedAxes : null;
  const axes = sound ?? possible.slice(0, 2);
  const planes = useMemo(
    () => planesOf(labels, points, [axes[0] ?? 0, axes[1] ?? axes[0] ?? 0]),
    [study, axes.join()],
  );
  const plane = planes.find(({ id }) => id === wantedPlane) ?? planes[0]!;
  const all = used.reduce((sum, one) => sum + one.points.length, 0);
  const done = used.reduce(
    (sum, one) => sum + one.points.filter((p) => grid.tested.has(pointKey(one, p))).length,
    0,
  );
  const start = () => {
    const names = new Set(plane.points.map(({ name }) => name));
    const inPlane = (one: Study, inside: boolean) => ({
      study: one,
      points: one.points.filter(({ name }) => names.has(name) === inside),
    });
    void runGrid([...used.map((one) => inPlane(one, true)), ...used.map((one) => inPlane(one, false))]);
  };
  useEffect(() => {
    // It begins by itself, once: whoever stopped it wants it so.
    void loadGrid().then(() => {
      if (store.state.grid.of === 0) start();
    });
  }, [drop.digest]);
  const rows = plane.points.length > 0 ? plane.points : points;
  const shown = useMemo(() => chosen(rows, used, grid.tested), [rows, best, study, grid.tested]);
  const sheet = useMemo(() => sheetOf(shown, labels, used.length > 1), [shown]);
  const drawn = useMemo(() => drawnOf(shown, labels, axes, level, plane), [shown, axes.join(), level, plane]);
  const known = shown.filter(({ tested }) => tested !== null && !Number.isNaN(tested.cls));
  const excluded = known.filter(({ tested }) => tested!.cls < 1 - level);
  const choose = (row: readonly Cell[]) => {
    const found = shown.find(({ point }) => point.name === row[0]);
    if (!found) return;
    const { document, patch } = found.point;
    look({
      workspace: found.study.workspace,
      signal: { document, patch },
      panel: "limit",
      pars: {},
      channel: null,
    });
  };
  const axisOptions = possible.map((i) => ({ value: String(i), text: labels[i]! }));
  return (
    <>
      <Progress of={all} done={done} running={grid.status === "running"} start={start} />
      <div class="bar">
        {possible.length > 2
          ? ([0, 1] as const).map((k) => (
              <Select
                key={k}
                label={k === 0 ? "Across" : "Up"}
                value={String(axes[k])}
                options={axisOptions}
                change={(value) => {
                  const next = Number(value);
                  const other = axes[1 - k]!;
                  const swapped = next === other ? axes[k]! : other;
                  look({ axes: k === 0 ? [next, swapped] : [swapped, next], plane: null });
                }}
              />
            ))
          : null}
        {planes.length > 1 ? (
          <Select
            label="Signals with"
            value={plane.id}
            options={planes.map(({ id, text, points: some }) => ({
              value: id,
              text: `${text} (${some.length})`,
            }))}
            change={(id) => look({ plane: id })}
          />
        ) : null}
        {several ? (
          <label class="check">
            <input
              type="checkbox"
              checked={best}
              onChange={({ currentTarget }) => look({ best: currentTarget.checked })}
            />
            of {studies.length} workspaces the one that expects most
          </label>
        ) : null}
      </div>
      <div class="columns">
        <Block
          title="Excluded signals"
          id="exclusion"
          drawn={drawn}
          json={{
            labels,
            level,
            signals: sheet.rows.map((row) => Object.fromEntries(sheet.heads.map((h, i) => [h, row[i]]))),
          }}
        >
          {drawn ? (
            <p>
              <span data-fact="excluded">{excluded.length}</span> of{" "}
              <span data-fact="shown">{known.length}</span> signals are excluded at {short(100 * level)} %.
            </p>
          ) : (
            <p class="note">Signals appear as they are tested.</p>
          )}
        </Block>
        <Block title="Signals" id="signals" sheet={sheet} act={choose} />
      </div>
    </>
  );
}

const needs = (_: unknown, { points }: Study): string | null =>
  points.length > 0 ? null : "There are no signals for this workspace: drop its patch set together with it.";

/** All signals of a workspace: tested, and the line around those that are excluded. */
export const patches: Panel = { id: "patches", title: "Signals", needs, View: Patches };
