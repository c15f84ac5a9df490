/** What fails on a GPU, and that nothing is lost by it: a gpu.js that is made to fail. */

import { describe, expect, it } from "vitest";
import { type Device, type Mode, openDevice } from "../../gpu/device.js";
import { type Library, type LibraryKernel, type LibrarySettings, loadLibrary } from "../../gpu/library.js";
import { networkOn, type Step } from "../../gpu/network.js";
import { groupLeaves, largestBuffer, type Shape } from "../../gpu/shape.js";
import { problem } from "./cases.js";
import { fault, type GpuFault } from "./fault.js";
import { layersOf, tiled } from "./plain.js";

/** gpu.js whose kernels answer by `spoil`, given what they would answer, how often any was called, and its last answer. */
async function spoiled(
  spoil: (result: unknown, call: number, last: unknown) => unknown,
  mode?: Mode,
): Promise<Library> {
  const real = await loadLibrary();
  let calls = 0;
  return {
    input: real.input,
    GPU: class {
      static readonly isWebGL2Supported = false;
      static isWebGPUAvailable = () => Promise.resolve(false);
      readonly #gpu;

      constructor(settings: { readonly mode: string }) {
        this.#gpu = new real.GPU({ mode: mode ?? settings.mode });
      }

      createKernel(source: string, settings: LibrarySettings): LibraryKernel {
        const made = this.#gpu.createKernel(source, settings);
        let last: unknown = null;
        const call = (...args: unknown[]) => {
          const result = structuredClone(made(...args));
          // The device looks whether it works at all by a kernel of two values.
          const probe = settings.output.length === 1 && settings.output[0] === 2;
          const answer = probe ? result : spoil(result, ++calls, last);
          last = result;
          return answer;
        };
        return Object.defineProperty(call, "kernel", { get: () => made.kernel }) as typeof call &
          LibraryKernel;
      }

      destroy() {
        return this.#gpu.destroy();
      }
    },
  };
}

const zeros = (value: unknown): unknown =>
  value instanceof Float32Array ? value.map(() => 0) : Array.isArray(value) ? value.map(zeros) : value;

const given = problem({ widths: [2, 5, 3, 1], rows: 600, activation: "tanh" });
const shape: Shape = { layers: given.layers, tiles: 2, leaves: 2, inputs: true };
const inputs = tiled(given.x, 2);
const cotangents = Float32Array.from({ length: 3 * 256 }, (_, i) => Math.sin(i));

async function answer(step: Step) {
  const group = step.group(inputs);
  const y = await group.forward();
  return { y, ...(await group.reverse(cotangents)) };
}

const codeOf = (error: GpuFault) => error.code;
const failing = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing",
    (error: GpuFault) => codeOf(error),
  );
const open = (library: Library): Promise<Device> =>
  openDevice({ mode: "webasm" }, fault, async () => library);
const thrown = (job: () => unknown) => {
  try {
    job();
  } catch (error) {
    return (error as GpuFault).code;
  }
  return "nothing";
};

const healthy = await openDevice({ mode: "webasm" }, fault);
const want = await answer(networkOn(healthy, shape).step(given.p));

describe("a device that does not open", () => {
  it("says which modes there are", async () => {
    await expect(openDevice({ mode: "gpu" as Mode }, fault)).rejects.toThrow(
      "There is no mode 'gpu' of a GPU: give one of webgpu, webgl2, webasm, cpu, or none to have it chosen.",
    );
  });

  it("says that there is no GPU, never takes another, and tells what to do", async () => {
    await expect(openDevice({}, fault)).rejects.toThrow(/no GPU here.*compile without one/);
    for (const mode of ["webgpu", "webgl2"] as const) {
      await expect(openDevice({ mode }, fault)).rejects.toThrow(
        new RegExp(`^There is no ${mode} here \\(.*\\): open another mode, or compile without a GPU\\.$`),
      );
    }
  });

  it("says that gpu.js is not installed", async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'gpu.js'"));
    await expect(openDevice({ mode: "cpu" }, fault, load)).rejects.toMatchObject({ code: "gpu.absent" });
  });

  it("says that something else computes than was asked for", async () => {
    const library = await spoiled((result) => result, "cpu");
    await expect(open(library)).rejects.toThrow(/computes by cpu what was asked of webasm/);
  });
});

describe("a device that fails", () => {
  const sick = async (spoil: (result: unknown, call: number, last: unknown) => unknown) => {
    const device = await open(await spoiled(spoil));
    return { device, step: networkOn(device, shape).step(given.p) };
  };

  it.each([
    ["answers zeros in the forward", 6, zeros],
    ["answers zeros in the reverse", 20, zeros],
    ["throws in the forward", 4, null],
    ["throws in the reverse", 12, null],
  ] as const)("%s: once more on a fresh one, the same bits", async (_, at, spoil) => {
    let fails = true;
    const { device, step } = await sick((result, call) => {
      if (!fails || call < at) return result;
      // The next start is healthy.
      if (device.generation > 1) return result;
      if (!spoil) {
        fails = false;
        throw new Error("the driver is gone");
      }
      return spoil(result);
    });
    expect(await answer(step)).toEqual(want);
    expect(device.generation).toBe(2);
    await device.close();
  });

  it("answers what it answered before: seen", async () => {
    let stale = false;
    const { device, step } = await sick((result, _, last) => (stale && last ? last : result));
    const group = step.group(inputs);
    await group.forward();
    stale = true;
    expect(device.generation).toBe(1);
    expect(await group.forward()).toEqual(want.y);
    expect(device.generation).toBe(2);
    await device.close();
  });

  it("fails on the fresh one, too: an error that says so, and the group is whole", async () => {
    let fails = true;
    const { device, step } = await sick((result, call) => {
      if (fails && call > 2) throw new Error("out of memory");
      return result;
    });
    const group = step.group(inputs);
    const error: GpuFault = await group.forward().catch((e) => e);
    expect(error.message).toBe("The GPU fails (out of memory): nothing of this call was used.");
    expect(error).toMatchObject({ code: "gpu.failed", fields: { mode: "webasm" } });
    fails = false;
    expect(await group.forward()).toEqual(want.y);
    const { sums } = await group.reverse(cotangents);
    expect(sums).toEqual(want.sums);
    await device.close();
  });

  it("is closed: an error that says so", async () => {
    const { device, step } = await sick((result) => result);
    await device.close();
    expect(await failing(step.group(inputs).forward())).toBe("gpu.closed");
  });
});

describe("groups", () => {
  it("take turns on the device, each with its own values", async () => {
    const network = networkOn(healthy, shape);
    expect(networkOn(healthy, { ...shape })).toBe(network);
    const other = network.step(given.p.map((v) => 2 * v));
    const [a, b] = [network.step(given.p).group(inputs), other.group(inputs)];
    const ys = await Promise.all([a.forward(), b.forward()]);
    const gs = await Promise.all([b.reverse(cotangents), a.reverse(cotangents)]);
    expect(ys[0]).toEqual(want.y);
    expect(ys[1]).not.toEqual(want.y);
    expect(gs[1]).toEqual({ sums: want.sums, inputs: want.inputs });
  });

  it("have the same sums where the inputs' gradients are not wanted, and with fewer tiles", async () => {
    const step = networkOn(healthy, { ...shape, inputs: false }).step(given.p);
    const group = step.group(inputs);
    expect(await group.reverse(cotangents)).toEqual({ sums: want.sums, inputs: null });
    const first = networkOn(healthy, shape)
      .step(given.p)
      .group(inputs.subarray(0, 2 * 2 * 256));
    expect(await first.forward()).toEqual(want.y.subarray(0, 2 * 256));
    const { sums } = await first.reverse(cotangents.subarray(0, 2 * 256));
    expect(sums).toEqual(want.sums.subarray(0, given.p.length));
  });

  it("refuse other sizes, which gpu.js would take without a word", async () => {
    const network = networkOn(healthy, shape);
    expect(thrown(() => network.step(given.p.subarray(1)))).toBe("gpu.parameters");
    const step = network.step(given.p);
    for (const length of [0, 100, 5 * 512])
      expect(thrown(() => step.group(new Float32Array(length)))).toBe("gpu.rows");
    expect(await failing(step.group(inputs).reverse(cotangents.subarray(256)))).toBe("gpu.rows");
  });

  it("refuse numbers that a GPU does not keep", async () => {
    const network = networkOn(healthy, shape);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, 1e20])
      expect(
        thrown(() => network.step(given.p.map((v, i) => (i === 3 || i === 12 ? bad : v))).group(inputs)),
      ).toBe(bad === 1e20 ? "nothing" : "gpu.finite");
    const group = network.step(given.p).group(inputs);
    await group.forward();
    expect(await failing(group.reverse(cotangents.map((g, i) => (i === 9 ? Number.NaN : g))))).toBe(
      "gpu.finite",
    );
    expect((await group.reverse(cotangents)).sums).toEqual(want.sums);
  });

  it("answer rows that are not finite by themselves, and refuse their gradients", async () => {
    const odd = inputs.map((x, i) => (i === 5 ? Number.NaN : i === 512 + 7 ? Number.POSITIVE_INFINITY : x));
    const group = networkOn(healthy, shape).step(given.p).group(odd);
    const y = await group.forward();
    expect(y[5]).toBeNaN();
    // tanh of an infinity is a number.
    expect(y[256 + 7]).toSatisfy(Number.isFinite);
    expect(y[256 + 7]).not.toBe(want.y[256 + 7]);
    const others = (v: Float32Array) => v.filter((_, i) => i !== 5 && i !== 256 + 7);
    expect(others(y)).toEqual(others(want.y));
    expect(await failing(group.reverse(cotangents))).toBe("gpu.finite");
    const shut = cotangents.map((g, i) => (i === 5 || i === 256 + 7 ? 0 : g));
    const { sums } = await group.reverse(shut);
    const same = await networkOn(healthy, shape).step(given.p).group(inputs).reverse(shut);
    expect(sums).toEqual(same.sums);
  });

  it("are as large as the device's buffers, and a network too large for one leaf is told so", async () => {
    const wide = (n: number) => layersOf([2, n, n, 1], "relu");
    const sized = (n: number) => ({ layers: wide(n), tiles: 32, inputs: false });
    expect(groupLeaves(healthy, sized(64))).toBe(8);
    const leaves = groupLeaves(healthy, sized(1024));
    expect(leaves).toBeLessThan(8);
    expect(largestBuffer({ ...sized(1024), leaves })).toBeLessThanOrEqual(2 ** 28);
    expect(largestBuffer({ ...sized(1024), leaves: leaves + 1 })).toBeGreaterThan(2 ** 28);
    expect(
      thrown(() =>
        groupLeaves(healthy, {
          ...sized(1),
          layers: [{ inputs: 2, outputs: 40_000, activation: "relu", bias: true }],
        }),
      ),
    ).toBe("gpu.limit");
  });
});
