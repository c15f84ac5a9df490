import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { dot, matmul } from "../../src/core/elementary/linalg.js";
import { count, log, segmentSum, take } from "../../src/entry/ops.js";
import {
  AxisError,
  compile,
  constantArray,
  customVjp,
  findNaN,
  grad,
  hessian,
  init,
  jvp,
  minimize,
  root,
  type Scalar,
  ShapeError,
  stack,
  stopGradient,
  type Tensor,
  TraceError,
  TreeError,
  table,
  valueAndGrad,
  vjp,
  vmap,
  where,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";

beforeAll(() => init());

const wave = (n: number, k: number, shift = 0) =>
  Float64Array.from({ length: n }, (_, i) => shift + Math.sin(1 + i * k));
const num = (x: unknown) => x as number;

describe("derivatives", () => {
  it("of third order are exact", () => {
    const f = (x: Tensor) => x.pow(3).add(x.exp());
    const d3 = compile((x: Tensor) => grad(grad(grad(f)))(x));
    for (const x of [-1.3, 0.2, 2]) expect(num(d3(x))).toBeCloseTo(6 + Math.exp(x), 13);
  });

  it("do not confuse nested variables", () => {
    const a = compile((x: Tensor) => grad((y: Tensor) => y.mul(grad((_: Tensor) => y)(y)))(x));
    expect(num(a(3))).toBe(0);
    const b = compile((x: Tensor) => grad((y: Tensor) => x.mul(y))(x));
    expect(num(b(3))).toBe(3);
  });

  it("forward mode is the transpose of reverse mode", () => {
    const f = (x: Tensor) => x.sin().mul(x.at(0)).add(x.square().sum());
    const run = compile((p: { x: Tensor; v: Tensor; u: Tensor }) => {
      const [, dy] = jvp(f, p.x, p.v);
      const [, pull] = vjp(f, p.x);
      return { forward: dot(dy, p.u), reverse: dot(pull(p.u), p.v) };
    });
    const r = run({ x: wave(4, 1), v: wave(4, 2), u: wave(4, 3) });
    expect(num(r.forward)).toBeCloseTo(num(r.reverse), 13);
  });

  it("of a sum over events: the Hessian against its closed form and against differences", () => {
    const x = wave(20000, 0.37);
    const y = wave(20000, 0.91);
    const events = table({ x, y }, { dtype: "f64" });
    // Σ log(1 + exp(a x + b y)): second derivatives Σ s(1-s) (x, y)(x, y)ᵀ.
    const loss = (p: { a: Scalar; b: Scalar }, e: { x: Tensor; y: Tensor }) =>
      p.a.mul(e.x).add(p.b.mul(e.y)).softplus().sum();
    const h = compile(hessian(loss))({ a: 0.3, b: -0.7 }, events);
    let [aa, ab, bb] = [0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      const s = 1 / (1 + Math.exp(-(0.3 * x[i]! - 0.7 * y[i]!)));
      aa += s * (1 - s) * x[i]! ** 2;
      ab += s * (1 - s) * x[i]! * y[i]!;
      bb += s * (1 - s) * y[i]! ** 2;
    }
    expect(h.a.a / aa).toBeCloseTo(1, 12);
    expect(h.a.b / ab).toBeCloseTo(1, 11);
    expect(h.b.a).toBeCloseTo(h.a.b, 9);
    expect(h.b.b / bb).toBeCloseTo(1, 12);
  });

  it("with respect to event columns are columns", () => {
    const x = wave(1000, 0.3);
    const r = compile(valueAndGrad((p: { e: { x: Tensor } }) => p.e.x.square().mul(0.5).sum()))({
      e: table({ x }, { dtype: "f64" }),
    });
    const g = r.grads.e.x as Float64Array;
    expect(g.length).toBe(1000);
    g.forEach((v, i) => {
      expect(v).toBe(x[i]);
    });
  });

  it("of a network by vmap over parameters and over events at once", () => {
    const events = table({ x: wave(500, 0.2), y: wave(500, 0.7) }, { dtype: "f64" });
    type P = { w: Tensor; c: Tensor };
    const loss = (p: P, e: { x: Tensor; y: Tensor }) =>
      stack([e.x, e.y]).mul(p.w).sum(0).sub(p.c).tanh().sum();
    const one = compile(valueAndGrad(loss));
    const many = compile((p: P, e: { x: Tensor; y: Tensor }) =>
      vmap(valueAndGrad(loss), [0, null])({ w: p.w.reshape([3, 2]), c: p.c }, e),
    );
    const w = wave(6, 0.5);
    const c = wave(3, 1.5);
    const r = many({ w, c }, events);
    for (let b = 0; b < 3; b++) {
      const s = one({ w: w.slice(2 * b, 2 * b + 2), c: c[b]! }, events);
      expect((r.value as unknown as Float64Array)[b]).toBeCloseTo(s.value, 10);
      expect((r.grads.c as Float64Array)[b]).toBeCloseTo(num(s.grads.c), 10);
      expect(flat(r.grads.w)[2 * b + 1]).toBeCloseTo((s.grads.w as Float64Array)[1]!, 10);
    }
  });
});

describe("a reverse rule of the user's", () => {
  // A hard step whose slope is that of a sigmoid: the straight-through estimate.
  const step = customVjp(
    (x) => x.gt(0),
    (g, [x]) => [g.mul(x!.sigmoid().mul(x!.neg().sigmoid()))],
  );

  it("replaces the derivative, at every order, for events and under vmap", () => {
    const f = compile((p: { x: Tensor; v: Tensor }, e: { x: Tensor }) => ({
      y: step(p.x),
      g: grad(step)(p.x),
      gg: grad(grad(step))(p.x),
      events: grad((q: Tensor) => step(e.x.sub(q)).sum())(p.x),
      v: vmap(grad((x: Tensor) => step(x.mul(2))))(p.v),
    }));
    const r = f({ x: 0.3, v: [0.15, -1] }, table({ x: Float64Array.of(0.6) }, { dtype: "f64" }));
    const s = 1 / (1 + Math.exp(-0.3));
    expect(r.y).toBe(1);
    expect(num(r.g)).toBeCloseTo(s * (1 - s), 14);
    expect(num(r.gg)).toBeCloseTo(s * (1 - s) * (1 - 2 * s), 14);
    expect(num(r.events)).toBeCloseTo(-s * (1 - s), 14);
    expect((r.v as unknown as Float64Array)[0]).toBeCloseTo(2 * s * (1 - s), 14);
  });
});

describe("a reverse rule of the user's, checked", () => {
  const events = table({ x: Float64Array.of(1, 2, 3) }, { dtype: "f64" });
  type E = { x: Tensor };

  it("may stand around a fold: a hard count with a slope of its own", () => {
    const hardCount = customVjp(
      (c, x) => x!.gt(c!).sum(),
      (g, [c]) => [g.neg().mul(c!), null],
    );
    const value = (c: Tensor, e: E) => hardCount(c, e.x);
    expect(compile(value)(1.5, events)).toBe(2);
    expect(compile(grad(value))(1.5, events)).toBe(-1.5);
    expect(compile(grad((c: Tensor, e: E) => grad(value)(c.square(), e)))(1.5, events)).toBe(-3);
    const many = compile((cs: Tensor, e: E) => vmap(valueAndGrad(value), [0, null])(cs, e));
    const r = many([0.5, 1.5, 9], events);
    expect(r.value).toEqual(Float64Array.of(3, 2, 0));
    expect(r.grads).toEqual(Float64Array.of(-0.5, -1.5, -9));
  });

  it("answers cotangents like its inputs, or an error names both shapes", () => {
    const rule = (answer: (g: Tensor, inputs: readonly Tensor[]) => unknown) =>
      customVjp((x, q) => x!.lt(q!), answer as never);
    const run = (f: ReturnType<typeof rule>) => () =>
      compile(grad((q: Tensor, e: E) => f(e.x, q).sum()))(2.5, events);
    expect(run(rule((g) => [null, g.sum()]))()).toBe(3);
    expect(run(rule((g) => [null, g]))).toThrow(ShapeError);
    expect(run(rule((g) => [null, g]))).toThrow(
      /cotangent 1 .* is f64\[events;\], but its input is .* f64\[\]/,
    );
    expect(run(rule((g) => [g.sum(), g.sum()]))).toThrow(
      /cotangent 0 .* is f64\[\], but its input is .* f64\[events;\]/,
    );
    expect(run(rule((g) => [g]))).toThrow(/returned 1 cotangents for 2 inputs/);
    expect(run(rule((g) => g))).toThrow(/returned a Tensor for 2 inputs/);
    expect(run(rule(() => [null, 3]))).toThrow(/cotangent 1 .* is a number/);
    const scalar = customVjp(
      (y) => y!.square().sum(),
      (g) => [g],
    );
    expect(() => compile(grad((x: Tensor) => scalar(x)))([1, 2])).toThrow(
      /is f64\[\], but its input is .*f64\[2\]/,
    );
    const none = customVjp((() => [1]) as never, () => []);
    expect(() => compile(() => none())()).toThrow(/returned an array/);
  });

  it("is printed by its place, so that equal functions print equally in every process", () => {
    const make = (k: number) =>
      customVjp(
        (x) => x!.mul(k),
        (g) => [g],
      );
    const text = () => {
      const f = (x: Tensor) => make(2)(x).add(make(2)(x.exp()));
      const fit = (x: Tensor) => minimize((m) => make(3)(m.sub(x).square()).sum(), x).value.add(f(x));
      return [f, fit].map((g) => compile(g).print(1));
    };
    const first = text();
    expect(text()).toEqual(first);
    expect(first[0]).toContain("{rule=0}");
    expect(first[0]).toContain("{rule=1}");
    // Two rules are two, though they print alike.
    const [a, b] = [1, 5].map((k) =>
      customVjp(
        (x) => x!.mul(2),
        (g) => [g.mul(k)],
      ),
    );
    expect(compile(grad((x: Tensor) => a!(x).add(b!(x))))(1)).toBe(6);
  });
});

describe("events", () => {
  const signal = table({ x: wave(30000, 0.11, 0.5) }, { dtype: "f64" });
  const background = table({ x: wave(50000, 0.07) }, { dtype: "f64" });
  type Both = Record<"signal" | "background", { x: Tensor }>;

  it("of two tables meet in small numbers", () => {
    const f = (p: { c: Tensor }, e: Both) => {
      const s = e.signal.x.sub(p.c).sigmoid().sum();
      return s.div(e.background.x.sub(p.c).sigmoid().sum().sqrt());
    };
    const r = compile(valueAndGrad(f))({ c: 0.3 }, { signal, background });
    const plain = (c: number) => {
      const sum = (t: Float64Array) => t.reduce((a, v) => a + 1 / (1 + Math.exp(c - v)), 0);
      return sum(signal.x) / Math.sqrt(sum(background.x));
    };
    expect(r.value).toBeCloseTo(plain(0.3), 9);
    expect(num(r.grads.c)).toBeCloseTo((plain(0.3 + 1e-5) - plain(0.3 - 1e-5)) / 2e-5, 4);
  });

  it("have a softmax: a fold and a map", () => {
    const f = compile((p: { a: Tensor }, e: { x: Tensor }) => {
      const z = e.x.mul(p.a);
      const soft = z.sub(z.logsumexp("events")).exp();
      return {
        soft,
        total: soft.sum(),
        g: grad((a: Tensor) => e.x.mul(a).sub(e.x.mul(a).logsumexp("events")).mul(soft).sum())(p.a),
      };
    });
    const r = f({ a: 3 }, background);
    const soft = r.soft as Float64Array;
    const z = background.x.map((v) => Math.exp(3 * v));
    const sum = z.reduce((a, b) => a + b);
    expect(num(r.total)).toBeCloseTo(1, 12);
    expect(soft[777]! / (z[777]! / sum)).toBeCloseTo(1, 12);
    // Σ p_i d/da(a x_i - lse) = 0: the mean of the score vanishes.
    expect(Math.abs(num(r.g))).toBeLessThan(1e-12);
  });

  it("give the same bits whatever the order of the blocks", () => {
    const f = (p: { c: Tensor }, e: Both) =>
      e.signal.x
        .sub(p.c)
        .sigmoid()
        .sum()
        .add(e.background.x.sub(p.c).logsumexp("events"))
        .add(e.background.x.max("events"));
    const backwards = function* (n: number) {
      for (let i = n - 1; i >= 0; i--) yield i;
    };
    const shuffled = function* (n: number) {
      for (let i = 0; i < n; i++) yield (i * 3 + 1) % n;
    };
    for (const dtype of ["f32", "f64"] as const) {
      const data = {
        signal: table({ x: signal.x }, { dtype }),
        background: table({ x: background.x }, { dtype }),
      };
      expect(Math.ceil(50000 / 8192) % 3).not.toBe(0);
      const results = [undefined, backwards, shuffled].map((blockOrder) =>
        compile(valueAndGrad(f), blockOrder ? { blockOrder } : {})({ c: 0.2 }, data),
      );
      for (const r of results) {
        expect(Object.is(r.value, results[0]!.value)).toBe(true);
        expect(Object.is(r.grads.c, results[0]!.grads.c)).toBe(true);
      }
    }
  });

  it("of any number need one trace", () => {
    const f = compile((p: { c: Tensor }, e: { x: Tensor }) => e.x.sub(p.c).square().mean());
    for (const n of [1, 127, 128, 129, 8192, 8193, 40000]) {
      const x = wave(n, 0.3);
      const want = x.reduce((a, v) => a + (v - 0.1) ** 2, 0) / n;
      expect(num(f({ c: 0.1 }, table({ x }, { dtype: "f64" }))) / want).toBeCloseTo(1, 12);
    }
    expect(f.traces).toBe(1);
    expect(num(compile((e: { x: Tensor }) => e.x.sum())(table({ x: new Float64Array(0) })))).toBe(0);
    expect(num(compile((e: { x: Tensor }) => e.x.max())(table({ x: new Float64Array(0) })))).toBe(
      Number.NEGATIVE_INFINITY,
    );
  });

  it("leave garbage in no fold: the last tile is short and its values are infinite", () => {
    const x = Float64Array.of(1, 2, 1e308);
    const r = compile((e: { x: Tensor }) => ({
      m: e.x.mul(10).min(),
      n: count(e.x),
      s: where(e.x.lt(100), e.x.mul(1e10), 0).sum(),
    }))(table({ x }, { dtype: "f64" }));
    expect(r).toEqual({ m: 10, n: 3, s: 3e10 });
  });

  it("are grouped by an integer column, and the parameters of the groups train", () => {
    const category = Int32Array.from({ length: 900 }, (_, i) => i % 3);
    const x = wave(900, 0.4);
    const f = (p: { scale: Tensor }, e: { x: Tensor; category: Tensor }) =>
      e.x.mul(take(p.scale, e.category)).square().sum();
    const r = compile((p: { scale: Tensor }, e: { x: Tensor; category: Tensor }) => ({
      ...valueAndGrad(f)(p, e),
      n: segmentSum(e.x.square(), e.category, 3),
    }))({ scale: [1, 2, 3] }, table({ x, category }, { dtype: "f64" }));
    const g = r.grads.scale as Float64Array;
    const n = r.n as Float64Array;
    [1, 2, 3].forEach((s, k) => {
      expect(g[k]).toBeCloseTo(2 * s * n[k]!, 9);
    });
  });

  it("return whole columns, in their own type", () => {
    const r = compile((e: { x: Tensor; k: Tensor }) => ({
      y: e.x.mul(2),
      both: stack([e.x, e.x.neg()]),
      k: e.k,
    }))(table({ x: Float32Array.of(1, 2, 3), k: Int32Array.of(7, 8, 9) }));
    expect(r.y).toEqual(Float32Array.of(2, 4, 6));
    expect(r.both).toEqual(Float32Array.of(1, -1, 2, -2, 3, -3));
    expect(r.k).toEqual(Int32Array.of(7, 8, 9));
  });
});

describe("a masked singularity has no NaN in its gradient", () => {
  it("sqrt at 0 behind where", () => {
    const f = compile(grad((x: Tensor) => where(x.gt(0), x.sqrt(), 0).sum()));
    expect(f(Float64Array.of(0, 4))).toEqual(Float64Array.of(0, 0.25));
  });
  it("stopGradient", () => {
    const f = compile(grad((x: Tensor) => x.mul(stopGradient(x))));
    expect(num(f(3))).toBe(3);
  });
});

describe("mistakes are errors that say what to do", () => {
  const events = table({ x: Float64Array.of(1, 2) });
  const other = table({ y: Float64Array.of(1, 2) });

  it("a Tensor in JavaScript control flow", () => {
    const f = compile((x: Tensor) => ((x as unknown as number) > 0 ? x : x.neg()));
    expect(() => f(1)).toThrow(TraceError);
    expect(() => f(1)).toThrow(/where\(condition, a, b\)/);
    expect(() => compile((x: Tensor) => Math.sqrt(x as unknown as number) as never)(1)).toThrow(/no|none/);
  });

  it("a Tensor that outlives its trace", () => {
    let kept: Tensor | undefined;
    compile((x: Tensor) => {
      kept = x;
      return x;
    })(1);
    expect(() => compile((x: Tensor) => x.add(kept!))(1)).toThrow(/another trace/);
    expect(() => log(2)).toThrow(/outside a traced function/);
  });

  it("values of the inside of a derivative, a map or a search outside of it", () => {
    const leaks: Record<string, (x: Tensor, keep: (t: Tensor) => Tensor) => unknown> = {
      grad: (x, keep) => grad((y: Tensor) => keep(y).square())(x),
      vmap: (x, keep) => vmap((y: Tensor) => keep(y))(x.reshape([1])),
      minimize: (x, keep) => minimize((y) => keep(y).square(), x),
      root: (x, keep) => root((y) => keep(y).sub(x), 0, 9),
    };
    for (const leak of Object.values(leaks)) {
      const f = compile((x: Tensor) => {
        let kept = x;
        leak(x, (t) => {
          kept = t.mul(2);
          return t;
        });
        return kept;
      });
      expect(() => f(3)).toThrow(/inside grad\(\), vjp\(\), vmap\(\), minimize\(\) or root\(\) alone/);
    }
  });

  it("events mixed between tables, and within one", () => {
    const pair = compile((e: { a: { x: Tensor }; b: { y: Tensor } }) => e.a.x.add(e.b.y).sum());
    expect(() => pair({ a: events, b: other })).toThrow(AxisError);
    expect(() => pair({ a: events, b: other })).toThrow(/'params.a'.*'params.b'/);
    const soft = compile((e: { x: Tensor }) => e.x.softmax("events").sum());
    expect(() => soft(events)).toThrow(/x\.sub\(x\.logsumexp\("events"\)\)\.exp\(\)/);
    const product = compile((e: { x: Tensor }) => matmul(e.x, e.x));
    expect(() => product(events)).toThrow(/mix the events of 'params'/);
  });

  it("columns that were not marked as a table", () => {
    const f = compile((e: { x: Tensor }) => count(e.x));
    expect(() => f({ x: Float64Array.of(1, 2) })).toThrow(/wrap event columns in table\(/);
  });

  it("shapes that do not fit", () => {
    const f = compile((p: { a: Tensor; b: Tensor }) => p.a.add(p.b));
    expect(() => f({ a: [1, 2, 3], b: [1, 2] })).toThrow(ShapeError);
    expect(() => f({ a: [1, 2, 3], b: [1, 2] })).toThrow(/'params.a' f64\[3\].*'params.b' f64\[2\]/);
    expect(() => compile((x: Tensor) => x.add([1, 2] as never))([1, 2])).toThrow(/constantArray/);
  });

  it("trees that do not match", () => {
    const f = compile(
      (p: { a: Tensor; v: { a: Tensor } }) => jvp((q: { a: Tensor }) => q.a, { a: p.a }, p.v)[1],
    );
    expect(() => f({ a: 1, v: { b: 2 } as never })).toThrow(TreeError);
    expect(() => f({ a: 1, v: { b: 2 } as never })).toThrow(/tangent lacks 'a' that x has/);
    expect(() => compile((p: { a: Tensor }) => p.a)({ a: new Date() as never })).toThrow(/is a Date/);
    const g = compile((p: { a: Tensor }) => grad((q: { a: Tensor }) => q.a as never)(p));
    expect(() => g({ a: [1, 2] })).toThrow(/returns a scalar/);
  });

  it("columns of different lengths", () => {
    expect(() => table({ x: new Float64Array(3), y: new Float64Array(4) })).toThrow(
      /'y' has 4 values, but the table has 3/,
    );
    expect(() => table({ x: BigInt64Array.of(1n) as never })).toThrow(/no typed array of numbers/);
  });
});

describe("graphs", () => {
  it("print as stable text, equal nodes once", () => {
    const f = compile((p: { c: Tensor }, e: { x: Tensor }) =>
      valueAndGrad((q: { c: Tensor }) => e.x.sub(q.c).square().sum())(p),
    );
    expect(f.print({ c: 1 }, table({ x: Float32Array.of(1) }))).toMatchInlineSnapshot(`
      "%0 = input params.c : f64[]
      %1 = input events.x : f32[events;]
      %2 = spread %0{axis=events dtype="f32"} : f32[events;]
      %3 = sub %1 %2 : f32[events;]
      %4 = mul %3 %3 : f32[events;]
      %5 = foldSum %4 : f64[]
      %6 = add %3 %3 : f32[events;]
      %7 = neg %6 : f32[events;]
      %8 = foldSum %7 : f64[]
      return %8 %5"
    `);
  });

  it("hold no data: arrays of the function are inputs", () => {
    const f = compile((x: Tensor) => x.mul(constantArray([1, 2, 3])).sum());
    expect(num(f(2))).toBe(12);
  });

  it("may be deep: a chain of 40,000 ops neither compiles recursively nor differentiates so", () => {
    const f = compile(
      valueAndGrad((x: Tensor) => {
        let y = x;
        for (let i = 0; i < 20000; i++) y = y.mul(0.5).add(x);
        return y;
      }),
    );
    const r = f(1);
    expect(r.value).toBeCloseTo(2, 12);
    expect(num(r.grads)).toBeCloseTo(2, 12);
  }, 30_000);
});

describe("types follow the params tree", () => {
  it("scalars are numbers, other tensors typed arrays or numbers", () => {
    const f = compile(
      valueAndGrad((p: { a: Tensor; net: { w: Tensor }[] }, e: { x: Tensor }) =>
        p.a.mul(e.x).add(p.net[0]!.w.sum()).sum(),
      ),
    );
    expectTypeOf(f).parameter(0).toExtend<{ a: unknown; net: { w: unknown }[] }>();
    expectTypeOf<ReturnType<typeof f>["value"]>().toEqualTypeOf<number>();
    // @ts-expect-error a params tree without `net`
    expect(() => f({ a: 1 }, table({ x: Float64Array.of(1) }))).toThrow();
  });
});

describe("findNaN", () => {
  it("names the op, the row and the inputs of the first NaN, on the way there and back", () => {
    const x = wave(20000, 0.1, 2);
    x[12345] = -3;
    const f = (p: { a: Tensor }, e: { x: Tensor }) => e.x.mul(p.a).log().sum();
    const found = findNaN(f)({ a: 2 }, table({ x }, { dtype: "f64" }));
    expect(found).toMatchObject({ op: "log", table: "events", row: 12345, count: 1, arguments: [-6] });
    expect(found?.inputs).toEqual({ "params.a": 2, "events.x": -3 });
    expect(found?.message).toBe(
      "the first NaN is the result of log(-6) in row 12345 of 'events'; inputs there: params.a = 2, events.x = -3",
    );
    x[12345] = Number.NaN;
    expect(findNaN(f)({ a: 2 }, table({ x }))?.message).toBe("events.x is NaN in row 12345 of 'events'");
    x[12345] = 1;
    expect(findNaN(valueAndGrad(f))({ a: 2 }, table({ x }))).toBeNull();
    // Here the value is fine and the derivative is not: 0/0 on the way back.
    const back = valueAndGrad((p: { a: Tensor }) => p.a.mul(0).hypot(0));
    expect(findNaN(back)({ a: 1 })?.op).toBe("div");
  });
});
