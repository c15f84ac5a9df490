#!/usr/bin/env node
import { constants } from "node:os";
import { cli } from "./cli.js";

/** Statuses by signal: an ended training is written, and the program says by what it was ended. */
const signals = {
  SIGINT: 130,
  SIGTERM: 128 + constants.signals.SIGTERM,
  SIGHUP: 128 + constants.signals.SIGHUP,
};
let ended: number | undefined;

let lost: NodeJS.ErrnoException | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`gradcut --help | head`) is no error.
  if (error.code !== "EPIPE") lost ??= error;
});
// Nobody is left to be told.
process.stderr.on("error", () => {});

const status = await cli(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  async input() {
    const parts: Buffer[] = [];
    for await (const part of process.stdin) parts.push(part as Buffer);
    return Buffer.concat(parts).toString("utf8");
  },
  debug: process.env.GRADCUT_DEBUG === "1",
  onInterrupt(stop) {
    // The first one ends the training, the second one the program.
    const listeners = Object.entries(signals).map(([name, status]) => {
      const listener = () => {
        release();
        ended = status;
        stop();
      };
      process.on(name, listener);
      return [name, listener] as const;
    });
    const release = () => {
      for (const [name, listener] of listeners) process.off(name, listener);
    };
    return release;
  },
});
process.exitCode = status === signals.SIGINT ? (ended ?? status) : status;

// What could not be printed is told at the end, when all of it was tried.
await new Promise<void>((done) => process.stdout.write("", () => done()));
if (lost) {
  const reasons: Record<string, string> = { ENOSPC: "the disk is full", EIO: "the terminal is gone" };
  process.stderr.write(`gradcut: standard output: ${reasons[lost.code ?? ""] ?? lost.message}\n`);
  process.exitCode ||= 1;
}
