import { beforeEach, describe, expect, test } from "vitest";
import { alloc, expectClose, get, put, range, reset, run, uniform } from "../kit/wasm.js";

let random = uniform(1);
beforeEach(() => {
  reset();
  random = uniform(1);
});

const numbers = (n: number) => Array.from({ length: n }, () => random() * 8);

describe("linear algebra", () => {
  for (const [batch, m, k, n] of [
    [1, 1, 1, 1],
    [2, 3, 4, 5],
    [1, 5, 9, 1],
    [3, 2, 7, 13],
    [1, 4, 0, 3],
    [1, 2, 3, 16],
    [2, 9, 5, 11],
    [1, 4, 3, 2],
  ] as const)
    test(`matmul ${batch} ${m} ${k} ${n}`, () => {
      const a = numbers(batch * m * k);
      const b = numbers(batch * k * n);
      const out = alloc(batch * m * n * 8);
      run(["f64_matmul", batch, m, k, n, out, put("f64", a), put("f64", b)]);
      const expected = range(batch * m * n).map((e) => {
        const [s, i, j] = [Math.floor(e / (m * n)), Math.floor(e / n) % m, e % n];
        return range(k).reduce((sum, l) => sum + a[(s * m + i) * k + l]! * b[(s * k + l) * n + j]!, 0);
      });
      expectClose(get(out, batch * m * n), expected, 1e-13);
    });

  for (const [n, m] of [
    [1, 1],
    [2, 3],
    [7, 1],
    [12, 5],
  ] as const)
    test(`solve ${n} ${m}`, () => {
      const a = numbers(n * n);
      if (n > 1) a[0] = 0;
      const x = numbers(n * m);
      const b = range(n * m).map((e) =>
        range(n).reduce((s, l) => s + a[Math.floor(e / m) * n + l]! * x[l * m + (e % m)]!, 0),
      );
      const right = put("f64", b);
      const matrix = put("f64", a);
      const out = alloc(n * m * 8);
      const scratch = alloc(n * n * 8 + n * 4);
      run(["f64_solve", 1, n, m, out, matrix, right, scratch]);
      expectClose(get(out, n * m), x, 1e-12);
      expect(get(matrix, n * n)).toEqual(a);
      expect(get(right, n * m)).toEqual(b);
      run(["f64_solve", 1, n, m, right, matrix, right, scratch]);
      expect(get(right, n * m)).toEqual(get(out, n * m));
    });

  test("a singular matrix gives NaN", () => {
    const out = alloc(16);
    run(["f64_solve", 1, 2, 1, out, put("f64", [1, 2, 2, 4]), put("f64", [1, 1]), alloc(48)]);
    expect(get(out, 2)).toEqual([Number.NaN, Number.NaN]);
  });
});
