/** A server of files over HTTP, good and bad. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** How a server answers. */
export interface Manner {
  /** Whether it sends parts. */
  ranges?: boolean;
  /** Headers of all answers. */
  headers?: Readonly<Record<string, string>>;
  /** A status of all answers. */
  status?: number;
  /** Where the file is instead. */
  redirect?: string;
  /** Says nothing of how long the file is. */
  lengthless?: boolean;
  /** Sends so many bytes less than it says. */
  short?: number;
  /** Sends what begins so many bytes later. */
  shift?: number;
  /** Compresses on the way. */
  packs?: boolean;
  /** From this request on the file is another. */
  changesAt?: number;
  /** Never answers from this request on. */
  hangsAt?: number;
}

export interface FileServer {
  readonly url: string;
  /** The ranges that were asked for. */
  readonly asked: string[];
  /** Bytes of files that were sent. */
  sent(): number;
  /** Puts a file in place. */
  put(path: string, bytes: Uint8Array, manner?: Manner): string;
  close(): Promise<void>;
}

export async function fileServer(headers: Readonly<Record<string, string>> = {}): Promise<FileServer> {
  const files = new Map<string, { bytes: Uint8Array; manner: Manner; requests: number }>();
  const asked: string[] = [];
  let sent = 0;
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const file = files.get(path);
    const { range } = request.headers;
    asked.push(`${path} ${range ?? "all"}`);
    if (!file) {
      response.writeHead(404, headers);
      response.end();
      return;
    }
    const { bytes, manner } = file;
    const {
      ranges = true,
      status,
      redirect,
      lengthless,
      short = 0,
      shift = 0,
      packs,
      changesAt,
      hangsAt,
    } = manner;
    const request_ = file.requests++;
    if (hangsAt !== undefined && request_ >= hangsAt) return;
    const etag = changesAt !== undefined && request_ >= changesAt ? '"new"' : '"old"';
    const own = { ...headers, ...manner.headers, ETag: etag, ...(packs && { "Content-Encoding": "gzip" }) };
    if (status !== undefined || redirect !== undefined) {
      response.writeHead(status ?? 302, { ...own, ...(redirect !== undefined && { Location: redirect }) });
      response.end();
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const part = ranges && from !== undefined;
    if (part && Number(from) >= bytes.length) {
      response.writeHead(416, { ...own, "Content-Range": `bytes */${bytes.length}` });
      response.end();
      return;
    }
    const end = part && to ? Math.min(Number(to) + 1, bytes.length) : bytes.length;
    const start = part ? Number(from) : 0;
    const plain = bytes.subarray(start, end);
    const body = packs ? gzipSync(plain) : plain;
    response.writeHead(part ? 206 : 200, {
      ...own,
      ...(!lengthless && { "Content-Length": body.length }),
      ...(part && !lengthless && { "Content-Range": `bytes ${start + shift}-${end - 1}/${bytes.length}` }),
    });
    sent += body.length - short;
    response.write(body.subarray(0, body.length - short), () =>
      short > 0 ? response.destroy() : response.end(),
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ url, asked },
    sent: () => sent,
    put(path, bytes, manner = {}) {
      files.set(path, { bytes, manner, requests: 0 });
      return url + path;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
