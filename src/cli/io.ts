import type { Output } from "./progress.js";

/** What the program needs of the world besides files. */
export type Io = {
  out: Output;
  err: Output;
  /** All of standard input. */
  input?: () => Promise<string>;
  /** Errors are shown with their stacks. */
  debug?: boolean;
  /** Calls `stop` when the user interrupts; the result ends that. */
  onInterrupt?: (stop: () => void) => () => void;
};
