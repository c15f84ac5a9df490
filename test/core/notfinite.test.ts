// Gradients that are NaN or infinite while the loss is not: who deals with them, and what a training says.

import { beforeAll, describe, expect, it } from "vitest";
import { mul } from "../../src/entry/ops.js";
import {
  accumulate,
  applyIfFinite,
  clipByGlobalNorm,
  masked,
  multiTransform,
  zeroNans,
} from "../../src/entry/optim.js";
import { adam, chain, customVjp, init, sgd, type Tensor, table, train } from "../../src/index.js";
import { solve } from "../../src/optim/minimizer.js";

beforeAll(() => init());

/** x, with a slope of NaN where x is above 2. */
const broken = customVjp(
  (x: Tensor) => x,
  (g, [x]) => [mul(g, x!.sub(2).neg().sqrt().mul(0).add(1))],
);
const loss = (p: { a: Tensor; b: Tensor }) => broken(p.a).sub(1).square().add(p.b.sub(1).square());
const options = { params: { a: 3, b: 3 }, data: {}, steps: 40 };

describe("a gradient with NaN, and a finite loss", () => {
  it("ends a training whose optimizer says nothing about it", async () => {
    const result = await train(loss, { ...options, optimizer: adam(0.1) });
    expect(result).toMatchObject({ status: "notFinite", steps: 0, params: options.params });
    expect(result.message).toMatch(/at the start \(.*NaN/);
  });

  it("is 0 with zeroNans: the other parameters train", async () => {
    const result = await train(loss, { ...options, optimizer: chain(zeroNans(), sgd(0.2)) });
    expect(result.status).toBe("maxSteps");
    expect(result.params.a).toBe(3);
    expect(result.params.b).toBeCloseTo(1, 6);
    expect(result.warnings[0]).toMatch(
      /^41 gradients were NaN or infinite and left to the optimizer, the first at step 0 \(.*NaN/,
    );
  });

  it("makes no step with applyIfFinite, until there were too many", async () => {
    const batch = (x: number) => table({ x: Float64Array.of(x) }, { dtype: "f64" });
    // Some steps are broken: those whose number ends in 3.
    const result = await train(
      (p: { a: Tensor }, _e: { t: { x: Tensor } }, now: Tensor) =>
        broken(p.a.add(now)).sub(now).sub(1).square(),
      {
        params: { a: 0 },
        data: { t: batch(1) },
        optimizer: applyIfFinite(sgd(0.1), 3),
        steps: 60,
        extras: (step: number) => (step % 10 === 3 ? 50 : 0),
      },
    );
    expect(result.status).toBe("maxSteps");
    expect(result.params.a).toBeCloseTo(1 - 0.8 ** 54, 12);
    expect(result.warnings[0]).toMatch(/^6 gradients were NaN/);
    const ends = await train(loss, { ...options, optimizer: applyIfFinite(sgd(0.2), 3) });
    // The fourth in a row is let through; then the loss is NaN too, and the last good step is returned.
    expect(ends).toMatchObject({ status: "notFinite", params: options.params, steps: 3 });
  });

  it("passes through the rules around a rule", () => {
    const takes = [
      chain(clipByGlobalNorm(1), zeroNans(), adam(0.1)),
      accumulate(applyIfFinite(adam(0.1), 2), 3),
      masked(zeroNans(), { a: true, b: false }),
      multiTransform({ one: chain(zeroNans(), sgd(1)), other: sgd(1) }, { a: "one", b: "other" }),
    ];
    for (const rule of takes) expect(rule.takesNotFinite).toBe(true);
    for (const rule of [chain(adam(1)), accumulate(adam(1), 2)]) expect(rule.takesNotFinite).toBeUndefined();
    const evaluate = ({ a, b }: { a: number; b: number }) => ({
      value: b * b,
      grads: { a: a > 2 ? Number.NaN : 0, b: 2 * b },
    });
    const found = solve(chain(zeroNans(), sgd(0.4)), evaluate, { a: 3, b: 3 }, { maxSteps: 30 });
    expect(found).toMatchObject({ status: "maxSteps", params: { a: 3 } });
    expect(solve(sgd(0.4), evaluate, { a: 3, b: 3 }).status).toBe("notFinite");
  });

  it("does not excuse a loss that is NaN", async () => {
    const optimizer = chain(zeroNans(), sgd(0.3));
    const result = await train((p) => p.a.sqrt(), {
      params: { a: 1 },
      data: {},
      optimizer,
      steps: 50,
    });
    expect(result.status).toBe("notFinite");
    expect(result.params.a).toBeGreaterThan(0);
    expect(Number.isFinite(result.loss)).toBe(true);
  });
});
