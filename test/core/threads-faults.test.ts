import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type * as Team from "../../bindings/team.js";
import type * as ThreadsEntry from "../../src/entry/threads.node.js";
import type * as Library from "../../src/index.js";
import type { Tensor } from "../../src/index.js";
import { runs } from "../kit/runs.js";

// Workers load built files, so this test uses the build, as a user would.
const dist = resolve(import.meta.dirname, "../../dist");
const address = (file: string) => pathToFileURL(join(dist, file)).href;
const load = <T>(file: string) => import(/* @vite-ignore */ address(file)) as Promise<T>;

// A worker needs seconds to start on a machine with much else to do.
vi.setConfig({ testTimeout: 120_000 });

type Threads = Team.Threads;
type Columns = Readonly<Record<"x" | "y", Float64Array>>;

let gradcut: typeof Library;
let threads: typeof ThreadsEntry.threads;
let bindings: typeof Team;
let module: WebAssembly.Module;
let events: Columns;
const n = 50_000;
const f = (p: { a: Tensor }, e: { x: Tensor; y: Tensor }) => e.x.sub(p.a).square().mul(e.y).sum("events");
let right: (a: number) => number;

beforeAll(async () => {
  gradcut = await load<typeof Library>("src/index.js");
  ({ threads } = await load<typeof ThreadsEntry>("src/entry/threads.node.js"));
  bindings = await load<typeof Team>("bindings/team.js");
  module = new WebAssembly.Module(readFileSync(join(dist, "kernels.wasm")));
  await gradcut.init();
  const wave = (k: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(1 + i * k));
  events = gradcut.table({ x: wave(0.1), y: wave(0.7) });
  const alone = gradcut.compile(f);
  // Once, before anything is spoilt.
  const values = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((a) => Number(alone({ a }, events)));
  right = (a) => values[a] as number;
});

const opened: Worker[] = [];
const teams: Threads[] = [];
afterEach(async () => {
  for (const team of teams.splice(0)) team.close();
  await Promise.all(opened.splice(0).map((worker) => worker.terminate()));
});

const script = () => new URL(address("src/entry/worker.node.js"));
const make = (worker = new Worker(script())): Worker => {
  opened.push(worker);
  return worker;
};
const start = async (count: number, worker: () => Worker = () => make()): Promise<Threads> => {
  const team = await threads({ count, worker });
  teams.push(team);
  return team;
};

/** A team that gives its workers few milliseconds before the calling thread takes over. */
async function impatient(count: number, patience: number): Promise<Threads> {
  const team = await bindings.Threads.start({
    ...{ module, count, patience },
    fault: (code, message, fields) => new gradcut.ThreadsError(code, message, fields),
    open: () => {
      const worker = make();
      return {
        post: (message) => worker.postMessage(message),
        listen: ({ answer, end }) => {
          worker.on("message", answer);
          worker.on("error", () => {});
          worker.on("exit", (code) => end(`exit code ${code}`));
        },
        hold: () => {},
        close: () => void worker.terminate(),
      };
    },
  });
  teams.push(team);
  return team;
}

const caught = (call: Promise<unknown>): Promise<number | Error> => call.then(Number, (e: Error) => e);

/** Makes the `at`-th write into the kernels' memory by the calling thread fail, as a trap would; returns how to stop. */
function trap(at: number): () => void {
  const { set } = Float32Array.prototype;
  let calls = 0;
  Float32Array.prototype.set = function (this: Float32Array, ...args: Parameters<typeof set>) {
    if (++calls === at) throw new Error("a trap");
    set.apply(this, args);
  };
  return () => {
    Float32Array.prototype.set = set;
  };
}

/** Makes the next work of a worker one that throws in the middle. */
function spoil(worker: Worker): void {
  const { postMessage } = worker;
  worker.postMessage = (order: { kind?: string }) => {
    if (order?.kind !== "sweep") return postMessage.call(worker, order);
    worker.postMessage = postMessage;
    // Columns that end before the rows do.
    postMessage.call(worker, { ...order, columns: new Map() });
  };
}

/** A worker that does something of its own when it gets work. */
const hostile = (code: string, options = {}) => {
  const source = `
    import { parentPort } from "node:worker_threads";
    const on = parentPort.on.bind(parentPort);
    const first = (f) => (order) => { if (order.kind === "sweep") { ${code} } f(order); };
    parentPort.on = (name, f) => on(name, name === "message" ? first(f) : f);
    await import(${JSON.stringify(script().href)});`;
  return make(
    new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      ...options,
      stderr: true,
    }),
  );
};

describe("a team of threads", () => {
  it("that is closed under a call makes it reject, however far it is", async () => {
    for (const ticks of [0, 1, 2, 3]) {
      const team = await start(2);
      const g = gradcut.compile(f, { threads: team });
      const call = caught(g.async({ a: 2 }, events));
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      team.close();
      const result = await call;
      if (typeof result === "number") expect(result).toBe(right(2));
      else
        expect(result.message).toMatch(/the threads are closed, so this call has no result; await what is/);
      team.close();
      expect(() => g({ a: 2 }, events)).toThrow(gradcut.ThreadsError);
      await expect(g.async({ a: 2 }, events)).rejects.toThrow(/closed/);
    }
  });

  it.each(["sync", "async"])(
    "says once that a worker ended, and goes on with the others (%s)",
    async (how) => {
      const team = await start(3);
      const g = gradcut.compile(f, { threads: team });
      const call = async (a: number) => (how === "sync" ? g({ a }, events) : await g.async({ a }, events));
      expect(await call(2)).toBe(right(2));
      await opened[0]!.terminate();
      await expect(call(2)).rejects.toThrow(
        "a worker thread has ended (exit code 1), so this call has no result; the other 2 threads, the calling one among them, go on: call again",
      );
      expect(await call(3)).toBe(right(3));
      await opened[1]!.terminate();
      await expect(call(2)).rejects.toThrow(/no worker is left, and the calling thread will work alone/);
      expect(await call(4)).toBe(right(4));
      expect(team.count).toBe(1);
    },
  );

  it("rejects where a worker ends while it is awaited", async () => {
    const team = await start(2);
    const g = gradcut.compile(f, { threads: team });
    g({ a: 1 }, events);
    const { postMessage } = opened[0]!;
    opened[0]!.postMessage = () => postMessage.call(opened[0]!, null);
    await expect(g.async({ a: 2 }, events)).rejects.toThrow(/a worker thread has ended/);
    expect(await g.async({ a: 2 }, events)).toBe(right(2));
  });

  it("does the work of a worker of whose end it cannot hear", async () => {
    const team = await impatient(3, 30);
    const g = gradcut.compile(
      (p: { a: Tensor }, e: { x: Tensor; y: Tensor }) => ({
        value: f(p, e),
        z: e.x.mul(p.a),
      }),
      { threads: team },
    );
    const want = gradcut.compile((p: { a: Tensor }, e: { x: Tensor }) => e.x.mul(p.a))({ a: 2 }, events);
    g({ a: 2 }, events);
    // Without a look at events in between, nobody can tell.
    opened[1]!.terminate();
    for (let i = 0; i < 3; i++) {
      const { value, z } = g({ a: 2 }, events);
      expect(value).toBe(right(2));
      expect(z).toEqual(want);
    }
  });

  it("throws at once where a worker ends by itself, though the calling thread is blocked", async () => {
    const team = await start(2, () => hostile("process.exit(3)"));
    const g = gradcut.compile(f, { threads: team });
    expect(() => g({ a: 2 }, events)).toThrow(/a worker thread has ended \(it ended by itself\)/);
    expect(g({ a: 2 }, events)).toBe(right(2));
  });

  it("says that a worker ran out of memory", async () => {
    const team = await start(2, () =>
      hostile("const all = []; for (;;) all.push(new Array(1e5).fill(all.length));", {
        resourceLimits: { maxOldGenerationSizeMb: 24 },
      }),
    );
    const g = gradcut.compile(f, { threads: team });
    await expect(g.async({ a: 2 }, events)).rejects.toThrow(/has ended \(.*memory/);
    expect(g({ a: 2 }, events)).toBe(right(2));
  });

  it("is free again after a worker threw, and after the calling thread did", async () => {
    const team = await start(2);
    const g = gradcut.compile(f, { threads: team });
    expect(g({ a: 2 }, events)).toBe(right(2));
    spoil(opened[0]!);
    expect(() => g({ a: 2 }, events)).toThrow(/^a worker thread failed: /);
    expect(g({ a: 2 }, events)).toBe(right(2));
    for (let at = 1; at < 8; at++) {
      let stop = trap(at);
      try {
        expect(() => g({ a: 2 }, events)).toThrow("a trap");
      } finally {
        stop();
      }
      expect(g({ a: at }, events)).toBe(right(at));
      stop = trap(at);
      const call = g.async({ a: 2 }, events);
      await expect(call.finally(stop)).rejects.toThrow("a trap");
      expect(await g.async({ a: at }, events)).toBe(right(at));
    }
  });

  it("serves several functions, beside other teams", async () => {
    const [one, two] = [await start(2), await start(3)];
    const g = gradcut.compile(f, { threads: one });
    const h = gradcut.compile((p: { a: Tensor }, e: { x: Tensor; y: Tensor }) => f(p, e).neg(), {
      threads: one,
    });
    const k = gradcut.compile(f, { threads: two });
    const results = await Promise.all([1, 2, 3].flatMap((a) => [g, h, k].map((c) => c.async({ a }, events))));
    expect(results).toEqual([1, 2, 3].flatMap((a) => [right(a), -right(a), right(a)]));
    one.close();
    expect(await k.async({ a: 4 }, events)).toBe(right(4));
  });
});

describe("threads that do not start", () => {
  const refused = async (worker: string | URL | (() => Worker), sentence: RegExp) => {
    const call = threads({ count: 3, worker });
    await expect(call).rejects.toThrow(gradcut.ThreadsError);
    await expect(call).rejects.toThrow(sentence);
  };
  const text = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

  it("reject: no script, one that throws or ends, one that is none of ours", async () => {
    await refused(new URL(address("src/nowhere.js")), /does not start: Cannot find module .*nowhere/);
    await refused(text("throw new Error('no way')"), /does not start: no way/);
    await refused(text("process.exit(7)"), /does not start: exit code 7/);
    await refused(text("1"), /does not start: exit code 0/);
    await refused(() => {
      throw new Error("no workers here");
    }, /does not start: no workers here/);
    await refused(() => hostileStart(), /does not start: its kernels are spoilt/);
  });

  const hostileStart = () =>
    make(
      new Worker(
        text(
          `WebAssembly.instantiate = () => Promise.reject(new Error("its kernels are spoilt")); import(${JSON.stringify(script().href)});`,
        ),
      ),
    );

  it("reject where a script never answers", async () => {
    const silent = bindings.Threads.start({
      ...{ module, count: 2, starting: 20, fault: (_: string, message: string) => new Error(message) },
      open: () => ({ post() {}, listen() {}, hold() {}, close() {} }),
    });
    await expect(silent).rejects.toThrow("no answer in 0.02 s; is its script the one of 'gradcut/worker'?");
  });

  it.each([0, -1, 1.5, Number.NaN])("reject: a count of %s", async (count) => {
    await expect(threads(count)).rejects.toThrow(/give a whole number of at least 1/);
  });
});

describe("any order of calls and accidents", () => {
  const accident = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom("sync", "async"), a: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("ticks"), a: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("trap"), a: fc.integer({ min: 1, max: 9 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom("kill", "bury", "poison", "spoil"),
        a: fc.integer({ min: 0, max: 1 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("close", "await"), a: fc.constant(0) }) },
  );

  it("gives the right number or a sentence, and never waits for ever", async () => {
    const sentence =
      /^(a worker thread (has ended|failed)|2 worker threads have ended|the threads are (closed|busy)|the kernels stopped: a trap;)/;
    const check = (result: number | Error, a: number) => {
      if (typeof result === "number") expect(result).toBe(right(a));
      else expect(result.message).toMatch(sentence);
    };
    const property = fc.asyncProperty(fc.array(accident, { minLength: 3, maxLength: 12 }), async (steps) => {
      opened.length = 0;
      const team = await impatient(3, 20);
      const g = gradcut.compile(f, { threads: team });
      const calls: Promise<void>[] = [];
      let stop = () => {};
      const actions: Record<string, (a: number) => unknown> = {
        sync: (a) => {
          let result: number | Error;
          try {
            result = Number(g({ a }, events));
          } catch (error) {
            result = error as Error;
          }
          stop();
          check(result, a);
        },
        async: (a) => {
          calls.push(caught(g.async({ a }, events)).then((r) => check(r, a)));
        },
        ticks: async (k) => {
          for (let i = 0; i < k; i++) await Promise.resolve();
        },
        trap: (at) => {
          stop();
          stop = trap(at);
        },
        kill: (k) => void opened[k]!.terminate(),
        bury: (k) => opened[k]!.terminate(),
        poison: (k) => opened[k]!.postMessage(null),
        spoil: (k) => spoil(opened[k]!),
        close: () => team.close(),
        await: () => Promise.all(calls),
      };
      try {
        for (const step of steps) await actions[step.do]!(step.a);
        await Promise.all(calls);
      } finally {
        stop();
        team.close();
        await Promise.all(opened.map((worker) => worker.terminate()));
      }
    });
    await fc.assert(property, { numRuns: runs(10) });
  }, 600_000);
});
