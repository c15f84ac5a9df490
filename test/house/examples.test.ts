import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** What the last lines of each example must say. */
const expected: Record<string, RegExp[]> = {
  "analysis.ts": [
    /^Z \d+\.\d\d -> \d+\.\d\d$/,
    / < mass && mass < .* && pt > /,
    /^\d+ of 20000 signal events pass/,
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
      const folder = mkdtempSync(join(tmpdir(), "gradcut-example-"));
      const lines: string[] = [];
      vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
      try {
        const out = join(folder, "example.mjs");
        await build({
          entryPoints: [join(root, "examples", file)],
          outfile: out,
          bundle: true,
          format: "esm",
          platform: "node",
          alias: { gradcut: join(root, "src/index.ts") },
          logLevel: "silent",
        });
        await import(pathToFileURL(out).href);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      const patterns = expected[file];
      expect(patterns, `${file} says nothing that is checked`).toBeDefined();
      patterns?.forEach((pattern, i) => {
        expect(lines[i]).toMatch(pattern);
      });
    },
    60_000,
  );
});
