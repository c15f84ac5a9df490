import { beforeAll, expect, it } from "vitest";
import { axis, compile, histogram, init, type Tensor, table, valueAndGrad } from "../../src/index.js";

beforeAll(() => init());

const inf = Number.POSITIVE_INFINITY;
const x = [0.5, inf, -inf, 0.25, inf];
const y = [0.25, 0.5, 0.75, inf, -inf];
type Events = { x: Tensor; y: Tensor };
const columns = (xs: number[], ys: number[], dtype: "f32" | "f64") =>
  table({ x: Float64Array.from(xs), y: Float64Array.from(ys) }, { dtype });

/** Far narrower than the distance of any event from an edge: what is spread is where it is counted. */
const narrow: Record<string, number | number[]> = {
  all: 0.01,
  bins: [0.01, 0.01],
  edges: [0.01, 0.01, 0.01],
};
const axes = { regular: axis.regular(2, 0, 0.8), open: axis.variable([-inf, 0.4, inf]) };
// With an open axis nothing is left to keep beyond it.
const cases = Object.keys(axes).flatMap((name) =>
  (["drop", "keep", "reflect"] as const).flatMap((flow) =>
    (["f32", "f64"] as const).flatMap((dtype) =>
      Object.keys(narrow).flatMap((width) =>
        name === "open" && flow === "keep" ? [] : [[name as keyof typeof axes, flow, dtype, width] as const],
      ),
    ),
  ),
);

it.each(cases)(
  "infinite events are where they are counted: %s, %s, %s, widths for %s",
  (name, flow, dtype, width) => {
    const a = axes[name];
    const h = narrow[width]!;
    const one = histogram(a, { flow });
    const soft = compile((e: Events) => one.fill(e.x, { bandwidth: h }).values)(columns(x, y, dtype));
    expect(Array.from(soft as Float64Array, Math.round)).toEqual([...one.hard(Float64Array.from(x)).values]);
    const two = histogram([a, a], { flow });
    const fill = (e: Events) => two.fill([e.x, e.y], { bandwidth: [h, h] }).values;
    const both = compile(fill)(columns(x, y, dtype)).data;
    const hard = two.hard([Float64Array.from(x), Float64Array.from(y)]).values;
    expect(Array.from(both, Math.round)).toEqual([...hard]);
    for (const v of both) expect(Math.abs(v - Math.round(v))).toBeLessThan(1e-6);
  },
);

it.each(["f32", "f64"] as const)("and have no slope, in %s", (dtype) => {
  const h = histogram([axes.regular, axes.regular], { flow: "keep" });
  const sum = (p: Tensor, e: Events) =>
    h
      .fill([e.x.add(p), e.y.mul(p.add(1))], { bandwidth: [0.1, 0.1] })
      .values.slice(1, 3)
      .square()
      .sum();
  const finite = x
    .map((v, i) => [v, y[i]!] as const)
    .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const run = compile(valueAndGrad(sum));
  const slope = (xs: number[], ys: number[]) => run(0.01, columns(xs, ys, dtype)).grads as unknown as number;
  const alone = slope(
    finite.map(([a]) => a),
    finite.map(([, b]) => b),
  );
  expect(Number.isFinite(slope(x, y))).toBe(true);
  // An event infinite in both has no slope at all.
  const extra = slope([...finite.map(([a]) => a), inf], [...finite.map(([, b]) => b), -inf]);
  expect(extra).toBeCloseTo(alone, 10);
});

it("but what is no number stays none", () => {
  const h = histogram([axes.regular, axes.regular], { flow: "keep" });
  const values = compile((e: Events) => h.fill([e.x, e.y], { bandwidth: [0.1, 0.1] }).values)(
    columns([Number.NaN, 0.5], [0.5, 0.5], "f64"),
  );
  expect(Array.from(values.data).some(Number.isNaN)).toBe(true);
});
