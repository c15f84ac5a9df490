import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type * as Ops from "../../src/entry/ops.js";
import type * as ThreadsEntry from "../../src/entry/threads.node.js";
import type * as Library from "../../src/index.js";
import type { EventTensor, Scalar, Tensor, Vector } from "../../src/index.js";

// Workers load built files, so this test uses the build, as a user would.
const dist = resolve(import.meta.dirname, "../../dist/src");
const load = <T>(file: string) =>
  import(/* @vite-ignore */ pathToFileURL(join(dist, file)).href) as Promise<T>;

let gradcut: typeof Library;
let threads: typeof ThreadsEntry.threads;
beforeAll(async () => {
  expect(existsSync(join(dist, "entry/worker.node.js")), "run `npm run build` first").toBe(true);
  gradcut = await load<typeof Library>("index.js");
  ({ threads } = await load<typeof ThreadsEntry>("entry/threads.node.js"));
  await gradcut.init();
});

describe("threads", () => {
  const n = 75_000;
  const wave = (k: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(1 + i * k));
  const bytesOf = (x: unknown) => {
    if (!ArrayBuffer.isView(x)) throw new TypeError("no array");
    return Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  };
  type Events = { x: Tensor; y: Tensor };
  const f = (p: { a: Tensor; b: Tensor }, e: Events) => {
    const z = e.x.mul(p.a).sub(e.y.mul(p.b));
    return z
      .sigmoid()
      .sum()
      .log()
      .add(z.logsumexp("events"))
      .add(z.sub(z.logsumexp("events")).exp().mul(e.y).sum());
  };

  it.each(["f32", "f64"] as const)(
    "give the same bits as one with children of events (%s)",
    async (dtype) => {
      const { compile, nested, table, valueAndGrad } = gradcut;
      const offsets = Int32Array.from({ length: 30_001 }, (_, i) => Math.floor((i * i * 5) / 90_000) + i);
      const pt = Float64Array.from({ length: offsets.at(-1)! }, (_, i) => 50 + 40 * Math.sin(1 + i * 0.3));
      const events = table({ y: wave(0.7).subarray(0, 30_000), jets: nested(offsets, { pt }) }, { dtype });
      const both = (p: { a: Scalar }, e: { y: EventTensor; jets: { pt: EventTensor } }) => {
        const w = (a: Scalar) => e.jets.pt.sub(a).sigmoid().mul(e.jets.pt);
        return {
          ...valueAndGrad((q: { a: Scalar }) => w(q.a).sum("parent").mul(e.y).sum())(p),
          w: w(p.a),
          ht: w(p.a).sum("parent"),
        };
      };
      const alone = compile(both)({ a: 45 }, events);
      for (const count of [2, 3]) {
        const team = await threads(count);
        const g = compile(both, { threads: team });
        for (const r of [g({ a: 45 }, events), await g.async({ a: 45 }, events)]) {
          expect(Object.is(r.value, alone.value)).toBe(true);
          expect(r.grads).toEqual(alone.grads);
          expect(bytesOf(r.w).equals(bytesOf(alone.w))).toBe(true);
          expect(bytesOf(r.ht).equals(bytesOf(alone.ht))).toBe(true);
        }
        team.close();
      }
    },
  );

  it("give the same bits as one with roots and fits of events", async () => {
    const { compile, constantArray, minimize, root, table, valueAndGrad } = gradcut;
    const events = table({ x: wave(0.1).subarray(0, 20_000), y: wave(0.7).subarray(0, 20_000) });
    const both = (a: Scalar, e: { x: EventTensor; y: EventTensor }) => {
      const found = (s: Scalar) => root((t) => t.exp().add(t).sub(e.x.mul(s)), -9, 9);
      const lowest = (s: Scalar) =>
        minimize(
          (t: Vector) =>
            t.square().square().add(t.square()).sum([-1]).sub(t.at(0).mul(e.y).mul(s)).add(t.at(1)),
          constantArray([0, 1]),
        );
      const loss = (s: Scalar) =>
        found(s).x.mul(e.y).add(lowest(s).x.at(0).square()).add(lowest(s).value).sum();
      return { ...valueAndGrad(loss)(a), root: found(a).x, fit: lowest(a).x };
    };
    const alone = compile(both)(1.2, events);
    const team = await threads(2);
    const shared = compile(both, { threads: team })(1.2, events);
    expect(Object.is(shared.value, alone.value)).toBe(true);
    expect(Object.is(shared.grads, alone.grads)).toBe(true);
    expect(Number.isFinite(alone.grads)).toBe(true);
    expect(bytesOf(shared.root).equals(bytesOf(alone.root))).toBe(true);
    expect(bytesOf(shared.fit).equals(bytesOf(alone.fit))).toBe(true);
    team.close();
  });

  it("give the same bits as one with children in order", async () => {
    const { compile, nested, table, valueAndGrad } = gradcut;
    const ops = await load<typeof Ops>("entry/ops.js");
    const offsets = Int32Array.from({ length: 20_001 }, (_, i) => 3 * i + ((i * i) % 3));
    const pt = Float64Array.from({ length: offsets.at(-1)! }, (_, i) =>
      Math.floor(20 * Math.sin(1 + i * 0.3)),
    );
    const events = table({ y: wave(0.7).subarray(0, 20_000), jets: nested(offsets, { pt }) });
    const f = (p: { a: Scalar }, e: { y: EventTensor; jets: { pt: EventTensor } }) => {
      const w = e.jets.pt.sub(p.a).div(20);
      const leading = ops.topK(w, 2, "parent", { missing: 0 }).sum(-1);
      const inOrder = ops.cumsum(ops.sort(w, { over: "parent", descending: true }), "parent").sum("parent");
      return leading.add(inOrder).mul(ops.any(w.sigmoid(), "parent")).mul(e.y);
    };
    const both = (p: { a: Scalar }, e: { y: EventTensor; jets: { pt: EventTensor } }) => ({
      ...valueAndGrad((q: { a: Scalar }) => f(q, e).sum())(p),
      each: f(p, e),
    });
    const alone = compile(both)({ a: 5 }, events);
    const team = await threads(2);
    const r = compile(both, { threads: team })({ a: 5 }, events);
    expect(Object.is(r.value, alone.value)).toBe(true);
    expect(r.grads).toEqual(alone.grads);
    expect(bytesOf(r.each).equals(bytesOf(alone.each))).toBe(true);
    team.close();
  });

  it.each(["f32", "f64"] as const)("give the same bits as one, for any number (%s)", async (dtype) => {
    const { compile, table, valueAndGrad } = gradcut;
    const events = table({ x: wave(0.1), y: wave(0.7) }, { dtype });
    const both = (p: { a: Tensor; b: Tensor }, e: Events) => ({
      ...valueAndGrad(f)(p, e),
      z: e.x.mul(p.a).add(e.y),
    });
    const alone = compile(both)({ a: 1.3, b: 0.4 }, events);
    for (const count of [1, 2, 5]) {
      const team = await threads(count);
      const g = compile(both, { threads: team });
      const sync = g({ a: 1.3, b: 0.4 }, events);
      const later = await g.async({ a: 1.3, b: 0.4 }, events);
      for (const r of [sync, later]) {
        expect(Object.is(r.value, alone.value)).toBe(true);
        expect(Object.is(r.grads.a, alone.grads.a)).toBe(true);
        expect(Object.is(r.grads.b, alone.grads.b)).toBe(true);
        expect(bytesOf(r.z).equals(bytesOf(alone.z))).toBe(true);
      }
      team.close();
    }
  });

  it("are not disturbed by other calls while one waits", async () => {
    const { compile, table, valueAndGrad } = gradcut;
    const team = await threads(2);
    const events = table({ x: wave(0.1), y: wave(0.7) });
    const g = compile(valueAndGrad(f), { threads: team });
    const other = compile((e: Events) => e.x.mul(e.y).logsumexp("events"));
    const want = g({ a: 1.3, b: 0.4 }, events);
    const alone = other(events);
    for (let i = 0; i < 5; i++) {
      const [first, second] = [g.async({ a: 1.3, b: 0.4 }, events), g.async({ a: 0.3, b: 0.4 }, events)];
      await Promise.resolve();
      expect(other(events)).toBe(alone);
      expect((await first).value).toBe(want.value);
      expect((await second).value).not.toBe(want.value);
    }
    const waiting = g.async({ a: 1.3, b: 0.4 }, events);
    await Promise.resolve();
    await Promise.resolve();
    expect(() => g({ a: 1.3, b: 0.4 }, events)).toThrow(/busy with an earlier call/);
    expect((await waiting).value).toBe(want.value);
    team.close();
  });

  it("see what the caller wrote into a column between two calls", async () => {
    const { compile, table } = gradcut;
    const team = await threads(2);
    const x = wave(0.3);
    const events = table({ x });
    const g = compile((e: { x: Tensor }) => e.x.sum(), { threads: team });
    const before = g(events);
    x.fill(1);
    expect(g(events)).toBe(n);
    expect(before).not.toBe(n);
    team.close();
  });
});
