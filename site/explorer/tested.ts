/** The signals of a drop that were tested. */

import type { Tested } from "./worker/tasks/hypotests.js";

/** How far the signals of a drop are. */
export interface Grid {
  /** By name of the point; see `pointKey`. */
  readonly tested: ReadonlyMap<string, Tested>;
  readonly status: "loading" | "running" | "stopped" | "done";
  /** Signals to test in this run, and when it began. */
  readonly of: number;
}

export const noGrid: Grid = { tested: new Map(), status: "loading", of: 0 };
