/** Timing by benchmark.js: many short samples, so that a few of them fall between the interruptions of a busy machine. */

import Benchmark from "benchmark";

/** Seconds per call of each sample that fits into `budget` seconds; a sample lasts at least `shortest` seconds. */
export function samples(fn, { budget = 0.5, shortest = 0.005 } = {}) {
  // A function without setup and teardown is called as it is, never decompiled.
  const bench = new Benchmark({ fn, initCount: 1, maxTime: budget, minTime: shortest, minSamples: 2 });
  bench.run({ async: false });
  if (bench.error) throw bench.error;
  return bench.stats.sample;
}

/** Seconds of one thing over rounds, each with its best and its median. */
export class Times {
  #bests = [];
  #medians = [];

  add(seconds) {
    this.addRound(Math.min(...seconds), median(seconds));
  }

  addRound(best, middle = best) {
    this.#bests.push(best);
    this.#medians.push(middle);
  }

  get best() {
    return Math.min(...this.#bests);
  }

  get median() {
    return median(this.#medians);
  }

  /** How many times longer this takes: best against best, and the median of the ratios of neighbouring rounds. */
  over(other) {
    const rounds = this.#bests.map((best, i) => best / other.#bests[i]);
    return { ratio: this.best / other.best, roundRatio: median(rounds) };
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length & 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
