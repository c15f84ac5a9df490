// Which of two ways a call is computed: by times, rows, and what fails.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Choosing, DeviceChooser } from "../../src/core/run/choice.js";
import type { Results } from "../../src/core/run/ongpu.js";
import { GpuError } from "../../src/index.js";

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const facts: Choosing = {
  ...{ why: "", mode: "webgpu", adapter: "a card", software: false, asked: false },
  ...{ from: undefined, counts: () => ({ groups: 0, uploads: 0, reads: 0 }) },
};
const structure = {};

/** A job with both ways, which take so many milliseconds and give such results; the order of ways is kept. */
function job(ms: { wasm: number; gpu: number }, gpu: () => Results = () => [0.5], rows = 1000) {
  const ways: string[] = [];
  const way = (name: "wasm" | "gpu", results: () => Results) => async () => {
    ways.push(name);
    now += ms[name];
    return results();
  };
  return { of: structure, rows, plain: way("wasm", () => [0.5]), hosted: way("gpu", gpu), ways };
}

describe("without a word about mode or rows", () => {
  it.each([
    ["gpu", { wasm: 10, gpu: 4 }],
    ["wasm", { wasm: 10, gpu: 40 }],
  ] as const)("the faster one is taken: %s", async (by, ms) => {
    const chooser = new DeviceChooser(facts);
    const first = job(ms);
    expect(await chooser.run(first)).toEqual([0.5]);
    expect(first.ways).toEqual(["wasm", "gpu", "wasm", "gpu"]);
    const reason = `measured with 1000 rows: WebAssembly 10.0 ms, GPU ${ms.gpu}.0 ms`;
    expect(chooser.latest).toMatchObject({ by: "wasm", reason, ms: 2 * (ms.wasm + ms.gpu) });
    const second = job(ms);
    await chooser.run(second);
    expect(second.ways).toEqual([by]);
    expect(chooser.latest).toMatchObject({ by, reason, ms: ms[by] });
    expect(chooser.line({ ...second, refused: null })).toBe(
      by === "gpu" ? `dense layers by webgpu (a card): ${reason}` : `dense layers by WebAssembly: ${reason}`,
    );
  });

  it("again for another power of two of rows, and another structure", async () => {
    const chooser = new DeviceChooser(facts);
    await chooser.run(job({ wasm: 2, gpu: 1 }));
    for (const other of [
      job({ wasm: 2, gpu: 1 }, undefined, 1025),
      { ...job({ wasm: 2, gpu: 1 }), of: {} },
    ]) {
      await chooser.run(other);
      expect(other.ways.length).toBe(4);
    }
  });

  it("never one in software", async () => {
    const chooser = new DeviceChooser({ ...facts, software: true });
    const only = job({ wasm: 10, gpu: 1 });
    await chooser.run(only);
    expect(only.ways).toEqual(["wasm"]);
    expect(chooser.latest!.reason).toBe("the GPU here is one in software (a card)");
  });

  it("never one whose results are others", async () => {
    const chooser = new DeviceChooser(facts);
    expect(await chooser.run(job({ wasm: 10, gpu: 1 }, () => [0.5002]))).toEqual([0.5]);
    expect(chooser.latest!.reason).toMatch(/do not agree/);
    const next = job({ wasm: 10, gpu: 1 });
    await chooser.run(next);
    expect(next.ways).toEqual(["wasm"]);
  });
});

describe("what fails is computed without", () => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  it("from then on, but for a call with numbers that are not finite", async () => {
    const chooser = new DeviceChooser({ ...facts, asked: true });
    const sure = { wasm: 1, gpu: 1 };
    for (const [error, after] of [
      [new GpuError("gpu.finite", "not finite"), "gpu"],
      [new GpuError("gpu.lost", "lost"), "wasm"],
    ] as const) {
      const now = job(sure, failing(error));
      expect(await chooser.run(now)).toEqual([0.5]);
      expect(now.ways).toEqual(["gpu", "wasm"]);
      expect(chooser.latest).toMatchObject({ by: "wasm", reason: error.message });
      const next = job(sure);
      await chooser.run(next);
      expect(next.ways).toEqual([after]);
    }
  });

  it("and what is no failure of the GPU is thrown", async () => {
    const chooser = new DeviceChooser({ ...facts, asked: true });
    await expect(chooser.run(job({ wasm: 1, gpu: 1 }, failing(new RangeError("ours"))))).rejects.toThrow(
      "ours",
    );
  });
});
