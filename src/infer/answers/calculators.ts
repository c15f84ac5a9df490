import { normCdf } from "../../core/elementary/special.js";
import type { Scalar } from "../../core/graph/tensor.js";
import { checkOptions } from "../../core/options.js";
import { compile } from "../../core/run/compile.js";
import { scalar } from "../answered.js";
import type { Vector } from "../call.js";
import { InferenceError } from "../inferenceerror.js";
import type { Likelihood } from "../likelihood.js";
import { type BaseDistribution, band, type FittedPars, type PValues } from "../stats/asymptotics.js";
import { type Empirical, empirical } from "../stats/empirical.js";
import { type Hypotest, type HypotestOptions, hypotest, hypotestOptions } from "./hypotest.js";

/** A distribution of a test statistic. */
export interface Distribution {
  /** Probability of at least this value. */
  pvalue(value: number): number;
  /** The value that lies `nsigma` standard deviations of a normal number from the median. */
  expectedValue(nsigma: number): number;
}

/** Φ by the library's kernels. */
const normalCdf = /* @__PURE__ */ compile((t: Scalar) => scalar(normCdf(t)));

/** A normal number around `shift` that is at least `cutoff`, as pyhf's `AsymptoticTestStatDistribution`; NaN below. */
export function asymptoticDistribution(shift: number, cutoff = Number.NEGATIVE_INFINITY): Distribution {
  return {
    pvalue: (value) => (value >= cutoff ? normalCdf(shift - value) : Number.NaN),
    expectedValue: (nsigma) => Math.max(shift + nsigma, cutoff),
  };
}

/** The parts of an asymptotic test one by one, for numbers; `hypotest` has them in one call, differentiable. */
export class AsymptoticCalculator {
  readonly #ask: (poi: number) => Hypotest;
  readonly #base: BaseDistribution;
  #last: { readonly sqrtqA: number; readonly pars: FittedPars<Float64Array> } | undefined;

  constructor(data: Vector, model: Likelihood, options: HypotestOptions = {}) {
    checkOptions("AsymptoticCalculator", options, hypotestOptions);
    this.#ask = (poi) => hypotest(poi, data, model, { ...options, calctype: "asymptotics" });
    this.#base = options.calcBaseDist ?? "normal";
  }

  /** The test statistic of the data in units of -μ̂/σ, 0 where background is expected. */
  teststatistic(poi: number): number {
    const { teststat, sqrtqA, pars } = this.#ask(poi);
    this.#last = { sqrtqA: sqrtqA!, pars: pars! };
    return teststat;
  }

  /** Parameters of the five fits of the last `teststatistic`. */
  get fittedPars(): FittedPars<Float64Array> {
    return this.#result().pars;
  }

  /** Of the test statistic where the tested hypothesis is true, and where the other one is. */
  distributions(poi: number): readonly [signal: Distribution, background: Distribution] {
    if (!this.#last) this.teststatistic(poi);
    const { sqrtqA } = this.#result();
    const cutoff = this.#base === "normal" ? Number.NEGATIVE_INFINITY : -sqrtqA;
    return [asymptoticDistribution(-sqrtqA, cutoff), asymptoticDistribution(0, cutoff)];
  }

  pvalues(teststat: number, signal: Distribution, background: Distribution): PValues<number> {
    return tails(teststat, signal, background);
  }

  /** For fluctuations of background by -2, -1, 0, 1, 2 standard deviations. */
  expectedPvalues(signal: Distribution, background: Distribution): readonly PValues<number>[] {
    return band.map((n) => tails(background.expectedValue(n), signal, background));
  }

  #result() {
    if (this.#last) return this.#last;
    throw new InferenceError("infer.order", "nothing was fitted yet; call teststatistic(poi) first");
  }
}

/** The same with toys. */
export class ToyCalculator {
  readonly #ask: (poi: number) => Hypotest;

  constructor(data: Vector, model: Likelihood, options: HypotestOptions = {}) {
    checkOptions("ToyCalculator", options, hypotestOptions);
    this.#ask = (poi) => hypotest(poi, data, model, { ...options, calctype: "toybased" });
  }

  /** The test statistic of the data, and its distributions where the tested hypothesis and the other one are true. */
  run(poi: number): {
    readonly teststat: number;
    readonly signal: Empirical;
    readonly background: Empirical;
  } {
    const { teststat, toys } = this.#ask(poi);
    return { teststat, signal: empirical(toys!.signal), background: empirical(toys!.background) };
  }

  pvalues(teststat: number, signal: Distribution, background: Distribution): PValues<number> {
    return tails(teststat, signal, background);
  }
}

function tails(teststat: number, signal: Distribution, background: Distribution): PValues<number> {
  const [clsb, clb] = [signal.pvalue(teststat), background.pvalue(teststat)];
  return { clsb, clb, cls: clsb / clb };
}
