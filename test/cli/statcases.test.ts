// Workspaces from public reports: what each command answers, or why it cannot.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { normsys } from "../../src/index.js";
import { run } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";
import { type Case, cases, impossible, n, sr } from "../kit/statreports.js";

const { folder } = scratch();

const file = (name: string, document: unknown, text: Case["text"] = (as) => as): string => {
  const path = join(folder, `${name.split(" ")[0]}.json`);
  writeFileSync(path, text(JSON.stringify(document)));
  return path;
};
const near = (got: number, want: number, what: string) =>
  expect(Math.abs(got - want), `${what}: ${got} against ${want}`).toBeLessThan(2e-5 * Math.abs(want) + 1e-6);

describe("what public reports asked", () => {
  test.each(Object.entries(cases))("%s", async (name, { document, cls, limit, best, says, text }) => {
    const path = file(name, document, text);
    const asked = { cls, limit, best };
    if (cls === undefined && limit === undefined && best === undefined) {
      // A document that cannot be used is refused by all.
      const { status, out, err } = await run(["cls", path]);
      expect([status, out]).toEqual([2, ""]);
      expect(err).toMatch(says!);
      return;
    }
    const commands = [
      ["cls", (out: string) => [JSON.parse(out).CLs_obs]],
      ["limit", (out: string) => [JSON.parse(out).observed]],
      ["best", (out: string) => Object.values(JSON.parse(out).mle_parameters).flat()],
    ] as const;
    for (const [which, read] of commands) {
      const want = asked[which];
      if (want === undefined) continue;
      const args = { cls: ["cls"], limit: ["upperlimit", "--json", "--points", "2"], best: ["fit"] }[which];
      const { status, out, err } = await run([...args, path]);
      if (want === null) {
        expect(status, which).toBe(1);
        expect(err, which).toMatch(says!);
        if (which === "limit") expect(JSON.parse(out).observed).toBeNull();
        else expect(out).toBe("");
        continue;
      }
      expect(status, `${which}: ${err}`).toBe(0);
      const got = (read(out) as number[]).slice().sort((a, b) => a - b);
      const wanted = [want].flat().sort((a, b) => a - b);
      if (which !== "best") near(got[0]!, wanted[0]!, which);
      else
        for (const value of wanted)
          near(
            got.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a)),
            value,
            which,
          );
    }
  });
});

describe("other commands on data that are impossible", () => {
  const path = () => file("23", cases["23 nothing expected"]!.document);
  test.each(["ranking", "pulls", "yields", "scan", "gof", "significance"])(
    "%s ends with 1",
    async (command) => {
      const { status, out, err } = await run([command, path(), "--json"]);
      expect([status, out]).toEqual([1, ""]);
      expect(err).toMatch(impossible(1, 2));
    },
  );
  test("yields before the fit need none", async () => {
    const { status, out } = await run(["yields", path(), "--prefit", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out).channels[0].total).toEqual([7, 0]);
  });
});

describe("a minimum on a bound", () => {
  const path = () => file("35", sr([2], [0.5], n(0.7, 1.3), [0], [], [normsys("acc", 1.2, 0.8)]));
  test("has an interval to one side", async () => {
    const pulls = JSON.parse((await run(["pulls", path(), "--json"])).out).parameters;
    expect(pulls.find(({ name }: { name: string }) => name === "mu")).toMatchObject({
      best: 0,
      uncertainty: null,
    });
    near(pulls[0].interval[1], 0.252629, "interval");
    const ranking = JSON.parse((await run(["ranking", path(), "--json"])).out);
    expect(ranking).toMatchObject({ best: 0, uncertainty: null });
    expect(ranking.impacts.map(({ name }: { name: string }) => name).sort()).toEqual(["acc", "n"]);
    const scan = await run([
      "scan",
      path(),
      "--parameter",
      "mu",
      "--range",
      "0..3",
      "--points",
      "3",
      "--json",
    ]);
    expect(scan.status).toBe(0);
    near(JSON.parse(scan.out).rise[2], 10.5959, "rise");
    expect((await run(["yields", path()])).status).toBe(0);
    expect((await run(["pulls", path()])).out).toMatch(/mu +0 \+0\.253 -0/);
  });

  test("of impacts is told, and marked in the table", async () => {
    const ranked = await run(["ranking", file("21", cases["21 shapesys of 200 %"]!.document)]);
    expect(ranked.status).toBe(0);
    expect(ranked.out).toMatch(/v\[0\] +\+0\.0772 \| /);
    expect(ranked.err).toMatch(/marked \|/);
  });
});
