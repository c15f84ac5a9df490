// ROOT files that are sound though not usual: by uproot, small, and packed (test/fixtures/*.root.gz).

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { aboutEvents, type Events } from "../../src/core/events.js";
import { concatenate } from "../../src/events/concatenate.js";
import { DataError } from "../../src/events/dataerror.js";
import { readTable, tablePieces } from "../../src/events/opentable.js";
import { readPieces, readTables } from "../../src/events/readtables.js";
import { errorOf, generator, plain, scratch } from "../kit/data-help.js";
import { hasJsroot } from "../kit/rootfiles.js";
import { runs } from "../kit/runs.js";

const { folder, path } = scratch();
if (!hasJsroot) console.log("ROOT tests are skipped: jsroot is not installed.");

const bytesOf = (name: string) =>
  new Uint8Array(gunzipSync(readFileSync(join(import.meta.dirname, "../fixtures", `${name}.root.gz`))));
const file = (name: string) => path(`${name}.root`, bytesOf(name));
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe.skipIf(!hasJsroot)("ROOT", () => {
  test("Zstandard, again and again in one process", async () => {
    const spec = file("zstd-ttree");
    for (let i = 0; i < 3; i++) expect(plain(await readTable(spec))).toEqual({ pt: range(100) });
    const all = await Promise.all(range(8).map(() => readTable(`${spec}:Events`, ["pt"])));
    for (const table of all) expect(plain(table)).toEqual({ pt: range(100) });
  });

  test("damage to what is packed is a sentence, and nothing waits for ever", async () => {
    const original = bytesOf("zstd-ttree");
    // The frames begin with ZS, a version, two sizes, and the magic number of Zstandard.
    const frames = range(original.length).filter(
      (at) => original[at] === 0x5a && original[at + 1] === 0x53 && original[at + 2] === 1,
    );
    expect(frames.length).toBeGreaterThan(0);
    const random = generator(4);
    let refused = 0;
    for (let i = 0; i < runs(40); i++) {
      const damaged = original.slice();
      for (const frame of frames) damaged[frame + 9 + Math.floor(random() * 12)] = Math.floor(random() * 256);
      const spec = path("damaged.root", damaged);
      const answer = await readTable(spec).catch((error: unknown) => error);
      if (!(answer instanceof DataError)) continue;
      refused++;
      expect(answer.code).toBe("data.corrupt");
    }
    expect(refused).toBeGreaterThan(0);
    expect(plain(await readTable(file("zstd-ttree")))).toEqual({ pt: range(100) });
  });

  test("baskets without entries", async () => {
    const spec = file("empty-extend");
    const table = await readTable(spec);
    const whole = {
      x: [0, 1, 2, 10, 11],
      nj: [2, 0, 1, 0, 1],
      j: { offsets: [0, 2, 2, 3, 3, 4], content: [1, 2, 3, 7] },
    };
    expect(plain(table)).toEqual(whole);
    const pieces: Events[] = [];
    for await (const piece of tablePieces(spec)) pieces.push(piece);
    expect(plain(concatenate(pieces))).toEqual(whole);
  });

  test("baskets without the offsets of entries", async () => {
    const bytes = bytesOf("empty-extend");
    const view = new DataView(bytes.buffer);
    let changed = 0;
    for (let at = 0; at + 12 < bytes.length; at++) {
      // The name of the class in the key of a basket; 26 or 34 bytes of numbers stand before it.
      if (String.fromCharCode(...bytes.subarray(at, at + 8)) !== "\x07TBasket") continue;
      const key = at - (view.getInt16(at - 30) > 1000 ? 34 : 26);
      if (!(key >= 0) || view.getInt32(key) <= 0) continue;
      // The last byte of the key says what follows: 80 that the offsets can be made from counts.
      bytes[key + view.getInt16(key + 14) - 1] = 80;
      changed++;
    }
    expect(changed).toBeGreaterThan(5);
    expect(plain(await readTable(path("nooffsets.root", bytes)))).toMatchObject({
      j: { offsets: [0, 2, 2, 3, 3, 4], content: [1, 2, 3, 7] },
    });
  });

  test("the only tree of a file is found in a directory", async () => {
    const spec = file("directory");
    expect(plain(await readTable(spec))).toEqual({ x: [0, 1, 2, 3] });
    expect(plain(await readTable(`${spec}:nominal/t`))).toEqual({ x: [0, 1, 2, 3] });
    const error = await errorOf(readTable(`${spec}:nominal/tt`));
    expect(error).toMatchObject({ code: "data.unknownTree" });
    expect(error.message).toContain("Did you mean nominal/t?");
    expect((await errorOf(readTable(`${spec}:nominal`))).code).toBe("data.unknownTree");
  });

  test("an RNTuple is named, with the way out", async () => {
    const spec = file("rntuple");
    for (const each of [spec, `${spec}:t`]) {
      const error = await errorOf(readTable(each));
      expect(error).toMatchObject({ code: "data.unsupported" });
      expect(error.message).toContain("t is an RNTuple, not a TTree. RNTuples are not read yet");
      expect(error.message).toContain('file.mktree("t", arrays)');
      expect(error.message).not.toMatch(/damaged/);
    }
  });

  test("a file of a pattern without the tree counts no events; a file that is named must have it", async () => {
    for (const [name, from] of [
      ["p1", "directory"],
      ["p2", "zstd-ttree"],
      ["p3", "directory"],
    ] as const)
      writeFileSync(join(folder, `${name}.root`), bytesOf(from));
    const pattern = `${join(folder, "p?.root")}:nominal/t`;
    const { table, files } = await readTables([pattern]);
    expect(plain(table)).toEqual({ x: [0, 1, 2, 3, 0, 1, 2, 3] });
    expect(files.map(({ rows, treeless }) => [rows, treeless])).toEqual([
      [4, undefined],
      [0, true],
      [4, undefined],
    ]);
    expect(plain((await readTables([pattern], ["x"])).table)).toEqual(plain(table));
    const rows: [number, boolean | undefined][] = [];
    for await (const piece of readPieces([pattern])) {
      const { rows: some, treeless } = aboutEvents(piece.table);
      rows.push([some, treeless]);
    }
    expect(rows).toEqual([
      [4, undefined],
      [0, true],
      [4, undefined],
    ]);
    const named = range(3).map((i) => `${join(folder, `p${i + 1}.root`)}:nominal/t`);
    expect((await errorOf(readTables(named))).code).toBe("data.unknownTree");
    const none = await errorOf(readTables([`${join(folder, "p?.root")}:other`]));
    expect(none).toMatchObject({ code: "data.unknownTree" });
    expect(none.message).toContain("None of the 3 files has a tree other.");
  });
});
