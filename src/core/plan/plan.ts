import { merges, stateRows } from "../agreed.js";
import { isInput } from "../graph/op.js";
import type { Axis, Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { Encoder } from "./encode.js";
import type { FoldSlot, OutputSlot, Plan, Stage, Sweep } from "./layout.js";
import { planSweep } from "./sweep.js";

/** Arrays that are part of a function: the values of the inputs from slot `first` on. */
export interface Captured {
  readonly first: number;
  readonly values: readonly (Float64Array | Int32Array)[];
}

/**
 * Plans a graph: levels of sweeps and small code, addresses, and the encoded tape. Addresses start at `base`. What
 * depends on captured arrays alone is computed once, when the plan is loaded.
 */
export function plan(
  outputs: readonly Tensor[],
  base: number,
  opcodes: Readonly<Record<string, number>>,
  captured: Captured = { first: Number.POSITIVE_INFINITY, values: [] },
): Plan {
  const nodes = reachable(outputs);
  const levels = levelsOf(nodes);
  const fixed = fixedNodes(nodes, captured.first);
  const encoder = new Encoder(base, opcodes);
  const inputs: Plan["inputs"][number][] = [];

  // Small values and fold states live for the whole run: bodies may read them at any time.
  const depth = nodes.reduce((d, n) => Math.max(d, levels.get(n)!), 0);
  const sweepsAt = Array.from(
    { length: depth + 1 },
    () => new Map<Axis, { folds: Tensor[]; outputs: number[] }>(),
  );
  const at = (level: number, axis: Axis) => {
    const map = sweepsAt[level]!;
    if (!map.has(axis)) map.set(axis, { folds: [], outputs: [] });
    return map.get(axis)!;
  };
  for (const node of nodes) {
    if (node.op.lowering?.fold) at(levels.get(node)! - 1, foldAxis(node)).folds.push(node);
  }
  outputs.forEach((out, i) => {
    if (out.axis) at(levels.get(out)!, out.axis).outputs.push(i);
  });
  const states = new Map<Tensor, FoldSlot>();
  const regions = new Map<object, { address: number; bytes: number }>();
  for (const map of sweepsAt) {
    for (const sweep of map.values()) {
      const address = encoder.reserve(0);
      for (const node of sweep.folds) {
        const { merge } = node.op.lowering!.fold!;
        const { size } = node;
        const address = encoder.reserve(size * stateRows[merge] * 8, 8);
        states.set(node, { kind: merges[merge], size, address });
      }
      regions.set(sweep, { address, bytes: encoder.reserve(0, 8) - address });
    }
  }
  for (const node of nodes) {
    if (node.axis) continue;
    const state = states.get(node);
    if (state && !node.op.lowering?.fold?.finish) encoder.place(node, state.address);
    else encoder.small(node);
    if (isInput(node)) {
      const { slot } = node.attrs;
      const values = captured.values[slot - captured.first];
      if (values) encoder.table(encoder.address(node), values);
      else
        inputs.push({
          slot,
          address: encoder.address(node),
          size: node.size,
          dtype: node.dtype as "f64" | "i32",
        });
    }
  }

  // Before tables are made for what has no room.
  encoder.requireRoom();
  const sharedBase = Math.ceil(base / 64) * 64;
  const shared = { address: sharedBase, bytes: encoder.reserve(0, 64) - sharedBase };
  const counts = { tile: 0, small: 0 };
  const setup = encoder.range(() => {
    for (const node of nodes) if (fixed.has(node)) encoder.lower(node);
  });
  const stages: Stage[] = [];
  for (let level = 0; level <= depth; level++) {
    const code = encoder.range(() => {
      for (const node of nodes) {
        if (node.axis || fixed.has(node) || levels.get(node) !== level) continue;
        const finish = node.op.lowering?.fold?.finish;
        if (finish) encoder.emit([finish(states.get(node)!.address, encoder.address(node), node)]);
        else if (!node.op.lowering?.fold) encoder.lower(node);
        counts.small++;
      }
    });
    const sweeps: Sweep[] = [];
    for (const [axis, work] of sweepsAt[level]!) {
      const sweep = planSweep(encoder, axis, work, outputs, states, regions.get(work)!);
      counts.tile += sweep.instructions;
      sweeps.push(sweep.sweep);
    }
    stages.push({ code, sweeps });
  }
  const results = outputs.map(
    (out): OutputSlot =>
      out.axis
        ? { kind: "events", table: out.axis.table, width: out.size, dtype: out.dtype }
        : {
            kind: "small",
            scalar: out.shape.length === 0 && out.dtype === "f64",
            address: encoder.address(out),
            size: out.size,
            dtype: out.dtype as "f64" | "i32",
          },
  );
  return { base, ...encoder.finish(setup, stages), inputs, outputs: results, shared, counts };
}

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

function foldAxis(node: Tensor): Axis {
  return node.args.find((a) => a.axis)!.axis!;
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
