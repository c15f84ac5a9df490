import { beforeAll, describe, expect, it } from "vitest";
import { spread } from "../../src/core/elementary/crossing.js";
import { dot, matmul } from "../../src/core/elementary/linalg.js";
import type { Tensor } from "../../src/core/graph/tensor.js";
import { interpret } from "../../src/core/oracle/interpret.js";
import { trace } from "../../src/core/run/trace.js";
import {
  affine,
  contract,
  count,
  gather,
  kde,
  linear,
  rowIndex,
  scatter,
  segmentSum,
  solve,
  take,
} from "../../src/entry/ops.js";
import {
  AxisError,
  compile,
  concat,
  constantArray,
  init,
  jvp,
  minimize,
  OptionError,
  root,
  ShapeError,
  stack,
  table,
  vjp,
  where,
} from "../../src/index.js";
import { logCutProduct } from "../../src/ops/cutproduct.js";
import { interpFactor, interpWeights } from "../../src/ops/interp.js";
import { kdeSquares } from "../../src/ops/kdesquares.js";
import { segmentOuter } from "../../src/ops/outer.js";
import { gatherProduct } from "../../src/ops/rows.js";
import { GradcutError } from "../../src/text/gradcuterror.js";
import { flat } from "../kit/flat.js";
import { random } from "../kit/random.js";
import { oracles } from "../kit/registry.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

/** A function that JavaScript calls with anything. */
type Loose = (...args: unknown[]) => Tensor;
const ints = (...values: number[]) => constantArray(Int32Array.from(values));

describe("shapes that do not fit are refused, and both are named", () => {
  const one = (f: (a: Tensor) => unknown, x: number | number[] = [1, 2, 3]) => compile(f as Loose)(x);
  const events = table(
    {
      x: Float64Array.of(1, 2),
      f: Float64Array.of(1, 2, 3, 4),
      g: new Float64Array(8),
      i: Int32Array.of(0, 5),
    },
    { rows: 2, dtype: "f64" },
  );
  type E = Record<"x" | "f" | "g" | "i", Tensor>;
  const many = (f: (e: E) => unknown) => compile(f as (e: E) => Tensor)(events);

  const refused: [string, () => unknown, RegExp][] = [
    ["broadcast", () => one((a) => a.broadcast([5])), /to \[5\] does not fit input 'params' f64\[3\]/],
    ["broadcast, shorter", () => one((a) => a.broadcast([2])), /to \[2\] does not fit/],
    [
      "broadcast, fewer axes",
      () => one((a) => a.reshape([1, 3]).broadcast([3])),
      /to \[3\] does not fit .*f64\[1,3\]/,
    ],
    ["broadcast of events", () => many((e) => e.f.broadcast([4])), /to \[4\] does not fit input 'params.f'/],
    ["broadcast, negative", () => one((a) => a.broadcast([-1])), /got the shape \[-1\]/],
    ["broadcast, no shape", () => one((a) => a.broadcast(3 as never)), /got the shape 3/],
    ["reshape", () => one((a) => a.reshape([2, 2])), /needs 4 elements, but input 'params' f64\[3\] has 3/],
    ["reshape to nothing", () => one((a) => a.reshape([0])), /needs 0 elements, but .* has 3/],
    ["reshape, twice -1", () => one((a) => a.reshape([-1, -1])), /got the shape \[-1\]/],
    ["reshape, negative", () => one((a) => a.reshape([-3, -1])), /got the shape \[-3\]/],
    ["reshape, no divisor", () => one((a) => a.reshape([-1, 2])), /which 2 does not divide/],
    ["reshape, part of nothing", () => one((a) => a.reshape([-1, 0])), /which 0 does not divide/],
    ["reshape, half", () => one((a) => a.reshape([0.5, 6])), /got the shape \[0.5,6\]/],
    ["transpose, few", () => one((a) => a.reshape([3, 1]).transpose([0])), /axes \[0\] needs each of the 2/],
    ["transpose, twice", () => one((a) => a.reshape([3, 1]).transpose([0, 0])), /axes \[0,0\] needs each/],
    ["transpose, none", () => one((a) => a.transpose([1])), /has no axis 1/],
    ["pad, negative", () => one((a) => a.pad(-1, 0)), /before of 'pad' is a whole number from 0 on, not -1/],
    ["pad, half", () => one((a) => a.pad(0, 0.5)), /after of 'pad' is a whole number from 0 on, not 0.5/],
    [
      "linear, weights of events",
      () => many((e) => linear(e.f, e.f.reshape([2, 1]))),
      /'linear' works on small/,
    ],
    [
      "linear of small, weights of events",
      () => compile((p: Tensor, e: E) => linear(p, e.f.reshape([2, 1])))([1, 2], events),
      /'linear' folds over events/,
    ],
    ["linear of small", () => one((a) => linear(a, a.reshape([3, 1]))), /'linear' folds over events/],
    ["dense of small", () => one((a) => affine(a, a.reshape([3, 1]), null)), /'affine' folds over events/],
    [
      "rows: 0 of columns that have some",
      () => table({ x: Float64Array.of(1) }, { rows: 0 }),
      /has 1 values.* 0 events/,
    ],
    ["slice, too far", () => one((a) => a.slice(0, 4)), /has no place 4 on an axis of 3/],
    ["slice, half", () => one((a) => a.slice(0.5, 2)), /needs a whole number, not 0.5/],
    ["slice, empty", () => one((a) => a.slice(2, 1)), /takes nothing/],
    ["at, too far", () => one((a) => a.at(3)), /has no place 3 on an axis of 3/],
    ["at, too far back", () => one((a) => a.at(-4)), /has no place -4/],
    ["at of a number", () => one((a) => a.at(0), 1), /has none/],
    ["cast", () => one((a) => a.cast("f32")), /small tensors are f64, i32/],
    ["cast, no type", () => one((a) => a.cast("int" as never)), /got the type "int"/],
    ["spread, no axis", () => one((a) => spread(a, "events" as never)), /needs the axis of a table/],
    ["spread of events", () => many((e) => spread(e.x, e.x.axis!).sum()), /has events already/],
    ["concat, no axis", () => one((a) => concat([a, a], 1)), /has no axis 1/],
    ["concat of nothing", () => one(() => concat([])), /got no tensors/],
    [
      "stack",
      () => one((a) => stack([a, a.slice(0, 2)])),
      /one shape, but got input 'params' f64\[3\] and .* f64\[2\]/,
    ],
    ["sum, no axis", () => one((a) => a.sum(2)), /has no axis 2/],
    [
      "sum, no word",
      () => many((e) => e.x.sum("event" as never)),
      /'sum' got the axis "event"; it goes over "events"/,
    ],
    ["mean, no word", () => many((e) => e.x.mean("rows" as never)), /'mean' got the axis "rows"/],
    ["softmax, no axis", () => one((a) => a.softmax(1)), /'softmax' has no axis 1/],
    ["matmul", () => one((a) => matmul(a, a.slice(0, 2))), /cannot multiply/],
    ["solve", () => one((a) => solve(a, a)), /needs A \[..., n, n\] and b/],
    [
      "contract",
      () => many((e) => contract(e.g.reshape([2, 2]), e.f)),
      /needs one inner axis of each, but got .*f64\[params; 2,2\]/,
    ],
    ["contract of numbers", () => many((e) => contract(e.x, e.x)), /needs one inner axis of each/],
    [
      "dense, bias",
      () => many((e) => affine(e.f, constantArray([1, 2, 3, 4], [2, 2]), constantArray([1]))),
      /bias \[1\]/,
    ],
    [
      "dense, bias of two axes",
      () => many((e) => affine(e.f, constantArray([1, 2, 3, 4], [2, 2]), constantArray([1, 2], [2, 1]))),
      /bias \[2,1\]/,
    ],
    ["gather of a number", () => one((a) => gather(a, ints(0)), 1), /picks from an inner axis/],
    ["gather, real places", () => one((a) => gather(a, a)), /needs small integers/],
    ["gather, fill", () => one((a) => gather(a, ints(0), 0.5)), /fill of 'gather'/],
    [
      "scatter, longer",
      () => one((a) => scatter(a, ints(0, 1), 3)),
      /x is input 'params' f64\[3\] and they are .* i32\[2\]/,
    ],
    ["scatter, no size", () => one((a) => scatter(a, ints(0, 1, 0), -1)), /number of sums of 'scatter'/],
    ["gatherProduct, one axis", () => one((a) => gatherProduct(a, ints(0, 1))), /integers with 2 inner axes/],
    [
      "gatherProduct, real",
      () => one((a) => gatherProduct(a, constantArray([0, 1], [1, 2]))),
      /pass an Int32Array/,
    ],
    ["take, real", () => many((e) => take(constantArray([1, 2]), e.x)), /needs one integer per event/],
    ["take of a number", () => many((e) => take(constantArray([1]).at(0), e.i)), /needs a table/],
    [
      "segmentSum, -1",
      () => many((e) => segmentSum(e.x, e.i, -1)),
      /number of segments .* from 1 on, not -1/,
    ],
    ["segmentSum, NaN", () => many((e) => segmentSum(e.x, e.i, Number.NaN)), /number of segments/],
    [
      "segmentOuter",
      () => one((a) => segmentOuter(a, a, { columns: ints(0, 1), ends: ints(2), size: 2 })),
      /a column for each row/,
    ],
    [
      "segmentOuter, real",
      () => one((a) => segmentOuter(a, a, { columns: a, ends: ints(2), size: 2 })),
      /pass an Int32Array/,
    ],
    [
      "segmentOuter, size",
      () => one((a) => segmentOuter(a, a, { columns: ints(0, 1, 2), ends: ints(3), size: -2 })),
      /size of 'segmentOuter'/,
    ],
    ["interpFactor", () => one((a) => interpFactor(a, a, "code4")), /eight coefficients \[8, n\]/],
    ["interpWeights, order", () => one((a) => interpWeights(a, "code0", -1)), /order of the derivative/],
    ["kdeSquares, one edge", () => many((e) => kdeSquares(e.x, 1, constantArray([1]), 0.1)), /needs edges/],
    [
      "kdeSquares, two numbers",
      () => many((e) => kdeSquares(e.f, 1, constantArray([1, 2]), 0.1)),
      /one number per event/,
    ],
    [
      "kdeSquares, two widths",
      () => many((e) => kdeSquares(e.x, 1, constantArray([1, 2]), constantArray([1, 2]))),
      /one bandwidth/,
    ],
    [
      "minimize, free",
      () => one((a) => minimize((m) => m.square().sum(), a, { free: ints(1, 0) }).x),
      /'free' of 'minimize' is one number, or one for each of the 3/,
    ],
    [
      "minimize, lower",
      () => one((a) => minimize((m) => m.square().sum(), a, { lower: a.slice(1) }).x),
      /'lower' of 'minimize'/,
    ],
    [
      "minimize, starts",
      () => one((a) => minimize((m) => m.square().sum(), a, { search: { starts: [a.slice(1)] } }).x),
      /'starts' of 'minimize'/,
    ],
    [
      "minimize, maxSteps",
      () => one((a) => minimize((m) => m.square().sum(), a, { maxSteps: -1 }).x),
      /maxSteps of 'minimize'/,
    ],
    ["root, grow", () => one((a) => root((x) => x.sub(a.sum()), 0, 9, { grow: 1.5 }).x), /grow of 'root'/],
    ["vjp, cotangent", () => one((a) => vjp((x) => x.square(), a)[1](a.slice(1))), /a cotangent of 'vjp'/],
    ["jvp, tangent", () => one((a) => jvp((x: Tensor) => x.square(), a, a.at(0))[1]), /a tangent of 'jvp'/],
  ];
  it.each(refused)("%s", (_, run, sentence) => {
    expect(run).toThrow(GradcutError);
    expect(run).toThrow(sentence);
  });

  it("and where events of two tables would meet", () => {
    const run = (f: (a: E, b: E) => unknown) => () => compile(f as (a: E, b: E) => Tensor)(events, events);
    for (const f of [
      (a: E, b: E) => concat([a.x.reshape([1]), b.x.reshape([1])]),
      (a: E, b: E) => segmentSum(a.x, b.i, 2),
      (a: E, b: E) => contract(a.f, b.f),
      (a: E, b: E) => where(a.x.gt(0), b.x, 0).sum(),
      (a: E, b: E) => kde(a.x, b.x, constantArray([0, 1]), 0.1),
    ]) {
      expect(run(f)).toThrow(AxisError);
      expect(run(f)).toThrow(/table 'params'.*table 'events'/);
    }
  });

  it("choices that there are not, with the nearest", () => {
    const w = () => constantArray([1, 2], [2, 1]);
    expect(() => many((e) => affine(e.f, w(), null, "tanhh" as never))).toThrow(OptionError);
    expect(() => many((e) => affine(e.f, w(), null, "tanhh" as never))).toThrow(
      /'tanhh'. Did you mean tanh\?/,
    );
    expect(() => many((e) => affine(e.f, w(), null, "gate" as never))).toThrow(
      /choices are: none, relu, tanh, sigmoid/,
    );
    expect(() => many((e) => logCutProduct(e.f, "erf" as never))).toThrow(OptionError);
    expect(() => one((a) => interpFactor(a, a, "code9" as never))).toThrow(/Did you mean code/);
    expect(() => one((a) => interpWeights(a, "code9" as never))).toThrow(OptionError);
    expect(() => many((e) => take(constantArray([1]), e.i, "float" as never))).toThrow(ShapeError);
  });
});

describe("places counted from the end, and the axis that is left", () => {
  it("in at, slice and reshape", () => {
    const f = compile((a: Tensor) => [a.at(-1), a.at(-3), a.slice(-2), a.slice(-3, -1), a.slice(1, -1)]);
    expect(f([1, 2, 3]).map(flat)).toEqual([[3], [1], [2, 3], [1, 2], [2]]);
    const shapes = compile((a: Tensor) => {
      const all = [a.reshape([-1, 2]), a.reshape([3, -1]), a.reshape([-1]), a.reshape([2, -1, 3])];
      expect(all.map((t) => t.shape)).toEqual([[3, 2], [3, 2], [6], [2, 1, 3]]);
      return all[0]!.at(-1).at(-2);
    });
    expect(shapes([1, 2, 3, 4, 5, 6])).toBe(5);
  });

  it('the mean over "events", as the sum', () => {
    const f = compile((e: { x: Tensor; f: Tensor; n: Tensor }) => [
      e.x.mean("events"),
      e.f.mean("events"),
      stack([e.x, e.x]).mean("events"),
      e.n.mean("events"),
      e.f.mean(-1).sum(),
    ]);
    const t = table(
      { x: Float64Array.of(1, 2, 3), f: Float64Array.of(1, 2, 3, 4, 5, 9), n: Int32Array.of(1, 2, 4) },
      { rows: 3, dtype: "f64" },
    );
    expect(f(t).map(flat)).toEqual([[2], [3, 5], [2, 2], [7 / 3], [1.5 + 3.5 + 7]]);
  });
});

describe("places that only the data say", () => {
  it("never reach beyond a table: they give NaN, the fill, or nothing", () => {
    const far = [-1, 2, 2147483647, -2147483648];
    const f = compile((p: Tensor, i: Tensor, e: { x: Tensor; i: Tensor }) => ({
      gather: gather(p, i, 7),
      scatter: scatter(i.mul(0).add(1), i, 2),
      product: gatherProduct(p, i.reshape([4, 1])),
      take: take(p, e.i),
      sum: segmentSum(e.x, e.i, 2),
    }));
    const r = f(
      [3, 4],
      Int32Array.from(far),
      table({ x: new Float64Array(4).fill(1), i: Int32Array.from(far) }),
    );
    expect(flat(r.gather)).toEqual([7, 7, 7, 7]);
    expect(flat(r.scatter)).toEqual([0, 0]);
    expect(flat(r.product)).toEqual([1]);
    expect(flat(r.take)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(flat(r.sum)).toEqual([0, 0]);
  });

  it("rows of segmentOuter that lie outside, or columns that do not ascend, give NaN both ways", () => {
    const f = compile((a: Tensor, columns: Tensor, ends: Tensor) => {
      const outer = (x: Tensor) => segmentOuter(x, a, { columns, ends, size: 2 });
      return { y: outer(a), g: vjp(outer, a)[1](outer(a).mul(0).add(1)) };
    });
    const run = (columns: number[], ends: number[]) =>
      f([1, 2], Int32Array.from(columns), Int32Array.from(ends));
    expect(flat(run([0, 1], [2]).y)).toEqual([2, 4, 4, 8]);
    expect(flat(run([0, 1], [1]).y)).toEqual([2, 0, 0, 0]);
    expect(flat(run([0, 1], [1]).g)).toEqual([2, 0]);
    for (const [columns, ends] of [
      [[0, 1], [200000000]],
      [[0, 1], [-1]],
      [[0, 5], [2]],
      [[-1, 1], [2]],
      [[1, 0], [2]],
      [
        [0, 1],
        [2, 1],
      ],
    ] as const) {
      const r = run([...columns], [...ends]);
      expect([...flat(r.y), ...flat(r.g)].every(Number.isNaN), `${columns} ${ends}`).toBe(true);
    }
  });

  it("edges of kde that do not ascend give NaN", () => {
    const f = compile((edges: Tensor, e: { x: Tensor }) => [
      kde(e.x, 1, edges, 0.1),
      kdeSquares(e.x, 1, edges, 0.1),
    ]);
    const t = table({ x: Float64Array.of(0.5, 1.5) }, { dtype: "f64" });
    for (const edges of [
      [0, 2, 1],
      [0, Number.NaN, 1],
    ]) {
      expect(f(edges, t).flatMap(flat).every(Number.isNaN)).toBe(true);
    }
    expect(flat(f([0, 1, 2], t)[0]).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([1, 1]);
    const wide = f([Number.NEGATIVE_INFINITY, 1, 1, Number.POSITIVE_INFINITY], t);
    expect(flat(wide[0]).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([1, 0, 1]);
  });
});

describe("whatever an op is called with", () => {
  const rows = 3;
  const names = ["x", "f", "g", "i", "j"] as const;
  type Columns = Record<(typeof names)[number], Tensor>;

  /** Calls of public ops with drawn arguments: t any tensor, s small, i integers, n a number, a axes, sh a shape. */
  const calls: Record<string, (d: Draw) => unknown> = {
    broadcast: (d) => d.t().broadcast(d.sh()),
    reshape: (d) => d.t().reshape(d.sh()),
    transpose: (d) => d.t().transpose(d.a()),
    slice: (d) => d.t().slice(d.n(), d.n(), d.n()),
    pad: (d) => d.t().pad(d.n(), d.n(), d.n()),
    at: (d) => d.t().at(d.n()),
    cast: (d) => d.t().cast(d.pick(["f32", "f64", "i32"])),
    spread: (d) => spread(d.t(), d.t().axis as never).sum(),
    sum: (d) => d.t().sum(d.over()),
    mean: (d) => d.t().mean(d.over()),
    max: (d) => d.t().max(d.over()),
    logsumexp: (d) => d.t().logsumexp(d.over()),
    softmax: (d) => d.t().softmax(d.over() as number),
    sumInner: (d) => d.t().sum(d.a()),
    add: (d) => d.t().add(d.t()),
    where: (d) => where(d.t(), d.t(), d.t()),
    concat: (d) => concat([d.t(), d.t(), d.t()], d.n()),
    stack: (d) => stack([d.t(), d.t()]),
    matmul: (d) => matmul(d.t(), d.t()),
    solve: (d) => solve(d.t(), d.t()),
    dot: (d) => dot(d.t(), d.t()),
    gather: (d) => gather(d.t(), d.i(), d.n()),
    scatter: (d) => scatter(d.t(), d.i(), d.n()),
    gatherProduct: (d) => gatherProduct(d.t(), d.i()),
    take: (d) => take(d.t(), d.t()),
    segmentSum: (d) => segmentSum(d.t(), d.t(), d.n()),
    segmentOuter: (d) => segmentOuter(d.t(), d.t(), { columns: d.i(), ends: d.i(), size: d.n() }),
    contract: (d) => contract(d.t(), d.t()),
    dense: (d) => affine(d.t(), d.t(), d.pick([null, d.t()]), d.pick(["none", "relu"])),
    linear: (d) => linear(d.t(), d.t()),
    interpFactor: (d) => interpFactor(d.t(), d.t(), "code4", d.n()),
    interpWeights: (d) => interpWeights(d.t(), "code4p", d.n()),
    kde: (d) => kde(d.t(), d.t(), d.t(), 0.3),
    kdeSquares: (d) => kdeSquares(d.t(), d.t(), d.t(), 0.3),
    logCutProduct: (d) => logCutProduct(d.t()),
    count: (d) => count(d.t()),
    rowIndex: (d) => rowIndex(d.t()),
    minimize: (d) =>
      minimize((m) => m.sub(0.5).square().sum(), d.t(), { free: d.t(), lower: d.t(), maxSteps: d.n() }).x.mul(
        0,
      ),
  };

  class Draw {
    readonly #u: () => number;
    readonly #pool: readonly Tensor[];
    constructor(u: () => number, pool: readonly Tensor[]) {
      this.#u = u;
      this.#pool = pool;
    }
    int = (n: number) => Math.floor(this.#u() * n);
    pick = <T>(from: readonly T[]): T => from[this.int(from.length)] as T;
    t = () => this.pick(this.#pool);
    i = () => this.pick(this.#pool.filter((t) => t.dtype === "i32"));
    n = () => this.pick([0, 1, 2, 3, 4, -1, -2, -5, 0.5, Number.NaN]);
    a = () => Array.from({ length: this.int(4) }, () => this.pick([0, 1, 2, -1, -2, -3]));
    sh = () => Array.from({ length: this.int(4) }, () => this.pick([1, 2, 3, 4, 6, 0, -1]));
    over = () => this.pick<"events" | number | undefined>(["events", undefined, 0, 1, -1, -2, 7]);
  }

  it("it is refused by an error of ours, or right: kernels agree with the plain references", () => {
    const data = {
      x: Float64Array.of(0.3, -0.2, 0.9),
      f: Float64Array.of(1, 2, 3, 4, 5, 6),
      g: Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      i: Int32Array.of(0, 5, 1),
      j: Int32Array.of(0, 1, 2, -1, 7, 1),
    };
    const events = table(data, { rows, dtype: "f64" });
    const small = { s: 0.7, v: [0.1, 0.4, 0.8], m: [0.3, 1, 2, 0.5, 3, 4], n: [0, 1, 2, -3] };
    const smalls = [small.m, Int32Array.from(small.n), small.s, small.v];
    let right = 0;
    for (let seed = 1; seed <= runs(500); seed++) {
      const name = Object.keys(calls)[seed % Object.keys(calls).length]!;
      const f = (p: Record<"s" | "v" | "m" | "n", Tensor>, e: Columns) => {
        const pool = [
          ...[p.s, p.v, p.m, p.m.reshape([2, 3]), p.m.slice(0, 4).reshape([2, 2]), p.m.broadcast([8, 6])],
          ...[p.n, p.n.reshape([2, 2]), p.n.slice(0, 3), ...names.map((k) => e[k])],
          ...[e.f.reshape([1, 2]), e.g.reshape([2, 2]), e.i.reshape([1])],
        ];
        return calls[name]!(new Draw(random(seed), pool)) as Tensor;
      };
      const args = [{ ...small, n: Int32Array.from(small.n) }, events] as const;
      let got: number[];
      try {
        got = flat(
          compile(f)(
            ...(args as never as Parameters<ReturnType<typeof compile<Parameters<typeof f>, Tensor>>>),
          ),
        );
      } catch (error) {
        expect(error, `seed ${seed}, ${name}: ${(error as Error).stack}`).toBeInstanceOf(GradcutError);
        continue;
      }
      right++;
      const traced = trace(f as never, args);
      const columns = traced.columns.map(({ name }) => data[name as keyof typeof data]);
      const env = {
        smalls: [...smalls.map((v) => (typeof v === "number" ? [v] : v)), ...traced.captured],
        columns,
        rows: new Map([["events", rows]]),
        oracles,
      };
      const out = traced.outputs[0] as Tensor;
      const [want] = interpret([out], env);
      const ordered = got.map((_, k) =>
        out.axis ? want!.data[(k % out.size) * rows + Math.floor(k / out.size)]! : want!.data[k]!,
      );
      ordered.forEach((v, k) => {
        const close =
          Object.is(v, got[k]) || v === got[k] || Math.abs(v - got[k]!) <= 1e-9 * Math.max(1, Math.abs(v));
        expect(
          close || (Number.isNaN(v) && Number.isNaN(got[k])),
          `seed ${seed}, ${name}: ${got} for ${ordered}`,
        ).toBe(true);
      });
    }
    // The draw must reach both ends.
    expect(right).toBeGreaterThan(runs(500) / 20);
  });
});
