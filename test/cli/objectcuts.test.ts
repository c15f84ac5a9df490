import { beforeAll, describe, expect, it } from "vitest";
import { aboutEvents, readTable, writeTable } from "../../src/events/index.js";
import { init, nested, table } from "../../src/index.js";
import { failure, run } from "../kit/clirun.js";
import { loopEvents, loops } from "../kit/objectloops.js";
import { objectEvents } from "../kit/objects.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();
const made = objectEvents(500);
const file = at("events.parquet");

beforeAll(async () => {
  await init();
  const { offsets, columns } = made.jets;
  const jets = nested(offsets, columns);
  const muons = nested(made.muons.offsets, made.muons.columns);
  await writeTable(file, table({ met: made.met, weight: made.weight, jets, muons }));
});

const passing = (name: string) => loopEvents(made).filter((event) => loops[name]!(event)[0]).length;

describe("rows of tables on the command line", () => {
  it.each([
    ["central", "count(jets.pt > 30.1 && abs(jets.eta) < 2.4) >= 4"],
    ["ht", "sum(jets.pt[jets.pt > 30.1 && abs(jets.eta) < 2.4]) > 200"],
    ["apart", "all(deltaR(jets, muons) > 0.4)"],
    ["last", "jets.pt[-1] > 40"],
  ])("apply selects what loops select: %s", async (name, text) => {
    const out = at(`${name}.parquet`);
    const { status, err } = await run(["apply", "--cut", text, "--out", out, file]);
    expect([status, err]).toEqual([0, ""]);
    expect(aboutEvents(await readTable(out)).rows).toBe(passing(name));
  });

  it("apply counts rows of which no column is asked for", async () => {
    const text = "count(jets) >= 4 && count(pairs(jets)[a.pt + b.pt > 60]) >= 2";
    const many = loopEvents(made).filter(
      ({ jets }) =>
        jets.length >= 4 &&
        jets.flatMap((a, i) => jets.slice(i + 1).filter((b) => a.pt + b.pt > 60)).length >= 2,
    ).length;
    const out = at("counted.parquet");
    for (const more of [[], ["--out", out]]) {
      const answer = await run(["apply", "--cut", text, ...more, file]);
      expect([answer.status, answer.err]).toEqual([0, ""]);
      expect(answer.out).toContain(`${many} of 500 events`);
    }
    expect(aboutEvents(await readTable(out)).rows).toBe(many);
    const only = await run(["apply", "--cut", "count(jets) >= 4", file]);
    const four = loopEvents(made).filter(({ jets }) => jets.length >= 4).length;
    expect([only.status, only.out]).toEqual([0, expect.stringContaining(`${four} of 500 events`)]);
  });

  it("trains on what definitions make of rows", async () => {
    const { status, out } = await run([
      ...["train", "--signal", file, "--background", file, "--weight", "weight", "--threads", "1", "--json"],
      ...[
        "--define",
        "ht = sum(jets.pt)",
        "--define",
        "lead = jets.pt[0]",
        "--filter",
        "count(jets.pt > 20) >= 2",
      ],
      ...["--cut", "ht > {ht = 100} && lead > 10", "--steps", "3", "--out", at("out")],
    ]);
    expect(status).toBe(0);
    const many = loopEvents(made).filter(({ jets }) => jets.filter(({ pt }) => pt > 20).length >= 2);
    expect(JSON.parse(out).yields.signal.all.entries).toBe(many.length);
  });

  it.each([
    ["jets.pt > 30", "This is a number of each row of a table"],
    ["count(jets.pt > 30) >= 4 && sum(muons.mas) > 3", "muons.mas"],
  ])("says what it cannot do: %s", async (text, sentence) => {
    expect(await failure("apply", "--cut", text, file)).toContain(sentence);
  });
});
