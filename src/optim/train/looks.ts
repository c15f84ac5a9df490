import type { Evaluation } from "../minimizer.js";
import type { Session } from "./session.js";
import { type Best, type Evaluated, type Watch, watched } from "./validation.js";

/** What of a training is looked at beside its steps. */
export interface LookOptions<P, E> {
  readonly batch: number | undefined;
  readonly every: number;
  readonly patience: number | undefined;
  readonly minDelta: number;
  readonly monitor: (evaluated: Evaluated<E>) => number;
  /** Numbers of the user's own. */
  readonly numbers: ((params: P, step: number) => E | Promise<E>) | undefined;
}

/** The looks of a training at both parts of its data: what was seen, which was best, and whether patience is over. */
export class Looks<P, D, E> {
  readonly #work: Session<P, D>;
  readonly #options: LookOptions<P, E>;
  readonly #wanted: boolean;
  #evaluations: readonly Evaluated<E>[];
  #watch: Watch<P>;
  /** Those of the steps at which an uninterrupted training looks too. */
  #kept: { readonly evaluations: readonly Evaluated<E>[]; readonly watch: Watch<P> };

  constructor(
    work: Session<P, D>,
    options: LookOptions<P, E>,
    begun: { readonly evaluations: readonly Evaluated<E>[]; readonly watch: Watch<P> } | null,
  ) {
    this.#work = work;
    this.#options = options;
    const { numbers, patience } = options;
    this.#wanted = work.parts.validation !== null || numbers !== undefined || patience !== undefined;
    this.#evaluations = begun?.evaluations ?? [];
    this.#watch = begun?.watch ?? { best: null, reference: null, idle: 0 };
    this.#kept = { evaluations: this.#evaluations, watch: this.#watch };
  }

  get evaluations(): readonly Evaluated<E>[] {
    return this.#evaluations;
  }

  get best(): Best<P> | null {
    return this.#watch.best;
  }

  /** What a checkpoint keeps. */
  get kept(): { readonly evaluations: readonly Evaluated<E>[]; readonly watch: Watch<P> } {
    return this.#kept;
  }

  /** Whether so many looks in a row brought nothing that it is over. */
  get outOfPatience(): boolean {
    const { patience } = this.#options;
    return patience !== undefined && this.#watch.idle >= patience;
  }

  /** Looks where it is time to; null elsewhere. */
  async inTurn(step: number, params: P, here: Evaluation<P>): Promise<Evaluated<E> | null> {
    return this.#wanted && step % this.#options.every === 0 ? this.#look(step, params, here) : null;
  }

  /** Looks at the end, where that was not done yet. */
  async atEnd(step: number, params: P, here: Evaluation<P>): Promise<void> {
    if (this.#wanted && this.#evaluations.at(-1)?.step !== step) await this.#look(step, params, here);
  }

  async #look(step: number, params: P, { value: loss, grads }: Evaluation<P>): Promise<Evaluated<E>> {
    const { batch, every, minDelta, monitor, numbers } = this.#options;
    const { training, validation } = this.#work.parts;
    const evaluated: Evaluated<E> = {
      step,
      training: batch === undefined ? loss : await this.#work.value(params, training, step),
      validation: validation === null ? null : await this.#work.value(params, validation, step),
      numbers: numbers ? await numbers(params, step) : null,
    };
    this.#evaluations = [...this.#evaluations, evaluated];
    this.#watch = watched(this.#watch, monitor(evaluated), { step, params, loss, grads }, minDelta);
    if (step % every === 0) this.#kept = { evaluations: this.#evaluations, watch: this.#watch };
    return evaluated;
  }
}
