/** Serves the built site from a folder of a name of its own, packed, as hosts of static files do. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

const packed = new Map();
function packedFile(file) {
  const { mtimeMs } = statSync(file);
  const known = packed.get(file);
  if (known?.mtimeMs === mtimeMs) return known.bytes;
  const bytes = gzipSync(readFileSync(file), { level: 9 });
  packed.set(file, { mtimeMs, bytes });
  return bytes;
}

/**
 * The address of the site and a way to end its server. `at` is the folder, `headers` go with each file, `extra`
 * answers other paths by name. `sent` has the bytes of each answer, in their order.
 */
export async function serve(folder, { at = "/some/folder/", headers = {}, extra = {} } = {}) {
  const sent = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const own = extra[pathname];
    if (own) return own(request, response);
    const path = pathname.startsWith(at) ? join(folder, normalize(`/${pathname.slice(at.length)}`)) : "";
    const file = path.endsWith("/") ? join(path, "index.html") : path;
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end("not here");
    const bytes = packedFile(file);
    sent.push({ path: pathname.slice(at.length), bytes: bytes.length });
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-encoding": "gzip",
      "content-length": bytes.length,
      ...headers,
    });
    return response.end(bytes);
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  const origin = `http://localhost:${server.address().port}`;
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `${origin}${at}`, origin, sent, end };
}

/** The policy that stands in the built page, for a server that sends it as a header. */
export function policyOf(folder) {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  if (!policy) throw new Error("the built page has no policy");
  return policy.replaceAll("&#39;", "'");
}
