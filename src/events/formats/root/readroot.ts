import type { RootFile } from "jsroot/io";
import type { Column, Events, Jagged, Values } from "../../../core/events.js";
import { checkArguments, checkOptions } from "../../../text/checkoptions.js";
import type { ByteSource } from "../../bytesource.js";
import { aSource } from "../../checkdata.js";
import { loadZstd } from "../../codecs.js";
import { Damage } from "../../damage.js";
import { DataError } from "../../dataerror.js";
import { askedFor, someOf, withChildren } from "../../withchildren.js";
import { BasketReader, type Branch, type Kind, kinds } from "./basket.js";
import { isList, leafKind, memberKind, vectorKinds } from "./branchkinds.js";
import { findTree, type Tree } from "./roottree.js";

/** Which tree and branches of a ROOT file are read. */
export interface RootOptions {
  /**
   * Name of the tree, with its directories: `Events`, `nominal/tree`. May be left out when the file has one tree, at the
   * top or, where there is none, in its directories.
   */
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
export async function readRoot(source: ByteSource, options: RootOptions = {}): Promise<Events> {
  checkOptions("readRoot", options, { tree: true, file: true, columns: true, allowEmpty: true });
  checkArguments("readRoot", { source: [source, aSource] });
  const { value } = await rootPieces(source, options, Number.POSITIVE_INFINITY).next();
  return value as Events;
}

/** Numbers of a piece, about, in branches of one number per entry. */
const pieceCells = 1 << 20;

/** The same entries, about `cells` numbers at a time, of which one piece and a basket of each branch are in memory. */
export async function* rootPieces(
  source: ByteSource,
  options: RootOptions = {},
  cells = pieceCells,
): AsyncGenerator<Events> {
  const { file: name } = options;
  await checkHeader(source, name);
  const io = await loadJsroot(name);
  try {
    const file = await openRoot(io, source, name);
    const tree = await findTree(file, options.tree, name);
    const read = planBranches(new BasketReader(io, file, name), tree, options);
    const total = Number(tree.fEntries);
    const most = Math.max(1, Math.floor(cells / Math.max(1, read.branches)));
    let row = 0;
    do {
      const rows = Math.min(most, total - row);
      yield await read.next(rows);
      row += rows;
    } while (row < total);
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (/does not provide streamer infos/.test(String(error))) {
      const sentence = "The file does not describe how its objects are stored, and such files are not read.";
      throw new DataError("data.unsupported", sentence, { file: name }, { cause: error });
    }
    const sentence = "The file is damaged and cannot be read as a ROOT file; get it again.";
    throw new DataError("data.corrupt", sentence, { file: name }, { cause: error });
  }
}

/** The sizes in front of what is packed have 24 bits. */
const mostUnpacked = 2 ** 24;

/** ROOT has room for so many dimensions of a member; jsroot counts up to any number of them. */
const mostDimensions = 5;

async function loadJsroot(file: string | undefined): Promise<typeof import("jsroot/io")> {
  try {
    const [io, { internals }] = await Promise.all([import("jsroot/io"), import("jsroot/core")]);
    // The package that jsroot would load instead may be absent, and then its second reader waits for ever.
    if (internals !== undefined && internals._ZstdStream === undefined) {
      const zstd = await loadZstd();
      internals._ZstdStream = { decompress: (packed) => zstd(packed, mostUnpacked) };
    }
    return io;
  } catch (error) {
    const sentence = "Reading ROOT files needs jsroot; install it with: npm i jsroot --ignore-scripts";
    throw new DataError("data.missingPackage", sentence, { file }, { cause: error });
  }
}

/** Letters only, as in a text that begins with this word; the numbers of a header have zeros in them. */
function text(header: DataView): boolean {
  for (let i = 4; i < header.byteLength; i++) {
    const byte = header.getUint8(i);
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return false;
  }
  return true;
}

/** A ROOT file begins with "root" and says where it ends. */
async function checkHeader(source: ByteSource, file: string | undefined): Promise<void> {
  const header = new DataView(await source.slice(0, Math.min(20, source.byteLength)));
  if (header.byteLength < 4 || header.getUint32(0) !== 0x726f6f74) {
    throw new DataError("data.format", "This is not a ROOT file.", { file });
  }
  const wide = header.byteLength === 20 && header.getUint32(4) >= 1_000_000;
  const end = header.byteLength < 20 ? 20 : wide ? Number(header.getBigUint64(12)) : header.getUint32(12);
  if (header.byteLength === 20) {
    const [version, begin] = [header.getUint32(4), header.getUint32(8)];
    if (text(header)) throw new DataError("data.format", "This is not a ROOT file.", { file });
    // The first object stands behind the header, and versions are below 2,000,000 where addresses are wide.
    if (version === 0 || version >= 2_000_000 || begin < 20 || end < begin) {
      const sentence = `The file is damaged: its header says version ${version}, objects from byte ${begin} to ${end}; get it again.`;
      throw new DataError("data.corrupt", sentence, { file });
    }
  }
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
      if (!(position >= 0 && position <= source.byteLength)) throw new Damage("it points outside itself");
      return new DataView(await source.slice(position, Math.min(position + length, source.byteLength)));
    }
  }
  const file = await io.openFile(new SourceProxy());
  if (file === false) throw new Damage("it does not open");
  for (const info of file.fStreamerInfos?.arr ?? [])
    for (const { fArrayDim, fArrayLength } of info?.fElements?.arr ?? [])
      if (fArrayDim > mostDimensions || fArrayLength > mostUnpacked)
        throw new Damage("it describes members that no class has");
  return file;
}

/** What reads the next entries of a branch. */
type Reader<C> = (rows: number) => Promise<C>;

/** What reads the branches that are wanted, some entries at a time. */
export function planBranches(reader: BasketReader, tree: Tree, options: RootOptions) {
  const total = Number(tree.fEntries);
  if (!Number.isSafeInteger(total) || total < 0) throw new Damage("its number of entries is none");
  const branches = new Map(allBranches(tree.fBranches.arr).map((branch) => [branch.fName, branch]));
  const counters = new Map<string, Reader<Values>>();
  /** Where each entry's elements begin, of the piece that is being read; branches with the same counter share the array. */
  const offsets = new Map<string, Int32Array>();

  const offsetsOf = async (branch: Branch, counter: string, rows: number): Promise<Int32Array> => {
    const known = offsets.get(counter);
    if (known !== undefined) return known;
    const made = reader.offsets(branch, await counters.get(counter)!(rows));
    offsets.set(counter, made);
    return made;
  };

  const countedBy = (
    counter: string,
    branch: Branch,
    kind: Kind,
    counts: () => Reader<Values>,
  ): Reader<Jagged> => {
    if (!counters.has(counter)) counters.set(counter, counts());
    const counted = reader.counted(branch, kind);
    return async (rows) => counted(await offsetsOf(branch, counter, rows));
  };

  /** Undefined for what is no column. */
  const plan = (branch: Branch): Reader<Column> | undefined => {
    if (Number(branch.fEntries) !== total) return undefined;
    const vector = /^vector<(.*)>$/.exec(branch.fClassName ?? "")?.[1];
    if (vector !== undefined) {
      const kind = vectorKinds.get(vector.trim());
      return kind === undefined || branch.fBranches.arr.length > 0 ? undefined : reader.vectors(branch, kind);
    }
    const objects = branch.fBranchCount;
    if (objects) {
      const member = memberKind(branch);
      if (member === undefined || Number(objects.fEntries) !== total) return undefined;
      return countedBy(objects.fName, branch, member, () => reader.flat(objects, kinds.i32));
    }
    const kind = leafKind(branch);
    if (kind === undefined) return undefined;
    const { fLen, fLeafCount } = branch.fLeaves.arr[0]!;
    if (fLeafCount) {
      const counter = fLeafCount.fName;
      const counts = branches.get(counter);
      const countKind = counts && leafKind(counts);
      if (fLen !== 1 || countKind === undefined || Number(counts?.fEntries) !== total) return undefined;
      return countedBy(counter, branch, kind, () => reader.flat(counts!, countKind));
    }
    const flat = reader.flat(branch, kind, fLen);
    if (fLen === 1) return flat;
    return async (rows) => ({
      offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * fLen),
      content: await flat(rows),
    });
  };

  const { columns: wanted, file } = options;
  const lists = Array.from(branches.values()).filter(isList);
  const asked =
    wanted &&
    askedFor(
      wanted,
      branches.keys(),
      lists.map(({ fName }) => fName),
      { file },
    );
  const known = { required: asked?.required, file };
  const readers = new Map<string, Reader<Column>>();
  const skipped: string[] = [];
  for (const name of asked?.names ?? branches.keys()) {
    const branch = branches.get(name)!;
    const read = plan(branch);
    if (read !== undefined) readers.set(name, read);
    else if (options.columns !== undefined)
      throw miscounted(branch, tree, options.file) ?? unsupported(branch, options.file);
    else if (branch.fBranches.arr.length === 0) skipped.push(name);
  }
  const wrong = skipped.map((name) => miscounted(branches.get(name)!, tree, options.file)).find(Boolean);
  if (readers.size === 0 && wrong) throw wrong;
  if (total === 0 && !options.allowEmpty)
    throw new DataError("data.empty", `Tree ${tree.fName} has no entries.`, { file: options.file });
  return {
    branches: readers.size,
    next: async (rows: number): Promise<Events> => {
      offsets.clear();
      const columns = new Map<string, Column>();
      for (const [name, read] of readers) columns.set(name, await read(rows));
      const about = { rows, names: [...columns.keys()], ...(skipped.length > 0 && { skipped }) };
      const table = withChildren(Object.fromEntries(columns), about, known);
      return wanted === undefined ? table : someOf(table, wanted, file);
    },
  };
}

/** The error for a branch of numbers that is not as long as its tree; undefined for others. */
function miscounted(branch: Branch, tree: Tree, file: string | undefined): DataError | undefined {
  if (leafKind(branch) === undefined || Number(branch.fEntries) === Number(tree.fEntries)) return undefined;
  const sentence = `Tree ${tree.fName} says that it has ${tree.fEntries} entries, but its branch ${branch.fName} has ${branch.fEntries}.`;
  return new DataError("data.corrupt", sentence, { file, column: branch.fName });
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
