import { type CheckpointOptions, type Fingerprint, type Position, writeCheckpoint } from "./checkpoint.js";

/** Keeps the positions of a training as checkpoints. A failure to save one is told at the end, and ends nothing. */
export class Saver<P, E> {
  readonly #options: CheckpointOptions | undefined;
  readonly #fingerprint: ((step: number) => Fingerprint) | null;
  /** The latest step that was kept, -1 for none, and the clock at the latest try. */
  #step: number;
  #at = performance.now();
  #failures = 0;
  #reason = "";

  /** `step` is that of a checkpoint which the training goes on from, -1 without one. */
  constructor(
    options: CheckpointOptions | undefined,
    fingerprint: ((step: number) => Fingerprint) | null,
    step: number,
  ) {
    this.#options = options;
    this.#fingerprint = fingerprint;
    this.#step = step;
  }

  due(step: number): boolean {
    if (!this.#options || step === 0) return false;
    const { every, seconds = every === undefined ? 60 : Number.POSITIVE_INFINITY } = this.#options;
    return (every !== undefined && step % every === 0) || performance.now() - this.#at >= 1e3 * seconds;
  }

  async save(position: Position<P, E>): Promise<void> {
    const { step } = position;
    if (!this.#options || !this.#fingerprint || this.#step === step) return;
    const bytes = writeCheckpoint(position, this.#fingerprint(step), this.#options.attach?.() ?? null);
    this.#at = performance.now();
    try {
      await this.#options.save(bytes, step);
      this.#step = step;
    } catch (cause) {
      this.#failures++;
      this.#reason = `at step ${step}: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  }

  warnings(): string[] {
    if (this.#failures === 0) return [];
    const lost = this.#failures === 1 ? "A checkpoint" : `${this.#failures} checkpoints`;
    const left = this.#step < 0 ? "None was saved." : `The last one that was saved is of step ${this.#step}.`;
    return [`${lost} could not be saved, the latest ${this.#reason} ${left}`];
  }
}
