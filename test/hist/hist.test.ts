import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, hist, init, ShapeError, type Tensor, table } from "../../src/index.js";

beforeAll(() => init());

const n = 5000;
const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i * 1.7) * 1.5 + Math.cos(i * 0.3));
const w = Float64Array.from({ length: n }, (_, i) => 1 + 0.5 * Math.sin(i));
const edges = [-2, -1, -0.5, 0, 0.25, 2];
type Events = { x: Tensor; w: Tensor };

function hard(): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  x.forEach((v, i) => {
    const bin = edges.findIndex(
      (e, j) => v >= e && (v < edges[j + 1]! || (j === edges.length - 2 && v === edges[j + 1])),
    );
    if (bin >= 0) counts[bin]! += w[i]!;
  });
  return counts;
}

describe("hist", () => {
  it.each([
    ["f64", 1e-6, 1e-9],
    ["f64", 0, 1e-12],
    ["f32", 0, 1e-5],
  ] as const)("is the hard histogram as the bandwidth vanishes (%s, %s)", (dtype, bandwidth, tolerance) => {
    const f = compile((e: Events) => hist(e.x, { bins: edges, bandwidth, weights: e.w }));
    const got = f(table({ x, w }, { dtype })) as Float64Array;
    hard().forEach((want, i) => {
      expect(Math.abs(got[i]! / want - 1)).toBeLessThan(tolerance);
    });
  });

  it("has the closed form's derivative: moving all events moves the edges the other way", () => {
    const bin = (p: { shift: Tensor; edges: Tensor; h: Tensor }, e: Events) =>
      hist(e.x.add(p.shift), { bins: p.edges, bandwidth: p.h, weights: e.w }).at(2);
    const g = compile(grad(bin))({ shift: 0, edges, h: 0.15 }, table({ x, w }, { dtype: "f64" }));
    const phi = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    const slope = (edge: number) => x.reduce((s, v, i) => s + (w[i]! * phi((edge - v) / 0.15)) / 0.15, 0);
    expect(g.shift as number).toBeCloseTo(slope(-0.5) - slope(0), 8);
    expect((g.edges as Float64Array)[2]).toBeCloseTo(-slope(-0.5), 8);
    expect((g.edges as Float64Array)[3]).toBeCloseTo(slope(0), 8);
  });

  it("takes equal bins over a range", () => {
    const f = compile((e: Events) => hist(e.x, { bins: 4, range: [-10, 10], bandwidth: 0.1 }).sum());
    expect(f(table({ x, w }, { dtype: "f64" })) as number).toBeCloseTo(n, 9);
  });

  it("says what is wrong with its bins", () => {
    const call = (bins: number | number[], range?: [number, number]) =>
      compile((e: Events) => hist(e.x, { bins, bandwidth: 0.1, ...(range ? { range } : {}) }))(
        table({ x, w }),
      );
    expect(() => call([0, 2, 1])).toThrow(ShapeError);
    expect(() => call([0, 2, 1])).toThrow(/does not ascend at 2, 1/);
    expect(() => call(4)).toThrow(/range: \[low, high\]/);
  });
});
