// Walks the records of formats of tables: what is written once must appear everywhere, and be right.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aboutEvents,
  type Events,
  flatColumn,
  flatColumns,
  isJagged,
  isText,
  makeEvents,
} from "../../src/core/events.js";
import { numbersOf, select } from "../../src/events/columns.js";
import { concatenate } from "../../src/events/concatenate.js";
import { DataError } from "../../src/events/dataerror.js";
import {
  type FormatName,
  formatNames,
  formats,
  usualEndings,
  usualNames,
  whatIsRead,
  whatIsWritten,
} from "../../src/events/formats/index.js";
import { readTable, tablePieces } from "../../src/events/opentable.js";
import { formatOptions, type ReadOption, type ReadOptions } from "../../src/events/readoptions.js";
import { readTables } from "../../src/events/readtables.js";
import { writePieces } from "../../src/events/writetable.js";
import { run } from "../kit/clirun.js";
import { errorOf, generator, plain, sameBits, scratch } from "../kit/data-help.js";
import { examples } from "../kit/formats.js";
import { hasJsroot } from "../kit/rootfiles.js";
import { runs } from "../kit/runs.js";

const { folder, path } = scratch();
const docs = readFileSync(join(import.meta.dirname, "../../docs/tables.md"), "utf8");
const trainHelp = (await run(["train", "--help"])).out;
const applyHelp = (await run(["apply", "--help"])).out;
const oneLine = (text: string) => text.replace(/\s+/g, " ");
if (!hasJsroot) console.log("Files of ROOT are not read: jsroot is not installed.");

/** All pieces of a file as one table. */
async function joined(spec: string, options: ReadOptions = {}): Promise<Events> {
  const pieces: Events[] = [];
  for await (const piece of tablePieces(spec, undefined, options)) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(0);
  return concatenate(pieces);
}

/** Every cell as text, the same for two numbers only where their bits are, whatever kind of array holds them. */
function cells(table: Events): Record<string, unknown> {
  const texts = (values: ArrayLike<number | bigint>) =>
    Array.from(values, (x) => (Object.is(x, -0) ? "-0" : typeof x === "bigint" ? String(x) : shortest(x)));
  return Object.fromEntries(
    aboutEvents(table).names.map((name) => {
      const values = flatColumn(table, name);
      if (isText(values)) return [name, values];
      return [name, isJagged(values) ? [...values.offsets, texts(values.content)] : texts(values)];
    }),
  );
}
/** Whole numbers without an exponent, as 64-bit integers are. */
const shortest = (x: number) => (Number.isInteger(x) ? String(BigInt(x)) : String(x));

/** A table whose columns have its length, and whose lists are where they say. */
function expectWhole(table: Events): void {
  const { rows } = aboutEvents(table);
  expect(Number.isSafeInteger(rows) && rows >= 0).toBe(true);
  for (const [name, values] of flatColumns(table)) {
    if (!isJagged(values)) {
      expect(values.length, name).toBe(rows);
      continue;
    }
    const { offsets, content } = values;
    expect(offsets.length, name).toBe(rows + 1);
    for (let i = 0; i <= rows; i++)
      if (offsets[i]! < (offsets[i - 1] ?? 0) || offsets[i]! > content.length) expect.fail(`${name} at ${i}`);
  }
}

/** What is read, or the error, which must be one of data. */
async function answer(run: () => Promise<Events>): Promise<Events | DataError> {
  try {
    const table = await run();
    expectWhole(table);
    return table;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return error;
  }
}

describe.each([...formatNames])("%s", (name: FormatName) => {
  const format = formats[name];
  const { sound, jagged, empty, claims, effects, written } = examples[name];
  const files = jagged ? [...sound, jagged] : [...sound];
  const readable = name !== "root" || hasJsroot;

  it("is in help, docs and sentences", () => {
    expect(oneLine(trainHelp)).toContain(format.words);
    expect(docs).toContain(format.words.replace(/npm .*/, (command) => `\`${command}\``));
    for (const ending of format.endings) {
      expect(docs).toMatch(new RegExp(`${ending}[:\`\\w]`));
      expect(`${whatIsRead}${trainHelp}`).toContain(ending);
    }
    for (const each of usualNames(format)) {
      expect(whatIsRead).toContain(each);
      expect(oneLine(trainHelp)).toContain(each);
    }
  });

  it("is offered where tables are written if it can be", async () => {
    const says = async (out: string) =>
      (await run(["apply", "--cut", "x > 1", "none.csv", "--out", out])).err;
    const wrong = await says("a.none");
    expect(wrong).toContain("--out");
    for (const ending of usualEndings(format)) {
      const word = new RegExp(`${ending.replaceAll(".", "\\.")}\\b(?!\\.gz)`);
      for (const text of [whatIsWritten, wrong, oneLine(applyHelp.split("--mask")[0]!.split("--out")[1]!)])
        expect(word.test(text), text).toBe(format.writer !== undefined);
      expect((await says(`a${ending}`)).includes("--out")).toBe(format.writer === undefined);
    }
    expect(written !== undefined).toBe(format.writer !== undefined);
  });

  it.skipIf(!readable)("reads what is in a file, whole and in pieces, by any of its endings", async () => {
    for (const { name: file, bytes, table } of files) {
      const spec = path(file, bytes);
      expect(plain(await readTable(spec))).toEqual(table);
      expect(plain(await joined(spec))).toEqual(table);
    }
    const [{ bytes, table }] = sound;
    for (const ending of format.endings)
      expect(plain(await readTable(path(`any${ending.toUpperCase()}`, bytes)))).toEqual(table);
  });

  it.skipIf(!readable)(
    "is known by its first bytes, where the name says nothing or something else",
    async () => {
      const known = files.filter(({ name: file }) => format.begins || file.endsWith(".gz"));
      expect(known.length).toBeGreaterThan(0);
      for (const { name: file, bytes, table } of known) {
        expect(plain(await readTable(path("nameless", bytes)))).toEqual(table);
        expect(plain((await readTables([path("name.less", bytes)])).table)).toEqual(table);
        for (const other of formatNames) {
          const ending = formats[other].endings[0];
          if (other === name && file.endsWith(ending)) continue;
          const error = await errorOf(readTable(path(`lie${ending}`, bytes)));
          expect(error.code).toBe("data.format");
          expect(error.message).toContain(`This is not ${formats[other].noun}, as its name says, but`);
          expect(error.message).toMatch(
            format.begins ? `should end with ${format.endings[0]}.` : /gzip.*gunzip/,
          );
        }
      }
      if (!format.packed) {
        const error = await errorOf(readTable(`a${format.endings[0]}.gz`));
        expect(error.message).toContain(`Compressed as a whole, ${format.noun} is not read; unpack it`);
      }
    },
  );

  it.skipIf(!readable)(
    "takes the options that it says it takes, and refuses the others by name",
    async () => {
      expect(Object.keys(effects).sort()).toEqual([...format.takes].sort());
      const values: Required<{ [K in ReadOption]: NonNullable<ReadOptions[K]> }> = {
        ...{ nulls: "refuse", names: ["a"], separator: ";", missing: ["-999"] },
        ...{ allowEmpty: true, allowTreeless: true },
      };
      for (const option of Object.keys(formatOptions) as ReadOption[]) {
        const effect = effects[option];
        if (effect) {
          const spec = path(effect.name, effect.bytes) + (effect.part ? `:${effect.part}` : "");
          const shown = (found: Events | DataError) =>
            found instanceof DataError ? found.code : plain(found);
          const without = shown(await answer(() => readTable(spec)));
          const whole = shown(await answer(() => readTable(spec, undefined, effect.with)));
          expect(whole, option).not.toEqual(without);
          expect(shown(await answer(() => joined(spec, effect.with))), option).toEqual(whole);
          continue;
        }
        const spec = path(sound[0].name, sound[0].bytes);
        const given: ReadOptions = { [option]: values[option] };
        const errors = [await errorOf(readTable(spec, undefined, given)), await errorOf(joined(spec, given))];
        if (option !== "allowEmpty" && option !== "allowTreeless")
          errors.push(await errorOf(readTables([spec], undefined, given)));
        for (const error of errors) {
          expect(error).toMatchObject({ code: "data.option", option });
          expect(error.message).toContain(`${option} means nothing for ${format.noun}: it is of file.`);
        }
      }
    },
  );

  it.skipIf(!readable)("a table without rows is an error unless that is allowed", async () => {
    const spec = path(empty.name, empty.bytes);
    expect(await errorOf(readTable(spec))).toMatchObject({ code: "data.empty" });
    expect(await errorOf(joined(spec))).toMatchObject({ code: "data.empty" });
    const table = await readTable(spec, undefined, { allowEmpty: true });
    expect(aboutEvents(table).rows).toBe(0);
    expect(numbersOf(table).length).toBeGreaterThan(0);
    expect(plain(await joined(spec, { allowEmpty: true }))).toEqual(plain(table));
  });

  it.skipIf(!readable)("what cannot be of what it claims is an error", async () => {
    expect(claims.length).toBeGreaterThan(0);
    for (const { name: file, bytes } of claims) {
      const spec = path(file, bytes);
      for (const options of [{}, { allowEmpty: true }]) {
        await errorOf(readTable(spec, undefined, options));
        await errorOf(joined(spec, options));
      }
    }
  });

  it.skipIf(!readable)(
    "damage is an error of data, or no wrong number that a checksum could see",
    async () => {
      const random = generator(11);
      const at = (length: number) => Math.floor(random() * length);
      let refused = 0;
      for (const { name: file, bytes, table, sealed } of files) {
        for (let i = 0; i < runs(40); i++) {
          // A slice of a Buffer would be the same bytes.
          let damaged = Uint8Array.from(bytes);
          if (i % 4 === 0) damaged = damaged.subarray(0, at(bytes.length));
          else for (let n = 0; n < (i % 4) ** 2; n++) damaged[at(bytes.length)]! ^= 1 << at(8);
          const spec = path(`damaged-${file}`, damaged);
          const whole = await answer(() => readTable(spec));
          const parts = await answer(() => joined(spec));
          if (whole instanceof DataError) refused++;
          if (whole instanceof DataError || parts instanceof DataError)
            expect(parts instanceof DataError && whole instanceof DataError, String(whole)).toBe(true);
          else {
            expect(cells(parts)).toEqual(cells(whole));
            if (sealed) expect(plain(whole)).toEqual(table);
          }
        }
      }
      expect(refused).toBeGreaterThan(0);
    },
  );

  it.skipIf(written === undefined)("what is written is read again, whole and in pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        written!,
        fc.array(fc.nat({ max: 7 }), { maxLength: 2 }),
        fc.constantFrom(...usualEndings(format)),
        async (table, cuts, ending) => {
          const spec = join(folder, `again${ending}`);
          const { rows } = aboutEvents(table);
          const bounds = [0, ...cuts.filter((cut) => cut < rows).sort(), rows];
          await writePieces(spec, async function* () {
            for (let i = 1; i < bounds.length; i++)
              yield select(
                table,
                Uint8Array.from({ length: rows }, (_, row) =>
                  Number(bounds[i - 1]! <= row && row < bounds[i]!),
                ),
              );
          });
          const again = await readTable(spec);
          expectWhole(again);
          const kept = name !== "csv";
          expect(cells(kept ? again : withoutSigns(again))).toEqual(
            cells(kept ? table : withoutSigns(table)),
          );
          expect(cells(await joined(spec))).toEqual(cells(again));
          if (kept)
            for (const each of numbersOf(table))
              expect(sameBits(flatColumn(again, each), flatColumn(table, each)), each).toBe(true);
        },
      ),
      { numRuns: runs(60) },
    );
  });
});

it("whoever damages the bytes of an example damages them for nobody else", () => {
  for (const { sound, jagged, empty, claims, effects } of Object.values(examples))
    for (const file of [...sound, ...(jagged ? [jagged] : []), empty, ...claims, ...Object.values(effects)]) {
      const before = [...file.bytes];
      file.bytes.fill(0);
      file.bytes.slice().fill(0);
      expect([...file.bytes], file.name).toEqual(before);
    }
});

/** Text does not tell whole numbers of 64 bits from others, and these have no -0. */
function withoutSigns(table: Events): Events {
  const columns = new Map(flatColumns(table));
  for (const [name, values] of columns) {
    if (!(values instanceof Float64Array || values instanceof Float32Array)) continue;
    if (values.some((x) => Math.abs(x) > 2 ** 53))
      columns.set(
        name,
        values.map((x) => x + 0),
      );
  }
  return makeEvents(columns, aboutEvents(table));
}
