import { beforeAll, describe, expect, test } from "vitest";
import { rootEnds } from "../../src/core/agreed.js";
import { normCdf } from "../../src/core/elementary/special.js";
import { ranked } from "../../src/core/graph/op.js";
import { div } from "../../src/entry/ops.js";
import {
  compile,
  constantArray,
  grad,
  init,
  minimize,
  root,
  type Scalar,
  type Tensor,
  where,
} from "../../src/index.js";
import { runs } from "../kit/runs.js";
import { uniform } from "../kit/wasm.js";

beforeAll(() => init());

type Curve = (u: Tensor) => Tensor;

/** Functions of a number by whether they have a minimum, and where. */
const bowls: Record<string, [curve: Curve, at: number, reach: number, near: number]> = {
  square: [(u) => u.square(), 0, 100, 1e-7],
  fourth: [(u) => u.square().square(), 0, 100, 1e-2],
  sixth: [(u) => u.square().mul(u.square()).mul(u.square()), 0, 10, 0.1],
  "square and fourth": [(u) => u.square().add(u.square().square()), 0, 100, 1e-7],
  cosh: [(u) => u.exp().add(u.neg().exp()), 0, 20, 1e-7],
  "log cosh": [(u) => u.softplus().add(u.neg().softplus()), 0, 20, 1e-7],
  poisson: [(u) => u.exp().sub(u.mul(3)), Math.log(3), 10, 1e-7],
  well: [(u) => u.square().neg().exp().neg(), 0, 0.6, 1e-7],
  root: [(u) => u.square().add(1).sqrt(), 0, 20, 1e-7],
};

const slopes: Record<string, [curve: Curve, from: number, to: number]> = {
  line: [(u) => u, -10, 10],
  exp: [(u) => u.neg().exp(), -10, 10],
  softplus: [(u) => u.softplus(), -10, 10],
  tanh: [(u) => u.tanh(), -10, 3],
  sigmoid: [(u) => u.sigmoid(), -10, 10],
  inverse: [(u) => div(1, u), 0.1, 10],
  "inverse square": [(u) => div(1, u.square()), 0.1, 10],
  tail: [(u) => u.square().neg().exp(), 0.1, 4],
  cubic: [(u) => u.mul(u.square()), -3, 3],
  log: [(u) => u.log(), 0.1, 10],
  hill: [(u) => u.square().neg(), 0.1, 4],
  normal: [(u) => normCdf(u), -4, 3],
};

const draw = (random: () => number) => ({
  between: (a: number, b: number) => a + ((random() + 1) / 2) * (b - a),
});

/** One compiled function for each curve: c f(sign (x - shift) / width) + offset, from a start. */
function solver(curve: Curve) {
  return compile((start: Scalar, c: Scalar, shift: Scalar, width: Scalar, offset: Scalar) => {
    const { x, status, value } = minimize((x) => curve(x.sub(shift).div(width)).mul(c).add(offset), start);
    return { x: x as Scalar, status, value };
  });
}

/** Scales whose second derivative neither overflows nor vanishes. */
function scales(seed: number) {
  const { between } = draw(uniform(seed));
  const width = 10 ** (seed % 3 ? between(-2, 2) : between(-60, 60));
  const c = 10 ** (seed % 2 ? between(-2, 2) : between(-150, 150));
  return { width, c };
}

describe("status of minimize", () => {
  test.each(Object.entries(bowls))("a minimum of %s is found at any scale", (_, [curve, at, reach, near]) => {
    const solve = solver(curve);
    for (let seed = 1; seed <= runs(12); seed++) {
      const { between } = draw(uniform(100 + seed));
      const { width, c } = scales(seed);
      const shift = width * between(-5, 5);
      const start = shift + width * between(-reach, reach);
      const offset = seed % 4 ? 0 : c * between(-100, 100);
      const { x, status } = solve(start, c, shift, width, offset);
      const what = { seed, width, c, shift, start, offset };
      expect({ ...what, status }).toEqual({ ...what, status: 0 });
      const loose = offset ? Math.max(near, 1e-2) : near;
      expect(Math.abs((x - shift) / width - at), JSON.stringify(what)).toBeLessThan(loose);
    }
  });

  test.each(Object.entries(slopes))("%s has no minimum at any scale", (_, [curve, from, to]) => {
    const solve = solver(curve);
    for (let seed = 1; seed <= runs(12); seed++) {
      const { between } = draw(uniform(200 + seed));
      const { width, c } = scales(seed);
      const shift = width * between(-5, 5);
      const sign = seed % 5 < 2 ? -1 : 1;
      const start = shift + sign * width * between(from, to);
      const offset = seed % 4 ? 0 : c * between(-100, 100);
      const what = { seed, width, c, shift, start, offset, sign };
      const { x, status, value } = solve(start, c, shift, sign * width, offset);
      expect([1, 3], JSON.stringify({ ...what, x, status, value })).toContain(status);
    }
  });
});

describe("cases of minimize", () => {
  const at = (objective: (x: Tensor, a: Scalar) => Tensor, x0: number | readonly number[], options = {}) =>
    compile((a: Scalar) => {
      const start = typeof x0 === "number" ? x0 : constantArray(Float64Array.from(x0));
      const { x, value, status } = minimize((x) => objective(x, a), start, options);
      return { x, value, status };
    })(1);

  test("a function that levels off has no minimum", () => {
    expect(at((x, a) => x.mul(a).tanh(), 0).status).toBe(3);
    expect(at((x, a) => x.mul(a).neg().exp(), 0).status).toBe(3);
    expect(at((x, a) => x.mul(a).softplus(), 0).status).toBe(3);
    expect(at((x, a) => div(a, x.square()), 1).status).toBe(3);
    // One of two coordinates does, straight or across.
    expect(at((x) => x.at(0).sub(1).square().add(x.at(1).neg().exp()), [0, 0]).status).toBe(3);
    const [sum, difference] = [(x: Tensor) => x.at(0).add(x.at(1)), (x: Tensor) => x.at(0).sub(x.at(1))];
    expect(at((x) => sum(x).sub(1).square().add(difference(x).softplus()), [0, 0.5]).status).toBe(3);
    // A bound makes one.
    expect(at((x) => x.neg().exp(), 0, { upper: 3 })).toMatchObject({ x: 3, status: 0 });
  });

  test("the floor of a piecewise function is a minimum", () => {
    const floor = (x: Tensor, a: Scalar) => x.maximum(a).add(x.neg().maximum(a));
    for (const start of [3, -20, 1e6]) expect(at(floor, start)).toMatchObject({ value: 2, status: 0 });
    expect(at((x, a) => x.sub(a).relu().square(), 7)).toMatchObject({ value: 0, status: 0 });
    expect(at((x) => x.mul(0), 7)).toMatchObject({ x: 7, status: 0 });
  });

  test("places far away", () => {
    for (const far of [1e150, -1e150, 1e-150]) {
      const solve = compile((a: Scalar) => {
        const { x, status } = minimize((x) => x.sub(a).square(), 0);
        return { x: x as Scalar, status };
      });
      const { x, status } = solve(far);
      expect(status).toBe(0);
      expect(Math.abs(x / far - 1)).toBeLessThan(1e-15);
    }
  });

  test("bounds in the wrong order are told by a status", () => {
    const solve = compile((lower: Tensor, upper: Tensor, free: Tensor) => {
      const { x, value, status } = minimize((x) => x.square().sum(), constantArray([0, 2]), {
        lower,
        upper,
        free,
      });
      return { x, value, status };
    });
    const bad = solve([1, 0], [-1, 3], [1, 1]);
    expect(bad).toMatchObject({ value: Number.NaN, status: 4 });
    expect(Array.from(bad.x as Float64Array)).toEqual([Number.NaN, Number.NaN]);
    expect(solve([Number.NaN, 0], [1, 3], [1, 1]).status).toBe(4);
    expect(solve([1, 0], [-1, 3], [0, 1])).toMatchObject({ status: 0 });
    expect(solve([-1, 1], [1, 1], [1, 1])).toMatchObject({ value: 1, status: 0 });
  });

  test("an offset hides no minimum", () => {
    const solve = compile((a: Scalar, offset: Scalar) => {
      const f = (u: Tensor) => u.square().mul(0.5).add(u.square().square().mul(0.1));
      const { x, status } = minimize((x) => f(x.sub(a)).add(offset), 0);
      return { x, status };
    });
    for (let power = 0; power <= 14; power++) expect(solve(3, 10 ** power)).toEqual({ x: 3, status: 0 });
  });
});

/** Functions of a number that change their sign at 0. */
const crossings: Record<string, Curve> = {
  line: (u) => u,
  cube: (u) => u.mul(u.square()),
  fifth: (u) => u.mul(u.square()).mul(u.square()),
  exp: (u) => u.exp().sub(1),
  tanh: (u) => u.tanh(),
  "cube root": (u) => where(u.gt(0), 1, -1).mul(u.abs().maximum(1e-300).log().div(3).exp()),
  kink: (u) => where(u.gt(0), u.mul(7), u),
};

const jumps: Record<string, Curve> = {
  step: (u) => where(u.gt(0), 1, -1),
  "uneven step": (u) => where(u.ge(0), 0.3, -5),
  pole: (u) => div(1, u),
  "cubic pole": (u) => div(1, u.mul(u.square())),
  "negative pole": (u) => div(-1, u),
  "step on a slope": (u) => where(u.gt(0), 1, -1).add(u),
  "step against a slope": (u) => where(u.gt(0), 1, -1).sub(u.mul(0.01)),
};

describe("status of root", () => {
  const solver = (curve: Curve) =>
    compile((lower: Scalar, upper: Scalar, c: Scalar, shift: Scalar, width: Scalar) => {
      const { x, status } = root(
        (x) => ranked<"scalar">(curve(x.sub(shift).div(width))).mul(c),
        lower,
        upper,
      );
      return { x, status };
    });
  const bracket = (seed: number) => {
    const { between } = draw(uniform(300 + seed));
    const width = 10 ** (seed % 2 ? between(-2, 2) : between(-40, 40));
    const c = (seed % 3 ? 1 : -1) * 10 ** (seed % 4 ? between(-2, 2) : between(-100, 100));
    const shift = seed % 5 ? width * between(-5, 5) : 0;
    return {
      lower: shift - width * between(0.1, 9),
      upper: shift + width * between(0.1, 9),
      c,
      shift,
      width,
    };
  };

  test.each(Object.entries(crossings))("%s crosses zero", (_, curve) => {
    const solve = solver(curve);
    for (let seed = 1; seed <= runs(15); seed++) {
      const { lower, upper, c, shift, width } = bracket(seed);
      const { x, status } =
        seed % 7 ? solve(lower, upper, c, shift, width) : solve(upper, lower, c, shift, width);
      const what = JSON.stringify({ seed, lower, upper, c, shift, width, x });
      expect(status, what).toBe(0);
      expect(Math.abs(x - shift) / width, what).toBeLessThan(1e-12);
    }
  });

  test.each(Object.entries(jumps))("%s jumps across zero", (_, curve) => {
    const solve = solver(curve);
    for (let seed = 1; seed <= runs(15); seed++) {
      const { lower, upper, c, shift, width } = bracket(seed);
      const { x, status } =
        seed % 7 ? solve(lower, upper, c, shift, width) : solve(upper, lower, c, shift, width);
      // A search that lands on a pole itself sees no number there.
      const what = JSON.stringify({ seed, lower, upper, c, shift, width, x, status });
      expect(status, what).toBe(rootEnds.jump);
      expect(Math.abs(x - shift) / width, what).toBeLessThan(1e-12);
    }
  });

  test("what has no root has no derivative", () => {
    const solve = compile((a: Scalar) => {
      const search = (f: (x: Tensor, a: Scalar) => Tensor, from: number, to: number) => {
        const { x, status } = root((x) => f(x, a), from, to);
        return [x, status, grad((a: Scalar) => root((x) => f(x, a), from, to).x)(a)];
      };
      return [
        search((x, a) => div(1, x.sub(a)), 0, 3),
        search((x, a) => where(x.gt(a), 1, -1), 0, 3),
        search((x, a) => x.sub(a).square(), 0, 3),
        search((x, a) => x.sub(a), 1, 3),
        search((x, a) => x.square().sub(a), 0, 3),
      ];
    });
    const [pole, step, double, end, plain] = solve(1) as number[][];
    expect(pole!.slice(1)).toEqual([rootEnds.jump, Number.NaN]);
    expect(step![1]).toBe(rootEnds.jump);
    expect(double!.slice(1)).toEqual([rootEnds.sameSign, Number.NaN]);
    expect(end).toEqual([1, 0, 1]);
    expect(plain).toEqual([1, 0, 0.5]);
  });
});
