import { beforeEach, describe, expect, test } from "vitest";
import { minimize, quadratic } from "../kit/problems.js";
import { alloc, get, put, reset, run, uniform } from "../kit/wasm.js";

let random = uniform(1);
beforeEach(reset);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const inf = Number.POSITIVE_INFINITY;

describe("quadratics in a box", () => {
  /** The minimum of a quadratic in a box by trying all active sets. */
  function enumerate(a: number[], b: number[], lower: number[], upper: number[]) {
    const n = b.length;
    for (let code = 0; code < 3 ** n; code++) {
      const side = range(n).map((i) => Math.floor(code / 3 ** i) % 3);
      const x = side.map((s, i) => (s === 1 ? lower[i]! : s === 2 ? upper[i]! : 0));
      const free = range(n).filter((i) => side[i] === 0);
      const right = free.map((i) => b[i]! - range(n).reduce((s, j) => s + a[i * n + j]! * x[j]!, 0));
      const out = alloc(n * 8);
      const block = put(
        "f64",
        free.flatMap((i) => free.map((j) => a[i * n + j]!)),
      );
      run(["f64_solve", 1, free.length, 1, out, block, put("f64", right), alloc(n * n * 8)]);
      free.forEach((i, j) => {
        x[i] = get(out, n)[j]!;
      });
      const slope = range(n).map((i) => range(n).reduce((s, j) => s + a[i * n + j]! * x[j]!, -b[i]!));
      const inside = x.every((v, i) => v >= lower[i]! && v <= upper[i]!);
      if (inside && slope.every((v, i) => side[i] === 0 || (side[i] === 1 ? v >= 0 : v <= 0))) return x;
    }
    return [];
  }

  test("quadratics with active bounds", () => {
    for (let seed = 1; seed <= 60; seed++) {
      reset();
      random = uniform(seed);
      const n = 1 + (seed % 5);
      const r = range(n * n).map(random);
      const a = range(n * n).map((e) => {
        const [i, j] = [Math.floor(e / n), e % n];
        return range(n).reduce((s, l) => s + r[i * n + l]! * r[j * n + l]!, i === j ? 0.01 : 0);
      });
      const b = range(n).map(() => 2 * random());
      const lower = b.map(() => -0.7 + 0.5 * random());
      const upper = lower.map((v) => (seed % 3 ? v + 1 : inf));
      const expected = enumerate(a, b, lower, upper);
      for (const start of [lower, b, lower.map((v) => v + 0.5)]) {
        const { x, status } = minimize(quadratic(a, b), start, { lower, upper });
        expect(status).toBe(0);
        x.forEach((v, i) => {
          expect(v).toBeCloseTo(expected[i]!, 10);
        });
        expected.forEach((v, i) => {
          if (v === lower[i] || v === upper[i]) expect(x[i]).toBe(v);
        });
      }
    }
  });

  test("indefinite and singular quadratics end at a stationary point of the box", () => {
    // The last three seeds start next to a bound in the direction of a nearly flat valley.
    for (const seed of [...range(150), 1268, 6026, 8672]) {
      reset();
      random = uniform(seed * 7919);
      range(5).forEach(random);
      const n = 1 + (seed % 6);
      const r = range(n * n).map(random);
      const rank = seed % 3 === 1 ? n : Math.max(1, n - 1);
      const a = range(n * n).map((e) => {
        const [i, j] = [Math.floor(e / n), e % n];
        if (seed % 3 === 1) return r[i * n + j]! + r[j * n + i]!;
        return range(rank).reduce((s, l) => s + r[i * n + l]! * r[j * n + l]!, 0);
      });
      const b = range(n).map(random);
      random();
      const lower = b.map(() => -1 - random());
      const upper = b.map(() => 1.5 + random());
      const free = b.map(() => (random() > -0.7 ? 1 : 0));
      const start = b.map(() => random() * 3);
      const { x, status, g } = minimize(quadratic(a, b), start, { lower, upper, free });
      expect(status).toBe(0);
      x.forEach((v, i) => {
        if (!free[i]) expect(v).toBe(start[i]);
        else if (v === lower[i]) expect(g[i]).toBeGreaterThan(-1e-9);
        else if (v === upper[i]) expect(g[i]).toBeLessThan(1e-9);
        else expect(Math.abs(g[i]!)).toBeLessThan(1e-9);
      });
    }
  });

  test("an optimum exactly on its bound, with multiplier zero", () => {
    for (const start of [
      [0, 0],
      [1, 1],
      [0, 5],
      [3, 0],
    ]) {
      const { x, status, edm } = minimize(quadratic([2, 1, 1, 3], [1, 3]), start, { lower: [0, -inf] });
      expect(status).toBe(0);
      expect(x[0]).toBeCloseTo(0, 15);
      expect(x[1]).toBeCloseTo(1, 15);
      expect(edm).toBeLessThan(1e-30);
    }
    // With the second coordinate elsewhere, the first has a wrong gradient at its bound at first, and must come back.
    const away = minimize(quadratic([2, 1, 1, 3], [1.2, 3]), [0, 10], { lower: [0, -inf] });
    expect(away.status).toBe(0);
    expect(away.x[0]).toBeCloseTo(0.12, 14);
  });
});
