/** result.json: what one `gradcut train` found, for programs to read. Documented in docs/result.md. */

import type { TrainStatus } from "../../optim/train/trainstep.js";
import type { Run } from "../../plot/rundata.js";

export type {
  CutChange,
  History,
  Run,
  SampleYields,
  Significance,
  Timing,
  Yield,
} from "../../plot/rundata.js";

/** The object in result.json. `version` grows when a field changes its meaning or goes; new fields may come. */
export interface Result extends Run {
  schema: "gradcut.result";
  version: 1;
  /** Of the content, in the file; see `sealed`. */
  checksum?: string;
  /** Version of the program that wrote it, e.g. `0.1.0`. */
  gradcut: string;
  /** How the training ended. */
  status: TrainStatus;
}

/** A result from a run that ended so. */
export function toResult(run: Run, status: TrainStatus, gradcut: string): Result {
  return { schema: "gradcut.result", version: 1, gradcut, status, ...run };
}

/**
 * `value` as JSON that reads well: objects one field a line, arrays of plain values on one line. Numbers
 * parse back to the same bits; JSON has no NaN or infinity, so these become null.
 */
export function toJson(value: unknown, indent = ""): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const inner = `${indent}  `;
  const items: unknown[] | null = Array.isArray(value)
    ? value
    : ArrayBuffer.isView(value)
      ? Array.from(value as Float64Array)
      : null;
  if (items) {
    if (items.every((item) => typeof item !== "object" || item === null))
      return `[${items.map((item) => toJson(item)).join(", ")}]`;
    return `[\n${items.map((item) => inner + toJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return "{}";
  return `{\n${fields.map(([key, field]) => `${inner}${JSON.stringify(key)}: ${toJson(field, inner)}`).join(",\n")}\n${indent}}`;
}
