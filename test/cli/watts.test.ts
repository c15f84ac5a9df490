// The numbers of the reference notebooks, on their samples. Long trainings run in full with GRADCUT_LONG=1.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { exponentialDecay } from "../../src/entry/optim.js";
import { diagnose, scanThresholds } from "../../src/entry/select.js";
import {
  adam,
  asimovLoss,
  type Column,
  compile,
  cut,
  cutYields,
  init,
  lbfgs,
  logYield,
  mlp,
  type Soft,
  sOverSqrtBLoss,
  softmaxLoss,
  type Tensor,
  type Traced,
  table,
  train,
  valueAndGrad,
} from "../../src/index.js";

const folder = resolve(import.meta.dirname, "../../../shared/data/watts");
const present = existsSync(folder);
const long = process.env.GRADCUT_LONG === "1";
if (!present) console.log(`skipped: the reference samples are not in ${folder}`);

beforeAll(() => init());

type XY = { x: Float64Array; y: Float64Array };

function csv(file: string): XY {
  const rows = readFileSync(join(folder, file), "utf8").trim().split("\n").slice(1);
  const column = (k: number) => Float64Array.from(rows, (row) => Number(row.split(",")[k]));
  return { x: column(0), y: column(1) };
}

/** Every `step`-th event. */
const thin = ({ x, y }: XY, step: number): XY => ({
  x: x.filter((_, i) => i % step === 0),
  y: y.filter((_, i) => i % step === 0),
});

function events(signal: XY, background: XY, dtype: "f32" | "f64") {
  return { signal: table(signal, { dtype }), background: table(background, { dtype }) };
}
type Events = Traced<ReturnType<typeof events>>;
type Cuts = { cuts: { cx: Tensor; cy: Tensor } };

/** x > cx and y > cy, and the notebooks' loss of its soft weight. */
function plane(soft: Soft, start: number) {
  const selection = cut("x > {cx = 0} && y > {cy = 0}", { soft });
  const loss = (p: Cuts, { signal, background }: Events, now?: { width: Tensor }) =>
    softmaxLoss(selection.soft(p.cuts, signal, now?.width), selection.soft(p.cuts, background, now?.width));
  return { selection, loss, params: { cuts: { cx: start, cy: start } } };
}

describe.skipIf(!present)("cuts in the plane, softmax loss", () => {
  const [signal, background] = present ? [csv("signal_2d.csv"), csv("background_2d.csv")] : [];
  const data = (dtype: "f32" | "f64") => events(signal!, background!, dtype);

  it.each([
    ["sigmoid", 98698.25, 98502.98168, -1.07737943, -0.37443156],
    ["erf", 98528.81, 98307.21126, -0.34697251, 0.23541706],
  ] as const)("%s: L-BFGS in f64 reaches the optimum", async (soft, first, last, cx, cy) => {
    const { loss, params } = plane(soft, 1);
    const result = await train((p, e) => loss(p, e), {
      params,
      data: data("f64"),
      optimizer: lbfgs(),
      steps: 100,
    });
    expect(result.status).toBe("converged");
    expect(Math.abs(result.history[0]! - first)).toBeLessThan(0.01);
    expect(result.loss).toBeCloseTo(last, 5);
    expect(Math.abs(result.params.cuts.cx - cx)).toBeLessThan(1e-6);
    expect(Math.abs(result.params.cuts.cy - cy)).toBeLessThan(1e-6);
  });

  it("Adam in f32 follows the printed losses", async () => {
    const { loss, params } = plane("sigmoid", 1);
    const steps = long ? 5000 : 500;
    const { history, params: end } = await train((p, e) => loss(p, e), {
      params,
      data: data("f32"),
      optimizer: adam(0.002),
      steps,
    });
    // The notebooks print the loss before the update of that number, in f32, whose steps are 0.008 here.
    expect(Math.abs(history[0]! - 98698.24)).toBeLessThan(0.02);
    expect(Math.abs(history[499]! - 98554.8)).toBeLessThan(0.02);
    if (!long) return;
    expect(Math.abs(history[4999]! - 98502.98)).toBeLessThan(0.01);
    expect(Math.abs(end.cuts.cx + 1.0773739)).toBeLessThan(1e-4);
    expect(Math.abs(end.cuts.cy + 0.3744329)).toBeLessThan(1e-4);
  }, 60_000);

  it("from (60, 60): flat in f32, and it says so", async () => {
    const { selection, loss, params } = plane("sigmoid", 60);
    const result = await train((p, e) => loss(p, e), {
      params,
      data: data("f32"),
      optimizer: adam(0.002),
      steps: 50,
    });
    expect(result.params).toEqual(params);
    expect(result.grads.cuts).toEqual({ cx: 0, cy: 0 });
    expect(result.loss).toBeCloseTo(10000 * Math.log(20000), 1);
    const stuck = diagnose(selection, [signal!, background!], {
      start: params.cuts,
      end: result.params.cuts,
      grads: result.grads.cuts,
    });
    expect(stuck.map(({ name, kind }) => [name, kind])).toEqual([
      ["cx", "flat"],
      ["cy", "flat"],
    ]);
    expect(stuck[0]!.message).toContain("its gradient is exactly 0");
  });

  it("from (10, 10): a barrier, and it says so", async () => {
    const { selection, loss, params } = plane("sigmoid", 10);
    const result = await train((p, e) => loss(p, e), {
      params,
      data: data("f32"),
      optimizer: adam(0.002),
      steps: 50,
    });
    expect(result.params.cuts.cx).toBeGreaterThan(10);
    const stuck = diagnose(selection, [signal!, background!], {
      start: params.cuts,
      end: result.params.cuts,
      grads: result.grads.cuts,
    });
    expect(stuck.map(({ kind }) => kind)).toEqual(["outward", "outward"]);
    expect(stuck[0]!.message).toContain("its gradient leads farther out");
  });

  it("from (60, 60): a scan brings it back", async () => {
    const { selection, loss, params } = plane("sigmoid", 60);
    const evaluate = compile((p: Cuts, e: Events) => loss(p, e));
    const found = scanThresholds(selection, {
      signal: { columns: signal! },
      background: { columns: background! },
    });
    const same = scanThresholds(
      selection,
      { signal: { columns: signal! }, background: { columns: background! } },
      { objective: (cuts) => evaluate({ cuts: { ...params.cuts, ...cuts } }, data("f32")) as number },
    );
    for (const start of [found, same]) {
      const result = await train((p, e) => loss(p, e), {
        params: { cuts: { ...params.cuts, ...start.params } },
        data: data("f64"),
        optimizer: lbfgs(),
        steps: 100,
      });
      expect(result.loss).toBeCloseTo(98502.98168, 5);
    }
    expect(same.value).toBeLessThan(98520);
  });

  it("from (60, 60): annealing brings it back", async () => {
    const { loss, params } = plane("sigmoid", 60);
    const step = long ? 1 : 10;
    const width = exponentialDecay(30, 5000, 1 / 30);
    const { params: end, loss: last } = await train(
      (p: Cuts, e: Events, now: { width: Tensor }) => loss(p, e, now),
      {
        params,
        data: events(thin(signal!, step), thin(background!, step), "f32"),
        optimizer: adam(0.05),
        steps: 5000,
        extras: (k: number) => ({ width: width(k) }),
      },
    );
    expect(Math.abs(end.cuts.cx + 1.077)).toBeLessThan(long ? 0.01 : 0.3);
    expect(Math.abs(end.cuts.cy + 0.374)).toBeLessThan(long ? 0.01 : 0.3);
    if (long) expect(last).toBeCloseTo(98502.98, 2);
  }, 60_000);

  it.each([
    ["sOverSqrtB", sOverSqrtBLoss, 141.06612],
    ["asimov", asimovLoss, 110.30148],
  ] as const)(
    "%s from (200, 200): logarithms bring it back",
    async (_, objective, best) => {
      const { selection } = plane("sigmoid", 200);
      const step = long ? 1 : 10;
      const loss = (p: Cuts, { signal: s, background: b }: Events) =>
        objective(logYield(selection.logSoft(p.cuts, s)), logYield(selection.logSoft(p.cuts, b)));
      const sample = events(thin(signal!, step), thin(background!, step), "f32");
      const options = { data: sample, optimizer: adam(0.2), steps: 2000 };
      const far = await train(loss, { ...options, params: { cuts: { cx: 200, cy: 200 } } });
      const near = await train(loss, { ...options, optimizer: lbfgs(), params: { cuts: { cx: 0, cy: 0 } } });
      expect(far.params.cuts.cx).toBeCloseTo(near.params.cuts.cx, 3);
      expect(far.params.cuts.cy).toBeCloseTo(near.params.cuts.cy, 3);
      if (long) expect(Math.exp(-far.loss)).toBeCloseTo(best, 4);
    },
    60_000,
  );
});

describe.skipIf(!present)("one cut, S/√B", () => {
  const [signal, background] = present ? [csv("signal_1d.csv"), csv("background_1d.csv")] : [];
  const selection = cut("x > {c = 0}", { soft: "erf" });
  const loss = (p: { cuts: { c: Tensor } }, e: Events) =>
    sOverSqrtBLoss(
      logYield(selection.logSoft(p.cuts, e.signal)),
      logYield(selection.logSoft(p.cuts, e.background)),
    );

  it.each([0, 200, 1000])("erf from %f: the continuous optimum", async (start) => {
    for (const dtype of ["f32", "f64"] as const) {
      const data = events(signal!, background!, dtype);
      const result = await train(loss, {
        params: { cuts: { c: start } },
        data,
        optimizer: lbfgs(),
        steps: 100,
      });
      expect(result.params.cuts.c).toBeCloseTo(3.4906, 4);
      expect(Math.exp(-result.loss)).toBeCloseTo(202.83, 2);
    }
  });

  it("from -200 every event passes: flat, and it says so", async () => {
    const data = events(signal!, background!, "f32");
    const params = { cuts: { c: -200 } };
    const { grads, params: end } = await train(loss, { params, data, optimizer: adam(0.1), steps: 20 });
    const [stuck] = diagnose(selection, [signal!, background!], {
      start: params.cuts,
      end: end.cuts,
      grads: grads.cuts,
    });
    expect(stuck?.message).toContain("where every event passes and its gradient is exactly 0");
  });

  it("hard: the best of the notebook's grid", () => {
    const grid = Array.from({ length: 100 }, (_, i) => -10 + (20 * i) / 99);
    const value = (c: number) => {
      const [s, b] = [signal!, background!].map((sample) => cutYields(selection, { c }, sample).hard.sum);
      return b! > 0 ? s! / Math.sqrt(b!) : 0;
    };
    const best = grid.reduce((a, c) => (value(c) > value(a) ? c : a));
    expect(best).toBeCloseTo(3.5354, 4);
    expect(value(best)).toBeCloseTo(216.61, 2);
  });
});

type Start = {
  layers: number[];
  linear: { w: number[][]; b: number[] }[];
  lossAtStart: number;
  lossAfter2000Updates: number;
};

describe.skipIf(!present)("cuts and a network together", () => {
  it("follows the printed losses", async () => {
    const start = JSON.parse(readFileSync(join(folder, "smlp_start.json"), "utf8")) as Start;
    const read = (file: string) => {
      const bytes = readFileSync(join(folder, file));
      const v = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const column = (k: number) => v.filter((_, i) => i % 2 === k);
      return table({ x: column(0), y: column(1), v } satisfies Record<string, Column>, {
        rows: v.length / 2,
      });
    };
    const data = { signal: read("signal_40k.f32"), background: read("background_40k.f32") };
    const selection = cut("x > {cx = 1} && y > {cy = 1}");
    const net = mlp(start.layers, { output: "sigmoid" });
    const params = {
      cuts: { cx: 1, cy: 1 },
      net: start.linear.map(({ w, b }) => ({ w: Float64Array.from(w.flat()), b: Float64Array.from(b) })),
    };
    const loss = (p: Traced<typeof params>, { signal, background }: Traced<typeof data>) => {
      const model = (e: typeof signal) => selection.soft(p.cuts, e).mul(net.apply(p.net, e.v).reshape([]));
      return softmaxLoss(model(signal), model(background));
    };
    if (!long) {
      const { value } = compile(valueAndGrad(loss))(params, data);
      expect(Math.abs(value - start.lossAtStart)).toBeLessThan(1);
    }
    const result = await train(loss, { params, data, optimizer: adam(0.002), steps: long ? 2000 : 25 });
    const { history } = result;
    expect(history[25]!).toBeLessThan(history[0]! - 300);
    if (!long) return;
    expect(Math.abs(history[199]! - 449651.4)).toBeLessThan(1);
    expect(Math.abs(history[999]! - 448421.6)).toBeLessThan(1);
    expect(Math.abs(result.loss - start.lossAfter2000Updates)).toBeLessThan(1);
    expect(Math.abs(result.params.cuts.cx + 1.8545)).toBeLessThan(2e-3);
    expect(Math.abs(result.params.cuts.cy + 1.8163)).toBeLessThan(2e-3);
  }, 300_000);
});
