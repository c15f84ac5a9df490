import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { alloc, get, type Kernel, put, reset, run, wasm } from "../kit/wasm.js";

// Lane functions against mpmath (test/peers/math.py writes the fixture), and their special values.

type Dtype = "f32" | "f64";
type Reference = { x: string; y?: string; hi: string; lo?: string };

/** Runs one map instruction; a number among the inputs is an immediate word. `inPlace` writes over the first input. */
function map(dtype: Dtype, name: string, inputs: (ArrayLike<number> | number)[], inPlace = false): number[] {
  reset();
  const n = (inputs[0] as ArrayLike<number>).length;
  const words = inputs.map((input) => (typeof input === "number" ? input : put(dtype, input)));
  const out = inPlace ? words[0]! : alloc(n * 8);
  run([`${dtype}_${name}` as Kernel, n, out, ...words]);
  return get(out, n, dtype);
}

const same = (dtype: Dtype, values: number[]): number[] =>
  dtype === "f32" ? values.map(Math.fround) : values;

function decode(text: string, code: Dtype): Float32Array | Float64Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64")).buffer;
  return code === "f32" ? new Float32Array(bytes) : new Float64Array(bytes);
}

/** Distance between neighbours of |value| in the dtype, at the smallest normal number or above. */
function ulp(dtype: Dtype, value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const exponent = Math.max((bits.getUint16(0) >> 4) - 1023, dtype === "f32" ? -126 : -1022);
  return 2 ** (exponent - (dtype === "f32" ? 23 : 52));
}

// Largest error in ulp, f32 and f64. Functions with zeros away from 0 are measured in ulp of max(1, |value|).
const budgets: Record<string, [number, number]> = {
  exp: [1, 1],
  expm1: [2, 2],
  log: [1, 1],
  log1p: [1, 1],
  sigmoid: [2, 2],
  logSigmoid: [2, 2],
  softplus: [2, 2],
  tanh: [2.5, 2.5],
  sin: [1.5, 2.5],
  cos: [1.5, 2.5],
  sinh: [2.2, 2.2],
  cosh: [1.5, 1.5],
  erf: [5, 1.5],
  erfc: [3.5, 3],
  normCdf: [3.5, 3.5],
  normPdf: [2.2, 2.2],
  normLogCdf: [3.5, 4],
  lgamma: [0.6, 2.5],
  digamma: [0.6, 8],
  "polygamma 1": [0.6, 8],
  "polygamma 2": [0.6, 12],
  "polygamma 5": [0.6, 20],
  pow: [0.6, 1],
  atan2: [0.6, 2],
  hypot: [0.6, 1.2],
};
const withZeros = /gamma/;

describe("accuracy", () => {
  const text = readFileSync(new URL("../fixtures/math.json", import.meta.url), "utf8");
  const references = JSON.parse(text) as Record<string, Reference>;
  for (const [name, limits] of Object.entries(budgets))
    for (const dtype of ["f32", "f64"] as const)
      it(`${dtype}_${name} is within ${limits[dtype === "f32" ? 0 : 1]} ulp`, () => {
        const reference = references[`${dtype}_${name}`]!;
        const x = decode(reference.x, dtype);
        const hi = decode(reference.hi, "f64");
        const lo = reference.lo ? decode(reference.lo, "f32") : new Float32Array(hi.length);
        const [kernel, order] = name.split(" ");
        const second = reference.y ? [decode(reference.y, dtype)] : order ? [Number(order)] : [];
        const y = map(dtype, kernel!, [x, ...second]);
        let worst = { error: 0, x: 0, got: 0, want: 0 };
        for (let i = 0; i < x.length; i++) {
          const want = hi[i]!;
          const unit = ulp(dtype, withZeros.test(name) ? Math.max(1, Math.abs(want)) : want);
          const error = Math.abs(y[i]! - want - lo[i]! * want) / unit;
          if (!(error <= worst.error)) worst = { error, x: x[i]!, got: y[i]!, want };
        }
        expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(limits[dtype === "f32" ? 0 : 1]);
      });
});

describe.each(["f32", "f64"] as const)("special values, %s", (dtype) => {
  const check = (name: string, inputs: number[][], values: number[]) =>
    expect(map(dtype, name, inputs), name).toEqual(same(dtype, values));

  it("of exponentials", () => {
    const x = [0, -0, Infinity, -Infinity, NaN];
    check("exp", [x], [1, 1, Infinity, 0, NaN]);
    check("expm1", [x], [0, -0, Infinity, -1, NaN]);
    check("sigmoid", [x], [0.5, 0.5, 1, 0, NaN]);
    check("tanh", [x], [0, -0, 1, -1, NaN]);
    check("sinh", [x], [0, -0, Infinity, -Infinity, NaN]);
    check("cosh", [x], [1, 1, Infinity, Infinity, NaN]);
    check("softplus", [x.slice(2)], [Infinity, 0, NaN]);
    check("logSigmoid", [x.slice(2)], [0, -Infinity, NaN]);
  });

  it("of logarithms", () => {
    check(
      "log",
      [[0, -0, 1, Infinity, -1, -Infinity, NaN]],
      [-Infinity, -Infinity, 0, Infinity, NaN, NaN, NaN],
    );
    check("log1p", [[0, -0, -1, Infinity, -2, -Infinity, NaN]], [0, -0, -Infinity, Infinity, NaN, NaN, NaN]);
    const least = dtype === "f32" ? 2 ** -149 : 2 ** -1074;
    expect(map(dtype, "log", [[least]])[0]).toBeCloseTo(Math.log(least), 4);
  });

  it("of circular functions", () => {
    check("sin", [[0, -0, Infinity, -Infinity, NaN]], [0, -0, NaN, NaN, NaN]);
    check("cos", [[0, -0, Infinity, -Infinity, NaN]], [1, 1, NaN, NaN, NaN]);
    const ys = [0, 0, -0, -0, 1, Infinity, Infinity, -1, NaN];
    const xs = [1, -1, 1, -1, 0, Infinity, -Infinity, -Infinity, 1];
    check(
      "atan2",
      [ys, xs],
      ys.map((y, i) => Math.atan2(y, xs[i]!)),
    );
    check(
      "hypot",
      [
        [0, Infinity, -3, NaN],
        [0, 1, 4, 1],
      ],
      [0, Infinity, 5, NaN],
    );
  });

  it("of the normal distribution", () => {
    const x = [0, -0, Infinity, -Infinity, NaN];
    check("erf", [x], [0, -0, 1, -1, NaN]);
    check("erfc", [x], [1, 1, 0, 2, NaN]);
    check("normCdf", [x], [0.5, 0.5, 1, 0, NaN]);
    check("normPdf", [x.slice(2)], [0, 0, NaN]);
    check("normLogCdf", [x.slice(2)], [0, -Infinity, NaN]);
  });

  it("of gamma functions", () => {
    check(
      "lgamma",
      [[0, 1, 2, -1, Infinity, -Infinity, NaN]],
      [Infinity, 0, 0, Infinity, Infinity, Infinity, NaN],
    );
    check("digamma", [[0, -0, -1, Infinity, -Infinity, NaN]], [-Infinity, Infinity, NaN, Infinity, NaN, NaN]);
    expect(map(dtype, "polygamma", [[-1, 0, NaN, Infinity], 1])).toEqual([Infinity, Infinity, NaN, 0]);
  });

  it("of arithmetic", () => {
    const x = [0, -0, 2.5, -2.5, Infinity, -Infinity, NaN];
    check("neg", [x], [-0, 0, -2.5, 2.5, -Infinity, Infinity, NaN]);
    check("abs", [x], [0, 0, 2.5, 2.5, Infinity, Infinity, NaN]);
    check("sign", [x], [0, -0, 1, -1, 1, -1, NaN]);
    check("relu", [x], [0, -0, 2.5, 0, Infinity, 0, NaN]);
    check("floor", [x], [0, -0, 2, -3, Infinity, -Infinity, NaN]);
    check("sqrt", [x], [0, -0, Math.sqrt(2.5), NaN, Infinity, NaN, NaN]);
    check(
      "pow",
      [
        [NaN, 1, -8, -2, 0, -0],
        [0, NaN, 1 / 3, 3, 0, -3],
      ],
      [1, NaN, NaN, -8, 1, -Infinity],
    );
  });

  it("of comparisons and selections", () => {
    const x = [1, 2, 3, NaN, 1];
    const y = [2, 2, 2, 1, NaN];
    check("lt", [x, y], [1, 0, 0, 0, 0]);
    check("le", [x, y], [1, 1, 0, 0, 0]);
    check("eq", [x, y], [0, 1, 0, 0, 0]);
    check("min", [x, y], [1, 2, 2, NaN, NaN]);
    check("max", [x, y], [2, 2, 3, NaN, NaN]);
    check(
      "safeMul",
      [
        [0, 0, -0, 2, NaN],
        [Infinity, NaN, 5, 3, 0],
      ],
      [0, 0, 0, 6, NaN],
    );
    check(
      "gate",
      [
        [5, 5, 5, NaN, 5],
        [1, 0, NaN, 1, -1],
      ],
      [5, 0, 0, NaN, 0],
    );
    check(
      "where",
      [
        [1, 0, -0, NaN],
        [1, 1, 1, 1],
        [2, 2, 2, 2],
      ],
      [1, 2, 2, 1],
    );
    check(
      "clip",
      [
        [-5, 5, 0.5, NaN],
        [0, 0, 0, 0],
        [1, 1, 1, 1],
      ],
      [0, 1, 0.5, NaN],
    );
  });

  it("with any payload of a NaN", () => {
    const payloads =
      dtype === "f32" ? [0x7fc12345, ~0, 0x7fa00001, 0xffc00007] : [0x12345, 0x7ff80000, ~0, ~0];
    for (const name of ["exp", "log", "sigmoid", "normLogCdf", "sin"]) {
      reset();
      const x = put("i32", payloads);
      const n = dtype === "f32" ? 4 : 2;
      run([`${dtype}_${name}` as Kernel, n, x, x]);
      expect(get(x, n, dtype).every(Number.isNaN), name).toBe(true);
    }
  });
});

describe("edges of ranges", () => {
  it("exp flushes below the smallest normal number and overflows where it must", () => {
    const least = 2.2250738585072014e-308;
    expect(map("f64", "exp", [[-708.3964185322641]])[0]! / least).toBeCloseTo(1, 12);
    expect(map("f64", "exp", [[-708.3964185322642, 709.7827128933841]])).toEqual([0, Infinity]);
    expect(map("f64", "exp", [[709.782712893384]])[0]! / 1.7976931348622732e308).toBeCloseTo(1, 12);
    expect(map("f32", "exp", [[-87.3365478515625, 88.72283935546875]])).toEqual([0, Infinity]);
    expect(map("f32", "exp", [[88.72283172607422]])[0]! / 3.402798e38).toBeCloseTo(1, 5);
  });

  it("normLogCdf follows its asymptote", () => {
    const y = map("f64", "normLogCdf", [[-1e150, -1e8, -1e5]]);
    expect(y[0]! / -5e299).toBeCloseTo(1, 14);
    expect(y[1]! / (-5e15 - Math.log(1e8 * Math.sqrt(2 * Math.PI)))).toBeCloseTo(1, 14);
    expect(y[2]! / (-5e9 - Math.log(1e5 * Math.sqrt(2 * Math.PI)))).toBeCloseTo(1, 14);
  });

  it("hypot does not overflow on the way", () => {
    const [huge, tiny] = map("f64", "hypot", [
      [3e200, 3e-200],
      [4e200, 4e-200],
    ]);
    expect(huge! / 5e200).toBeCloseTo(1, 14);
    expect(tiny! / 5e-200).toBeCloseTo(1, 14);
  });
});

describe("map instructions", () => {
  it("work in place, and on any number of elements", () => {
    for (const dtype of ["f32", "f64"] as const)
      for (let n = 0; n < 10; n++) {
        const x = Array.from({ length: n }, (_, i) => i - 2.5);
        expect(map(dtype, "mul", [x, x], true)).toEqual(x.map((v) => v * v));
        expect(map(dtype, "exp", [x], true)).toEqual(map(dtype, "exp", [x]));
      }
  });

  it("give a value that does not depend on the other lanes", () => {
    const x = [0.3, 700, -0.7, 1e-30, 5, Infinity, 12, -60, 1e7, NaN, 2];
    for (const name of Object.keys(budgets).filter((key) => !key.includes(" ")))
      for (const dtype of ["f32", "f64"] as const) {
        const inputs = /pow|atan2|hypot/.test(name) ? [x, x.slice().reverse()] : [x];
        const alone = x.map(
          (_, i) =>
            map(
              dtype,
              name,
              inputs.map((input) => [input[i]!]),
            )[0]!,
        );
        expect(map(dtype, name, inputs), `${dtype}_${name}`).toEqual(alone);
      }
  });
});

describe("merge", () => {
  const merged = (kind: number, n: number, a: number[], b: number[]) => {
    const into = put("f64", a);
    wasm.merge(kind, n, into, put("f64", b));
    return get(into, a.length);
  };

  it("adds, and takes the larger", () => {
    expect(merged(0, 3, [1, 2, 3], [4, 5, 6])).toEqual([5, 7, 9]);
    expect(merged(1, 3, [1, 5, 3], [4, 2, NaN])).toEqual([4, 5, NaN]);
  });

  it("merges maxima and scaled sums, with empty and infinite ones", () => {
    const [m0, m1, m2, s0, s1, s2] = merged(
      2,
      3,
      [1, -Infinity, Infinity, 2, 0, 1],
      [0, -Infinity, 3, 4, 0, 2],
    );
    expect([m0, m1, m2, s1, s2]).toEqual([1, -Infinity, Infinity, 0, 1]);
    expect(s0).toBeCloseTo(2 + 4 * Math.exp(-1), 14);
  });
});
