/** Compiled functions with a GPU, by gpu.js in Node: npm run test:gpu has Deno and Chromium. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, loadLibrary } from "../../gpu/library.js";
import { mlp } from "../../src/entry/nn.js";
import { type OpenGpu, openGpu } from "../../src/entry/opengpu.js";
import { adam, train } from "../../src/entry/optim.js";
import { compile, GpuError, init, type Tensor, table, valueAndGrad, where } from "../../src/index.js";
import { key } from "../../src/random/keys.js";
import type { Case } from "./cases.js";
import { type Columns, compiledOn, lossOf, type Net, numbersOf } from "./steps.js";

await init();

let gpu: OpenGpu;
beforeAll(async () => {
  gpu = await openGpu({ mode: "webasm" });
});
afterAll(() => gpu.close());

const small: Case = { widths: [2, 16, 16, 1], rows: 500, activation: "tanh" };
const distance = (got: unknown, want: unknown) => {
  const [a, b] = [got, want].map(numbersOf) as [number[], number[]];
  return Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...b);
};

describe("a compiled step on a GPU", () => {
  it("has the loss and the gradient of f64, with two uploads and two reads per group", async () => {
    const got = await compiledOn(gpu, { widths: [2, 64, 64, 1], rows: 1000, activation: "relu" });
    expect(got.loss).toBeLessThan(1e-6);
    expect(got.gradient).toBeLessThan(1e-8);
    expect([got.uploads, got.reads]).toEqual([2, 2]);
    expect(got.report).toMatchObject({ by: "gpu", mode: "webasm", adapter: "webasm", groups: 1 });
    expect(got.report.reason).toBe("mode 'webasm' was asked for");
  });

  it("has the same bits in one group and in four", async () => {
    const { params, events, loss } = lossOf({ widths: [2, 8, 1], rows: 3 * 8192 + 5, activation: "relu" });
    const data = events("f32");
    const answers = [];
    for (const blocks of [8, 1]) {
      const own = await openGpu({ mode: "webasm", blocks });
      const run = compile(valueAndGrad(loss), { gpu: own });
      answers.push(await run.async(params, data));
      expect(run.gpu!.groups).toBe(blocks === 1 ? 4 : 1);
      expect(run.gpu!.uploads - 1).toBe(2 * run.gpu!.groups);
      expect(run.gpu!.reads).toBe(2 * run.gpu!.groups);
      await own.close();
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it("has rows that a mask hides, whatever is in them, and gradients of what goes in", async () => {
    const net = mlp([2, 5, 1], { activation: "tanh" });
    const draw = key(1);
    const p = { net: net.init(draw), scale: 1.2 };
    const rows = 600;
    const x = Float64Array.from({ length: 2 * rows }, (_, i) => (i % 26 === 0 ? Number.NaN : Math.sin(i)));
    const data = table(
      { x, label: Float64Array.from({ length: rows }, (_, i) => i % 2) },
      { dtype: "f32", rows },
    );
    const loss = (q: { net: Net; scale: Tensor }, e: Columns) => {
      const good = e.x.at(0).eq(e.x.at(0));
      const z = net.apply(q.net, e.x.mul(q.scale)).at(0);
      return where(good, z.softplus().sub(e.label.mul(z)), 0).sum();
    };
    const run = compile(valueAndGrad(loss), { gpu });
    const got = await run.async(p, data);
    expect(run.gpu!.by).toBe("gpu");
    const want = compile(valueAndGrad(loss))(p, data);
    expect(distance(got, want)).toBeLessThan(1e-5);
  });

  it("says in print where layers are computed", async () => {
    const { params, events, loss } = lossOf(small);
    expect(compile(loss, { gpu }).print(params, events("f32"))).toMatch(
      /\nreturn .*\ndense layers by webasm \(webasm\): mode 'webasm' was asked for$/,
    );
    expect(compile(loss, { gpu }).print(params, events("f64"))).toMatch(
      /\ndense layers by WebAssembly: it has no dense layers, one after another, of f32 events of a table$/,
    );
  });
});

describe("a training on a GPU", () => {
  it("goes the same way in 200 steps, and tells where it was", async () => {
    const { params, events, loss } = lossOf(small);
    const options = { params, data: events("f32"), steps: 200, optimizer: adam(1e-2) };
    const want = await train(loss, options);
    const got = await train(loss, { ...options, gpu });
    expect(want.loss).toBeLessThan(0.5 * want.history[0]!);
    expect(Math.abs(got.loss / want.loss - 1)).toBeLessThan(1e-4);
    expect(got.gpu).toMatchObject({ by: "gpu", mode: "webasm", groups: 1, uploads: 3, reads: 2 });
    expect(want.gpu).toBe(null);
  });
});

describe("below the break-even, or without a GPU, all is as without", () => {
  const { params, events, loss } = lossOf(small);
  const data = events("f32");
  const f = valueAndGrad(loss);
  const want = compile(f)(params, data);

  it("by rows", async () => {
    const own = await openGpu({ mode: "webasm", from: 501 });
    const run = compile(f, { gpu: own });
    expect(await run.async(params, data)).toEqual(want);
    expect(run.gpu).toMatchObject({ by: "wasm", groups: 0, uploads: 0 });
    expect(run.gpu!.reason).toBe("500 rows, and only from 501 on they go to the GPU");
    expect(run.plan(params, data)).toEqual(compile(f).plan(params, data));
    await own.close();
  });

  it("without gpu.js: said; an error where a mode was asked for", async () => {
    const load = () => Promise.reject(new Error("no such package"));
    const own = await openGpu({}, load);
    expect([own.mode, own.why]).toEqual([null, expect.stringMatching(/^gpu\.js does not load/)]);
    const run = compile(f, { gpu: own });
    expect(await run.async(params, data)).toEqual(want);
    expect(run.gpu).toMatchObject({ by: "wasm", mode: null, reason: own.why });
    await expect(openGpu({ mode: "webgpu" }, load)).rejects.toThrow(GpuError);
  });

  it("after a failure, and from then on", async () => {
    const real = await loadLibrary();
    let calls = 0;
    let broken = true;
    const library: Library = {
      input: real.input,
      GPU: class extends real.GPU {
        override createKernel(...args: Parameters<InstanceType<Library["GPU"]>["createKernel"]>) {
          const made = super.createKernel(...args);
          const probe = args[1].output.length === 1 && args[1].output[0] === 2;
          const call = (...values: unknown[]) => {
            if (broken && !probe && ++calls > 5) throw new Error("the driver is gone");
            return made(...values);
          };
          return Object.defineProperty(call, "kernel", { get: () => made.kernel }) as typeof made;
        }
      },
    };
    const own = await openGpu({ mode: "webasm" }, async () => library);
    const run = compile(f, { gpu: own });
    expect(await run.async(params, data)).toEqual(want);
    expect(run.gpu).toMatchObject({ by: "wasm", reason: expect.stringMatching(/the driver is gone/) });
    broken = false;
    expect(await run.async(params, data)).toEqual(want);
    expect(run.gpu).toMatchObject({
      by: "wasm",
      groups: 0,
      reason: expect.stringMatching(/the driver is gone/),
    });
    await own.close();
  });

  it("in a call with parameters that are not finite, and in no other", async () => {
    const run = compile(f, { gpu });
    const odd = params.map((layer, i) => (i === 0 ? { ...layer, b: layer.b.map(() => Number.NaN) } : layer));
    expect(await run.async(odd, data)).toEqual(compile(f)(odd, data));
    expect(run.gpu!.by).toBe("wasm");
    await run.async(params, data);
    expect(run.gpu!.by).toBe("gpu");
  });

  it("refuses what is no option", async () => {
    await expect(openGpu({ mode: "fast" as never })).rejects.toThrow(/mode of gpu\(\) is not 'fast'/);
    await expect(openGpu({ from: 1.5 })).rejects.toThrow(/from of gpu\(\) is 1.5/);
    expect(() => compile(loss, { gpu: openGpu({}) as never })).toThrow(
      /gpu of compile\(\) is a promise; await/,
    );
  });
});
