import { mkdtempSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import { packed } from "../kit/packed.js";

const root = resolve(import.meta.dirname, "../..");

/** What the last lines of each example must say. */
const expected: Record<string, RegExp[]> = {
  "analysis.ts": [
    /^Z \d+\.\d\d -> \d+\.\d\d$/,
    / < mass && mass < .* && pt > /,
    /^\d+ of 20000 signal events pass/,
  ],
  "files.ts": [/^20000 and 20000 events$/, / < mass && mass < .* && pt > /, /^Asimov \d\.\d\d -> \d\.\d\d$/],
  "limit.ts": [
    /^expected CLs 0\.\d+ -> 0\.\d+$/,
    /^80 < mass && mass < 100 && pt > \d+\.\d && abs\(eta\) < 2\.4$/,
    /^\d+ signal events pass$/,
  ],
  "loop.ts": [/^loss \d+\.\d+ -> \d+\.\d+$/, /^selection x > .* && y > /, /agree: true$/],
  "selection.ts": [
    /^\d.* < mass && mass < .*pt > .*abs\(eta\) < /,
    /^before: .*Asimov 2\.54/,
    /^scanned: /,
    /^trained: .*Asimov 7\.\d+ \(soft 6\.\d+\)$/,
  ],
  "sensitivity.ts": [/^pt > 30: Z = /, /^pt > \d+: Z = /, /^better: true$/],
};

afterEach(() => vi.restoreAllMocks());

describe("examples", () => {
  it.each(readdirSync(join(root, "examples")).filter((f) => f.endsWith(".ts")))(
    "%s",
    async (file) => {
      const folder = mkdtempSync(join(packed(), "example-"));
      const lines: string[] = [];
      vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
      const out = join(folder, "example.mjs");
      await build({
        entryPoints: [join(packed(), "node_modules/gradcut/examples", file)],
        outfile: out,
        bundle: true,
        packages: "external",
        format: "esm",
        platform: "node",
        logLevel: "silent",
      });
      await import(pathToFileURL(out).href);
      const patterns = expected[file];
      expect(patterns, `${file} says nothing that is checked`).toBeDefined();
      patterns?.forEach((pattern, i) => {
        expect(lines[i]).toMatch(pattern);
      });
    },
    60_000,
  );
});
