/** What a page and its workers say to each other. */

import type { TaskName } from "./tasks/index.js";

/** To a worker. */
export type Order =
  | { readonly kind: "hold"; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: "drop" }
  | { readonly kind: "run"; readonly call: number; readonly task: TaskName; readonly args: unknown }
  | { readonly kind: "cancel"; readonly call: number };

/** How far a task is. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

/** What went wrong, as a sentence; `code` is that of the library's errors. */
export interface Failure {
  readonly message: string;
  readonly code: string | null;
}

/** From a worker. */
export type Report =
  | { readonly kind: "progress"; readonly call: number; readonly progress: Progress; readonly part: unknown }
  | { readonly kind: "answer"; readonly call: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly call: number; readonly failure: Failure }
  | { readonly kind: "cancelled"; readonly call: number };
