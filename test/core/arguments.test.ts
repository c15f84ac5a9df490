import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { count } from "../../src/entry/ops.js";
import {
  compile,
  DerivativeError,
  grad,
  hessian,
  InputError,
  init,
  jvp,
  OptionError,
  sgd,
  type Tensor,
  table,
  train,
  valueAndGrad,
  vjp,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

type Events = { x: Tensor };
const f64 = (x: ArrayLike<number>) => table({ x: Float64Array.from(x) }, { dtype: "f64" });

describe("tables are told apart by their place among the arguments", () => {
  const three = f64([1, 2, 3]);
  const five = f64([10, 20, 30, 40, 50]);
  type Both = [p: Tensor, a: { s: Events }, b: { s: Events }];

  it("under one key of two arguments: nominal and varied", () => {
    const args = [1, { s: three }, { s: five }] as const;
    expect(compile((...[, a, b]: Both) => [count(a.s.x), count(b.s.x)])(...args)).toEqual([3, 5]);
    expect(compile((...[, a, b]: Both) => [a.s.x.sum(), b.s.x.sum()])(...args)).toEqual([6, 150]);
    const shifted = (...[p, a, b]: Both) => [a.s.x.add(p).sum(), b.s.x.add(p).sum()];
    expect(compile(shifted)(...args)).toEqual([9, 155]);
    const ratio = (...[p, a, b]: Both) => a.s.x.mul(p).sum().div(b.s.x.add(p).sum());
    expect(compile(valueAndGrad(ratio))(...args).grads).toBeCloseTo(6 / 155 - (6 * 5) / 155 ** 2, 15);
  });

  it("also where one object holds both, or a name looks like that of another argument", () => {
    const mixed = compile((...[, a, b]: Both) => a.s.x.mul(b.s.x).sum());
    expect(() => mixed(1, { s: three }, { s: three })).toThrow(
      /table 's' with events of table 'argument2.s'/,
    );
    const sums = compile((a: { x: Events }, b: { params: { x: Events } }) => [
      a.x.x.sum(),
      b.params.x.x.sum(),
    ]);
    expect(sums({ x: three }, { params: { x: five } })).toEqual([6, 150]);
    const whole = compile((_: Tensor, a: Events, b: { events: Events }, c: Events) => [
      a.x.sum(),
      b.events.x.sum(),
      c.x.sum(),
    ]);
    expect(whole(0, three, { events: five }, three)).toEqual([6, 150, 6]);
  });

  it("for drawn trees of arguments with few names", () => {
    for (let seed = 1; seed <= runs(40); seed++) {
      const u = random(seed);
      const int = (n: number) => Math.floor(u() * n);
      const expected: number[][] = [];
      const p = 1 + u();
      const tree = (depth: number): unknown => {
        if (depth > 0 && u() < 0.6) {
          const keys = ["s", "b", "events", "params", "argument2", "x"].filter(() => u() < 0.4);
          return Object.fromEntries((keys.length ? keys : ["s"]).map((k) => [k, tree(depth - 1)]));
        }
        const x = Float64Array.from({ length: 1 + int(9) }, () => int(100));
        expected.push([x.length, x.reduce((a, v) => a + v, 0), x.reduce((a, v) => a + v * p, 0)]);
        return f64(x);
      };
      const args = Array.from({ length: 1 + int(3) }, () => tree(3));
      type Node = Tensor | { [key: string]: Node };
      const found: Tensor[][] = [];
      const visit = (q: Tensor, node: { [key: string]: Node }): void => {
        // In the order of the drawing: keys as they were written.
        for (const [key, child] of Object.entries(node)) {
          if (!("axis" in child)) visit(q, child as { [key: string]: Node });
          else if (key === "x") {
            const x = child as Tensor;
            found.push([count(x), x.sum(), x.mul(q).sum()]);
          }
        }
      };
      const run = compile((q: Tensor, ...trees: { [key: string]: Node }[]) => {
        found.length = 0;
        for (const t of trees) visit(q, t);
        return [...found];
      });
      const got = run(p, ...(args as never[])) as unknown as number[][];
      expect(got.length, `seed ${seed}`).toBe(expected.length);
      got.flat().forEach((v, i) => {
        expect(v, `seed ${seed}`).toBeCloseTo(expected.flat()[i]!, 9);
      });
    }
  });

  it("in a training, whose extras may hold tables under the names of its data", async () => {
    const run = (batch?: number) =>
      train<{ c: number }, { s: Record<"x", Float64Array> }, { s: Record<"x", Float64Array> }>(
        (p, d, extra) => d.s.x.mean().sub(p.c).square().add(extra.s.x.mean().sub(p.c).square()),
        {
          ...{ params: { c: 0 }, data: { s: three }, extras: () => ({ s: five }) },
          ...{ optimizer: sgd(0.1), steps: 1, ...(batch ? { batch } : {}) },
        },
      );
    expect((await run()).params.c).toBeCloseTo(0.1 * 2 * (2 + 30), 12);
    expect((await run(3)).params.c).toBeCloseTo(0.1 * 2 * (2 + 30), 12);
  });
});

describe("integers have no derivative", () => {
  const square = (x: Tensor) => x.square().sum();
  type Nested = { net: { a: Tensor }[]; b: Tensor };
  const nested = (p: Nested) => p.net[0]!.a.square().sum().add(p.b.sum());
  const ints = Int32Array.of(1, 2, 3);

  it("so they are refused by name, in types and while tracing, in nested leaves too", () => {
    // @ts-expect-error integers cannot be differentiated
    expect(() => compile(grad(square))(ints)).toThrow(DerivativeError);
    // @ts-expect-error
    expect(() => compile(valueAndGrad(square))(Uint8Array.of(1))).toThrow(
      /'valueAndGrad' with respect to 'params'/,
    );
    // @ts-expect-error
    expect(() => compile(hessian(square))(Int16Array.of(1))).toThrow(/'hessian' with respect to 'params'/);
    // @ts-expect-error
    expect(() => compile(grad(nested))({ net: [{ a: ints }], b: 1 })).toThrow(
      /'params.net\[0\].a', but it is integers .*Float64Array.from\(params.net\[0\].a\)/,
    );
    expect(() => compile((x: Tensor) => jvp(square, x, x)[1])(ints)).toThrow(
      /'jvp' with respect to 'params'/,
    );
    expect(() => compile((x: Tensor) => vjp(square, x)[1](x.sum()))(ints)).toThrow(/'vjp' with respect to/);
    expect(() => compile((x: Tensor) => grad(square)(x))(ints)).toThrow(/integers/);
    const events = (e: { x: Tensor; n: Tensor }) => e.x.mul(e.n).sum();
    const data = table({ x: Float64Array.of(1), n: Int32Array.of(2) });
    expect(() => compile((e: { x: Tensor; n: Tensor }) => grad(events)(e))(data)).toThrow(/'params.n'/);
  });

  it("but may stand beside what is differentiated, and numbers of any real kind are", () => {
    const f = (p: { a: Tensor }, n: Tensor) => p.a.square().mul(n).sum();
    expect(flat(compile(grad(f))({ a: [1, 2] }, Int32Array.of(3, 4)).a)).toEqual([6, 16]);
    expect(flat(compile(grad(square))(Float32Array.of(1, 2)))).toEqual([2, 4]);
    expect(compile(grad(square))(3)).toBe(6);
  });
});

describe("arguments are taken as they are at the call", () => {
  it("by .async(), of any tree of params, whatever happens to it before it resolves", async () => {
    type Tree = number | number[] | Float64Array | Tree[] | { [key: string]: Tree };
    type Symbols = Tensor | Symbols[] | { [key: string]: Symbols };
    const small = fc.double({ min: -9, max: 9, noNaN: true });
    const vector = fc.array(small, { minLength: 1, maxLength: 4 });
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        small,
        vector,
        vector.map((x) => Float64Array.from(x)),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("tree"), { minKeys: 1 }),
      ),
    }));
    const isPlain = (x: unknown): x is Record<string, never> => typeof x === "object" && x !== null;
    const total = (x: Symbols): Tensor =>
      "shape" in x
        ? (x as Tensor).sum()
        : Object.values(x as Record<string, Symbols>)
            .map((part, i) => total(part).mul(i + 1))
            .reduce((a, b) => a.add(b));
    /** Every number in it becomes another, and every place in a record another tree. */
    const spoil = (x: Tree): void => {
      if (typeof x === "number") return;
      if (Array.isArray(x) || ArrayBuffer.isView(x)) (x as number[]).fill(1e6);
      else
        for (const key of Object.keys(x)) {
          spoil(x[key]!);
          x[key] = 7;
        }
    };
    const events = f64([1, 2, 3]);
    const params = fc.dictionary(fc.constantFrom("p", "q"), tree, { minKeys: 1 });
    await fc.assert(
      fc.asyncProperty(params, async (given) => {
        const f: unknown = compile(((p: Symbols, e: Events) => e.x.sum().mul(total(p))) as never);
        const call = f as ((p: Tree, e: unknown) => number) & {
          async(p: Tree, e: unknown): Promise<number>;
        };
        const wanted = call(given, events);
        const later = call.async(given, events);
        if (isPlain(given)) spoil(given);
        expect(await later).toBe(wanted);
      }),
      { numRuns: runs(60) },
    );
  });

  it("by .async(), whatever happens to its vectors before it resolves", async () => {
    const f = compile((p: { a: Tensor; k: Tensor }, e: Events) => e.x.mul(p.a.at(0)).sum().mul(p.k.sum()));
    const events = f64([1, 2, 3]);
    const params = { a: Float64Array.of(1), k: Int32Array.of(1, 1) };
    const answers = [1, 2, 3].map((k) => {
      params.a[0] = k;
      params.k[1] = k;
      return f.async(params, events);
    });
    params.a[0] = 100;
    params.k.fill(9);
    expect(await Promise.all(answers)).toEqual([12, 36, 72]);
  });

  it("of tables, whose columns cannot be replaced, added or taken away", () => {
    const t = f64([1, 2]) as { x: Float64Array; z?: Float64Array };
    expect(() => {
      t.x = Float64Array.of(1);
    }).toThrow(TypeError);
    expect(() => {
      t.z = Float64Array.of(1, 2);
    }).toThrow(TypeError);
    expect(() => {
      delete (t as { x?: Float64Array }).x;
    }).toThrow(TypeError);
    expect(compile((e: Events) => e.x.sum())(t)).toBe(3);
  });

  it("and memory that was given away or shrunk since is missed", () => {
    const f = compile((e: { x: Tensor; y: Tensor }) => e.y.sum());
    f(table({ x: new Float64Array(10).fill(7), y: new Float64Array(10).fill(7) }, { dtype: "f64" }));
    const x = Float64Array.of(1, 2);
    const t = table({ x, y: Float64Array.of(1, 2) }, { dtype: "f64" });
    structuredClone(x, { transfer: [x.buffer] });
    expect(() => f(t)).toThrow(/column 'x' had 2 values when table\(\) was called and has 0 now/);
    expect(() => f(t)).toThrow(InputError);
  });
});

describe("a table refuses", () => {
  it("a type or a number of rows that is none", () => {
    const x = Float64Array.of(1, 2, 3);
    expect(() => table({ x }, { dtype: "float64" as "f64" })).toThrow(OptionError);
    expect(() => table({ x }, { dtype: "float64" as "f64" })).toThrow(/"f32" or "f64", not "float64"/);
    for (const rows of [-3, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => table({ x }, { rows })).toThrow(/number of events, a whole number from 0 on/);
    }
    expect(() => table({ x }, { row: 3 } as never)).toThrow(
      /'table' has no option 'row'. Did you mean rows\?/,
    );
    expect(() => table(x as never)).toThrow(/columns by name/);
    expect(() => table(null as never)).toThrow(/columns by name/);
  });
});
