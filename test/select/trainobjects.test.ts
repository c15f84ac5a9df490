// Trainings of cuts on objects: they converge, what they end in is the hard cut, and slopes are those of differences.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { annealedWidths } from "../../src/entry/select.js";
import {
  adam,
  asimovLoss,
  compile,
  cut,
  cutYields,
  init,
  logYield,
  nested,
  type Scalar,
  significance,
  squaredLoss,
  type Tensor,
  type Traced,
  type TrainOptions,
  table,
  train,
  valueAndGrad,
} from "../../src/index.js";
import { objectEvents } from "../kit/objects.js";

beforeAll(() => init());

/** Events of which those with larger `scale` have harder jets. */
function jetsOf(rows: number, seed: number, scale: number) {
  const { jets, met, weight } = objectEvents(rows, seed);
  const pt = Float64Array.from(jets.columns.pt, (x) => x * scale);
  return { met, weight, jets: nested(jets.offsets, { pt, eta: jets.columns.eta }) };
}
const columns = { signal: jetsOf(1500, 3, 1.5), background: jetsOf(3000, 4, 1) };
const tablesOf = (dtype: "f32" | "f64", { signal, background }: typeof columns) => ({
  signal: table(signal, { dtype }),
  background: table(background, { dtype }),
});
const data = tablesOf("f32", columns);

const text = "count(jets.pt > {jetPt = 30}) >= 2 && sum(jets.pt[jets.pt > {jetPt}]) > {ht = 250}";
type Params = { jetPt: number; ht: number };
type Events = Traced<typeof data>;
type Widths = Record<keyof Params, Scalar>;

const c = cut(text);
/** Of twenty times as much background. */
const loss = (p: Traced<Params>, { signal, background }: Events, widths: Widths): Tensor =>
  asimovLoss(
    logYield(c.logSoft(p, signal, widths), signal.weight),
    logYield(c.logSoft(p, background, widths), background.weight).add(Math.log(20)),
  );
const steps = 80;
const widths = annealedWidths(c, {
  from: { jetPt: 8, ht: 40 },
  to: { jetPt: 0.05, ht: 0.2 },
  steps,
  hold: 0.1,
});
type Options = TrainOptions<Params, typeof data, Params>;
const options = {
  params: c.init(),
  data,
  optimizer: adam(2),
  steps,
  extras: widths,
  seed: 5,
} satisfies Options;

const yieldsOf = (params: Params, width: Record<string, number>) => {
  const [s, b] = [columns.signal, columns.background].map((sample) =>
    cutYields(c, params, sample, { weights: sample.weight, width }),
  );
  return { s: s!, b: b! };
};
const zOf = (params: Params) => {
  const { s, b } = yieldsOf(params, widths(steps));
  return significance(s.hard.sum, 20 * b.hard.sum).asimov;
};

describe("a training of a cut on objects", () => {
  it.each([
    ["of all events", 1.1, {}],
    ["of batches", 1.04, { batch: 2250, weights: "weight", optimizer: adam(0.5) }],
  ] as const)("%s gains significance, and its soft yields end as hard ones", async (_, gain, parts) => {
    const { params, status } = await train(loss, { ...options, ...parts });
    expect(status).not.toBe("notFinite");
    const end = widths(steps);
    expect(zOf(params)).toBeGreaterThan(gain * zOf(c.init()));
    const far = ({ s, b }: ReturnType<typeof yieldsOf>) =>
      [s, b].map(({ soft, hard }) => Math.abs(soft.sum / hard.sum - 1));
    expect(Math.max(...far(yieldsOf(params, end)))).toBeLessThan(0.01);
    expect(Math.max(...far(yieldsOf(c.init(), widths(0))))).toBeGreaterThan(0.02);
  });

  it("has the slopes of differences at every width of the way", () => {
    const precise = tablesOf("f64", columns);
    const f = compile(valueAndGrad(loss));
    const at = (p: Params, w: Record<keyof Params, number>) => f(p, precise, w);
    for (const step of [0, steps / 4, steps / 2, steps]) {
      const w = widths(step);
      const here = { jetPt: 33, ht: 180 };
      const { grads } = at(here, w);
      for (const name of ["jetPt", "ht"] as const) {
        const h = 1e-4 * w[name];
        const value = (d: number) => at({ ...here, [name]: here[name] + d }, w).value;
        const difference = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
        expect(difference).not.toBe(0);
        expect(Math.abs(grads[name] / difference - 1), `${name} at step ${step}`).toBeLessThan(1e-6);
      }
    }
  });

  // Workers load built files.
  const dist = resolve(import.meta.dirname, "../../dist/src");
  it("has the same bits with two threads", async () => {
    expect(existsSync(join(dist, "entry/worker.node.js")), "run `npm run build` first").toBe(true);
    const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(dist, file)).href);
    const built: typeof import("../../src/index.js") = await load("index.js");
    const { threads }: typeof import("../../src/entry/threads.node.js") = await load("entry/threads.node.js");
    await built.init();
    // More than a leaf of the sum tree.
    const long = { signal: jetsOf(8500, 5, 1.5), background: jetsOf(300, 6, 1) };
    const own = built.cut(text);
    const same = (p: Traced<Params>, { signal, background }: Events, w: Widths): Tensor =>
      built.asimovLoss(
        built.logYield(own.logSoft(p, signal, w), signal.weight),
        built.logYield(own.logSoft(p, background, w), background.weight),
      );
    const some = { ...options, data: tablesOf("f32", long), steps: 2, optimizer: built.adam(2) };
    const alone = await built.train(same, some);
    const team = await threads(2);
    const both = await built.train(same, { ...some, threads: team });
    team.close();
    expect(both.history).toEqual(alone.history);
    expect(both.params).toEqual(alone.params);
  });
});

describe("thresholds of objects far outside the data", () => {
  const far = (outside: boolean) => cut(text, { outside, width: 2 });
  const score =
    (own: ReturnType<typeof far>) =>
    (p: Traced<Params>, { signal, background }: Events) =>
      squaredLoss(own.soft(p, signal), own.soft(p, background));

  it.each([
    ["jetPt", 5000],
    ["ht", 20_000],
    ["ht", -20_000],
  ] as const)("%s at %d has a slope with long tails, none without", (name, value) => {
    const params = { ...c.init(), [name]: value };
    const [plain, tailed] = [false, true].map((outside) => {
      const { grads } = compile(valueAndGrad(score(far(outside))))(params, data);
      return grads[name];
    });
    expect(plain).toBe(0);
    expect(tailed).not.toBe(0);
    expect(Number.isFinite(tailed)).toBe(true);
  });

  it("do not change the hard cut, nor by much the soft one", () => {
    const [plain, tailed] = [far(false), far(true)];
    const soft = (own: typeof plain) => compile((p: Traced<Params>, e: Events["signal"]) => own.soft(p, e));
    for (const params of [c.init(), { jetPt: 45, ht: 90 }, { jetPt: 5000, ht: 250 }]) {
      const hard = plain.hard(params, columns.signal);
      expect(tailed.hard(params, columns.signal)).toEqual(hard);
      expect(tailed.print(params)).toBe(plain.print(params));
      const [a, b] = [plain, tailed].map((own) => soft(own)(params, data.signal));
      expect(Math.max(...a!.map((x, i) => Math.abs(x - b![i]!)))).toBeLessThan(2e-3);
    }
  });

  it("find back", async () => {
    const own = far(true);
    const optimizer = adam(4, { eps: 1e-15 });
    const { params } = await train(score(own), {
      params: { jetPt: 30, ht: 900 },
      data,
      optimizer,
      steps: 150,
    });
    const yields = own.hard(params, columns.signal).reduce((n, m) => n + m, 0);
    expect(own.hard({ jetPt: 30, ht: 900 }, columns.signal).reduce((n, m) => n + m, 0)).toBeLessThan(
      yields / 4,
    );
  });
});
