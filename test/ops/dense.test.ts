import { describe, expect, test } from "vitest";
import { opcodes } from "../../bindings/generated/opcodes.js";
import { wasmHex } from "../../bindings/generated/wasm.js";
import { affine } from "../../src/entry/ops.js";
import { compile, grad, init, jvp, type Tensor, table } from "../../src/index.js";

type Dtype = "f32" | "f64";
type Sweep = { tiles: number; lastRows: number; T: number };

interface Exports {
  memory: WebAssembly.Memory;
  heapBase(): number;
  sweep(pc: number, end: number, tiles: number, lastRows: number, T: number): void;
}

const wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasmHex, "hex")), {
  env: {
    abort: () => {
      throw new Error("abort");
    },
  },
}).exports as unknown as Exports;
wasm.memory.grow(400);
const start = (wasm.heapBase() + 63) & ~63;
let top = start;

/** Memory that holds garbage, as scratch may. */
function alloc(bytes: number): number {
  const address = top;
  top += (bytes + 63) & ~63;
  new Uint8Array(wasm.memory.buffer, address, top - address).fill(0xff);
  return address;
}

function view(dtype: Dtype, address: number, n: number): Float32Array | Float64Array {
  return new (dtype === "f32" ? Float32Array : Float64Array)(wasm.memory.buffer, address, n);
}

function put(dtype: Dtype, values: ArrayLike<number>): number {
  const address = alloc(values.length * size(dtype));
  view(dtype, address, values.length).set(values);
  return address;
}

function run(kernel: keyof typeof opcodes, operands: number[], { tiles, lastRows, T }: Sweep): void {
  const words = [opcodes[kernel], operands.length + 2, ...operands];
  const pc = alloc(words.length * 4);
  new Int32Array(wasm.memory.buffer, pc, words.length).set(words);
  wasm.sweep(pc, pc + words.length * 4, tiles, lastRows, T);
}

const size = (dtype: Dtype) => (dtype === "f32" ? 4 : 8);
const tolerance = (dtype: Dtype) => (dtype === "f32" ? 2 ** -22 : 2 ** -50);

/** Uniform in (-1, 1), exact in f32. */
let state = 1;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state >> 9) / 2 ** 22;
}
const randoms = (n: number) => Float64Array.from({ length: n }, random);

/** A tile [k][T] of random rows; the lanes behind them hold what must not be read. */
function randomTile(k: number, T: number, rows: number): Float64Array {
  const garbage = [Number.NaN, Infinity, -Infinity];
  return Float64Array.from({ length: k * T }, (_, i) => (i % T < rows ? random() : (garbage[i % 3] ?? 0)));
}

const activations: ((x: number, gate: number) => number)[] = [
  (x) => x,
  (x) => Math.max(x, 0),
  Math.tanh,
  (x) => 1 / (1 + Math.exp(-x)),
  (x, gate) => (gate > 0 ? x : 0),
];

interface Layer {
  dtype: Dtype;
  inputs: number;
  outputs: number;
  T: number;
  rows: number;
  bias?: boolean;
  act?: number;
}

/** Largest error of the dense kernel in units of its tolerance. */
function denseError({ dtype, inputs, outputs, T, rows, bias = true, act = 0 }: Layer): number {
  top = start;
  const s = size(dtype);
  const x = randomTile(inputs, T, rows);
  const W = randoms(inputs * outputs).map(Math.fround);
  const b = randoms(outputs).map(Math.fround);
  const y = alloc(outputs * T * s);
  const vectors = Math.ceil((s * outputs) / 16) + Math.ceil((s * inputs * outputs) / 16);
  const scratch = 16 * vectors + 32 * Math.min(inputs, 256);
  const addresses = [y, put(dtype, x), put("f64", W), bias ? put("f64", b) : 0, act, alloc(scratch)];
  const guard = put("f64", [123]);
  const gate = randoms(outputs * T).map((v) => (v < -0.9 ? Number.NaN : v));
  const operands = [inputs, outputs, T, ...addresses, put(dtype, gate)];
  run(`${dtype}_dense`, operands, { tiles: 1, lastRows: rows, T });
  expect(view("f64", guard, 1)[0]).toBe(123);
  const got = view(dtype, y, outputs * T);
  let worst = 0;
  for (let o = 0; o < outputs; o++)
    for (let e = 0; e < rows; e++) {
      let sum = bias ? (b[o] ?? 0) : 0;
      let scale = 1 + Math.abs(sum);
      for (let i = 0; i < inputs; i++) {
        const term = (W[i * outputs + o] ?? 0) * (x[i * T + e] ?? 0);
        sum += term;
        scale += Math.abs(term);
      }
      const error =
        Math.abs((got[o * T + e] ?? 0) - (activations[act]?.(sum, gate[o * T + e] ?? 0) ?? 0)) / scale;
      worst = Math.max(worst, error);
    }
  return worst / tolerance(dtype);
}

/** Largest error of the contraction over one tile in units of its tolerance. */
function contractError(dtype: Dtype, ka: number, kb: number, T: number, rows: number): number {
  top = start;
  const a = randomTile(ka, T, rows);
  const b = randomTile(kb, T, rows);
  const out = alloc(ka * kb * 8);
  const operands = [ka, kb, T, out, put(dtype, a), put(dtype, b), alloc(ka * kb * 16 + 48)];
  const guard = put("f64", [123]);
  run(`${dtype}_contract`, operands, { tiles: 1, lastRows: rows, T });
  expect(view("f64", guard, 1)[0]).toBe(123);
  const got = view("f64", out, ka * kb);
  let worst = 0;
  for (let i = 0; i < ka; i++)
    for (let j = 0; j < kb; j++) {
      let sum = 0;
      for (let e = 0; e < rows; e++) sum += (a[i * T + e] ?? 0) * (b[j * T + e] ?? 0);
      const error = Math.abs((got[i * kb + j] ?? 0) - sum) / rows;
      worst = Math.max(worst, error);
    }
  return worst / tolerance(dtype);
}

/** The largest of f over all pairs of sizes 1..17. */
function worstOfSizes(f: (n: number, m: number) => number): number {
  let worst = 0;
  for (let n = 1; n <= 17; n++)
    for (let m = 1; m <= 17; m++) {
      const error = f(n, m);
      worst = Math.max(worst, error);
    }
  return worst;
}

const tiles = [
  [8, 8],
  [8, 3],
  [24, 17],
  [128, 128],
  [128, 77],
] as const;

describe.each(["f32", "f64"] as const)("%s dense", (dtype) => {
  test.each(tiles)("sizes 1 to 17, T %i, rows %i", (T, rows) => {
    const error = worstOfSizes((inputs, outputs) =>
      denseError({
        dtype,
        inputs,
        outputs,
        T,
        rows,
        bias: (inputs + outputs) % 3 > 0,
        act: [0, 1, 4][outputs % 3]!,
      }),
    );
    expect(error).toBeLessThan(1);
  });

  test.each([
    [640, 41, 0],
    [530, 33, 1],
    [600, 9, 1],
    [15, 200, 1],
    [600, 35, 4],
    [640, 33, 4],
  ])("wide: %i inputs, %i outputs, act %i", (inputs, outputs, act) => {
    expect(denseError({ dtype, inputs, outputs, T: 128, rows: 61, act })).toBeLessThan(4);
  });

  test.each([0, 1, 2, 3, 4])("activation %i", (act) => {
    for (const [inputs, outputs] of [
      [1, 5],
      [2, 5],
      [7, 1],
      [5, 6],
    ] as const)
      expect(denseError({ dtype, inputs, outputs, T: 32, rows: 30, act })).toBeLessThan(2);
  });

  test("relu keeps NaN", () => {
    for (const inputs of [1, 2, 3]) {
      top = start;
      const x = put(dtype, new Float64Array(inputs * 8).fill(Number.NaN));
      const y = alloc(4 * 64);
      const W = put("f64", new Float64Array(inputs * 4).fill(1));
      run(`${dtype}_dense`, [inputs, 4, 8, y, x, W, 0, 1, alloc(1024)], { tiles: 1, lastRows: 8, T: 8 });
      expect(view(dtype, y, 32).every(Number.isNaN)).toBe(true);
    }
  });

  test("later tiles use the weights packed at the first", () => {
    top = start;
    const W = put("f64", [2, 3, 5, 7, 11, 13]);
    const x = put(dtype, [..."11111111", ..."22222222", ..."33333333"].map(Number));
    const y = alloc(16 * size(dtype));
    run(`${dtype}_dense`, [3, 2, 8, y, x, W, 0, 0, alloc(1024)], { tiles: 3, lastRows: 5, T: 8 });
    const got = view(dtype, y, 16);
    expect([got[0], got[4], got[8], got[12]]).toEqual([45, 45, 56, 56]);
  });
});

describe.each(["f32", "f64"] as const)("%s contract", (dtype) => {
  test.each(tiles)("sizes 1 to 17, T %i, rows %i", (T, rows) => {
    expect(worstOfSizes((ka, kb) => contractError(dtype, ka, kb, T, rows))).toBeLessThan(1);
  });

  test("wide", () => {
    expect(contractError(dtype, 70, 130, 128, 99)).toBeLessThan(1);
  });

  // Integers whose sums over 1024 events are exact in the four lanes of f32, and whose total is not.
  test.each([
    [128, 64, 100],
    [8, 1024, 3],
    [48, 100, 47],
    [256, 32, 256],
    [2048, 4, 1],
  ])("sums longer than 1024 events are f64: T %i, %i tiles", (T, tiles, lastRows) => {
    for (const [ka, kb] of [
      [3, 5],
      [1, 6],
    ] as const) {
      top = start;
      const limit = T > 1024 ? 2 ** 15 : 2 ** 16;
      const a = Float64Array.from({ length: ka * T }, () => (random() < -0.8 ? 0 : 1));
      const b = Float64Array.from({ length: kb * T }, () => Math.floor((random() + 3) * (limit / 4)));
      const out = alloc(ka * kb * 8);
      const operands = [ka, kb, T, out, put(dtype, a), put(dtype, b), alloc(ka * kb * 16 + 48)];
      run(`${dtype}_contract`, operands, { tiles, lastRows, T });
      const sum = (i: number, j: number, rows: number) => {
        let s = 0;
        for (let e = 0; e < rows; e++) s += (a[i * T + e] ?? 0) * (b[j * T + e] ?? 0);
        return s;
      };
      const want = Array.from({ length: ka * kb }, (_, c) => {
        const [i, j] = [Math.floor(c / kb), c % kb];
        return (tiles - 1) * sum(i, j, T) + sum(i, j, lastRows);
      });
      expect([...view("f64", out, ka * kb)]).toEqual(want);
    }
  });

  test("a with itself is symmetric", () => {
    top = start;
    const a = put(dtype, randomTile(7, 16, 13));
    const out = alloc(49 * 8);
    run(`${dtype}_contract`, [7, 7, 16, out, a, a, alloc(49 * 16 + 48)], { tiles: 1, lastRows: 13, T: 16 });
    const got = view("f64", out, 49);
    expect([...got]).toEqual([...got].map((_, c) => got[(c % 7) * 7 + Math.floor(c / 7)]));
  });

  test("no rows give zero", () => {
    top = start;
    const a = put(dtype, randomTile(4, 8, 0));
    const out = alloc(16 * 8);
    run(`${dtype}_contract`, [4, 4, 8, out, a, a, alloc(16 * 16 + 48)], { tiles: 1, lastRows: 0, T: 8 });
    expect([...view("f64", out, 16)]).toEqual(new Array(16).fill(0));
  });
});

test("reverse of relu layers: the layer that makes a cotangent gates it", async () => {
  await init();
  type P = { a: Tensor; b: Tensor; c: Tensor };
  const loss = (p: P, e: { x: Tensor }) => {
    const h = affine(e.x.reshape([1]), p.a.reshape([1, 4]), null, "relu");
    return affine(affine(h, p.b.reshape([4, 3]), null, "relu"), p.c.reshape([3, 1]), null).sum();
  };
  const step = compile(grad(loss));
  const params = { a: randoms(4), b: randoms(12), c: randoms(3) };
  const events = table({ x: randoms(300) }, { dtype: "f64" });
  const text = step.print(params, events);
  expect(text.match(/dense .*activation="gate"/g)?.length).toBe(2);
  expect(text).not.toMatch(/= gate|activation="none"/);
  const { b } = step(params, events) as unknown as P & { b: Float64Array };
  const value = compile(loss);
  for (const i of [0, 5, 11]) {
    const at = (d: number) => value({ ...params, b: params.b.map((v, j) => v + (i === j ? d : 0)) }, events);
    expect(b[i]).toBeCloseTo(((at(1e-6) as number) - (at(-1e-6) as number)) / 2e-6, 5);
  }
});

test("slopes that would make f32 subnormal become 0 where they enter the layers; forward mode sees through", async () => {
  await init();
  type P = { a: Tensor; b: Tensor };
  const net = (p: P, e: { x: Tensor; g: Tensor }) => {
    const h = affine(e.x.reshape([1]), p.a.reshape([1, 4]), null, "tanh");
    return affine(h, p.b.reshape([4, 1]), null)
      .reshape([])
      .mul(e.g)
      .sum();
  };
  const params = { a: Float64Array.of(1, -1, 0.5, 2), b: Float64Array.of(1, 2, 3, 4) };
  const events = (g: number, dtype: "f32" | "f64") =>
    table({ x: Float64Array.of(0.5, -1, 0.25), g: new Float64Array(3).fill(g) }, { dtype });
  const slopes = compile(grad(net));
  type Slopes = { a: Float64Array; b: Float64Array };
  const of = (g: number, dtype: "f32" | "f64") => slopes(params, events(g, dtype)) as unknown as Slopes;
  const plain = of(1, "f64");
  for (const [g, dtype, factor] of [
    [1e-29, "f32", 1e-29],
    [1e-32, "f32", 0],
    [1e-40, "f32", 0],
    [1e-40, "f64", 1e-40],
  ] as const) {
    const got = of(g, dtype);
    for (const name of ["a", "b"] as const)
      got[name].forEach((v, i) => {
        expect(Math.abs(v - factor * plain[name][i]!)).toBeLessThanOrEqual(1e-6 * factor);
      });
  }
  const along = compile((p: P, e: { x: Tensor; g: Tensor }) => jvp((q: P) => net(q, e), p, p)[1]);
  const tangent = along(params, events(1, "f32")) as number;
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  expect(tangent).toBeCloseTo(dot(plain.a, params.a) + dot(plain.b, params.b), 4);
});
