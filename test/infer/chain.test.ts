import { beforeAll, describe, expect, it } from "vitest";
import { normal } from "../../src/entry/random.js";
import { compile, cut, expectedCls, grad, init, key, type Tensor, table } from "../../src/index.js";
import { draw, type Name, network, samples, soft, study } from "../kit/blobs.js";

beforeAll(() => init());

const long = process.env.GRADCUT_LONG === "1";

describe("cuts, network, histogram, HistFactory with variations and statistical errors, expected CLs", () => {
  it("is one function, whose gradient agrees with differences in f64", () => {
    const net = network(4);
    const selection = cut("x > {xMin = -2} && y < {yMax = 2.5}");
    const sizes = Object.fromEntries(samples.map((n) => [n, 400])) as Record<Name, number>;
    type Net = { w: Tensor; b: Tensor }[];
    type Params = { net: Net; cuts: { xMin: Tensor; yMax: Tensor } };
    type Events = Record<Name, { x: Tensor; y: Tensor }>;
    const loss = (p: Params, e: Events) => {
      const weights = Object.fromEntries(
        samples.map((n) => [n, selection.soft(p.cuts, e[n], 0.5)]),
      ) as Record<Name, Tensor>;
      return expectedCls(soft(net, p.net, e, sizes, 0.15, weights)).log();
    };
    const blobs = draw(3, 400);
    const events = Object.fromEntries(
      samples.map((n) => [
        n,
        table({ x: Float64Array.from(blobs[n].x), y: Float64Array.from(blobs[n].y) }, { dtype: "f64" }),
      ]),
    ) as never;
    const params = { net: net.init(key(5)), cuts: { xMin: -2, yMax: 2.5 } };
    // Biases at 0 put many events on a kink of relu; move them.
    for (const [i, { b }] of params.net.entries()) b.set(normal(key(9 + i), b.length).map((z) => 0.3 * z));
    const value = compile(loss);
    const slope = compile(grad(loss))(params as never, events) as unknown as typeof params;

    const along = (shift: (p: typeof params, h: number) => void) => {
      const at = (h: number) => {
        const moved = {
          net: params.net.map(({ w, b }) => ({ w: w.slice(), b: b.slice() })),
          cuts: { ...params.cuts },
        };
        shift(moved, h);
        return value(moved as never, events) as unknown as number;
      };
      const h = 1e-5;
      return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    };
    const close = (got: number, want: number) =>
      expect(Math.abs(got - want)).toBeLessThan(1e-6 * Math.max(0.05, Math.abs(want)));
    for (const name of ["xMin", "yMax"] as const) {
      const want = along((p, h) => {
        p.cuts[name] += h;
      });
      close(slope.cuts[name], want);
    }
    params.net.forEach((layer, l) => {
      for (const part of ["w", "b"] as const) {
        for (const i of [0, layer[part].length - 1]) {
          const want = along((p, h) => {
            const array = p.net[l]![part];
            array[i] = array[i]! + h;
          });
          close(slope.net[l]![part][i]!, want);
        }
      }
    });
  });
});

describe("the three-blob problem", () => {
  it.each(long ? [1, 2, 3, 4, 5] : [1])(
    "seed %s: after 60 steps of Adam the hard histogram of held-out events has a CLs of at most 2e-6",
    (seed) => {
      const { cls, raw, converged, history } = study(seed);
      expect(converged).toBe(true);
      expect(history[0]!).toBeGreaterThan(1e-3);
      expect(cls).toBeLessThanOrEqual(2e-6);
      // A bin without background events would be a cheat; the statistical errors keep training from it.
      expect(Math.min(...raw)).toBeGreaterThanOrEqual(10);
    },
    120_000,
  );
});
