import { type Events, makeEvents } from "../../core/events.js";
import { DataError } from "../dataerror.js";
import { type Format, isBinary, type ReadRequest, startsWith } from "./format.js";
import type { RootOptions } from "./root/readroot.js";

export const rootFormat = {
  noun: "a ROOT file",
  words: "a TTree of any compression; needs npm i jsroot --ignore-scripts",
  endings: [".root"],
  packed: false,
  part: "Tree",
  takes: ["missing", "allowEmpty", "allowTreeless"],
  begins: (head) => startsWith(head, "root") && isBinary(head.subarray(4)),
  async read(source, request) {
    const [{ readRoot }, { withoutSentinels }] = await load();
    const table = await quietly(() => readRoot(source, optionsOf(request))).catch((error: unknown) =>
      orTreeless(error, request),
    );
    return withoutSentinels(table, request.missing, request.file);
  },
  async *pieces(source, request) {
    const [{ rootPieces }, { withoutSentinels }] = await load();
    const pieces = rootPieces(source, optionsOf(request));
    const next = () => quietly(() => pieces.next());
    try {
      for (let piece = await next(); !piece.done; piece = await next())
        yield withoutSentinels(piece.value, request.missing, request.file);
    } catch (error) {
      yield orTreeless(error, request);
    } finally {
      await pieces.return(undefined);
    }
  },
} satisfies Format;

const load = () => Promise.all([import("./root/readroot.js"), import("../missing.js")]);

const optionsOf = ({ file, columns, allowEmpty, part }: ReadRequest): RootOptions => ({
  ...{ file, columns, allowEmpty, tree: part },
});

/** A table without anything where the error is that there is no tree, and that is allowed. */
function orTreeless(error: unknown, { allowTreeless }: ReadRequest): Events {
  if (!allowTreeless || !(error instanceof DataError) || error.code !== "data.unknownTree") throw error;
  return makeEvents([], { rows: 0, treeless: true });
}

/** Reads that go on: the console is one, and only the last to end may give it its voice back. */
let quiet = 0;
let loud: Pick<Console, "log" | "warn" | "error"> = console;

/** jsroot tells the console about damage, stack traces included, and has no switch for it; our error says it in one line. */
async function quietly<T>(run: () => Promise<T>): Promise<T> {
  if (quiet++ === 0) {
    loud = { log: console.log, warn: console.warn, error: console.error };
    Object.assign(console, { log: ignore, warn: ignore, error: ignore });
  }
  try {
    return await run();
  } finally {
    if (--quiet === 0) Object.assign(console, loud);
  }
}

function ignore(): void {}
