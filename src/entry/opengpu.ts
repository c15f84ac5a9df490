import type { Hosting } from "../../bindings/executable.js";
import { hostingBy } from "../../bindings/hosted.js";
import { type Device, type Mode, modes, openDevice } from "../../gpu/device.js";
import { DeviceHost } from "../../gpu/host.js";
import { GpuError } from "../core/errors.js";
import { checkChoice, checkOptions } from "../core/options.js";
import { DeviceChooser } from "../core/run/choice.js";
import { HostedRuns } from "../core/run/hostedruns.js";
import type { Gpu } from "../core/run/ongpu.js";
import { runInstead } from "../nn/runs.js";
import { OptionError } from "../text/gradcuterror.js";
import { shown } from "../text/shown.js";

export type { Mode };

/** How a GPU is opened. */
export interface GpuOptions {
  /**
   * What runs its kernels: then all that can go there does. Default: webgpu or else webgl2 where there is one, and it computes
   * where that was measured to be faster. `webasm` and `cpu` are slow, and for tests.
   */
  readonly mode?: Mode;
  /** Rows of a table from which on its layers go to the GPU, in place of measuring. */
  readonly from?: number;
  /** Blocks of 8192 rows that go there at once, at most (default 8); no bit of a result depends on it. */
  readonly blocks?: number;
}

/** A GPU for dense layers of compiled functions: `compile(f, { gpu })`, `train(…, { gpu })`. */
export interface OpenGpu extends Gpu<Hosting> {
  /** What runs its kernels, null where there is no GPU. */
  readonly mode: Mode | null;
  /** The driver's words for it. */
  readonly adapter: string;
  /** Whether it computes on the CPU: then it shows that results are right, and says nothing about speed. */
  readonly software: boolean;
  /** Why there is none, or "". */
  readonly why: string;
  /** Frees what is there; functions compiled with it go on without. */
  close(): Promise<void>;
}

const fault = (code: string, sentence: string, fields: Readonly<Record<string, unknown>>) =>
  new GpuError(code, sentence, fields);

/** Where no mode was asked for, what of it is no error: there is no GPU. */
const none = ["gpu.absent", "gpu.none", "gpu.unavailable"];

/** The `gpu` of the entry; tests load another gpu.js. */
export async function openGpu(
  options: GpuOptions,
  load?: Parameters<typeof openDevice>[2],
): Promise<OpenGpu> {
  checkOptions("gpu", options, { mode: true, from: true, blocks: true });
  const { mode } = options;
  if (mode !== undefined) checkChoice("mode of gpu()", mode, modes);
  requireCount("from", options.from, 0);
  requireCount("blocks", options.blocks, 1);
  try {
    return opened(await openDevice(mode === undefined ? {} : { mode }, fault, load), options);
  } catch (error) {
    if (mode !== undefined || !(error instanceof GpuError) || !none.includes(error.code)) throw error;
    return absent(error.message);
  }
}

function opened(device: Device, { mode, from, blocks }: GpuOptions): OpenGpu {
  const host = new DeviceHost(device, blocks);
  const hosting = hostingBy(host);
  const { adapter, software } = device;
  const facts = { mode: device.mode, adapter, software, why: "", asked: mode !== undefined, from };
  const counts = () => ({ groups: host.groups, uploads: device.moved.uploads, reads: device.moved.reads });
  return {
    ...{ mode: device.mode, adapter, software, why: "" },
    runs: (...how) => {
      const chooser = new DeviceChooser({ ...facts, counts });
      return new HostedRuns({ instead: runInstead, hosting, chooser }, ...how);
    },
    close: () => device.close(),
  };
}

/** What stands for a GPU where there is none. */
function absent(why: string): OpenGpu {
  const facts = { mode: null, adapter: "none", software: true, why };
  const counts = () => ({ groups: 0, uploads: 0, reads: 0 });
  return {
    ...facts,
    runs: (...how) => {
      const chooser = new DeviceChooser({ ...facts, asked: false, from: undefined, counts });
      return new HostedRuns({ instead: runInstead, hosting: undefined, chooser }, ...how);
    },
    close: async () => {},
  };
}

function requireCount(option: string, given: number | undefined, least: number): void {
  if (given === undefined || (Number.isInteger(given) && given >= least)) return;
  const text = `${option} of gpu() is ${shown(given)}; give a whole number from ${least} on`;
  throw new OptionError("option.value", text, { option });
}
