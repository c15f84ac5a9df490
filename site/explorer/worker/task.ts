/** What a worker can be asked. */

import type { Model, Workspace } from "gradcut/stats";

/** Which model: a workspace of what was dropped, with a signal or without. */
export interface Question {
  readonly workspace: string;
  /** Where the signal's patch is: a document, and its name where that is a set. */
  readonly signal: { readonly document: string; readonly patch: string | null } | null;
  /** The first one where null. */
  readonly measurement: string | null;
}

/** A model, ready to be asked. */
export interface Prepared {
  readonly workspace: Workspace;
  readonly model: Model;
  /** Main and auxiliary data. */
  readonly data: Float64Array;
  /** Why there is no parameter of interest, where there is none. */
  readonly without: string | null;
  /** Keeps what was made of this model, by name, as long as the model is kept. */
  once<T>(name: string, make: () => T): T;
}

/** What a task may use. `Part` is what it tells before it has all. */
export interface Context<Part = never> {
  model(question: Question): Prepared;
  workspace(path: string): Workspace;
  /** The workspace of a question, with its signal; no model is built. */
  source(of: Pick<Question, "workspace" | "signal">): Workspace;
  text(path: string): string;
  /** Tells how far it is, lets orders be read, and ends the task where it was cancelled. */
  progress(done: number, of: number, part?: Part): Promise<void>;
}

/** One thing that can be asked. */
export interface Task<Args, Result, Part = never> {
  readonly name: string;
  run(args: Args, context: Context<Part>): Promise<Result> | Result;
}

/** A task whose types follow from its function. */
export const task = <Args, Result, Part = never>(
  name: string,
  run: Task<Args, Result, Part>["run"],
): Task<Args, Result, Part> => ({ name, run });

/** The end of a task that was cancelled. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}
