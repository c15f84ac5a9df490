/** Dense layers through gpu.js where there is no GPU: its modes for tests. Deno and Chromium: npm run test:gpu. */

import { beforeAll, describe, expect, it } from "vitest";
import { type Device, openDevice } from "../../gpu/device.js";
import { type Layer, lanes, leafTiles, offsetsOf } from "../../gpu/shape.js";
import { mlp } from "../../src/entry/nn.js";
import { compile, init, type Tensor, table, valueAndGrad } from "../../src/index.js";
import { apart, cases, measured, nameOf, onDevice, problem, sameBits, trained } from "./cases.js";
import { fault } from "./fault.js";
import type { Answer } from "./plain.js";

await init();

describe.each(["webasm", "cpu"] as const)("dense layers by %s", (mode) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice({ mode }, fault);
    return () => device.close();
  });

  // gpu.js takes seconds for larger ones in cpu mode; npm run test:gpu has them.
  const quick = cases.filter((one) => mode === "webasm" || (one.rows <= 1000 && one.widths[1]! <= 64));
  it.each(quick.map((one) => [nameOf(one), one] as const))("%s", async (_, one) => {
    const row = await measured(device, one);
    expect(device.mode).toBe(mode);
    expect(row.loss).toBeLessThan(1e-6);
    expect(row.gradient).toBeLessThan(1e-8);
    expect(row.inputs).toBeLessThan(1e-8);
    expect([row.uploads, row.reads]).toEqual([2, 2]);
  });

  it("has the same bits whatever else is in the group", async () => {
    expect(await sameBits(device)).toBe(true);
  });
});

const numbers = (leaf: unknown) => (leaf instanceof Float64Array ? [...leaf] : [Number.NaN]);

/** The mean cross entropy as a step of ours, value and gradient, with parameters and gradient flat. */
function step(layers: readonly Layer[], x: Float64Array, labels: Float64Array, dtype: "f32" | "f64") {
  const widths = [layers[0]!.inputs, ...layers.map(({ outputs }) => outputs)];
  const net = mlp(widths, { activation: "tanh" });
  type P = readonly { readonly w: Tensor; readonly b: Tensor }[];
  const loss = (p: P, t: { x: Tensor; label: Tensor }) => {
    const logit = net.apply(p, t.x).at(0);
    return logit.softplus().sub(t.label.mul(logit)).mean();
  };
  const run = compile(valueAndGrad(loss));
  const data = table({ x, label: labels }, { dtype, rows: labels.length });
  const offsets = offsetsOf(layers);
  const parts = (p: Float64Array) =>
    layers.map(({ inputs, outputs }, l) => {
      const at = offsets[l]!;
      return {
        w: p.slice(at, at + inputs * outputs),
        b: p.slice(at + inputs * outputs, offsets[l + 1]!),
      };
    });
  const answer = (p: Float64Array): Omit<Answer, "inputs"> => {
    const { value, grads } = run(parts(p), data);
    return { loss: value, gradient: Float64Array.from(grads.flatMap(({ w, b }) => [w, b].flatMap(numbers))) };
  };
  return Object.assign(answer, { plan: (p: Float64Array) => run.plan(parts(p), data) });
}

describe("beside our own step", () => {
  const one = { widths: [2, 16, 16, 1], rows: 500, activation: "tanh" } as const;

  it("has its tiles and leaves", () => {
    const { layers, p, x, labels } = problem(one);
    const [sweep] = step(layers, x, labels, "f32")
      .plan(p)
      .stages.flatMap(({ sweeps }) => sweeps);
    expect([sweep!.lanes, sweep!.block]).toEqual([lanes, lanes * leafTiles]);
  });

  it("has its loss and gradient, of f64 and of f32", async () => {
    const device = await openDevice({ mode: "webasm" }, fault);
    const { layers, p, ...events } = problem(one);
    const got = await onDevice(device, layers, p, events);
    for (const dtype of ["f64", "f32"] as const) {
      const want = step(layers, events.x, events.labels, dtype)(p);
      expect(Math.abs(got.loss / want.loss - 1)).toBeLessThan(1e-6);
      expect(apart(got.gradient, want.gradient)).toBeLessThan(1e-10);
    }
    await device.close();
  });

  it("goes the same way down for 200 steps", async () => {
    const device = await openDevice({ mode: "webasm" }, fault);
    const { layers, p, ...events } = problem(one);
    const run = step(layers, events.x, events.labels, "f64");
    for (let i = 0; i < 200; i++) {
      const { gradient } = run(p);
      for (let j = 0; j < p.length; j++) p[j]! -= 0.1 * gradient[j]!;
    }
    const before = { ...device.moved };
    const got = await trained(device, one.widths, one.rows, 200);
    expect(Math.abs(got / run(p).loss - 1)).toBeLessThan(1e-6);
    // 200 steps and the last loss: parameters, inputs and cotangents up, outputs and sums down.
    expect(device.moved.uploads - before.uploads).toBe(3 * 201);
    expect(device.moved.reads - before.reads).toBe(2 * 201);
    await device.close();
  });
});
