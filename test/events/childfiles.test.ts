// Child tables in files: what their names say, what is read of them, and what is written is read again.

import { readFileSync } from "node:fs";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  aboutEvents,
  childrenOf,
  type Events,
  isJagged,
  type Jagged,
  type Numbers,
} from "../../src/core/events.js";
import { childPath, namings } from "../../src/events/childnames.js";
import { column, select } from "../../src/events/columns.js";
import { concatenate } from "../../src/events/concatenate.js";
import { DataError } from "../../src/events/dataerror.js";
import { readParquet } from "../../src/events/formats/parquet/readparquet.js";
import { BasketReader, type Branch } from "../../src/events/formats/root/basket.js";
import { planBranches } from "../../src/events/formats/root/branchplan.js";
import { rootPieces } from "../../src/events/formats/root/readroot.js";
import type { Tree } from "../../src/events/formats/root/roottree.js";
import { readTable, tablePieces } from "../../src/events/opentable.js";
import { readPieces, readTables } from "../../src/events/readtables.js";
import { tables } from "../../src/events/tables.js";
import { withChildren } from "../../src/events/withchildren.js";
import { writeTable } from "../../src/events/writetable.js";
import { compile, cut, init, nested, type Traced, table } from "../../src/index.js";
import { jetEvents, rowsOf } from "../kit/childtables.js";
import { errorOf, generator, scratch, sourceOf } from "../kit/data-help.js";
import { rootFile } from "../kit/rootfiles.js";
import { runs } from "../kit/runs.js";

const { path } = scratch();
const { file: nano, why } = rootFile("nanoAOD_2015_CMS_Open_Data_ttbar.root");

const jagged = (counts: readonly number[], from = 0): Jagged => {
  const offsets = Int32Array.from([
    0,
    ...counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b)),
  ]);
  return { offsets, content: Float32Array.from({ length: offsets.at(-1)! }, (_, i) => from + i) };
};
const counts = [2, 0, 1, 3];

describe("names of columns", () => {
  test.each([
    ["Jet_pt", ["Jet", "pt"]],
    ["GenJetAK8_hadronFlavour", ["GenJetAK8", "hadronFlavour"]],
    ["Jet_btag_deep", ["Jet", "btag_deep"]],
    ["Jet.PT", ["Jet", "PT"]],
    ["AnalysisJetsAuxDyn.NumTrkPt500", ["AnalysisJetsAuxDyn", "NumTrkPt500"]],
    ["My_Jet.b_tag", ["My_Jet", "b_tag"]],
    ["PSWeight", null],
    ["_pt", null],
    ["Jet_", null],
    ["a.", null],
  ])("%s", (name, path) => expect(childPath(name)).toEqual(path));

  test("each way of naming splits its own example", () => {
    for (const { words, separator } of Object.values(namings)) {
      const [, example] = /`(.*?)`/.exec(words)!;
      const [child, column] = childPath(example!)!;
      expect(child + separator + column).toBe(example);
    }
  });
});

describe("jagged columns as child tables", () => {
  test("of equal numbers in each row, with the arrays of the columns", () => {
    const columns = {
      Jet_pt: jagged(counts),
      Jet_eta: jagged(counts, 10),
      el_pt: jagged([1, 1, 0, 0]),
      n: Int32Array.of(1, 2, 3, 4),
    };
    const events = withChildren(columns, { rows: 4, nulls: new Map([["Jet_eta", 2]]) });
    expect(aboutEvents(events).names).toEqual(Object.keys(columns));
    expect(childrenOf(events).map(([name, child]) => [name, Object.keys(child)])).toEqual([
      ["Jet", ["pt", "eta"]],
      ["el", ["pt"]],
    ]);
    const Jet = events.Jet as Events;
    expect(Jet.pt).toBe(columns.Jet_pt.content);
    expect((events.Jet_eta as Jagged).content).toBe(columns.Jet_eta.content);
    // One array of offsets is kept for all.
    expect((events.Jet_eta as Jagged).offsets).toBe(aboutEvents(Jet).offsets);
    expect(aboutEvents(Jet).nulls).toEqual(new Map([["eta", 2]]));
  });

  test("of those that differ the most are taken, of as many the first", () => {
    const other = [1, 1, 1, 1];
    const names = (columns: Record<string, Jagged>) =>
      Object.keys(withChildren(columns, { rows: 4 }).jet as Events);
    expect(names({ jet_pt: jagged(counts), jet_trk: jagged(other), jet_eta: jagged(counts) })).toEqual([
      "pt",
      "eta",
    ]);
    expect(names({ jet_pt: jagged(counts), jet_a: jagged(other), jet_b: jagged(other) })).toEqual(["a", "b"]);
    expect(names({ jet_pt: jagged(counts), jet_trk: jagged(other) })).toEqual(["pt"]);
    // What stays flat is still there.
    const events = withChildren({ jet_pt: jagged(counts), jet_trk: jagged(other) }, { rows: 4 });
    expect(column(events, "jet_trk")).toEqual(jagged(other));
    expect(() => column(events, "jet.trk")).toThrow(/no column jet.trk/);
  });

  test("no child has the name of a column, and none a column twice", () => {
    const events = withChildren(
      {
        Jet: Int32Array.of(0, 0, 0, 0),
        Jet_pt: jagged(counts),
        "a.b": jagged(counts),
        a_b: jagged(counts, 5),
      },
      { rows: 4 },
    );
    expect(childrenOf(events).map(([name]) => name)).toEqual(["a"]);
    expect((events.a as Events).b).toBe((events["a.b"] as Jagged).content);
    expect((column(events, "a_b") as Jagged).content[0]).toBe(5);
  });

  test("selections and joins keep them, and one copy of each array", () => {
    const make = (n: readonly number[]) =>
      withChildren(
        { Jet_pt: jagged(n), Jet_eta: jagged(n, 7), x: new Int32Array(n.length) },
        { rows: n.length },
      );
    const [a, b] = [make(counts), make([0, 2])];
    const some = select(a, [1, 0, 0, 1]);
    expect(rowsOf(some)).toEqual([rowsOf(a)[0], rowsOf(a)[3]]);
    const joined = concatenate([a, b]);
    expect(rowsOf(joined)).toEqual([...rowsOf(a), ...rowsOf(b)]);
    for (const events of [some, joined]) {
      expect(aboutEvents(events).names).toEqual(["Jet_pt", "Jet_eta", "x"]);
      expect((events.Jet_pt as Jagged).content).toBe((events.Jet as Events).pt);
      expect((events.Jet_pt as Jagged).offsets).toBe((events.Jet_eta as Jagged).offsets);
    }
  });

  test("a column that is one of a child in some of the files only stays flat where they are joined", () => {
    const a = withChildren({ Jet_pt: jagged(counts), Jet_m: jagged(counts) }, { rows: 4 });
    const b = withChildren({ Jet_pt: jagged([1, 2]), Jet_m: jagged([0, 2]) }, { rows: 2 });
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      const joined = concatenate([first, second]);
      expect(Object.keys(joined.Jet as Events)).toEqual(["pt"]);
      const m = column(joined, "Jet_m") as Jagged;
      expect(m.offsets.length).toBe(7);
      expect([...m.content]).toEqual([
        ...(column(first, "Jet_m") as Jagged).content,
        ...(column(second, "Jet_m") as Jagged).content,
      ]);
    }
  });
});

describe("child tables in Parquet", () => {
  test("are written as lists of records, and read again", async () => {
    const { jets, leptons, row, w } = jetEvents(50);
    const { tracks: _, ...flat } = jets;
    const events = table({ row, w, jets: nested(aboutEvents(jets).offsets!, flat), my_leptons: leptons });
    const file = path("records.parquet", "");
    await writeTable(file, events);
    const again = await readTable(file);
    expect(rowsOf(again).map(({ row, w, jets, my_leptons }) => ({ row, w, jets, my_leptons }))).toEqual(
      rowsOf(events),
    );
    expect(childrenOf(again).map(([name]) => name)).toEqual(["jets", "my_leptons"]);
    expect(aboutEvents(again).names).toEqual([
      "row",
      "w",
      "jets_pt",
      "jets_eta",
      "jets_flags",
      "jets_tight",
      "my_leptons_pt",
    ]);
    const kinds = Object.values(again.jets as Events).map((column) => column.constructor);
    expect(kinds).toEqual([Float32Array, Float64Array, Int32Array, Uint8Array]);
    // Once more, of what was read.
    const twice = path("twice.parquet", "");
    await writeTable(twice, again);
    expect(rowsOf(await readTable(twice))).toEqual(rowsOf(again));
  });

  test("are read by the names of lists, flat names and all", async () => {
    const columns = {
      Jet_pt: jagged(counts),
      Jet_eta: jagged(counts, 3),
      "mu.pt": jagged([0, 0, 2, 0]),
      n: Int32Array.from(counts),
    };
    const file = path("lists.parquet", "");
    await writeTable(file, withChildren(columns, { rows: 4 }));
    const all = await readTable(file);
    expect(rowsOf(all)).toEqual(rowsOf(withChildren(columns, { rows: 4 })));
    const some = await readTable(file, ["Jet.eta", "n"]);
    expect(rowsOf(some)).toEqual(
      rowsOf(all).map(({ n, Jet }) => ({ n, Jet: (Jet as { eta: number }[]).map(({ eta }) => ({ eta })) })),
    );
    expect(aboutEvents(some).names).toEqual(["n"]);
    const both = await readTable(file, ["Jet_pt", "Jet.pt", "Jet.eta", "mu.pt"]);
    expect(aboutEvents(both).names).toEqual(["Jet_pt", "mu.pt"]);
    expect((both.Jet_pt as Jagged).content).toBe((both.Jet as Events).pt);
    expect(Object.keys(both.mu as Events)).toEqual(["pt"]);
    expect((await errorOf(readTable(file, ["Jet.ptt"]))).message).toMatch(
      /no column Jet.ptt. Did you mean Jet.pt\?/,
    );
    // The table alone is its rows, with a column.
    for (const [wanted, names] of [
      [["Jet"], ["pt"]],
      [["Jet", "Jet.eta"], ["eta"]],
    ] as const) {
      const rows = await readTable(file, wanted);
      expect(Object.keys(rows.Jet as Events)).toEqual(names);
      expect(aboutEvents(rows)).toMatchObject({ rows: 4, names: [] });
      const { Jet } = await tables(file, { columns: wanted as readonly string[] });
      expect(aboutEvents(Jet as unknown as Events).rows).toBe(6);
    }
    expect((await errorOf(readTable(file, ["n.x"]))).code).toBe("data.unknownColumn");
  });

  test("columns asked for as those of one child must have equally many numbers", async () => {
    const file = path("unequal.parquet", "");
    await writeTable(
      file,
      withChildren(
        { jet_pt: jagged(counts), jet_trk: jagged([2, 0, 4, 3]), jet_eta: jagged(counts) },
        { rows: 4 },
      ),
    );
    const error = await errorOf(readTable(file, ["jet.pt", "jet.trk"]));
    expect(error).toMatchObject({ code: "data.mismatch", column: "jet_trk" });
    expect(error.message).toMatch(
      /jet_pt and jet_trk are not of one child table jet: they have 1 and 4 numbers in row 3/,
    );
    // Asked for alone it is a child; beside others by flat names the asked one decides.
    const alone = await readTable(file, ["jet.trk", "jet_pt", "jet_eta"]);
    expect(Object.keys(alone.jet as Events)).toEqual(["trk"]);
    expect(aboutEvents(alone).names).toEqual(["jet_pt", "jet_eta"]);
  });

  test("nulls, missing numbers and pieces", async () => {
    const schema: SchemaElement[] = [
      { name: "schema", num_children: 1 },
      { name: "Jet", converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", repetition_type: "OPTIONAL", num_children: 2 },
      { name: "pt", type: "FLOAT", repetition_type: "OPTIONAL" },
      { name: "id", type: "INT32", repetition_type: "OPTIONAL" },
    ];
    const data = [
      [{ pt: 1, id: 1 }, null],
      null,
      [],
      [
        { pt: null, id: -999 },
        { pt: -999, id: 4 },
      ],
      [{ pt: 5, id: 5 }],
    ];
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({ writer, schema });
    parquet.write({ columnData: [{ name: "Jet", data }], rowGroupSize: 2 });
    parquet.finish();
    const file = path("nulls.parquet", new Uint8Array(writer.getBuffer()));
    const nan = Number.NaN;
    const want = [
      [
        { pt: 1, id: 1 },
        { pt: nan, id: nan },
      ],
      [],
      [],
      [
        { pt: nan, id: nan },
        { pt: nan, id: 4 },
      ],
      [{ pt: 5, id: 5 }],
    ];
    for (const columns of [undefined, ["Jet.pt", "Jet.id"]]) {
      const all = await readTable(file, columns, { missing: ["-999"] });
      expect(rowsOf(all).map(({ Jet }) => Jet)).toEqual(want);
      expect(aboutEvents(all.Jet as Events).nulls).toEqual(
        new Map([
          ["pt", 3],
          ["id", 2],
        ]),
      );
      const pieces: Events[] = [];
      for await (const piece of tablePieces(file, columns, { missing: ["-999"] })) pieces.push(piece);
      expect(pieces.length).toBe(3);
      expect(rowsOf(concatenate(pieces))).toEqual(rowsOf(all));
    }
    expect(aboutEvents(await readTable(file)).nulls).toEqual(
      new Map([
        ["Jet_pt", 2],
        ["Jet_id", 1],
      ]),
    );
  });

  test("of several files, and in a tree of them", async () => {
    const files = [1, 2].map((seed) => path(`part${seed}.parquet`, ""));
    const parts = [jetEvents(20, 1), jetEvents(30, 2)].map(({ row, jets }) => {
      const { tracks: _, ...flat } = jets;
      return table({ row, jets: nested(aboutEvents(jets).offsets!, flat) });
    });
    for (const [i, part] of parts.entries()) await writeTable(files[i]!, part);
    const { table: all } = await readTables(files);
    expect(rowsOf(all)).toEqual(parts.flatMap(rowsOf));
    const wanted = ["jets.pt", "row", "jets.flags"] as const;
    const pieces: Events[] = [];
    for await (const piece of readPieces(files, wanted)) pieces.push(piece.table);
    const some = rowsOf(all).map(({ row, jets }) => ({
      row,
      jets: (jets as Record<string, number>[]).map(({ pt, flags }) => ({ pt, flags })),
    }));
    expect(rowsOf(concatenate(pieces))).toEqual(some);
    const read = await tables(
      { both: files, one: files[0]! },
      { columns: [...wanted, "jets_pt[0]"], dtype: "f64" },
    );
    expectTypeOf(read.both.row).toEqualTypeOf<Numbers>();
    expectTypeOf(read.both.jets.pt).toEqualTypeOf<Numbers>();
    const withFirst = some.map((event) => ({ ...event, "jets_pt[0]": event.jets[0]?.pt ?? Number.NaN }));
    expect(rowsOf(read.both)).toEqual(withFirst);
    expect(rowsOf(read.one)).toEqual(withFirst.slice(0, 20));
    expect(aboutEvents(read.one.jets).dtype).toBe("f64");
    expect((await errorOf(tables(files[0]!, { columns: ["jets_pt"] }))).message).toMatch(
      /any count of numbers.*jets.pt/,
    );
  });

  test("have children of their own: lists in lists", async () => {
    const events = jetEvents(50);
    const file = path("nested.parquet", "");
    await writeTable(file, events);
    const again = await readTable(file);
    expect(rowsOf(again)).toEqual(rowsOf(events));
    expect(aboutEvents(again).skipped).toBeUndefined();
    expect(aboutEvents(again.jets as Events).names).toEqual(["pt", "eta", "flags", "tight"]);
    const some = await readTable(file, ["jets.tracks.z", "row", "jets.tight"]);
    const wanted = (jets: unknown) =>
      (jets as Record<string, unknown>[]).map(({ tight, tracks }) => ({ tight, tracks }));
    expect(rowsOf(some)).toEqual(rowsOf(events).map(({ row, jets }) => ({ row, jets: wanted(jets) })));
    const alone = await readTable(file, ["jets.tracks.z"]);
    expect(column(alone, "jets.tracks.z")).toEqual(column(events, "jets.tracks.z"));
    expect((await errorOf(readTable(file, ["jets.tracks.x"]))).message).toMatch(
      /Did you mean jets.tracks.z\?/,
    );
    for (const names of [["jets.tracks"], ["jets.tracks", "jets.pt"]]) {
      const { jets } = await readTable(file, names);
      expect((jets as Events).tracks).toEqual(events.jets.tracks);
      expect(Object.keys(jets as Events)).toEqual(names.length > 1 ? ["pt", "tracks"] : ["tracks"]);
    }
    const read = await tables(file, { columns: ["jets.tracks.z", "jets.pt"] });
    expectTypeOf(read.jets.tracks.z).toEqualTypeOf<Numbers>();
    expect(read.jets.tracks.z).toEqual(events.jets.tracks.z);
  });

  test("need no column beside them", async () => {
    const { jets } = jetEvents(20);
    const deep = nested(Int32Array.of(0, 1, 3), {
      tracks: nested(Int32Array.of(0, 2, 2, 3), { z: Float64Array.of(5, 6, 7) }),
    });
    for (const events of [table({ jets }), table({ deep })]) {
      const file = path("alone.parquet", "");
      await writeTable(file, events);
      expect(rowsOf(await readTable(file))).toEqual(rowsOf(events));
      for (const [name, child] of Object.entries(events)) {
        const alone = (await readTable(file, [name]))[name] as Events;
        expect(aboutEvents(alone).offsets).toEqual(aboutEvents(child as Events).offsets);
      }
      // What can hold them is said where it is not this.
      expect((await errorOf(writeTable(path("alone.csv", ""), events))).message).toMatch(
        /Child table (jets|deep) has any count of rows for each row, which CSV cannot hold; write a \.parquet file/,
      );
    }
    const nothing = await errorOf(writeTable(path("none.parquet", ""), table({}, { rows: 2 })));
    expect(nothing.message).toMatch(/There are no columns to write/);
  });

  test("of lists of numbers in records, which may be child tables there", async () => {
    const record = (name: string, kind: Partial<SchemaElement>): SchemaElement[] => [
      { name, converted_type: "LIST", repetition_type: "REQUIRED", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", repetition_type: "REQUIRED", ...kind },
    ];
    const schema = [
      { name: "schema", num_children: 1 },
      ...record("jets", { num_children: 4 }),
      ...["trk_pt", "trk_z", "w"].flatMap((name) => record(name, { type: "FLOAT" })),
      { name: "pt", type: "DOUBLE", repetition_type: "REQUIRED" },
    ] as SchemaElement[];
    const data = [
      [{ trk_pt: [1, 2], trk_z: [3, 4], w: [5], pt: 6 }],
      [],
      [
        { trk_pt: [], trk_z: [], w: [], pt: 7 },
        { trk_pt: [8], trk_z: [9], w: [10, 11], pt: 12 },
      ],
    ];
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({ writer, schema });
    parquet.write({ columnData: [{ name: "jets", data }] });
    parquet.finish();
    const file = path("listsinrecords.parquet", new Uint8Array(writer.getBuffer()));
    const all = await readTable(file);
    const trk = (pt: number[], z: number[]) => pt.map((x, i) => ({ pt: x, z: z[i] }));
    const want = data.map((jets) =>
      jets.map(({ pt, w, trk_pt, trk_z }) => ({ pt, w, trk: trk(trk_pt, trk_z) })),
    );
    expect(rowsOf(all)).toEqual(want.map((jets) => ({ jets })));
    const some = select(all, [0, 0, 1]);
    expect(rowsOf(concatenate([some, all]))).toEqual([want[2], ...want].map((jets) => ({ jets })));
    const w = await readTable(file, ["jets.w"]);
    expect(rowsOf(w)).toEqual(want.map((jets) => ({ jets: jets.map(({ w }) => ({ w })) })));
    const again = path("listsagain.parquet", "");
    await writeTable(again, all);
    expect(rowsOf(await readTable(again))).toEqual(rowsOf(all));
  });

  test("nested, with nulls anywhere, in pages of any size", async () => {
    const random = generator(8);
    const optional = (name: string, children: number): SchemaElement[] => [
      { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", repetition_type: "OPTIONAL", num_children: children },
    ];
    const schema: SchemaElement[] = [
      { name: "schema", num_children: 1 },
      ...optional("a", 2),
      { name: "x", type: "DOUBLE", repetition_type: "OPTIONAL" },
      ...optional("b", 2),
      { name: "y", type: "INT32", repetition_type: "OPTIONAL" },
      ...optional("c", 1),
      { name: "z", type: "FLOAT", repetition_type: "OPTIONAL" },
    ];
    const some = <T>(make: () => T): T | null => (random() < 0.15 ? null : make());
    const list = <T>(make: () => T) =>
      some(() => Array.from({ length: Math.floor(random() * 4) }, () => some(make)));
    let n = 0;
    const value = () => some(() => n++);
    const makeC = () => ({ z: value() });
    const makeB = () => ({ y: value(), c: list(makeC) });
    const makeA = () => ({ x: value(), b: list(makeB) });
    type A = ReturnType<typeof makeA>;
    const data = Array.from({ length: 300 }, () => list(makeA));
    const nan = Number.NaN;
    const plainC = (c: { z: number | null } | null) => ({ z: c?.z ?? nan });
    const plainB = (b: ReturnType<typeof makeB> | null) => ({ y: b?.y ?? nan, c: (b?.c ?? []).map(plainC) });
    const plainA = (a: A | null) => ({ x: a?.x ?? nan, b: (a?.b ?? []).map(plainB) });
    const want = data.map((row) => ({ a: (row ?? []).map(plainA) }));
    for (const pageSize of [20, 1000, 1 << 20]) {
      const writer = new ByteWriter();
      const parquet = new ParquetWriter({ writer, schema });
      parquet.write({ columnData: [{ name: "a", data }], rowGroupSize: 130, pageSize });
      parquet.finish();
      const file = path("deepest.parquet", new Uint8Array(writer.getBuffer()));
      expect(rowsOf(await readTable(file))).toEqual(want);
      const pieces: Events[] = [];
      for await (const piece of tablePieces(file, ["a.b.c.z", "a.b.y", "a.x"])) pieces.push(piece);
      expect(pieces.length).toBe(3);
      expect(rowsOf(concatenate(pieces))).toEqual(want);
    }
  });

  test("nested, of damaged files, are read or refused", async () => {
    const file = path("sound.parquet", "");
    await writeTable(file, jetEvents(40));
    const sound = new Uint8Array(readFileSync(file));
    const random = generator(11);
    let refused = 0;
    for (let i = 0; i < runs(100); i++) {
      const damaged = sound.slice();
      for (let n = 0; n < 1 + random() * 8; n++)
        damaged[4 + Math.floor(random() * (damaged.length - 8))] = Math.floor(random() * 256);
      const answer = await readParquet(sourceOf(damaged)).catch((error: unknown) => error);
      if (answer instanceof Error) {
        expect(answer).toBeInstanceOf(DataError);
        refused++;
      } else expect(rowsOf(answer as Events)).toHaveLength(aboutEvents(answer as Events).rows);
    }
    expect(refused).toBeGreaterThan(10);
  });

  test("CSV refuses them by name", async () => {
    const refused = (events: Events) => errorOf(writeTable(path("no.csv", ""), events));
    expect(await refused(jetEvents(3))).toMatchObject({ code: "data.unsupported", column: "jets" });
    expect(await refused(withChildren({ Jet_pt: jagged(counts) }, { rows: 4 }))).toMatchObject({
      column: "Jet_pt",
    });
  });
});

/** A branch whose only basket is inside the tree, with the bytes of `write`. */
function branch(name: string, entries: number, bytes: DataView, more: Partial<Branch>): Branch {
  const basket = {
    fKeylen: 0,
    fNbytes: 0,
    fObjlen: 0,
    fNevBuf: entries,
    fLast: bytes.byteLength,
    fBufferRef: { arr: bytes },
  };
  return {
    ...{ _typename: "TBranchElement", fName: name, fEntries: entries, fFileName: "" },
    ...{ fBasketSeek: [0], fBasketBytes: [0], fBaskets: { arr: [basket] }, fBranches: { arr: [] } },
    fLeaves: { arr: [{ _typename: "TLeafElement", fName: name, fLen: 1 }] },
    ...more,
  };
}

const bigEndian = (numbers: readonly number[], kind: "setInt32" | "setFloat32"): DataView => {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((x, i) => {
    view[kind](4 * i, x);
  });
  return view;
};

describe("objects in branches of their members, as Delphes writes them", () => {
  /** TClonesArray, or std::vector of a class: a branch that counts, with one below it for each member. */
  const tree = (sizes: readonly number[], pt: readonly number[]): Tree => {
    const n = sizes.length;
    const counter = branch("Jet", n, bigEndian(sizes, "setInt32"), {
      fClassName: "TClonesArray",
      fStreamerType: -1,
    });
    const leaf = {
      fLeaves: { arr: [{ _typename: "TLeafElement", fName: "PT", fLen: 1, fLeafCount: { fName: "Jet_" } }] },
    };
    const member = (name: string, bytes: DataView, fStreamerType: number): Branch =>
      branch(name, n, bytes, { ...leaf, fClassName: "Jet", fBranchCount: counter, fStreamerType });
    const members = [
      member("Jet.PT", bigEndian(pt, "setFloat32"), 5),
      member(
        "Jet.BTag",
        bigEndian(
          pt.map((_, i) => i % 2),
          "setInt32",
        ),
        13,
      ),
      member("Jet.Constituents", bigEndian([], "setInt32"), 62),
    ];
    const size = { _typename: "TLeafI", fName: "Jet_size", fLen: 1 };
    const flat = branch("Jet_size", n, bigEndian(sizes, "setInt32"), { fLeaves: { arr: [size] } });
    const jets = { ...counter, fBranches: { arr: members } };
    return { _typename: "TTree", fName: "Delphes", fEntries: n, fBranches: { arr: [jets, flat] } };
  };
  // Nothing is asked of jsroot or the file: the baskets are in the tree.
  const reader = () => new BasketReader({} as never, {} as never, "delphes.root");

  test("are a child table, read as a whole, in pieces, and by name", async () => {
    const [sizes, pt] = [
      [2, 0, 3],
      [50, 40, 30.5, 20, 10],
    ];
    const all = planBranches(reader(), tree(sizes, pt), {});
    const events = await all.next(3);
    expect(aboutEvents(events).skipped).toEqual(["Jet.Constituents"]);
    expect(aboutEvents(events).names).toEqual(["Jet.PT", "Jet.BTag", "Jet_size"]);
    const jets = [
      [
        { PT: 50, BTag: 0 },
        { PT: 40, BTag: 1 },
      ],
      [],
      [
        { PT: 30.5, BTag: 0 },
        { PT: 20, BTag: 1 },
        { PT: 10, BTag: 0 },
      ],
    ];
    expect(rowsOf(events)).toEqual(jets.map((Jet, i) => ({ Jet_size: sizes[i], Jet })));
    expect((events["Jet.PT"] as Jagged).content).toBe((events.Jet as Events).PT);
    const pieces = planBranches(reader(), tree(sizes, pt), {});
    expect(rowsOf(concatenate([await pieces.next(1), await pieces.next(1), await pieces.next(1)]))).toEqual(
      rowsOf(events),
    );
    const some = await planBranches(reader(), tree(sizes, pt), { columns: ["Jet.BTag"] }).next(3);
    expect(Object.keys(some.Jet as Events)).toEqual(["BTag"]);
    // The flat name has a dot, and is usable.
    expect((column(some, "Jet.BTag") as Jagged).offsets).toEqual(Int32Array.of(0, 2, 2, 5));
    expect(() => planBranches(reader(), tree(sizes, pt), { columns: ["Jet.Constituents"] })).toThrow(
      /is not a number/,
    );
  });

  test("are refused where counts and members do not fit", async () => {
    for (const sizes of [
      [2, 0, 2],
      [2, -1, 4],
      [2, 0, 4],
    ]) {
      const error = await errorOf(planBranches(reader(), tree(sizes, [1, 2, 3, 4, 5]), {}).next(3));
      expect(error).toMatchObject({ code: "data.corrupt" });
    }
  });
});

describe.skipIf(why !== "")("child tables in ROOT", () => {
  test("NanoAOD: every jagged branch with a prefix, over one counter", async () => {
    const all = await readTable(`${nano}:Events`);
    const { names, views } = aboutEvents(all);
    const children = childrenOf(all);
    expect(children.length).toBe(18);
    const sizes = children.map(([, child]) => aboutEvents(child).names.length);
    expect(sizes.reduce((a, b) => a + b)).toBe(views!.size);
    const flatOnly = names.filter((name) => isJagged(all[name]) && !views!.has(name));
    expect(flatOnly).toEqual(["LHEPdfWeight", "LHEReweightingWeight", "LHEScaleWeight", "PSWeight"]);
    for (const [name, child] of children) {
      const counter = all[`n${name}`] as Int32Array;
      const { offsets, rows } = aboutEvents(child);
      expect(Array.from(counter, (_, i) => offsets![i + 1]! - offsets![i]!)).toEqual([...counter]);
      for (const each of Object.values(child)) expect(each).toHaveLength(rows);
    }
    // Integers and flags keep their kinds.
    expect((all.Jet as Events).jetId).toBeInstanceOf(Int32Array);
    expect((all.Muon as Events).tightId).toBeInstanceOf(Uint8Array);
  });

  test("only what is asked for is read, with a suggestion for what is not there", async () => {
    const some = await readTable(`${nano}:Events`, ["Jet.pt", "Jet.eta", "nJet", "MET_pt"]);
    expect(aboutEvents(some).names).toEqual(["nJet", "MET_pt"]);
    expect(Object.keys(some.Jet as Events)).toEqual(["pt", "eta"]);
    const error = await errorOf(readTable(`${nano}:Events`, ["Jet.Pt"]));
    expect(error.message).toMatch(/no column Jet.Pt. Did you mean Jet.pt\?/);
    expect((await errorOf(readTable(`${nano}:Events`, ["MET.pt"]))).code).toBe("data.unknownColumn");
    const pieces: Events[] = [];
    for await (const piece of rootPieces(
      sourceOf(readFileSync(nano)),
      { tree: "Events", columns: ["Jet.pt", "nJet"] },
      60,
    ))
      pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    const { nJet, Jet } = some;
    expect((concatenate(pieces).Jet as Events).pt).toEqual((Jet as Events).pt);
    expect(concatenate(pieces).nJet).toEqual(nJet);
  });

  test("are written to Parquet and read again", async () => {
    const wanted = ["Jet.pt", "Jet_jetId", "Muon_tightId", "run"];
    const some = await readTable(`${nano}:Events`, wanted);
    const file = path("nano.parquet", "");
    await writeTable(file, some);
    const again = rowsOf(await readTable(file));
    expect(again).toEqual(rowsOf(some));
    expect(Object.keys(again[0]!).sort()).toEqual(["Jet", "Muon", "run"]);
  });

  test("a cut on objects names what is read", async () => {
    await init();
    const selection = cut(
      "count(Jet.pt > {pt = 30} && abs(Jet.eta) < 2.4 && (Jet.jetId & 2) == 2) >= 2 && count(Muon) >= 1 && MET_pt > 20",
    );
    const events = await tables(`${nano}:Events`, { columns: selection.columns });
    expect(Object.keys(events).sort()).toEqual(["Jet", "MET_pt", "Muon"]);
    const mask = selection.hard(selection.init(), events);
    type Jet = { pt: number; eta: number; jetId: number };
    const all = rowsOf(
      await readTable(`${nano}:Events`, ["Jet.pt", "Jet.eta", "Jet.jetId", "Muon.pt", "MET_pt"]),
    );
    const passes = all.map(({ Jet, Muon, MET_pt }) => {
      const good = (Jet as Jet[]).filter(({ pt, eta, jetId }) => pt > 30 && Math.abs(eta) < 2.4 && jetId & 2);
      return Number(good.length >= 2 && (Muon as unknown[]).length >= 1 && (MET_pt as number) > 20);
    });
    expect([...mask]).toEqual(passes);
    expect(passes.reduce((a, b) => a + b)).toBeGreaterThan(3);
  });

  test("sums of children train from a file", async () => {
    await init();
    const events = await tables(`${nano}:Events`, { columns: ["Jet.pt", "Jet.eta", "Jet.jetId", "MET_pt"] });
    const ht = compile((e: Traced<typeof events>) => e.Jet.pt.mul(e.Jet.eta.abs().lt(2.4)).sum("parent"));
    const want = rowsOf(events).map(({ Jet }) =>
      (Jet as { pt: number; eta: number }[]).reduce(
        (sum, { pt, eta }) => sum + (Math.abs(eta) < 2.4 ? pt : 0),
        0,
      ),
    );
    const got = ht(events);
    want.forEach((sum, i) => {
      expect(Math.abs(got[i]! - sum)).toBeLessThanOrEqual(1e-6 * sum);
    });
  });
});
