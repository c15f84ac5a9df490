import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as agreed from "../../src/core/agreed.js";
import { statuses } from "../../src/core/status.js";

const root = join(fileURLToPath(new URL("..", import.meta.url)), "..");
const { agreedSource }: { agreedSource(text: string): string } = await import(
  /* @vite-ignore */ pathToFileURL(join(root, "assembly/generate.mjs")).href
);
const read = (file: string) => readFileSync(join(root, file), "utf8");
const texts = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: `${folder}/${file}`, text: read(`${folder}/${file}`) }));

const generated = agreedSource(read("src/core/agreed.ts"));

describe("what ops and kernels agree on", () => {
  it("is in the kernels with the same numbers", () => {
    for (const [name, value] of Object.entries(agreed)) {
      if (typeof value === "function") {
        expect(generated).toContain(`@inline export function ${name}(`);
        continue;
      }
      const numbers = Array.isArray(value)
        ? value.map((word, i) => `${word} = ${8 + 4 * i}`)
        : Object.entries(value).map(([key, number]) => `${key} = ${number}`);
      expect(generated).toContain(
        typeof value === "number"
          ? `export const ${name} = ${value};`
          : `export const enum ${name} { ${numbers.join(", ")} }`,
      );
    }
  });

  it("gives the same bytes in the kernels", () => {
    // The few forms are JavaScript but for types.
    const code = generated
      .replaceAll("export ", "")
      .replaceAll("@inline", "")
      .replaceAll("min<usize>", "Math.min")
      .replace(/^const enum .*$/gm, "")
      .replaceAll(": usize", "");
    const names = Object.entries(agreed).filter(([, value]) => typeof value === "function");
    const made: Record<string, (...sizes: number[]) => number> = new Function(
      `${code}; return { ${names.map(([name]) => name).join(", ")} };`,
    )();
    for (const [name, value] of names) {
      for (const sizes of [
        [1, 1, 4],
        [7, 3, 8],
        [513, 40, 2],
        [3000, 16384, 3],
      ])
        expect(made[name]!(...sizes), name).toBe((value as (...sizes: number[]) => number)(...sizes));
    }
  });

  it("is stated nowhere else", () => {
    const records = [...texts("src/ops"), ...texts("src/core/elementary")];
    const scratch = /scratch: \([\s\S]*?,\n(?= {2,6}(?:\}|\w))/g;
    expect(records.filter(({ text }) => text.match(scratch)).length).toBeGreaterThan(5);
    for (const { file, text } of records) {
      const sizes = text.match(scratch) ?? [];
      expect(
        sizes.filter((all) => /[*+-] ?\d|\d ?[*+-]|\b\d{3,}\b/.test(all.replaceAll("at(-2)", ""))),
        `${file} counts bytes by itself`,
      ).toEqual([]);
    }
    for (const { file, text } of texts("bindings")) expect(text, file).not.toMatch(/\b8192\b|logsumexp: \d/);
    const fit = ["minimize", "objective", "follow", "settle", "kinks", "fitend"].map(
      (name) => `assembly/kernels/${name}.ts`,
    );
    for (const file of fit) expect(read(file), file).not.toMatch(/\(pc, \d/);
    for (const { file, text } of texts("assembly/kernels")) expect(text, file).not.toMatch(/\bstrong & \d/);
    // A word of a choice in a kernel is compared with its name.
    for (const name of ["cut", "dense", "interp"])
      expect(read(`assembly/kernels/${name}.ts`), name).not.toMatch(/\b(?:act|code|kind) [!=]= \d/);
  });

  it("has a sentence for every end of a fit and of a search", () => {
    for (const ends of [agreed.fitEnds, agreed.rootEnds])
      for (const [name, number] of Object.entries(ends))
        expect(statuses).toHaveProperty(`${name}.number`, number);
  });

  it("refuses forms that no kernel can have", () => {
    for (const odd of ['"text"', "(n: number): number => { return n; }", "new Map()"])
      expect(() => agreedSource(`export const odd = ${odd};\n`)).toThrow("'odd' has a form");
  });
});
