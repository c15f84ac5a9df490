/** `gradcut/tables` in a page: what a bundler makes of it, under a policy that forbids code from strings. */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventsOf } from "../../src/events/columns.js";
import { writeTable } from "../../src/events/writetable.js";
import { generator, scratch } from "../kit/data-help.js";
import { type FileServer, fileServer } from "../kit/fileserver.js";
import { examples } from "../kit/formats.js";
import { chromium, inPage } from "../kit/page.js";

const root = resolve(import.meta.dirname, "../..");
const { folder } = scratch();

/** The program of a page, with all that it needs. */
async function bundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ bundle: true, write: false, format: "esm", platform: "browser", logLevel: "silent" },
  });
  expect(result.warnings).toEqual([]);
  return result.outputFiles[0]!.text;
}

/** Of every format a file with what is in it, as a page can be sent it. */
const sounds = Object.values(examples).flatMap(({ sound }) =>
  sound.map(({ name, bytes, table }) => ({
    name,
    text: Buffer.from(bytes).toString("base64"),
    table: shown(table),
  })),
);

function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, x) => (typeof x === "bigint" ? `${x}n` : Number.isNaN(x) ? "nan" : x)),
  );
}

const program = `
import { aboutEvents, named, readPieces, readTable, readTables, tables, writeTable } from "gradcut/tables";
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const shown = (value) => JSON.parse(JSON.stringify(value, (_, x) => typeof x === "bigint" ? x + "n" : Number.isNaN(x) ? "nan" : x));
const plain = (table) => shown(Object.fromEntries(aboutEvents(table).names.map((name) => [name, [...table[name]]])));
const messageOf = async (run) => { try { await run(); return "nothing"; } catch (error) { return error.code + ": " + error.message; } };
const { sounds, urls } = given;
const results = [];
for (const { name, text, url } of sounds) {
  const bytes = bytesOf(text);
  const ways = { File: new File([bytes], name), Blob: named(new Blob([bytes]), name), ArrayBuffer: named(bytes.buffer, name), bytes: named(bytes, name), URL: new URL(url), address: url };
  for (const [way, source] of Object.entries(ways)) {
    let rows = 0;
    for await (const { table } of readPieces([source])) rows += aboutEvents(table).rows;
    results.push({ name, way, table: plain(await readTable(source)), rows });
  }
}
const two = await readTable(urls.large, ["x", "y"]);
const { s } = await tables({ s: [new File(["x\\n1\\n"], "a.csv"), new Blob(["x\\n2\\n"])] });
const stop = new AbortController();
const aborted = readTable(urls.slow, undefined, { signal: stop.signal }).catch((error) => error.name);
setTimeout(() => stop.abort(), 20);
await send({
  results, two: { x: two.x[59999], y: two.y[59999] }, tree: [...s.x], aborted: await aborted,
  errors: {
    path: await messageOf(() => readTable("data/a.csv")),
    pattern: await messageOf(() => readTables(["data/*.csv"])),
    written: await messageOf(() => writeTable("a.csv.gz", s)),
    cors: await messageOf(() => readTable(urls.closed)),
    policy: await messageOf(() => readTable("https://elsewhere.invalid/a.csv")),
    missing: await messageOf(() => readTable(urls.missing)),
    packed: await messageOf(() => readTable(new File([new Uint8Array([31, 139, 8, 0, 1])], "a.csv.gz"))),
  },
});
`;

it("a bundle of gradcut/tables for browsers needs nothing of Node", async () => {
  const text = await bundle('export * from "gradcut/tables"');
  expect(text).not.toMatch(/\bimport\s*\(?\s*["']node:|from\s*["']node:|require\(["']node:/);
});

describe.skipIf(!chromium)("tables in a page of a real browser", () => {
  let [open, closed]: FileServer[] = [];
  beforeAll(async () => {
    open = await fileServer({
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    closed = await fileServer();
  });
  afterAll(() => Promise.all([open!.close(), closed!.close()]));

  it("are read from Files, Blobs, bytes and addresses; of a large file, what is needed", async () => {
    const random = generator(5);
    const column = () => Float64Array.from({ length: 60_000 }, random);
    const columns = Object.fromEntries("xabcdefghiy".split("").map((name) => [name, column()] as const));
    await writeTable(join(folder, "large.parquet"), eventsOf(columns));
    const large = readFileSync(join(folder, "large.parquet"));
    const measured = await fileServer({
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "Content-Range, ETag",
    });
    try {
      const urls = {
        large: measured.put("/large.parquet", large),
        slow: open!.put("/slow.csv", Buffer.from("x\n1\n"), { hangsAt: 0 }),
        closed: closed!.put("/a.csv", Buffer.from("x\n1\n")),
        missing: `${open!.url}/none.csv`,
      };
      // Some of these servers send no parts.
      const given = {
        urls,
        sounds: sounds.map((sound, i) => ({
          ...sound,
          url: open!.put(`/${sound.name}`, Buffer.from(sound.text, "base64"), { ranges: i % 2 === 0 }),
        })),
      };
      const text = await bundle(`const given = ${JSON.stringify(given)};\n${program}`);
      const got = (await inPage(text, {}, [open!.url, closed!.url, measured.url])) as {
        results: { name: string; way: string; table: unknown; rows: number }[];
        two: unknown;
        tree: unknown;
        aborted: string;
        errors: Record<string, string>;
      };
      expect(got.results).toHaveLength(6 * sounds.length);
      for (const { name, way, table } of got.results)
        expect(table, `${name} as ${way}`).toEqual(sounds.find((sound) => sound.name === name)!.table);
      expect(got.two).toEqual({ x: columns.x![59999], y: columns.y![59999] });
      expect(measured.sent()).toBeLessThan(0.3 * large.length);
      expect(got.tree).toEqual([1, 2]);
      expect(got.aborted).toBe("AbortError");
      const { errors } = got;
      expect(errors.path).toMatch(
        /^data\.unreadable: data\/a\.csv: This runtime has no files .* new URL\(path, location\.href\)/,
      );
      expect(errors.pattern).toMatch(/^data\.unreadable: data\/\*\.csv: This runtime has no files/);
      expect(errors.written).toMatch(/^data\.unwritable: a\.csv\.gz: This runtime has no files to write/);
      expect(errors.cors).toMatch(
        /CORS: it sends no Access-Control-Allow-Origin for http:.* Download the file/,
      );
      expect(errors.policy).toMatch(/connect-src/);
      expect(errors.missing).toMatch(/^data\.missingFile: .*There is no such file on the server \(404\)/);
      expect(errors.packed).toMatch(/^data\.corrupt: a\.csv\.gz: The compressed file is truncated/);
    } finally {
      await measured.close();
    }
  }, 120_000);
});
