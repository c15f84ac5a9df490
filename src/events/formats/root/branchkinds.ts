import type { Branch, Leaf } from "./basket.js";
import { type Kind, kinds } from "./storedkinds.js";

/** Whether a branch has several numbers per entry, if it is read. */
export const isList = ({ fClassName, fLeaves }: Branch): boolean =>
  /^vector</.test(fClassName ?? "") ||
  fLeaves.arr.some(({ fLen, fLeafCount }) => fLen > 1 || Boolean(fLeafCount));

/** The type of a branch with one leaf of numbers. */
export function leafKind(branch: Branch): Kind | undefined {
  const [leaf] = branch.fLeaves.arr;
  // A file may lack the description of its leaves, and then jsroot leaves them empty.
  if (leaf?.fLen === undefined || branch.fLeaves.arr.length !== 1 || branch.fBranchCount) return undefined;
  return leaf._typename === "TLeafElement" ? memberKinds.get(branch.fStreamerType ?? -1) : plainKind(leaf);
}

/** The type of a member of objects of which an entry has any number: one number for each. */
export function memberKind({ fLeaves, fBranches, fStreamerType = -1 }: Branch): Kind | undefined {
  const [leaf] = fLeaves.arr;
  const single = fLeaves.arr.length === 1 && leaf?.fLen === 1 && fBranches.arr.length === 0;
  return single ? memberKinds.get(fStreamerType) : undefined;
}

function plainKind({ _typename, fIsUnsigned }: Leaf): Kind | undefined {
  const [signed, unsigned] = leafKinds.get(_typename) ?? [];
  return fIsUnsigned ? unsigned : signed;
}

const leafKinds = new Map<string, readonly [signed: Kind, unsigned: Kind]>([
  ["TLeafO", [kinds.bool, kinds.bool]],
  ["TLeafB", [kinds.i8, kinds.u8]],
  ["TLeafS", [kinds.i16, kinds.u16]],
  ["TLeafI", [kinds.i32, kinds.u32]],
  ["TLeafL", [kinds.i64, kinds.u64]],
  ["TLeafG", [kinds.i64, kinds.u64]],
  ["TLeafF", [kinds.f32, kinds.f32]],
  ["TLeafD", [kinds.f64, kinds.f64]],
]);

/** By TStreamerInfo's numbers of the basic types, for members of split objects. */
const memberKinds = new Map<number, Kind>([
  [1, kinds.i8],
  [2, kinds.i16],
  [3, kinds.i32],
  [4, kinds.i64],
  [5, kinds.f32],
  [8, kinds.f64],
  [11, kinds.u8],
  [12, kinds.u16],
  [13, kinds.u32],
  [14, kinds.u64],
  [16, kinds.i64],
  [17, kinds.u64],
  [18, kinds.bool],
]);

export const vectorKinds = new Map<string, Kind>([
  ["bool", kinds.bool],
  ["char", kinds.i8],
  ["unsigned char", kinds.u8],
  ["short", kinds.i16],
  ["unsigned short", kinds.u16],
  ["int", kinds.i32],
  ["unsigned int", kinds.u32],
  ["long", kinds.i64],
  ["unsigned long", kinds.u64],
  ["Long64_t", kinds.i64],
  ["ULong64_t", kinds.u64],
  ["float", kinds.f32],
  ["double", kinds.f64],
]);
