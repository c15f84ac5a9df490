/** Tables of Files, Blobs, bytes and addresses: the same values as those of files by their paths. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aboutEvents, type Column } from "../../src/core/events.js";
import type { ByteSource } from "../../src/events/bytesource.js";
import { eventsOf } from "../../src/events/columns.js";
import { DataError } from "../../src/events/dataerror.js";
import { gunzippedByStream } from "../../src/events/gunzip.js";
import { named, readPieces, readTable, readTables, tables } from "../../src/events/index.js";
import { mostWhole } from "../../src/events/sources/websource.js";
import { writeTable } from "../../src/events/writetable.js";
import { bytesOf, errorOf, generator, plain, scratch } from "../kit/data-help.js";
import { type FileServer, fileServer, type Manner } from "../kit/fileserver.js";
import { examples } from "../kit/formats.js";

const { path } = scratch();
const sounds = Object.values(examples).flatMap(({ sound, jagged }) => [
  ...sound,
  ...(jagged ? [jagged] : []),
]);
let server: FileServer;
beforeAll(async () => {
  server = await fileServer();
});
afterAll(() => server.close());

/** A table of several columns, of which a page needs few. */
async function large(): Promise<{ bytes: Uint8Array; x: Float64Array }> {
  const random = generator(7);
  const column = () => Float64Array.from({ length: 60_000 }, random);
  const columns: Record<string, Column> = Object.fromEntries(
    "xyzuvwabcd".split("").map((c) => [c, column()]),
  );
  const to = path("large.parquet", "");
  await writeTable(to, eventsOf(columns));
  return { bytes: readFileSync(to), x: columns.x as Float64Array };
}

describe("what is no path", () => {
  test.each(sounds)(
    "$name is read as a File, a Blob, bytes, an ArrayBuffer and by its address",
    async ({ name, bytes, table }) => {
      const own = new Uint8Array(bytes);
      const padded = new Uint8Array([1, 2, 3, ...own, 4]).subarray(3, 3 + own.length);
      const ways = {
        File: new File([own], name),
        Blob: named(new Blob([own]), name),
        bytes: named(padded, name),
        ArrayBuffer: named(own.buffer, name),
        URL: new URL(server.put(`/${name}`, own)),
        address: `${server.put(`/${name}`, own)}?token=secret`,
        "without ranges": server.put(`/whole/${name}`, own, { ranges: false }),
      };
      for (const [way, source] of Object.entries(ways)) {
        expect(plain(await readTable(source)), way).toEqual(table);
        let pieces = 0;
        for await (const piece of readPieces([source])) pieces += aboutEvents(piece.table).rows;
        expect(pieces, way).toBe(aboutEvents(await readTable(source)).rows);
      }
    },
  );

  test.each(sounds.filter(({ name }) => !name.endsWith(".tsv")))(
    "$name without a name is known by its first bytes",
    async ({ bytes, table }) => {
      expect(plain(await readTable(new Blob([new Uint8Array(bytes)])))).toEqual(table);
      expect(plain(await readTable(bytes))).toEqual(table);
    },
  );

  test("several, of any kinds, are one table, and a training's tree", async () => {
    const csv = bytesOf("x\n1\n2\n");
    const file = new File([csv], "a.csv");
    const [b, other] = ["/b.csv", "/other.csv"].map((at) => server.put(at, bytesOf("x\n3\n"))) as [
      string,
      string,
    ];
    const { table, files } = await readTables([
      file,
      new Blob([csv]),
      new URL(b),
      other,
      path("c.csv", "x\n4\n"),
    ]);
    expect(plain(table)).toEqual({ x: [1, 2, 1, 2, 3, 3, 4] });
    expect(files.map(({ spec, rows }) => [spec.replace(/^.*\/c/, "c"), rows])).toEqual([
      ["a.csv", 2],
      ["Blob", 2],
      [b, 1],
      [other, 1],
      ["c.csv", 1],
    ]);
    const { signal, background } = await tables(
      { signal: file, background: { one: [csv, new URL(b)], two: b } },
      { columns: ["x"] },
    );
    expect([...signal.x]).toEqual([1, 2]);
    expect([...background.one.x]).toEqual([1, 2, 3]);
    expect([...background.two.x]).toEqual([3]);
    const twice = await errorOf(tables({ s: [new URL(b), b] }));
    const sentence = "The file is there twice, so its events would count twice.";
    expect(twice.message).toBe(`s: ${b}: ${sentence}`);
    const [d] = [path("d.csv", "x\n5\n")];
    for (const [again, label] of [
      [[new URL(b), b], b],
      [[d, d.replace("d.csv", "?.csv")], d],
      [[csv, file, csv], "bytes"],
    ] as const) {
      expect((await errorOf(readTables(again))).message).toBe(`${label}: ${sentence}`);
      expect((await errorOf(readPieces(again).next())).message).toBe(`${label}: ${sentence}`);
    }
  });

  test("a name tells the tree; a File's own, a fragment, or one that is given", async () => {
    const bytes = new Uint8Array(
      gunzipSync(readFileSync(join(import.meta.dirname, "../fixtures/directory.root.gz"))),
    );
    const trees = await errorOf(readTable(new File([bytes], "d.root:none")));
    expect(trees.message).toMatch(/^d\.root: There is no tree none\./);
    const tree = /trees are: (\S+?)[,.]/.exec(trees.message)?.[1] ?? /mean (\S+?)\?/.exec(trees.message)![1]!;
    const url = server.put("/d.root", bytes);
    const all = await readTable(named(bytes, `any.root:${tree}`));
    expect(aboutEvents(all).rows).toBeGreaterThan(0);
    for (const source of [
      `${url}:${tree}`,
      `${url}?a=b#${tree}`,
      new URL(`${url}#${tree}`),
      named(url, `e.root:${tree}`),
    ])
      expect(await readTable(source)).toEqual(all);
  });

  test("what cannot be: a sentence", async () => {
    const cases: [Parameters<typeof readTable>[0], string, RegExp][] = [
      [new File(["x\n1\n"], "table"), "data.unsupported", /^table: Tables are read from/],
      [new Blob([new Uint8Array([0, 1, 2])]), "data.unsupported", /^Tables are read from/],
      [new File([new Uint8Array(40)], "a.parquet"), "data.format", /^a\.parquet: This is not a Parquet file/],
      [new Blob([]), "data.empty", /^The file is empty/],
      [new Blob(["x\na\n"]), "data.notNumber", /^line 2: No column holds numbers; x starts with "a"/],
      ["root://eos.cern.ch//a.root", "data.unsupported", /Addresses that begin with root:\/\/ are not read/],
      [new URL(`file://${join(import.meta.dirname, "none.csv")}`), "data.missingFile", /no such file/],
    ];
    for (const [source, code, words] of cases) {
      const error = await errorOf(readTable(source));
      expect(error.message).toMatch(words);
      expect(error).toMatchObject({ code });
    }
    await expect(readTable({} as never)).rejects.toThrow(
      "'source' of 'readTable' is a path, a URL, a File, a Blob, or bytes",
    );
    await expect(readTables([5] as never)).rejects.toThrow("'sources' of 'readTables' is an array of paths");
  });

  test.each(["root", "parquet", "csv"] as const)(
    "of no bytes, or of others than it says, as %s, is said",
    async (format) => {
      const { name, bytes } = examples[format].sound[0];
      const part = (start: number, end: number) => Uint8Array.from(bytes.subarray(start, end)).buffer;
      const read = (source: ByteSource) => errorOf(readTable(named(source, name)));
      expect(await read(new ArrayBuffer(0))).toMatchObject({
        code: "data.empty",
        message: `${name}: The file is empty.`,
      });
      for (const byteLength of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY])
        expect(await read({ byteLength, slice: part })).toMatchObject({
          code: "data.unreadable",
          message: `The source of the bytes says that it has ${byteLength} of them.`,
        });
      for (const more of [-1, 1]) {
        const slice = (start: number, end: number) => part(start, start + Math.max(0, end - start + more));
        expect(await read({ byteLength: bytes.length, slice })).toMatchObject({
          code: "data.unreadable",
          message: expect.stringMatching(
            /^The source of the bytes gives \d+ where \d+ were asked for, from byte 0 /,
          ),
        });
      }
    },
  );

  test.each(["root", "parquet", "csv"] as const)(
    "that fails in the middle of %s is said, and not taken for damage or for nothing",
    async (format) => {
      const { name, bytes } = examples[format].sound[0];
      for (const error of [new DataError("data.unreadable", "Gone."), new TypeError("Gone.")]) {
        let calls = 0;
        let failing = 0;
        const source = {
          byteLength: bytes.length,
          slice: (start: number, end: number) => {
            if (++calls === failing) throw error;
            return new Uint8Array(bytes.subarray(start, end)).buffer;
          },
        };
        const read = async () => {
          calls = 0;
          // A file of several without the tree is passed over.
          return readTable(named(source, name), undefined, format === "root" ? { allowTreeless: true } : {});
        };
        await read();
        const all = calls;
        expect(all).toBeGreaterThan(1);
        for (failing = 1; failing <= all; failing++)
          expect(await errorOf(read())).toMatchObject({
            code: "data.unreadable",
            message: expect.stringContaining("Gone."),
          });
      }
    },
  );
});

describe("an address", () => {
  test("is read in part: two columns of a large Parquet file", async () => {
    const { bytes, x } = await large();
    const own = await fileServer();
    try {
      const url = own.put("/large.parquet", bytes);
      const table = await readTable(url, ["x", "v"]);
      expect(table.x).toEqual(x);
      // Two of ten columns, and at most a block at each end of each.
      expect(bytes.length).toBeGreaterThan(4_000_000);
      expect(own.sent()).toBeLessThan(0.3 * bytes.length);
      expect(own.asked.length).toBeLessThan(8);
      expect(own.asked[0]).toBe("/large.parquet bytes=0-65535");
    } finally {
      await own.close();
    }
  });

  test("whose parts are near one another is asked for once", async () => {
    const { bytes } = await large();
    const own = await fileServer();
    try {
      const all = await readTable(own.put("/large.parquet", bytes));
      expect(aboutEvents(all).rows).toBe(60_000);
      expect(own.sent()).toBeLessThan(1.001 * bytes.length + 1);
      expect(own.asked.length).toBeLessThan(8);
    } finally {
      await own.close();
    }
  });

  const csv = bytesOf(`x\n${"1.5\n".repeat(40_000)}`);
  const wrong: [string, Manner, string, RegExp][] = [
    ["is nowhere", { status: 404 }, "data.missingFile", /There is no such file on the server \(404\)/],
    [
      "is forbidden",
      { status: 403 },
      "data.unreadable",
      /does not let you read this \(403\)\. Download the file/,
    ],
    ["asks who you are", { status: 401 }, "data.unreadable", /who asks \(401\)/],
    ["has failed", { status: 503 }, "data.unreadable", /has failed \(503\); read it again later/],
    ["sends other bytes at once", { shift: 7 }, "data.unreadable", /other bytes of the file than/],
    [
      "has no bytes to send, and yet some",
      { status: 416, headers: { "Content-Range": "bytes */9" } },
      "data.unreadable",
      /status 416/,
    ],
    ["is no file", { status: 204 }, "data.unreadable", /status 204/],
    ["compresses parts", { packs: true }, "data.unreadable", /Content-Encoding: gzip/],
    ["changes", { changesAt: 1 }, "data.unreadable", /The file changed while it was read; read it again/],
    ["breaks off", { short: 10 }, "data.unreadable", /The connection broke after \d+/],
    [
      "breaks off without ranges",
      { short: 10, ranges: false },
      "data.unreadable",
      /The connection broke after/,
    ],
    [
      "says nothing of its length",
      { lengthless: true },
      "data.unreadable",
      /does not say how long the file is/,
    ],
    [
      "is too large to be read without ranges",
      { ranges: false, headers: { "X-Large": "yes" } },
      "data.unreadable",
      /no Range requests\), and as a whole it has 67\.1 MB, more than the 67\.1 MB/,
    ],
  ];
  test.each(wrong)("that %s is a sentence", async (name, manner, code, words) => {
    const size = manner.headers?.["X-Large"] ? mostWhole + 1 : csv.length;
    const url = server.put("/wrong.csv", size > csv.length ? new Uint8Array(size) : csv, manner);
    const error = await errorOf(readTable(`${url}?token=secret`));
    expect(error.message, name).toMatch(words);
    expect(error.message.startsWith(`${url}: `)).toBe(true);
    expect(error.message).not.toContain("secret");
    expect(error).toMatchObject({ code, file: url });
  });

  test("that nobody answers at is a sentence with the reason", async () => {
    const gone = await fileServer();
    await gone.close();
    const error = await errorOf(readTable(`${gone.url}/a.root:Events`));
    expect(error.message).toMatch(/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\.$/);
  });

  test.each([true, false])("that answers with a page is a sentence, with ranges %s", async (ranges) => {
    const headers = { "Content-Type": "text/html; charset=utf-8" };
    const page = (name: string, text: string) =>
      readTable(server.put(name, bytesOf(text), { ranges, headers }));
    for (const name of ["/page.csv", "/page.parquet"]) {
      const error = await errorOf(page(name, "\n<!DOCTYPE html><html></html>\n"));
      expect(error.message).toMatch(
        /sends a page \(text\/html\) and not the file, perhaps to log in\. Download/,
      );
    }
    expect(plain(await page("/table.csv", "x\n1\n"))).toEqual({ x: [1] });
  });

  test("that is none is a sentence", async () => {
    expect(await errorOf(readTable("https://"))).toMatchObject({ code: "data.unreadable" });
  });

  test("is followed where it leads, and has the name of that place", async () => {
    server.put("/there/b.csv", bytesOf("x\n7\n"));
    const url = server.put("/latest", new Uint8Array(0), { redirect: "/there/b.csv" });
    expect(plain(await readTable(url))).toEqual({ x: [7] });
  });

  test("without ranges may be compressed on the way, without a length, or empty", async () => {
    const at = (name: string, bytes: Uint8Array, manner: Manner) =>
      readTable(server.put(name, bytes, manner));
    expect(plain(await at("/p.csv", bytesOf("x\n8\n"), { ranges: false, packs: true }))).toEqual({ x: [8] });
    // The text of a file.csv.gz, which the server takes for text that it has compressed.
    expect(plain(await at("/p.csv.gz", bytesOf("x\n8\n"), { ranges: false, packs: true }))).toEqual({
      x: [8],
    });
    // A server that compresses all that it sends, what is compressed already too.
    const twice = gzipSync(bytesOf("x\n8\n"));
    expect(plain(await at("/t.csv.gz", twice, { ranges: false, packs: true }))).toEqual({ x: [8] });
    expect(plain(await at("/l.csv", bytesOf("x\n9\n"), { ranges: false, lengthless: true }))).toEqual({
      x: [9],
    });
    expect(await errorOf(at("/e.csv", new Uint8Array(0), {}))).toMatchObject({ code: "data.empty" });
  });

  test("is left when its signal says so, with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const url = server.put("/slow.csv", csv, { hangsAt: 1 });
    const reading = readTable(url, undefined, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    await expect(reading).rejects.toBe(reason);
    await expect(readTable(url, undefined, { signal: controller.signal })).rejects.toBe(reason);
    for (const source of [new Blob([csv]), path("stop.csv", csv), named(csv, "a.csv")])
      await expect(readTables([source], undefined, { signal: controller.signal })).rejects.toBe(reason);
    const wrong = readTable(url, undefined, { signal: 5 as never });
    await expect(wrong).rejects.toThrow("'signal' of 'readTable' is an AbortSignal");
  });
});

describe("gzip as browsers unpack it", () => {
  const textOf = async (bytes: Uint8Array) => {
    const parts: Uint8Array[] = [];
    for await (const part of gunzippedByStream(new Uint8Array(bytes).buffer, "a.csv.gz")) parts.push(part);
    return Buffer.concat(parts).toString();
  };

  test("has any number of members, wherever their heads fall", async () => {
    const words = ["one", "", "three ".repeat(3000)];
    expect(await textOf(Buffer.concat(words.map((word) => gzipSync(word))))).toBe(words.join(""));
    // A head across two pieces, and bytes that look like a head and are none.
    const stored = gzipSync(Buffer.from([0x1f, 0x8b, 8, 0, ...Buffer.alloc(1 << 20, "ab")]), { level: 0 });
    for (const cut of [0, 1, 2, 3]) {
      const first = gzipSync(Buffer.alloc((1 << 20) - 500, "x"), { level: 0 });
      const filler = gzipSync(Buffer.alloc(Math.max(0, (1 << 20) - cut - first.length - 23 - 5), "y"), {
        level: 0,
      });
      const all = Buffer.concat([first, filler, stored]);
      expect(await textOf(all)).toBe(gunzipSync(all).toString());
    }
  });

  test("that is cut off or is none is a sentence", async () => {
    const packed = gzipSync("x\n".repeat(500));
    for (const bytes of [packed.subarray(0, -9), packed.subarray(0, 5), bytesOf("plain"), new Uint8Array(0)])
      expect(await errorOf(textOf(bytes))).toMatchObject({ code: "data.corrupt" });
  });
});
