/** What survives the page: documents and answers, in the browser's own store. */

const name = "gradcut-explorer";
/** Grows when answers change their shape. */
const version = 1;
const rooms = ["files", "answers"] as const;
type Room = (typeof rooms)[number];

let opened: Promise<IDBDatabase | null> | null = null;

/** Null where the browser keeps nothing, as in private windows of some. */
function database(): Promise<IDBDatabase | null> {
  opened ??= new Promise((resolve) => {
    if (typeof indexedDB === "undefined") {
      resolve(null);
      return;
    }
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      for (const room of [...request.result.objectStoreNames]) request.result.deleteObjectStore(room);
      for (const room of rooms) request.result.createObjectStore(room);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });
  return opened;
}

/** What a request answers; undefined where the store fails, which costs only that something is computed again. */
async function within<T>(
  room: Room,
  mode: IDBTransactionMode,
  act: (s: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  const base = await database();
  if (!base) return undefined;
  return new Promise((resolve) => {
    try {
      const request = act(base.transaction(room, mode).objectStore(room));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/** What was dropped, for a reload. */
export interface SavedFile {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
}

/** Keeps the last file alone: what is kept of others are their answers. */
export async function keepFile(digest: string, file: SavedFile): Promise<void> {
  await within("files", "readwrite", (s) => s.clear());
  await within("files", "readwrite", (s) => s.put(file, digest));
}

export async function keptFile(digest: string): Promise<SavedFile | undefined> {
  return (await within<unknown>("files", "readonly", (s) => s.get(digest))) as SavedFile | undefined;
}

/** Answers are of one version of the library, whose numbers may differ from another's. */
const answerKey = (digest: string, key: string) => `${__VERSION__} ${digest} ${key}`;

export async function keepAnswer(digest: string, key: string, result: unknown): Promise<void> {
  await within("answers", "readwrite", (s) => s.put(result, answerKey(digest, key)));
}

export const keptAnswer = (digest: string, key: string): Promise<unknown> =>
  within<unknown>("answers", "readonly", (s) => s.get(answerKey(digest, key)));

/** All answers whose names begin so, by what follows. */
export async function keptAnswers(digest: string, beginning: string): Promise<Map<string, unknown>> {
  const start = answerKey(digest, beginning);
  const range = typeof IDBKeyRange === "undefined" ? null : IDBKeyRange.bound(start, `${start}\uffff`);
  const keys = (await within("answers", "readonly", (s) => s.getAllKeys(range))) ?? [];
  const values = (await within<unknown[]>("answers", "readonly", (s) => s.getAll(range))) ?? [];
  return new Map(keys.map((key, i) => [String(key).slice(start.length), values[i]]));
}

/** Forgets everything. */
export async function clear(): Promise<void> {
  for (const room of rooms) await within(room, "readwrite", (s) => s.clear());
}
