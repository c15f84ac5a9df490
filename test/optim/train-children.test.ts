// Trainings over tables with children: batches, held-out events, threads and checkpoints take them along.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { aboutEvents } from "../../src/core/events.js";
import { readCheckpoint, splitTables } from "../../src/entry/optim.js";
import {
  adam,
  init,
  nested,
  type Scalar,
  type Tensor,
  type Traced,
  type TrainOptions,
  table,
  train,
} from "../../src/index.js";
import { batches } from "../../src/optim/train/batches.js";
import { shareTables } from "../../src/optim/train/eventtables.js";
import { jetEvents, rowsOf } from "../kit/childtables.js";

beforeAll(() => init());

const data = { s: jetEvents(300, 1), b: jetEvents(500, 2) };
const [s, b] = [rowsOf(data.s), rowsOf(data.b)];

describe("parts of tables with children", () => {
  it("batches have the children of their events, weights scaled alone", () => {
    const all = batches(data, { size: 90, seed: 3, shared: false, weights: "w" });
    const seen: number[] = [];
    for (let step = 0; step < all.perEpoch + 2; step++) {
      const batch = all.at(step);
      const scale = 0.5 * (300 / aboutEvents(batch.s).rows);
      const rows = rowsOf(batch.s);
      expect(rows.map(({ row }) => row)).toEqual(rows.map((_, i) => all.row("s", i)));
      // Columns of f64 are those of tiles of f32 here.
      const rounded = (tree: unknown): unknown =>
        JSON.parse(JSON.stringify(tree), (_, x) => (typeof x === "number" ? Math.fround(x) : x));
      expect(rounded(rows)).toEqual(rounded(rows.map(({ row }) => ({ ...s[Number(row)], w: scale }))));
      if (step < all.perEpoch) seen.push(...rows.map(({ row }) => Number(row)));
      expect(aboutEvents(batch.s).dtype).toBe("f32");
    }
    expect(seen.sort((p, q) => p - q)).toEqual(s.map((_, i) => i));
  });

  it("held-out events keep theirs", () => {
    const { training, validation, rows } = splitTables(data, 0.3, { seed: 3 });
    expect(rowsOf(validation.b)).toEqual(Array.from(rows.validation.b!, (row) => b[row]));
    expect(rowsOf(training.b)).toEqual(Array.from(rows.training.b!, (row) => b[row]));
    const scaled = splitTables(data, 0.3, { seed: 3, weights: "w" });
    expect(scaled.training.b.jets.pt).toEqual(training.b.jets.pt);
    expect(scaled.training.b.w[0]).toBe(0.5 * (500 / rows.training.b!.length));
  });

  it("shared memory holds columns and offsets of children, once", () => {
    const long = jetEvents(9000);
    const shared = shareTables(long);
    const buffers: ArrayBufferLike[] = [
      shared.row,
      shared.jets.pt,
      shared.jets.tracks.z,
      shared.leptons.pt,
    ].map((column) => column.buffer);
    for (const child of [shared.jets, shared.jets.tracks, shared.leptons])
      buffers.push(aboutEvents(child).offsets!.buffer);
    expect(buffers.every((buffer) => buffer instanceof SharedArrayBuffer)).toBe(true);
    expect(rowsOf(shared).slice(0, 50)).toEqual(rowsOf(long).slice(0, 50));
    expect(shareTables(shared).jets.tracks.z).toBe(shared.jets.tracks.z);
    expect(shareTables(data).s).toBe(data.s);
  });
});

type Params = Record<"cut" | "shift", number>;
type Events = Traced<typeof data>;
const start: Params = { cut: 40, shift: 0 };

/** Jets above a threshold, and what their tracks add. */
const sumOf = ({ jets, w, leptons }: Events["s"], p: { cut: Scalar; shift: Scalar }): Tensor => {
  const soft = jets.pt.sub(p.cut).div(10).sigmoid();
  const tracks = jets.tracks.z.add(p.shift).tanh().sum("parent");
  const inEvent = jets.pt.mul(soft).add(tracks).sum("parent").sub(120).div(50).sigmoid();
  return inEvent.mul(leptons.pt.sum("parent").div(100).add(1)).mul(w).sum();
};
const loss = (p: Traced<Params>, { s, b }: Events): Tensor =>
  sumOf(s, p).log().neg().add(sumOf(b, p).add(10).log().mul(0.5)).add(p.shift.square().mul(0.01));

type Options = TrainOptions<Params, typeof data, Record<string, never>>;
const options = { params: start, data, optimizer: adam(0.3), steps: 30, seed: 7 } satisfies Partial<Options>;

describe("trainings over children", () => {
  it("have the gradient that differences have, and lower the loss", async () => {
    const precise = { s: table(data.s, { dtype: "f64" }), b: table(data.b, { dtype: "f64" }) };
    const at = (params: Params) => train(loss, { ...options, data: precise, params, steps: 0 });
    const { grads } = await at(start);
    for (const name of ["cut", "shift"] as const) {
      const h = 1e-4;
      const [up, down] = [
        await at({ ...start, [name]: start[name] + h }),
        await at({ ...start, [name]: start[name] - h }),
      ];
      expect((up.loss - down.loss) / (2 * h)).toBeCloseTo(grads[name], 7);
    }
    const { history } = await train(loss, options);
    expect(history.at(-1)).toBeLessThan(history[0]! - 0.01);
  });

  it.each([
    ["full batches", {}],
    ["minibatches and held-out events", { batch: 90, validation: 0.25, weights: "w", evaluateEvery: 4 }],
  ] as const)("go on from a checkpoint with the same bits: %s", async (_, parts) => {
    let last = new Uint8Array(0);
    const save = (bytes: Uint8Array) => {
      last = Uint8Array.from(bytes);
    };
    const whole = await train(loss, { ...options, ...parts });
    await train(loss, { ...options, ...parts, steps: 13, checkpoint: { every: 1, save } });
    expect(readCheckpoint(last).step).toBe(13);
    const resumed = await train(loss, { ...options, ...parts, resume: last });
    expect(resumed.history).toEqual(whole.history);
    expect(resumed.params).toEqual(whole.params);
    expect(resumed.evaluations).toEqual(whole.evaluations);

    const refused = (events: typeof data) =>
      train(loss, { ...options, ...parts, data: events, resume: last });
    const z = data.s.jets.tracks.z.slice();
    z[0]! += 1;
    const other = jetsOf(data.s, (jets, offsets) =>
      nested(offsets, { ...jets, tracks: nested(aboutEvents(jets.tracks).offsets!, { z }) }),
    );
    await expect(refused({ ...data, s: other })).rejects.toThrow(/its tables hold other events/);
    // The same numbers, of which one jet belongs to its neighbour.
    const moved = jetsOf(data.s, (jets, offsets) => {
      const at = offsets.findIndex((begin, i) => i > 0 && begin > offsets[i - 1]!);
      return nested(
        offsets.map((begin, i) => (i === at ? begin - 1 : begin)),
        { ...jets },
      );
    });
    await expect(refused({ ...data, s: moved })).rejects.toThrow(/its tables hold other events/);
  });

  it.each([
    ["full batches", {}],
    ["minibatches of what is not held out", { batch: 90, validation: 0.25 }],
  ])("name the row of a child where the first NaN is: %s", async (_, parts) => {
    const offsets = aboutEvents(data.s.jets).offsets!;
    const [event] = splitTables(data, 0.25, { seed: options.seed }).rows.training.s!.filter(
      (row) => row > 100 && offsets[row + 1]! - offsets[row]! > 1,
    );
    const jet = offsets[event!]! + 1;
    const pt = data.s.jets.pt.slice();
    pt[jet] = Number.NaN;
    const wrong = jetsOf(data.s, (jets, begins) => nested(begins, { ...jets, pt }));
    const { status, message } = await train(loss, { ...options, ...parts, data: { ...data, s: wrong } });
    expect(status).toBe("notFinite");
    expect(message).toContain(`s.jets.pt is NaN in row ${jet} of 's.jets'`);
  });

  // Workers load built files.
  const dist = resolve(import.meta.dirname, "../../dist/src");
  it("have the same bits with threads", async () => {
    expect(existsSync(join(dist, "entry/worker.node.js")), "run `npm run build` first").toBe(true);
    const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(dist, file)).href);
    const built: typeof import("../../src/index.js") = await load("index.js");
    const { threads }: typeof import("../../src/entry/threads.node.js") = await load("entry/threads.node.js");
    await built.init();
    const long = { s: jetEvents(9000, 3), b: jetEvents(9500, 4) };
    const team = await threads(2);
    for (const parts of [{}, { batch: 18_000, validation: 0.02, weights: "w" }]) {
      const some = { ...options, ...parts, data: long, steps: 2, optimizer: built.adam(0.3) };
      const alone = await built.train(loss, some);
      const both = await built.train(loss, {
        ...some,
        threads: team,
        evaluate: (_, { training }) => training.s.jets.tracks.z.buffer instanceof SharedArrayBuffer,
      });
      expect(both.history).toEqual(alone.history);
      expect(both.params).toEqual(alone.params);
      expect(both.evaluations.every((e) => e.numbers)).toBe(true);
    }
    team.close();
  });
});

type Jets = typeof data.s.jets;

/** The same events with other jets. */
const jetsOf = (events: typeof data.s, jets: (jets: Jets, offsets: Int32Array) => unknown): typeof data.s =>
  table({ ...events, jets: jets(events.jets, aboutEvents(events.jets).offsets!) as Jets });
