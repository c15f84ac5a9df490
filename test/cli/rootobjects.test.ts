// A training on jagged branches of a ROOT file: what is selected is what loops over the branches select.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { aboutEvents, readTable } from "../../src/events/index.js";
import { init } from "../../src/index.js";
import { run } from "../kit/clirun.js";
import { rootFile } from "../kit/rootfiles.js";
import { scratch } from "../kit/scratch.js";

beforeAll(() => init());

const { file, why } = rootFile("uproot-HZZ.root");

const { at } = scratch();
const spec = `${file}:events`;
const cut =
  "count(hypot(Jet.Px, Jet.Py) > {jetPt = 30}) >= 1 && count(pairs(Muon)[hypot(a.Px + b.Px, a.Py + b.Py) > {pairPt = 15}]) >= 1";

/** The two components of each row of each event. */
async function rowsOf(table: "Jet" | "Muon"): Promise<(readonly [number, number])[][]> {
  const names = [`${table}_Px`, `${table}_Py`];
  const read = await readTable(spec, names);
  const [x, y] = names.map((name) => read[name] as unknown as { offsets: Int32Array; content: Float32Array });
  const offsets = [...x!.offsets];
  return offsets
    .slice(1)
    .map((end, i) =>
      Array.from({ length: end - offsets[i]! }, (_, j) => [
        x!.content[offsets[i]! + j]!,
        y!.content[offsets[i]! + j]!,
      ]),
    );
}

describe.skipIf(why !== "")("a training on jagged branches", () => {
  it("ends in a model that selects what loops do", async () => {
    const args = ["train", "--signal", spec, "--background", spec, "--weight", "EventWeight", "--cut", cut];
    const filters = ["--signal-filter", "count(Muon) >= 2", "--background-filter", "count(Muon) < 3"];
    const how = ["--steps", "8", "--lr", "0.5", "--threads", "1", "--json", "--out", at("out")];
    const { status, out, err } = await run([...args, ...filters, ...how]);
    expect([status, err]).toEqual([0, expect.stringContaining("2421 events")]);
    const result = JSON.parse(out);
    const { jetPt, pairPt } = JSON.parse(readFileSync(at("out/model.json"), "utf8")).cut.thresholds;
    expect([jetPt === 30, pairPt === 15]).toEqual([false, false]);
    expect(result.objective.end).toBeGreaterThan(result.objective.start);
    // A tenth of a range of the data, which is not 1.
    expect(result.cuts.pairPt.column).toBe("hypot(a.Px + b.Px, a.Py + b.Py) of pairs(Muon)");
    expect(result.cuts.pairPt.width.end).toBeGreaterThan(1.5);
    const { columns } = JSON.parse(readFileSync(at("out/plot.json"), "utf8"));
    expect(columns.map(({ column }: { column: string }) => column)).toEqual([
      "hypot(Jet.Px, Jet.Py)",
      result.cuts.pairPt.column,
    ]);

    const [jets, muons] = await Promise.all([rowsOf("Jet"), rowsOf("Muon")]);
    const passes = (i: number) =>
      jets[i]!.some(([x, y]) => Math.hypot(x, y) > jetPt) &&
      muons[i]!.some(([x, y], a) =>
        muons[i]!.slice(a + 1).some(([u, v]) => Math.hypot(x + u, y + v) > pairPt),
      );
    const all = [...jets.keys()].filter(passes);
    expect(all.length).toBeGreaterThan(50);
    const { signal, background } = result.yields;
    expect(signal.hard.entries).toBe(all.filter((i) => muons[i]!.length >= 2).length);
    expect(background.hard.entries).toBe(all.filter((i) => muons[i]!.length < 3).length);
    const selected = at("selected.parquet");
    const applied = await run(["apply", "--model", at("out/model.json"), "--out", selected, spec]);
    expect([applied.status, applied.err]).toEqual([0, ""]);
    expect(aboutEvents(await readTable(selected)).rows).toBe(all.length);
  }, 30_000);
});
