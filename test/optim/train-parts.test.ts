import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { splitTables, standardError } from "../../src/entry/optim.js";
import { normal } from "../../src/entry/random.js";
import { adam, init, key, lbfgs, sgd, type Tensor, table, train } from "../../src/index.js";
import { batches, shuffled } from "../../src/optim/train/batches.js";

beforeAll(() => init());

type Pair = { s: { x: Tensor; row: Tensor }; b: { x: Tensor; row: Tensor } };
const rows = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
const data = {
  s: table({ x: Float32Array.from(normal(key(1), 300)), row: rows(300) }),
  b: table(
    { x: normal(key(2), 701), row: rows(701), wide: normal(key(3), 1402) },
    { rows: 701, dtype: "f64" },
  ),
};
const bowl = (p: { a: Tensor }, { s, b }: Pair) =>
  s.x.sub(p.a).square().mean().add(b.x.add(p.a).square().mean());
const params = { a: 3 };

describe("batches", () => {
  const options = { size: 100, seed: 4, shared: false };

  it("use every event once in an epoch, each table its share", () => {
    const all = batches(data, options);
    expect(all.perEpoch).toBe(11);
    const epochs = [0, 1].map((epoch) => {
      const seen = { s: [] as number[], b: [] as number[] };
      for (let i = 0; i < 11; i++) {
        const { s, b } = all.at(epoch * 11 + i);
        expect([27, 28]).toContain(s.row.length);
        expect([63, 64]).toContain(b.row.length);
        expect(b.wide.length).toBe(2 * b.row.length);
        s.row.forEach((row, j) => {
          expect(s.x[j]).toBe(data.s.x[row]);
          expect(all.row("s", j)).toBe(row);
        });
        b.row.forEach((row, j) => {
          expect([b.x[j], b.wide[2 * j + 1]]).toEqual([data.b.x[row], data.b.wide[2 * row + 1]]);
        });
        seen.s.push(...s.row);
        seen.b.push(...b.row);
      }
      for (const [name, n] of [
        ["s", 300],
        ["b", 701],
      ] as const) {
        expect([...seen[name]].sort((p, q) => p - q)).toEqual([...rows(n)]);
      }
      return seen;
    });
    expect(epochs[0]!.b).not.toEqual(epochs[1]!.b);
  });

  it("are a function of seed and step alone", () => {
    const [one, two] = [batches(data, options), batches(data, options)];
    const want = [30, 3, 12].map((step) => [...one.at(step).b.row]);
    expect([30, 3, 12].map((step) => [...two.at(step).b.row])).toEqual(want);
    expect([...batches(data, { ...options, seed: 5 }).at(3).b.row]).not.toEqual(want[1]);
  });

  it("keep one event of a table that is small", () => {
    const few = { s: table({ x: Float64Array.of(7, 8) }), b: table({ x: new Float64Array(1000) }) };
    const all = batches(few, { size: 100, seed: 1, shared: false });
    for (let step = 0; step < 11; step++) expect(all.at(step).s.x.length).toBe(1);
  });

  it("come in every order equally often", () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2400; i++) {
      const order = shuffled([9, i], 4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² of 23 degrees of freedom: above 60 once in 40,000 seeds.
    const chi2 = [...counts.values()].reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
    expect(chi2).toBeLessThan(60);
  });

  it("train to the minimum of all events, without tracing again", async () => {
    let traces = 0;
    const loss = (p: { a: Tensor }, e: Pair) => {
      traces++;
      return bowl(p, e);
    };
    const result = await train(loss, { params, data, batch: 100, seed: 1, optimizer: sgd(0.02), steps: 600 });
    const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v, 0) / x.length;
    expect(result.params.a).toBeCloseTo((mean(data.s.x) - mean(data.b.x)) / 2, 1);
    expect(traces).toBe(1);
    const again = await train(bowl, { params, data, batch: 100, seed: 1, optimizer: sgd(0.02), steps: 600 });
    expect(again.history).toEqual(result.history);
    const other = await train(bowl, { params, data, batch: 100, seed: 2, optimizer: sgd(0.02), steps: 600 });
    expect(other.history).not.toEqual(result.history);
    const search = await train(bowl, { params, data, batch: 500, optimizer: lbfgs(), steps: 30 });
    expect(search.params.a).toBeCloseTo(result.params.a, 0);
  });

  it("scale the weights that are named, so that sums estimate those of all", async () => {
    const weighted = { s: table({ w: new Float64Array(640).fill(0.5) }) };
    const sum = (p: { a: Tensor }, { s }: { s: { w: Tensor } }) => s.w.sum().mul(p.a);
    const all = { params: { a: 1 }, data: weighted, optimizer: sgd(0), steps: 12, batch: 60 };
    const scaled = await train(sum, { ...all, weights: "w", validation: 0.3 });
    scaled.history.forEach((value) => void expect(value).toBeCloseTo(320, 3));
    expect(scaled.evaluations[0]).toMatchObject({
      training: expect.closeTo(320, 3),
      validation: expect.closeTo(320, 3),
    });
    expect((await train(sum, all)).history[0]).toBeCloseTo(320 / 11, 0);
    await expect(train(sum, { ...all, weights: "v" })).rejects.toThrow("No table has the column 'v'");
    await expect(train(sum, { ...all, batch: 0 })).rejects.toThrow("The batch is 0");
  });
});

describe("held-out events", () => {
  it("are chosen by the seed, per table", () => {
    const split = splitTables(data, 0.2, { seed: 3 });
    expect(split.rows.validation.s).toHaveLength(60);
    expect(split.rows.validation.b).toHaveLength(140);
    expect(split.training.b.x).toHaveLength(561);
    const both = [...split.rows.training.b!, ...split.rows.validation.b!].sort((p, q) => p - q);
    expect(both).toEqual([...rows(701)]);
    expect([...split.validation.b.row]).toEqual([...split.rows.validation.b!]);
    expect(split.validation.b.wide).toHaveLength(280);
    expect(splitTables(data, 0.2, { seed: 3 })).toEqual(split);
    expect(splitTables(data, 0.2, { seed: 4 }).rows).not.toEqual(split.rows);
    expect(() => splitTables(data, 1, { seed: 3 })).toThrow("between 0 and 1");
    expect(() => splitTables({ s: table({ x: [1] as never }) }, 0.5, { seed: 1 })).toThrow();
    expect(() => splitTables({ s: table({ x: Float64Array.of(1) }) }, 0.5, { seed: 1 })).toThrow(
      "'s' has one event",
    );
  });

  it("are looked at beside the training ones, with numbers of the caller's", async () => {
    const looks: (number | null)[] = [];
    const result = await train(bowl, {
      ...{ params, data, validation: 0.25, seed: 2, optimizer: adam(0.1), steps: 25 },
      evaluate: (p, { training, validation, rows }, step) => {
        expect(rows!.training.s!.length).toBe(training.s.x.length);
        return { above: validation!.s.x.filter((x) => x > p.a).length, step };
      },
      onStep: ({ evaluated }) => void looks.push(evaluated?.numbers?.step ?? null),
    });
    expect(result.evaluations.map((e) => e.step)).toEqual([0, 10, 20, 25]);
    expect(looks.filter((s) => s !== null)).toEqual([0, 10, 20]);
    const [first, last] = [result.evaluations[0]!, result.evaluations.at(-1)!];
    expect(first.training).toBe(result.history[0]);
    expect(last.validation!).toBeLessThan(first.validation!);
    expect(result.step).toBe(25);
    // The losses of the two parts agree within the noise of their samples.
    const noise = Math.hypot(result.floor!.training, result.floor!.validation!);
    expect(Math.abs(last.validation! - last.training)).toBeLessThan(4 * noise);
    const given = await train(bowl, { params, data, validation: { data }, steps: 5 });
    expect(given.evaluations.at(-1)!.validation).toBeCloseTo(given.evaluations.at(-1)!.training, 12);
    const { training, validation, rows } = splitTables(data, 0.2, { seed: 3 });
    const split = { params, data: training, steps: 2 };
    const held = await train(bowl, { ...split, validation: { data: validation, rows } });
    expect(held.evaluations.at(-1)!.validation).not.toBeNull();
    for (const wrong of [{ dta: validation }, {}, "0.2", null])
      await expect(train(bowl, { ...split, validation: wrong as never })).rejects.toThrow(
        /'validation'|of validation/,
      );
  });

  it("end a training that no longer gets better, and keep the best", async () => {
    const overfitted = {
      s: table({ x: Float64Array.of(1, 1, 1) }),
      b: table({ x: Float64Array.of(-1, -1) }),
    };
    const other = { s: table({ x: Float64Array.of(2, 2) }), b: table({ x: Float64Array.of(-2, -2) }) };
    const result = await train(
      (p, { s, b }) => s.x.sub(p.a).square().mean().add(b.x.add(p.a).square().mean()),
      {
        ...{
          params: { a: 4 },
          data: overfitted,
          validation: { data: other },
          optimizer: sgd(0.01),
          steps: 500,
        },
        ...{ evaluateEvery: 1, patience: 5 },
      },
    );
    expect(result.status).toBe("earlyStop");
    expect(result.params.a).toBeCloseTo(2, 1);
    expect(result.steps).toBe(result.step + 5);
    expect(result.best).toMatchObject({ step: result.step, params: result.params });
    expect(result.loss).toBe(result.history[result.step]);
    expect(result.message).toBe(
      `Stopped after ${result.steps} of 500 steps: 5 evaluations in a row brought no improvement. The params of step ${result.step} are returned, the best of what was monitored.`,
    );
    const coarse = await train(bowl, {
      ...{ params, data, optimizer: sgd(0.01), steps: 500, patience: 2, minDelta: 0.5, keep: "last" },
      monitor: (e) => e.training,
    });
    expect(coarse.status).toBe("earlyStop");
    expect(coarse.step).toBe(coarse.steps);
  });

  it("stop when onStep says so", async () => {
    const result = await train(bowl, { params, data, steps: 9, onStep: ({ step }) => step === 4 && "stop" });
    expect(result).toMatchObject({
      status: "stopped",
      steps: 4,
      message: "Stopped by onStep after 4 of 9 steps.",
    });
  });
});

describe("the standard error of a loss", () => {
  it("is σ/√n of a mean, and that of a ratio of sums", async () => {
    const mean = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0) / x.length;
    const errors = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
        standardError({ x: table({ x: normal(key(seed), 1000) }) }, ({ x }) => mean(x.x), { seed }),
      ),
    );
    // Each is uncertain by 16 %.
    expect(mean(Float64Array.from(errors))).toBeCloseTo(1 / Math.sqrt(1000), 2.5);
    const sums = await standardError(
      { x: table({ x: normal(key(3), 2000) }), y: table({ y: normal(key(4), 500) }) },
      ({ x, y }) => (10 + mean(x.x)) / (5 + mean(y.y)),
      { seed: 1 },
    );
    expect(sums / Math.hypot(0.2 / Math.sqrt(2000), 0.4 / Math.sqrt(500))).toBeCloseTo(1, 0);
    expect(await standardError({ x: table({ x: Float64Array.of(1) }) }, () => 1, { seed: 1 })).toBeNaN();
  });
});

describe("a NaN", () => {
  const x = normal(key(1), 2000).map((v) => Math.abs(v) + 1);
  const events = table({ x: Object.assign(x, { 1234: 0.001 }) });
  // √ of x - a, which the smallest x leaves first.
  const root = (p: { a: Tensor }, e: { x: Tensor }) => e.x.sub(p.a).sqrt().mean();

  it.each([{}, { batch: 100, seed: 1 }, { batch: 100, seed: 1, validation: 0.1 }])(
    "is traced back to op and row (%o)",
    async (parts) => {
      const result = await train(root, {
        ...{ params: { a: -0.1 }, data: events, optimizer: sgd(0.1), steps: 200 },
        ...parts,
      });
      expect(result.status).toBe("notFinite");
      expect(result.message).toMatch(/sqrt\(-0\.\d+\) in row 1234 of 'events'; inputs there: params\.a = /);
      expect(result.history.length).toBe(result.steps + 1);
      expect(result.history.every(Number.isFinite)).toBe(true);
      // All other x are above 1.
      expect(result.params.a).toBeLessThan(1);
    },
  );

  it("or an infinity is named", async () => {
    const bad = await train((p) => p.a.log(), { params: { a: 0 }, data: {}, steps: 5 });
    expect(bad.message).toContain("at the start (the loss is -Infinity)");
    const steep = await train((p) => p.a.sqrt(), { params: { a: 0 }, data: {}, steps: 5 });
    expect(steep.message).toContain("(the gradient of params.a is Infinity)");
  });
});

describe("threads", () => {
  // Workers load built files.
  const dist = resolve(import.meta.dirname, "../../dist/src");
  it("change no bit, and columns are shared once", async () => {
    expect(existsSync(join(dist, "entry/worker.node.js")), "run `npm run build` first").toBe(true);
    const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(dist, file)).href);
    const built = (await load("index.js")) as typeof import("../../src/index.js");
    const { threads } = (await load(
      "entry/threads.node.js",
    )) as typeof import("../../src/entry/threads.node.js");
    await built.init();
    const big = {
      s: built.table({ x: normal(key(1), 30_000) }),
      b: built.table({ x: normal(key(2), 20_000) }),
    };
    const loss = (p: { a: Tensor }, { s, b }: { s: { x: Tensor }; b: { x: Tensor } }) =>
      s.x.sub(p.a).sigmoid().sum().log().add(b.x.add(p.a).square().mean());
    const team = await threads(2);
    for (const parts of [{}, { batch: 25_000, validation: 0.3 }]) {
      const options = { params: { a: 1 }, data: big, steps: 12, optimizer: built.adam(0.1), ...parts };
      const alone = await built.train(loss, options);
      const both = await built.train(loss, {
        ...options,
        threads: team,
        evaluate: (_, { training }) => training.s.x.buffer instanceof SharedArrayBuffer,
      });
      expect(both.history).toEqual(alone.history);
      expect(both.params).toEqual(alone.params);
      expect(both.evaluations.every((e) => e.numbers)).toBe(true);
      expect(both.floor).toEqual(alone.floor);
    }
    team.close();
  });
});
