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
/** What the build puts here: addresses of all files of the site, and a digest of what is in them. */
declare const PRECACHED: { readonly files: readonly string[]; readonly digest: string };
const { files, digest } = PRECACHED;
const name = `explorer-${digest}`;

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
