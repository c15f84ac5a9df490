/** Keeps the files of the site, so that it opens without a network after the first time. */

/** What is used of a service worker here; the page's types have no such scope. */
interface Scope {
  readonly caches: CacheStorage;
  readonly location: Location;
  addEventListener(type: string, listener: (event: Stage) => void): void;
  skipWaiting(): Promise<void>;
}
interface Stage {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
/** The build puts the list of files here. */
const listed: string | readonly string[] = "PRECACHED";
const files = typeof listed === "string" ? [] : listed;
const name = `explorer-${key(files.join("\n"))}`;

/** A short text that differs where the list of files does, whose names have digests. */
function key(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(36);
}

const here = new URL("./", scope.location.href);
const page = new URL("index.html", here).href;
const own = new Set(files.map((file) => new URL(file, here).href));

async function keep(): Promise<void> {
  const cache = await scope.caches.open(name);
  await cache.addAll([...own]);
  await scope.skipWaiting();
}

async function forget(): Promise<void> {
  const names = await scope.caches.keys();
  await Promise.all(
    names.filter((n) => n.startsWith("explorer-") && n !== name).map((n) => scope.caches.delete(n)),
  );
}

async function answer(request: Request): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  const plain = request.mode === "navigate" ? page : origin + pathname;
  const cache = await scope.caches.open(name);
  return (await cache.match(plain)) ?? fetch(request);
}

scope.addEventListener("install", (event) => event.waitUntil(keep()));
scope.addEventListener("activate", (event) => event.waitUntil(forget()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const ours =
    own.has(origin + pathname) || (request.mode === "navigate" && request.url.startsWith(here.href));
  if (request.method === "GET" && ours) event.respondWith(answer(request));
});
