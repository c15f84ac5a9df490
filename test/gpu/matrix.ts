/** Everything that a place must do, in one mode, told row by row: npm run test:gpu. */

import { type Device, type Mode, openDevice } from "../../gpu/device.js";
import { type Library, type LibraryKernel, loadLibrary } from "../../gpu/library.js";
import { networkOn } from "../../gpu/network.js";
import type { Shape } from "../../gpu/shape.js";
import { openGpu } from "../../src/entry/opengpu.js";
import { init } from "../../src/index.js";
import { type Case, cases, measured, problem, sameBits, trained } from "./cases.js";
import { fault, GpuFault } from "./fault.js";
import { tiled } from "./plain.js";
import { compiledOn, trainedOn } from "./steps.js";

/** One thing that was tried. `faults` is empty where it is as it should be. */
export interface Told {
  readonly mode: string;
  readonly name: string;
  readonly text: string;
  readonly ms: number;
  readonly faults: readonly string[];
}

/** 0.4 GFLOP, or 1.6. gpu.js takes minutes for that in cpu mode. */
const large = (long: boolean): Case => ({
  widths: [2, 256, 256, 1],
  rows: long ? 4000 : 1000,
  activation: "relu",
});

/** gpu.js, and the context of the last kernel that ran. */
async function watched(): Promise<{ library: Library; context: () => unknown }> {
  const real = await loadLibrary();
  const made: LibraryKernel[] = [];
  const library: Library = {
    input: (values, size) => real.input(values, size),
    GPU: class extends real.GPU {
      override createKernel(
        ...args: Parameters<InstanceType<Library["GPU"]>["createKernel"]>
      ): LibraryKernel {
        const kernel = super.createKernel(...args);
        made.push(kernel);
        return kernel;
      }
    },
  };
  return { library, context: () => made.findLast(({ kernel }) => kernel.context)?.kernel.context };
}

interface Breakable {
  readonly device?: { destroy(): void; createBuffer: (how: { size: number }) => unknown };
  getExtension?(name: string): { loseContext(): void } | null;
}

/** Takes the GPU away, as a driver does. */
async function lose(context: Breakable): Promise<void> {
  context.device?.destroy();
  context.getExtension?.("WEBGL_lose_context")?.loseContext();
  // The promise of the loss is answered in a turn of its own.
  await new Promise((later) => setTimeout(later, 20));
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "nothing",
    (error: unknown) => (error instanceof GpuFault ? error.code : String(error)),
  );

const small = problem({ widths: [2, 16, 16, 1], rows: 500, activation: "tanh" });
const shape: Shape = { layers: small.layers, tiles: 2, leaves: 1, inputs: true };
const inputs = tiled(small.x, 2);
const cotangents = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i));
const bits = (...arrays: (Float32Array | null)[]) =>
  arrays.map((a) => [...new Int32Array(a!.buffer)].join()).join(";");

async function answer(device: Device, between: () => Promise<void> = async () => {}): Promise<string> {
  const group = networkOn(device, shape).step(small.p).group(inputs);
  const y = await group.forward();
  await between();
  const { sums, inputs: dx } = await group.reverse(cotangents);
  return bits(y, sums, dx);
}

/** A GPU that goes away before a forward, and between a forward and its reverse. */
async function lost(mode: Mode): Promise<string[]> {
  const { library, context } = await watched();
  const want = await answer(await openDevice({ mode }, fault));
  const faults: string[] = [];
  for (const between of [false, true]) {
    const device = await openDevice({ mode }, fault, async () => library);
    const gone = () => lose(context() as Breakable);
    if (!between) {
      await answer(device);
      await gone();
      if (!device.lost) faults.push("a loss is not seen");
    }
    const got = await answer(device, between ? gone : undefined);
    const when = between ? "between forward and reverse" : "before the forward";
    if (got !== want) faults.push(`lost ${when}: other bits`);
    if (device.generation !== 2) faults.push(`lost ${when}: started ${device.generation} times`);
    await device.close();
  }
  return faults;
}

/** Buffers that cannot be made: WebGPU goes on with zeros. */
async function noBuffers(mode: Mode): Promise<string[]> {
  const { library, context } = await watched();
  const device = await openDevice({ mode }, fault, async () => library);
  const want = await answer(await openDevice({ mode }, fault));
  const gpu = (context() as Breakable).device!;
  const real = gpu.createBuffer;
  gpu.createBuffer = (how) => real.call(gpu, { ...how, size: how.size > 1000 ? 2 ** 50 : how.size });
  const network = networkOn(device, { ...shape, leaves: 2 })
    .step(small.p)
    .group(inputs);
  const code = await codeOf(network.forward());
  gpu.createBuffer = real;
  const faults = code === "gpu.memory" ? [] : [`buffers that cannot be made: ${code}`];
  if ((await answer(device)) !== want) faults.push("other bits afterwards");
  await device.close();
  return faults;
}

/** A shape with a buffer beyond what this device can hold. */
async function beyond(device: Device): Promise<string[]> {
  const leaves = Math.ceil(device.limits.buffer / (4 * 256 * 32 * 17)) + 1;
  const code = await codeOf(Promise.resolve().then(() => networkOn(device, { ...shape, tiles: 32, leaves })));
  return code === "gpu.limit" ? [] : [`a buffer beyond the limit: ${code}`];
}

/** A step by compile(…, { gpu }): the goals are 1e-4 and 1e-6. */
async function compiled(mode: Mode, rows: number) {
  await init();
  const gpu = await openGpu({ mode });
  const one: Case = { widths: [2, 64, 64, 1], rows, activation: "relu" };
  const got = await compiledOn(gpu, one);
  await gpu.close();
  const faults = [
    got.report.by === "gpu" && got.report.mode === mode ? "" : `computed elsewhere: ${got.report.reason}`,
    got.loss < 1e-6 ? "" : "the loss differs",
    got.gradient < 1e-7 ? "" : "the gradient differs",
    got.uploads === 2 && got.reads === 2 ? "" : "other traffic",
  ].filter((fault) => fault);
  const e = (x: number) => x.toExponential(0);
  const text = `compiled 2-64-64-1 × ${rows}: loss ${e(got.loss)}, 1 − cos ${e(got.gradient)}, per group ${got.uploads} uploads, ${got.reads} reads`;
  return { text, faults };
}

/** 200 steps by train(…, { gpu }): the goal is 1e-4. */
async function trainedBy(mode: Mode, widths: readonly number[], rows: number) {
  await init();
  const gpu = await openGpu({ mode });
  const { loss, apart, report } = await trainedOn(gpu, { widths, rows, activation: "tanh" });
  await gpu.close();
  const faults = [
    report.by === "gpu" && report.mode === mode ? "" : `computed elsewhere: ${report.reason}`,
    apart < 1e-5 ? "" : "goes another way",
  ].filter((fault) => fault);
  const text = `train, 200 steps of ${widths.join("-")} × ${rows}: loss ${loss}, apart ${apart.toExponential(0)}`;
  return { text, faults };
}

type Tell = (told: Told) => unknown;

/** What the place is given: modes; none where it has webgl2, and no adapter of WebGPU. */
export async function main(given: { modes: readonly Mode[]; long: boolean }, tell: Tell): Promise<void> {
  for (const mode of given.modes) await matrix(mode, tell, given.long);
  if (given.modes.length === 0) await withoutAdapter(tell);
}

async function withoutAdapter(tell: Tell): Promise<void> {
  const outcome = (promise: Promise<Device>): Promise<string> =>
    promise.then(
      (device) => device.mode,
      (error: unknown) => String(error),
    );
  const said = await outcome(openDevice({ mode: "webgpu" }, fault));
  const chosen = await outcome(openDevice({}, fault));
  const wanted = /There is no webgpu here \(.*no adapter.*\): open another mode, or compile without a GPU\.$/;
  const faults = [
    ...(wanted.test(said) ? [] : [`said: ${said}`]),
    ...(chosen === "webgl2" ? [] : [`chosen: ${chosen}`]),
  ];
  await tell({ mode: chosen, name: "no adapter of WebGPU: said; webgl2 is chosen", text: "", ms: 0, faults });
}

async function matrix(mode: Mode, tell: Tell, long: boolean): Promise<void> {
  const row = async (name: string, job: () => Promise<{ text?: string; faults: readonly string[] }>) => {
    const start = performance.now();
    const { text = "", faults } = await job().catch((error: unknown) => ({
      text: "",
      faults: [String(error)],
    }));
    await tell({ mode, name, text, ms: performance.now() - start, faults });
  };
  let device: Device | null = null;
  await row("device", async () => {
    device = await openDevice({ mode }, fault);
    const text = `${device.mode}: ${device.adapter}${device.software ? " (software)" : ""}, buffers of ${device.limits.buffer} bytes`;
    return { text, faults: device.mode === mode ? [] : [`opened ${device.mode}`] };
  });
  if (device === null) return;
  const open: Device = device;
  for (const one of mode === "cpu" ? cases : [...cases, large(long)])
    await row("", async () => {
      const got = await measured(open, one);
      const faults = [
        got.loss < 1e-6 ? "" : "the loss differs",
        got.gradient < 1e-7 ? "" : "the gradient differs",
        got.inputs < 1e-5 ? "" : "the gradient by the inputs differs",
        got.uploads === 2 && got.reads === 2 ? "" : "other traffic",
      ].filter((fault) => fault);
      const e = (x: number) => x.toExponential(0);
      const text = `${got.name}: loss ${e(got.loss)}, 1 − cos ${e(got.gradient)}, of inputs ${e(got.inputs)}, per group ${got.uploads} uploads, ${got.reads} reads`;
      return { text, faults };
    });
  for (const rows of mode === "cpu" ? [1000] : [1000, 10_000]) await row("", () => compiled(mode, rows));
  await row("a leaf alone, in a group of four, and again: the same bits", async () => ({
    faults: (await sameBits(open)) ? [] : ["other bits"],
  }));
  const runs = [
    { widths: [2, 16, 16, 1], rows: 500 },
    ...(long ? [{ widths: [2, 64, 64, 1], rows: 1000 }] : []),
  ];
  for (const { widths, rows } of runs)
    await row(`200 steps of ${widths.join("-")} × ${rows}`, async () => {
      const got = await trained(open, widths, rows, 200);
      const want = await trained(null, widths, rows, 200);
      const apart = Math.abs(got / want - 1);
      return { text: `loss ${got}, in f64 ${want}`, faults: apart < 1e-5 ? [] : ["goes another way"] };
    });
  for (const { widths, rows } of long ? runs : []) await row("", () => trainedBy(mode, widths, rows));
  await row("a buffer beyond the limits of the device", async () => ({ faults: await beyond(open) }));
  await open.close();
  if (mode === "webgpu" || mode === "webgl2")
    await row("lost: once more on a fresh device, the same bits", async () => ({ faults: await lost(mode) }));
  if (mode === "webgpu")
    await row("buffers that cannot be made: said, nothing used", async () => ({
      faults: await noBuffers(mode),
    }));
}
