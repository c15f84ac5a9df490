/** What is kept of a training beside its params: history, the best so far, and the seconds that it took. */

import { objectiveValue } from "../../objectives/index.js";
import type { History } from "../../plot/rundata.js";
import { type Analysis, type Params, thresholdsOf } from "./analysis.js";
import type { Kept } from "./checkpointfile.js";

export const seconds = (): number => performance.now() / 1000;

type Best = Kept["best"];

export class Recorder {
  readonly history: History;
  #best: Best;
  readonly #analysis: Analysis;
  readonly #stride: number;
  readonly #earlier: number;
  readonly #began = seconds();
  #first: number | undefined;

  /** `kept` is of a training that goes on. */
  constructor(analysis: Analysis, steps: number, start: Params, kept: Kept | null) {
    this.#analysis = analysis;
    this.#stride = historyStride(steps);
    this.#earlier = kept?.spent ?? 0;
    this.#best = kept?.best ?? { loss: Number.POSITIVE_INFINITY, params: start, grads: start };
    const cuts = Object.fromEntries(analysis.coordinates.names.map((name) => [name, []]));
    this.history = kept?.history ?? { steps: [], loss: [], cuts };
  }

  /** The latest, or the one of the lowest loss where losses can be compared. */
  get best(): Best {
    return this.#best;
  }

  kept(): Kept {
    return { history: this.history, best: this.#best, spent: this.#earlier + seconds() - this.#began };
  }

  see({ step, loss, params, grads }: Best & { readonly step: number }, comparable: boolean): void {
    this.#first ??= seconds();
    if (!comparable || loss < this.#best.loss) this.#best = { loss, params, grads };
    if (step % this.#stride === 0) this.#record(step, loss, params);
  }

  /** The last step is always in the history. */
  end(step: number, { loss, params }: Pick<Best, "loss" | "params">): void {
    if (step > (this.history.steps.at(-1) ?? -1)) this.#record(step, loss, params);
  }

  /** Seconds until the first step, and of `made` steps. */
  timing(made: number): { compile: number; train: number } {
    const spent = seconds() - this.#began;
    const first = (this.#first ?? this.#began) - this.#began;
    const compile = Math.max(0, first - (spent - first) / Math.max(1, made));
    return { compile, train: this.#earlier + spent - compile };
  }

  #record(step: number, loss: number, params: Params): void {
    this.history.steps.push(step);
    this.history.loss.push(objectiveValue(this.#analysis.objective, loss));
    for (const [name, value] of Object.entries(thresholdsOf(this.#analysis, params.cuts)))
      this.history.cuts[name]!.push(value);
  }
}

/** Recorded is every step of short trainings, and of longer ones every so manieth: up to 2000, a round number apart. */
function historyStride(steps: number): number {
  for (let power = 1; ; power *= 10)
    for (const factor of [1, 2, 5]) if (steps / (factor * power) <= 2000) return factor * power;
}
