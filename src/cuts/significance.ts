/** S/√B and the Asimov significance as numbers, for reports; 0 without signal, infinite without background. */
export function significance(signal: number, background: number): { sOverSqrtB: number; asimov: number } {
  if (!(signal > 0)) return { sOverSqrtB: 0, asimov: 0 };
  if (!(background > 0)) return { sOverSqrtB: Number.POSITIVE_INFINITY, asimov: Number.POSITIVE_INFINITY };
  const r = signal / background;
  // (1 + r) log(1 + r) - r loses its digits for small r, where it is r²/2 - r³/6 + r⁴/12 - …
  const h = r > 1e-3 ? (1 + r) * Math.log1p(r) - r : r * r * (0.5 - r * (1 / 6 - r * (1 / 12 - r / 20)));
  return { sOverSqrtB: signal / Math.sqrt(background), asimov: Math.sqrt(2 * background * h) };
}
