// Plans with a host: legs between its calls, against the plan of kernels alone.
import { beforeAll, describe, expect, it } from "vitest";
import type { HostCall } from "../../src/core/plan/layout.js";
import { mlp } from "../../src/entry/nn.js";
import {
  compile,
  type EventTensor,
  grad,
  hessian,
  hist,
  init,
  nested,
  root,
  type Scalar,
  stack,
  type Tensor,
  table,
  valueAndGrad,
  vmap,
} from "../../src/index.js";
import { rowIndex } from "../../src/ops/uniform.js";
import { key } from "../../src/random/keys.js";
import { jsHost, withHost } from "../kit/jshost.js";
import { random } from "../kit/random.js";

beforeAll(() => init());

type Net = readonly { readonly w: Tensor; readonly b: Tensor }[];
type Columns = { a: EventTensor; b: EventTensor; label: EventTensor };
const net = mlp([2, 6, 4, 1], { activation: "tanh" });
const params = net.init(key(3));

function columns(rows: number) {
  const draw = random(rows + 1);
  const column = () => Float64Array.from({ length: rows }, () => 2 * draw() - 1);
  return { a: column(), b: column(), label: column().map((x) => (x > 0 ? 1 : 0)) };
}
const events = (rows: number) => table(columns(rows), { dtype: "f32" });

const logit = (p: Net, e: Columns) => net.apply(p, stack([e.a, e.b])).at(0);
const bce = (p: Net, e: Columns) => {
  const z = logit(p, e);
  return z.softplus().sub(e.label.mul(z)).mean();
};

/** All numbers of an answer. */
const numbersOf = (x: unknown): number[] =>
  typeof x === "number"
    ? [x]
    : x instanceof Float32Array || x instanceof Float64Array
      ? [...x]
      : Object.values(x as object).flatMap(numbersOf);

/** The distance of two answers, relative to the length of the second. */
function apart(got: unknown, want: unknown): number {
  const [a, b] = [got, want].map(numbersOf);
  expect(a!.length).toBe(b!.length);
  return Math.hypot(...a!.map((v, i) => v - b![i]!)) / Math.hypot(...b!);
}

/** By kernels alone, and by a host for so many blocks at once, with its calls. */
async function both(f: (p: never, e: never) => unknown, data: unknown, blocks = 1, p: unknown = params) {
  const calls: HostCall[] = [];
  const gpu = withHost(jsHost(blocks, (call) => calls.push(call)));
  const want = compile(f)(p as never, data as never);
  const got = await compile(f, { gpu }).async(p as never, data as never);
  return { got, want, calls: calls.map(({ kind }) => kind).join(" ") };
}

describe("a network by a host between legs", () => {
  const cases: Record<string, readonly [(p: Net, e: Columns) => unknown, string]> = {
    "loss and gradient": [valueAndGrad(bce), "forward reverse"],
    "the gradient alone": [grad(bce), "forward reverse"],
    "a loss linear in the network": [grad((p: Net, e: Columns) => logit(p, e).sum()), "reverse"],
    "what comes out, as a column": [(p, e) => ({ y: logit(p, e), twice: e.b.mul(2) }), "forward"],
    "a histogram, then a likelihood": [
      valueAndGrad((p: Net, e: Columns) => {
        const h = hist(logit(p, e).sigmoid(), { bins: [0, 0.3, 0.5, 0.7, 1], bandwidth: 0.1 });
        return h.add(1).log().mul(h).sum();
      }),
      "forward forward reverse",
    ],
    "two losses": [
      valueAndGrad((p: Net, e: Columns) => {
        const z = logit(p, e);
        return z.square().mean().add(z.sigmoid().mul(e.label).sum().add(1).log());
      }),
      // The slope of the logarithm is known when all is summed.
      "forward forward reverse",
    ],
    "a network after a network": [
      valueAndGrad((p: Net, e: Columns) => {
        const again = logit(p, { ...e, a: logit(p, e).sigmoid() });
        return again.square().mean();
      }),
      "forward forward reverse reverse",
    ],
    "what goes into it": [
      valueAndGrad((p: Net, e: Columns) => bce(p, { ...e, a: e.a.mul(p[2]!.b.at(0).add(1.1)) })),
      "forward reverse",
    ],
  };
  describe.each(Object.entries(cases))("%s", (_, [f, order]) => {
    it.each([0, 1, 8193])("of %i rows", async (rows) => {
      const { got, want, calls } = await both(f, events(rows));
      if (rows === 0) expect(got).toEqual(want);
      else expect(apart(got, want)).toBeLessThan(2e-5);
      const groups = Math.ceil(rows / 8192);
      // A sweep goes over all groups before the next one.
      const words = (text: string) => text.split(" ").filter(Boolean).sort().join(" ");
      expect(words(calls)).toBe(words(Array(groups).fill(order).join(" ")));
    });
  });

  it("has the same bits for one group and four", async () => {
    const f = valueAndGrad(bce);
    const data = events(3 * 8192 + 5);
    const [one, four] = [await both(f, data, 4), await both(f, data, 1)];
    expect([one.calls.length, four.calls.length]).toEqual([15, 63]);
    expect(one.got).toEqual(four.got);
  });

  it("leaves memory to calls meanwhile", async () => {
    const f = valueAndGrad(bce);
    const data = events(9000);
    const { want } = await both(f, data);
    const other = compile((x: Scalar, e: Columns) => e.a.mul(x).exp().sum());
    const alone = other(2, data);
    const meanwhile: number[] = [];
    const gpu = withHost(jsHost(1, () => queueMicrotask(() => meanwhile.push(other(2, data)))));
    const got = await compile(f, { gpu }).async(params, data);
    expect(meanwhile).toEqual(Array(4).fill(alone));
    expect(apart(got, want)).toBeLessThan(2e-5);
  });

  it("knows rows by their numbers, and children of the events", async () => {
    const f = valueAndGrad((p: Net, e: Columns & { jets: { pt: EventTensor } }) => {
      const z = logit(p, { ...e, b: e.jets.pt.sum("parent").mul(0.1) });
      const odd = rowIndex(e.a).mul(1e-4);
      return z.mul(odd).sum().add(e.jets.pt.mul(z).sum("parent").mul(e.label).sum());
    });
    const rows = 8200;
    const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i + Math.floor(i / 2));
    const pt = Float64Array.from({ length: offsets[rows]! }, (_, i) => 1 + Math.sin(i));
    const data = table({ ...columns(rows), jets: nested(offsets, { pt }) }, { dtype: "f32" });
    const { got, want, calls } = await both(f as never, data);
    expect(calls).toBe("forward reverse forward reverse");
    expect(apart(got, want)).toBeLessThan(2e-5);
  });
});

describe("what a host computed is a value as any other", () => {
  it("in a search of each event", async () => {
    const f = valueAndGrad((p: Net, e: Columns) => {
      const z = logit(p, e);
      return root((x) => x.mul(x).mul(x).add(x).sub(z), -3, 3)
        .x.mul(e.label)
        .sum();
    });
    const { got, want, calls } = await both(f, events(600));
    expect(calls).toBe("forward reverse");
    expect(apart(got, want)).toBeLessThan(2e-5);
  });

  it("beside a table that no host works on", async () => {
    const f = valueAndGrad((p: Net, { net, other }: { net: Columns; other: Columns }) =>
      bce(p, net).add(other.a.mul(p[2]!.b.at(0)).exp().mean()),
    );
    const { got, want, calls } = await both(f, { net: events(700), other: events(9000) });
    expect(calls).toBe("forward reverse");
    expect(apart(got, want)).toBeLessThan(2e-5);
  });
});

describe("no host takes part", () => {
  const layer = mlp([1, 3, 1], { activation: "tanh" });
  const small = layer.init(key(4));
  const jets = nested(Int32Array.from([0, 2, 2, 5]), { pt: Float64Array.from([1, 2, 3, 4, 5]) });
  const data = table({ ...columns(3), jets }, { dtype: "f32" });
  const double = table({ ...columns(3), jets }, { dtype: "f64" });
  type All = Columns & { jets: { pt: EventTensor } };
  const loss = (p: Net, e: All) =>
    layer
      .apply(p, e.a.reshape([1]))
      .at(0)
      .square()
      .sum();
  const cases: Record<string, readonly [(p: Net, e: All) => unknown, unknown, RegExp]> = {
    "in second derivatives": [
      (p, e) => hessian((b: Tensor) => loss([p[0]!, { ...p[1]!, b }], e))(p[1]!.b),
      data,
      /first derivatives alone/,
    ],
    "under vmap": [
      (p, e) => vmap((b: Tensor) => loss([p[0]!, { ...p[1]!, b }], e))(stack([p[1]!.b, p[1]!.b])),
      data,
      /first derivatives alone/,
    ],
    "in f64": [loss, double, /no dense layers, one after another, of f32/],
    "for children": [
      (p, e) =>
        layer
          .apply(p, e.jets.pt.reshape([1]))
          .at(0)
          .sum("parent")
          .sum(),
      data,
      /no dense layers, one after another, of f32/,
    ],
    "without layers": [(_, e) => e.a.sum(), data, /no dense layers, one after another, of f32/],
  };
  it.each(Object.entries(cases))("%s: the same bits, and print says why", async (_, [f, e, why]) => {
    const { got, want, calls } = await both(f as never, e, 1, small);
    expect(calls).toBe("");
    expect(got).toEqual(want);
    const gpu = withHost(jsHost(1));
    expect(compile(f as never, { gpu }).print(small as never, e as never)).toMatch(why);
  });

  it("in a call that does not wait", () => {
    const f = compile(loss, { gpu: withHost(jsHost(1)) });
    expect(() => f(small as never, data as never)).toThrow(/await f\.async/);
  });

  it("in the plan for kernels: not a word is another", () => {
    const f = valueAndGrad(loss);
    const words = (gpu?: ReturnType<typeof withHost>) =>
      compile(f, gpu ? { gpu } : {}).plan(small as never, data as never);
    expect(words(withHost(jsHost(1)))).toEqual(words());
  });
});
