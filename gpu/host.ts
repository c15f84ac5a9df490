import type { Host, HostCall, Hosted, HostGroup, HostRun } from "../src/core/plan/layout.js";
import type { Device } from "./device.js";
import { type Group, networkOn, type Step } from "./network.js";
import { groupLeaves, lanes, leafTiles, paddedTiles, type Shape } from "./shape.js";

/** A device as the host of plans: rows in and out, a leaf of it for each block. */
export class DeviceHost implements Host {
  readonly device: Device;
  /** Groups of all calls so far. */
  groups = 0;
  readonly #leaves: number | undefined;

  /** `leaves` blocks at once (default: as many as the device's buffers hold, up to 8). */
  constructor(device: Device, leaves?: number) {
    this.device = device;
    this.#leaves = leaves;
  }

  groupBlocks(hosted: Hosted, rows: number): number {
    const blocks = Math.ceil(rows / hosted.block);
    const wanted = Math.min(this.#leaves ?? 8, blocks);
    return Math.min(...shapesOf(hosted, rows).map((shape) => groupLeaves(this.device, shape, wanted)));
  }

  begin(hosted: Hosted, rows: number, parameters: readonly Float64Array[]): HostRun {
    const leaves = this.groupBlocks(hosted, rows);
    const steps = shapesOf(hosted, rows).map((shape, i) =>
      networkOn(this.device, { ...shape, leaves }).step(parameters[i]!),
    );
    return {
      group: () => {
        this.groups++;
        return new DeviceGroup(hosted, steps);
      },
    };
  }
}

/** The networks of a pass, before it is known how many leaves go there at once. */
function shapesOf({ networks, calls }: Hosted, rows: number): Omit<Shape, "leaves">[] {
  const tiles = paddedTiles(Math.min(Math.ceil(rows / lanes), leafTiles));
  return networks.map(({ layers }, run) => {
    const inputs = calls.flat().some((call) => call.run === run && call.kind === "reverse" && call.out >= 0);
    return { layers, tiles, inputs };
  });
}

/** Rows of a group on their way through the networks of a pass; values of each stay on the device between its calls. */
class DeviceGroup implements HostGroup {
  readonly #hosted: Hosted;
  readonly #steps: readonly Step[];
  readonly #groups = new Map<number, Group>();

  constructor(hosted: Hosted, steps: readonly Step[]) {
    this.#hosted = hosted;
    this.#steps = steps;
  }

  async call({ run, kind, out, sums: wanted }: HostCall, ins: readonly Float32Array[]) {
    const { layers } = this.#hosted.networks[run]!;
    const [inputs, outputs] = [layers[0]!.inputs, layers.at(-1)!.outputs];
    const rows = ins[0]!.length / inputs;
    const group = this.#groups.get(run) ?? this.#steps[run]!.group(toTiles(ins[0]!, inputs));
    this.#groups.set(run, group);
    if (kind === "forward") return { out: toRows(await group.forward(), outputs, rows), sums: null };
    const { sums, inputs: dx } = await group.reverse(toTiles(ins[1]!, outputs));
    return {
      out: out >= 0 && dx ? toRows(dx, inputs, rows) : null,
      sums: wanted ? Float64Array.from(sums) : null,
    };
  }
}

/** Rows [row][feature] as tiles [tile][feature][lane], zeros behind the last row. */
function toTiles(rows: Float32Array, width: number): Float32Array {
  const count = rows.length / width;
  const tiles = new Float32Array(Math.ceil(count / lanes) * lanes * width);
  for (let r = 0; r < count; r++) {
    const at = Math.floor(r / lanes) * width * lanes + (r % lanes);
    for (let i = 0; i < width; i++) tiles[at + i * lanes] = rows[r * width + i]!;
  }
  return tiles;
}

function toRows(tiles: Float32Array, width: number, count: number): Float32Array {
  const rows = new Float32Array(count * width);
  for (let r = 0; r < count; r++) {
    const at = Math.floor(r / lanes) * width * lanes + (r % lanes);
    for (let i = 0; i < width; i++) rows[r * width + i] = tiles[at + i * lanes]!;
  }
  return rows;
}
