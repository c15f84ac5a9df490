import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { exponentialDecay } from "../../src/entry/optim.js";
import {
  adam,
  asimovLoss,
  bceLoss,
  compile,
  cut,
  grad,
  init,
  key,
  lbfgs,
  logYield,
  mlp,
  type Scalar,
  sgd,
  significance,
  sOverSqrtBLoss,
  softmaxLoss,
  stack,
  type Tensor,
  type Traced,
  table,
  train,
  valueAndGrad,
} from "../../src/index.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

const draw = random(11);
const normal = (mean: number, sigma: number, n: number) =>
  Float64Array.from({ length: n }, () => {
    const r = Math.sqrt(-2 * Math.log(1 - draw()));
    return mean + sigma * r * Math.cos(2 * Math.PI * draw());
  });
const data = {
  signal: table({ x: normal(2, 1, 2000), y: normal(1, 1, 2000) }, { dtype: "f64" }),
  background: table({ x: normal(0, 2, 3000), y: normal(0, 2, 3000) }, { dtype: "f64" }),
};
type Events = Traced<typeof data>;

/** Σ (x - a)² / n + (b - 3)², least at the mean of x and at 3. */
const bowl = (p: { a: Tensor; rest: { b: Tensor }[] }, { signal }: Events) =>
  signal.x.sub(p.a).square().mean().add(p.rest[0]!.b.sub(3).square().sum());
const start = { a: 0, rest: [{ b: Float64Array.of(1, 2) }] };
const mean = data.signal.x.reduce((s, v) => s + v / 2000, 0);

describe("train", () => {
  it.each([
    ["adam", adam(0.1), 400],
    ["sgd", sgd(0.1), 200],
    ["sgd with momentum", sgd(0.05, { momentum: 0.8 }), 200],
    ["lbfgs", lbfgs(), 50],
  ] as const)("%s finds the minimum", async (name, optimizer, steps) => {
    const result = await train(bowl, { params: start, data, optimizer, steps });
    expectTypeOf(result.params).toEqualTypeOf<{ a: number; rest: { b: Float64Array<ArrayBuffer> }[] }>();
    expect(result.params.a).toBeCloseTo(mean, 5);
    expect([...result.params.rest[0]!.b].every((b) => Math.abs(b - 3) < 1e-4)).toBe(true);
    expect(result.history.length).toBe(result.steps + 1);
    expect(result.loss).toBe(result.history.at(-1));
    expect(result.status).toBe(name === "lbfgs" ? "converged" : "maxSteps");
    expect(Math.abs(result.grads.a)).toBeLessThan(1e-4);
    expect(start).toEqual({ a: 0, rest: [{ b: Float64Array.of(1, 2) }] });
  });

  it("is the same as a loop of compiled steps", async () => {
    const step = compile(valueAndGrad(bowl));
    const optimizer = adam(0.05);
    let params = start;
    let state = optimizer.init(params);
    const losses: number[] = [];
    for (let k = 0; k < 20; k++) {
      const { value, grads } = step(params, data);
      losses.push(value);
      const next = optimizer.update(grads as typeof params, state, params);
      state = next.state;
      const moved = next.updates;
      params = {
        a: params.a + moved.a,
        rest: params.rest.map(({ b }, i) => ({ b: b.map((v, j) => v + moved.rest[i]!.b[j]!) })),
      };
    }
    const seen: number[] = [];
    const result = await train(bowl, {
      params: start,
      data,
      optimizer: adam(0.05),
      steps: 20,
      onStep: (info) => {
        expectTypeOf(info.params.a).toEqualTypeOf<number>();
        expect(info.steps).toBe(20);
        seen.push(info.step);
      },
    });
    expect(seen).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect([...result.history.subarray(0, 20)]).toEqual(losses);
    expect(result.params).toEqual(params);
  });

  it("hands extras to the loss without tracing it again", async () => {
    let traces = 0;
    const widths: number[] = [];
    const schedule = exponentialDecay(10, 30, 0.01);
    const c = cut("x > {a = 40}");
    const result = await train(
      (p, { signal, background }, { width }) => {
        traces++;
        expectTypeOf(p.cuts.a).toEqualTypeOf<Scalar>();
        expectTypeOf(width).toEqualTypeOf<Scalar>();
        return sOverSqrtBLoss(
          logYield(c.logSoft(p.cuts, signal, width)),
          logYield(c.logSoft(p.cuts, background, width)),
        );
      },
      {
        params: { cuts: c.init() },
        data,
        optimizer: lbfgs(),
        steps: 30,
        extras: (step: number) => {
          widths[step] = schedule(step);
          return { width: schedule(step) };
        },
      },
    );
    expect(traces).toBe(1);
    expect(widths[0]).toBe(10);
    expect(widths[30]).toBeCloseTo(0.1, 12);
    expect(result.steps).toBe(30);
    expect(result.params.cuts.a).toBeGreaterThan(0);
    expect(result.params.cuts.a).toBeLessThan(3);
  });

  it("stops at NaN with the params of the last good step", async () => {
    // √ of a parameter that the updates take below 0.
    const result = await train((p) => p.a.sqrt(), {
      params: { a: 1 },
      data: {},
      optimizer: sgd(0.3),
      steps: 50,
    });
    expect(result.status).toBe("notFinite");
    expect(result.params.a).toBeGreaterThan(0);
    expect(result.loss).toBeCloseTo(Math.sqrt(result.params.a), 12);
    expect(result.history.every(Number.isFinite)).toBe(true);
    expect(result.message).toContain(`after step ${result.steps}, whose params are returned`);
    const bad = await train((p) => p.a.log(), { params: { a: -1 }, data: {}, steps: 5 });
    expect(bad).toMatchObject({ status: "notFinite", params: { a: -1 }, steps: 0 });
    expect(bad.message).toContain("at the start");
  });

  it("stops when told to, and lets the event loop turn", async () => {
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
      if (ticks === 3) stop.abort();
    }, 1);
    const result = await train(bowl, { params: start, data, steps: 1e7, signal: stop.signal });
    clearInterval(timer);
    expect(result.status).toBe("aborted");
    expect(result.message).toBe(`Stopped after ${result.steps} of 10000000 steps.`);
    expect(result.steps).toBeGreaterThan(10);
  });

  it("evaluates a point once, and makes no step from a minimum", async () => {
    let calls = 0;
    const optimizer = lbfgs();
    const counted = {
      ...optimizer,
      *step<P>(...args: Parameters<typeof optimizer.step<P>>): ReturnType<typeof optimizer.step<P>> {
        const inner = optimizer.step(...args);
        let turn = inner.next();
        while (!turn.done) {
          calls++;
          turn = inner.next(yield turn.value);
        }
        return turn.value;
      },
    };
    const result = await train(bowl, {
      params: start,
      data,
      optimizer: counted as typeof optimizer,
      steps: 50,
    });
    expect(calls).toBeLessThan(12);
    const again = await train(bowl, {
      params: result.params,
      data,
      optimizer: lbfgs({ tolerance: 1e-6 }),
      steps: 50,
    });
    expect(again).toMatchObject({ status: "converged", steps: 0, params: result.params });
  });

  it("says which params do not fit", async () => {
    const params = { a: 0, b: Int32Array.of(1) };
    // @ts-expect-error integers cannot be trained
    await expect(train((p) => p.a.add(p.b.sum()), { params, data: {}, steps: 1 })).rejects.toThrow(
      /params\.b/,
    );
  });
});

/** Values and slopes of a function of two numbers, with central differences beside. */
function probe(f: (p: { s: Tensor; b: Tensor }) => Tensor) {
  const run = compile(valueAndGrad(f));
  return (s: number, b: number) => {
    const { value, grads } = run({ s, b });
    const h = 1e-5;
    const ds = (run({ s: s + h, b }).value - run({ s: s - h, b }).value) / (2 * h);
    const db = (run({ s, b: b + h }).value - run({ s, b: b - h }).value) / (2 * h);
    return { value, grads: [grads.s as number, grads.b as number], differences: [ds, db] };
  };
}

describe("objectives", () => {
  it("asimov and sOverSqrtB are -log of the significances, and smooth everywhere", () => {
    const [z, simple] = [probe((p) => asimovLoss(p.s, p.b)), probe((p) => sOverSqrtBLoss(p.s, p.b))];
    for (const logB of [-400, -20, 0, 5, 12]) {
      for (const t of [-300, -30, -9, -4.001, -4, -3.999, -1, 0, 2, 9, 40, 300]) {
        const { value, grads, differences } = z(logB + t, logB);
        grads.forEach((g, i) => {
          expect(g, `log S/B ${t}, log B ${logB}`).toBeCloseTo(differences[i]!, 4);
        });
        const { sOverSqrtB: r, asimov: a } = significance(Math.exp(logB + t), Math.exp(logB));
        if (t < 100 && t > -40) {
          expect(Math.exp(-value) / a).toBeCloseTo(1, 10);
          expect(Math.exp(-simple(logB + t, logB).value) / r).toBeCloseTo(1, 10);
        }
        // Without background to speak of, Z² is 2S(log(S/B) - 1); without signal, S²/B.
        const limit = t > 0 ? 0.5 * (Math.LN2 + logB + t + Math.log(t - 1)) : t + 0.5 * logB;
        if (Math.abs(t) >= 300) expect(-value).toBeCloseTo(limit, 6);
      }
    }
  });

  it("have second derivatives", () => {
    const f = compile(
      grad((p: { s: Tensor }) => grad((q: { s: Tensor }) => asimovLoss(q.s, q.s.mul(0.5)))(p).s),
    );
    const slope = compile(grad((q: { s: Tensor }) => asimovLoss(q.s, q.s.mul(0.5))));
    for (const s of [-12, -8, -7.99, 3]) {
      const difference = ((slope({ s: s + 1e-5 }).s as number) - (slope({ s: s - 1e-5 }).s as number)) / 2e-5;
      expect(f({ s }).s as number).toBeCloseTo(difference, 6);
    }
  });

  it("significance keeps its digits for small signals", () => {
    expect(significance(0, 5)).toEqual({ sOverSqrtB: 0, sOverSqrtSB: 0, asimov: 0 });
    expect(significance(5, 0).asimov).toBe(Number.POSITIVE_INFINITY);
    expect(significance(3, 100).asimov).toBeCloseTo(Math.sqrt(2 * (103 * Math.log(1.03) - 3)), 10);
    expect(significance(1e-9, 1).asimov / 1e-9).toBeCloseTo(1, 8);
    expect(significance(0.999e-3, 1).asimov).toBeCloseTo(significance(1.001e-3, 1).asimov - 2e-6, 8);
  });

  const scores = { signal: normal(1, 1, 400), background: normal(-1, 1, 600) };
  const events = (s: ArrayLike<number>, b: ArrayLike<number>) => ({
    signal: table({ z: Float64Array.from(s) }, { dtype: "f64" }),
    background: table({ z: Float64Array.from(b) }, { dtype: "f64" }),
  });

  it("softmaxLoss is the softmax over all events, summed over signal", () => {
    const u = (z: number) => 1 / (1 + Math.exp(-z));
    const all = [...scores.signal, ...scores.background].map(u);
    const norm = Math.log(all.reduce((s, v) => s + Math.exp(v), 0));
    const want = scores.signal.reduce((s, z) => s - (u(z) - norm), 0);
    type E = Traced<ReturnType<typeof events>>;
    const f = compile((e: E) => softmaxLoss(e.signal.z, e.background.z));
    expect(f(events(scores.signal, scores.background))).toBeCloseTo(want, 8);
  });

  it("weights count events", () => {
    const whole = {
      signal: table({ z: scores.signal, w: scores.signal.map((_, i) => i % 3) }, { dtype: "f64" }),
      background: table(
        { z: scores.background, w: scores.background.map((_, i) => i % 2) },
        { dtype: "f64" },
      ),
    };
    const twice = (z: Float64Array, n: number) => [...z].flatMap((v, i) => new Array<number>(i % n).fill(v));
    const copies = events(twice(scores.signal, 3), twice(scores.background, 2));
    type W = Traced<typeof whole>;
    type E = Traced<typeof copies>;
    for (const from of ["logits", "probabilities"] as const) {
      const prepare = (z: Tensor) => (from === "logits" ? z : z.sigmoid());
      const weighted = compile(({ signal: s, background: b }: W) => {
        const w = { signal: s.w, background: b.w };
        return {
          bce: bceLoss(prepare(s.z), prepare(b.z), { ...w, from }),
          softmax: softmaxLoss(s.z, b.z, w),
          log: logYield(s.z, s.w),
        };
      });
      const plain = compile(({ signal: s, background: b }: E) => ({
        bce: bceLoss(prepare(s.z), prepare(b.z), { from }),
        softmax: softmaxLoss(s.z, b.z),
        log: logYield(s.z),
      }));
      const [got, want] = [weighted(whole), plain(copies)];
      for (const name of ["bce", "softmax", "log"] as const) {
        expect(got[name] as number).toBeCloseTo(want[name] as number, 8);
      }
    }
  });

  it("bce is finite for probabilities of 0 and 1, with slopes", () => {
    const e = events([0, 1, 0.5], [0, 1, 0.25]);
    const f = compile(
      valueAndGrad((p: { a: Tensor }, { signal, background }: Traced<typeof e>) =>
        bceLoss(signal.z.mul(p.a), background.z.mul(p.a), { from: "probabilities" }),
      ),
    );
    const { value, grads } = f({ a: 1 }, e);
    expect(value).toBeCloseTo((200 + Math.log(2) - Math.log(0.75)) / 6, 10);
    expect(grads.a as number).toBeCloseTo((-1 - 1 + 0.25 / 0.75) / 6, 10);
  });

  it("logYield takes negative weights, and yields that underflow", () => {
    const e = table(
      { x: Float64Array.of(-900, -901, -903), w: Float64Array.of(2, -1, 0.5) },
      { dtype: "f64" },
    );
    const f = compile(valueAndGrad((p: { a: Tensor }, t: Traced<typeof e>) => logYield(t.x.mul(p.a), t.w)));
    const { value, grads } = f({ a: 1 }, e);
    const terms = [2, -Math.exp(-1), 0.5 * Math.exp(-3)];
    const sum = terms.reduce((a, b) => a + b);
    expect(value).toBeCloseTo(-900 + Math.log(sum), 10);
    expect(grads.a as number).toBeCloseTo((terms[0]! * -900 + terms[1]! * -901 + terms[2]! * -903) / sum, 8);
  });

  it("takes scores [1], and says what to do with [2]", () => {
    const e = events(scores.signal, scores.background);
    type E = Traced<typeof e>;
    const one = compile(({ signal, background }: E) => bceLoss(signal.z.reshape([1]), background.z));
    const plain = compile(({ signal, background }: E) => bceLoss(signal.z, background.z));
    expect(one(e)).toBe(plain(e));
    const two = compile(({ signal, background }: E) => bceLoss(stack([signal.z, signal.z]), background.z));
    expect(() => two(e)).toThrow("take one with .at(i)");
  });
});

describe("mlp", () => {
  it("has Haiku's start and computes what it says", () => {
    const net = mlp([2, 4, 3], { activation: "tanh", output: "sigmoid" });
    const params = net.init(key(5));
    expect(params.map(({ w, b }) => [w.length, b.length])).toEqual([
      [8, 4],
      [12, 3],
    ]);
    expect(params).toEqual(net.init(key(5)));
    expect(params).not.toEqual(net.init(key(6)));
    expect(params[0]!.w.every((w) => Math.abs(w) <= 2 / Math.sqrt(2))).toBe(true);
    expect(params[0]!.b.every((b) => b === 0)).toBe(true);
    const wide = mlp([400, 400]).init(key(1))[0]!.w;
    const spread = Math.sqrt(wide.reduce((s, w) => s + w * w, 0) / wide.length);
    expect(spread * 20).toBeCloseTo(0.8796, 2);

    params[0]!.b[1] = 0.3;
    const f = compile((p: Traced<typeof params>, e: { x: Tensor; y: Tensor }) =>
      net.apply(p, stack([e.x, e.y])),
    );
    const got = f(params, data.signal) as Float64Array;
    for (const i of [0, 7]) {
      const x = [data.signal.x[i]!, data.signal.y[i]!];
      const layer = (v: number[], { w, b }: (typeof params)[number], g: (z: number) => number) =>
        [...b].map((bias, j) => g(v.reduce((s, xi, k) => s + xi * w[k * b.length + j]!, bias)));
      const hidden = layer(x, params[0]!, Math.tanh);
      layer(hidden, params[1]!, (z) => 1 / (1 + Math.exp(-z))).forEach((want, j) => {
        expect(got[i * 3 + j]!).toBeCloseTo(want, 12);
      });
    }
  });

  it("says what is wrong with sizes and params", () => {
    expect(() => mlp([2])).toThrow("mlp([2, 16, 1])");
    expect(() => mlp([2, 0, 1])).toThrow("above 0");
    const net = mlp([2, 3, 1]);
    const f = compile((p: Traced<{ w: Float64Array; b: Float64Array }[]>, e: { x: Tensor; y: Tensor }) =>
      net.apply(p, stack([e.x, e.y])),
    );
    expect(() => f(net.init(key(1)).slice(1), data.signal)).toThrow("2 layers got params of 1");
  });
});

describe("a training that does harm", () => {
  const events = table({ x: normal(0, 1, 400) });
  const away = (p: { a: Tensor }, e: { x: Tensor }) => e.x.sub(p.a).square().mean();
  const start = { params: { a: 1 }, data: events, steps: 12 };

  it("says so, with the losses at both ends", async () => {
    const { worse, warnings, loss, history, status } = await train(away, { ...start, optimizer: sgd(1.2) });
    expect(status).toBe("maxSteps");
    expect(worse).toEqual({ start: history[0], end: loss });
    expect(warnings).toEqual([
      `The training made the loss worse: ${history[0]} at the start, ${loss} at the end. Take a lower learning rate, or start elsewhere.`,
    ]);
    const good = await train(away, { ...start, optimizer: sgd(0.4) });
    expect([good.worse, good.warnings]).toEqual([null, []]);
    // What is kept is what counts.
    const best = await train(away, { ...start, optimizer: sgd(1.2), patience: 50, evaluateEvery: 1 });
    expect([best.step, best.worse]).toEqual([0, null]);
  });

  it("says so on batches and under a loss that changes, both ends compared as at the end", async () => {
    const batched = await train(away, { ...start, optimizer: sgd(1.2), batch: 100 });
    const all = compile(away);
    expect(batched.worse).toEqual({ start: all({ a: 1 }, events), end: all(batched.params, events) });
    // Its losses grow by themselves, while its params get better.
    const growing = (p: { a: Tensor }, e: { x: Tensor }, { c }: { c: Tensor }) => away(p, e).add(c);
    const extras = (step: number) => ({ c: step });
    const better = await train(growing, { ...start, optimizer: sgd(0.1), extras });
    expect(better.loss).toBeGreaterThan(better.history[0]!);
    expect(better.worse).toBeNull();
    const harmed = await train(growing, { ...start, optimizer: sgd(1.2), extras });
    expect(harmed.worse!.end).toBe(harmed.loss);
    expect(harmed.worse!.start).toBeCloseTo(harmed.history[0]! + 12, 4);
  });
});
