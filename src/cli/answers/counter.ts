/** Progress of work that takes longer than a second, on standard error. */

import { fit as bestFit } from "../../infer/fit.js";
import { clockOf, type Io } from "../io.js";
import { rewrite } from "../training/progress.js";
import type { Question } from "./asked.js";

/** Nothing is said before this many seconds, and a line without a terminal comes only each `plainSeconds`. */
const quietSeconds = 1;
const plainSeconds = 5;

export interface Counter {
  /** Tells that so many are done, of what was said or of another number. */
  update(done: number, of?: number): void;
  /** Ends the line. */
  end(): void;
}

/** Counts pieces of work: one line rewritten in place on a terminal, few plain lines elsewhere. */
export function counter(what: string, total: number, io: Io, now: () => number = clockOf(io)): Counter {
  const start = now();
  const live = io.err.isTTY === true;
  let written = start + quietSeconds - (live ? 0.1 : plainSeconds);
  let open = false;
  return {
    update(done, of = total) {
      const time = now();
      if (time - start < quietSeconds || time - written < (live ? 0.1 : plainSeconds)) return;
      written = time;
      const left = Math.ceil(((time - start) / Math.max(1, done)) * (of - done));
      const text = `${what} ${done}/${of}   ${left} s left`;
      if (live) rewrite(io.err, text);
      else io.err.write(`${text}\n`);
      open = live;
    },
    end() {
      if (open) rewrite(io.err, "");
      open = false;
    },
  };
}

/** Lets the terminal and the interrupt key have their turn. */
export const breathe = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Says how long many fits in one call may take, where that is more than a second. */
export function announce(fits: number, { model, data }: Pick<Question, "model" | "data">, io: Io): void {
  // The first one compiles.
  bestFit(data, model);
  const now = clockOf(io);
  const start = now();
  bestFit(data, model);
  const seconds = (now() - start) * fits;
  if (seconds > quietSeconds) io.err.write(`${fits} fits, about ${Math.ceil(seconds)} s\n`);
}
