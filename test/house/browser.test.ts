import { describe, expect, it } from "vitest";
import { adam, compile, init, type Tensor, table, train, valueAndGrad } from "../../src/index.js";
import { chromium, inPage } from "../kit/page.js";

// The page's own program; what it sends back is compared with the same function here.
const program = `
import { adam, compile, init, table, train, valueAndGrad } from "/dist/src/index.js";
import { threads } from "/dist/src/entry/threads.web.js";
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

describe.skipIf(!chromium)("a page in a real browser", () => {
  it("computes and trains to the same bits as Node, alone and with a web worker, without code from strings", async () => {
    const result = await inPage(program);
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
  }, 60_000);
});
