/** Order of events in a training: shuffled minibatches and held-out rows, as functions of a seed. */

import { InputError } from "../../core/errors.js";
import type { Events } from "../../core/events.js";
import { checkArguments, finite, object } from "../../core/graph/arguments.js";
import { checkOptions } from "../../core/options.js";
import { foldIn, key } from "../../random/keys.js";
import { blocks, type Key } from "../../random/threefry.js";
import { gather, mapTables, type Rows, tablesOf, takeEvents } from "./eventtables.js";

/** What the numbers of one seed are used for, so that no two uses share them. */
const HELD_OUT = 1;
const EPOCHS = 2;
const GROUPS = 3;
const RUNS = 4;

/** The key of a seed for one use, one table, and one epoch. */
const streamKey = (seed: number, ...path: readonly number[]): Key =>
  path.reduce<Key>((parent, word) => foldIn(parent, word), key(seed));

/**
 * The numbers 0 … n-1 in a random order that depends on the key alone (Fisher and Yates, from the end).
 * A place is `floor(word · (i + 1) / 2^32)`: uneven by less than n / 2^32.
 */
export function shuffled(key: Key, n: number): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const words = blocks(key, Math.ceil(n / 2));
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((words[i]! / 2 ** 32) * (i + 1));
    const row = order[i]!;
    order[i] = order[j]!;
    order[j] = row;
  }
  return order;
}

export interface Batches<D> {
  /** Steps until every event was used once. */
  readonly perEpoch: number;
  /** The events of a step, in memory that the next call writes anew. */
  at(step: number): D;
  /** Row of the table that the latest batch has in this row. */
  row(table: string, row: number): number;
}

export interface BatchOptions {
  /** Events per step of all tables together; each table gives its share. */
  readonly size: number;
  readonly seed: number;
  readonly shared: boolean;
  readonly weights?: string | undefined;
}

/** Events that stay neighbours at most, and the least number of such runs that a batch is to have. */
const [LONGEST, FEWEST] = [16, 16];

/**
 * Minibatches without replacement: an epoch of S steps uses every event once, shuffled for each epoch. Step s takes the
 * rows [N·s/S, N·(s+1)/S) of the order of each table of N rows, and at least one; so batches differ by one row.
 *
 * All events are shuffled once, into a copy; each epoch then shuffles runs of up to 16 of them, which takes a tenth of the
 * time of single events and reads whole lines of the cache. A batch is a random subset either way.
 */
export function batches<D>(data: D, { size, seed, shared, weights }: BatchOptions): Batches<D> {
  if (!Number.isInteger(size) || size < 1) {
    throw new InputError("train.batch", `The batch is ${size}: use a whole number of events from 1.`, {
      batch: size,
    });
  }
  const tables = tablesOf(data);
  const total = tables.reduce((sum, { rows }) => sum + rows, 0);
  const perEpoch = Math.max(1, Math.ceil(total / size));
  const parts = tables.map(({ events, rows }, index) => {
    const share = Math.ceil(rows / perEpoch);
    const first = shuffled(streamKey(seed, RUNS, index), rows);
    // All of them: weights are multiplied by 1.
    const mixed = gather(events, { most: rows, shared: false, weights })(first, 0, rows);
    return {
      rows,
      first,
      run: Math.min(LONGEST, Math.max(1, Math.floor(share / FEWEST))),
      key: (epoch: number) => streamKey(seed, EPOCHS, index, epoch),
      order: new Uint32Array(rows),
      take: gather(mixed, { most: share + 1, shared, weights }),
    };
  });
  let epoch = -1;
  let latest = -1;
  let batch = data;
  /** The tables of the batch: of the same length they are the same objects. */
  const now: Events[] = [];
  const start = (rows: number, step: number) => Math.floor((rows * (step % perEpoch)) / perEpoch);
  return {
    perEpoch,
    at(step) {
      if (step === latest) return batch;
      if (Math.floor(step / perEpoch) !== epoch) {
        epoch = Math.floor(step / perEpoch);
        for (const { rows, run, key, order } of parts) {
          const runs = shuffled(key(epoch), Math.ceil(rows / run));
          let at = 0;
          for (let j = 0; j < runs.length; j++) {
            const from = runs[j]! * run;
            const end = Math.min(rows, from + run);
            for (let i = from; i < end; i++) order[at++] = i;
          }
        }
      }
      let same = true;
      parts.forEach((part, index) => {
        const { rows, order, take } = part;
        const from = start(rows, step);
        const end = Math.floor((rows * ((step % perEpoch) + 1)) / perEpoch);
        const taken = take(order, from, Math.max(end, Math.min(from + 1, rows)));
        same &&= taken === now[index];
        now[index] = taken;
      });
      if (!same) batch = mapTables(data, (_, { index }) => now[index]);
      latest = step;
      return batch;
    },
    row(name, row) {
      const index = tables.findIndex((t) => t.name === name);
      const part = parts[index];
      return part?.first[part.order[start(part.rows, latest) + row]!] ?? row;
    },
  };
}

/** Tables in two parts. */
export interface Split<D> {
  readonly training: D;
  readonly validation: D;
  /** The rows of each part, by name of the table, in rising order. */
  readonly rows: { readonly training: Rows; readonly validation: Rows };
}

export interface SplitOptions {
  readonly seed: number;
  readonly shared?: boolean | undefined;
  readonly weights?: string | undefined;
}

/** Holds out a fraction of the rows of every table, chosen by the seed; the order of the rows stays. */
export function splitTables<D>(data: D, fraction: number, options: SplitOptions): Split<D> {
  checkArguments("splitTables", {
    data: [data, object],
    fraction: [fraction, finite],
    options: [options, object],
  });
  checkOptions("splitTables", options, { seed: true, shared: true, weights: true });
  const { seed, shared = false, weights } = options;
  if (!(fraction > 0 && fraction < 1)) {
    const sentence = `The fraction ${fraction} cannot be held out: use a number between 0 and 1, as 0.2.`;
    throw new InputError("train.validation", sentence, { fraction });
  }
  const chosen = tablesOf(data).map(({ name, rows }, index) => {
    if (rows === 1) {
      const sentence = `'${name}' has one event, which cannot be on both sides of a split: train without validation.`;
      throw new InputError("train.validation", sentence, { table: name, rows });
    }
    const held = rows === 0 ? 0 : Math.min(rows - 1, Math.max(1, Math.round(rows * fraction)));
    const order = shuffled(streamKey(seed, HELD_OUT, index), rows);
    return { name, validation: order.slice(0, held).sort(), training: order.slice(held).sort() };
  });
  const part = (which: "training" | "validation"): D =>
    mapTables(data, (events, { index }) => takeEvents(events, chosen[index]![which], { shared, weights }));
  const numbers = (which: "training" | "validation"): Rows =>
    Object.fromEntries(chosen.map((c) => [c.name, c[which]]));
  return {
    training: part("training"),
    validation: part("validation"),
    rows: { training: numbers("training"), validation: numbers("validation") },
  };
}

/** The data without one after the other of `count` random groups of rows, each group of about the same size. */
export function* withoutGroups<D>(data: D, count: number, options: SplitOptions): Generator<D> {
  const { seed, shared = false, weights } = options;
  const parts = tablesOf(data).map(({ events, rows }, index) => {
    const order = shuffled(streamKey(seed, GROUPS, index), rows);
    return { rows, order, rest: order.slice(), take: gather(events, { most: rows, shared, weights }) };
  });
  for (let group = 0; group < count; group++) {
    yield mapTables(data, (_, { index }) => {
      const { rows, order, rest, take } = parts[index]!;
      const [from, to] = [Math.floor((rows * group) / count), Math.floor((rows * (group + 1)) / count)];
      rest.set(order.subarray(0, from));
      rest.set(order.subarray(to), from);
      return take(rest, 0, rows - (to - from));
    });
  }
}
