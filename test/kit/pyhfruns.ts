// Command lines of pyhf with what they printed and wrote, recorded by test/peers/cli.py.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Run {
  args: string[];
  stdin: string | null;
  ok: boolean;
  out: string;
  written: string | null;
}

export const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/cli-pyhf.json"), "utf8"),
) as {
  /** The documents that the command lines name. */
  files: Record<string, string>;
  runs: Run[];
  fits: Run[];
};
