import { hypotest } from "gradcut/stats";
import type { Question } from "../task.js";
import { task } from "../task.js";

/** CLs of one signal at strength 1. */
export interface Tested {
  /** The signal's place in what was asked. */
  readonly place: number;
  readonly cls: number;
  /** At -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly number[];
  readonly status: string;
  /** Why there is no answer, or null. */
  readonly failure: string | null;
}

export interface HypotestsArgs {
  readonly workspace: string;
  readonly measurement: string | null;
  readonly signals: readonly { readonly place: number; readonly signal: NonNullable<Question["signal"]> }[];
}

/** Tests signals one after the other; each is told as soon as it is known. */
export const hypotests = task<HypotestsArgs, readonly Tested[], Tested>(
  "hypotests",
  async ({ workspace, measurement, signals }, context) => {
    const all: Tested[] = [];
    for (const { place, signal } of signals) {
      const tested: Tested = { place, ...test() };
      all.push(tested);
      await context.progress(all.length, signals.length, tested);
      function test(): Omit<Tested, "place"> {
        try {
          const { model, data } = context.model({ workspace, signal, measurement });
          const { cls, expectedSet, status, failure } = hypotest(1, data, model);
          return { cls, expected: expectedSet, status, failure };
        } catch (error) {
          // A patch that does not fit, or a model without a parameter of interest: the others have their answers.
          const failure = error instanceof Error ? error.message : String(error);
          return { cls: Number.NaN, expected: Array(5).fill(Number.NaN), status: "refused", failure };
        }
      }
    }
    return all;
  },
);
