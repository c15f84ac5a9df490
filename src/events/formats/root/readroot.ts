import type { RootFile } from "jsroot/io";
import type { Events } from "../../../core/events.js";
import { checkArguments, checkOptions } from "../../../text/checkoptions.js";
import type { ByteSource } from "../../bytesource.js";
import { aSource } from "../../checkdata.js";
import { loadZstd } from "../../codecs.js";
import { Damage } from "../../damage.js";
import { DataError } from "../../dataerror.js";
import { BasketReader } from "./basket.js";
import { planBranches } from "./branchplan.js";
import { findTree } from "./roottree.js";

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
    const read = planBranches(new BasketReader(io, file, name, source), tree, options);
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
  const failed = (cause: unknown): never => {
    throw cause;
  };
  try {
    // A bundle is made without jsroot, too: esbuild asks that each import is caught by itself, webpack that it is tried.
    const [io, { internals }] = await Promise.all([
      import("jsroot/io").catch(failed),
      import("jsroot/core").catch(failed),
    ]);
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
