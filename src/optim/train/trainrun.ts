import type { Evaluation, Minimizer, Optimizer } from "../minimizer.js";
import type { Position } from "./checkpoint.js";
import type { Looks } from "./looks.js";
import type { Saver } from "./saver.js";
import type { Session } from "./session.js";
import { isFiniteGradient, type Skips, skipWarnings, stepper, type TrainStatus } from "./trainstep.js";

/** What a training is made of. */
export interface RunParts<P, D, E> {
  readonly work: Session<P, D>;
  readonly looks: Looks<P, D, E>;
  readonly saver: Saver<P, E>;
  readonly optimizer: Optimizer;
  readonly minimizer: Minimizer;
  readonly steps: number;
  readonly project: ((params: P) => P) | undefined;
}

/** Params that were reached, with loss and gradient there. */
export interface Reached<P> {
  readonly step: number;
  readonly params: P;
  readonly value: number;
  readonly grads: P;
}

/** A training between two steps: `evaluate`, then `advance`, until one of them tells an end. */
export class TrainRun<P, D, E> {
  readonly #parts: RunParts<P, D, E>;
  readonly #advance;
  readonly #takesNotFinite: boolean;
  #step: number;
  #params: P;
  #state: unknown;
  #here: Evaluation<P> | undefined;
  #good: Reached<P> | undefined;
  /** How the minimiser itself ended, where it did. */
  #ended: TrainStatus | null;
  readonly #history: number[];
  readonly #skips: Skips;

  constructor(parts: RunParts<P, D, E>, start: P, begun: Position<P, E> | null) {
    const { optimizer, minimizer, project, steps, work } = parts;
    this.#parts = parts;
    this.#advance = stepper<P>(optimizer);
    this.#takesNotFinite = "step" in optimizer ? false : optimizer.takesNotFinite === true;
    this.#step = begun?.step ?? 0;
    this.#params = begun?.params ?? project?.(start) ?? start;
    this.#state = begun ? begun.state : minimizer.init(this.#params);
    this.#here = begun?.here;
    this.#good = begun ? { step: begun.step, params: begun.params, ...begun.here } : undefined;
    this.#history = Array.from(begun?.history ?? []);
    this.#skips = { count: 0, first: "", ...begun?.skips };
    // Under a loss that still changes, the minimum of a moment was an end only where no step was left.
    const over = begun !== null && (begun.step >= steps || (begun.ended === "stalled" && !work.changes));
    this.#ended = over ? begun.ended : null;
  }

  get step(): number {
    return this.#step;
  }

  get params(): P {
    return this.#params;
  }

  /** Loss and gradient at the params; they are known after `evaluate`. */
  get here(): Evaluation<P> {
    return this.#here!;
  }

  get ended(): TrainStatus | null {
    return this.#ended;
  }

  get history(): Float64Array {
    return Float64Array.from(this.#history);
  }

  /** Updates made. */
  get made(): number {
    return Math.max(0, this.#history.length - 1);
  }

  /** The last params whose loss and gradient were numbers; undefined where those of the start are none. */
  get good(): Reached<P> | undefined {
    return this.#good;
  }

  /** Loss and gradient at the params. Where they are no numbers, why, as a sentence that may be empty; else null. */
  async evaluate(): Promise<string | null> {
    const { work } = this.#parts;
    const [step, params] = [this.#step, this.#params];
    this.#here ??= await work.gradient(params, step);
    const here = this.#here;
    const finite = isFiniteGradient(here);
    if (!Number.isFinite(here.value) || (!finite && !this.#takesNotFinite))
      return work.explain(params, here, step);
    if (!finite && this.#skips.count++ === 0) {
      const origin = work.explain(params, here, step);
      this.#skips.first = `at step ${step}${origin ? ` (${origin})` : ""}`;
    }
    this.#good = { step, params, ...here };
    this.#history.push(here.value);
    return null;
  }

  /** Makes an update. The status of a minimiser that found none to make; else null. */
  async advance(): Promise<TrainStatus | null> {
    const { work, minimizer, steps, project } = this.#parts;
    const [at, here] = [this.#step, this.here];
    const next = await this.#advance(this.#params, this.#state, here, (p) => work.gradient(p, at));
    if (next.status !== "running") {
      const isEnd = next.status === "converged" || next.status === "stalled";
      // Under a loss that still changes, the minimum of this moment is no end.
      if (!isEnd || !work.changes || at + 1 >= steps) {
        if (next.evaluation === here) return next.status;
        this.#ended = next.status;
      }
    }
    this.#params = project ? project(next.params) : next.params;
    this.#state = work.changes ? minimizer.refresh(next.state) : next.state;
    this.#here = work.changes || project ? undefined : next.evaluation;
    this.#step++;
    return null;
  }

  /** Keeps this position. */
  save(): Promise<void> {
    const { looks, saver } = this.#parts;
    const ended = this.#ended === "converged" || this.#ended === "stalled" ? this.#ended : null;
    return saver.save({
      ...{ step: this.#step, params: this.#params, state: this.#state, here: this.here },
      ...{ history: this.history, ...looks.kept, skips: this.#skips, ended },
    });
  }

  warnings(): string[] {
    return [...this.#parts.saver.warnings(), ...skipWarnings(this.#skips)];
  }
}
