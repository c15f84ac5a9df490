import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { normal, split, uniform } from "../../src/entry/random.js";
import { scanThresholds } from "../../src/entry/select.js";
import {
  adam,
  axis,
  fit as bestFit,
  compile,
  constantArray,
  customVjp,
  cut,
  grad,
  hessian,
  InputError,
  init,
  jvp,
  key,
  minimize,
  mlp,
  root,
  sgd,
  significance,
  type Tensor,
  TraceError,
  table,
  train,
  uncorrelatedBackground,
  valueAndGrad,
  vjp,
  vmap,
  where,
} from "../../src/index.js";

beforeAll(() => init());

type Loose = (...args: never[]) => Tensor;
const run = (f: (x: never) => unknown, x: number | number[] = [1, 2]) => compile(f as Loose)(x as never);

describe("a Tensor in JavaScript says that it has no value", () => {
  it.each<[string, (x: never) => unknown, RegExp]>([
    ["length", (x: Tensor) => x.length, /no length in JavaScript; its inner shape is .shape = \[2\]/],
    ["an element", (x: { 0: Tensor }) => x[0], /no element \[0\] in JavaScript; take it with .at\(0\)/],
    ["for of", (x: Iterable<Tensor>) => [...x], /cannot be iterated/],
    ["> 0", (x: number) => x > 0, /JavaScript value.* where\(condition, a, b\)/],
    ["a template", (x: Tensor) => `${x}`, /JavaScript value.* console.log\(\)/],
    ["a key", (x: string) => ({})[x], /take\(\) or gather\(\)/],
    ["JSON", (x: Tensor) => JSON.stringify({ x }), /JavaScript value/],
  ])("%s", (_, f, sentence) => {
    expect(() => run(f)).toThrow(TraceError);
    expect(() => run(f)).toThrow(sentence);
  });

  it("but shows what it is", () => {
    compile((x: Tensor) => {
      const text = "Tensor(input 'params' f64[2]; it has no value while the function is traced)";
      expect(inspect(x)).toBe(text);
      expect(x.toString()).toBe(text);
      expect(inspect({ x })).toContain(text);
      return x;
    })([1, 2]);
  });

  it("in if, ?: and &&, where JavaScript asks nobody: the comparison is left over", () => {
    const wrong = [
      (x: Tensor) => {
        if (x.gt(0)) return x;
        return x.neg();
      },
      (x: Tensor) => (x.lt(0) ? x.neg() : x),
      (x: Tensor) => x.gt(0) && x.lt(1),
      (x: Tensor) => minimize((m) => (m.gt(3) ? m : m.sub(x).square()), 1).value,
    ];
    for (const f of wrong) {
      expect(() => compile(f)(-5)).toThrow(/a comparison of .* is not used.*where\(condition, a, b\)/);
    }
    const rule = customVjp(
      (x) => x.abs(),
      (g, [x]) => [x!.gt(0) ? g : g.neg()],
    );
    expect(() => compile(grad(rule))(-5)).toThrow(
      /a comparison of input 'params' f64\[\] with 0 is not used/,
    );
    // Of a vector it is a mask, whatever its length.
    const mask = (x: Tensor) => ({ x, up: x.gt(0) });
    expect(compile((x: Tensor) => mask(x).x)([-5])).toEqual(Float64Array.of(-5));
    expect(compile((x: Tensor) => where(x.gt(0), x, x.neg()))(-5)).toBe(5);
    expect(compile(grad((x: Tensor) => where(x.gt(0), x, x.neg()).abs()))(-5)).toBe(-1);
    // What a function returns is used, also where a transformation hands on other things only.
    const above = (x: Tensor) => x.gt(0);
    expect(compile(vmap(above))([1, -1])).toEqual(Float64Array.of(1, 0));
    expect(compile((x: Tensor) => vmap((y: Tensor) => ({ y, up: above(y) }))(x).y)([1, -1])).toHaveLength(2);
    expect(compile(grad(above))(1)).toBe(0);
    expect(compile(valueAndGrad(above))(1)).toEqual({ value: 1, grads: 0 });
    expect(compile((x: Tensor) => vjp((y) => [y.square(), above(y)], x)[0][0]!)(3)).toBe(9);
    expect(compile((x: Tensor) => jvp((y) => [y.square(), above(y)], x, x)[1][0]!)(3)).toBe(18);
    expect(compile((x: Tensor) => above(x).pow(0).add(above(x.neg()).mul(0)))(1)).toBe(1);
    const masks = (e: { x: Tensor }) => ({ high: e.x.gt(1), low: e.x.le(1) });
    expect(compile((e: { x: Tensor }) => masks(e).low.sum())(table({ x: Float64Array.of(1, 2) }))).toBe(1);
  });
});

describe("arguments and results that are none", () => {
  it("keys that an earlier call had, or that there are not", () => {
    const f = compile((p: { a: Tensor }, e: { x: Tensor }) => p.a.mul(e.x).sum());
    const events = table({ x: Float64Array.of(1) });
    expect(f({ a: 2 }, events)).toBe(2);
    expect(() => f({ b: 2 } as never, events)).toThrow(
      /params lacks 'a' that params of an earlier call has \(it has 'b' instead\)/,
    );
    const other = table({ y: Float64Array.of(1) });
    expect(() => f({ a: 2 }, other as never)).toThrow(
      /failed while it was traced .* They have params.a, events.y/,
    );
    expect(() => compile((p: { a: Tensor }) => p.a.exp())({ c: 1 } as never)).toThrow(/They have params.c/);
  });

  it("promises, objects and numbers where a Tensor belongs", async () => {
    const later = async (p: Tensor) => p.square();
    expect(() => compile(later as never)(1 as never)).toThrow(
      /returned a promise: .* await what it needs before/,
    );
    expect(() => compile(grad(later as never))(1 as never)).toThrow(/returned a promise/);
    expect(() => compile(grad(((p: Tensor) => ({ loss: p })) as never))(1 as never)).toThrow(
      /returned a plain object; return the one Tensor/,
    );
    expect(() => compile(grad((() => 3) as never))(1 as never)).toThrow(/returned a number/);
    const bad = train(later as never, { params: 1, data: {}, steps: 1 });
    await expect(bad).rejects.toThrow(/returned a promise/);
    expect(() => compile(5 as never)).toThrow(/takes a function of Tensors, not a number/);
  });
});

describe("a training takes the arrays that compiled functions take", () => {
  it("as vectors, which are Float64Arrays from then on", async () => {
    const trained = await train((p) => p.a.sub(1).square().sum().add(p.b.n.square().sum()), {
      params: { a: [0, 2], b: { n: Float32Array.of(1) } },
      ...{ data: {}, optimizer: sgd(0.5), steps: 1 },
    });
    const a: Float64Array = trained.params.a;
    expect(a).toEqual(Float64Array.of(1, 1));
    expect(trained.params.b.n).toEqual(Float64Array.of(0));
  });

  it("and no integers, in types and by name", async () => {
    const params = { a: { n: Int32Array.of(1) } };
    // @ts-expect-error integers cannot be trained
    const refused = train((p) => p.a.n.sum(), { params, data: {}, optimizer: adam(1), steps: 1 });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(/params.a.n is an Int32Array.*Float64Array.from\(params.a.n\)/);
  });
});

describe("a scan of a cut", () => {
  it("names the samples that it needs", () => {
    const sample = { columns: { x: Float64Array.of(1, 2) } };
    expect(() => scanThresholds(cut("x > {c = 1}"), { s: sample, b: sample } as never)).toThrow(
      /scan\(\) needs the samples signal and background, but got s, b/,
    );
  });
});

describe("a fixed array in a trace", () => {
  it("is what it holds when it is given, also where it is filled anew", () => {
    const f = (x: Tensor) => {
      const row = new Float64Array(2);
      return [1, 2, 3].map((k) => x.mul(constantArray(row.fill(k))).sum());
    };
    expect(compile(f)([1, 1])).toEqual([2, 4, 6]);
  });

  it.each<[string, unknown, RegExp]>([
    ["rows of one number and one row", [1, [2]], /element 1 is an array.*the shape/],
    ["nothing", [1, undefined], /element 1 is undefined/],
    ["text", [1, "2"], /element 1 is 2; /],
    ["no array", undefined, /undefined is no array of numbers/],
  ])("of %s is refused", (_, values, sentence) => {
    const f = (x: Tensor) => x.mul(constantArray(values as number[]));
    expect(() => compile(f)([1, 1])).toThrow(InputError);
    expect(() => compile(f)([1, 1])).toThrow(sentence);
  });
});

it("a search whose function sees events names what there is", () => {
  const t = table({ x: Float64Array.of(1, 2) });
  const fit = (_: Tensor, e: { x: Tensor }) => minimize((m) => e.x.sub(m).square().sum(), 0).x;
  expect(() => compile(fit)(0, t)).toThrow(/'minimize' works on events.*\.sum\(\), hist\(\).*train\(\)/);
  const zero = (_: Tensor, e: { x: Tensor }) => root((m) => e.x.sub(m).sum(), 0, 3).x;
  expect(() => compile(zero)(0, t)).toThrow(/'root' works on events/);
});

it("values of options that are none are refused where they are given", () => {
  expect(() => cut("x > {c = 1}", { soft: "tanh" as never })).toThrow(
    /option soft of cut\(\) is not 'tanh'.*sigmoid/,
  );
  expect(() => cut("x > {c = 1}", { width: true as never })).toThrow(/width of the cut is a boolean/);
  expect(() => cut("x > {c = 1}", { width: [0.1] as never })).toThrow(/width of the cut is an array/);
  expect(() => cut("x > {c = 1}", { bounds: { c: 2 as never } })).toThrow(/bounds of c are no pair/);
  expect(() => axis.regular(1e9, 0, 1)).toThrow(/at most 10000000 bins, but got 1000000000/);
  expect(() => compile((x: Tensor) => x, { threads: Promise.resolve() as never })).toThrow(
    /is a promise; await/,
  );
  expect(() => compile((x: Tensor) => x, { threads: 2 as never })).toThrow(/is a number; pass what threads/);
  expect(() => customVjp((x) => x, undefined as never)).toThrow(
    /its reverse rule, but the reverse rule is undefined/,
  );
});

it("a training without an end is refused, not begun", async () => {
  const loss = (p: { a: Tensor }) => p.a.square();
  for (const steps of [undefined, Number.NaN, "10", -1, 1.5, null] as never[]) {
    const run = train(loss, { params: { a: 1 }, data: {}, optimizer: sgd(0.1), steps });
    await expect(run).rejects.toThrow(/option steps of train\(\) is .*whole number from 0/);
  }
  const counts = { evaluateEvery: 0, patience: Number.NaN };
  for (const [name, n] of Object.entries(counts)) {
    const run = train(loss, { params: { a: 1 }, data: {}, steps: 1, [name]: n });
    await expect(run).rejects.toThrow(new RegExp(`option ${name} of train`));
  }
});

it("a training says what it was not given, and what is no function", async () => {
  const loss = (p: { a: Tensor }) => p.a.square();
  const run = (options: object) =>
    (train as (...given: unknown[]) => Promise<unknown>)(loss, { params: { a: 1 }, steps: 1, ...options });
  await expect(run({})).rejects.toThrow(/option data of train\(\) is not given/);
  for (const name of ["extras", "onStep", "evaluate", "project", "monitor"]) {
    for (const none of [[1], 3, null, {}]) {
      await expect(run({ data: {}, [name]: none })).rejects.toThrow(`option ${name} of train() is `);
    }
  }
});

it("a hole in an array is no number, in params, arguments and data", async () => {
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tried
  const holes = [1, , 3] as number[];
  expect(() => compile((x: Tensor) => x)(holes)).toThrow(/\[1\] is undefined/);
  const loss = (p: { a: Tensor }) => p.a.square().sum();
  await expect(train(loss, { params: { a: holes }, data: {}, steps: 1 })).rejects.toThrow(/is undefined/);
  await expect(train(loss, { params: { a: 1 }, data: { x: holes }, steps: 1 })).rejects.toThrow(
    /is undefined/,
  );
});

it("counts of random numbers, and numbers that are NaN or text", () => {
  for (const n of [-1, 1.5, Number.NaN, "3"] as never[]) {
    expect(() => uniform(key(1), n)).toThrow(/no count of random numbers/);
    expect(() => split(key(1), n)).toThrow(/no count of random numbers/);
  }
  const nothing = { sOverSqrtB: Number.NaN, sOverSqrtSB: Number.NaN, asimov: Number.NaN };
  expect(significance(Number.NaN, 1)).toEqual(nothing);
  expect(significance(1, Number.NaN)).toEqual(nothing);
  expect(significance(0, 1, Number.NaN)).toEqual(nothing);
  const model = uncorrelatedBackground([5], [50], [7]);
  expect(() => bestFit("52" as never, model)).toThrow(/is an array of numbers or a Tensor, not '52'/);
  expect(() => bestFit(null as never, model)).toThrow(/is an array of numbers or a Tensor, not null/);
});

describe("what is new to users of JAX", () => {
  const square = (x: Tensor) => x.square().sum();

  it.each<[string, () => unknown, string]>([
    ["grad", () => grad(square as Loose)(2 as never), "compile(grad(f))(params)"],
    ["valueAndGrad", () => valueAndGrad(square as Loose)(2 as never), "compile(valueAndGrad(f))(params)"],
    ["hessian", () => hessian(square as Loose)([1, 2] as never), "compile(hessian(f))(params)"],
    ["vjp", () => vjp(square, 2 as never), "compile((x) => vjp(f, x))(x)"],
    ["jvp", () => jvp(square, 2 as never, 1 as never), "compile((x) => jvp(f, x, tangent))(x)"],
    ["vmap", () => vmap(square as Loose)([1, 2] as never), "compile(vmap(f))(xs)"],
  ])("%s outside a traced function says how it is compiled", (name, call, way) => {
    expect(call).toThrow(TraceError);
    expect(call).toThrow(`'${name}' makes functions of Tensors`);
    expect(call).toThrow(way);
  });

  it("params from outside are told from a key that is missing", () => {
    const net = mlp([2, 1]);
    const inside = () => run((x: Tensor) => net.apply(net.init(key(1)) as never, x).sum());
    expect(inside).toThrow(/numbers or arrays from outside\? Pass them as an argument, or as constantArray/);
    expect(() => run((x: { y: Tensor }) => x.y.exp())).toThrow(/does it read something that its arguments/);
  });

  it("a seed is no key", () => {
    for (const call of [
      () => split(1 as never),
      () => normal(1 as never, 3),
      () => mlp([2, 1]).init(1 as never),
    ])
      expect(call).toThrow(/is a key, as key\(1\) makes it, not 1/);
  });
});
