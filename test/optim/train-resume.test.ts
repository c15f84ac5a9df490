import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/entry/optim.js";
import { normal } from "../../src/entry/random.js";
import { adam, init, key, lbfgs, sgd, table, train } from "../../src/index.js";
import { scratch } from "../kit/scratch.js";
import { bits, cases, data } from "../kit/traincases.js";

const { folder } = scratch();
const program = join(folder, "child.mjs");
const windows = process.platform === "win32";
beforeAll(async () => {
  await init();
  await build({
    entryPoints: [resolve(import.meta.dirname, "../kit/trainchild.ts")],
    outfile: program,
    ...{ bundle: true, format: "esm", platform: "node", logLevel: "silent" },
  });
});

function child(name: string, file: string, killAt: number, slow: number): [ChildProcess, Promise<unknown>] {
  const process = spawn(globalThis.process.execPath, [program, name, file, `${killAt}`, `${slow}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return [process, new Promise((end) => process.once("exit", (_, signal) => end(signal)))];
}

describe("a training that is killed goes on with the same bits", () => {
  it.each(Object.keys(cases))("%s", async (name) => {
    const whole = cases[name]!({});
    // Killed by itself amid the writing of a checkpoint, and from outside at any moment.
    const killAt = 5 * (2 + Math.floor(Math.random() * 30));
    const files = [join(folder, `${name}-amid.ckpt`), join(folder, `${name}-any.ckpt`)] as const;
    const [, amid] = child(name, files[0], killAt, 0);
    const [process, any] = child(name, files[1], -1, 2);
    while (!existsSync(files[1])) await new Promise((r) => setTimeout(r, 2));
    setTimeout(() => process.kill("SIGKILL"), Math.random() * 300);
    const signals = await Promise.all([amid, any]);
    // Of a process that ends itself Windows knows no signal.
    expect(signals).toEqual([windows ? null : "SIGKILL", "SIGKILL"]);
    const want = bits(await whole);
    expect((await whole).steps).toBe(200);
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(file));
      const { step, history } = readCheckpoint(bytes);
      expect(history.length).toBe(step + 1);
      if (file === files[0]) expect(step).toBe(killAt - 5);
      expect(step).toBeLessThan(200);
      const resumed = await cases[name]!({ resume: bytes });
      expect(bits(resumed) === want, `${name} from step ${step}`).toBe(true);
    }
    expect(readdirSync(folder).filter((f) => f.startsWith(`${name}-`) && f.endsWith(".ckpt"))).toHaveLength(
      2,
    );
  });

  it("twice, and after its end with more steps", async () => {
    let last = new Uint8Array(0);
    const save = (bytes: Uint8Array) => {
      last = bytes as Uint8Array<ArrayBuffer>;
    };
    const stop = new AbortController();
    const first = await cases.minibatch!({
      checkpoint: { every: 1000, save },
      signal: stop.signal,
      onStep: ({ step }) => step === 33 && stop.abort(),
    });
    expect(first).toMatchObject({ status: "aborted", steps: 33 });
    expect(readCheckpoint(last).step).toBe(33);
    await cases.minibatch!({ resume: last, steps: 91, checkpoint: { save } });
    expect(readCheckpoint(last).step).toBe(91);
    const third = await cases.minibatch!({ resume: last });
    const whole = await cases.minibatch!({});
    expect(third.history).toEqual(whole.history);
    expect(third.params).toEqual(whole.params);
  });
});

describe("checkpoints", () => {
  const loss = (
    p: { a: import("../../src/index.js").Tensor },
    e: { x: import("../../src/index.js").Tensor },
  ) => e.x.sub(p.a).square().mean();
  const events = (n: number, seed = 1) => table({ x: normal(key(seed), n) });
  const options = { params: { a: 2 }, data: events(500), optimizer: adam(0.1), steps: 20 };
  const saved = async (extra: object = {}): Promise<Uint8Array> => {
    let last = new Uint8Array(0);
    await train(loss, {
      ...options,
      ...extra,
      checkpoint: {
        every: 10,
        attach: () => ({ seconds: 1.5 }),
        save: (bytes, step) => {
          if (step === 10) last = bytes as Uint8Array<ArrayBuffer>;
        },
      },
    });
    return last;
  };

  it("are refused by another training, in words", async () => {
    const resume = await saved();
    const refused = (other: object, say: RegExp, f = loss) =>
      expect(train(f, { ...options, resume, ...other })).rejects.toThrow(say);
    await expect(train(loss, { ...options, resume })).resolves.toMatchObject({ steps: 20 });
    await refused(
      { data: events(501) },
      /tables differ: there events of 500 f32 events \(x\); here events of 501/,
    );
    await refused({ data: events(500, 2) }, /its tables hold other events/);
    await refused({ optimizer: adam(0.2) }, /its optimizer is another one, or has other settings/);
    await refused({ optimizer: lbfgs() }, /its optimizer/);
    await refused({ optimizer: sgd(0.1) }, /its optimizer/);
    await refused({}, /its loss is another function/, (p, e) => e.x.sub(p.a).mul(1.5).square().mean());
    await refused({ params: { a: 1 } }, /it began from other params/);
    await refused(
      { params: { a: 2, b: new Float64Array(3) } },
      /another structure: there a; here a, b\(3\)\./,
    );
    await refused({ batch: 100 }, /its batches or held-out events differ: there batch all, seed 0/);
    await refused({ label: "--cut other" }, /its label differs/);
    const annealed = (rate: number) => ({ extras: (step: number) => ({ width: 1 - rate * step }) });
    const other = { ...annealed(0.02), resume: await saved(annealed(0.01)) };
    await refused(other, /its extras \(widths, schedules\) differ/);
    await expect(train(loss, { ...options, resume: resume.subarray(0, 100) })).rejects.toThrow(
      /These 100 bytes are no checkpoint of a training, or a damaged one/,
    );
    await expect(train(loss, { ...options, resume: new Uint8Array(0) })).rejects.toThrow(/no checkpoint/);
  });

  it("carry what the caller attached", async () => {
    const checkpoint = readCheckpoint<{ a: number }>(await saved());
    expect(checkpoint).toMatchObject({ step: 10, attached: { seconds: 1.5 } });
    expect(checkpoint.loss).toBe(checkpoint.history[10]);
  });

  it("that cannot be written leave the training alone and are told", async () => {
    const result = await train(loss, {
      ...options,
      checkpoint: {
        every: 5,
        save: (_, step) => {
          if (step > 10) throw new Error("The disk is full.");
        },
      },
    });
    expect(result).toMatchObject({ status: "maxSteps", steps: 20 });
    expect(result.warnings).toEqual([
      "2 checkpoints could not be saved, the latest at step 20: The disk is full. The last one that was saved is of step 10.",
    ]);
  });

  it("are made by the clock, too", async () => {
    const steps: number[] = [];
    await train(loss, {
      ...options,
      steps: 60,
      onStep: () => new Promise((r) => setTimeout(r, 2)),
      checkpoint: { seconds: 0.03, save: (_, step) => void steps.push(step) },
    });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.at(-1)).toBe(60);
  });

  it("of every optimiser hold its state", async () => {
    const gradcut = await import("../kit/library.js");
    const { adamw, nadam, radam, rmsprop, adagrad, lion, chain, clipByGlobalNorm, ema, accumulate } = gradcut;
    const { applyIfFinite, zeroNans, multiTransform } = gradcut;
    const rules = {
      ...{
        adamw: adamw(0.1),
        nadam: nadam(0.1),
        radam: radam(0.1),
        rmsprop: rmsprop(0.1),
        adagrad: adagrad(0.1),
      },
      ...{ lion: lion(0.01), momentum: sgd(0.1, { momentum: 0.9, nesterov: true }) },
      clipped: chain(zeroNans(), clipByGlobalNorm(0.1), ema(0.9), sgd(0.1)),
      accumulate: accumulate(adam(0.1), 3),
      applyIfFinite: applyIfFinite(adam(0.1), 2),
      multi: multiTransform({ cuts: adam(0.1), rest: sgd(0.1) }, { a: "cuts" }),
    };
    for (const [name, optimizer] of Object.entries(rules)) {
      const resume = await saved({ optimizer });
      const whole = await train(loss, { ...options, optimizer });
      const resumed = await train(loss, { ...options, optimizer, resume });
      expect(resumed.history, name).toEqual(whole.history);
    }
    expect(data.signal.x.length).toBe(700);
  });
});
