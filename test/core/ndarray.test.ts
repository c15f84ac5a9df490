import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { matmul } from "../../src/entry/ops.js";
import {
  array,
  compile,
  constantArray,
  grad,
  InputError,
  init,
  lbfgs,
  type Matrix,
  NdArray,
  type Tensor,
  train,
  type Vector,
} from "../../src/index.js";
import { gatherProduct } from "../../src/ops/rows.js";
import { deserialize, deserializeBytes, serialize, serializeBytes } from "../../src/optim/train/serialize.js";

beforeAll(() => init());

type Loose = (values: unknown, shape?: unknown) => unknown;
const grid = [
  [1, 2, 3],
  [4, 5, 6],
];

describe("array", () => {
  it("is made of nested arrays, of typed rows, or of numbers and a shape", () => {
    const m = array(grid);
    expectTypeOf(m).toEqualTypeOf<NdArray<readonly [rows: number, columns: number]>>();
    expect([m.data, m.shape]).toEqual([Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]]);
    const typed = array([Float32Array.of(1, 2, 3), Float64Array.of(4, 5, 6)]);
    const flat = array([1, 2, 3, 4, 5, 6], [2, 3]);
    expectTypeOf(flat).toEqualTypeOf<NdArray<readonly [number, number]>>();
    expect([typed, flat, array(m), array({ data: m.data, shape: [2, 3] }), array(m.toArray())]).toEqual(
      Array.from({ length: 5 }, () => m),
    );
    expect(array(JSON.parse(JSON.stringify(m)))).toEqual(m);
    expect([m.at(1, 2), m.at(-1, 0), m.at(0, -1)]).toEqual([6, 4, 3]);
    const deep = array([
      [[1], [2]],
      [[3], [4]],
    ]);
    expectTypeOf(deep.shape).toEqualTypeOf<readonly [number, number, number]>();
    expect([deep.shape, deep.toArray()]).toEqual([
      [2, 2, 1],
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ]);
  });

  it("of one axis is a vector, and of integers keeps them", () => {
    const v = array([1, 2]);
    expectTypeOf(v).toEqualTypeOf<Float64Array>();
    expect([v, array([1, 2], [2])]).toEqual([Float64Array.of(1, 2), Float64Array.of(1, 2)]);
    const places = array(Int32Array.of(0, 1, 1, 2), [2, 2]);
    expectTypeOf(places).toEqualTypeOf<NdArray<readonly [number, number], Int32Array>>();
    const f = compile((x: Vector, index: Matrix) => gatherProduct(x, index));
    expect(f([2, 3, 5], places)).toEqual(Float64Array.of(2 * 3, 3 * 5));
    expect(() => compile(grad((m: Matrix) => m.sum()))(places as never)).toThrow(/integers/);
  });

  it.each([
    [
      "ragged rows",
      [[1, 2], [3]],
      undefined,
      /^\[1\] of array\(\) has 1 elements where \[0\] has 2; give all rows one length/,
    ],
    [
      "ragged deep rows",
      [
        [[1], [2]],
        [[3], [4, 5]],
      ],
      undefined,
      /^\[1\]\[1\] of array\(\) has 2 elements where \[0\]\[0\] has 1/,
    ],
    ["a number among rows", [[1, 2], 3], undefined, /^\[1\] of array\(\) is 3 where \[0\] has 2/],
    [
      "a row that is none",
      [
        [1, 2],
        [3, "4"],
      ],
      undefined,
      /^\[1\]\[1\] of array\(\) is 4, no number; every row holds numbers/,
    ],
    [
      "a hole",
      [
        [1, 2],
        [3, undefined],
      ],
      undefined,
      /^\[1\]\[1\] of array\(\) is undefined/,
    ],
    [
      "a row deeper than others",
      [
        [1, 2],
        [3, [4]],
      ],
      undefined,
      /^\[1\]\[1\] of array\(\) is an array, no number/,
    ],
    [
      "too few numbers",
      [1, 2, 3],
      [2, 2],
      /array\(\) got 3 numbers for the shape \[2,2\], which has 4 elements/,
    ],
    ["no shape", [1, 2], [], /the shape of array\(\) is \[\]; give the length/],
    ["half a row", [1, 2], [0.5, 4], /the shape of array\(\) is \[0.5,4\]/],
    ["what is no array", 3, undefined, /array\(\) takes nested arrays of numbers.*not a number/],
    ["nothing", null, undefined, /not null/],
    ["64-bit integers", [BigInt64Array.of(1n)], undefined, /BigInt64Array cannot be computed with/],
  ])("refuses %s", (_, values, shape, sentence) => {
    expect(() => (array as Loose)(values, shape)).toThrow(InputError);
    expect(() => (array as Loose)(values, shape)).toThrow(sentence);
  });

  it("refuses places that it has not", () => {
    const m = array(grid);
    for (const at of [[2, 0], [0, 3], [-3, 0], [0.5, 0], [0]])
      expect(() => (m.at as (...places: number[]) => number)(...at)).toThrow(InputError);
  });
});

describe("a matrix as an argument", () => {
  it("is one input, traced again for another shape only, and read at each call", () => {
    const f = compile((m: Matrix, v: Vector) => matmul(m, v));
    const m = array(grid);
    expect(f(m, [1, 0, 1])).toEqual(Float64Array.of(4, 10));
    m.data[0] = 10;
    expect(f(m, [1, 0, 1])).toEqual(Float64Array.of(13, 10));
    expect([f(array([[1, 1, 1]]), [1, 2, 3]), f.traces]).toEqual([Float64Array.of(6), 2]);
    expect(f.print(m, [1, 0, 1])).toContain("%0 = input params : f64[2,3]");
    expect(() => f(array([[1, 2]]), [1, 2, 3])).toThrow(/shape|\[1,2\]/);
  });

  it("comes back as it was given, and may be given again", () => {
    const f = compile((p: { m: Matrix }) => ({ m: p.m.mul(2) }));
    expect(f(f({ m: array(grid) })).m).toEqual(array(grid.map((row) => row.map((x) => 4 * x))));
  });

  it("as a fixed array of a trace", () => {
    const f = compile((v: Vector) => matmul(constantArray(grid).add(constantArray(array(grid))), v));
    expect(f([1, 0, 0])).toEqual(Float64Array.of(2, 8));
    expect(() => compile((x: Tensor) => x.add(constantArray([[1], [2, 3]])))(1)).toThrow(/\[1\] of array/);
  });

  it("that was meant, but is a list of vectors, is told of", () => {
    const loose = (f: (x: Tensor) => Tensor) => compile(f as (x: unknown) => Tensor);
    const call = loose((m) => matmul(m, m));
    expect(() => call(grid)).toThrow(/params is a list of vectors: as a matrix it is array\(params\)/);
    expect(() => call({ data: [1, 2], shape: [2, 1] })).toThrow(
      /params is an object of two vectors: as a matrix/,
    );
    const sum = loose((m) => constantArray([1]).add(m));
    expect(() => sum(grid)).toThrow(/an op got an array .*; params is a list of vectors/);
  });

  it("a list of vectors stays a list, an object with data and shape a tree", () => {
    const f = compile((p: { list: Vector[]; shape: Vector; data: Vector }) => ({
      ...p,
      list: p.list.map((v) => v.sum()),
    }));
    expect(
      f({
        list: [
          [1, 2],
          [3, 4],
        ],
        data: [1, 2],
        shape: [2, 1],
      }),
    ).toEqual({
      list: [3, 7],
      data: Float64Array.of(1, 2),
      shape: Float64Array.of(2, 1),
    });
  });
});

describe("a matrix of params", () => {
  const target = array([
    [1, 2],
    [3, 5],
  ]);
  const loss = (p: { m: Matrix; c: Tensor }) =>
    p.m.sub(constantArray(target)).square().sum().add(p.c.square());
  const start = {
    m: array([
      [0, 0],
      [0, 0],
    ]),
    c: 1,
  };

  it("is trained by rules and by lines, and is in checkpoints", async () => {
    const saved: Uint8Array[] = [];
    const options = { params: start, data: {}, optimizer: lbfgs() };
    const whole = await train(loss, {
      ...options,
      steps: 6,
      checkpoint: { every: 2, save: (bytes) => void saved.push(bytes) },
    });
    whole.params.m.data.forEach((x, i) => {
      expect(x).toBeCloseTo(target.data[i]!, 6);
    });
    expect(whole.params.m.shape).toEqual([2, 2]);
    const short = await train(loss, { params: start, data: {}, steps: 5 });
    expect(short.params.m.at(1, 1)).toBeGreaterThan(0);
    const resumed = await train(loss, {
      ...options,
      steps: 6,
      checkpoint: { every: 2, save: () => {} },
      resume: saved[0]!,
    });
    expect(resumed.params).toEqual(whole.params);
    await expect(
      train(loss, { params: { m: array(Int32Array.of(1, 2), [1, 2]), c: 1 } as never, data: {}, steps: 1 }),
    ).rejects.toThrow(/params.m is an array of integers: integers have no derivative/);
  });

  it("is saved with its shape", () => {
    const tree = { m: target, k: array(Int32Array.of(1, 2), [1, 2]) };
    expect(deserialize(serialize(tree))).toEqual(tree);
    expect(deserializeBytes(serializeBytes(tree))).toEqual(tree);
    expect(deserialize<typeof tree>(serialize(tree)).m).toBeInstanceOf(NdArray);
  });
});
