import type { Plan } from "../src/core/plan/layout.js";
import { type Arena, type Numbers, OutOfMemory } from "./arena.js";
import { BEGUN, type Port } from "./orders.js";
import type { SumTree } from "./sumtree.js";

/** A worker, as the team knows it. */
export interface Member {
  readonly port: Port;
  readonly status: Int32Array<SharedArrayBuffer>;
  readonly plans: WeakMap<Plan, number>;
  small: SharedArrayBuffer;
  sums: SharedArrayBuffer;
  /** Its last turn; it has time when its status says the same. */
  turn: number;
  gone: boolean;
}

/** What one member does of a sweep. */
export interface Part {
  readonly member: Member;
  readonly from: number;
  readonly to: number;
  /** Blocks it had begun when it was last looked at. */
  begun: number;
  /** It gave no sign of life; the calling thread does its blocks. */
  late: boolean;
}

/** One sweep under way. */
export interface Run {
  readonly turn: number;
  readonly parts: readonly Part[];
  readonly streams: ReadonlyMap<number, Numbers>;
  /** Blocks of the calling thread, and when it began with them. */
  readonly own: number;
  readonly since: number;
}

/** Whether a part still moves; if not, it is late. */
export function look(part: Part): void {
  const begun = Atomics.load(part.member.status, BEGUN);
  part.late = begun === part.begun;
  part.begun = begun;
}

/** Puts the plan's small values where the member finds them, and makes room for its sums. */
export function fill(member: Member, arena: Arena, plan: Plan, blocks: number, state: number): void {
  const { address, bytes } = plan.shared;
  if (member.small.byteLength < bytes) member.small = new SharedArrayBuffer(bytes);
  new Float64Array(member.small).set(arena.f64.subarray(address >>> 3, (address + bytes) >>> 3));
  const subtrees = 2 * Math.ceil(Math.log2(blocks)) + 2;
  const size = 8 + subtrees * (16 + state);
  if (member.sums.byteLength < size) member.sums = new SharedArrayBuffer(size);
}

/** Takes what a member summed into the tree. */
export function adopt(tree: SumTree, sums: Float64Array, words: number): void {
  for (let i = 0; i < sums[0]!; i++) {
    const at = 1 + i * (words + 2);
    tree.adopt(sums[at]!, sums[at + 1]!, sums.subarray(at + 2, at + 2 + words));
  }
}

/** The column itself where its memory is shared, else a copy: the caller may write to its own at any time. */
export function toShared(data: Numbers): Numbers {
  if (data.buffer instanceof SharedArrayBuffer) return data;
  const copy = sharedLike(data);
  copy.set(data);
  return copy;
}

/** An array of the same kind and length in shared memory. */
export function sharedLike(data: Numbers): Numbers {
  const Kind = data.constructor as new (buffer: SharedArrayBuffer) => Numbers;
  try {
    return new Kind(new SharedArrayBuffer(data.byteLength));
  } catch {
    const size = (data.byteLength / 2 ** 20).toFixed(0);
    const sentence = `this runtime gives no ${size} MiB of shared memory; threads need it for columns`;
    throw new OutOfMemory(data.byteLength, 0, sentence);
  }
}
