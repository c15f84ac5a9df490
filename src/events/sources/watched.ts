import type { ByteSource, OpenSource } from "../bytesource.js";
import { DataError } from "../dataerror.js";
import { type Signal, throwIfAborted } from "./signal.js";

/** A source that remembers what it threw: libraries that read from it may take that for damage, or for nothing. */
export interface WatchedSource extends OpenSource {
  /** What `run` answers, unless the source threw meanwhile; then that. */
  telling<T>(run: () => Promise<T>): Promise<T>;
}

/** The same source, which a signal ends between two pieces and which tells what went wrong with it. */
export function watched(source: OpenSource, signal?: Signal): WatchedSource {
  const thrown: unknown[] = [];
  const slice: ByteSource["slice"] = async (start, end) => {
    try {
      throwIfAborted(signal);
      return await source.slice(start, end);
    } catch (error) {
      if (signal?.aborted || error instanceof DataError) thrown.push(error);
      throw error;
    }
  };
  const check = () => {
    throwIfAborted(signal);
    if (thrown.length > 0) throw thrown[0];
  };
  return {
    byteLength: source.byteLength,
    name: source.name,
    slice,
    expect: (ranges) => source.expect?.(ranges),
    close: () => source.close(),
    async telling(run) {
      const answer = await run().catch((error: unknown) => {
        check();
        throw error;
      });
      check();
      return answer;
    },
  };
}
