/** Files of the web, by ranges of their bytes. */

import { joinBytes, type OpenSource } from "../bytesource.js";
import { isPacked as startsPacked } from "../formats/format.js";
import { parsed, shownAddress } from "./address.js";
import { blockSize, RangeCache } from "./rangecache.js";
import { type Signal, throwIfAborted } from "./signal.js";
import { noAnswer, otherBytes, refusePage, webError, wrongStatus } from "./weberror.js";

/** Answers to a request for a range. */
const http = { whole: 200, part: 206, beyond: 416 } as const;

/** A file that the server does not send in parts is read as a whole up to so many bytes. */
export const mostWhole = 1 << 26;

/** Opens a file of the web: asks for its first bytes, and learns how long it is. Throws DataError. */
export async function openWeb(address: string, signal?: Signal): Promise<OpenSource> {
  throwIfAborted(signal);
  if (!parsed(address)) throw webError("This is no address of the web.", address);
  const web = new WebFile(address, signal);
  try {
    return await web.open();
  } catch (error) {
    web.end();
    throw error;
  }
}

/** Bytes a server says that it sends, and of how many. */
interface Part {
  readonly start: number;
  readonly total: number | null;
}

class WebFile {
  readonly #given: string;
  readonly #signal: Signal | undefined;
  /** Ends all requests. */
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort(this.#signal?.reason);
  /** Where the file was found in the end. */
  #address: string;
  /** Which version of the file the first answer was of. */
  #version: readonly (string | null)[] | undefined;

  constructor(address: string, signal: Signal | undefined) {
    this.#given = address;
    this.#address = address;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#controller.abort();
  }

  async open(): Promise<OpenSource> {
    const response = await this.#request(`bytes=0-${blockSize - 1}`);
    // Addresses that lead on to others, as those of releases and of shares do, lead there once.
    if (response.redirected) this.#address = response.url;
    if (response.status === http.beyond && !/\/0*[1-9]/.test(response.headers.get("content-range") ?? ""))
      return this.#source(0);
    if (response.status === http.whole) return this.#whole(response);
    if (response.status !== http.part) throw wrongStatus(response.status, this.#given);
    this.#refusePacked(response);
    this.#version = versionOf(response);
    const part = partOf(response);
    if (part && part.start !== 0) throw otherBytes(this.#given);
    const total = part?.total ?? (await this.#length());
    const source = this.#source(total);
    const head = await this.#body(response, Math.min(blockSize, total));
    refusePage(response, head, this.#given);
    source.cache.put(0, head);
    return source;
  }

  /** How long the file is: a page may not see the header that says it of a part, but of the part that is all of it. */
  async #length(): Promise<number> {
    const response = await this.#request("bytes=0-");
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    await response.body?.cancel();
    if (response.ok && Number.isSafeInteger(length)) return length;
    throw webError(
      "The server does not say how long the file is; download it, and give the file.",
      this.#given,
    );
  }

  #source(total: number): OpenSource & { readonly cache: RangeCache } {
    const cache = new RangeCache(total, (start, end) => this.#range(start, end, total));
    return {
      cache,
      byteLength: total,
      name: this.#nameOf(this.#address),
      slice: (start, end) => cache.slice(start, end),
      expect: (ranges) => cache.expect(ranges),
      close: async () => this.end(),
    };
  }

  async #range(start: number, end: number, total: number): Promise<Uint8Array> {
    const response = await this.#request(`bytes=${start}-${end - 1}`);
    if (response.status !== http.part && !response.ok) throw wrongStatus(response.status, this.#given);
    this.#refusePacked(response);
    const part = partOf(response);
    const version = versionOf(response);
    const isOther = version.some((mark, i) => mark !== null && mark !== (this.#version?.[i] ?? mark));
    if (isOther || (part !== null && part.total !== null && part.total !== total))
      throw webError("The file changed while it was read; read it again.", this.#given);
    if (response.status !== http.part || (part !== null && part.start !== start))
      throw otherBytes(this.#given);
    return this.#body(response, end - start);
  }

  /** A file that the server sends as a whole, whatever it is asked for. */
  async #whole(response: Response): Promise<OpenSource> {
    const said = Number(response.headers.get("content-length") ?? Number.NaN);
    const megabytes = (n: number) => `${Number((n / 1e6).toPrecision(3))} MB`;
    const tooLarge = (what: string) =>
      webError(
        `The server sends no parts of files (no Range requests), and as a whole ${what} more than the ${megabytes(mostWhole)} that are read so. Download the file, and give it.`,
        this.#given,
      );
    if (said > mostWhole) throw tooLarge(`it has ${megabytes(said)},`);
    const packed = isPacked(response);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of this.#pieces(response)) {
      pieces.push(piece);
      length += piece.length;
      if (length > mostWhole) throw tooLarge("it has");
    }
    if (!packed && Number.isFinite(said) && length !== said) throw this.#short(length, said);
    const all = joinBytes(pieces);
    refusePage(response, all, this.#given);
    // What the server compressed for the way is unpacked already, also where it took a file.csv.gz for that.
    const name = this.#nameOf(this.#address);
    const unpacked = packed && !startsPacked(all);
    return {
      byteLength: length,
      name: unpacked ? name.replace(/\.gz$/i, "") : name,
      slice: (start, end) => all.buffer.slice(start, end),
      close: async () => this.end(),
    };
  }

  async #request(range: string): Promise<Response> {
    try {
      return await fetch(this.#address, {
        // Parts of what was compressed for the way could not be unpacked.
        headers: { Range: range, "Accept-Encoding": "identity" },
        signal: this.#controller.signal,
        cache: "no-store",
      });
    } catch (error) {
      throwIfAborted(this.#signal);
      throw noAnswer(error, this.#address);
    }
  }

  async #body(response: Response, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let at = 0;
    for await (const piece of this.#pieces(response)) {
      if (at + piece.length > length)
        throw webError("The server sent more bytes of the file than it was asked for.", this.#given);
      bytes.set(piece, at);
      at += piece.length;
    }
    if (at < length) throw this.#short(at, length);
    return bytes;
  }

  /** The bytes of an answer as they come. */
  async *#pieces(response: Response): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    if (!reader) return;
    let came = 0;
    let done = false;
    try {
      while (!done) {
        const next = await reader.read().catch((error: unknown) => {
          throwIfAborted(this.#signal);
          throw this.#short(came, null, error);
        });
        done = next.done;
        came += next.value?.length ?? 0;
        if (next.value) yield next.value;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  #short(came: number, of: number | null, cause?: unknown) {
    const all = of === null ? "" : ` of ${of}`;
    return webError(`The connection broke after ${came}${all} bytes; read it again.`, this.#given, cause);
  }

  #refusePacked(response: Response): void {
    if (!isPacked(response)) return;
    const how = response.headers.get("content-encoding");
    const sentence = `The server compresses what it sends (Content-Encoding: ${how}), also parts of files, which cannot be unpacked so. Download the file, and give it.`;
    throw webError(sentence, this.#given);
  }

  #nameOf(address: string): string {
    return shownAddress(address);
  }
}

const isPacked = ({ headers }: Response): boolean =>
  !["", "identity"].includes(headers.get("content-encoding") ?? "");

/** What tells versions of a file apart, where the server says it and a page may see it. */
const versionOf = ({ headers }: Response) => [headers.get("etag"), headers.get("last-modified")];

function partOf({ headers }: Response): Part | null {
  const [, start, , total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (start === undefined) return null;
  return { start: Number(start), total: total === "*" ? null : Number(total) };
}
