import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluate, takenOf } from "../../src/cli/tables/evaluate.js";
import { given } from "../../src/cli/tables/givenexpr.js";
import { readSamples } from "../../src/cli/tables/samples.js";
import type { Analysis } from "../../src/cli/training/analysis.js";
import { Coordinates } from "../../src/cli/training/coordinates.js";
import { trainingTable } from "../../src/cli/training/trainingtable.js";
import { eventsOf } from "../../src/events/columns.js";
import { writeTable } from "../../src/events/writetable.js";
import { type Cut, cut, init, type Numbers } from "../../src/index.js";
import { key, normal } from "../../src/random/keys.js";
import { scratch } from "../kit/data-help.js";

const { folder } = scratch();
const file = join(folder, "a.parquet");
const n = 1000;
const draws = normal(key(3), n);
const columns = {
  pt: Float32Array.from(draws, (z) => 50 + 10 * z),
  mass: draws.map((z) => 90 + z),
  i: Int32Array.from(draws, (z) => 10 * z),
  q: Uint32Array.from(draws, (_, k) => 4_000_000_000 + k),
  flag: Uint8Array.from(draws, (z) => Number(z > 0)),
};

beforeAll(async () => {
  await init();
  await writeTable(file, eventsOf(columns));
});

const read = async (filter: string[]) => {
  const uses = Object.keys(columns).map((text) => given("cut", text));
  const [sample] = await readSamples({
    samples: [{ name: "signal", files: [file], filters: filter.map((text) => given("filter", text)) }],
    ...{ define: [], wanted: uses, inputs: [given("net", "pt")], weight: null, bad: "keep" as const },
  });
  return sample!;
};

describe("columns of a sample", () => {
  test("stay as they are in the file", async () => {
    const { values, rows } = await read([]);
    expect(rows).toBe(n);
    expect({ ...values }).toEqual(columns);
    expect({ ...(await read(["pt > -1e30"])).values }).toEqual(columns);
  });

  test("keep their kinds where a filter takes some rows", async () => {
    const { values, rows } = await read(["i > 3"]);
    const kept = <V extends Numbers>(x: V) => x.filter((_, row) => columns.i[row]! > 3);
    expect(rows).toBe(kept(columns.i).length);
    expect({ ...values }).toEqual(
      Object.fromEntries(Object.entries(columns).map(([name, x]) => [name, kept(x)])),
    );
  });

  test("are those of the table that trains, where tiles read them so", async () => {
    const sample = await read([]);
    const analysis: Analysis = {
      ...{ cut: cut("pt > 1 && i > 1 && q > 1 && mass > 1") as unknown as Cut, net: null },
      ...{ objective: "asimov" as const, coordinates: new Coordinates({}) },
    };
    const f32 = trainingTable(analysis, sample, { dtype: "f32" });
    expect(f32.pt).toBe(sample.values.pt);
    expect(f32.q).toBe(sample.values.q);
    expect(f32.i).toEqual(Float32Array.from(columns.i));
    expect(f32.mass).toEqual(Float32Array.from(columns.mass));
    const f64 = trainingTable(analysis, sample, { dtype: "f64" });
    expect(f64.mass).toBe(sample.values.mass);
    const rows = Uint32Array.of(3, 5, 8);
    const values = takenOf(sample.values, rows);
    const some = trainingTable(
      analysis,
      { ...sample, weight: draws },
      { dtype: "f32", part: { rows, values } },
    );
    expect(some.pt).toBe(values.pt);
    expect(some.i).toEqual(Float32Array.from(rows, (row) => columns.i[row]!));
    const scaled = Float32Array.from(rows, (row) => draws[row]!).map((w) => w * (n / 3));
    expect(some["event weight"]).toEqual(scaled);
    const shared = trainingTable(analysis, sample, { dtype: "f32", shared: true });
    expect(shared.pt!.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shared.pt).toEqual(columns.pt);
  });

  test.each([
    ...[
      "i",
      "-i",
      "i * i",
      "i * i * i * i * i * i * i",
      "q * q",
      "q - i",
      "i / flag",
      "i ** 2",
      "flag ** 0.5",
    ],
    ...["abs(i) > 2", "i == 3 || flag == 1", "!(i >= flag)", "min(i, flag, 2)", "max(q, i)", "1 / -(i * 0)"],
    ...["floor(i / 3)", "sign(i) + sqrt(flag)", "i < q && pt > 3 * i", "atan2(i, flag)"],
  ])("are computed with as f64: %s", (text) => {
    const as = (convert: (x: Numbers) => Numbers) =>
      eventsOf(Object.fromEntries(Object.entries(columns).map(([name, x]) => [name, convert(x)])));
    const use = given("cut", text);
    const of = (table: ReturnType<typeof as>) => Array.from(evaluate([use], { define: [] }, table).get(use)!);
    expect(of(as((x) => x))).toEqual(of(as((x) => Float64Array.from(x))));
  });
});
