import { builtin, hasFiles } from "../builtin.js";
import type { ByteSource, OpenSource } from "../bytesource.js";
import { DataError } from "../dataerror.js";
import { openSource } from "../filesource.js";
import { splitSpec } from "../splitspec.js";
import { isAddress, isWeb, shownAddress } from "./address.js";
import type { Signal } from "./signal.js";
import {
  type BlobLike,
  isBlob,
  isByteSource,
  isBytes,
  isUrl,
  NamedSource,
  type TableSource,
} from "./tablesource.js";
import { openWeb } from "./websource.js";

/** A table that can be opened. */
export interface Located {
  /** What it is called in answers; the same for no two sources but by chance. */
  readonly label: string;
  /** The name that tells its format, and stands in errors; undefined where it has none. */
  readonly name: string | undefined;
  /** Which of several tables in it is wanted. */
  readonly part: string | undefined;
  /** Whether the name is one that was given to it, so that no other counts. */
  readonly named?: boolean;
  /** Whether it is found by its path. */
  readonly isPath?: boolean;
  /** Throws DataError. */
  open(signal?: Signal): Promise<OpenSource>;
}

/** A way in which tables are given. */
interface Kind<T> {
  is(source: unknown): source is T;
  locate(source: T): Located;
}

const kind = <T>(is: Kind<T>["is"], locate: Kind<T>["locate"]) => ({
  locate: (source: unknown) => (is(source) ? locate(source) : null),
});

/** Every way; the first that takes a source has it. */
const kinds = [
  kind((x): x is NamedSource => x instanceof NamedSource, namedOne),
  kind((x): x is string => typeof x === "string" && isAddress(x), address),
  kind((x): x is string => typeof x === "string", path),
  kind(isUrl, ({ href }) => address(href)),
  kind(isBlob, blob),
  kind(isBytes, (bytes) => bare("bytes", () => memory(bytes))),
  kind(isByteSource, (source) => bare("bytes", () => ({ ...whole(source), close }))),
];

/** Where a source is, and what it is called. */
export function locate(source: TableSource): Located {
  for (const { locate } of kinds) {
    const found = locate(source);
    if (found) return found;
  }
  throw new DataError("data.unreadable", "Tables are read from paths, URLs, Files, Blobs or bytes.");
}

/** What a source is called in answers and errors. */
export const labelOf = (source: TableSource): string => locate(source).label;

function path(spec: string): Located {
  const { path: name, tree: part } = splitSpec(spec);
  return { label: spec, name, part, isPath: true, open: () => openSource(name) };
}

function address(spec: string): Located {
  const { path: whole, tree } = splitSpec(spec);
  const [at = "", fragment] = whole.split("#", 2);
  const part = tree ?? (fragment ? decodeURIComponent(fragment) : undefined);
  const name = shownAddress(at);
  const label = part === undefined ? name : `${name}:${part}`;
  const open = isWeb(at) ? (signal?: Signal) => openWeb(at, signal) : () => openOther(at);
  return { label, name, part, open };
}

/** What is no address of the web may be one of a file. */
async function openOther(at: string): Promise<OpenSource> {
  if (/^file:/i.test(at) && hasFiles()) {
    const { fileURLToPath } = await builtin("node:url");
    return openSource(fileURLToPath(at));
  }
  const scheme = at.slice(0, at.indexOf("://"));
  const sentence = `Addresses that begin with ${scheme}:// are not read; give one with https://, or download the file and give it.`;
  throw new DataError("data.unsupported", sentence, { file: shownAddress(at) });
}

function blob(source: BlobLike): Located {
  const name = source.name || undefined;
  const slice = async (start: number, end: number) => {
    try {
      return await source.slice(start, Math.min(end, source.size)).arrayBuffer();
    } catch (cause) {
      const sentence =
        "The file cannot be read; it was changed or moved after it was chosen. Choose it again.";
      throw new DataError("data.unreadable", sentence, { file: name }, { cause });
    }
  };
  const open = async () => ({ byteLength: source.size, slice, close });
  // The name of a file may say which tree is meant, as a path does.
  if (name === undefined) return { label: "Blob", name, part: undefined, open };
  const { path, tree } = splitSpec(name);
  return { label: name, name: path, part: tree, open };
}

function namedOne({ source, name }: NamedSource): Located {
  const { path, tree } = splitSpec(name);
  return { ...locate(source), label: name, name: path, part: tree, named: true, isPath: false };
}

/** What has no name. */
const bare = (label: string, open: () => OpenSource): Located => ({
  ...{ label, name: undefined, part: undefined },
  open: async () => open(),
});

function memory(bytes: Uint8Array): OpenSource {
  const slice = (start: number, end: number) => new Uint8Array(bytes.subarray(start, end)).buffer;
  return { byteLength: bytes.byteLength, slice, close };
}

/** A source of whoever calls, which gives the bytes that it says. */
function whole(source: ByteSource): ByteSource {
  const { byteLength } = source;
  const wrong = (sentence: string) => new DataError("data.unreadable", sentence);
  if (!(Number.isSafeInteger(byteLength) && byteLength >= 0))
    throw wrong(`The source of the bytes says that it has ${byteLength} of them.`);
  return {
    byteLength,
    async slice(start, end) {
      try {
        const bytes = await source.slice(start, end);
        const wanted = Math.max(0, Math.min(end, byteLength) - start);
        if (bytes.byteLength === wanted) return bytes;
        throw wrong(
          `The source of the bytes gives ${bytes.byteLength} where ${wanted} were asked for, from byte ${start} of ${byteLength} on.`,
        );
      } catch (cause) {
        if (cause instanceof DataError || cause instanceof RangeError) throw cause;
        const sentence = `The source of the bytes has failed: ${cause instanceof Error ? cause.message : cause}`;
        throw new DataError("data.unreadable", sentence, {}, { cause });
      }
    },
    expect: (ranges) => source.expect?.(ranges),
  };
}

async function close(): Promise<void> {}
