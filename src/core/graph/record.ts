import type { merges } from "../agreed.js";
import type { Attrs, Body } from "./attrs.js";
import type { Axis } from "./axis.js";
import type { HostWork } from "./hostwork.js";
import type { Tensor, Type } from "./tensor.js";

/** A node of an op with such attributes. */
export interface NodeOf<A extends Attrs> extends Tensor {
  readonly attrs: A;
}

/** Where the rows of an axis lie that is worked on: addresses of their number, and of i32[parents + 1] of where children begin. */
export interface GrainPlace {
  readonly count: number;
  readonly first: number;
}

/** Where the lowering of a node finds its operands: byte addresses, and helpers for static data and bodies. */
export interface Places {
  readonly out: number;
  readonly args: readonly number[];
  readonly scratch: number;
  /** Lanes per inner element: the tile size for event values, 1 for small ones. */
  readonly lanes: number;
  /** Address of the i32 that holds the first row of the current block. */
  readonly rowBase: number;
  /** Staging address of an input or output column. */
  readonly staging: number;
  /** Rows of an axis, for what runs once for whole buffers. */
  grain(axis: Axis): GrainPlace;
  ints(values: Int32Array): number;
  reserve(bytes: number): number;
  /** Encodes a body; `at[i]` aliases input i to an address, undefined gives it a slot of its own. */
  body(body: Body, at: readonly (number | undefined)[]): EncodedBody;
}

export interface EncodedBody {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** One tape instruction before its opcode is looked up: kernel name and operand words. */
export type Instruction = readonly [kernel: string, ...words: number[]];

/** How blocks of a fold are merged by the host. */
export interface Fold {
  readonly merge: keyof typeof merges;
  /** Turns the merged state into the node's value, where they differ. */
  finish?(state: number, out: number, node: Tensor): Instruction;
}

/**
 * Values that are given: a constant of the graph; a small input, or a column by tiles; what stands for a value while a
 * function is traced, and is replaced before anything is planned; the number of a row, by tiles.
 */
export type Source = "constant" | "input" | "hole" | "row";

/** How an op runs: the kernels of a node, and what they need. */
export interface Lowering<A extends Attrs = Attrs> {
  lower(node: NodeOf<A>, at: Places): readonly Instruction[];
  /** Bytes that the kernel works in. */
  scratch?(node: NodeOf<A>, lanes: number): number;
  /** The kernel may write its result over an argument of the same size. */
  readonly inPlace?: boolean;
  /** The kernel takes so long that its result is rather kept than made again. */
  readonly long?: boolean;
  /** For a small result of events. */
  readonly fold?: Fold;
  /**
   * The kernel goes from rows of one axis to those of another, or looks at several: it runs once for all rows that are
   * worked on, on operands and results that lie row by row.
   */
  readonly whole?: boolean;
  /** A host computes it between sweeps; of small results of events, a sum. There are no kernels. */
  readonly host?: HostWork<A>;
  /** The kernel may set lanes of its operands to 0 that lie behind the last row. */
  readonly clears?: boolean;
}

/** Everything the library knows of an op: what it means, and how it runs. Shared code asks the record, never the name. */
export interface Op<A extends Attrs = Attrs> {
  readonly name: string;
  /** Result type; throws a ShapeError or AxisError that says what to do. */
  infer(args: readonly Tensor[], attrs: A): Type;
  /** Cotangents of the arguments from the cotangent `g` of `out`; null where there is none. */
  vjp(g: Tensor, args: readonly Tensor[], out: NodeOf<A>): readonly (Tensor | null)[];
  /** The op with a leading inner axis of length `size` on the arguments that `batched` marks. */
  batch(node: NodeOf<A>, args: readonly Tensor[], batched: readonly boolean[], size: number): Tensor;
  /**
   * For a product: the same with strong zeros of the arguments that are `cotangents`, which it is linear in; null where
   * it is not. An op without it is a sum or a choice of elements, or not linear.
   */
  strong?(args: readonly Tensor[], attrs: A, cotangents: readonly boolean[]): Tensor | null;
  /** A cheaper equal node, or null. */
  simplify?(args: readonly Tensor[], attrs: A): Tensor | null;
  /** The result is argument 0 under another type: the same numbers in the same order. It is not lowered. */
  readonly alias?: boolean;
  /** The value is that of argument 0; the others are there for the reverse rule, and no plan needs them. */
  readonly valueOnly?: boolean;
  /** Every element of the result is an element of argument 0, so a constant stays that constant. */
  readonly uniform?: boolean;
  /** A truth value, 1 or 0. */
  readonly condition?: boolean;
  /**
   * Whether each element of the result is one of an argument, perhaps with another sign, or 0 or 1: then it is as exact in f32
   * where the arguments are. `truths` says which of these are 1 or 0.
   */
  moves?(truths: readonly boolean[]): boolean;
  /** By argument, which way a number that f32 does not hold goes to f32 without changing the result beside numbers of f32. */
  readonly rounds?: readonly ("up" | "down")[];
  /** The same op with f64 results of f32 arguments, that rounds as it does in f64. */
  readonly wide?: Op;
  /** Where a value comes from that is not computed; see {@link Source}. */
  readonly source?: Source;
  /** Bounds of the result from bounds of the arguments, where that helps. */
  range?(args: readonly (readonly [number, number])[]): readonly [number, number];
  /** None where there is nothing to do: aliases, constants, and what is replaced before it is planned. */
  readonly lowering?: Lowering<A>;
}

/** Whether a node is one of an op. */
export const madeBy = <A extends Attrs>(op: Op<A>, t: Tensor): t is NodeOf<A> => t.op === op;
