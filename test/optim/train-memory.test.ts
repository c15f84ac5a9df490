import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { select } from "../../src/events/columns.js";
import { tables } from "../../src/events/tables.js";
import { writeTable } from "../../src/events/writetable.js";
import { init, sgd, type Tensor, table, train } from "../../src/index.js";
import { key, uniform } from "../../src/random/keys.js";
import { scratch } from "../kit/data-help.js";

const { folder } = scratch();
const file = join(folder, "a.parquet");
const rows = 200_000;
/** Bytes of the columns x (f64), y (f32) and n (i32). */
const size = 16 * rows;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of arrays that are reachable. */
function held(): number {
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

beforeAll(async () => {
  await init();
  const x = uniform(key(1), rows);
  await writeTable(file, table({ x, y: Float32Array.from(x), n: Int32Array.from(x, (u) => 100 * u) }));
});

const columns = ["x", "y", "n"] as const;
const loss = (p: { a: Tensor }, { data: e }: { data: Record<"x" | "y" | "n", Tensor> }) =>
  e.x.add(e.y).add(e.n.mul(0.01)).sub(p.a).square().mean();

/** How often the columns are in memory, of all that a training holds at a step; rows cost `perRow` bytes besides. */
async function copies(options: { batch?: number; validation?: number }, perRow: number): Promise<number> {
  const before = held();
  const data = await tables({ data: file }, { columns });
  let most = 0;
  await train(loss, {
    ...{ params: { a: 0 }, data, steps: 3, optimizer: sgd(0.1), floor: false },
    ...options,
    onStep: () => {
      most = Math.max(most, held() - before);
    },
  });
  const found = (most - perRow * rows) / size;
  expect(found).toBeGreaterThan(0.95);
  return found;
}

describe("columns of a file are in memory", () => {
  test("once where all of them train, as they were read", async () => {
    expect(await copies({}, 0)).toBeLessThan(1.05);
  });

  test("once more, with f64 as f32, where they are shuffled for batches", async () => {
    // Orders of rows: one of all events, one of an epoch.
    expect(await copies({ batch: 1000 }, 8)).toBeLessThan(1.8);
  });

  test("once more where some are held out", async () => {
    // Which rows are where.
    expect(await copies({ validation: 0.25 }, 4)).toBeLessThan(2.05);
  });

  test("once where a selection keeps all rows", async () => {
    const before = held();
    const { data } = await tables({ data: file }, { columns });
    const all = select(data, new Uint8Array(rows).fill(1));
    expect(all.x).toBe(data.x);
    expect((held() - before) / size).toBeLessThan(1.1);
  });
});
