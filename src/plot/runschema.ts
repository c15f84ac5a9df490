/** What result.json must be so that it can be drawn: checked where the file is read back. */

import {
  both,
  type Check,
  type Content,
  count,
  equallyLong,
  finite,
  list,
  must,
  number,
  numbers,
  object,
  oneOf,
  pair,
  record,
  text,
} from "./kit/checks.js";

const yieldOf = object({ sum: number, error: number, entries: count });
const sample = object({ all: yieldOf, softBefore: yieldOf, before: yieldOf, soft: yieldOf, hard: yieldOf });
const significance = both(object({ sOverSqrtB: number, asimov: number }), record(number));
const workingPoint = object({ bound: number, yields: record(yieldOf), significance });
const counted = {
  yields: record(sample),
  significance: object({
    softBefore: significance,
    before: significance,
    softAfter: significance,
    after: significance,
  }),
};
export const cutChange = object(
  { start: number, end: number },
  {
    ...{ written: number, column: text, keeps: oneOf("above", "below"), bounds: pair(number) },
    width: object({ start: number, end: number }),
  },
);

export const checkHistory = both(
  object(
    { steps: list(count, 1), loss: numbers, cuts: record(numbers) },
    {
      validation: both(object({ steps: list(count), loss: numbers }), equallyLong(["steps", "loss"])),
      floor: number,
    },
  ),
  equallyLong(["steps", "loss"]),
  ({ steps, cuts }: { steps: unknown[]; cuts: Content }, path) =>
    equallyLong(Object.keys(cuts), steps.length)(cuts, `${path}.cuts`),
);

const bins = object({ sum: numbers, error: numbers, entries: list(count) });
/** A histogram of signal and background. */
export const checkHistogram = both(
  object({
    ...{ name: text, edges: list(finite, 2), signal: bins, background: bins },
    objective: object({ name: text, soft: number, hard: number }),
  }),
  ({ edges, signal, background }: { edges: number[]; signal: Content; background: Content }, path) => {
    if (edges.some((x, i) => i > 0 && !(x > edges[i - 1]!)))
      return must(`${path}.edges`, "ascending numbers");
    const filled = equallyLong(["sum", "error", "entries"], edges.length - 1);
    return filled(signal, `${path}.signal`) ?? filled(background, `${path}.background`);
  },
);

const expected = { cls: number, limit: number, significance: number, uncertainty: number, asimov: number };
const histogram = both(checkHistogram, object({ ...expected, before: object(expected) }));

/** The object of a result.json. */
export const checkRun: Check = object(
  {
    ...counted,
    ...{
      expression: text,
      history: checkHistory,
      seed: count,
      warnings: list(text),
      cuts: record(cutChange),
    },
    objective: object({ name: text, start: number, end: number }),
    timing: object({ read: number, compile: number, train: number, total: number, eventsPerSecond: number }),
  },
  {
    ...{ network: workingPoint, histogram, soft: text },
    validation: object(counted, { network: (v, path) => (v === null ? null : workingPoint(v, path)) }),
    cutflow: list(object({ label: text, perSample: record(yieldOf) })),
    softAgainstHard: list(
      object({ threshold: text, perSample: record(object({ soft: yieldOf, hard: yieldOf })) }),
    ),
  },
);
