/** From a drop, a picked file or an address to documents in the store. */

import { forget, heavy, quick } from "./ask.js";
import { stopGrid } from "./grid.js";
import { plain, type View } from "./link.js";
import { remake } from "./made.js";
import { keepFile, keptFile } from "./saved.js";
import { look, say, store } from "./state.js";
import type { Progress } from "./worker/protocol.js";
import { TaskError } from "./worker/team.js";

type Files = readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[];

/** What a drop may hold at most, packed. */
const most = 2 ** 28;
const tooLarge = `it has more than ${most / 2 ** 20} MiB; unpack it, and drop the documents in it`;

const otherFile =
  "This is another file than the link was made with; what it looked at is shown where it is there.";

async function digestOf(files: Files): Promise<string> {
  if (!crypto.subtle) throw new Error("this page needs https, or a server on this machine (localhost)");
  const each = await Promise.all(files.map(({ bytes }) => crypto.subtle.digest("SHA-256", bytes)));
  const all =
    each.length === 1 ? each[0]! : await crypto.subtle.digest("SHA-256", await new Blob(each).arrayBuffer());
  return [...new Uint8Array(all)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Opens files, and shows what is in them. `wanted` is a view to go on with, of a link. */
export async function openFiles(name: string, files: Files, wanted: Partial<View> = {}): Promise<void> {
  store.set({ opening: { name, progress: null }, refused: null });
  try {
    const digest = await digestOf(files);
    // Not behind fits of what was open before.
    const opened = await quick.ask(
      "open",
      { files },
      {
        urgent: true,
        progress: (progress) => store.set({ opening: { name, progress } }),
      },
    );
    if (opened.studies.length === 0)
      throw new TaskError({ message: nothing(name, opened.documents), code: null });
    stopGrid();
    forget();
    for (const team of [quick, heavy]) team.use(opened.bytes);
    const { documents, studies } = opened;
    const best = studies.find(({ points }) => points.length > 1) ?? studies[0]!;
    const start = best.points.length > 1 ? "patches" : "contents";
    const { theme } = store.state.view;
    const own = { ...plain, panel: start, workspace: best.workspace, theme };
    store.set({
      drop: { turn: (store.state.drop?.turn ?? 0) + 1, name, digest, documents, studies },
      opening: null,
      view: { ...own, url: wanted.url ?? null, file: digest },
    });
    const made = await remake(wanted.made ?? []);
    if (store.state.drop?.digest !== digest) return;
    if (store.state.drop.studies.some(({ workspace }) => workspace === wanted.workspace))
      look({ ...own, ...wanted, made, url: wanted.url ?? null, file: digest });
    held = files;
    if (wanted.file && wanted.file !== digest) store.set({ refused: otherFile });
    say(store.state.refused ?? `${name} is open.`);
    await keepFile(digest, { name, files });
  } catch (error) {
    refuse(name, error);
  }
}

function refuse(name: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const refused = message.includes(name) ? message : `${name}: ${message}`;
  store.set({ opening: null, refused });
  say(refused);
}

/** Why a drop has nothing to look at. */
function nothing(
  name: string,
  documents: readonly { path: string; content: { kind: string; why?: string } }[],
): string {
  if (documents.length === 0) return `${name} is empty.`;
  if (documents.some(({ content }) => content.kind !== "other"))
    return `${name} has patches but no workspace that they are for; drop the workspace of the background together with them.`;
  const [first] = documents;
  if (documents.length === 1) return `${name} cannot be read: ${first!.content.why}.`;
  return `${name} has no workspace among its ${documents.length} files; of ${first!.path}, ${first!.content.why}.`;
}

/** What is open, as it was dropped. */
let held: Files = [];

async function filesOf(picked: readonly File[]): Promise<Files> {
  return Promise.all(
    picked.map(async (file) => ({
      path: file.webkitRelativePath || file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
}

const nameOf = (picked: readonly File[]): string =>
  picked.length === 1 ? picked[0]!.name : `${picked.length} files`;

/** Reads files, unless they are too large. */
async function openRead(
  picked: readonly File[],
  open: (name: string, files: Files) => Promise<void>,
): Promise<void> {
  if (picked.length === 0) return;
  const name = nameOf(picked);
  const size = picked.reduce((sum, file) => sum + file.size, 0);
  if (size > most) {
    refuse(name, new Error(tooLarge));
    return;
  }
  try {
    await open(name, await filesOf(picked));
  } catch (error) {
    refuse(name, error);
  }
}

/** What somebody dropped or picked. */
export const openPicked = (picked: readonly File[]): Promise<void> =>
  openRead(picked, (name, files) => {
    const { view, drop } = store.state;
    // A link without its file waits for it.
    return openFiles(name, files, drop === null && view.file !== null ? view : {});
  });

/** Opens files beside what is open, which is looked at as before. */
export const addPicked = (picked: readonly File[]): Promise<void> =>
  openRead(picked, (name, files) => {
    const { view, drop } = store.state;
    const all = drop ? [...held, ...files] : files;
    return openFiles(drop ? `${drop.name} + ${name}` : name, all, { ...view, file: null, url: null });
  });

/** The whole address of a file on the web, or null. */
function webAddress(given: string): string | null {
  if (!URL.canParse(given, location.href)) return null;
  const { protocol, href } = new URL(given, location.href);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/** A document by its address; one that is not whole is meant from this page. */
export async function openAddress(given: string, wanted: Partial<View> = {}): Promise<void> {
  const address = webAddress(given);
  if (address === null) {
    refuse(given.slice(0, 80), new Error("this is no address of a file on the web; it begins with https://"));
    return;
  }
  const name = address.split(/[?#]/)[0]!.split("/").filter(Boolean).at(-1) ?? address;
  store.set({ opening: { name, progress: null }, refused: null });
  let answer: Response;
  try {
    answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    const why = `The server of ${address} does not let other pages read it (CORS), or cannot be reached. Download the file, and drop it here.`;
    store.set({ opening: null, refused: why });
    say(why);
    return;
  }
  try {
    if (!answer.ok) throw new Error(`the server of ${address} answers ${answer.status} ${answer.statusText}`);
    const bytes = await bytesOf(answer, (progress) => store.set({ opening: { name, progress } }));
    await openFiles(fileName(answer) ?? name, [{ path: fileName(answer) ?? name, bytes }], {
      ...wanted,
      url: address,
    });
  } catch (error) {
    refuse(name, error);
  }
}

/** The body of an answer, as far as there is room for it. */
async function bytesOf(
  answer: Response,
  tell: (progress: Progress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const told = Number(answer.headers.get("content-length") ?? 0);
  const reader = answer.body?.getReader();
  if (!reader) return new Uint8Array(await answer.arrayBuffer());
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    while (size <= most && told <= most) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      parts.push(value);
      size += value.length;
      if (told > 0) tell({ done: Math.min(size, told), of: told });
    }
  } catch {
    throw new Error("the connection broke before its end; try again, or download it and drop it here");
  } finally {
    // What has ended cannot be cancelled, and need not be.
    await reader.cancel().catch(() => {});
  }
  throw new Error(tooLarge);
}

/** What the server calls the file. */
const fileName = (answer: Response): string | undefined =>
  /filename="?([^";/\\]+)"?/.exec(answer.headers.get("content-disposition") ?? "")?.[1];

/** Goes on where a link says: from its address, or from what this browser kept. */
export async function openLink(view: View): Promise<void> {
  if (view.file) {
    const kept = await keptFile(view.file);
    if (kept) {
      await openFiles(kept.name, kept.files, view);
      return;
    }
  }
  if (view.url) await openAddress(view.url, view);
  else if (view.file) look(view);
}
