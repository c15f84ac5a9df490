// Commands that pyhf has too, against what pyhf printed (test/peers/cli.py).

import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, failure, run } from "../kit/clirun.js";
import { fixture, type Run } from "../kit/pyhfruns.js";
import { scratch } from "../kit/scratch.js";

const { folder, at } = scratch();
beforeAll(() => {
  for (const [name, text] of Object.entries(fixture.files)) writeFileSync(at(name), text);
});

/** Our command with pyhf's arguments. */
function ours({ args, stdin }: Pick<Run, "args" | "stdin">): Promise<Answer> {
  const placed = args.map((word) => (word.endsWith(".json") ? at(word) : word));
  return run(placed, { input: async () => (stdin === null ? "" : fixture.files[stdin]!) });
}

const named = (runs: Run[]) => runs.map((one) => [one.args.join(" "), one] as const);

describe("the text is pyhf's to the last byte", () => {
  test.each(named(fixture.runs.filter((one) => one.ok)))("%s", async (_, recorded) => {
    const { status, out, err } = await ours(recorded);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toBe(recorded.out);
    if (recorded.written !== null) expect(readFileSync(at("out.json"), "utf8")).toBe(recorded.written);
  });
});

describe("what pyhf refuses is refused in one sentence", () => {
  test.each(named(fixture.runs.filter((one) => !one.ok)))("%s", async (_, recorded) => {
    const { status, out, err } = await ours(recorded);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/^gradcut: .+\n/);
    expect(err).not.toMatch(/fault of gradcut|\n\s+at /);
  });
});

describe("options and files", () => {
  test("- as --output-file is standard output", async () => {
    const { out } = await run(["sort", at("one.json"), "--output-file", "-"]);
    expect(out).toBe((await run(["sort", at("one.json")])).out);
  });

  test("the second document of standard input is refused", async () => {
    expect(await failure("combine", "-", "-")).toContain("standard input");
    const { err } = await run(["combine"], { input: async () => fixture.files["one.json"]! });
    expect(err).toContain("can be read only once");
  });

  test("messages say what, where and how to go on", async () => {
    expect(await failure("prune", at("one.json"), "--chanel", "SR")).toContain("did you mean --channel?");
    expect(await failure("prune", at("one.json"), "-t", "normsy")).toContain("did you mean normsys?");
    expect(await failure("rename", at("one.json"), "-s", "signal")).toContain("-s needs two values");
    expect(await failure("prune", at("one.json"), "-c")).toContain("-c needs a value");
    expect(await failure("digest", at("one.json"), "--json=1")).toContain("--json takes no value");
    expect(await failure("sort", at("one.json"), at("two.json"))).toContain("unexpected argument");
    expect(await failure("sort", at("empty.json"))).toMatch(/empty\.json": \$: expected the key "channels"/);
    expect(await failure("sort", folder)).toContain("this is a folder: name a JSON file in it");
    expect(await failure("sort", at("one.json"), "--output-file", at("no/where.json"))).toContain(
      "no such folder",
    );
    expect(await failure("patchset", "aply")).toContain("did you mean apply?");
    expect(await failure("inspcet")).toContain("did you mean inspect?");
  });

  test("help needs nothing else, and fits 80 columns", async () => {
    const commands = ["inspect", "prune", "rename", "combine", "sort", "digest", "patchset"];
    const subcommands = ["extract", "apply", "verify", "inspect"].map((name) => ["patchset", name]);
    for (const words of [...commands.map((name) => [name]), ...subcommands]) {
      const { status, out } = await run([...words, "--help"]);
      expect(status).toBe(0);
      expect(out).toContain(`usage: gradcut ${words.join(" ")}`);
      for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
      expect((await run([...words, "-h"])).out).toBe(out);
    }
  });
});
