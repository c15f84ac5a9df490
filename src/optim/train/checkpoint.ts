/** All that a training needs to go on with the same bits, as bytes; and what tells one training from another. */

import { InputError } from "../../core/errors.js";
import { aboutEvents, childrenOf, type Events, type Numbers } from "../../core/events.js";
import { checkArguments, someBytes } from "../../core/graph/arguments.js";
import type { Known } from "../../core/options.js";
import { flatten } from "../../core/tree.js";
import { checksum } from "../../text/checksum.js";
import { type Evaluation, type Minimizer, runStep } from "../minimizer.js";
import { isNumeric, ravel } from "../transformation.js";
import { mapTables, tablesOf } from "./eventtables.js";
import { deserializeBytes, serializeBytes } from "./serialize.js";
import type { Skips } from "./trainstep.js";
import type { Evaluated, Watch } from "./validation.js";

/** Where the state of a training goes, and how often. */
export interface CheckpointOptions {
  /** Steps between two checkpoints. */
  readonly every?: number;
  /** Seconds between two (default 60 where `every` is not given). */
  readonly seconds?: number;
  /**
   * Keeps the bytes, in place of those before: write a file beside it and rename that, so that a kill or a full disk
   * leaves the last one whole. Awaited. If it throws, the training goes on, and `warnings` of the result say so.
   */
  readonly save: (bytes: Uint8Array, step: number) => unknown;
  /** A tree of the caller's own (a record of thresholds, seconds spent) that is kept with it; see {@link readCheckpoint}. */
  readonly attach?: () => unknown;
}

export const checkpointOptions: Known<CheckpointOptions> = {
  ...{ every: true, seconds: true, save: true, attach: true },
};

/** A training between two steps. */
export interface Position<P, E> {
  readonly step: number;
  readonly params: P;
  readonly state: unknown;
  readonly here: Evaluation<P>;
  readonly history: Float64Array;
  readonly evaluations: readonly Evaluated<E>[];
  readonly watch: Watch<P>;
  readonly skips: Skips;
  /** How the minimiser itself ended; null while it goes on. */
  readonly ended: "converged" | "stalled" | null;
}

/** What a checkpoint says about its training. */
export interface Checkpoint<P = unknown, E = unknown> {
  readonly step: number;
  readonly params: P;
  readonly loss: number;
  /** The loss after 0 … `step` updates. */
  readonly history: Float64Array;
  readonly evaluations: readonly Evaluated<E>[];
  /** What `attach` gave, null without it. */
  readonly attached: unknown;
}

/** What must be the same when a training goes on; checksums stand for what is too long to keep. */
export interface Fingerprint {
  readonly label: string;
  readonly params: string;
  readonly tables: string;
  readonly loss: string;
  readonly optimizer: string;
  readonly batches: string;
  readonly start: string;
  readonly events: string;
  readonly extras: string;
}

interface Saved<P, E> extends Position<P, E> {
  readonly format: string;
  readonly fingerprint: Fingerprint;
  readonly attached: unknown;
}

const FORMAT = "gradcut checkpoint 2";

export function writeCheckpoint<P, E>(
  position: Position<P, E>,
  fingerprint: Fingerprint,
  attached: unknown,
): Uint8Array {
  return serializeBytes({ format: FORMAT, fingerprint, ...position, attached } satisfies Saved<P, E>);
}

function read<P, E>(bytes: Uint8Array): Saved<P, E> {
  let saved: Partial<Saved<P, E>> | null = null;
  let reason = "it is of another kind";
  try {
    saved = deserializeBytes(bytes);
  } catch (cause) {
    reason = cause instanceof Error ? cause.message : String(cause);
  }
  if (saved?.format !== FORMAT) {
    const sentence = `These ${bytes.length} bytes are no checkpoint of a training, or a damaged one: ${reason}`;
    throw new InputError("checkpoint.format", sentence, { bytes: bytes.length });
  }
  return saved as Saved<P, E>;
}

/** Looks into a checkpoint. Throws an InputError for anything else, truncated ones included. */
export function readCheckpoint<P = unknown, E = unknown>(bytes: Uint8Array): Checkpoint<P, E> {
  checkArguments("readCheckpoint", { bytes: [bytes, someBytes] });
  const { step, params, here, history, evaluations, attached } = read<P, E>(bytes);
  return { step, params, loss: here.value, history, evaluations, attached };
}

/** The position of a checkpoint. Throws an InputError where it belongs to another training, and says what differs. */
export function restore<P, E>(bytes: Uint8Array, mine: (step: number) => Fingerprint): Position<P, E> {
  const { format: _format, fingerprint: there, attached: _attached, ...position } = read<P, E>(bytes);
  const here = mine(position.step);
  for (const [part, words] of Object.entries(differences) as [keyof Fingerprint, string][]) {
    if (here[part] === there[part]) continue;
    const both = readable.includes(part) ? `: there ${short(there[part])}; here ${short(here[part])}` : "";
    const remedy = "Resume with the options and files it began with, or begin anew without it.";
    const sentence = `This checkpoint (step ${position.step}) is of another training: ${words}${both}. ${remedy}`;
    throw new InputError(`checkpoint.${part}`, sentence, { there: there[part], here: here[part] });
  }
  return position;
}

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

const readable: readonly (keyof Fingerprint)[] = ["label", "params", "tables", "batches"];
/** In the order in which they are looked at: a cause before what follows from it. */
const differences: Readonly<Record<keyof Fingerprint, string>> = {
  label: "its label differs",
  params: "its params have another structure",
  tables: "its tables differ",
  loss: "its loss is another function (another cut, network or objective, or another version of gradcut)",
  batches: "its batches or held-out events differ",
  start: "it began from other params",
  optimizer: "its optimizer is another one, or has other settings",
  events: "its tables hold other events",
  extras: "its extras (widths, schedules) differ",
};

export interface Identity<P> {
  readonly params: P;
  readonly data: unknown;
  readonly minimizer: Minimizer;
  /** The graph of loss and gradient as text. */
  readonly graph: string;
  readonly batches: string;
  readonly label: string;
  readonly extras: ((step: number) => unknown) | undefined;
}

/** The fingerprint of a training at a step. */
export function fingerprintOf<P>(identity: Identity<P>): (step: number) => Fingerprint {
  const { params, data, minimizer, graph, batches, label, extras } = identity;
  const { leaves, paths } = flatten(params, isNumeric, "params");
  const names = leaves.map(
    (x, i) =>
      `${paths[i]!.replace(/^params\.?/, "")}${typeof x === "number" ? "" : `(${"shape" in x ? x.shape : x.length})`}`,
  );
  const tables = tablesOf(data).map(({ name, events }) => {
    const { rows, dtype } = aboutEvents(events);
    return `${name} of ${rows} ${dtype} events (${columnsOf(events)})`;
  });
  const still = {
    label,
    params: names.join(", "),
    tables: tables.join(", ") || "none",
    loss: checksum(graph),
    optimizer: checksum(character(minimizer, params)),
    batches,
    start: checksum(serializeBytes(params)),
    events: checksum(sampled(data)),
  };
  return (step) => ({
    ...still,
    extras: extras ? checksum(serializeBytes([extras(0), extras(step)])) : "none",
  });
}

/** Names of columns, and of child tables with theirs. */
const columnsOf = (events: Events): string =>
  [
    ...aboutEvents(events).names,
    ...childrenOf(events).map(([name, child]) => `${name}: ${aboutEvents(child).rows} (${columnsOf(child)})`),
  ].join(", ");

/** What a minimiser makes of its first steps on a bowl: other rates and rules leave other numbers. */
function character<P>(minimizer: Minimizer, params: P): Uint8Array {
  const { vector, like, unravel } = ravel(params);
  const evaluate = (at: P): Evaluation<P> => {
    const slopes = like(at, "params").map((x, i) => x - vector[i]! + 1 + (i % 3));
    return { value: slopes.reduce((sum, g) => sum + g * g, 0) / 2, grads: unravel(slopes) };
  };
  let at = { params, state: minimizer.init(params) };
  for (let step = 0; step < 3; step++) {
    const next = runStep(minimizer, evaluate, at.params, at.state);
    at = { params: next.params, state: next.state };
    if (next.status !== "running") break;
  }
  return serializeBytes(at);
}

/** Values per column that are compared: enough to tell files apart, few enough for 10^8 rows. */
const SAMPLE = 1024;

function sampled(data: unknown): Uint8Array {
  return serializeBytes(mapTables(data, samplesOf));
}

/** Values of every column that is computed with, and those of child tables by their names. */
function samplesOf(events: Events): unknown[] {
  const columns = Object.keys(aboutEvents(events).widths).map((name) => sampleOf(events[name] as Numbers));
  const children = childrenOf(events).map(([name, child]) => [
    name,
    sampleOf(aboutEvents(child).offsets!),
    samplesOf(child),
  ]);
  return [...columns, ...children];
}

function sampleOf(column: Numbers): Float64Array {
  const stride = Math.max(1, Math.floor(column.length / SAMPLE));
  return Float64Array.from({ length: Math.ceil(column.length / stride) }, (_, i) => column[i * stride]!);
}
