import type { Axis } from "../graph/axis.js";
import { isInput } from "../graph/op.js";
import type { GrainPlace, Places } from "../graph/record.js";
import { isFold, type Tensor } from "../graph/tensor.js";
import type { Encoder } from "./encode.js";
import type { ColumnSlot, FoldSlot, Grain, Phase, Sweep } from "./layout.js";
import {
  isSingle,
  isStaged,
  type Pass,
  type Phases,
  phasesOf,
  type Result,
  type TilePhase,
} from "./phases.js";
import { Lifetimes, owner, Pool } from "./tilebuffers.js";

/** Rows that one leaf of the sum tree holds. */
export const BLOCK = 8192;
/** Events per tile: intermediates of this length stay in the first cache. */
export const TILE = 256;
/** Rows of a table with children that are worked on at once: four tiles, and all of their children, however many. */
export const CHUNK = 1024;

/** Bytes of rows that are staged at once: a block of wide rows is worked on in several parts, to the same bits. */
const STAGED = 32 * 2 ** 20;

/** Rows of room behind a buffer of whole rows: kernels read and write vectors there. */
const ROOM = 64;

/** How the rows of a child table come in: the column of offsets, and for how many rows in a chunk there must be room. */
export interface ChildRows {
  readonly slot: number;
  readonly capacity: number;
}

const bytesOf = (t: Pick<Tensor, "size" | "dtype">, rows = TILE) =>
  t.size * rows * (t.dtype === "f64" ? 8 : 4);

/** Plans one pass over a table and its children: phases with their buffers. */
export function planSweep(
  encoder: Encoder,
  axis: Axis,
  work: Pass,
  states: ReadonlyMap<Tensor, FoldSlot>,
  state: Sweep["state"],
  children: ReadonlyMap<Axis, ChildRows>,
): { sweep: Sweep; instructions: number } {
  const planner = new SweepPlanner(encoder, phasesOf(work), states, children, work.streams);
  const { phases, instructions } = planner.encode();
  const { grains, columns, outputs: written, chunk } = planner;
  const folds = work.folds.map((t) => states.get(t)!);
  return {
    sweep: {
      ...{ table: axis.table, lanes: TILE, block: BLOCK, chunk, grains, phases },
      ...{ columns, outputs: written, folds, state },
    },
    instructions,
  };
}

class SweepPlanner {
  readonly grains: readonly Grain[];
  readonly columns: ColumnSlot[] = [];
  readonly outputs: ColumnSlot[] = [];
  readonly chunk: number;
  readonly #encoder: Encoder;
  readonly #phases: Phases;
  readonly #states: ReadonlyMap<Tensor, FoldSlot>;
  /** Buffers of whole rows by the nodes that lie there: columns, results of what runs once, and what is stored. */
  readonly #buffers = new Map<Tensor, number>();
  /** Where columns of f32 are staged that are computed with in f64. */
  readonly #singles = new Map<Tensor, number>();
  readonly #pool: Pool;
  readonly #room: number;
  #instructions = 0;

  constructor(
    encoder: Encoder,
    phases: Phases,
    states: ReadonlyMap<Tensor, FoldSlot>,
    children: ReadonlyMap<Axis, ChildRows>,
    streams: Pass["streams"],
  ) {
    this.#encoder = encoder;
    this.#phases = phases;
    this.#states = states;
    this.#pool = new Pool((bytes) => encoder.reserve(bytes, 64));
    const { axes, levels } = phases;
    const flat = axes.length === 1;
    const tiles = levels.flatMap((level) => level.tiles);
    const inputs = [...new Set(tiles.flatMap(({ body }) => body.filter(isStaged)))];
    for (const { whole } of levels)
      for (const arg of whole.flatMap((node) => node.args.map(owner)))
        if (isStaged(arg) && arg.axis && !inputs.includes(arg)) inputs.push(arg);
    const results = tiles.flatMap((phase) => phase.results);
    this.chunk = flat ? stagedRows([...inputs, ...results.map(({ node }) => node)]) : CHUNK;
    this.#room = flat ? 0 : ROOM;
    this.grains = this.#grains(children);
    for (const node of inputs) {
      const slot = isInput(node) ? node.attrs.slot : -2 - streams.get(node)!;
      const dtype = isSingle(node) ? "f32" : node.dtype;
      const address = isSingle(node) ? this.#reserve(node, dtype) : this.#buffer(node);
      if (isSingle(node)) this.#singles.set(node, address);
      this.columns.push({ slot, ...this.#column(node, address), dtype });
    }
  }

  #grains(children: ReadonlyMap<Axis, ChildRows>): Grain[] {
    const { axes } = this.#phases;
    const grains: Grain[] = [];
    for (const axis of axes) {
      const rowBase = this.#encoder.reserve(16);
      const parent = axis.parent ? axes.indexOf(axis.parent) : -1;
      const at = { table: axis.table, parent, rowBase, count: rowBase + 4 };
      if (parent < 0) grains.push({ ...at, offsets: -1, first: 0, capacity: this.chunk });
      else {
        const { slot: offsets, capacity } = children.get(axis)!;
        const first = this.#encoder.reserve((grains[parent]!.capacity + 1 + ROOM) * 4, 64);
        grains.push({ ...at, offsets, first, capacity });
      }
    }
    return grains;
  }

  #grain(axis: Axis): Grain {
    return this.grains[this.#phases.axes.indexOf(axis)]!;
  }

  #column(node: Tensor, address: number) {
    const grain = this.#phases.axes.indexOf(node.axis!);
    return { grain, address, width: node.size, dtype: node.dtype };
  }

  /** The buffer of whole rows of a node. */
  #buffer(node: Tensor): number {
    const known = this.#buffers.get(node);
    if (known !== undefined) return known;
    const address = this.#reserve(node);
    this.#buffers.set(node, address);
    return address;
  }

  #reserve(node: Tensor, dtype = node.dtype): number {
    const rows = this.#grain(node.axis!).capacity + this.#room;
    return this.#encoder.reserve(bytesOf({ size: node.size, dtype }, rows), 64);
  }

  encode(): { phases: Phase[]; instructions: number } {
    const phases = this.#phases.levels.flatMap(({ whole, tiles }): Phase[] => [
      ...(whole.length > 0 ? [this.#whole(whole)] : []),
      ...tiles.map((phase) => this.#tiles(phase)),
    ]);
    return { phases, instructions: this.#instructions };
  }

  #places(t: Tensor, rows: number): Partial<Places> {
    const { scratch } = t.op.lowering ?? {};
    const axis = t.axis ?? t.args.find((a) => a.axis)!.axis!;
    return {
      lanes: TILE,
      rowBase: this.#grain(axis).rowBase,
      grain: (of): GrainPlace => this.#grain(of),
      ...(scratch ? { scratch: this.#encoder.reserve(scratch(t, rows), 64) } : {}),
    };
  }

  /** What runs once for all rows, from buffers to buffers. */
  #whole(nodes: readonly Tensor[]): Phase {
    const encoder = this.#encoder;
    const code = encoder.range(() => {
      for (const node of nodes) {
        for (const arg of node.args) if (arg.axis) encoder.place(arg, this.#buffer(owner(arg)));
        encoder.place(node, this.#buffer(node));
        encoder.lower(node, this.#places(node, this.#grain(node.axis!).capacity + this.#room));
        this.#instructions++;
      }
    });
    encoder.forget(nodes.flatMap((node) => [node, ...node.args.filter((a) => a.axis)]));
    return { kind: "whole", code };
  }

  #tiles({ axis, body, given, results }: TilePhase): Phase {
    const encoder = this.#encoder;
    const { varies, stored } = this.#phases;
    const prologue = encoder.range(() => {
      for (const node of body) {
        if (varies.has(node)) continue;
        if (node.op.alias) encoder.place(node, encoder.address(node.args[0]!));
        else encoder.place(node, encoder.reserve(bytesOf(node), 64));
        encoder.lower(node, this.#places(node, TILE));
      }
    });

    const lifetimes = new Lifetimes(
      body,
      results.map(({ node }) => node),
    );
    const pool = this.#pool;
    const code = encoder.range(() => {
      body.forEach((node, i) => {
        const keep = () => {
          if (stored.has(node) && !given.has(node)) this.#store(node, this.#buffer(node));
        };
        if (!varies.has(node)) {
          keep();
          return;
        }
        const release = () => {
          for (const t of lifetimes.endingAt(i)) if (varies.has(t)) pool.free(encoder.address(t), bytesOf(t));
        };
        if (isFold(node)) {
          encoder.lower(node, { ...this.#places(node, TILE), out: this.#states.get(node)!.address });
          release();
        } else if (node.op.alias) {
          encoder.place(node, encoder.address(node.args[0]!));
          return;
        } else if (given.has(node)) {
          encoder.place(node, pool.take(bytesOf(node)));
          encoder.emit([[`${node.dtype}_load`, node.size, TILE, encoder.address(node), this.#buffer(node)]]);
        } else if (this.#singles.has(node)) {
          encoder.place(node, pool.take(bytesOf(node)));
          const from = this.#singles.get(node)!;
          encoder.emit([["f64_loadSingle", node.size, TILE, encoder.address(node), from]]);
          keep();
        } else {
          if (node.op.lowering?.inPlace) release();
          encoder.place(node, pool.take(bytesOf(node)));
          encoder.lower(node, this.#places(node, TILE));
          if (!node.op.lowering?.inPlace) release();
          keep();
          if (stored.has(node) && !lifetimes.has(node)) pool.free(encoder.address(node), bytesOf(node));
        }
        this.#instructions++;
      });
      for (const result of results) this.#output(result);
    });
    pool.reset();
    encoder.forget(body.filter((t) => t.axis));
    // The last tile of a chunk of the table itself is full, but for the last chunk of a block.
    const again =
      axis.parent !== null &&
      body.some((t) => t.op.lowering?.clears && t.args.some((a) => a.axis && !varies.has(owner(a))));
    return { kind: "tile", grain: this.#phases.axes.indexOf(axis), prologue, code, again };
  }

  #store(node: Tensor, to: number): void {
    this.#encoder.emit([[`${node.dtype}_store`, node.size, TILE, this.#encoder.address(node), to]]);
  }

  /** Encodes how an output is written. */
  #output({ slot, node }: Result): void {
    const address = this.#reserve(node);
    this.#store(node, address);
    this.outputs.push({ slot, ...this.#column(node, address) });
  }
}

/** How many rows of inputs and outputs are staged at once. */
function stagedRows(nodes: readonly Tensor[]): number {
  const perTile = nodes.reduce((sum, t) => sum + bytesOf(t), 0);
  return TILE * Math.min(BLOCK / TILE, Math.max(1, Math.floor(STAGED / perTile)));
}
