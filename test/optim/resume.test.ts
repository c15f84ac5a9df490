// A training that was interrupted anywhere and goes on from its checkpoint is the one that was not, to the last bit.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type * as ThreadsEntry from "../../src/entry/threads.node.js";
import type { Tensor, Trained, TrainOptions } from "../../src/index.js";
import * as library from "../kit/library.js";
import { runs } from "../kit/runs.js";

type Library = typeof library;
type Events = Readonly<Record<"x" | "y" | "w", Tensor>>;
type Traced = { readonly a: Tensor; readonly b: Tensor };
type Start = { readonly a: number; readonly b: Float64Array };

beforeAll(() => library.init());

const optimizers: Readonly<Record<string, (g: Library, rate: Rate) => library.Optimizer>> = {
  adam: (g, r) => g.adam(r),
  adamw: (g, r) => g.adamw(r, { weightDecay: 0.01 }),
  nadam: (g, r) => g.nadam(r),
  radam: (g, r) => g.radam(r),
  rmsprop: (g, r) => g.rmsprop(r, { momentum: 0.5 }),
  adagrad: (g, r) => g.adagrad(r),
  lion: (g, r) => g.lion(r),
  sgd: (g, r) => g.sgd(r),
  nesterov: (g, r) => g.sgd(r, { momentum: 0.9, nesterov: true }),
  clipped: (g, r) => g.chain(g.zeroNans(), g.clipByGlobalNorm(0.1), g.ema(0.9), g.sgd(r)),
  accumulate: (g, r) => g.accumulate(g.adam(r), 3),
  ifFinite: (g, r) => g.applyIfFinite(g.adam(r), 2),
  multi: (g, r) => g.multiTransform({ one: g.adam(r), other: g.sgd(0.05) }, { a: "one", b: "other" }),
  lbfgs: (g) => g.lbfgs({ tolerance: 1e-9 }),
};
type Rate = number | library.Schedule;
const schedules: Readonly<Record<string, (g: Library) => Rate>> = {
  constant: () => 0.1,
  linear: (g) => g.linearSchedule(0.2, 0.01, 15),
  cosine: (g) => g.warmupCosineDecaySchedule(0, 0.2, 4, 20),
  exponential: (g) => g.exponentialDecay(0.2, 5, 0.5),
  joined: (g) => g.joinSchedules([() => 0.2, () => 0.02], [7]),
};

const cases = fc.record({
  optimizer: fc.constantFrom(...Object.keys(optimizers)),
  schedule: fc.constantFrom(...Object.keys(schedules)),
  batch: fc.option(fc.integer({ min: 5, max: 90 })),
  validation: fc.constantFrom<null | 0.3 | "given">(null, 0.3, "given"),
  patience: fc.option(fc.integer({ min: 1, max: 4 })),
  minDelta: fc.constantFrom(0, 1e-3),
  evaluateEvery: fc.option(fc.integer({ min: 1, max: 7 })),
  keep: fc.constantFrom(undefined, "last", "best"),
  floor: fc.boolean(),
  annealed: fc.boolean(),
  held: fc.boolean(),
  numbers: fc.boolean(),
  /** Whether the loss has a derivative of its own. */
  custom: fc.boolean(),
  every: fc.integer({ min: 1, max: 9 }),
  steps: fc.integer({ min: 1, max: 30 }),
  /** Where it is stopped, by a word or by the loss of all that was not saved, and how often. */
  stops: fc.array(fc.record({ after: fc.integer({ min: 0, max: 12 }), killed: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  /** Whether the interrupted ones were to make fewer steps. */
  fewer: fc.boolean(),
});
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

const sample = (g: Library, rows: number, seed: number) => {
  const [x, y, w] = g.split(g.key(seed), 3).map((k) => g.normal(k, rows));
  return g.table({ x: x!, y: y!, w: w!.map((v) => 1 + v * v) });
};

type Table = ReturnType<typeof sample>;
type Options = TrainOptions<Start, { signal: Table; background: Table }, { width: number }, unknown>;

function optionsOf(g: Library, c: Case, rows: number, threads: Options["threads"]): Options {
  const data = { signal: sample(g, rows, 1), background: sample(g, rows + 13, 2) };
  const other = { signal: sample(g, 40, 3), background: sample(g, 41, 4) };
  const optimizer = optimizers[c.optimizer]!(g, schedules[c.schedule]!(g));
  return {
    params: { a: 0.5, b: Float64Array.of(0.3, -0.2) },
    data,
    ...{ optimizer, steps: c.steps, seed: 5, threads, weights: "w", floor: c.floor, minDelta: c.minDelta },
    ...(c.batch === null ? {} : { batch: Math.ceil((c.batch * rows) / 60) }),
    ...(c.validation === null
      ? {}
      : { validation: c.validation === "given" ? { data: other } : c.validation }),
    ...(c.patience === null ? {} : { patience: c.patience }),
    ...(c.evaluateEvery === null ? {} : { evaluateEvery: c.evaluateEvery }),
    ...(c.keep === undefined ? {} : { keep: c.keep as "last" | "best" }),
    ...(c.annealed ? { extras: (step: number) => ({ width: 1 / (1 + step) }) } : {}),
    ...(c.held && c.optimizer !== "lbfgs"
      ? { project: (p: Start) => ({ ...p, a: Math.min(p.a, 0.6) }) }
      : {}),
    ...(c.numbers ? { evaluate: (p: Start, _: unknown, step: number) => ({ twice: 2 * p.a, step }) } : {}),
  };
}

const loss = (
  p: Traced,
  { signal, background }: { signal: Events; background: Events },
  extras?: { width: Tensor },
) => {
  const score = (e: Events) =>
    e.x
      .mul(p.a)
      .add(e.y.mul(p.b.at(0)))
      .add(p.b.at(1))
      .mul(e.w);
  const width = extras ? extras.width.add(1) : 1;
  return score(signal)
    .neg()
    .sigmoid()
    .mean()
    .add(score(background).sigmoid().mean().mul(width))
    .add(p.b.square().sum().mul(0.1));
};

/** The same with a reverse rule of its own: half the slope. A new one each time, as a program that begins anew has it. */
const customised = (g: Library): typeof loss => {
  const gentle = g.customVjp(
    (x) => x!.mul(2).sub(x!),
    (c) => [c.mul(0.5)],
  );
  return (p, ...rest) => loss({ ...p, a: gentle(p.a) }, ...rest);
};

/** All that a training leaves, numbers with all of their bits. */
const leaves = (g: Library, { params, grads, ...rest }: Trained<Start, unknown>) =>
  g.serialize(JSON.parse(g.serialize({ params, grads, ...rest })));

async function resumed(g: Library, c: Case, rows: number, threads?: Options["threads"]): Promise<void> {
  const options = optionsOf(g, c, rows, threads);
  const run = (more: Partial<Options>) =>
    g.train<Start, never, never>(
      (c.custom ? customised(g) : loss) as never,
      { ...options, ...more } as never,
    );
  const whole = leaves(g, await run({}));
  let saved: Uint8Array | undefined;
  let from = 0;
  for (const { after, killed } of c.stops) {
    const stop = new AbortController();
    const last = from + after;
    await run({
      signal: stop.signal,
      steps: c.fewer && c.optimizer !== "lbfgs" ? Math.min(last + 1, c.steps) : c.steps,
      onStep: ({ step }) => step >= last && stop.abort(),
      checkpoint: {
        every: c.every,
        // What is killed leaves what it had saved before.
        save: (bytes, step) => {
          if (killed && step >= last) throw new Error("killed");
          saved = bytes.slice();
        },
      },
      ...(saved ? { resume: saved } : {}),
    });
    if (saved) from = g.readCheckpoint(saved).step;
  }
  expect(leaves(g, await run(saved ? { resume: saved } : {}))).toBe(whole);
}

describe("resumed is uninterrupted", () => {
  it("for every combination", async () => {
    await fc.assert(
      fc.asyncProperty(cases, (c) => resumed(library, c, 60)),
      { numRuns: runs(12) },
    );
  }, 600_000);

  it("with patience, stopped between two evaluations", async () => {
    const c: Case = {
      ...{
        optimizer: "adam",
        schedule: "constant",
        batch: null,
        validation: 0.3,
        patience: 2,
        minDelta: 1e-3,
      },
      ...{
        evaluateEvery: 4,
        keep: undefined,
        floor: true,
        annealed: false,
        held: false,
        numbers: false,
        custom: true,
      },
      ...{ every: 9, steps: 30, stops: [{ after: 5, killed: false }], fewer: false },
    };
    await resumed(library, c, 60);
    await resumed(library, { ...c, fewer: true }, 60);
  });

  it("with threads", async () => {
    const dist = resolve(import.meta.dirname, "../../dist/src");
    const load = <T>(file: string) =>
      import(/* @vite-ignore */ pathToFileURL(join(dist, file)).href) as Promise<T>;
    expect(existsSync(join(dist, "entry/worker.node.js")), "run `npm run build` first").toBe(true);
    const rooms = ["nn", "ops", "optim", "random", "select", "stats"].map((name) => `entry/${name}.js`);
    const entries = await Promise.all([...rooms, "index.js"].map((file) => load<object>(file)));
    const built = Object.assign({}, ...entries) as Library;
    const { threads } = await load<typeof ThreadsEntry>("entry/threads.node.js");
    await built.init();
    const team = await threads(2);
    await fc.assert(
      fc.asyncProperty(cases, (c) => resumed(built, c, 9000, team)),
      { numRuns: runs(1) },
    );
    team.close();
  }, 600_000);
});
