import { useEffect, useMemo } from "preact/hooks";
import { axesOf, type Plane, planesOf } from "../documents/planes.js";
import type { Study } from "../documents/studies.js";
import { loadGrid, pointKey, runGrid, stopGrid } from "../grid.js";
import { Block } from "../parts/block.js";
import { short } from "../parts/number.js";
import { Select } from "../parts/select.js";
import { look, store } from "../state.js";
import { useStore } from "../store.js";
import { useViewed } from "../viewed.js";
import type { Panel, PanelProps } from "./panel.js";
import { alike, chosen, drawnOf, type Shown, sheetOf } from "./signals.js";

/** Looks at the limit of a signal. */
function chooseSignal(found: Shown | undefined): void {
  if (!found) return;
  const { document, patch } = found.point;
  const { workspace } = found.study;
  look({ workspace, signal: { document, patch }, panel: "limit", pars: {}, channel: null });
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
        {done} of {of} patches
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

/** Which labels go along the axes, which signals are drawn, and whether the best workspace is taken for each. */
function Chosen({
  labels,
  axes,
  possible,
  plane,
  planes,
  several,
}: {
  labels: readonly string[];
  axes: readonly number[];
  possible: readonly number[];
  plane: Plane;
  planes: readonly Plane[];
  several: number;
}) {
  const best = useViewed("best");
  const axisOptions = possible.map((i) => ({ value: String(i), text: labels[i]! }));
  return (
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
      {several > 1 ? (
        <label class="check">
          <input
            type="checkbox"
            checked={best}
            onChange={({ currentTarget }) => look({ best: currentTarget.checked })}
          />
          of {several} workspaces the one that expects most
        </label>
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
  const used = best && studies.length > 1 ? studies : [study];
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
  return (
    <>
      <Progress of={all} done={done} running={grid.status === "running"} start={start} />
      <Chosen
        labels={labels}
        axes={axes}
        possible={possible}
        plane={plane}
        planes={planes}
        several={studies.length}
      />
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
        <Block
          title="Signals"
          id="signals"
          sheet={sheet}
          act={([name]) => chooseSignal(shown.find(({ point }) => point.name === name))}
        />
      </div>
    </>
  );
}

const needs = (_: unknown, { points }: Study): string | null =>
  points.length > 0 ? null : "There are no signals for this workspace: drop its patch set together with it.";

/** All signals of a workspace: tested, and the line around those that are excluded. */
export const patches: Panel = { id: "patches", title: "Signals", needs, View: Patches };
