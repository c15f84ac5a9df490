import { having } from "../../text/legal.js";

/** An AbortSignal, or what is like one: it ends what goes on, and says why. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Throws the reason of a signal that has ended what goes on. */
export function throwIfAborted(signal: Signal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}

export const aSignal = /*#__PURE__*/ having("an AbortSignal", "aborted", "addEventListener");
