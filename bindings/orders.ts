import type { Plan } from "../src/core/plan/layout.js";
import type { Numbers } from "./arena.js";
import type { Module } from "./load.js";

/** A worker thread, whatever the runtime calls it. */
export interface Port {
  post(message: unknown): void;
  /** Who hears what the worker answers, and that it ended or never came to be, with what is known of why. */
  listen(ear: Ear): void;
  /** Whether an answer is awaited, and the process must stay for it. */
  hold(awaited: boolean): void;
  close(): void;
}

export interface Ear {
  answer(message: unknown): void;
  end(why: string): void;
}

/** What a worker answers: that it has kernels, that a turn is over, or why it cannot go on. */
export type Answer = "ready" | "done" | { readonly failed: string };

/** What a worker is told. Numbers travel in shared memory; messages only say where. */
export type Order =
  | { readonly kind: "start"; readonly module: Module; readonly status: SharedArrayBuffer }
  | { readonly kind: "plan"; readonly id: number; readonly plan: Plan }
  | {
      readonly kind: "sweep";
      readonly turn: number;
      readonly plan: number;
      readonly stage: number;
      readonly sweep: number;
      readonly from: number;
      readonly to: number;
      readonly rows: number;
      readonly columns: ReadonlyMap<number, Numbers>;
      readonly streams: ReadonlyMap<number, Numbers>;
      /** Values of the plan's shared region. */
      readonly small: SharedArrayBuffer;
      /** Subtrees: count, then per subtree level and index and state, as f64. */
      readonly sums: SharedArrayBuffer;
    };

/**
 * Words of a worker's status. The worker writes: the last turn that is over; the length of the error text of that turn,
 * 0 where it went well; the blocks it began, ever; whether it has ended. The team writes: a turn nobody waits for.
 */
export const TURN = 0;
export const FAILED = 1;
export const BEGUN = 2;
export const ENDED = 3;
export const DROPPED = 4;
export const TEXT = 5;
const CHARACTERS = 256;

export const newStatus = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(4 * (TEXT + CHARACTERS)));

/** Writes why a turn failed. */
export function writeFailure(status: Int32Array, text: string): void {
  const kept = text.slice(0, CHARACTERS);
  for (let i = 0; i < kept.length; i++) status[TEXT + i] = kept.charCodeAt(i);
  Atomics.store(status, FAILED, Math.max(kept.length, 1));
}

/** Why the last turn failed, or null. */
export function readFailure(status: Int32Array): string | null {
  const length = Atomics.load(status, FAILED);
  return length === 0 ? null : String.fromCharCode(...status.subarray(TEXT, TEXT + length));
}

/** What was thrown, as text. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
