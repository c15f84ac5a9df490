import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { interpret } from "../../src/core/oracle/interpret.js";
import { trace } from "../../src/core/run/trace.js";
import { rowIndex } from "../../src/entry/ops.js";
import {
  adam,
  bceLoss,
  compile,
  init,
  key,
  mlp,
  nn,
  ShapeError,
  type Tensor,
  type Traced,
  table,
  train,
  valueAndGrad,
  vmap,
} from "../../src/index.js";
import { uniformLike } from "../../src/ops/uniform.js";
import { ravel } from "../../src/optim/transformation.js";
import { foldIn, normal, split, uniform as uniformArray } from "../../src/random/keys.js";
import { oracles } from "../kit/registry.js";

beforeAll(() => init());

const peer = JSON.parse(readFileSync(new URL("../fixtures/optim.json", import.meta.url), "utf8"));

/** A table of n events with features x [k], a category and a float type. */
function events(n: number, k: number, dtype: "f32" | "f64" = "f64", seed = 1) {
  const x = normal(key(seed), n * k);
  const category = Int32Array.from({ length: n }, (_, i) => (i * 7) % 5);
  return table({ x, category }, { rows: n, dtype });
}
type Events = { x: Tensor; category: Tensor };
type Draw = { key: Tensor; step: Tensor };

describe("numbers of rows and random numbers in a sweep", () => {
  it.each(["f32", "f64"] as const)("are those of the reference, bit for bit: %s", (dtype) => {
    // More than one block, and a last tile that is not full.
    const n = 8192 + 300;
    const f = (p: Draw, e: Events) => ({
      row: rowIndex(e.x),
      u: uniformLike(e.x, p.key, p.step, 5),
      one: uniformLike(e.x.at(0), p.key, p.step, 6),
    });
    const params = { key: [0xfedc_ba98, 3], step: 4_000_000_000 };
    const e = events(n, 3, dtype);
    const got = compile(f)(params, e) as unknown as Record<string, Float64Array>;
    const traced = trace(f as never, [params, e]);
    const want = interpret(traced.outputs, {
      smalls: [params.key, [params.step]],
      columns: traced.columns.map(({ name }) => e[name as "x"]),
      rows: new Map([["events", n]]),
      oracles,
    });
    ["one", "row", "u"].forEach((name, i) => {
      const { data } = want[i]!;
      const k = data.length / n;
      const columns = Float64Array.from(data, (_, j) => data[(j % k) * n + Math.floor(j / k)]!);
      expect(Float64Array.from(got[name]!)).toEqual(columns);
    });
  });

  const draws = (n: number, k: number, step: number, stream: number, dtype: "f32" | "f64" = "f64") =>
    compile((p: Draw, e: Events) => uniformLike(e.x, p.key, p.step, stream))(
      { key: [1, 2], step },
      events(n, k, dtype),
    ) as unknown as Float64Array;

  it("agree between float types but for rounding", () => {
    const [a, b] = [draws(1000, 4, 1, 0), draws(1000, 4, 1, 0, "f32")];
    a.forEach((u, i) => {
      expect(Math.abs(u - b[i]!)).toBeLessThan(2 ** -23);
    });
  });

  it("are uniform, and differ by step, stream, place and row", () => {
    const n = 40_000;
    const u = draws(n, 2, 1, 0);
    expect(u.every((v) => v > 0 && v < 1)).toBe(true);
    const bins = new Float64Array(50);
    for (const v of u) bins[Math.floor(50 * v)]!++;
    const expected = (2 * n) / 50;
    const chi2 = bins.reduce((s, b) => s + (b - expected) ** 2 / expected, 0);
    expect(Math.abs(chi2 - 49)).toBeLessThan(4 * Math.sqrt(98));
    // Correlations, in standard errors: neighbouring places and rows, other steps and streams.
    const correlation = (a: (i: number) => number, b: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < n - 1; i++) sum += (a(i) - 0.5) * (b(i) - 0.5);
      return (12 * sum) / Math.sqrt(n);
    };
    const first = (i: number) => u[2 * i]!;
    const [other, later] = [draws(n, 2, 1, 1), draws(n, 2, 2, 0)];
    for (const b of [
      (i: number) => u[2 * i + 1]!,
      (i: number) => u[2 * i + 2]!,
      (i: number) => other[2 * i]!,
      (i: number) => later[2 * i]!,
    ]) {
      expect(Math.abs(correlation(first, b))).toBeLessThan(4);
    }
  });

  it("do not depend on the order of blocks", () => {
    const f = (p: Draw, e: Events) => uniformLike(e.x, p.key, p.step, 0).mul(e.x).sum();
    const backwards = { blockOrder: (n: number) => Array.from({ length: n }, (_, i) => n - 1 - i) };
    const [params, e] = [{ key: [1, 2], step: 3 }, events(30_000, 2, "f32")];
    expect(compile(f, backwards)(params, e)).toBe(compile(f)(params, e));
  });

  it("are the same for all elements of a vmap, unless the step is mapped", () => {
    const e = events(100, 2);
    const run = compile((p: { key: Tensor; steps: Tensor; a: Tensor }, t: Events) => {
      const u = (step: Tensor) => uniformLike(t.x, p.key, step, 0).sum();
      return {
        same: vmap((a: Tensor) => u(p.steps.at(0)).add(a.mul(0)))(p.a),
        mapped: vmap(u)(p.steps),
        each: [u(p.steps.at(0)), u(p.steps.at(1))],
      };
    })({ key: [1, 2], steps: [3, 4], a: [0, 0] }, e) as unknown as Record<string, Float64Array>;
    expect(run.same![0]).toBe(run.same![1]);
    expect([...run.mapped!]).toEqual([...run.each!]);
    expect(run.mapped![0]).not.toBe(run.mapped![1]);
  });

  it("say what they need", () => {
    const bad = compile((p: { a: Tensor }, e: Events) => uniformLike(e.x, p.a, 0, 0));
    expect(() => bad({ a: [1, 2, 3] }, events(3, 1))).toThrow("'uniformLike' needs a key of two numbers");
  });
});

interface Part {
  layer: nn.Layer<never>;
  inputs: number;
  categorical?: boolean;
}

const parts: Record<string, Part> = {
  dense: { layer: nn.dense(3, 4) as never, inputs: 3 },
  "dense, gelu, no bias": { layer: nn.dense(3, 4, { activation: "gelu", bias: false }) as never, inputs: 3 },
  mlp: { layer: mlp([3, 8, 2], { activation: "silu", weights: "orthogonal" }) as never, inputs: 3 },
  layerNorm: { layer: nn.layerNorm(5) as never, inputs: 5 },
  residual: { layer: nn.residual(nn.dense(3, 3, { activation: "tanh" })) as never, inputs: 3 },
  "residual, shortcut": {
    layer: nn.residual(nn.dense(3, 5, { activation: "tanh" }), nn.dense(3, 5)) as never,
    inputs: 3,
  },
  residualBlock: { layer: nn.residualBlock(4, { hidden: 7, activation: "softplus" }) as never, inputs: 4 },
  embedding: { layer: nn.embedding(5, 3) as never, inputs: 2, categorical: true },
  standardize: { layer: nn.standardize({ mean: [1, -2], sd: [0.5, 3] }) as never, inputs: 2 },
  dropout: { layer: nn.dropout(0.4) as never, inputs: 3 },
  sequential: {
    layer: nn.sequential(
      nn.standardize({ mean: [0.1, 0.2, 0], sd: [1, 2, 1] }),
      nn.dense(3, 6, { activation: "mish" }),
      nn.dropout(0.3),
      nn.residualBlock(6, { activation: "tanh", dropout: 0.2 }),
      nn.activation("softSign"),
      nn.dense(6, 1, { weights: "glorotUniform" }),
    ) as never,
    inputs: 3,
  },
  ...Object.fromEntries(
    Object.keys(nn.activations).map((name) => [
      `activation ${name}`,
      { layer: nn.activation(name as nn.ActivationName) as never, inputs: 3 },
    ]),
  ),
};

describe("every part of a network", () => {
  describe.each(Object.entries(parts))("%s", (_, { layer, inputs, categorical }) => {
    const e = events(200, inputs);
    const params = { layer: layer.init(key(3)) as unknown, scale: 1.3 };
    // Not linear in the features, and scaled by a param, so that the slope through the input counts too.
    const loss = (p: { layer: never; scale: Tensor }, t: Events, step: Tensor) => {
      const x = categorical ? t.category : t.x.mul(p.scale);
      const y = layer.apply(p.layer, x, nn.rng([7, 8], step));
      return y.mul(y.mul(0.3).add(0.7)).mul(t.x.at(0).sin()).sum();
    };
    const run = compile(valueAndGrad(loss)) as unknown as (
      p: unknown,
      t: unknown,
      step: number,
    ) => { value: number; grads: unknown };

    it("has the slope that differences have", () => {
      const { vector, unravel } = ravel<unknown>(params);
      const direction = vector.map((_x, i) => Math.sin(1 + 3 * i));
      const at = (h: number) => run(unravel(vector.map((x, i) => x + h * direction[i]!)), e, 5).value;
      const h = 1e-4;
      const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      const slope = ravel(run(params, e, 5).grads).vector.reduce((s, g, i) => s + g * direction[i]!, 0);
      expect(Math.abs(slope - difference)).toBeLessThan(1e-7 * Math.max(1, Math.abs(difference)));
    });

    it("gives f32 tables the same but for rounding", () => {
      const [a, b] = [run(params, e, 5).value, run(params, events(200, inputs, "f32"), 5).value];
      expect(Math.abs(a - b)).toBeLessThan(2e-4 * (1 + Math.abs(a)));
    });

    it("starts from the same params for the same key", () => {
      expect(layer.init(key(3))).toEqual(layer.init(key(3)));
    });
  });
});

describe("parts in numbers", () => {
  const apply = <P>(
    layer: nn.Layer<P>,
    params: P,
    columns: Record<string, Float64Array | Int32Array>,
    rows: number,
  ) =>
    compile((p: never, e: Record<string, Tensor>) => layer.apply(p, Object.values(e)[0]!))(
      params as never,
      table(columns, { rows, dtype: "f64" }),
    ) as unknown as Float64Array;
  const close = (got: ArrayLike<number>, want: readonly number[]) => {
    expect(got.length).toBe(want.length);
    want.forEach((w, i) => {
      expect(got[i]).toBeCloseTo(w, 12);
    });
  };

  it("layerNorm", () => {
    const params = { scale: Float64Array.of(1, 2, 1), offset: Float64Array.of(0, 0, 5) };
    const s = Math.sqrt(2 / 3 + 1e-5);
    close(apply(nn.layerNorm(3), params, { x: Float64Array.of(1, 2, 3) }, 1), [-1 / s, 0, 1 / s + 5]);
  });

  it("embedding, with NaN outside", () => {
    const params = { table: Float64Array.of(1, 2, 3, 4) };
    const got = apply(nn.embedding(2, 2), params, { i: Int32Array.of(1, 0, 2) }, 3);
    expect([...got]).toEqual([3, 4, 1, 2, Number.NaN, Number.NaN]);
  });

  it("standardize by the moments of columns", () => {
    const columns = [
      Float64Array.of(1, 2, 3),
      Float32Array.of(7, 7, 7),
      Int32Array.of(1e9, 1e9 + 1, 1e9 + 2),
    ];
    const of = nn.moments(columns);
    close(of.mean, [2, 7, 1e9 + 1]);
    close(of.sd, [Math.sqrt(2 / 3), 1, Math.sqrt(2 / 3)]);
    const layer = nn.standardize(of);
    expect(layer.mean).toEqual(of.mean);
    close(
      apply(layer, {}, { x: Float64Array.of(1, 7, 1e9 + 2) }, 1),
      [-1.224744871391589, 0, 1.224744871391589],
    );
    close(nn.moments([Float64Array.of(1, 5)], [3, 1]).mean, [2]);
    close(nn.moments([Float64Array.of(1, 5)], [3, 1]).sd, [Math.sqrt(3)]);
    expect(() => nn.moments([Float64Array.of(1, Number.NaN)])).toThrow("Column 0 has the mean NaN");
    expect(() => nn.moments([new Float64Array(0)])).toThrow("Column 0 has no events");
    expect(() => nn.standardize({ mean: [1], sd: [0] })).toThrow("deviations above 0");
  });

  it("activations by the formulas of jax.nn", () => {
    const xs = [-30, -2, -0.5, 0, 0.5, 2, 30];
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const formulas: Partial<Record<nn.ActivationName, (x: number) => number>> = {
      silu: (x) => x * sigmoid(x),
      elu: (x) => (x > 0 ? x : Math.expm1(x)),
      selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
      leakyRelu: (x) => (x >= 0 ? x : 0.01 * x),
      softSign: (x) => x / (1 + Math.abs(x)),
      mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
      softplus: (x) => Math.log1p(Math.exp(x)),
    };
    for (const [name, f] of Object.entries(formulas)) {
      const got = apply(
        nn.activation(name as nn.ActivationName),
        {},
        { x: Float64Array.from(xs) },
        xs.length,
      );
      close(got, xs.map(f));
    }
    // Φ(0.5), Φ(-2): SciPy's ndtr.
    close(apply(nn.activation("gelu"), {}, { x: Float64Array.of(0.5, -2) }, 2), [
      0.5 * 0.6914624612740131,
      -2 * 0.022750131948179195,
    ]);
  });

  it("orthogonal weights as in JAX", () => {
    close(nn.orthogonal()(key(1234), [4, 3]), peer.random.orthogonal);
    close(nn.orthogonal(2)(key(1234), [2, 3]), peer.random.orthogonalWide);
  });

  it("random weights by Haiku's names", () => {
    const w = nn.randomNormal(0.5, 3)(key(1), [100, 100]);
    expect(w.reduce((s, x) => s + x, 0) / 1e4).toBeCloseTo(3, 1);
    expect(
      nn
        .randomUniform(2, 3)(key(1), [10])
        .every((x) => x >= 2 && x < 3),
    ).toBe(true);
  });

  it("what cannot be is refused in words", () => {
    expect(() => nn.dense(0, 3)).toThrow("A dense layer from 0 to 3 cannot be");
    expect(() => nn.dense(1, 3, { activation: "relux" as never })).toThrow("There is no activation 'relux'");
    expect(() => nn.dense(1, 3, { weights: "he" as never })).toThrow("There is no initialiser 'he'");
    expect(() => nn.dropout(1)).toThrow("Dropout at a rate of 1");
    const e = { x: new Float64Array(6) };
    expect(() => apply(nn.layerNorm(3), nn.layerNorm(3).init(key(1)), e, 3)).toThrow(ShapeError);
    const narrow = nn.residual(nn.dense(3, 1));
    expect(() => apply(narrow, narrow.init(key(1)), e, 2)).toThrow("residual(inner, dense(3, 1))");
    const two = nn.sequential(nn.dropout(0.1), nn.dropout(0.1));
    expect(() => apply(two, [{}] as never, e, 2)).toThrow("A network of 2 parts got params of 1");
  });

  it("types of params follow from the parts", () => {
    const net = nn.sequential(nn.dense(2, 3), nn.dropout(0.1), nn.residual(nn.layerNorm(3)));
    expectTypeOf(net.init).returns.toExtend<
      [nn.DenseParams, nn.NoParams, { inner: nn.LayerNormParams; shortcut: nn.NoParams }]
    >();
  });
});

describe("dropout", () => {
  const n = 20_000;
  const e = table({ x: new Float64Array(3 * n).fill(2) }, { rows: n, dtype: "f64" });
  const drop = compile((p: { step: Tensor }, t: { x: Tensor }) =>
    nn.dropout(0.3).apply({}, t.x, nn.rng([1, 2], p.step)),
  ) as unknown as (p: { step: number }, t: unknown) => Float64Array;

  it("keeps expectations, and drops as many as it says", () => {
    const y = drop({ step: 1 }, e);
    const kept = y.filter((v) => v !== 0);
    expect(kept.every((v) => Math.abs(v - 2 / 0.7) < 1e-12)).toBe(true);
    expect(Math.abs(kept.length - 0.7 * 3 * n)).toBeLessThan(4 * Math.sqrt(3 * n * 0.21));
  });

  it("is another at every step and the same at the same one", () => {
    expect(drop({ step: 2 }, e)).toEqual(drop({ step: 2 }, e));
    const [a, b] = [drop({ step: 2 }, e), drop({ step: 3 }, e)];
    const differ = a.reduce((count, v, i) => count + (v === b[i] ? 0 : 1), 0);
    expect(Math.abs(differ / (3 * n) - 0.42)).toBeLessThan(0.02);
  });

  it("is the identity in use, and draws anew at each place", () => {
    const both = compile((_: object, t: { x: Tensor }) => {
      const layer = nn.dropout(0.5);
      const r = nn.rng([1, 2], 0);
      return { use: layer.apply({}, t.x), a: layer.apply({}, t.x, r), b: layer.apply({}, t.x, r) };
    })({}, e) as unknown as Record<string, Float64Array>;
    expect(both.use).toEqual(e.x);
    expect(both.a).not.toEqual(both.b);
  });

  it("has the same numbers in the forward and the reverse sweep", () => {
    const data = events(3000, 3, "f64");
    const layer = nn.sequential(nn.dense(3, 8, { activation: "tanh" }), nn.dropout(0.5), nn.dense(8, 1));
    type P = { net: never; step: Tensor };
    // A fold inside the loss: its slope needs a second sweep over the events.
    const loss = (p: P, t: Events) => {
      const score = layer
        .apply(p.net, t.x, nn.rng([3, 4], p.step))
        .at(0)
        .mul(100);
      return score.logsumexp("events").mul(score.sum().square().add(1).log());
    };
    const run = compile(valueAndGrad(loss));
    const at = (net: unknown) =>
      run({ net: net as never, step: 9 }, data) as unknown as { value: number; grads: { net: unknown } };
    expect(
      run.plan({ net: layer.init(key(2)) as never, step: 9 }, data).stages.filter((s) => s.sweeps.length)
        .length,
    ).toBe(2);
    const { vector, unravel } = ravel(layer.init(key(2)));
    const direction = vector.map((_, i) => Math.cos(i));
    const move = (h: number) => at(unravel(vector.map((x, i) => x + h * direction[i]!))).value;
    const h = 1e-5;
    const difference = (8 * (move(h) - move(-h)) - (move(2 * h) - move(-2 * h))) / (12 * h);
    const slope = ravel(at(unravel(vector)).grads.net).vector.reduce((s, g, i) => s + g * direction[i]!, 0);
    expect(Math.abs(slope / difference - 1)).toBeLessThan(1e-7);
  });
});

describe("training", () => {
  // Two normal distributions, the means two deviations apart: the least cross-entropy is an integral.
  const bayes = (() => {
    let sum = 0;
    for (let i = -1000; i <= 1000; i++) {
      const x = i / 100;
      sum += (Math.exp(-((x - 1) ** 2) / 2) / Math.sqrt(2 * Math.PI)) * Math.log1p(Math.exp(-2 * x)) * 0.01;
    }
    return sum;
  })();

  it("a net with every kind of part comes to the loss that cannot be beaten", async () => {
    const n = 4000;
    const sample = (seed: number, mean: number) => {
      const z = normal(foldIn(key(11), seed), n);
      const category = Int32Array.from(uniformArray(foldIn(key(12), seed), n), (u) => Math.floor(3 * u));
      // The category moves the column by 40: only with its embedding can the net tell.
      return { x: z.map((v, i) => 500 + 20 * (v + mean) + 40 * category[i]!), category };
    };
    const [s, b] = [sample(1, 1), sample(2, -1)];
    const scaler = nn.standardize(nn.moments([Float64Array.of(...s.x, ...b.x)]));
    const kind = nn.embedding(3, 4);
    const net = nn.sequential(
      nn.dense(4, 8, { activation: "gelu" }),
      nn.residualBlock(8, { activation: "tanh" }),
      nn.dropout(0.05),
      nn.dense(8, 1),
    );
    const lift = nn.dense(1, 4);
    const [k0, k1, k2] = split(key(5), 3);
    const params = { kind: kind.init(k0!), net: net.init(k1!), lift: lift.init(k2!) };
    const data = { signal: table(s), background: table(b) };
    type P = Traced<typeof params>;
    type Data = Traced<typeof data>;
    const score = (p: P, t: Events, r?: nn.Rng) => {
      const x = lift.apply(p.lift, scaler.apply({}, t.x.reshape([1])));
      return net.apply(p.net, x.add(kind.apply(p.kind, t.category)), r).at(0);
    };
    const loss = (p: P, t: Data, { step }: { step: Tensor }) => {
      const r = nn.rng([1, 1], step);
      return bceLoss(score(p, t.signal, r), score(p, t.background, r));
    };
    const extras = (step: number) => ({ step });
    const result = await train(loss, { params, data, optimizer: adam(0.02), steps: 150, extras });
    const use = compile((p: P, t: Data) => bceLoss(score(p, t.signal), score(p, t.background)));
    const end = use(result.params as never, data as never) as number;
    // Four standard errors of the sample, and a little for a finite net.
    expect(Math.abs(end - bayes)).toBeLessThan(0.03);
    expect(result.history[0]!).toBeGreaterThan(0.5);
  }, 60_000);
});
