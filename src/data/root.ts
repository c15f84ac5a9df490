import type { RootFile } from "jsroot/io";
import { didYouMean } from "../expr/errors.js";
import { BasketReader, type Branch, type Kind, kinds, type Leaf } from "./basket.js";
import { type Column, type Table, unknownColumn } from "./columns.js";
import { DataError } from "./errors.js";
import type { ByteSource } from "./source.js";

export interface RootOptions {
  /** Name of the tree, with its directories: `Events`, `nominal/tree`. May be left out when the file has one tree. */
  tree?: string | undefined;
  /** Name of the file, for errors. */
  file?: string | undefined;
  /** The branches to read; all that hold numbers when left out. */
  columns?: readonly string[] | undefined;
  /** A tree without entries is a table, not an error. */
  allowEmpty?: boolean | undefined;
}

/**
 * Branches of a TTree, through the optional package jsroot.
 *
 * Branches of one number per entry become f64 or i32 columns, or 64-bit integers; arrays and `std::vector`s of
 * numbers become jagged columns. Counters such as `nMuon` are columns like others.
 *
 * @throws DataError
 */
export async function readRoot(source: ByteSource, options: RootOptions = {}): Promise<Table> {
  const { file: name } = options;
  await checkHeader(source, name);
  const io = await loadJsroot(name);
  try {
    const file = await openRoot(io, source, name);
    const tree = await findTree(file, options);
    return await readBranches(new BasketReader(io, file, name), tree, options);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const sentence = "The file is damaged and cannot be read as a ROOT file; get it again.";
    throw new DataError("data.corrupt", sentence, { file: name }, { cause: error });
  }
}

interface Tree {
  readonly _typename: string;
  readonly fName: string;
  readonly fEntries: number | bigint;
  readonly fBranches: { readonly arr: readonly Branch[] };
}

async function loadJsroot(file: string | undefined): Promise<typeof import("jsroot/io")> {
  try {
    return await import("jsroot/io");
  } catch (error) {
    const sentence = "Reading ROOT files needs jsroot; install it with: npm i jsroot --ignore-scripts";
    throw new DataError("data.missingPackage", sentence, { file }, { cause: error });
  }
}

/** A ROOT file begins with "root" and says where it ends. */
async function checkHeader(source: ByteSource, file: string | undefined): Promise<void> {
  const header = new DataView(await source.slice(0, Math.min(20, source.byteLength)));
  if (header.byteLength < 4 || header.getUint32(0) !== 0x726f6f74) {
    throw new DataError("data.format", "This is not a ROOT file.", { file });
  }
  const wide = header.byteLength === 20 && header.getUint32(4) >= 1_000_000;
  const end = header.byteLength < 20 ? 20 : wide ? Number(header.getBigUint64(12)) : header.getUint32(12);
  if (source.byteLength >= end) return;
  const sentence = `The file is truncated: it has ${source.byteLength} of its ${end} bytes.`;
  throw new DataError("data.corrupt", sentence, { file });
}

async function openRoot(
  io: typeof import("jsroot/io"),
  source: ByteSource,
  name: string | undefined,
): Promise<RootFile> {
  class SourceProxy extends io.FileProxy {
    override async openFile(): Promise<boolean> {
      return true;
    }
    override getFileName(): string {
      return name ?? "";
    }
    override getFileSize(): number {
      return source.byteLength;
    }
    override async readBuffer(position: number, length: number): Promise<DataView> {
      if (!(position >= 0 && position <= source.byteLength)) throw new Error("it points outside itself");
      return new DataView(await source.slice(position, Math.min(position + length, source.byteLength)));
    }
  }
  const file = await io.openFile(new SourceProxy());
  if (file === false) throw new Error("it does not open");
  return file;
}

async function findTree(file: RootFile, { tree, file: name }: RootOptions): Promise<Tree> {
  const trees = [...new Set(file.fKeys.filter((key) => isTree(key.fClassName)).map((key) => key.fName))];
  const wanted = tree ?? (trees.length === 1 ? trees[0]! : undefined);
  if (wanted === undefined) {
    const sentence = `Say which tree to read, as in file.root:${trees[0] ?? "Events"}. ${didYouMean("", trees, "trees")}`;
    throw new DataError("data.unknownTree", sentence, { file: name });
  }
  const found = (await file.readObject(wanted).catch(() => null)) as Tree | null;
  if (found !== null && isTree(found._typename)) return found;
  const type = file.fKeys.find((key) => key.fName === wanted)?.fClassName ?? found?._typename;
  if (type !== undefined) {
    const code = isTree(type) ? "data.corrupt" : "data.unsupported";
    const sentence = isTree(type)
      ? `Tree ${wanted} is damaged; get the file again.`
      : `${wanted} is a ${type}, not a TTree.`;
    throw new DataError(code, sentence, { file: name });
  }
  throw new DataError(
    "data.unknownTree",
    `There is no tree ${wanted}. ${didYouMean(wanted, trees, "trees")}`,
    { file: name },
  );
}

function isTree(className: string): boolean {
  return className === "TTree" || className === "TNtuple" || className === "TNtupleD";
}

async function readBranches(reader: BasketReader, tree: Tree, options: RootOptions): Promise<Table> {
  const rows = Number(tree.fEntries);
  if (rows === 0 && !options.allowEmpty)
    throw new DataError("data.empty", `Tree ${tree.fName} has no entries.`, { file: options.file });
  const branches = new Map(allBranches(tree.fBranches.arr).map((branch) => [branch.fName, branch]));
  const names = options.columns ?? [...branches.keys()];
  const offsets = new Map<string, Int32Array>();

  /** Where each entry's elements begin; branches with the same counter share the array. */
  const offsetsOf = async (branch: Branch, counter: string): Promise<Int32Array | undefined> => {
    const known = offsets.get(counter);
    const counts = branches.get(counter);
    if (known !== undefined || counts === undefined) return known;
    const kind = leafKind(counts);
    if (kind === undefined) return undefined;
    const made = reader.offsets(branch, await reader.flat(counts, kind));
    offsets.set(counter, made);
    return made;
  };

  const read = async (branch: Branch): Promise<Column | undefined> => {
    if (Number(branch.fEntries) !== rows) return undefined;
    const vector = /^vector<(.*)>$/.exec(branch.fClassName ?? "")?.[1];
    if (vector !== undefined) {
      const kind = vectorKinds.get(vector.trim());
      return kind === undefined || branch.fBranches.arr.length > 0 ? undefined : reader.vectors(branch, kind);
    }
    const kind = leafKind(branch);
    if (kind === undefined) return undefined;
    const { fLen, fLeafCount } = branch.fLeaves.arr[0]!;
    if (fLeafCount) {
      const start = fLen === 1 ? await offsetsOf(branch, fLeafCount.fName) : undefined;
      return start && reader.counted(branch, kind, start);
    }
    const content = await reader.flat(branch, kind, fLen);
    return fLen === 1
      ? content
      : { offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * fLen), content };
  };

  const columns = new Map<string, Column>();
  const skipped: string[] = [];
  for (const name of new Set(names)) {
    const branch = branches.get(name);
    if (branch === undefined) throw unknownColumn(name, [...branches.keys()], options.file);
    const column = await read(branch);
    if (column !== undefined) columns.set(name, column);
    else if (options.columns !== undefined) throw unsupported(branch, options.file);
    else if (branch.fBranches.arr.length === 0) skipped.push(name);
  }
  return { rows, columns, ...(skipped.length > 0 && { skipped }) };
}

function unsupported(branch: Branch, file: string | undefined): DataError {
  const what =
    branch.fClassName || branch.fLeaves.arr.map((leaf) => leaf._typename).join(", ") || branch._typename;
  const sentence = `Branch ${branch.fName} (${what}) is not a number, an array or a vector of numbers per entry.`;
  return new DataError("data.unsupported", sentence, { file, column: branch.fName });
}

function allBranches(branches: readonly Branch[]): Branch[] {
  return branches.flatMap((branch) => [branch, ...allBranches(branch.fBranches.arr)]);
}

/** The type of a branch with one leaf of numbers. */
function leafKind(branch: Branch): Kind | undefined {
  const [leaf] = branch.fLeaves.arr;
  if (leaf === undefined || branch.fLeaves.arr.length !== 1 || branch.fBranchCount) return undefined;
  return leaf._typename === "TLeafElement" ? memberKinds.get(branch.fStreamerType ?? -1) : plainKind(leaf);
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

const vectorKinds = new Map<string, Kind>([
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
