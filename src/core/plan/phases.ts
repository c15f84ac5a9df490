import { type Axis, axesNamed, lineage, madeOf } from "../graph/axis.js";
import { isHosted } from "../graph/hostwork.js";
import { isInput } from "../graph/op.js";
import { isFold, type Tensor } from "../graph/tensor.js";
import { owner } from "./tilebuffers.js";

/** What a pass is for: the folds that it makes, and the event values that it writes. */
export interface Pass {
  readonly folds: readonly Tensor[];
  readonly results: readonly Result[];
  /** What goes to hosts and comes from them, with numbers. */
  readonly streams: ReadonlyMap<Tensor, number>;
}

/** An event output and its number among the outputs, or what goes to a host, -2 minus its stream. */
export interface Result {
  readonly slot: number;
  readonly node: Tensor;
}

/** What is computed tile by tile for the rows of one axis. */
export interface TilePhase {
  readonly axis: Axis;
  readonly folds: readonly Tensor[];
  readonly results: readonly Result[];
  /** Nodes in the order in which they can be computed; those of `given` are loaded from buffers of whole rows. */
  readonly body: readonly Tensor[];
  readonly given: ReadonlySet<Tensor>;
}

/** A pass in the order in which it runs: at each level first what runs once for all rows, then tiles, parents first. */
export interface Phases {
  /** The axis of the table and those of its children that are met, parents first. */
  readonly axes: readonly Axis[];
  readonly levels: readonly { readonly whole: readonly Tensor[]; readonly tiles: readonly TilePhase[] }[];
  /** Nodes that are not the same in every tile. */
  readonly varies: ReadonlySet<Tensor>;
  /** Nodes of tiles that go to buffers of whole rows: other phases need them. */
  readonly stored: ReadonlySet<Tensor>;
}

const isWhole = (t: Tensor): boolean => t.op.lowering?.whole === true;
/** Whether a node is staged: a column, or what a host computed. */
export const isStaged = (t: Tensor): boolean => isInput(t) || isHosted(t);
/** Whether a node is a column of f32 that is computed with in f64: its rows are staged as they are. */
export const isSingle = (t: Tensor): boolean => isInput(t) && t.attrs.single === true;
/** Whether a node lies in a buffer of whole rows without being stored. */
const isBuffered = (t: Tensor): boolean => (isStaged(t) && !isSingle(t)) || isWhole(t);

/**
 * Splits a pass into phases. What runs once needs its operands in buffers, so all that they are made of comes at a lower
 * level; the level of a node is the number of such crossings on the longest way to it. Only what must happen once has a
 * place of its own: folds, operands of crossings, outputs. What a phase computes is what these are made of, down to buffers.
 */
export function phasesOf(work: Pass): Phases {
  const { results } = work;
  const order = eventNodes([...work.folds, ...results.map(({ node }) => node)]);
  const varies = varying(order);
  const levels = levelsOf(order);
  const axes = axesOf(order);

  const crossings = order.filter(isWhole);
  const operands = new Set(
    crossings.flatMap((node) => node.args.filter((a) => a.axis).map(owner)).filter((t) => !isBuffered(t)),
  );
  const depth = order.reduce((d, t) => Math.max(d, levels.get(t)!), 0);
  const stored = new Set(operands);
  const made = new Set<Tensor>();
  const all = Array.from({ length: depth + 1 }, (_, level) => {
    const here = (t: Tensor) => levels.get(t) === level;
    const tiles = axes.flatMap((axis): TilePhase[] => {
      const folds = work.folds.filter((t) => here(t) && foldAxis(t) === axis);
      const own = results.filter(({ node }) => here(node) && node.axis === axis);
      const ends = [...folds, ...own.map(({ node }) => node)];
      for (const t of operands) if (here(t) && t.axis === axis) ends.push(t);
      if (ends.length === 0) return [];
      const phase = bodyOf(ends, varies, made);
      for (const t of phase.given) if (!isBuffered(t)) stored.add(t);
      for (const t of phase.body) if (varies.has(t) && !isFold(t) && !isBuffered(t)) made.add(t);
      return [{ axis, folds, results: own, ...phase }];
    });
    return { whole: crossings.filter(here), tiles };
  });
  return { axes, levels: all, varies, stored };
}

/** The axis that a fold sums over. */
export const foldAxis = (node: Tensor): Axis => node.args.find((a) => a.axis)!.axis!;

/** Event values that a node is made of in its pass. */
const operandsOf = (node: Tensor) => (isHosted(node) ? [] : node.args.filter((a) => a.axis));

/** The event nodes that some values are made of, and these, in the order in which they can be computed. */
function eventNodes(ends: readonly Tensor[]): Tensor[] {
  const needed = new Set(ends);
  for (const node of needed) for (const arg of operandsOf(node)) needed.add(arg);
  return [...needed].sort((a, b) => a.id - b.id);
}

/** Those that are not the same in every tile. */
function varying(order: readonly Tensor[]): ReadonlySet<Tensor> {
  const varies = new Set<Tensor>();
  for (const node of order) {
    if (
      node.op.source ||
      isFold(node) ||
      isWhole(node) ||
      isHosted(node) ||
      node.args.some((a) => varies.has(a))
    )
      varies.add(node);
  }
  return varies;
}

/** Crossings on the longest way to each node; what lies in a buffer already needs none to be read. */
function levelsOf(order: readonly Tensor[]): ReadonlyMap<Tensor, number> {
  const levels = new Map<Tensor, number>();
  for (const node of order) {
    let level = 0;
    for (const arg of operandsOf(node)) {
      const waits = isWhole(node) && !isBuffered(owner(arg));
      level = Math.max(level, levels.get(arg)! + (waits ? 1 : 0));
    }
    levels.set(node, level);
  }
  return levels;
}

/** The axes of nodes, all above them and all that they are made of, parents first. */
function axesOf(order: readonly Tensor[]): Axis[] {
  const axes = new Set<Axis>();
  const add = (axis: Axis): void => {
    for (const a of lineage(axis).toReversed()) {
      madeOf(a).forEach(add);
      axes.add(a);
    }
  };
  for (const axis of order.flatMap(axesNamed)) if (!axes.has(axis)) add(axis);
  return [...axes];
}

/**
 * What ends are made of, down to buffers. Values that an earlier phase made are loaded, too, unless a single step makes them
 * again: that is cheaper than to store and to load them.
 */
function bodyOf(ends: readonly Tensor[], varies: ReadonlySet<Tensor>, made: ReadonlySet<Tensor>) {
  const given = new Set<Tensor>();
  const stops = (t: Tensor): boolean =>
    isBuffered(t) ||
    (made.has(t) && !t.op.alias && stepsTo(t, varies, (x) => isBuffered(x) || given.has(x)) > 1);
  const body = new Set(ends);
  for (const node of body) {
    if (stops(node)) given.add(node);
    else for (const arg of node.args) if (arg.axis) body.add(arg);
  }
  return { body: [...body].sort((a, b) => a.id - b.id), given };
}

/** How many computations make a value of what `stops` stops at; 2 stands for more, and for one that takes long. */
function stepsTo(end: Tensor, varies: ReadonlySet<Tensor>, stops: (t: Tensor) => boolean): number {
  let steps = 0;
  const needed = new Set([end]);
  for (const node of needed) {
    if (!varies.has(node) || (node !== end && stops(node))) continue;
    if (!node.op.alias) steps += node.op.lowering?.long ? 2 : 1;
    if (steps > 1) break;
    for (const arg of node.args) if (arg.axis) needed.add(arg);
  }
  return steps;
}
