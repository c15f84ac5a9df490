import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { packed } from "../../site/explorer/documents/pack.js";
import { recognise } from "../../site/explorer/documents/recognise.js";
import { shortNames, studiesOf } from "../../site/explorer/documents/studies.js";
import { unpack } from "../../site/explorer/documents/unpack.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const workspace = '{"channels": [], "observations": [], "measurements": [], "version": "1.0.0"}';

/** A tar archive of files, as the format says. */
function tarOf(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const header = new Uint8Array(512);
    header.set(bytesOf(path), 0);
    header.set(bytesOf(`${content.length.toString(8).padStart(11, "0")}\0`), 124);
    header.set(bytesOf("        "), 148);
    header[156] = 48;
    const sum = header.reduce((a, b) => a + b, 0);
    header.set(bytesOf(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    return [header, content, new Uint8Array((512 - (content.length % 512)) % 512)];
  });
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(1024)]));
}

const gz = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

it("opens what is packed, however often", async () => {
  const archive = gz(
    tarOf({
      "a/w.json": bytesOf(workspace),
      "a/inner.tar": tarOf({ "p.json": bytesOf("[]") }),
      "a/._w": bytesOf(""),
    }),
  );
  const files = await unpack({ path: "x.tar.gz", bytes: archive });
  expect(files.map(({ path }) => path)).toEqual(["a/w.json", "a/inner.tar/p.json"]);
  expect(recognise(new TextDecoder().decode(files[0]!.bytes)).kind).toBe("workspace");
});

it("opens what it packed", async () => {
  const path = fc.stringMatching(/^[a-zäµ/-]{1,20}[a-z.]$/);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(path, fc.string({ unit: "grapheme", minLength: 1 })), {
        selector: ([name]) => name,
      }),
      async (entries) => {
        const bytes = new Uint8Array(Buffer.concat(packed(new Map(entries))));
        const files = await unpack({ path: "all.zip", bytes });
        expect(files.map((file) => [file.path, new TextDecoder().decode(file.bytes)])).toEqual(entries);
      },
    ),
    { numRuns: 30 },
  );
});

it("says what is wrong with what cannot be opened", async () => {
  const archive = gz(tarOf({ "w.json": bytesOf(workspace.repeat(50)) }));
  await expect(unpack({ path: "cut.tar.gz", bytes: archive.slice(0, 60) })).rejects.toThrow(
    /cut.tar.gz cannot be opened.*cut off/,
  );
  const bomb = gz(gz(new Uint8Array(60_000_000)));
  await expect(unpack({ path: "bomb.gz", bytes: bomb })).rejects.toThrow(/unpacks to more than \d+ MiB/);
  let deep: Uint8Array<ArrayBuffer> = bytesOf(workspace);
  for (let i = 0; i < 8; i++) deep = gz(deep);
  await expect(unpack({ path: "deep.gz", bytes: deep })).rejects.toThrow(/more than 4 deep/);
  const why = (text: string) => {
    const content = recognise(text);
    return content.kind === "other" ? content.why : content.kind;
  };
  expect(why("<!doctype html><p>")).toMatch(/web page/);
  expect(why('{"channels": [')).toMatch(/cut off/);
  expect(why("")).toMatch(/empty/);
  expect(why("{}")).toMatch(/neither/);
});

it("finds the patches of each workspace, and what their numbers are called", () => {
  const document = (path: string, text: string) => ({ path, content: recognise(text), size: 1, digests: [] });
  const patch = '[{"op": "add", "path": "/channels/0/samples/0", "value": {}}]';
  const documents = ["A", "B"].flatMap((region) => [
    document(`R${region}/BkgOnly.json`, workspace),
    ...[1, 2].map((n) => document(`R${region}/patch.sb_${n}00_50.json`, patch)),
  ]);
  const [a, b] = studiesOf(documents, ["names are `patch.sb_msb_mn1.json`"]);
  expect([a!.name, b!.name]).toEqual(["RA", "RB"]);
  expect(a!.labels).toEqual(["msb", "mn1"]);
  expect(a!.points.map(({ name, values }) => [name, values])).toEqual([
    ["sb_100_50", [100, 50]],
    ["sb_200_50", [200, 50]],
  ]);
  expect(shortNames(["x/a/w.json", "x/b/w.json"])).toEqual(["a", "b"]);
});
