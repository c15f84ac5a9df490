// How each entry of test/fixtures/pyhf-numbers.json is answered, or why it is not.

import { expect } from "vitest";
import { normCdf } from "../../src/core/elementary/special.js";
import {
  fixedPoiFit,
  goodnessOfFit,
  limitScan,
  prediction,
  q0,
  qmuTilde,
  smooth,
  symmetrize,
  tmu,
  tmuTilde,
} from "../../src/entry/stats.js";
import { readPatch } from "../../src/histfactory/document/patchset.js";
import {
  fit as bestFit,
  compile,
  discovery,
  grad,
  hessian,
  hypotest,
  type Model,
  type Tensor,
  uncertainties,
  upperLimit,
  type Workspace,
} from "../../src/index.js";
import { handmade } from "./infermodel.js";
import { evaluate } from "./modelhelp.js";
import { distributions, histograms, interpolation, oneBin, quartic, synthetic, watts } from "./pyhfcases.js";
import { archive, type Entry, modelOf, parsOf, published, publishedWorkspace, samples } from "./pyhfhelp.js";

export type Answer = number | string | ArrayLike<number> | readonly (number | ArrayLike<number>)[];
export type Ask = (entry: Entry) => Answer | Promise<Answer>;

const on =
  (ask: (model: Model, data: Float64Array, entry: Entry) => Answer): Ask =>
  (entry) => {
    const { model, data } = modelOf(entry);
    return ask(model, data, entry);
  };
const all = (ask: (m: Model, p: Tensor, d: Tensor) => unknown): Ask =>
  on((model, data, entry) => evaluate(model, ask, parsOf(entry, model), data) as Answer);

/** The bounds of a model with another one for its parameter of interest. */
function wide({ config }: Model, [low, high]: readonly number[]) {
  const put = (v: Float64Array, to: number) => v.map((x, i) => (i === config.poiIndex ? to : x));
  return { lower: put(config.suggestedLower, low!), upper: put(config.suggestedUpper, high!) };
}

const test_ = (testStat: "q" | "qtilde" | "q0", mu = 1): Ask =>
  on((model, data) => {
    const { cls, expectedSet } = hypotest(mu, data, model, { testStat });
    return [cls, ...expectedSet];
  });
const pars = (name: "asimovPars" | "fixedPoiFitToAsimov") => on((m, d) => hypotest(1, d, m).pars![name]);
const asimov: Ask = on((model, data) => {
  const { x } = fixedPoiFit(1, data, model);
  return evaluate(model, (m, p) => m.expectedData(p), x) as Answer;
});
const expectedData = all((m, p) => m.expectedData(p));
const expectedMain = all((m, p) => m.expectedMain(p));
const logpdf = all((m, p, d) => m.logpdf(p, d));
const curvature = all((m, p, d) => hessian((x: Tensor) => m.logpdf(x, d))(p).reshape([-1]));
const fixed = { hold: { mu: 1 } };
const region = { hold: { "staterror_region_1[0]": 0.9, "staterror_region_1[1]": 1.1 } };

/** The patched likelihood of an entry. */
export function sbottom({ model: facts }: Entry): { model: Model; data: Float64Array; workspace: Workspace } {
  const workspace = publishedWorkspace(facts.background as string);
  const patches = [readPatch(published(facts.patch as string))];
  const model = workspace.model({ patches });
  return { model, data: workspace.data(model), workspace };
}
const point: Ask = (entry) => {
  const { model, data } = sbottom(entry);
  const { cls, expectedSet } = hypotest(1, data, model);
  return [cls, ...expectedSet];
};
const digest: Ask = ({ model }) => publishedWorkspace(model.member as string).digest();

/** What is asked for each entry. */
export const answers: Record<number, Ask> = {
  0: test_("q0", 0),
  1: test_("q"),
  2: test_("q"),
  3: test_("q"),
  4: test_("q"),
  5: test_("qtilde"),
  6: on((m, d) => bestFit(d, m).x),
  7: on((m, d) => bestFit(d, m).value),
  8: asimov,
  9: on((m, d) => hypotest(1, d, m).teststat),
  10: on((m, d) => {
    const { cls, tail } = hypotest(1, d, m);
    return [...tail, cls];
  }),
  11: pars("asimovPars"),
  12: pars("fixedPoiFitToAsimov"),
  13: on((m, d, e) => bestFit(d, m, wide(m, e.model.poi_bounds as number[])).x),
  14: on((m, d) => qmuTilde(1, d, m).value),
  15: on((m, d, e) => tmu(1, d, m, wide(m, e.model.poi_bounds as number[])).value),
  16: on((m, d) => tmuTilde(1, d, m).value),
  17: on((m, d) => q0(d, m).value),
  18: on((m, d) => {
    const { fixed: held, best } = q0(d, m);
    return [...held, ...best];
  }),
  19: on((m, d) => {
    const { limit, expectedLimits } = limitScan(
      Array.from({ length: 11 }, (_, i) => i / 2),
      d,
      m,
    );
    return [limit, ...expectedLimits];
  }),
  20: on((m, d) => {
    const { observed, expected } = upperLimit(d, m);
    return [observed, ...expected];
  }),
  21: on((m, d) => {
    const { observed, expected } = upperLimit(d, m);
    const at = (mu: number) => hypotest(mu, d, m);
    return [at(observed).cls, ...expected.map((mu, i) => at(mu).expectedSet[i]!)];
  }),
  22: () => {
    const model = handmade({ signal: [5], bkg: [50], uncertainty: [7] });
    return hypotest(1, [55, (50 / 7) ** 2], model).cls;
  },
  23: ({ model }) =>
    (model.nsigma as number[]).map((n) => compile((x: Tensor) => normCdf(x.neg()))(n) as never),
  24: on((m, d) => qmuTilde(0, d, m).value),
  25: on((m, d) => hypotest(0, d, m).cls),
  27: on((m, d) => fixedPoiFit(0, d, m).x),
  28: asimov,
  29: all((m, p, d) => m.pdf(p, d)),
  30: expectedData,
  31: on((m) => m.suggestedAuxdata()),
  ...Object.fromEntries([32, 33, 34, 35, 36, 37, 40, 41].map((i) => [i, expectedMain])),
  38: expectedData,
  39: expectedData,
  ...Object.fromEntries([42, 43, 44, 45, 46, 47, 48].map((i) => [i, interpolation])),
  49: on((m, d) => bestFit(d, m).x),
  50: on((m, d) => fixedPoiFit(1, d, m).value),
  51: on((m, d) => uncertainties(d, m, fixed).stdev),
  ...Object.fromEntries([52, 53, 54].map((i) => [i, distributions])),
  55: digest,
  56: digest,
  60: point,
  61: point,
  62: (entry) => {
    const { model, data } = sbottom(entry);
    expect([model.config.npars, model.config.nmaindata, model.config.samples.length]).toEqual([66, 6, 9]);
    return evaluate(model, (m, p, d) => m.logpdf(p, d), undefined, data) as Answer;
  },
  63: logpdf,
  64: logpdf,
  65: on((m, _, e) => {
    expect(m.config.parOrder).toEqual(e.model.par_order);
    return m.config.suggestedInit;
  }),
  66: expectedData,
  67: expectedData,
  68: all((m, p, d) => grad((x: Tensor) => m.logpdf(x, d))(p)),
  69: curvature,
  70: curvature,
  71: on((m, d) => order(m, "Signal strength", bestFit(d, m).x)),
  72: on((m, d) => order(m, "Signal strength", uncertainties(d, m).stdev)),
  73: on((m, d) => bestFit(d, m).value),
  74: on((m, d) => order(m, "Signal strength", bestFit(d, m, region).x)),
  75: on((m, d) => bestFit(d, m, region).value),
  76: on((m, d, e) => {
    // The entry gives the best fit of an optimiser; 2 degrees of freedom have p = exp(-χ² / 2).
    const { chi2, ndof, p } = goodnessOfFit(d, m);
    expect(ndof).toBe(2);
    const off = (e.model.best_twice_nll as number) - bestFit(d, m).value;
    expect(Math.abs(off)).toBeLessThan(1e-5);
    expect(p).toBeCloseTo(Math.exp(-chi2 / 2), 12);
    return p * Math.exp(-off / 2);
  }),
  77: quartic,
  78: on((m, d, e) => {
    const { cls, expectedSet } = hypotest(
      e.model.test_poi as number,
      d,
      m,
      wide(m, e.model.poi_bounds as number[]),
    );
    return [cls, ...expectedSet];
  }),
  79: on((m, d) => {
    const x = m.config.suggestedInit.map((v, i) => (i === m.config.poiIndex ? 0 : v));
    expect(d.length).toBe(2);
    return upperLimit(evaluate(m, (q, p) => q.expectedData(p), x) as never, m).observed;
  }),
  80: on((m, d) => {
    const { p, z, expected } = discovery(d, m);
    return [p, z, expected.p, expected.z];
  }),
  81: on((m) => {
    // Of the entry's description, in cabinetry's order: the signal strength first.
    const values = [1.3, 0.9, 1.05, 0.95];
    const stdev = [0.3, 0.1, 0.05, 0.1];
    const correlation = [
      [1, 0.2, 0.2, 0.3],
      [0.2, 1, 0.1, 0.1],
      [0.2, 0.1, 1, 0.3],
      [0.3, 0.1, 0.3, 1],
    ];
    const covariance = correlation.flatMap((row, i) => row.map((r, j) => r * stdev[i]! * stdev[j]!));
    expect(m.config.parOrder[0]).toBe("Signal strength");
    const { binStdev, channelStdev } = prediction(values, covariance, m);
    return [...binStdev, ...channelStdev];
  }),
  82: ({ model }) => smooth(model.input as number[]),
  83: ({ model }) => smooth(model.input as number[]),
  84: ({ model }) => {
    const { up, down, hi, lo } = symmetrize(model.nominal as number[], model.variation as number[]);
    return [...up, ...down, hi, lo];
  },
  ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [86 + i, oneBin])),
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [98 + i, histograms])),
  106: distributions,
  107: distributions,
  ...Object.fromEntries([108, 109, 110, 111].map((i) => [i, watts])),
  112: synthetic,
  113: synthetic,
};

/** A vector of parameters with one of them first, as cabinetry's entries have it. */
function order({ config }: Model, first: string, values: Float64Array): number[] {
  const at = config.parSlice(first)[0];
  return [values[at]!, ...values.filter((_, i) => i !== at)];
}

/** Entries without a test, and why. */
export const absent: Record<number, string> = {
  ...Object.fromEntries(
    [57, 58, 59].map((i) => [
      i,
      "reads HistFactory XML and ROOT files, which are not part of this project (the file is not in ../shared either)",
    ]),
  ),
  85: "needs ntuples that cabinetry's utils/create_ntuples.py draws with NumPy; they are not in ../shared",
};
/** The file outside of the repository that an entry needs. */
export const needs = (i: number): string | undefined => {
  if ([55, 56, 60, 61, 62].includes(i)) return archive;
  return [108, 109, 110, 111].includes(i) ? samples : undefined;
};
