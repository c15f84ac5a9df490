import { beforeAll, describe, expect, it } from "vitest";
import { stack } from "../../src/core/elementary/join.js";
import { compile, constantArray, DerivativeError, init, type Tensor, table, vmap } from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

describe("vmap maps as in JAX", () => {
  const product = (a: Tensor, b: Tensor) => a.mul(b).sum();
  const [a, b] = [
    [1, 2, 3],
    [10, 20, 30],
  ];

  it("all arguments over their leading axes by default, by one value, or by an array of them", () => {
    for (const f of [
      compile((x: Tensor, y: Tensor) => vmap(product)(x, y)),
      compile((x: Tensor, y: Tensor) => vmap(product, 0)(x, y)),
      compile((x: Tensor, y: Tensor) => vmap(product, [0, 0])(x, y)),
      compile((x: Tensor, y: Tensor) => vmap(product, { inAxes: 0, outAxes: 0 })(x, y)),
      compile((x: Tensor, y: Tensor) => vmap(product, [-1, 0], -1)(x, y)),
    ]) {
      expect(flat(f(a, b))).toEqual([10, 40, 90]);
    }
  });

  it("not what has the axis null, and takes trees of axes that may end above the leaves", () => {
    expect(flat(compile((x: Tensor, y: Tensor) => vmap(product, [0, null])(x, y))(a, b))).toEqual([
      60, 120, 180,
    ]);
    type Net = { w: { a: Tensor; b: Tensor }; c: Tensor };
    const f = (p: Net, x: Tensor) => p.w.a.mul(x).add(p.w.b).add(p.c);
    const run = compile((p: Net, x: Tensor) => vmap(f, [{ w: 0, c: null }, null])(p, x));
    expect(flat(run({ w: { a, b }, c: 0.5 }, 2))).toEqual([12.5, 24.5, 36.5]);
    const shared = compile((x: Tensor) => vmap((y: Tensor, k: number) => y.mul(k), [0, null])(x, 3));
    expect(flat(shared(a))).toEqual([3, 6, 9]);
  });

  it("over other axes, into other axes, and leaves out what is the same for all", () => {
    const g = compile((m: Tensor) => {
      const r = vmap((v: Tensor) => [v.sum(), v.mul(2), constantArray([7, 8])], 1, [0, 1, null])(
        m.reshape([2, 3]),
      );
      expect(r.map((t) => t.shape)).toEqual([[3], [2, 3], [2]]);
      return r;
    });
    expect(g([1, 2, 3, 4, 5, 6]).map(flat)).toEqual([
      [5, 7, 9],
      [2, 4, 6, 8, 10, 12],
      [7, 8],
    ]);
  });

  it("agrees with a loop for drawn shapes, axes in and axes out, of small tensors and of events", () => {
    for (let seed = 1; seed <= runs(25); seed++) {
      const u = random(seed);
      const int = (n: number) => Math.floor(u() * n);
      const size = 1 + int(3);
      const shapes = [0, 1].map(() => Array.from({ length: int(3) }, () => 1 + int(3)));
      const own: (number | null)[] = shapes.map((s) => (u() < 0.25 ? null : int(s.length + 1)));
      if (!own.some((k) => k !== null)) own[0] = 0;
      const full = shapes.map((s, i) => (own[i] === null ? s : s.toSpliced(own[i] as number, 0, size)));
      // The same axes, now and then counted from the end.
      const axes = own.map((k, i) => (k !== null && u() < 0.3 ? k - full[i]!.length : k));
      const outRank = shapes[0]!.length + 1;
      const out = int(outRank);
      const data = full.map((s) =>
        Float64Array.from({ length: s.reduce((n, d) => n * d, 1) }, () => 2 * u() - 1),
      );
      const f = (x: Tensor, y: Tensor) => x.mul(y.square().sum()).add(y.exp().mean());
      const element = (x: Tensor, axis: number | null, i: number): Tensor =>
        axis === null ? x : x.slice(i, i + 1, axis).reshape(x.shape.filter((_, k) => k !== axis));
      const both = (x: Tensor, y: Tensor) => {
        const all = vmap(f, axes, u() < 0.5 ? out : out - outRank)(x, y);
        const loop = Array.from({ length: size }, (_, i) =>
          f(element(x, own[0]!, i), element(y, own[1]!, i)),
        );
        const front = stack([loop[0]!, ...loop.slice(1)]);
        const order = front.shape.map((_, k) => k).slice(1);
        const stacked = front.transpose(order.toSpliced(out, 0, 0));
        expect(all.shape, `seed ${seed}`).toEqual(stacked.shape);
        return { all, stacked };
      };
      const small = compile((x: Tensor, y: Tensor) => both(x.reshape(full[0]!), y.reshape(full[1]!)))(
        data[0]!,
        data[1]!,
      );
      expect(flat(small.all), `seed ${seed}`).toEqual(flat(small.stacked));
      const events = compile((e: { x: Tensor }, y: Tensor) =>
        both(e.x.reshape(full[0]!), y.reshape(full[1]!)),
      )(table({ x: data[0]! }, { dtype: "f64", rows: 1 }), data[1]!);
      expect(flat(events.all), `seed ${seed}, events`).toEqual(flat(events.stacked));
    }
  });

  it("refuses what it cannot map, and says what to write", () => {
    const on =
      (...args: unknown[]) =>
      () =>
        compile((x: Tensor, y: Tensor, s: Tensor) =>
          (vmap as (...a: unknown[]) => (...t: Tensor[]) => Tensor)(...args)(x, y, s),
        )([1, 2, 3], [1, 2], 1);
    const first = (x: Tensor) => x;
    expect(on(first, null)).toThrow(DerivativeError);
    expect(on(first, null)).toThrow(/maps no argument/);
    expect(on(first, [null, null, null])).toThrow(/maps no argument/);
    expect(on(first)).toThrow(/'x'|'params' f64\[3\] has 3 elements there and input 'events' f64\[2\] has 2/);
    expect(on(first, [0, null, 0])).toThrow(/maps inner axis 0, but input 'argument2' f64\[\] has none/);
    expect(on(first, [1, null, null])).toThrow(/maps inner axis 1/);
    expect(on(first, [0.5, null, null])).toThrow(/maps inner axis 0.5/);
    expect(on(first, [0, null])).toThrow(/inAxes has 2 entries for arguments, which has 3/);
    expect(on(first, [{ a: 0 }, null, null])).toThrow(/inAxes has an object for arguments\[0\]/);
    expect(on(first, [0, null, null], null)).toThrow(/outAxes is null/);
    expect(on(first, [0, null, null], 1)).toThrow(/outAxes 1 is no axis/);
    expect(on(first, { inAxis: 0 })).toThrow(/'vmap' has no option 'inAxis'. Did you mean inAxes\?/);
  });
});
