/** The three losses of peers/optim.py with their gradients by hand, and where the optimisers start. */

export interface Loss {
  value(params: never): number;
  grads(params: never): unknown;
  start(): unknown;
}

const curvature = [1, 10, 100];
type Quadratic = { a: number; w: Float64Array };

/** Curvatures 1 to 100 and one coupling; a scalar and a vector leaf. */
const quadratic = {
  start: (): Quadratic => ({ a: 0.5, w: Float64Array.of(-1, 0.25, 2) }),
  value: ({ a, w }: Quadratic) =>
    0.5 * (a - 3) ** 2 + curvature.reduce((s, c, i) => s + 0.5 * c * (w[i]! - 1) ** 2, 0) + 0.3 * a * w[0]!,
  grads: ({ a, w }: Quadratic): Quadratic => ({
    a: a - 3 + 0.3 * w[0]!,
    w: w.map((x, i) => curvature[i]! * (x - 1) + (i === 0 ? 0.3 * a : 0)),
  }),
};

type Rosenbrock = { x: [number, { y: Float64Array }] };

/** A hundredth of Rosenbrock's function in three dimensions; leaves in nested lists. */
const rosenbrock = {
  start: (): Rosenbrock => ({ x: [-1.2, { y: Float64Array.of(1, 0.5) }] }),
  value: ({ x: [x0, { y }] }: Rosenbrock) => {
    const x = [x0, y[0]!, y[1]!];
    return [0, 1].reduce((s, i) => s + 0.01 * (100 * (x[i + 1]! - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2), 0);
  },
  grads: ({ x: [x0, { y }] }: Rosenbrock): Rosenbrock => {
    const x = [x0, y[0]!, y[1]!];
    const g = [0, 0, 0];
    for (const i of [0, 1]) {
      const r = x[i + 1]! - x[i]! ** 2;
      g[i]! += 0.01 * (-400 * r * x[i]! - 2 * (1 - x[i]!));
      g[i + 1]! += 0.01 * 200 * r;
    }
    return { x: [g[0]!, { y: Float64Array.of(g[1]!, g[2]!) }] };
  },
};

type Logistic = { net: { w: Float64Array; b: number }[] };

const rows = Array.from({ length: 24 }, (_, i) => ({
  x: [(((i * 7) % 11) - 5) / 4, (((i * 5) % 13) - 6) / 4] as const,
  y: i % 3 === 0 ? 1 : -1,
  weight: 0.5 + (i % 4) / 4,
}));
const total = rows.reduce((s, { weight }) => s + weight, 0);

/** The weighted mean of log(1 + exp(-y (w x + b))) over 24 events. */
const logistic = {
  start: (): Logistic => ({ net: [{ w: Float64Array.of(0.3, -0.2), b: 0.1 }] }),
  value: ({ net: [layer] }: Logistic) => {
    const { w, b } = layer!;
    const cost = rows.reduce(
      (s, { x, y, weight }) => s + weight * Math.log1p(Math.exp(-y * (x[0] * w[0]! + x[1] * w[1]! + b))),
      0,
    );
    return cost / total;
  },
  grads: ({ net: [layer] }: Logistic): Logistic => {
    const { w, b } = layer!;
    const g = [0, 0, 0];
    for (const { x, y, weight } of rows) {
      const slope = (-y * weight) / total / (1 + Math.exp(y * (x[0] * w[0]! + x[1] * w[1]! + b)));
      g[0]! += slope * x[0];
      g[1]! += slope * x[1];
      g[2]! += slope;
    }
    return { net: [{ w: Float64Array.of(g[0]!, g[1]!), b: g[2]! }] };
  },
};

export const losses: Readonly<Record<string, Loss>> = { quadratic, rosenbrock, logistic };
