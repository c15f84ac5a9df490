#!/usr/bin/env node
import { cli } from "./cli.js";

// A reader that has seen enough (`gradcut --help | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await cli(process.argv.slice(2), {
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
    const listener = () => {
      process.off("SIGINT", listener);
      stop();
    };
    process.on("SIGINT", listener);
    return () => process.off("SIGINT", listener);
  },
});
