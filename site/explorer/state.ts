/** What the page knows: the documents, how they are looked at, and what was answered. */

import type { Document, Study } from "./documents/studies.js";
import { plain, type View } from "./link.js";
import { Store } from "./store.js";
import { type Grid, noGrid } from "./tested.js";
import type { Failure, Progress } from "./worker/protocol.js";
import type { Question } from "./worker/task.js";
import type { PartOf, ResultOf, TaskName } from "./worker/tasks/index.js";

/** What was dropped. */
export interface Drop {
  /** Grows with each: the same file dropped again is another drop. */
  readonly turn: number;
  readonly name: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  readonly documents: readonly Document[];
  readonly studies: readonly Study[];
}

/** A question that was asked, and how far its answer is. */
export type Answer<N extends TaskName = TaskName> =
  | { readonly status: "running"; readonly progress: Progress | null; readonly part: PartOf<N> | null }
  | { readonly status: "done"; readonly result: ResultOf<N> }
  | { readonly status: "failed"; readonly failure: Failure }
  | { readonly status: "cancelled" };

export interface State {
  readonly view: View;
  readonly drop: Drop | null;
  /** What is being opened, or why it cannot be. */
  readonly opening: { readonly name: string; readonly progress: Progress | null } | null;
  readonly refused: string | null;
  /** By task and arguments. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** The signals that were tested. */
  readonly grid: Grid;
  /** For people who do not see the page change. */
  readonly said: string;
}

export const store = new Store<State>({
  ...{ view: plain, drop: null, opening: null, refused: null, answers: new Map(), grid: noGrid, said: "" },
});

/** Changes how the document is looked at. */
export function look(change: Partial<View>): void {
  store.set({ view: { ...store.state.view, ...change } });
}

/** Says something to people who use a screen reader. */
export const say = (said: string): void => store.set({ said });

/** The study that is looked at. */
export function studyOf({ drop, view }: Pick<State, "drop" | "view">): Study | null {
  return drop?.studies.find(({ workspace }) => workspace === view.workspace) ?? drop?.studies[0] ?? null;
}

let last: Question | null = null;

/** The model that is looked at; the same object as long as it is the same model. */
export function questionOf(state: Pick<State, "drop" | "view">): Question | null {
  const study = studyOf(state);
  if (!study) return null;
  const { signal, measurement } = state.view;
  const question: Question = { workspace: study.workspace, signal, measurement };
  if (last === null || JSON.stringify(last) !== JSON.stringify(question)) last = question;
  return last;
}

/** Paths of the documents that a model is made of. */
export const documentsOf = ({ workspace, signal }: Question): string[] =>
  signal ? [workspace, signal.document] : [workspace];
