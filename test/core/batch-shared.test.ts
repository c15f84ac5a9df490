import { beforeAll, describe, expect, test } from "vitest";
import { matmul, solve } from "../../src/core/elementary/linalg.js";
import { compile, constantArray, grad, hessian, init, type Tensor, table, vmap } from "../../src/index.js";
import { affine, contract } from "../../src/ops/affine.js";
import { flat } from "../kit/flat.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const numbers = (draw: () => number, n: number) => Float64Array.from({ length: n }, () => 2 * draw() - 1);
const sizeOf = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);
const far = (a: Float64Array, b: Float64Array) => a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0);

describe("operands that a batch shares", () => {
  test("a Hessian through a captured matrix needs a few matrices, not one for every row", () => {
    const n = 120;
    const a = numbers(random(1), n * n);
    const f = compile(
      hessian((p: Tensor) =>
        matmul(constantArray(a, [n, n]), p)
          .square()
          .sum(),
      ),
    );
    const h = flat(f(new Float64Array(n)));
    const want = (i: number, j: number) =>
      Array.from({ length: n }, (_, k) => 2 * a[k * n + i]! * a[k * n + j]!).reduce((x, y) => x + y);
    for (const [i, j] of [
      [0, 0],
      [3, 7],
      [119, 118],
    ] as const)
      expect(h[i * n + j]).toBeCloseTo(want(i, j), 10);
    const plan = f.plan(new Float64Array(n));
    expect(plan.bytes - plan.base).toBeLessThan(12 * 8 * n * n);
  });

  test("solutions for many right sides of one matrix factor it once", () => {
    const n = 60;
    const a = numbers(random(2), n * n);
    const f = compile(
      hessian((p: Tensor) =>
        solve(constantArray(a, [n, n]), p)
          .square()
          .sum(),
      ),
    );
    const plan = f.plan(new Float64Array(n));
    expect(plan.bytes - plan.base).toBeLessThan(20 * 8 * n * n);
  });

  test("products and solutions are those of each element, and so are their derivatives", () => {
    const draw = random(3);
    const whole = (most: number) => 1 + Math.floor(draw() * most);
    for (let run = 0; run < runs(12); run++) {
      const [size, m, k, n] = [whole(4), whole(4), whole(5), whole(3)];
      const lead = draw() < 0.5 ? [] : [whole(2), ...(draw() < 0.5 ? [whole(2)] : [])];
      const solving = draw() < 0.3;
      const a = solving ? [k, k] : [...lead, m, k];
      const b = solving ? [k, n] : [...lead, k, n];
      const which = draw() < 0.5 ? 0 : 1;
      const shapes = [a, b] as const;
      const shared = numbers(draw, sizeOf(shapes[1 - which]!));
      const many = numbers(draw, size * sizeOf(shapes[which]!));
      const product = (x: Tensor, y: Tensor) => {
        const [l, r] = which === 0 ? [x, y] : [y, x];
        return solving ? solve(l.reshape(a), r.reshape(b)) : matmul(l.reshape(a), r.reshape(b));
      };
      const each = vmap(product, { inAxes: [0, null] });
      const loss = (x: Tensor, y: Tensor) =>
        each(x.reshape([size, sizeOf(shapes[which]!)]), y)
          .sin()
          .sum();
      const f = compile((x: Tensor, y: Tensor) => ({
        value: each(x.reshape([size, sizeOf(shapes[which]!)]), y),
        dx: grad(loss)(x, y),
        dy: grad((y: Tensor) => loss(x, y))(y),
      }));
      const single = compile((x: Tensor, y: Tensor) => {
        const one = (x: Tensor, y: Tensor) => product(x, y).sin().sum();
        return { value: product(x, y), dx: grad(one)(x, y), dy: grad((y: Tensor) => one(x, y))(y) };
      });
      const flatAll = (r: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(r).map(([k, x]) => [k, Float64Array.from(flat(x))]));
      const got = flatAll(f(many, shared));
      const step = many.length / size;
      const parts = Array.from({ length: size }, (_, s) =>
        flatAll(single(many.slice(s * step, (s + 1) * step), shared)),
      );
      const joined = (key: string) => Float64Array.from(parts.flatMap((p) => [...p[key]!]));
      const summed = shared.map((_, i) => parts.reduce((t, p) => t + p.dy![i]!, 0));
      const what = `${solving ? "solve" : "matmul"} [${a}] [${b}] × ${size}, shared ${1 - which}`;
      const scale =
        1e-12 * (solving ? 1e3 + Math.max(...joined("dx").map(Math.abs), ...summed.map(Math.abs)) ** 2 : 1);
      expect(far(got.value!, joined("value")), what).toBeLessThan(scale);
      expect(far(got.dx!, joined("dx")), what).toBeLessThan(scale);
      expect(far(got.dy!, summed), what).toBeLessThan(scale);
    }
  });

  test("layers and contractions of events are those of each element, as one op", () => {
    const draw = random(4);
    const whole = (most: number) => 1 + Math.floor(draw() * most);
    type E = { x: Tensor; y: Tensor };
    for (let run = 0; run < runs(6); run++) {
      const [size, k, n, rows] = [whole(4), whole(3), whole(3), whole(40)];
      const activation = (["none", "relu", "tanh", "sigmoid"] as const)[whole(4) - 1]!;
      const dtype = draw() < 0.5 ? "f32" : "f64";
      const data = table({ x: numbers(draw, rows * k), y: numbers(draw, rows * n) }, { dtype, rows });
      const [w, b] = [numbers(draw, size * k * n), numbers(draw, n)];
      const loss = (w: Tensor, b: Tensor, e: E) => {
        const out = affine(e.x.reshape([k]), w.reshape([k, n]), b, activation);
        return contract(out, e.y.reshape([n]))
          .sin()
          .sum();
      };
      const all = vmap(grad(loss), { inAxes: [0, null, null] });
      const f = compile((w: Tensor, b: Tensor, e: E) => all(w.reshape([size, k * n]), b, e));
      const one = compile(grad(loss) as (w: Tensor, b: Tensor, e: E) => Tensor);
      const got = Float64Array.from(flat(f(w, b, data)));
      const want = Array.from({ length: size }, (_, s) => [
        ...(one(w.slice(s * k * n, (s + 1) * k * n), b, data) as Float64Array),
      ]).flat();
      const tolerance = rows * (dtype === "f32" ? 1e-5 : 1e-13);
      expect(far(got, Float64Array.from(want)), `${activation} [${k}, ${n}] × ${size}`).toBeLessThan(
        tolerance,
      );
    }
  });
});
