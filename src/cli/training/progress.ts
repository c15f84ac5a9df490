/** The progress of a training: one line rewritten in place on a terminal, few plain lines elsewhere. */

import { duration, rate } from "../../text/numbertext.js";

/** The part of a stream that progress needs; `process.stdout` and `process.stderr` are such. */
export interface Output {
  write(text: string): unknown;
  /** Writes over the line of a terminal; where it is left out, `write` gets the control characters for that. */
  rewrite?(line: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** The line of a terminal, in place of the one before. */
export function rewrite(stream: Output, line: string): void {
  if (stream.rewrite) stream.rewrite(line);
  else stream.write(`\r${line}\x1b[K`);
}

export interface ProgressOptions {
  /** Steps of the whole training. */
  steps: number;
  /** Events that one step reads. */
  events: number;
  /** What the number is called that `update` gets; "loss" when left out. */
  name?: string;
  /** Steps already done when this run began. */
  from?: number;
  /** Standard error where it is left out: standard output is for results. */
  stream?: Output;
  /** Seconds on a clock that never goes back. */
  now?: () => number;
}

export interface Progress {
  /** Tells that `step` steps are done; cheap enough for every step. */
  update(step: number, loss: number): void;
  /** Ends the line, with the last state on it. Safe to call twice. */
  end(): void;
}

/** A terminal line is rewritten at most so often. */
const liveSeconds = 0.1;
/** A plain line comes after this time and a tenth of the steps, or after the longer time alone. */
const plainSeconds = 2;
const silentSeconds = 30;

/** Progress of one training; the clock starts now. */
export function progress(options: ProgressOptions): Progress {
  const { steps, events, name = "loss", from = 0, now = () => performance.now() / 1000 } = options;
  const stream: Output = options.stream ?? process.stderr;
  const live = stream.isTTY === true;
  const start = now();
  let written = { step: from, time: live ? Number.NEGATIVE_INFINITY : start };
  let latest = { step: from, loss: Number.NaN };
  let ended = false;

  const line = (time: number): string => {
    const done = latest.step - from;
    const perStep = (time - start) / done;
    const parts = [
      `step ${String(latest.step).padStart(String(steps).length)}/${steps}`,
      `${name} ${lossText(latest.loss)}`,
      `${rate(events / perStep)} events/s`,
      latest.step < steps && !ended
        ? `${duration(perStep * (steps - latest.step))} left`
        : duration(time - start),
    ];
    return parts.join("   ");
  };
  const write = (time: number): void => {
    written = { step: latest.step, time };
    if (live) rewrite(stream, line(time).slice(0, (stream.columns || 80) - 1));
    else stream.write(`${line(time)}\n`);
  };

  return {
    update(step, loss) {
      latest = { step, loss };
      const time = now();
      const waited = time - written.time;
      const due = live
        ? waited >= liveSeconds
        : waited >= silentSeconds || (waited >= plainSeconds && step - written.step >= steps / 10);
      if (due && !ended && step > from) write(time);
    },
    end() {
      if (ended) return;
      ended = true;
      if (latest.step > from && (live || written.step !== latest.step)) write(now());
      if (live && written.step > from) stream.write("\n");
    },
  };
}

/** Eight significant digits, of one width while the loss keeps its size. */
function lossText(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss);
  const size = Math.abs(loss);
  return size !== 0 && (size < 1e-4 || size >= 1e8) ? loss.toExponential(6) : loss.toPrecision(8);
}
