import { beforeAll, expect, it } from "vitest";
import { dot, matmul } from "../../src/core/elementary/linalg.js";
import {
  affine,
  contract,
  gather,
  kde,
  linear,
  normInterval,
  scatter,
  segmentSum,
  solve,
  take,
} from "../../src/entry/ops.js";
import {
  compile,
  concat,
  constantArray,
  grad,
  init,
  maximum,
  minimize,
  root,
  stack,
  type Tensor,
  table,
  vmap,
  where,
} from "../../src/index.js";
import { poissonKernel } from "../../src/ops/prob.js";
import { flat } from "../kit/flat.js";
import { drawn, type Steps } from "../kit/programs.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

/** One op each, of drawn arguments that often fit. */
const steps: Steps = {
  add: (d) => d.t().add(d.t()),
  mul: (d) => d.t().mul(d.t()),
  div: (d) => d.t().div(d.t().square().add(1)),
  like: (d) => {
    const x = d.t();
    return x.mul(d.like(x).sigmoid()).sub(d.like(x));
  },
  tanh: (d) => d.t().tanh(),
  exp: (d) => d.t().sigmoid().exp(),
  log: (d) => d.t().square().add(0.5).log(),
  pow: (d) => d.t().square().add(0.5).pow(d.t().tanh()),
  where: (d) => where(d.t().gt(d.t()), d.t(), d.t()),
  maximum: (d) => maximum(d.t(), d.t()),
  interval: (d) => normInterval(d.t(), d.t().add(0.5)),
  poisson: (d) => poissonKernel(3, d.t().square().add(0.3)),
  sum: (d) => d.t().sum(),
  sumAxis: (d) => d.t().sum(d.int(2)),
  sumEvents: (d) => d.t().sum("events"),
  maxEvents: (d) => d.t().max("events"),
  mean: (d) => d.t().mean("events"),
  logsumexp: (d) => d.t().logsumexp(d.pick(["events", 0, 1] as const)),
  softmax: (d) => d.t().softmax(d.pick(["events", 0] as const)),
  max: (d) => d.t().max(d.int(2)),
  broadcast: (d) => d.t().broadcast([2, ...d.t().shape]),
  transpose: (d) => d.t().transpose(),
  reshape: (d) => d.t().reshape([-1]),
  slice: (d) => d.t().slice(-1),
  at: (d) => d.t().at(0),
  pad: (d) => d.t().pad(1, d.int(2)),
  concat: (d) => {
    const x = d.t();
    return concat([x, d.like(x)]);
  },
  stack: (d) => {
    const x = d.t();
    return stack([x, d.like(x)]);
  },
  matmul: (d) => matmul(d.t(), d.t()),
  dot: (d) => dot(d.t(), d.t()),
  contract: (d) => contract(d.t(), d.t()),
  dense: (d) => affine(d.t(), d.t(), d.pick([null, d.t()]), d.pick(["none", "relu", "tanh"] as const)),
  linear: (d) => linear(d.t(), d.t()),
  gather: (d) => gather(d.t(), constantArray(Int32Array.of(1, 0, 1))),
  scatter: (d) => scatter(d.t(), constantArray(Int32Array.of(1, 0)), 3),
  take: (d) => take(d.t(), d.t().floor().cast("i32")),
  segmentSum: (d) => segmentSum(d.t(), d.t().floor().cast("i32"), 3),
  kde: (d) => kde(d.t(), d.t(), stack([d.t(), d.t().square().add(d.t().square()).add(4)]), 0.4),
  solve: (d) => {
    const m = d.t();
    return solve(
      matmul(m, m.transpose())
        .mul(0.1)
        .add(
          stack([
            stack([m.sum().mul(0).add(3), m.sum().mul(0)]),
            stack([m.sum().mul(0), m.sum().mul(0).add(4)]),
          ]),
        ),
      d.t(),
    );
  },
  minimize: (d) => {
    const [a, b] = [d.t().sum(), d.t()];
    return minimize((m) => m.sub(a.tanh()).square().sum().add(m.square().square().sum().mul(0.1)), b.mul(0))
      .x;
  },
  minimum: (d) => {
    const a = d.t().sum();
    return minimize((m) => m.exp().sub(m.mul(a.sigmoid().add(0.5))), a.mul(0)).value;
  },
  root: (d) => {
    const a = d.t().sum().sigmoid();
    return root((m) => m.exp().sub(a).sub(1), a.mul(0).sub(2), a.mul(0).add(2)).x;
  },
  inner: (d) => {
    const [x, y] = [d.t(), d.t()];
    return vmap((v: Tensor) => v.mul(y).tanh().sum())(x);
  },
  grad: (d) => {
    const [x, y] = [d.t(), d.t()];
    return grad((v: Tensor) => v.mul(y.sum()).sigmoid().mul(v).sum())(x);
  },
};
/** What the program of one seed returns: something that depends on its arguments. */
function program(seed: number, pool: readonly Tensor[]): Tensor {
  const made = drawn(steps, seed, pool, { length: 8, fits: (t) => t.size <= 64 });
  return (made.slice(pool.length).at(-1) ?? pool[0]!).add(pool[0]!.sum().mul(0));
}

it("vmap of drawn programs is their loop, and so are its gradients", () => {
  const size = 3;
  let [compared, events] = [0, 0];
  for (let seed = 1; seed <= runs(8); seed++) {
    const u = random(seed + 1e6);
    const int = (n: number) => Math.floor(u() * n);
    const shapes = [[], [2], [2, 2], [int(3) + 1]];
    const axes: (number | null)[] = shapes.map((s) => (u() < 0.3 ? null : int(s.length + 1)));
    if (!axes.some((k) => k !== null)) axes[1] = 1;
    const full = shapes.map((s, i) => (axes[i] === null ? s : s.toSpliced(axes[i] as number, 0, size)));
    const eventAxis = u() < 0.4 ? null : 0;
    const rows = 5;
    const data = full.map((s) =>
      Float64Array.from({ length: s.reduce((n, k) => n * k, 1) }, () => 3 * u() - 1.5),
    );
    const wide = eventAxis === null ? 2 : 2 * size;
    const e = table(
      {
        x: Float64Array.from({ length: rows }, () => 3 * u() - 1),
        f: Float64Array.from({ length: rows * wide }, () => 3 * u() - 1.5),
      },
      { dtype: "f64", rows },
    );
    const out = u();
    type E = { x: Tensor; f: Tensor };
    const f = (ev: E, a: Tensor, b: Tensor, c: Tensor, d: Tensor) => program(seed, [ev.f, ev.x, a, b, c, d]);
    const take1 = (x: Tensor, axis: number | null, i: number): Tensor =>
      axis === null ? x : x.slice(i, i + 1, axis).reshape(x.shape.filter((_, k) => k !== axis));
    const both = (ev: E, v: Tensor[]) => {
      const args = v.map((x, i) => x.reshape(full[i]!));
      const F = eventAxis === null ? ev.f : ev.f.reshape([size, 2]);
      const loop = Array.from({ length: size }, (_, i) => {
        const s = args.map((x, k) => take1(x, axes[k]!, i)) as [Tensor, Tensor, Tensor, Tensor];
        return f({ x: ev.x, f: take1(F, eventAxis, i) }, ...s);
      });
      const rank = loop[0]!.shape.length + 1;
      const outAxis = Math.floor(out * rank);
      const call = vmap(f, [{ x: null, f: eventAxis }, ...axes], outAxis);
      const all = call({ x: ev.x, f: F }, ...(args as [Tensor, Tensor, Tensor, Tensor]));
      const front = stack([loop[0]!, ...loop.slice(1)]);
      const order = front.shape.map((_, k) => k).slice(1);
      return { all, loop: front.transpose(order.toSpliced(outAxis, 0, 0)) };
    };
    const total = (t: Tensor) => t.sum().tanh();
    const run = compile((ev: E, ...v: Tensor[]) => {
      const { all, loop } = both(ev, v);
      expect(all.shape, `seed ${seed}`).toEqual(loop.shape);
      const slope = (which: "all" | "loop") =>
        v.map((_, k) => grad((x: Tensor) => total(both(ev, v.with(k, x))[which]))(v[k]!));
      return { all, loop, slopes: slope("all"), same: slope("loop") };
    });
    const r = run(e, ...data) as unknown as Record<"all" | "loop" | "slopes" | "same", unknown>;
    const [got, want] = [
      [r.all, ...(r.slopes as unknown[])].flatMap(flat),
      [r.loop, ...(r.same as unknown[])].flatMap(flat),
    ];
    if (r.all instanceof Float64Array && r.all.length % rows === 0) events++;
    compared += got.length;
    got.forEach((x, k) => {
      const y = want[k]!;
      const close =
        Object.is(x, y) ||
        x === y ||
        Math.abs(x - y) <= 1e-8 * Math.max(1, Math.abs(y)) ||
        (Number.isNaN(x) && Number.isNaN(y));
      expect(close, `seed ${seed}, number ${k}: ${x} for ${y}`).toBe(true);
    });
  }
  expect(events).toBeGreaterThan(0);
  expect(compared).toBeGreaterThan(runs(8));
});
