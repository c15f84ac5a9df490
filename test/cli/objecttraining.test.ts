// Trainings of the program on cuts of rows of tables: what model.json selects is what the report counts.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { trainingTable } from "../../src/cli/training/trainingtable.js";
import { aboutEvents, eventsOf, readTable, writeTable } from "../../src/events/index.js";
import { type Cut, cut, type Events, init, nested, table } from "../../src/index.js";
import { failure, run } from "../kit/clirun.js";
import { type LoopEvent, loopEvents } from "../kit/objectloops.js";
import { type ObjectEvents, objectEvents } from "../kit/objects.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();
const [signalFile, ...backgroundFiles] = ["signal", "one", "two"].map((name) => at(`${name}.parquet`));
const files = ["--signal", signalFile!, ...backgroundFiles.flatMap((file) => ["--background", file])];

/** Signal has harder and more central jets. */
function made(rows: number, seed: number, scale: number): ObjectEvents {
  const events = objectEvents(rows, seed);
  const { pt, eta, ...others } = events.jets.columns;
  const jets = { ...others, pt: pt.map((x) => x * scale), eta: eta.map((x) => x / scale) };
  return { ...events, jets: { ...events.jets, columns: jets } };
}
const signal = made(700, 3, 1.4);
const background = [made(500, 4, 1), made(400, 5, 1)];

const tableOf = ({ met, weight, jets, muons }: ObjectEvents) =>
  table({
    met,
    weight,
    jets: nested(jets.offsets, jets.columns),
    muons: nested(muons.offsets, muons.columns),
  });

beforeAll(async () => {
  await init();
  await writeTable(signalFile!, tableOf(signal));
  for (const [i, events] of background.entries()) await writeTable(backgroundFiles[i]!, tableOf(events));
});

const text =
  "count(jets.pt > {jetPt = 30} && abs(jets.eta) < {jetEta = 2.4}) >= 3 && sum(jets.pt[jets.pt > {jetPt}]) > {ht = 150}";
const central = (jetPt: number, jetEta: number, ht: number) => (event: LoopEvent) => {
  const hard = event.jets.filter(({ pt }) => pt > jetPt);
  return (
    hard.filter(({ eta }) => Math.abs(eta) < jetEta).length >= 3 &&
    hard.reduce((sum, { pt }) => sum + pt, 0) > ht
  );
};
const trained = (...more: string[]) => trainedOn(text, ...more);
const trainedOn = async (cutText: string, ...more: string[]) => {
  const { status, out, err } = await run([
    ...["train", ...files, "--weight", "weight", "--cut", cutText, "--threads", "1", "--json", ...more],
  ]);
  expect([status, err]).toEqual([0, expect.stringContaining("700 events")]);
  return JSON.parse(out);
};

const modelOf = (out: string) => JSON.parse(readFileSync(`${out}/model.json`, "utf8"));

describe("a training on a cut of rows", () => {
  /** One training for what it selects and what is drawn of it. */
  let plain: Promise<{ out: string; result: Awaited<ReturnType<typeof trained>> }>;
  beforeAll(() => {
    const out = at("plain");
    plain = trained("--steps", "20", "--out", out, "--filter", "met > 5").then((result) => ({ out, result }));
  });

  it("ends in a model that selects what the report counts, as loops do", async () => {
    const { out, result } = await plain;
    const { jetPt, jetEta, ht } = modelOf(out).cut.thresholds;
    expect([jetPt === 30, jetEta === 2.4, ht === 150]).toEqual([false, false, false]);
    expect(result.objective.end).toBeGreaterThan(result.objective.start);
    const selects = central(jetPt, jetEta, ht);
    const passes = (event: LoopEvent) => event.met > 5 && selects(event);
    for (const [name, tables, paths] of [
      ["signal", [signal], [signalFile!]],
      ["background", background, backgroundFiles],
    ] as const) {
      const kept = tables.map((events) => loopEvents(events).filter(passes));
      const hard = result.yields[name].hard;
      expect(hard.entries).toBe(kept.flat().length);
      expect(hard.sum).toBeCloseTo(
        kept.flat().reduce((sum, { weight }) => sum + weight, 0),
        6,
      );
      expect(result.cutflow.at(-1).perSample[name]).toEqual(hard);
      const selected = at(`${name}-selected.parquet`);
      const applied = await run(["apply", "--model", `${out}/model.json`, "--out", selected, ...paths]);
      expect([applied.status, applied.err]).toEqual([0, ""]);
      const read = await readTable(selected);
      expect(aboutEvents(read).rows).toBe(hard.entries);
      expect([...(read.weight as Float32Array)]).toEqual(kept.flat().map(({ weight }) => weight));
    }
  });

  it("draws rows with the weights of their events, and planes of events alone", async () => {
    const { out } = await plain;
    const { columns, plane } = JSON.parse(readFileSync(`${out}/plot.json`, "utf8"));
    expect(columns.map(({ column }: { column: string }) => column)).toEqual([
      "jets.pt",
      "abs(jets.eta)",
      "sum(jets.pt[jets.pt > 30])",
    ]);
    expect(columns.map((column: object) => "selected" in column)).toEqual([false, false, true]);
    expect(plane).toBeUndefined();
    const { range, perSample } = columns[1].all;
    const rows = loopEvents(signal).filter(({ met }) => met > 5);
    const inRange = rows.flatMap(({ jets, weight }) =>
      jets.flatMap(({ eta }) => (Math.abs(eta) >= range[0] && Math.abs(eta) < range[1] ? [weight] : [])),
    );
    const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
    expect(sum(perSample.signal) / sum(inRange)).toBeCloseTo(1, 6);
    expect(readFileSync(`${out}/report.html`, "utf8")).toContain("abs(jets.eta)");
  });

  it("takes batches and holds events out, and goes on from a checkpoint with the same bits", async () => {
    const short = "count(jets.pt > {jetPt = 30}) >= 2";
    const how = ["--batch", "300", "--validation", "0.3", "--lr", "0.05"];
    const whole = await trainedOn(short, ...how, "--steps", "6", "--out", at("whole"));
    expect(whole.validation.yields.signal.all.entries).toBe(210);
    const saved = ["--checkpoint", at("ck"), "--checkpoint-every", "2"];
    await trainedOn(short, ...how, ...saved, "--steps", "3");
    const more = await trainedOn(short, ...how, ...saved, "--resume", "--steps", "6", "--out", at("more"));
    expect(modelOf(at("more")).cut).toEqual(modelOf(at("whole")).cut);
    expect(more.validation.yields).toEqual(whole.validation.yields);
    // Other events in a table of rows are other events.
    const args = [...files.slice(0, 2), "--background", signalFile!, "--weight", "weight", "--cut", short];
    const message = await failure("train", ...args, ...how, ...saved, "--resume", "--steps", "6");
    expect(message).toContain("is of another training");
  });

  it("starts from a scan, and anneals to what selects", async () => {
    const how = [
      "--scan",
      "--anneal",
      "ht=20..1",
      "--anneal",
      "jets.pt=5..0.5",
      "--anneal",
      "jetEta=0.2..0.02",
    ];
    const result = await trained(...how, "--dtype", "f64", "--steps", "10", "--out", at("scan"));
    expect(result.cuts.jetPt).toMatchObject({ written: 30, width: { start: 5, end: 0.5 } });
    expect(result.objective.start).toBeGreaterThan(10);
    const { soft, hard } = result.yields.signal;
    expect(Math.abs(soft.sum / hard.sum - 1)).toBeLessThan(0.03);
    expect(result.cuts.jetEta.width).toEqual({ start: 0.2, end: 0.02 });
    expect(result.warnings.filter((warning: string) => warning.includes("stuck"))).toEqual([]);
  });

  it("trains beside a network of rows", async () => {
    const net = ["--net", "count(jets.pt > 25), met, sum(jets.pt):4"];
    const result = await trained(...net, "--steps", "2", "--out", at("net"));
    const model = modelOf(at("net"));
    expect(model.net.inputs).toEqual(["count(jets.pt > 25)", "met", "sum(jets.pt)"]);
    const { status, out } = await run(["apply", "--model", `${at("net")}/model.json`, signalFile!]);
    expect([status, out]).toEqual([
      0,
      expect.stringContaining(`${result.network.yields.signal.entries} of 700 events`),
    ]);
  });

  it("has its tables in memory that threads share", () => {
    const { jets } = tableOf(signal);
    const values = table({ jets }, { dtype: "f64" });
    const sample = { name: "signal", read: 700, rows: 700, values, weight: null, files: [], notes: [] };
    const reading = { cut: cut(text) as unknown as Cut, net: null };
    const made = trainingTable(reading, sample, { dtype: "f32", shared: true });
    const rows = made.jets as Events;
    expect(Object.keys(rows)).toEqual(["pt", "eta"]);
    expect((rows.pt as Float32Array).buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(rows.pt).toEqual(signal.jets.columns.pt);
    expect(aboutEvents(rows).offsets).toEqual(signal.jets.offsets);
  });

  it("says what is odd about numbers of rows, and drops their events", async () => {
    const pt = signal.jets.columns.pt.slice();
    const second = signal.jets.offsets.findIndex((offset, i) => offset + 1 < signal.jets.offsets[i + 1]!);
    pt[signal.jets.offsets[second]!] = Number.NaN;
    pt[signal.jets.offsets[second]! + 1] = Number.POSITIVE_INFINITY;
    const btag = signal.jets.columns.btag.map((x, i) => (i % 5 === 0 ? -999 : x));
    const odd = at("odd.parquet");
    const columns = { ...signal.jets.columns, pt, btag };
    await writeTable(odd, tableOf({ ...signal, jets: { ...signal.jets, columns } }));
    const args = ["train", "--signal", odd, ...files.slice(2), "--threads", "1", "--steps", "1", "--json"];
    const cutOn = ["--cut", "count(jets.pt > {a = 30} && jets.btag > {b = 0.5}) >= 2"];
    const { err } = await run([...args, ...cutOn, "--bad", "drop"]);
    expect(err).toContain("signal: 699 of 700 events");
    expect(err).toContain("jets.pt (--cut) is not finite in 1 of 700 signal events");
    expect(err).toMatch(
      /jets\.btag is -999 in \d+ of \d+ rows of signal, .*cut it off with jets\.btag > fixed/,
    );
    expect(await failure(...args, ...cutOn, "--bad", "refuse")).toContain(
      '--filter "all(abs(jets.pt) < 1e30)"',
    );
  });

  it.each([
    ["i32", (x: Int32Array) => x],
    ["i64", (x: Int32Array) => BigInt64Array.from(x, BigInt)],
    ["u64", (x: Int32Array) => BigUint64Array.from(x, BigInt)],
  ])("takes integers of rows as %s, their bits and those of one row", async (kind, as) => {
    const [file, out] = [at(`${kind}.parquet`), at(`${kind}-out`)];
    const { offsets, columns } = signal.jets;
    const jets_pt = { offsets, content: columns.pt };
    const jets_jetId = { offsets, content: as(Int32Array.from(columns.jetId)) };
    await writeTable(file, eventsOf({ weight: signal.weight, jets_pt, jets_jetId }));
    const text = "count(jets.jetId & 2) >= 1 && max(jets.jetId) > fixed(1) && sum(jets.pt) > {ht = 80}";
    const sources = ["--signal", file, "--background", file, "--weight", "weight", "--steps", "3"];
    for (const dtype of ["f32", "f64"]) {
      const args = ["train", ...sources, "--cut", text, "--dtype", dtype, "--out", out, "--json"];
      const { status, out: json, err } = await run(args);
      expect([status, err]).toEqual([0, expect.stringContaining("700 events")]);
      const { ht } = JSON.parse(json).cuts;
      const pass = ({ jets }: LoopEvent) =>
        jets.some(({ jetId }) => (jetId & 2) !== 0) &&
        Math.max(...jets.map(({ jetId }) => jetId)) > 1 &&
        jets.reduce((sum, { pt }) => sum + pt, 0) > ht.end;
      const count = loopEvents(signal).filter(pass).length;
      expect(count).toBeGreaterThan(0);
      expect((await run(["apply", "--model", `${out}/model.json`, file])).out).toContain(`${count} of 700`);
    }
  });

  it("says of which sample no event can pass, softly either", async () => {
    const sources = ["--background", signalFile!, "--steps", "1"];
    const none = at("none.parquet");
    const { offsets, columns } = signal.jets;
    const firsts = offsets.slice(0, -1).filter((offset, i) => offset < offsets[i + 1]!);
    const one = nested(
      Int32Array.from(offsets, (offset) => firsts.filter((first) => first < offset).length),
      { pt: Float32Array.from(firsts, (first) => columns.pt[first]!) },
    );
    await writeTable(none, table({ met: signal.met, jets: one }));
    for (const text of ["count(jets) >= 2 && met > {m = 20}", "count(pairs(jets)[a.pt > {c = 20}]) >= 1"])
      for (const [name, samples] of [
        ["signal", ["--signal", none, ...sources]],
        ["background", ["--signal", signalFile!, "--background", none, "--steps", "1"]],
      ] as const) {
        const message = await failure("train", ...samples, "--threads", "1", "--cut", text);
        expect(message).toContain(`No ${name} event can pass --cut "${text}": each of the 700 fails`);
        expect(message).not.toContain("NaN");
      }
  });

  it("says what it cannot do", async () => {
    const args = ["train", ...files, "--cut"];
    expect(await failure(...args, "jets.pt > 30")).toContain("each row of");
    expect(await failure(...args, "max(jets) > 30")).toContain("write max(jets.pt)");
    expect(await failure(...args, "count(jets.pq > {a = 30}) >= 2")).toContain("jets.pq");
    // What only the tables tell has its place and its option, as what the text tells.
    const late: [option: string, text: string, place: string, words: string][] = [
      ["cut", "sum(jets.pt[muons.pt > 1]) > {a = 3}", "muons.pt > 1", "no condition of rows of jets"],
      ["cut", "count(met) > {a = 1}", "count(met)", "one per event"],
      ["filter", "max(met, jets) > 3", "jets", "where a number is needed"],
      ["weight", "max(met, jets)", "jets", "where a number is needed"],
      ["cut", "max(jets.pt, pairs(jets)) > {a = 3}", "pairs(jets)", "These are combinations of jets, where"],
      ["net", "count(met):2", "count(met)", "one per event"],
    ];
    for (const [option, text, place, words] of late) {
      const given = option === "cut" ? [text] : ["met > {m = 20}", `--${option}`, text];
      const message = await failure(...args, ...given);
      const [first, line, carets] = message.slice(message.lastIndexOf("gradcut: ")).split("\n");
      expect(first).toContain(`--${option}: `);
      expect(first).toContain(words);
      const at = carets!.indexOf("^");
      expect(line!.slice(at, at + carets!.trim().length)).toBe(place);
    }
    expect(await failure(...args, "max(jets.pt, pairs(jets)) > {a = 3}")).toContain(
      "Take how many there are: count(pairs(jets)).",
    );
    const named = ["--define", "jets = met", "--net", "jets:2"];
    expect(await failure(...args, "count(jets.pt > {a = 30}) >= 2", ...named)).toContain("is a table");
    // A width of the momenta is none of their sum.
    const width = ["--width", "jets.pt=3"];
    expect(await failure(...args, "sum(jets.pt) > {ht = 100}", ...width)).toContain("no threshold jets.pt");
  });
});
