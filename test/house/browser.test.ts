import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { adam, compile, init, type Tensor, table, train, valueAndGrad } from "../../src/index.js";

const dist = resolve(import.meta.dirname, "../../dist");
const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);
if (!chromium) console.log("Browser tests are skipped: no chromium on the path.");

// The page's own program; what it sends back is compared with the same function here.
const program = `
import { adam, compile, init, table, train, valueAndGrad } from "/dist/src/index.js";
import { threads } from "/dist/src/entry/threads.web.js";
const send = (r) => fetch("/result", { method: "POST", body: JSON.stringify(r) });
try {
  await init();
  const x = Float64Array.from({ length: 40000 }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
  const f = (p, e) => e.x.sub(p.a).sigmoid().sum().log().add(e.x.mul(p.a).exp().sum());
  const alone = compile(valueAndGrad(f))({ a: 0.3 }, table({ x }));
  const team = await threads(2);
  const shared = await compile(valueAndGrad(f), { threads: team }).async({ a: 0.3 }, table({ x }));
  let frames = 0;
  const count = () => { frames++; setTimeout(count, 5); };
  count();
  const options = { params: { a: 0.3 }, data: { x: table({ x }) }, optimizer: adam(0.05), steps: 300 };
  const loss = (p, { x: e }) => f(p, e);
  const { params, history } = await train(loss, { ...options, threads: team });
  await send({ alone, shared, trained: { params, history: [...history] }, alive: frames > 2, isolated: crossOriginIsolated });
} catch (error) {
  await send({ error: String(error) });
}`;

// Everything a page needs, under a policy that forbids code from strings.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
};

function serve(done: (result: unknown) => void): Server {
  return createServer((request, response) => {
    const url = request.url ?? "/";
    const reply = (type: string, body: string | Buffer) => {
      response.writeHead(200, { ...headers, "Content-Type": type });
      response.end(body);
    };
    if (url === "/")
      return reply("text/html", '<!doctype html><script type="module" src="/program.js"></script>');
    if (url === "/program.js") return reply("text/javascript", program);
    if (url === "/result") {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        reply("text/plain", "");
        done(JSON.parse(body));
      });
      return;
    }
    if (url.startsWith("/dist/") && !url.includes(".."))
      return reply("text/javascript", readFileSync(join(dist, url.slice(6))));
    response.writeHead(404);
    response.end();
  });
}

describe.skipIf(!chromium)("a page in a real browser", () => {
  const profile = mkdtempSync(join(tmpdir(), "gradcut-browser-"));
  afterAll(() => rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

  it("computes and trains to the same bits as Node, alone and with a web worker, without code from strings", async () => {
    let done: (r: Record<string, unknown>) => void = () => {};
    const promise = new Promise<Record<string, unknown>>((r) => {
      done = r;
    });
    const server = serve((r) => done(r as Record<string, unknown>));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
    ];
    const browser = spawn(chromium as string, [...flags, `http://127.0.0.1:${port}/`], {
      stdio: "ignore",
      detached: true,
    });
    try {
      const result = await promise;
      await init();
      const x = Float64Array.from({ length: 40000 }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
      type P = { a: Tensor };
      const f = (p: P, e: { x: Tensor }) => e.x.sub(p.a).sigmoid().sum().log().add(e.x.mul(p.a).exp().sum());
      const here = compile(valueAndGrad(f))({ a: 0.3 }, table({ x }));
      const { params, history } = await train<{ a: number }, { x: ReturnType<typeof table> }>(
        (p, { x: e }) => f(p, e as unknown as { x: Tensor }),
        { params: { a: 0.3 }, data: { x: table({ x }) }, optimizer: adam(0.05), steps: 300 },
      );
      const trained = { params, history: [...history] };
      expect(result).toEqual({ alone: here, shared: here, trained, alive: true, isolated: true });
    } finally {
      // With its helper processes, which would go on writing to the profile.
      const gone = new Promise((exit) => browser.once("exit", exit));
      process.kill(-(browser.pid as number), "SIGKILL");
      await gone;
      server.closeAllConnections();
      server.close();
    }
  }, 60_000);
});
