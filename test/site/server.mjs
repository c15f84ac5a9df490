/** Serves the built site from a folder of a name of its own, as any server of static files would. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The address of the site and a way to end its server; `extra` answers other paths by name. */
export async function serve(folder, extra = {}) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const own = extra[pathname];
    if (own) return own(request, response);
    const path = join(folder, normalize(pathname.replace(/^\/some\/folder\//, "/")));
    const file = path.endsWith("/") ? join(path, "index.html") : path;
    if (!pathname.startsWith("/some/folder/") || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end("not here");
      return undefined;
    }
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    return createReadStream(file).pipe(response);
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  const address = `http://localhost:${server.address().port}/some/folder/`;
  return { address, origin: new URL(address).origin, end: () => server.close() };
}
