// Running the program in the test's own process.

import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { cli } from "../../src/cli/cli.js";
import type { Io } from "../../src/cli/io.js";
import { key, normal, split, uniform } from "../../src/random/keys.js";

export type Answer = { status: number; out: string; err: string };
export type Row = Record<string, number | bigint | string>;

/** Runs one command; one thread, because workers need built files. */
export async function run(args: string[], io: Partial<Io> = {}): Promise<Answer> {
  let [out, err] = ["", ""];
  const stream = (add: (text: string) => void) => ({ write: (text: string) => add(text) });
  // Nothing here takes long, whatever the machine does meanwhile.
  let ticks = 0;
  const status = await cli(args, {
    now: () => 1e-9 * ticks++,
    out: stream((text) => {
      out += text;
    }),
    err: stream((text) => {
      err += text;
    }),
    ...io,
  });
  return { status, out, err };
}

/** The message of a command that cannot run: no stack, nothing on stdout. */
export async function failure(...args: string[]): Promise<string> {
  const { status, out, err } = await run(args);
  expect([status, out]).toEqual([2, ""]);
  expect(err).toMatch(/^gradcut: [^\n]+\n/m);
  expect(err).not.toMatch(/\n\s+at /);
  return err;
}

export function writeRows(path: string, rows: readonly Row[]): string {
  const names = Object.keys(rows[0]!);
  writeFileSync(path, `${names}\n${rows.map((row) => names.map((n) => row[n]).join(",")).join("\n")}\n`);
  return path;
}

/** Signal: a peak of mass 91 and hard pt; background: falling. Event numbers beyond 2^53, weights near 1. */
export function muons(kind: "signal" | "background", n: number, seed: number) {
  const [g, h, e, w] = split(key(seed), 4).map((k, i) => (i < 3 ? normal : uniform)(k, n));
  return Array.from({ length: n }, (_, i) => ({
    event: 2n ** 60n + BigInt(i),
    mass: kind === "signal" ? 91 + 3 * g![i]! : 60 + 30 * Math.abs(g![i]!),
    pt: kind === "signal" ? 45 + 12 * h![i]! : 25 + 15 * Math.abs(h![i]!),
    eta: (kind === "signal" ? 0.9 : 1.6) * e![i]!,
    w: 0.5 + w![i]!,
  }));
}
