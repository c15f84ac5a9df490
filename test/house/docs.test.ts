import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { packed } from "../kit/packed.js";

const root = resolve(import.meta.dirname, "../..");
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((f) => f.endsWith(".md"))
    .map((f) => join("docs", f)),
];

interface Block {
  /** Position of the expected output in the page, if the block is followed by one. */
  code: string;
  output: { start: number; end: number; text: string } | null;
}

/** The ts blocks of a page, each with the text block right behind it. */
function blocks(page: string): Block[] {
  const found = [...page.matchAll(/```ts\n([\s\S]*?)```(?:\n+```text\n([\s\S]*?)```)?/g)];
  return found.map((m) => {
    const text = m[2];
    const start = text === undefined ? -1 : m.index + m[0].length - 3 - text.length;
    return {
      code: m[1] as string,
      output: text === undefined ? null : { start, end: start + text.length, text },
    };
  });
}

/** Runs the blocks of a page as one program of somebody who installed the package; what each prints. */
async function run(all: readonly Block[]): Promise<string[]> {
  const folder = mkdtempSync(join(packed(), "page-"));
  const imports: string[] = [];
  const bodies = all.map(({ code }, i) => {
    const rest = code.replace(/^import [\s\S]*?;\n/gm, (line) => {
      imports.push(line);
      return "";
    });
    return `__at(${i});\n${rest}`;
  });
  const source = `${imports.join("")}\nconst __at = globalThis.__docsAt, console = globalThis.__docsConsole;\n${bodies.join("\n")}`;
  writeFileSync(join(folder, "page.ts"), source);
  await build({
    entryPoints: [join(folder, "page.ts")],
    outfile: join(folder, "page.mjs"),
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  const out = all.map(() => "");
  let at = 0;
  const { inspect } = await import("node:util");
  const show = (x: unknown) =>
    typeof x === "string" ? x : inspect(x, { breakLength: 100, maxArrayLength: 8 });
  Object.assign(globalThis, {
    __docsAt: (i: number) => {
      at = i;
    },
    __docsConsole: {
      log: (...args: unknown[]) => {
        out[at] += `${args.map(show).join(" ")}\n`;
      },
    },
  });
  await import(pathToFileURL(join(folder, "page.mjs")).href);
  return out;
}

describe("every page runs, and prints what it says it prints", () => {
  for (const name of pages) {
    const page = readFileSync(join(root, name), "utf8");
    const all = blocks(page);
    if (all.length === 0) continue;
    it(name, async () => {
      const printed = await run(all);
      if (process.env.UPDATE_DOCS) {
        let text = page;
        for (const [i, { output }] of [...all.entries()].reverse()) {
          if (output) text = text.slice(0, output.start) + printed[i] + text.slice(output.end);
        }
        writeFileSync(join(root, name), text);
        return;
      }
      all.forEach(({ output }, i) => {
        if (output) expect(printed[i], `block ${i + 1} of ${name}`).toBe(output.text);
      });
    }, 60_000);
  }
});

describe("links between pages", () => {
  it.each(pages)("%s", (name) => {
    const text = readFileSync(join(root, name), "utf8");
    for (const [, target] of text.matchAll(/\]\(((?!https?:)[^)#]+)[^)]*\)/g)) {
      expect(
        () => readFileSync(resolve(root, name, "..", target as string)),
        `${name} → ${target}`,
      ).not.toThrow();
    }
  });
});
