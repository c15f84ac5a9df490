// The commands of pages run, and print what the pages say they print.

import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { run } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

const root = resolve(import.meta.dirname, "../..");
const { folder } = scratch();
copyFileSync(join(root, "examples/data/workspace.json"), join(folder, "workspace.json"));

/** Words of a line: files are in the folder. */
const words = (line: string) =>
  line.split(" ").map((word) => (/\.(json|svg|html)$/.test(word) ? join(folder, word) : word));

/** A pipeline of our commands. */
async function piped(line: string): Promise<string> {
  let text = "";
  for (const part of line.split(" | ")) {
    const [program, ...args] = words(part);
    expect(program).toBe("gradcut");
    const given = text;
    const { status, out, err } = await run(args, { input: async () => given });
    expect([status, err.replace(/^wrote [^\n]*\n/, "")]).toEqual([0, ""]);
    text = out;
  }
  return text;
}

/** Nine digits of every number: the last ones of a fit may change with the way to its minimum. */
const rounded = (text: string) =>
  text.replace(/\d+\.\d{9,}(e[-+]\d+)?/g, (number) => Number(number).toPrecision(9));

test("docs/pyhf.md", async () => {
  const path = join(root, "docs/pyhf.md");
  let page = readFileSync(path, "utf8");
  const blocks = [...page.matchAll(/```sh\n(gradcut .*)\n```\n\n```text\n([\s\S]*?)```/g)];
  expect(blocks.length).toBeGreaterThan(5);
  for (const [block, line, expected] of blocks) {
    const printed = `${(await piped(line!)).trimEnd()}\n`;
    if (process.env.UPDATE_DOCS)
      page = page.replace(block, () => block.replace(/text\n[\s\S]*$/, () => `text\n${printed}\`\`\``));
    else expect(rounded(printed), line).toBe(rounded(expected!));
  }
  if (process.env.UPDATE_DOCS) writeFileSync(path, page);
  for (const file of ["band.svg", "limit.html", "pulls.svg", "ranking.svg", "yields.svg"])
    expect(existsSync(join(folder, file)), file).toBe(true);
}, 600_000);
