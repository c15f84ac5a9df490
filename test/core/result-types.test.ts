import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { dot, matmul, max, mean, solve, sum } from "../../src/entry/ops.js";
import {
  array,
  axis,
  compile,
  constantArray,
  type EventTensor,
  expectedCls,
  grad,
  hessian,
  hist,
  histfactory,
  histogram,
  init,
  jvp,
  type Leaf,
  type Matrix,
  minimize,
  NdArray,
  normfactor,
  root,
  type Scalar,
  stack,
  type Events as Table,
  type Tensor,
  table,
  train,
  type Vector,
  valueAndGrad,
  vjp,
  vmap,
  where,
} from "../../src/index.js";

beforeAll(() => init());

type Grid = NdArray<readonly [rows: number, columns: number]>;
type Column = Float64Array | Float32Array | Int32Array;

/** What a result is at run time, in the words of its type. */
const kind = (x: unknown): string =>
  x instanceof NdArray
    ? `array [${x.shape}] of ${x.data.constructor.name}`
    : typeof x === "object" && x !== null
      ? x.constructor.name
      : typeof x;

const events = table({ x: Float64Array.of(0.1, 0.4, 0.6), n: Int32Array.of(1, 2, 2) }, { dtype: "f64" });
type Events = { x: EventTensor; n: EventTensor };

describe("results are what their types say", () => {
  it("of ops on small tensors", () => {
    const f = compile((s: Scalar, v: Vector, m: Matrix) => ({
      scalar: s.mul(2).exp(),
      number: where(s.gt(0), 1, s),
      vector: v.add(s).sigmoid(),
      matrix: m.add(v).mul(s).sub(1),
      product: matmul(m, v),
      transposed: matmul(m.transpose(), m),
      dot: dot(v, v),
      solved: solve(m, v),
      inverse: solve(m, m),
      sums: [m.sum(), m.sum(0), m.sum([0, 1]), v.max(0), v.sum(-1)] as const,
      reshaped: [m.reshape([4]), v.reshape([1, 2]), v.reshape([2, 1, 1]), v.sum().reshape([])] as const,
      parts: [m.at(0), v.at(-1), m.slice(0, 1), v.broadcast([3, 2])] as const,
      stacked: [stack([s, s.neg()]), stack([v, v]), stack([m, m])] as const,
      constants: [constantArray([1, 2]), constantArray([1, 2], [2, 1]), constantArray([[1, 2]])] as const,
      integers: v.cast("i32"),
      whole: s.cast("i32"),
      functions: [sum(m), sum(m, 0), mean(v), max(v, -1)] as const,
    }));
    const r = f(
      0.5,
      [1, 2],
      array([
        [2, 0],
        [1, 3],
      ]),
    );
    expectTypeOf(r.scalar).toEqualTypeOf<number>();
    expectTypeOf(r.number).toEqualTypeOf<number>();
    expectTypeOf(r.vector).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.matrix).toEqualTypeOf<Grid>();
    expectTypeOf(r.product).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.transposed).toEqualTypeOf<Grid>();
    expectTypeOf(r.dot).toEqualTypeOf<number>();
    expectTypeOf(r.solved).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.inverse).toEqualTypeOf<Grid>();
    expectTypeOf(r.sums[0]).toEqualTypeOf<number>();
    expectTypeOf(r.sums[1]).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.sums[2]).toEqualTypeOf<number | Float64Array | Grid>();
    expectTypeOf(r.sums[3]).toEqualTypeOf<number>();
    expectTypeOf(r.sums[4]).toEqualTypeOf<number>();
    expectTypeOf(r.reshaped[0]).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.reshaped[1]).toEqualTypeOf<Grid>();
    expectTypeOf(r.reshaped[2].shape.length).not.toBeNever();
    expectTypeOf(r.reshaped[3]).toEqualTypeOf<number>();
    expectTypeOf(r.parts).toEqualTypeOf<readonly [Float64Array, number, Grid, Grid]>();
    expectTypeOf(r.stacked[0]).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.stacked[1]).toEqualTypeOf<Grid>();
    expectTypeOf(r.constants).toEqualTypeOf<readonly [Float64Array, Grid, Grid]>();
    expectTypeOf(r.integers).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.whole).toEqualTypeOf<number>();
    expectTypeOf(r.functions).toEqualTypeOf<readonly [number, Float64Array, number, number]>();
    const kinds = Object.fromEntries(
      Object.entries(r).map(([k, x]) => [k, Array.isArray(x) ? x.map(kind) : kind(x)]),
    );
    const grid = (shape: string) => `array [${shape}] of Float64Array`;
    expect(kinds).toEqual({
      ...{ scalar: "number", number: "number", vector: "Float64Array", matrix: grid("2,2") },
      ...{ product: "Float64Array", transposed: grid("2,2"), dot: "number" },
      ...{ solved: "Float64Array", inverse: grid("2,2") },
      sums: ["number", "Float64Array", "number", "number", "number"],
      reshaped: ["Float64Array", grid("1,2"), grid("2,1,1"), "number"],
      parts: ["Float64Array", "number", grid("2,1"), grid("3,2")],
      stacked: ["Float64Array", grid("2,2"), grid("2,2,2")],
      constants: ["Float64Array", grid("2,1"), grid("1,2")],
      integers: "Float64Array",
      whole: "number",
      functions: ["number", "Float64Array", "number", "number"],
    });
    expect(r.matrix.toArray()).toEqual([
      [0.5, 0],
      [0, 1.5],
    ]);
    expect(r.product).toEqual(Float64Array.of(2, 7));
  });

  it("of events and what they fold to", () => {
    const f = compile((e: Events) => ({
      column: e.x.mul(2),
      whole: e.n,
      wide: stack([e.x, e.n]),
      sum: e.x.sum(),
      folded: e.x.max("events"),
      bins: hist(e.x, { bins: 3, range: [0, 1], bandwidth: 0.1 }),
      plane: histogram([axis.regular(2, 0, 1), axis.regular(3, 0, 3)]).fill([e.x, e.n], {
        bandwidth: [0.1, 0],
      }).values,
    }));
    const r = f(events);
    expectTypeOf(r.column).toEqualTypeOf<Column>();
    expectTypeOf(r.wide).toEqualTypeOf<Column>();
    expectTypeOf(r.sum).toEqualTypeOf<number>();
    expectTypeOf(r.bins).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.plane).toEqualTypeOf<Grid>();
    expectTypeOf(r.folded).extract<Column>().toEqualTypeOf<Float64Array>();
    expect(Object.values(r).map(kind)).toEqual([
      "Float64Array",
      "Int32Array",
      "Float64Array",
      "number",
      "number",
      "Float64Array",
      "array [2,3] of Float64Array",
    ]);
    expect(r.wide).toHaveLength(6);
  });

  it("of fits and searches of each event", () => {
    const f = compile((e: Events) => ({
      root: root((x) => x.sub(e.x), -10, 10),
      ends: root((x) => x.exp().sub(2), e.x.sub(9), 9).x,
      fit: minimize((x) => x.sub(e.x).square().sum([-1]), constantArray([0, 0])),
      one: minimize((x) => x.sub(e.x).square(), 0).value,
      start: minimize((x) => x.square(), e.x).x,
    }));
    const r = f(events);
    expectTypeOf(r.root.x).toEqualTypeOf<Column>();
    expectTypeOf(r.root.status).toEqualTypeOf<Column>();
    expectTypeOf(r.ends).toEqualTypeOf<Column>();
    expectTypeOf(r.fit.x).toEqualTypeOf<Column>();
    expectTypeOf(r.fit.value).toEqualTypeOf<Column>();
    expectTypeOf(r.one).toEqualTypeOf<Column>();
    expectTypeOf(r.start).toEqualTypeOf<Column>();
    const all = [r.root.x, r.root.status, r.ends, r.fit.x, r.fit.value, r.one, r.start];
    expect(all.map(kind)).toEqual(new Array(7).fill("Float64Array"));
    expect(all.map((t) => t.length)).toEqual([3, 3, 3, 6, 3, 3, 3]);
  });

  it("of fits, models and searches", () => {
    const f = compile((s: Scalar, v: Vector) => {
      const model = histfactory({
        channels: [
          {
            name: "SR",
            samples: [
              { name: "s", data: v, modifiers: [normfactor("mu")] },
              { name: "b", data: [50, 60], modifiers: [] },
            ],
          },
        ],
      });
      return {
        fit: minimize((x) => x.sub(v).square().sum(), v.mul(0)),
        one: minimize((x) => x.sub(s).square(), s.mul(0)).x,
        root: root((x) => x.sub(s), -10, 10).x,
        rates: model.expectedMain(model.init()),
        curvature: model.hessian(model.init(), model.expectedData(model.init())),
        cls: expectedCls(model),
      };
    });
    const r = f(3, [5, 7]);
    expectTypeOf(r.fit.x).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.fit.value).toEqualTypeOf<number>();
    expectTypeOf(r.one).toEqualTypeOf<number>();
    expectTypeOf(r.root).toEqualTypeOf<number>();
    expectTypeOf(r.rates).toEqualTypeOf<Float64Array>();
    expectTypeOf(r.curvature).toEqualTypeOf<Grid>();
    expectTypeOf(r.cls).toEqualTypeOf<number>();
    expect([r.fit.x, r.fit.value, r.one, r.root, r.rates, r.curvature, r.cls].map(kind)).toEqual([
      "Float64Array",
      ...["number", "number", "number"],
      "Float64Array",
      "array [1,1] of Float64Array",
      "number",
    ]);
  });

  it("of a bare Tensor they are all that it may be", () => {
    const f = compile((x: Tensor) => x.mul(2));
    expectTypeOf(f).returns.toEqualTypeOf<Leaf>();
    expectTypeOf<Leaf>().extract<NdArray>().not.toBeNever();
    expect([f(1), f([1]), f(array([[1]]))].map(kind)).toEqual([
      "number",
      "Float64Array",
      "array [1,1] of Float64Array",
    ]);
  });
});

describe("derivatives keep the trees of their arguments", () => {
  type Params = { a: Scalar; net: { w: Matrix; b: Vector }[] };
  const loss = ({ a, net: [layer] }: Params) => matmul(layer!.w, layer!.b).mul(a).sin().sum();
  const params = {
    a: 0.5,
    net: [
      {
        w: array([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        b: [1, -1],
      },
    ],
  };

  it("grad, valueAndGrad, vjp and jvp", () => {
    const { value, grads } = compile(valueAndGrad(loss))(params);
    expectTypeOf(value).toEqualTypeOf<number>();
    expectTypeOf(grads).toEqualTypeOf<{ a: number; net: { w: Grid; b: Float64Array }[] }>();
    expect([kind(value), kind(grads.a), kind(grads.net[0]!.w), kind(grads.net[0]!.b)]).toEqual([
      ...["number", "number", "array [3,2] of Float64Array", "Float64Array"],
    ]);
    expect(compile(grad(loss))(params)).toEqual(grads);
    const both = compile((p: Params) => {
      const [y, pull] = vjp(loss, p);
      return { pulled: pull(y.mul(0).add(1)), pushed: jvp(loss, p, p) };
    })(params);
    expectTypeOf(both.pulled).toEqualTypeOf<typeof grads>();
    expectTypeOf(both.pushed).toEqualTypeOf<[number, number]>();
    expect(both.pulled).toEqual(grads);
    expect(both.pushed.map(kind)).toEqual(["number", "number"]);
  });

  it("hessian: a tree of trees, with the axes of both leaves", () => {
    type P = { s: Scalar; v: Vector };
    const f = ({ s, v }: P) => v.square().sum().mul(s.square());
    const h = compile(hessian(f))({ s: 3, v: [1, 2] });
    expectTypeOf(h).toEqualTypeOf<{
      s: { s: number; v: Float64Array };
      v: { s: Float64Array; v: Grid };
    }>();
    expect(h.s.s).toBe(10);
    expect(h.s.v).toEqual(Float64Array.of(12, 24));
    expect(h.v.s).toEqual(Float64Array.of(12, 24));
    expect(h.v.v.toArray()).toEqual([
      [18, 0],
      [0, 18],
    ]);
    const long = compile(hessian((m: Matrix) => m.square().sum()))(array([[1, 2]]));
    expect(long.shape).toEqual([1, 2, 1, 2]);
    expectTypeOf(long.shape).toMatchTypeOf<readonly [number, number, number, ...number[]]>();
    const one = compile(hessian((x: Scalar) => x.square().mul(x)))(2);
    expectTypeOf(one).toEqualTypeOf<number>();
    expect(one).toBe(12);
  });

  it("vmap: an axis more, where it maps", () => {
    const product = (x: Scalar, v: Vector) => ({ y: v.mul(x), x });
    const f = compile((x: Vector, v: Vector, m: Matrix) => ({
      both: vmap(product)(x, m),
      shared: vmap(product, [0, null])(x, v),
      named: vmap(product, { inAxes: [null, 0], outAxes: { y: 1, x: null } })(x.at(0), m),
      loose: vmap((a: Tensor) => a.sum())(m),
    }));
    const r = f(
      [1, 2],
      [3, 4, 5],
      array([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    expectTypeOf(r.both).toEqualTypeOf<{ y: Grid; x: Float64Array }>();
    expectTypeOf(r.shared).toEqualTypeOf<{ y: Grid; x: Float64Array }>();
    expectTypeOf(r.named).toEqualTypeOf<{ y: Grid; x: number }>();
    expectTypeOf(r.loose).toEqualTypeOf<Float64Array>();
    expect([r.both.y, r.shared.y, r.named.y, r.both.x, r.named.x, r.loose].map(kind)).toEqual([
      ...["array [2,3] of Float64Array", "array [2,3] of Float64Array", "array [3,2] of Float64Array"],
      ...["Float64Array", "number", "Float64Array"],
    ]);
    // @ts-expect-error a batch of scalars is a vector
    expect(() => compile((x: Scalar) => vmap((y: Scalar) => y)(x))(1)).toThrow(/has none/);
  });

  it("train: params as they were given, losses with the kinds of their arguments", async () => {
    const { params, grads } = await train(
      (p, e) => {
        expectTypeOf(p).toEqualTypeOf<{ c: Scalar; m: Matrix; v: Vector }>();
        expectTypeOf(e.x).toEqualTypeOf<EventTensor>();
        return matmul(p.m, p.v).sub(1).square().sum().add(e.x.sub(p.c).square().sum());
      },
      {
        params: {
          c: 0,
          m: array([
            [1, 0],
            [0, 1],
          ]),
          v: [0.5, 2],
        },
        data: events,
        steps: 3,
      },
    );
    expectTypeOf(params.c).toEqualTypeOf<number>();
    expectTypeOf(params.v).toEqualTypeOf<Float64Array>();
    expectTypeOf(params.m.shape).toEqualTypeOf<readonly [number, number]>();
    expect([params.c, params.m, params.v].map(kind)).toEqual([
      ...["number", "array [2,2] of Float64Array", "Float64Array"],
    ]);
    expect(grads.m.shape).toEqual([2, 2]);
    expect(params.m.at(0, 0)).not.toBe(1);
  });
});

describe("arguments are held to their types", () => {
  it("by their rank, and by whether they are events", () => {
    const small = compile((p: { x: Vector }) => p.x.sum());
    const column = compile((e: { x: EventTensor }) => e.x.sum());
    expect([small({ x: [1, 2] }), column(events)]).toEqual([3, 1.1]);
    // @ts-expect-error the columns of a table are events
    expect(small(events)).toBeCloseTo(1.1);
    // @ts-expect-error events stand in a table
    expect(column({ x: Float64Array.of(1, 2) })).toBe(3);
    const scalar = compile((x: Scalar) => x.exp());
    // @ts-expect-error a scalar is a number
    expect(scalar([0])).toEqual(Float64Array.of(1));
    const matrix = compile((m: Matrix) => m.sum());
    const rows = array([[1], [2]]).toArray();
    // @ts-expect-error a matrix is made by array()
    expect(() => matrix(rows)).toThrow(/a list of vectors: as a matrix it is array\(params\)/);
    const named: Table<{ x: Float64Array }> = table({ x: Float64Array.of(2) });
    expect(column(named)).toBe(2);
  });
});
