/** The demonstrations: what each shows, its defaults, and where it is. */

import { recordNames } from "../../text/recordnames.js";
import type { Io } from "../io.js";

export interface DemoArgs {
  readonly steps: number;
  readonly seed: number;
  /** null: as many as there are processors. */
  readonly threads: number | null;
  readonly out: string;
  readonly json: boolean;
}

export interface Demo {
  /** One line of help. */
  readonly words: string;
  /** Steps and seed where none are given. */
  readonly steps: number;
  readonly seed: number;
  load(): Promise<(args: DemoArgs, io: Io) => Promise<number>>;
}

const records = {
  search: {
    words: "cuts, a network, a histogram with systematics and a limit (default)",
    steps: 250,
    seed: 1,
    load: async () => (await import("./search.js")).search,
  },
  watts: {
    words: "the reference notebooks': two cuts and a network 2-15-30-15-1",
    steps: 2000,
    // One of the seeds from which the narrow first layer of its network closes its contour around the signal.
    seed: 7,
    load: async () => (await import("./watts.js")).watts,
  },
} satisfies Record<string, Demo>;

export type DemoName = keyof typeof records;
export const demos: Readonly<Record<DemoName, Demo>> = records;
export const demoNames = /*#__PURE__*/ recordNames(records);
