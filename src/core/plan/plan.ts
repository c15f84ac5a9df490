import { merges, stateRows } from "../agreed.js";
import { type Axis, rootOf } from "../graph/axis.js";
import { isInput } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { Encoder } from "./encode.js";
import type { FoldSlot, OutputSlot, Plan, Stage, Sweep } from "./layout.js";
import type { Cutter, Legs } from "./legs.js";
import { foldAxis, type Pass, type Result } from "./phases.js";
import { type ChildRows, planSweep } from "./sweep.js";

/** Arrays that are part of a function: the values of the inputs from slot `first` on. */
export interface Captured {
  readonly first: number;
  readonly values: readonly (Float64Array | Int32Array)[];
}

/**
 * Plans a graph: levels of sweeps and small code, addresses, and the encoded tape. Addresses start at `base`. What
 * depends on captured arrays alone is computed once, when the plan is loaded. For every child table it is told where its
 * offsets are and how many rows a chunk has at most; more room changes no bit of a result. `cut` says where hosts take part, if any.
 */
export function plan(
  outputs: readonly Tensor[],
  base: number,
  opcodes: Readonly<Record<string, number>>,
  captured: Captured = { first: Number.POSITIVE_INFINITY, values: [] },
  children: ReadonlyMap<Axis, ChildRows> = new Map(),
  cut: Cutter = whole,
): Plan {
  const nodes = reachable(outputs);
  const levels = levelsOf(nodes);
  const fixed = fixedNodes(nodes, captured.first);
  const encoder = new Encoder(base, opcodes);

  // Small values and fold states live for the whole run: bodies may read them at any time.
  const passes = passesOf(nodes, outputs, levels, cut);
  const { states, regions } = placeStates(encoder, passes);
  const inputs = placeSmalls(encoder, nodes, states, captured);
  // Before tables are made for what has no room.
  encoder.requireRoom();
  const sharedBase = Math.ceil(base / 64) * 64;
  const shared = { address: sharedBase, bytes: encoder.reserve(0, 64) - sharedBase };

  const counts = { tile: 0, small: 0 };
  const setup = encoder.range(() => {
    for (const node of nodes) if (fixed.has(node)) encoder.lower(node);
  });
  const stages = passes.map((level, depth): Stage => {
    const now = nodes.filter((node) => !node.axis && !fixed.has(node) && levels.get(node) === depth);
    counts.small += now.length;
    const code = encoder.range(() => {
      for (const node of now) encodeSmall(encoder, node, states);
    });
    const sweep = (axis: Axis, pass: Pass): Sweep => {
      const made = planSweep(encoder, axis, pass, states, regions.get(pass)!, children);
      counts.tile += made.instructions;
      return made.sweep;
    };
    return {
      code,
      sweeps: level.flatMap(({ axis, pass, legs }) => (legs ? [] : [sweep(axis, pass)])),
      hosted: level.flatMap(({ axis, legs }) => {
        if (!legs) return [];
        const at = { states, address: (t: Tensor) => encoder.address(t) };
        const made = legs.legs.map((leg) => sweep(axis, leg));
        return [legs.hosted(made, at, regions.get(legs.sums)!)];
      }),
    };
  });
  const results = outputs.map((out) => resultOf(out, encoder));
  return { base, ...encoder.finish(setup, stages), inputs, outputs: results, shared, counts };
}

/** A pass over a table and its children, and its legs where a host takes part. */
interface Work {
  readonly axis: Axis;
  readonly pass: Pass;
  readonly legs: Legs | null;
}

/** The passes over tables that each level has: what they fold, and which event outputs they write. */
function passesOf(
  nodes: readonly Tensor[],
  outputs: readonly Tensor[],
  levels: ReadonlyMap<Tensor, number>,
  cut: Cutter,
): readonly (readonly Work[])[] {
  const depth = nodes.reduce((d, n) => Math.max(d, levels.get(n)!), 0);
  const passes = Array.from(
    { length: depth + 1 },
    () => new Map<Axis, { folds: Tensor[]; results: Result[] }>(),
  );
  const at = (level: number, axis: Axis) => {
    const map = passes[level]!;
    const work = map.get(axis) ?? { folds: [], results: [] };
    map.set(axis, work);
    return work;
  };
  for (const node of nodes) {
    if (node.op.lowering?.fold) at(levels.get(node)! - 1, rootOf(foldAxis(node))).folds.push(node);
  }
  outputs.forEach((node, slot) => {
    if (node.axis) at(levels.get(node)!, rootOf(node.axis)).results.push({ slot, node });
  });
  return passes.map((level) =>
    Array.from(level, ([axis, work]): Work => {
      const pass = { ...work, streams: noStreams };
      return { axis, pass, legs: cut(pass) };
    }),
  );
}

const noStreams: Pass["streams"] = new Map();
const whole = () => null;

/** Places of the states of all folds; those of a sweep are contiguous. */
function placeStates(encoder: Encoder, passes: readonly (readonly Work[])[]) {
  const states = new Map<Tensor, FoldSlot>();
  const regions = new Map<Pass, Sweep["state"]>();
  for (const work of passes.flat().flatMap(({ pass, legs }) => (legs ? [...legs.legs, legs.sums] : [pass]))) {
    const start = encoder.reserve(0);
    for (const node of work.folds) {
      const { merge } = node.op.lowering!.fold!;
      const { size } = node;
      const address = encoder.reserve(size * stateRows[merge] * 8, 8);
      states.set(node, { kind: merges[merge], size, address });
    }
    regions.set(work, { address: start, bytes: encoder.reserve(0, 8) - start });
  }
  return { states, regions };
}

/** Gives every small value its place, and returns those of the inputs of a call. */
function placeSmalls(
  encoder: Encoder,
  nodes: readonly Tensor[],
  states: ReadonlyMap<Tensor, FoldSlot>,
  captured: Captured,
): Plan["inputs"] {
  return nodes.flatMap((node) => {
    if (node.axis) return [];
    const state = states.get(node);
    if (state && !node.op.lowering?.fold?.finish) encoder.place(node, state.address);
    else encoder.small(node);
    if (!isInput(node)) return [];
    const { slot } = node.attrs;
    const address = encoder.address(node);
    const values = captured.values[slot - captured.first];
    if (!values) return [{ slot, address, size: node.size, dtype: smallType(node) }];
    encoder.table(address, values);
    return [];
  });
}

/** Code of a small value; a fold has its value after its sweep, unless that is to be made of its state. */
function encodeSmall(encoder: Encoder, node: Tensor, states: ReadonlyMap<Tensor, FoldSlot>): void {
  const fold = node.op.lowering?.fold;
  if (!fold) encoder.lower(node);
  else if (fold.finish) encoder.emit([fold.finish(states.get(node)!.address, encoder.address(node), node)]);
}

function resultOf(out: Tensor, encoder: Encoder): OutputSlot {
  if (out.axis) return { kind: "events", table: out.axis.table, width: out.size, dtype: out.dtype };
  const dtype = smallType(out);
  const scalar = out.shape.length === 0 && dtype === "f64";
  return { kind: "small", scalar, address: encoder.address(out), size: out.size, dtype };
}

/** Small values are f64 but for integers. */
const smallType = (t: Tensor) => (t.dtype === "i32" ? "i32" : "f64");

/** Small nodes that depend on no input of a call. */
function fixedNodes(nodes: readonly Tensor[], firstCaptured: number): Set<Tensor> {
  const fixed = new Set<Tensor>();
  for (const node of nodes) {
    const given = !isInput(node) || node.attrs.slot >= firstCaptured;
    if (!node.axis && !node.op.lowering?.fold && given && node.args.every((a) => fixed.has(a)))
      fixed.add(node);
  }
  return fixed;
}

/** The number of folds on the longest way to each node: what must have been summed before it can be computed. */
function levelsOf(nodes: readonly Tensor[]): Map<Tensor, number> {
  const levels = new Map<Tensor, number>();
  for (const node of nodes) {
    const below = node.args.reduce((m, a) => Math.max(m, levels.get(a)!), 0);
    levels.set(node, below + (node.op.lowering?.fold ? 1 : 0));
  }
  return levels;
}
