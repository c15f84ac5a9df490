/** Significances of counting experiments as numbers, and what their formulas are made of. */

/** Coefficients of (-x)ʲ in g(x)/x² with g(x) = (1 + x) log(1 + x) - x, and in (x - log(1 + x))/x². */
export const square = (j: number): number => 1 / ((j + 1) * (j + 2));
export const single = (j: number): number => 1 / (j + 2);

/** Gauss and Legendre's nodes and weights on [0, 1]: exact to rounding on intervals as short as those needed here. */
export const nodes = [
  [0.0694318442029737, 0.1739274225687269],
  [0.3300094782075719, 0.3260725774312731],
  [0.6699905217924281, 0.3260725774312731],
  [0.9305681557970263, 0.1739274225687269],
] as const;

/** Below this log(1 - c), c = σ²/(B + σ²), differences of g cancel. */
export const CLOSE = -3;

/** Significances of `signal` events over `background` events. */
export interface Significances {
  /** S/√B */
  readonly sOverSqrtB: number;
  /** S/√(S + B) */
  readonly sOverSqrtSB: number;
  /** The median discovery significance of Asimov data. */
  readonly asimov: number;
}

/**
 * Significances as numbers, for reports: 0 without signal; without background S/√B and Z are infinite, but Z is 0 where
 * that is uncertain, as for ever smaller ones. NaN of NaN and of what negative weights left below 0; S/√(S+B) asks only
 * that S and S + B are above it.
 *
 * `uncertainty` is σ of the background in events (default 0); of the three it changes Z. With c = σ²/(B + σ²) and
 * g(r) = (1 + r) log(1 + r) - r, Z² = 2B (g(S/B) - g(c S/B)/c): the formula of Cowan, Cranmer, Gross and Vitells
 * (arXiv:1007.1727, eq. 97; with σ Cowan, "Discovery sensitivity for a counting experiment with background uncertainty",
 * 2012) in a form that does not cancel for small S/B or small σ.
 */
export function significance(signal: number, background: number, uncertainty = 0): Significances {
  if (Number.isNaN(background) || !(signal >= 0 && uncertainty >= 0)) {
    return { sOverSqrtB: Number.NaN, sOverSqrtSB: Number.NaN, asimov: Number.NaN };
  }
  if (signal === 0 && background >= 0) return { sOverSqrtB: 0, sOverSqrtSB: 0, asimov: 0 };
  if (background < 0) {
    const all = signal + background;
    const sOverSqrtSB = all > 0 ? signal / Math.sqrt(all) : Number.NaN;
    return { sOverSqrtB: Number.NaN, sOverSqrtSB, asimov: Number.NaN };
  }
  const infinite = Number.POSITIVE_INFINITY;
  if (background === 0) {
    const asimov = uncertainty > 0 ? 0 : infinite;
    return { sOverSqrtB: infinite, sOverSqrtSB: Math.sqrt(signal), asimov };
  }
  const variance = uncertainty ** 2;
  const [c, d] = [variance / (background + variance), background / (background + variance)];
  const r = signal / background;
  const h =
    d < Math.exp(CLOSE)
      ? d * nodes.reduce((sum, [s, w]) => sum + w * slope(r * (1 - d + d * s)), 0)
      : shape(r) - c * shape(c * r);
  return {
    sOverSqrtB: signal / Math.sqrt(background),
    sOverSqrtSB: signal / Math.sqrt(signal + background),
    asimov: r * Math.sqrt(2 * background * h),
  };
}

/** g(x)/x², and the slope of g(x)/x. */
const shape = (x: number): number => (x > 0.02 ? ((1 + x) * Math.log1p(x) - x) / x ** 2 : powers(x, square));
const slope = (x: number): number => (x > 0.02 ? (x - Math.log1p(x)) / x ** 2 : powers(x, single));

function powers(x: number, coefficient: (j: number) => number): number {
  let sum = 0;
  for (let j = 9; j >= 0; j--) sum = coefficient(j) - x * sum;
  return sum;
}
