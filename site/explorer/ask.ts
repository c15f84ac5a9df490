/** Asks workers, and keeps their answers in the store. */

import { useEffect } from "preact/hooks";
import { keepAnswer, keptAnswer } from "./saved.js";
import { type Answer, documentsOf, type State, say, store } from "./state.js";
import { useStore } from "./store.js";
import { noGrid } from "./tested.js";
import type { Question } from "./worker/task.js";
import type { ArgsOf, ResultOf, TaskName } from "./worker/tasks/index.js";
import { TaskError, Team } from "./worker/team.js";

const make = () => new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });

/** For what must follow a hand, and for what takes its time. */
export const quick = new Team(make, 1);
export const heavy = new Team(make, Math.min(4, Math.max(2, navigator.hardwareConcurrency - 1 || 2)));

/** The name of an answer. */
export const keyOf = (task: TaskName, args: unknown): string => `${task} ${JSON.stringify(args)}`;

function put(key: string, answer: Answer): void {
  store.set({ answers: new Map(store.state.answers).set(key, answer) });
}

const running = new Map<string, AbortController>();

/** Stops what is being answered. */
export function cancel(key: string): void {
  running.get(key)?.abort();
}

/** Stops everything, and forgets it: the documents are others now. */
export function forget(): void {
  for (const controller of running.values()) controller.abort();
  running.clear();
  store.set({ answers: new Map(), grid: noGrid });
}

/** What is said when an answer is there, by task; nothing where it is seen at once. */
export interface AskOptions {
  readonly question: Question;
  readonly done?: string;
  readonly fast?: boolean;
  /** Other models whose documents it reads. */
  readonly also?: readonly Question[];
}

/** Asks, unless it was asked already; an answer of an earlier visit is taken. */
export async function ask<N extends TaskName>(task: N, args: ArgsOf<N>, options: AskOptions): Promise<void> {
  const key = keyOf(task, args);
  const known = store.state.answers.get(key);
  if (known?.status === "running" || known?.status === "done") return;
  const controller = new AbortController();
  running.set(key, controller);
  put(key, { status: "running", progress: null, part: null });
  const { drop } = store.state;
  // The same may have been asked of another drop meanwhile.
  const current = () => running.get(key) === controller;
  const settle = (answer: Answer) => {
    if (current()) put(key, answer);
  };
  try {
    const kept = options.fast ? undefined : await keptAnswer(drop!.digest, key);
    const result =
      kept !== undefined
        ? (kept as ResultOf<N>)
        : await (options.fast ? quick : heavy).ask(task, args, {
            documents: [options.question, ...(options.also ?? [])].flatMap(documentsOf),
            signal: controller.signal,
            progress: (progress, part) => {
              const before = store.state.answers.get(key);
              const had = before?.status === "running" ? before.part : null;
              settle({ status: "running", progress, part: (part ?? had) as never });
            },
          });
    settle({ status: "done", result } as Answer);
    if (options.done && current()) say(options.done);
    if (kept === undefined && !options.fast) await keepAnswer(drop!.digest, key, result);
  } catch (error) {
    if (error instanceof TaskError) {
      settle({ status: "failed", failure: { message: error.message, code: error.code } });
      say(error.message);
    } else settle({ status: "cancelled" });
  } finally {
    if (current()) running.delete(key);
  }
}

/** The answer to a question; asked at once where `now`. */
export function useAnswer<N extends TaskName>(
  task: N,
  args: ArgsOf<N> | null,
  options: (AskOptions & { readonly now?: boolean }) | null,
): Answer<N> | null {
  const key = args === null ? null : keyOf(task, args);
  const answer = useStore<State, Answer | undefined>(store, ({ answers }) =>
    key === null ? undefined : answers.get(key),
  );
  // Other documents have no answers yet, though what is asked may sound the same.
  const missing = answer === undefined;
  useEffect(() => {
    if (args !== null && options?.now && missing) void ask(task, args, options);
  }, [key, options?.now, missing]);
  return (answer as Answer<N> | undefined) ?? null;
}
