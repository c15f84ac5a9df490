import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { aboutEvents } from "../../src/core/events.js";
import { normal } from "../../src/entry/random.js";
import { eventsOf } from "../../src/events/columns.js";
import { DataError } from "../../src/events/dataerror.js";
import { tables } from "../../src/events/tables.js";
import { writeTable } from "../../src/events/writetable.js";
import {
  adam,
  asimovLoss,
  axis,
  compile,
  cut,
  cutYields,
  type Events,
  histogram,
  init,
  key,
  logYield,
  type Numbers,
  type Tensor,
  table,
  train,
} from "../../src/index.js";
import { OptionError } from "../../src/text/gradcuterror.js";
import { errorOf, scratch } from "../kit/data-help.js";

const { folder, path } = scratch();
const at = (name: string) => join(folder, name);
const n = 400;

/** A column of every kind that a file can have. */
function everyKind(seed: number, mean: number) {
  const draws = normal(key(seed), n).map((z) => mean + z);
  return {
    f64: draws,
    f32: Float32Array.from(draws),
    i32: Int32Array.from(draws, (x) => Math.round(10 * x)),
    u32: Uint32Array.from(draws, (_, i) => 4_000_000_000 + i),
    flag: Uint8Array.from(draws, (x) => Number(x > mean)),
    run: BigInt64Array.from(draws, (_, i) => 16_777_217n + BigInt(i)),
    event: BigInt64Array.from(draws, (_, i) => 2n ** 60n + BigInt(i)),
    jets: { offsets: Int32Array.from({ length: n + 1 }, (_, i) => i), content: Float32Array.from(draws) },
    label: Array.from(draws, (x) => (x > mean ? "a" : "b")),
  };
}
const [signal, background] = [everyKind(1, 2), everyKind(2, 0)];
const files = { signal: at("signal.parquet"), background: [at("one.parquet"), at("rest?.parquet")] };

beforeAll(async () => {
  await init();
  await writeTable(files.signal, eventsOf(signal));
  const part = (from: number, to: number) =>
    eventsOf({
      ...Object.fromEntries(
        Object.entries(background).map(([name, x]) => [name, "offsets" in x ? x : x.slice(from, to)]),
      ),
      jets: {
        offsets: Int32Array.from({ length: to - from + 1 }, (_, i) => i),
        content: background.jets.content.slice(from, to),
      },
    });
  await writeTable(at("one.parquet"), part(0, 100));
  await writeTable(at("rest1.parquet"), part(100, 250));
  await writeTable(at("rest2.parquet"), part(250, n));
});

/** Columns that tiles hold, as they come from a file. */
const usable = ["f64", "f32", "i32", "u32", "flag", "run", "jets[0]"] as const;
const given: Record<(typeof usable)[number], Numbers> = {
  ...background,
  run: Int32Array.from(background.run, Number),
  "jets[0]": Float64Array.from(background.jets.content),
};

describe("from files to a training", () => {
  test("is one call, with the bits of the same columns in memory", async () => {
    const selection = cut("f64 > {least = 0} && f32 < {most = 5 in [-10, 10]}");
    const loss = (
      p: Record<"least" | "most", Tensor>,
      e: Record<"signal" | "background", Readonly<Record<"f64" | "f32" | "flag", Tensor>>>,
    ) => {
      const yieldOf = (events: typeof e.signal) => logYield(selection.logSoft(p, events), events.flag.add(1));
      return asimovLoss(yieldOf(e.signal), yieldOf(e.background));
    };
    const options = { params: { least: 0, most: 5 }, optimizer: adam(0.1), steps: 5 };
    const columns = ["f64", "f32", "flag"] as const;
    const read = await train(loss, { ...options, data: await tables(files, { columns }) });
    const data = { signal: table(some(signal, columns)), background: table(some(background, columns)) };
    const made = await train(loss, { ...options, data });
    expect(read).toEqual(made);
    expect(read.history[5]).toBeLessThan(read.history[0]!);
  });

  test("types of the loss follow from the columns", async () => {
    const trained = await train(
      (p: { x: Tensor }, { signal, background }) =>
        signal["jets[0]"].sub(p.x).square().mean().add(background.f32.sub(p.x).square().mean()),
      {
        params: { x: 0 },
        data: await tables(files, { columns: ["jets[0]", "f32"] }),
        optimizer: adam(0.1),
        steps: 3,
      },
    );
    expect(trained.params.x).toBeGreaterThan(0);
    // @ts-expect-error there is no such column
    expect((await tables(files, { columns: ["f32"] })).signal.f64).toBeUndefined();
    // @ts-expect-error there is no such name
    expect((await tables(files)).background2).toBeUndefined();
  });

  test.each(usable)("%s is computed with, cut, counted and batched as it is in memory", async (name) => {
    const read = (await tables(files, { columns: [name], dtype: "f64" })).background;
    expect(read[name]).toEqual(given[name]);
    const same = table({ [name]: given[name] }, { dtype: "f64" });
    const sum = compile((e: Readonly<Record<string, Tensor>>) => e[name]!.mul(2).sum());
    expect(sum(read)).toBe(sum(same));
    const least = Number(given[name][7]);
    const selection = cut(`${name} >= {least = ${least}}`);
    const mask = selection.hard({ least } as never, read);
    expect([...mask]).toEqual(Array.from(given[name], (x) => Number(x >= least)));
    expect(cutYields(selection, { least } as never, read)).toEqual(
      cutYields(selection, { least } as never, same),
    );
    const bins = histogram(axis.variable([-100, least, 2 ** 33]));
    expect([...bins.hard(read[name]).values]).toEqual([...bins.hard(given[name]).values]);
    const batched = (data: Events) =>
      train(
        (p: { x: Tensor }, e: Readonly<Record<string, Tensor>>) =>
          e[name]!.sub(p.x).div(least).square().mean(),
        { params: { x: 1 }, data: data as never, steps: 4, batch: 64, validation: 0.25 },
      );
    expect(await batched(read)).toEqual(await batched(same));
  });

  test.each([
    ["jets", /'jets' of the table is jagged.*pick\(…, 0\)/],
    ["label", /'label' of the table is text/],
    ["event", /'event' of the table is a BigInt64Array.*1152921504606846977 in row 1/],
  ])("%s is kept, and refused where it is computed with", async (name, sentence) => {
    const { signal: read } = await tables(files);
    expect(aboutEvents(read).names).toEqual(Object.keys(signal));
    expect(read[name]).toEqual((signal as Record<string, unknown>)[name]);
    const sum = compile((e: Readonly<Record<string, Tensor>>) => e[name]!.sum());
    expect(() => sum(read)).toThrow(sentence);
    expect(() => cut(`${name} > fixed(1)`).hard({} as never, read)).toThrow(sentence);
    const other = compile((e: Readonly<Record<string, Tensor>>) => e.f64!.sum());
    expect(other(read)).toBe(other(table({ f64: signal.f64 })));
    const { history, evaluations } = await train(
      (p: { x: Tensor }, e: { a: Readonly<Record<string, Tensor>> }) => e.a.f64!.sub(p.x).square().mean(),
      {
        params: { x: 0 },
        data: { a: read },
        ...{ steps: 2, batch: 100, validation: 0.5 },
        evaluate: (_, { validation }) => validation!.a[name],
      },
    );
    expect(history.length).toBe(3);
    const held = evaluations[0]!.numbers;
    expect(held).toMatchObject(name === "jets" ? { content: expect.any(Float32Array) } : { length: n / 2 });
  });

  test.each([
    [{ a: at("none.csv") }, {}, "data.missingFile", /^a: .*none\.csv: /],
    [{ a: { b: [at("no*.csv")] } }, {}, "data.missingFile", /^a\.b: .*no\*\.csv: No file matches/],
    [{ a: [] }, {}, "data.empty", /^a: There are no files/],
    [
      { ok: files.signal, a: [at("one.parquet"), at("one.parquet")] },
      {},
      "data.mismatch",
      /^a: .*is there twice/,
    ],
    [
      { ok: files.signal, a: at("one.parquet") },
      { columns: ["f65"] },
      "data.unknownColumn",
      /^a: .*no column f65/,
    ],
    [
      { a: files.signal },
      { columns: ["jets"] },
      "data.mismatch",
      /^a: .*jets has any count .* as in jets\[0\]/,
    ],
    [{ a: files.signal }, { columns: ["f64[0]"] }, "data.mismatch", /^a: .*write f64\./],
    [
      { a: files.signal },
      { columns: ["label"] },
      "data.unsupported",
      /^a: .*Column label cannot be read as numbers/,
    ],
    [
      { a: files.signal },
      { columns: ["event"] },
      "data.unsupported",
      /^a: Column event holds 1152921504606846977/,
    ],
  ])("an error begins with the name: %j %j", async (specs, options, code, message) => {
    const error = await errorOf(tables(specs, options as never));
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    [{ colums: [] }, "option.unknown", /colums.*columns/],
    [{ dtype: "f16" }, "option.value", /dtype/],
  ])("options are refused: %j", async (options, code, message) => {
    const error = await tables({ a: files.signal }, options as never).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("names must agree in all files of a name", async () => {
    const other = path("other.csv", "f64\n1\n");
    const error = await errorOf(tables({ a: at("one.parquet"), b: [at("one.parquet"), other] }));
    expect(error.message).toMatch(/^b: .*other\.csv: There is no column f32/);
  });
});

const some = <K extends keyof typeof signal>(columns: typeof signal, names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, columns[name]])) as {
    [N in K]: (typeof signal)[N];
  } as never as Record<K, Numbers>;
