import { printable } from "../text/printable.js";
import type { Output } from "./training/progress.js";

/** What the program needs of the world besides files. */
export interface Io {
  out: Output;
  err: Output;
  /** All of standard input. */
  input?: () => Promise<string>;
  /** Errors are shown with their stacks. */
  debug?: boolean;
  /** Seconds on a clock that never goes back, for what is said of progress; the machine's where it is left out. */
  now?: () => number;
  /** Calls `stop` when the user interrupts; the result ends that. */
  onInterrupt?: (stop: () => void) => () => void;
}

/** The clock that progress is told by. */
export const clockOf = ({ now }: Pick<Io, "now">): (() => number) => now ?? (() => performance.now() / 1000);

/** The same streams, which get no control characters but line ends: texts hold names out of files. */
export function withPrintable(io: Io): Io {
  const safe = (stream: Output): Output => ({
    write: (text) => stream.write(printable(text)),
    rewrite: (line) => stream.write(`\r${printable(line)}\x1b[K`),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 0;
    },
  });
  return { ...io, out: safe(io.out), err: safe(io.err) };
}
