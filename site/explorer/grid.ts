/** Grids of signals: every one is tested once, by whoever is free, and kept as soon as it is known. */

import { heavy } from "./ask.js";
import type { Point, Study } from "./documents/studies.js";
import { keepAnswer, keptAnswers } from "./saved.js";
import { type Drop, say, store } from "./state.js";
import type { Tested } from "./worker/tasks/hypotests.js";

/** A point among all of a drop. */
export const pointKey = (study: Study, { document, patch }: Point): string =>
  JSON.stringify([study.workspace, document, patch]);

/** Signals of one call: few, so that workers end together and cancel soon. */
const together = 4;
/** Answers that came are shown together, so that drawing does not take the time of testing. */
const pause = 250;

let controller: AbortController | null = null;

export const stopGrid = (): void => controller?.abort();

const key = "signal ";

/** Whether this is what is looked at still; workspaces made of it may have joined it. */
const isOpen = ({ digest }: Drop): boolean => store.state.drop?.digest === digest;

/** What was tested in earlier visits. */
export async function loadGrid(): Promise<void> {
  const { drop } = store.state;
  if (!drop || store.state.grid.status !== "loading") return;
  const kept = await keptAnswers(drop.digest, key);
  if (!isOpen(drop) || store.state.grid.status !== "loading") return;
  const tested = new Map([...kept].map(([name, value]) => [name, value as Tested]));
  store.set({ grid: { tested, status: "stopped", of: 0 } });
}

/** Tests all signals of studies in their order, but for those that are. */
export async function runGrid(studies: readonly { study: Study; points: readonly Point[] }[]): Promise<void> {
  await loadGrid();
  const { drop, grid } = store.state;
  if (!drop || grid.status === "running") return;
  const all = studies.flatMap(({ study, points }) =>
    points.filter((point) => !grid.tested.has(pointKey(study, point))).map((point) => ({ study, point })),
  );
  controller = new AbortController();
  const { signal } = controller;
  store.set({ grid: { ...grid, status: "running", of: all.length + grid.tested.size } });
  const fresh = new Map<string, Tested>();
  let timer = 0;
  const show = () => {
    timer = 0;
    if (!isOpen(drop)) return;
    const before = store.state.grid;
    store.set({ grid: { ...before, tested: new Map([...before.tested, ...fresh]) } });
    fresh.clear();
  };
  const batches = batchesOf(all);
  const next = async (): Promise<void> => {
    for (let batch = batches.shift(); batch && !signal.aborted; batch = batches.shift()) {
      const { study, points } = batch;
      const signals = points.map(({ document, patch }, place) => ({ place, signal: { document, patch } }));
      const documents = [study.workspace, ...new Set(points.map(({ document }) => document))];
      const keep = (tested: Tested) => {
        // Of a run that was stopped, documents may be gone.
        if (signal.aborted || !isOpen(drop)) return;
        const name = pointKey(study, points[tested.place]!);
        fresh.set(name, tested);
        void keepAnswer(drop.digest, key + name, tested);
        timer ||= window.setTimeout(show, pause);
      };
      await heavy.ask(
        "hypotests",
        { workspace: study.workspace, measurement: null, signals },
        {
          documents,
          signal,
          progress: (_, part) => part && keep(part),
        },
      );
    }
  };
  try {
    // One more batch than workers, so that none waits for the page.
    await Promise.all(Array.from({ length: heavy.size + 1 }, next));
  } catch (error) {
    controller.abort();
    if (!(error instanceof DOMException)) say(error instanceof Error ? error.message : String(error));
  }
  clearTimeout(timer);
  if (!isOpen(drop)) return;
  show();
  const status = signal.aborted ? "stopped" : "done";
  store.set({ grid: { ...store.state.grid, status } });
  say(
    status === "done"
      ? `All ${store.state.grid.tested.size} signals are tested.`
      : "Stopped; what was tested stays.",
  );
}

interface Batch {
  readonly study: Study;
  readonly points: Point[];
}

function batchesOf(all: readonly { study: Study; point: Point }[]): Batch[] {
  const batches: Batch[] = [];
  for (const { study, point } of all) {
    const last = batches.at(-1);
    if (last?.study === study && last.points.length < together) last.points.push(point);
    else batches.push({ study, points: [point] });
  }
  return batches;
}
