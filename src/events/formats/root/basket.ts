import type { RootFile } from "jsroot/io";
import type { Jagged, Values } from "../../../core/events.js";
import type { ByteSource } from "../../bytesource.js";
import { joinValues } from "../../columnvalues.js";
import { maxContent, tooManyElements } from "../../concatenate.js";
import { DataError } from "../../dataerror.js";
import type { Kind } from "./storedkinds.js";

/** What jsroot makes of a TLeaf. */
export interface Leaf {
  readonly _typename: string;
  readonly fName: string;
  readonly fLen: number;
  readonly fIsUnsigned?: boolean;
  readonly fLeafCount?: { readonly fName: string } | null;
}

/** What jsroot makes of a TBranch or TBranchElement. */
export interface Branch {
  readonly _typename: string;
  readonly fName: string;
  readonly fEntries: number;
  readonly fFileName: string;
  readonly fBasketSeek: ArrayLike<number | bigint>;
  readonly fBasketBytes: ArrayLike<number>;
  readonly fBaskets: { readonly arr: readonly (Basket | null | undefined)[] };
  readonly fLeaves: { readonly arr: readonly Leaf[] };
  readonly fBranches: { readonly arr: readonly Branch[] };
  /** Of a member of objects in an array or a vector: the branch that counts these. */
  readonly fBranchCount?: Branch | null;
  readonly fClassName?: string;
  readonly fStreamerType?: number;
}

interface Basket {
  readonly fKeylen: number;
  readonly fNbytes: number;
  readonly fObjlen: number;
  readonly fNevBuf: number;
  readonly fLast: number;
  /** Baskets that are stored inside the tree have their content here. */
  readonly fBufferRef?: { readonly arr: DataView };
}

/** The decompressed entries of one basket, which follow one another in `view` from `at` on. */
interface Content {
  view: DataView;
  at: number;
  bytes: number;
  entries: number;
}

/** Entries [from, to) of a basket. */
interface Run {
  basket: Content;
  from: number;
  to: number;
}

/** Baskets of a branch that a source is told of before they are read. */
const basketsAhead = 16;

/** Reads the baskets of branches through jsroot's view of the file. */
export class BasketReader {
  readonly #io: typeof import("jsroot/io");
  readonly #file: RootFile;
  readonly #name: string | undefined;
  readonly #source: ByteSource | undefined;

  constructor(io: typeof import("jsroot/io"), file: RootFile, name: string | undefined, source?: ByteSource) {
    this.#source = source;
    this.#io = io;
    this.#file = file;
    this.#name = name;
  }

  /** The next entries of a branch with `length` numbers for each, one after the other. */
  flat(branch: Branch, kind: Kind, length = 1): (rows: number) => Promise<Values> {
    const entries = this.#entries(branch);
    return async (rows) => {
      const out = kind.make(rows * length, { file: this.#name, column: branch.fName });
      let done = 0;
      for await (const { basket, from, to } of entries(rows)) {
        const count = (to - from) * length;
        if (basket.bytes !== basket.entries * length * kind.bytes) throw this.#corrupt(branch);
        kind.fill(out, done, count, basket.view, basket.at + from * length * kind.bytes);
        done += count;
      }
      return out;
    };
  }

  /** The next entries of a branch with as many numbers for each as `offsets` say. */
  counted(branch: Branch, kind: Kind): (offsets: Int32Array) => Promise<Jagged> {
    const entries = this.#entries(branch);
    /** Bytes of the basket that were read. */
    let used = 0;
    return async (offsets) => {
      const rows = offsets.length - 1;
      const content = kind.make(offsets[rows]!, { file: this.#name, column: branch.fName });
      let row = 0;
      for await (const { basket, from, to } of entries(rows)) {
        if (from === 0) used = 0;
        const [start, end] = [offsets[row]!, offsets[row + to - from]!];
        const bytes = (end - start) * kind.bytes;
        const left = basket.bytes - used;
        if (to === basket.entries ? bytes !== left : bytes > left) throw this.#corrupt(branch);
        kind.fill(content, start, end - start, basket.view, basket.at + used);
        used += bytes;
        row += to - from;
      }
      return { offsets, content };
    };
  }

  /** The next entries of a branch with a `std::vector` for each. */
  vectors(branch: Branch, kind: Kind): (rows: number) => Promise<Jagged> {
    const entries = this.#entries(branch);
    let values: Values | undefined;
    let within = new Int32Array(1);
    return async (rows) => {
      const offsets = new Int32Array(rows + 1);
      const parts: Values[] = [];
      let row = 0;
      for await (const { basket, from, to } of entries(rows)) {
        if (from === 0) {
          within = new Int32Array(basket.entries + 1);
          values = decodeVectors(basket, kind, within, 0);
        }
        if (values === undefined) throw this.#corrupt(branch);
        parts.push(values.subarray(within[from], within[to]));
        const shift = offsets[row]! - within[from]!;
        for (let i = from; i < to; i++) offsets[++row] = shift + within[i + 1]!;
        if (offsets[row]! < 0) throw tooManyElements(branch.fName, this.#name);
      }
      return { offsets, content: parts.length === 0 ? kind.make(0) : joinValues(parts) };
    };
  }

  /** Offsets from the number of elements of each entry. */
  offsets(branch: Branch, counts: Values): Int32Array {
    const offsets = new Int32Array(counts.length + 1);
    let total = 0;
    for (let row = 0; row < counts.length; row++) {
      const count = Number(counts[row]);
      if (count < 0) throw this.#corrupt(branch);
      total += count;
      if (total > maxContent) throw tooManyElements(branch.fName, this.#name);
      offsets[row + 1] = total;
    }
    return offsets;
  }

  /** The next entries of a branch, as runs [from, to) of entries of its baskets. */
  #entries(branch: Branch) {
    const baskets = this.#baskets(branch);
    let basket: Content | undefined;
    let from = 0;
    return async function* (this: void, rows: number): AsyncGenerator<Run> {
      for (let left = rows; left > 0; ) {
        if (basket === undefined || from === basket.entries) {
          basket = (await baskets.next()).value as Content;
          from = 0;
        }
        const to = Math.min(basket.entries, from + left);
        left -= to - from;
        yield { basket, from, to };
        from = to;
      }
    };
  }

  async *#baskets(branch: Branch): AsyncGenerator<Content> {
    if (branch.fFileName !== "") {
      const sentence = `Branch ${branch.fName} is stored in another file, ${branch.fFileName}.`;
      throw new DataError("data.unsupported", sentence, { file: this.#name, column: branch.fName });
    }
    for (let k = 0, left = Number(branch.fEntries); left > 0; k++) {
      if (k % basketsAhead === 0) this.#expect(branch, k);
      const basket = await this.#basket(branch, k);
      if (basket === undefined || !(basket.entries >= 0 && basket.entries <= left))
        throw this.#corrupt(branch);
      // Filled with no entry, or closed before one came.
      if (basket.entries === 0) continue;
      yield basket;
      left -= basket.entries;
    }
  }

  /** Tells the source of the baskets from k on. */
  #expect(branch: Branch, k: number): void {
    const { fBasketSeek, fBasketBytes } = branch;
    this.#source?.expect?.(
      Array.from({ length: Math.min(basketsAhead, fBasketSeek.length - k) }, (_, i) => {
        const seek = Number(fBasketSeek[k + i]);
        return [seek, seek + (fBasketBytes[k + i] ?? 0)] as const;
      }).filter(([seek]) => seek > 0),
    );
  }

  /** Undefined when there is no such basket, or it does not decompress. */
  async #basket(branch: Branch, k: number): Promise<Content | undefined> {
    const inside = branch.fBaskets.arr[k];
    const length = branch.fBasketBytes[k] ?? 0;
    const seek = Number(branch.fBasketSeek[k] ?? 0);
    // One that was written has left its shell in the tree; one that holds only empty arrays has no buffer.
    if (inside && (inside.fBufferRef || !(seek > 0 && length > 0))) {
      const view = inside.fBufferRef?.arr ?? new DataView(new ArrayBuffer(0));
      return { view, at: 0, bytes: inside.fLast - inside.fKeylen, entries: inside.fNevBuf };
    }
    if (length <= 0) return undefined;
    const packed = await this.#file.readBuffer([seek, length]);
    const { fKeylen, fNbytes, fObjlen, fNevBuf, fLast } = basketHeader(packed);
    const bytes = fLast - fKeylen;
    if (fKeylen + fObjlen === fNbytes) return { view: packed, at: fKeylen, bytes, entries: fNevBuf };
    const view = await this.#io.R__unzip(packed, fObjlen, true, fKeylen);
    return view === null ? undefined : { view, at: 0, bytes, entries: fNevBuf };
  }

  #corrupt(branch: Branch): DataError {
    const sentence = `Branch ${branch.fName} is damaged; get the file again.`;
    return new DataError("data.corrupt", sentence, { file: this.#name, column: branch.fName });
  }
}

/**
 * What stands in front of a basket's entries: a TKey and the members of TBasket (ROOT's io/io/doc/TFile/ and
 * TBasket::Streamer). Whether the offsets of entries were left out does not matter here, and what follows is not read.
 */
export function basketHeader(
  view: DataView,
): Pick<Basket, "fNbytes" | "fObjlen" | "fKeylen" | "fNevBuf" | "fLast"> {
  const [fNbytes, version, fObjlen, fKeylen] = [
    view.getInt32(0),
    view.getInt16(4),
    view.getInt32(6),
    view.getInt16(14),
  ];
  // Two places in the file, of 64 bits in large files; then the names of the class, the object and the title.
  let at = version > 1000 ? 34 : 26;
  for (let n = 0; n < 3; n++) {
    const short = view.getUint8(at);
    at += short < 255 ? 1 + short : 5 + view.getUint32(at + 1);
  }
  // The version of the class and the size of the buffer come first; a negative size is followed by a byte of options.
  const options = view.getInt32(at + 6) < 0 ? 1 : 0;
  at += 10 + options;
  return { fNbytes, fObjlen, fKeylen, fNevBuf: view.getInt32(at), fLast: view.getInt32(at + 4) };
}

/**
 * The numbers of one basket of vectors (for each, bytes that follow (4), version (2), size (4), numbers), and `offsets`
 * from `row` on; undefined when the bytes are no vectors.
 */
export function decodeVectors(
  basket: Content,
  kind: Kind,
  offsets: Int32Array,
  row: number,
): Values | undefined {
  const { view, at, bytes, entries } = basket;
  const header = 10;
  const out = kind.make(Math.max(0, Math.floor((bytes - entries * header) / kind.bytes)));
  const first = offsets[row]!;
  let position = at;
  let done = 0;
  for (let i = 0; i < entries; i++) {
    if (position + header > at + bytes) return undefined;
    const follows = view.getUint32(position) & 0x3fff_ffff;
    const size = view.getUint32(position + 6);
    if (follows !== 6 + size * kind.bytes || done + size > out.length) return undefined;
    kind.fill(out, done, size, view, position + header);
    position += header + size * kind.bytes;
    done += size;
    offsets[row + i + 1] = first + done;
  }
  return done === out.length && position === at + bytes ? out : undefined;
}
